//! SIGKILL: the binary is killed again and again while it makes, replaces and deletes 200 objects on a simulator in another
//! process. Then one apply must end well, the plan after it be empty, and the cloud hold what a run in peace makes: nothing twice,
//! nothing forgotten.
//!
//! `WINDLASS_KILLS=600` kills more often than 60 times.

use crate::cloud::Cloud;
use crate::sandbox::{Folder, run};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

const KILLS: usize = 60;
/// A run is killed after at most so many lines of its output; ten operations are under way then.
const LINES_MAX: usize = 60;
const APPLY: &[&str] = &["-sandbox", "apply", "-auto-approve", "-input=false"];
const DESTROY: &[&str] = &["-sandbox", "destroy", "-auto-approve", "-input=false"];

/// 200 objects; another generation replaces the groups, and moves some rules.
fn configuration(generation: usize) -> String {
    let groups = 90 + generation % 3;
    format!(
        r#"
resource "aws_vpc" "main" {{
  cidr_block = "10.0.0.0/16"
}}

resource "aws_subnet" "part" {{
  count      = 16
  vpc_id     = aws_vpc.main.id
  cidr_block = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  tags       = {{ generation = "{generation}" }}
}}

resource "aws_security_group" "group" {{
  count       = {groups}
  name        = "group-${{count.index}}-{generation}"
  description = "Killed while it is made"
  vpc_id      = aws_vpc.main.id
}}

resource "aws_vpc_security_group_ingress_rule" "rule" {{
  count             = {groups}
  security_group_id = aws_security_group.group[count.index].id
  cidr_ipv4         = "10.{}.0.0/16"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}}
"#,
        generation % 250
    )
}

/// Runs a command and kills it after so many lines. Whether it had ended by itself before.
fn killed(folder: &Folder, command: &[&str], lines: usize) -> bool {
    let mut process = folder.windlass(command);
    let mut child = process.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut text = String::new();
    for _ in 0..lines {
        if reader.read_line(&mut text).expect("a line") == 0 {
            child.stderr.take().expect("a pipe").read_to_string(&mut text).expect("the rest");
            let ended = child.wait().expect("it ends");
            assert!(ended.success(), "{command:?} fails: {ended}\n{text}");
            return true;
        }
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    false
}

fn well(folder: &Folder, command: &[&str]) -> String {
    let ended = run(&mut folder.windlass(command));
    assert_eq!(ended.code, 0, "{command:?}\n{}", ended.text);
    ended.text
}

fn in_peace(generation: usize) -> String {
    let folder = Folder::new();
    folder.write("main.tf", &configuration(generation));
    let cloud = Cloud::serve(&folder);
    well(&folder, APPLY);
    cloud.inventory()
}

#[test]
fn killed_again_and_again_it_loses_nothing() {
    let kills = std::env::var("WINDLASS_KILLS").map_or(KILLS, |text| text.parse().expect("a number"));
    let mut random = StdRng::seed_from_u64(1);
    let folder = Folder::new();
    let cloud = Cloud::serve(&folder);
    let empty = cloud.inventory();
    let (mut generation, mut done) = (0, 0);
    while done < kills {
        folder.write("main.tf", &configuration(generation));
        let command = if random.random_ratio(1, 5) { DESTROY } else { APPLY };
        if killed(&folder, command, random.random_range(1..LINES_MAX)) {
            generation += 1;
        } else {
            done += 1;
            // Some runs go on with what the last one was about, others want something else.
            generation += usize::from(random.random_ratio(1, 4));
        }
    }
    folder.write("main.tf", &configuration(generation));
    well(&folder, APPLY);
    well(&folder, &["-sandbox", "plan", "-detailed-exitcode"]);
    assert_eq!(cloud.inventory(), in_peace(generation));
    well(&folder, DESTROY);
    assert_eq!(cloud.inventory(), empty);
}

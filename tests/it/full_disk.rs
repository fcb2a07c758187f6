//! A full disk and a read-only one under the folder of the state: commands end with what the system said and exit code 1, leave no half a
//! file, and once there is room again the next apply converges, with nothing made twice.
//!
//! The disk is a small file system in memory, mounted in a namespace of its own. Where the system makes none for this user, nothing is
//! tested.

use crate::sandbox::{Folder, Output, run};

const CONFIGURATION: &str = r#"
provider "tfcoremock" {
  resource_directory = "../objects"
}

resource "tfcoremock_simple_resource" "thing" {
  count  = 12
  string = "a value of some length, so that records have one too: ${count.index}"
}
"#;
/// What is left free for each run, in KiB.
const FREE_KIB: [u32; 8] = [0, 4, 8, 16, 24, 32, 48, 64];

/// Messages without the ends of their lines, which stand anywhere.
fn unwrapped(text: &str) -> String {
    text.replace("\n│ ", " ")
}

/// Runs a script in which `disk` is a file system of 256 KiB.
fn on_small_disk(folder: &Folder, script: &str) -> Option<Output> {
    folder.write("try.sh", "mkdir -p disk && mount -t tmpfs -o size=256k tmpfs disk");
    folder.write("script.sh", &format!(". ./try.sh || exit 99\ncp main.tf disk && cd disk || exit 98\n{script}"));
    if run(folder.command("unshare".as_ref()).args(["-rm", "sh", "try.sh"])).code != 0 {
        println!("skipped: no file system can be mounted here");
        return None;
    }
    Some(folder.shell("unshare -rm sh script.sh"))
}

#[test]
fn a_full_disk_loses_nothing() {
    for free in FREE_KIB {
        let folder = Folder::new();
        folder.write("main.tf", CONFIGURATION);
        std::fs::create_dir(folder.path().join("objects")).expect("a folder");
        let script = format!(
            "free=$(df -k --output=avail . | tail -n 1)\n\
             [ {free} -ge $free ] || head -c $(((free - {free}) * 1024)) /dev/zero > filler\n\
             windlass apply -auto-approve -input=false > ../job.log 2>&1; echo stopped with $?\n\
             rm -f filler\n\
             grep -q 'BEGIN WINDLASS JOURNAL' ../job.log && {{ windlass state recover ../job.log || exit 97; }}\n\
             windlass apply -auto-approve -input=false || exit 96\n\
             windlass plan -detailed-exitcode || exit 95\n\
             ls -A; ls ../objects | wc -l"
        );
        let Some(ended) = on_small_disk(&folder, &script) else { return };
        let log = std::fs::read_to_string(folder.path().join("job.log")).unwrap_or_default();
        let seen = format!("{free} KiB free: exit {}\n{}\nThe run on the full disk said:\n{log}", ended.code, ended.text);
        assert_eq!(ended.code, 0, "{seen}");
        assert!(ended.text.trim_end().ends_with("\n12"), "{seen}");
        assert!(!ended.text.contains(".new"), "{seen}");
        assert!(!log.contains("panicked"), "{seen}");
        let is_full = unwrapped(&log).contains("No space left on device");
        assert!(is_full == ended.text.contains("stopped with 1"), "{seen}");
        assert!(is_full || free > 0, "{seen}");
    }
}

#[test]
fn on_a_read_only_disk_every_command_says_so() {
    let folder = Folder::new();
    folder.write("main.tf", "resource \"terraform_data\" \"a\" {\n    input = 1\n}\n");
    let script = "mount -o remount,ro . || exit 97\n\
                  for command in 'apply -auto-approve' plan 'plan -lock=false -out=saved' 'workspace new other' fmt init \
                  'plan -lock=false -detailed-exitcode'\n\
                  do echo \"== $command\"; windlass $command; echo \"exit $?\"; done; ls -A";
    let Some(ended) = on_small_disk(&folder, script) else { return };
    assert_eq!(ended.code, 0, "{}", ended.text);
    let text = unwrapped(&ended.text);
    let parts: Vec<&str> = text.split("== ").skip(1).collect();
    let [apply, plan, saved, workspace, format, init, unlocked] = parts[..] else { panic!("{}", ended.text) };
    for part in [apply, plan, saved, workspace, format] {
        assert!(part.contains("Read-only file system") && part.contains("exit 1\n"), "{part}");
    }
    assert!(plan.contains("plan with -lock=false"), "{plan}");
    assert!(init.contains("exit 0\n"), "{init}");
    assert!(unlocked.contains("exit 2\n") && unlocked.ends_with("\nmain.tf\n"), "{unlocked}");
}

//! Random configurations: modules three deep, up to 200 things, each perhaps the child of one before it.

use rand::Rng;
use rand::rngs::StdRng;
use std::fmt::Write;
use std::path::Path;

/// Things that a configuration may have.
const THINGS_MAX: usize = 200;
const KEYS: [&str; 4] = ["a", "b", "c", "d"];

/// Writes a configuration into a folder: the root, the module `m` that it calls, and the module `m/m` that that one calls.
pub fn write(folder: &Path, random: &mut StdRng) {
    let mut room = THINGS_MAX;
    // From the inside: how often a module stands decides how much there may be in it.
    let repeats = [1, random.random_range(1..=3), random.random_range(1..=3)];
    let mut path = folder.to_owned();
    for depth in 0..3 {
        std::fs::create_dir_all(&path).expect("a folder can be made");
        let copies: usize = repeats[..=depth].iter().product();
        let called = repeats.get(depth + 1).copied().filter(|_| random.random_ratio(4, 5));
        let text = body(depth, copies, called, &mut room, random);
        std::fs::write(path.join("main.tf"), text).expect("a file can be written");
        path.push("m");
        if called.is_none() {
            break;
        }
    }
}

fn body(depth: usize, copies: usize, called: Option<usize>, room: &mut usize, random: &mut StdRng) -> String {
    let mut text = String::from("variable \"secret\" {\n  sensitive = true\n}\n");
    if depth > 0 {
        text.push_str("variable \"prefix\" {}\nvariable \"parent\" {}\n");
    } else {
        text.push_str("locals {\n  prefix = \"root\"\n}\n");
    }
    let prefix = if depth > 0 { "var.prefix" } else { "local.prefix" };
    let mut parents: Vec<String> = if depth > 0 { vec!["var.parent".to_owned()] } else { Vec::new() };
    // A number that names hold: another one replaces them.
    let generation = random.random_range(0..3);
    for number in 0..random.random_range(1..6) {
        let repeated = random.random_range(0..5);
        let count = if repeated == 4 && random.random_ratio(1, 8) { 40 } else { random.random_range(0..4) };
        let made = copies * if repeated < 2 { 1 } else { count };
        if made > *room {
            continue;
        }
        *room -= made;
        let (repetition, each, reference) = match repeated {
            0 | 1 => (String::new(), String::new(), format!("test_thing.t{number}.id")),
            2 => {
                let keys = format!("  for_each = toset({:?})\n", &KEYS[..count.min(KEYS.len())]);
                (keys, "-${each.key}".to_owned(), format!("one([for key, thing in test_thing.t{number} : thing.id if key == \"a\"])"))
            }
            _ => (
                format!("  count = {count}\n"),
                "-${count.index}".to_owned(),
                format!("one(slice(test_thing.t{number}[*].id, 0, min(1, {count})))"),
            ),
        };
        let parent = match random.random_ratio(2, 3) && !parents.is_empty() {
            true => parents[random.random_range(0..parents.len())].clone(),
            false => "null".to_owned(),
        };
        let first = if random.random_ratio(1, 4) { "  lifecycle {\n    create_before_destroy = true\n  }\n" } else { "" };
        let _ = writeln!(
            text,
            "resource \"test_thing\" \"t{number}\" {{\n{repetition}  name = \"${{{prefix}}}-t{number}-g{generation}{each}\"\n  parent = {parent}\n  size = {}\n  secret = var.secret\n{first}}}",
            random.random_range(0..4)
        );
        parents.push(reference);
    }
    if let Some(copies) = called {
        let parent = parents.last().cloned().unwrap_or_else(|| "null".to_owned());
        let _ = writeln!(
            text,
            "module \"m\" {{\n  source = \"./m\"\n  count = {copies}\n  prefix = \"${{{prefix}}}-m${{count.index}}\"\n  parent = {parent}\n  secret = var.secret\n}}"
        );
    }
    text
}

//! The module form of the quickstart, called twice: made, nothing to change, one key less, nothing left.

use crate::sandbox::{Folder, Output};
use crate::sources;
use std::path::Path;

fn copy(folder: &Folder, name: &str) {
    let from = sources::root().join(name);
    for entry in std::fs::read_dir(&from).expect("a folder of the repository").flatten().filter(|entry| entry.path().is_file()) {
        let file = Path::new(name).join(entry.file_name());
        folder.write(file.to_str().expect("a name"), &std::fs::read_to_string(entry.path()).expect("a file"));
    }
}

fn windlass(folder: &Folder, arguments: &str) -> Output {
    folder.shell(&format!("windlass -chdir=examples/service-twice -sandbox {arguments}"))
}

#[test]
fn a_module_stands_twice_and_one_of_them_goes_alone() {
    let folder = Folder::new();
    copy(&folder, "modules/aws-service");
    copy(&folder, "examples/service-twice");
    let canonical = folder.shell("windlass fmt -check -recursive");
    assert_eq!((canonical.code, canonical.text.as_str()), (0, ""), "the files are in canonical form");

    let made = windlass(&folder, "apply -auto-approve");
    assert_eq!(made.code, 0, "{}", made.text);
    assert!(made.text.contains("\"chat\" = \"chat\"") && made.text.contains("\"summaries\" = \"summaries\""), "{}", made.text);
    let again = windlass(&folder, "plan -detailed-exitcode");
    assert_eq!(again.code, 0, "{}", again.text);

    let listed = windlass(&folder, "state list").text;
    let of_one = listed.lines().filter(|line| line.starts_with("module.service[\"summaries\"]") && !line.contains(".data.")).count();
    folder.write("examples/service-twice/one.auto.tfvars", "services = { chat = { model = \"Qwen/Qwen2.5-1.5B-Instruct\", max = 3 } }\n");
    // The other key's schedules go too: they are not in the new value.
    let less = windlass(&folder, "apply -auto-approve");
    assert_eq!(less.code, 0, "{}", less.text);
    assert!(less.text.contains(&format!("Plan: 0 to add, 0 to change, {} to destroy.", of_one + 2)), "{of_one} and 2: {}", less.text);
    let kept = windlass(&folder, "state list").text;
    let expected: String = listed
        .lines()
        .filter(|line| line.starts_with("module.service[\"chat\"]") && !line.contains("aws_autoscaling_schedule"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(kept, expected);

    let gone = windlass(&folder, "destroy -auto-approve");
    assert_eq!(gone.code, 0, "{}", gone.text);
    let status = folder.shell("windlass -chdir=examples/service-twice sandbox status");
    assert!(status.text.contains("objects none"), "{}", status.text);
}

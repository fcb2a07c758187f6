//! A folder to work in, the binary in it, and what its output looks like without the parts that change from run to run.

use regex::Regex;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, mpsc};
use std::time::Duration;

/// Longer than any command of a case needs.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(90);

/// What a command wrote and how it ended.
pub struct Output {
    /// Standard output and error, as they came.
    pub text: String,
    /// The exit code; 128 and the signal's number for a killed process.
    pub code: i32,
}

/// A temporary folder with a project in it.
pub struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    pub fn new() -> Folder {
        Folder { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }

    /// Another folder with the same files.
    pub fn copy(&self) -> Folder {
        let copy = Folder::new();
        copy_files(self.path(), copy.path()).expect("the files can be copied");
        copy
    }

    /// A command that sees nothing of this process's environment.
    pub fn command(&self, program: &Path) -> Command {
        let binary = PathBuf::from(env!("CARGO_BIN_EXE_windlass"));
        let path = format!("{}:{}", binary.parent().expect("a folder").display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.path())
            .env("USER", "tester")
            .env("HOSTNAME", "here");
        command.stdin(Stdio::null());
        command
    }

    /// The binary itself, with arguments.
    pub fn windlass(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_windlass")));
        command.args(arguments);
        command
    }

    /// Runs a line by `sh`, both streams into one.
    pub fn shell(&self, line: &str) -> Output {
        let mut command = self.command(Path::new("sh"));
        run(command.args(["-c", &format!("{{ {line}\n}} 2>&1")]))
    }
}

fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir(&target)?;
            copy_files(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Runs a command to its end; one that does not end is stopped and fails, rather than keeping the whole run from ending.
pub fn run(command: &mut Command) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).spawn().expect("the command starts");
    let group = child.id();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let (output, note) = match receiver.recv_timeout(COMMAND_TIMEOUT) {
        Ok(output) => (output, ""),
        Err(_) => {
            let _ = Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).status();
            (receiver.recv().expect("a killed command ends"), "\n(stopped: it did not end by itself)\n")
        }
    };
    let output = output.expect("the command's output");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr) + note;
    Output { text, code: output.status.code().unwrap_or_else(|| 128 + signal(&output.status)) }
}

fn signal(status: &std::process::ExitStatus) -> i32 {
    std::os::unix::process::ExitStatusExt::signal(status).unwrap_or(0)
}

/// Patterns of what changes from run to run, and what stands for it.
static CHANGING: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let patterns = [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[uuid]"),
        (r"\b((?:[a-z]+-)?[a-z]{1,9})-[0-9a-f]{8}(?:[0-9a-f]{9})?\b", "$1-[id]"),
        (r"\b(\d{8})-[0-9a-f]{8}\b", "$1-[id]"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
        (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z", "[time]"),
        (r"after \d+s\b", "after [n]s"),
        (r"terraform-\d{26}\b", "terraform-[unique]"),
        (r"\b20\d{16}0000000\w\b", "[unique]"),
        (r"\b[0-9a-f]{32}\b", "[hash]"),
        (r"\b[0-9a-f]{64}\b", "[hash]"),
        (r"\(pid \d+\)", "(pid [pid])"),
    ];
    patterns.map(|(pattern, name)| (Regex::new(pattern).expect("a pattern"), name)).into()
});

/// Replaces what changes from run to run.
pub fn tidy_output(text: &str, folder: &Path) -> String {
    let mut text = text.replace(&folder.display().to_string(), "[folder]");
    for (pattern, name) in CHANGING.iter() {
        text = pattern.replace_all(&text, *name).into_owned();
    }
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

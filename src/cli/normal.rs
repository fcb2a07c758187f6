//! Arguments as Terraform takes them → as clap does: one dash or two, `-flag=false`, and those that the environment adds.

use clap::{Arg, ArgAction, Command};
use std::ffi::OsString;

/// Arguments for every command; those for one follow after its name, as in `TF_CLI_ARGS_state_mv`.
const MORE_ARGUMENTS: &str = "TF_CLI_ARGS";
/// Flags whose values may be secrets.
const VALUES: [&str; 2] = ["var", "backend-config"];
/// Whether anybody may be asked.
const INPUT: &str = "TF_INPUT";

/// Turns `-flag` and `-flag=value` into `--flag…`. What follows `--` stays, and so does a lone dash.
pub fn with_two_dashes(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut literal = false;
    let mut result = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let text = argument.to_str().unwrap_or("");
        literal |= text == "--";
        let is_single = text.len() > 2 && text.starts_with('-') && !text.starts_with("--") && text.as_bytes()[1].is_ascii_alphabetic();
        match text {
            _ if literal => result.push(argument),
            "-v" => result.push("--version".into()),
            _ if is_single => result.push(format!("-{text}").into()),
            _ => result.push(argument),
        }
    }
    result
}

/// The arguments in one line for the log, without the values that they give to variables and back ends. `arguments` have two dashes.
pub fn told(arguments: &[OsString]) -> String {
    let mut words = Vec::with_capacity(arguments.len());
    let mut hides_next = false;
    for argument in arguments {
        let text = argument.to_string_lossy();
        let (flag, given) = match text.strip_prefix("--").and_then(|rest| rest.split_once('=')) {
            Some((flag, given)) => (flag, Some(given)),
            None => (text.strip_prefix("--").unwrap_or_default(), None),
        };
        let is_secret = VALUES.contains(&flag);
        words.push(match given {
            Some(given) if is_secret => format!("--{flag}={}", name_of(given)),
            _ if hides_next => name_of(&text),
            _ => text.to_string(),
        });
        hides_next = is_secret && given.is_none();
    }
    words.join(" ")
}

/// `name=…` of `name=value`; the whole where there is no value.
fn name_of(given: &str) -> String {
    given.split_once('=').map_or_else(|| given.to_owned(), |(name, _)| format!("{name}=…"))
}

/// Puts the arguments of `TF_CLI_ARGS_<command>` and `TF_CLI_ARGS` after the command's name, so that those of the command line win.
/// `TF_INPUT=false` is `-input=false`, and wins itself. `arguments` have two dashes.
///
/// # Errors
/// A quote in one of these variables is not closed.
pub fn with_environment(
    mut arguments: Vec<OsString>,
    root: &Command,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Vec<OsString>, String> {
    let Some(found) = Found::of(&arguments, root) else { return Ok(arguments) };
    let names = [format!("{MORE_ARGUMENTS}_{}", found.names.join("_").replace('-', "_")), MORE_ARGUMENTS.to_owned()];
    let mut added = Vec::new();
    for name in names {
        let Some(text) = variable(&name) else { continue };
        let words = shlex::split(&text).ok_or_else(|| format!("Error parsing extra CLI args from {name}: a quote is not closed."))?;
        added.extend(words.into_iter().map(OsString::from));
    }
    let forbids_asking = variable(INPUT).and_then(|text| truth(&text)) == Some(false);
    let has_input = found.command.get_arguments().any(|argument| argument.get_long() == Some("input"));
    arguments.splice(found.end..found.end, with_two_dashes(added));
    if forbids_asking && has_input {
        let end = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
        arguments.insert(end, "--input=false".into());
    }
    Ok(arguments)
}

/// Turns `--flag=true` and `--flag=false` of flags without a value into `--flag` and nothing, and other ways to write a truth value into
/// these, as Go's flag package reads them.
///
/// # Errors
/// The value of such a flag is no truth value.
pub fn with_plain_truths(arguments: Vec<OsString>, root: &Command) -> Result<Vec<OsString>, String> {
    let mut command = root;
    let mut result: Vec<OsString> = Vec::with_capacity(arguments.len());
    let mut rest = arguments.into_iter();
    result.extend(rest.next());
    while let Some(argument) = rest.next() {
        let Some(flag) = argument.to_str().and_then(|text| text.strip_prefix("--")) else {
            command = argument.to_str().and_then(|name| command.find_subcommand(name)).unwrap_or(command);
            result.push(argument);
            continue;
        };
        if flag.is_empty() {
            result.push(argument);
            result.extend(rest);
            break;
        }
        let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
        let declared = find(command, root, name);
        match (declared, value) {
            (Some(declared), Some(value)) if matches!(declared.get_action(), ArgAction::SetTrue) => {
                let written = format!("--{name}");
                match truth(value) {
                    Some(true) => result.push(written.into()),
                    Some(false) => result.retain(|earlier| *earlier != *written),
                    None => return Err(format!("invalid boolean value {value:?} for -{name}: parse error")),
                }
            }
            (Some(declared), Some(value)) if is_truth_or_more(declared, value) => {
                result.push(format!("--{name}={}", truth(value).unwrap_or_default()).into());
            }
            (declared, value) => {
                let is_open = value.is_none() && declared.is_some_and(takes_next);
                result.push(argument);
                result.extend(if is_open { rest.next() } else { None });
            }
        }
    }
    Ok(result)
}

/// Whether a value is a truth value in other letters, for a flag that takes truth values.
fn is_truth_or_more(declared: &Arg, value: &str) -> bool {
    let possible = declared.get_possible_values();
    let names = |name: &str| possible.iter().any(|possible| possible.get_name() == name);
    names("true") && names("false") && !names(value) && truth(value).is_some()
}

/// A truth value as Go's strconv reads it.
fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// The flag of a name: the command's own, or one that all have.
fn find<'c>(command: &'c Command, root: &'c Command, name: &str) -> Option<&'c Arg> {
    let of = |command: &'c Command| command.get_arguments().find(|argument| argument.get_long() == Some(name));
    of(command).or_else(|| of(root))
}

/// Whether the argument after a flag is its value.
fn takes_next(declared: &Arg) -> bool {
    declared.get_action().takes_values() && !declared.is_require_equals_set()
}

/// The command that arguments name.
struct Found<'c> {
    command: &'c Command,
    /// Its name, word by word.
    names: Vec<String>,
    /// The place after its name.
    end: usize,
}

impl<'c> Found<'c> {
    fn of(arguments: &[OsString], root: &'c Command) -> Option<Found<'c>> {
        let mut found = Found { command: root, names: Vec::new(), end: 0 };
        let mut position = 1;
        while let Some(text) = arguments.get(position).and_then(|argument| argument.to_str()) {
            if let Some(flag) = text.strip_prefix("--").filter(|flag| !flag.is_empty()) {
                let is_open = !flag.contains('=') && find(found.command, root, flag).is_some_and(takes_next);
                position += 1 + usize::from(is_open);
                continue;
            }
            let Some(command) = found.command.find_subcommand(text) else { break };
            found.names.push(command.get_name().to_owned());
            (found.command, found.end) = (command, position + 1);
            position += 1;
        }
        (!found.names.is_empty()).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::arguments::Cli;
    use super::*;
    use clap::CommandFactory;

    fn words(text: &str) -> Vec<OsString> {
        text.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn single_dashes_become_double_ones() {
        let given = words("windlass -chdir=x plan -out f --json -h - -- -raw");
        assert_eq!(with_two_dashes(given), words("windlass --chdir=x plan --out f --json -h - -- -raw"));
    }

    #[test]
    fn truth_values_are_read_as_go_reads_them() {
        let plain = |text: &str| with_plain_truths(words(text), &Cli::command());
        assert_eq!(plain("windlass plan --json=true --lock=0 --refresh=F"), Ok(words("windlass plan --json --lock=false --refresh=false")));
        assert_eq!(plain("windlass --sandbox plan --destroy --sandbox=false --destroy=0"), Ok(words("windlass plan")));
        assert_eq!(plain("windlass plan --out --json=x --json=1"), Ok(words("windlass plan --out --json=x --json")));
        assert_eq!(plain("windlass fmt -- --check=false"), Ok(words("windlass fmt -- --check=false")));
        assert!(plain("windlass plan --json=yes").is_err_and(|why| why.contains("\"yes\" for -json")));
    }

    #[test]
    fn the_environment_adds_arguments_before_those_given() {
        let variable = |name: &str| match name {
            "TF_CLI_ARGS" => Some("-no-color".to_owned()),
            "TF_CLI_ARGS_state_mv" => Some("-lock=false '-backup=a b'".to_owned()),
            "TF_CLI_ARGS_plan" => Some("-var 'x=1".to_owned()),
            "TF_INPUT" => Some("0".to_owned()),
            _ => None,
        };
        let with = |text: &str| with_environment(words(text), &Cli::command(), variable);
        let mut expected = words("windlass --chdir state state mv --lock=false X --no-color a b");
        expected[6] = "--backup=a b".into();
        assert_eq!(with("windlass --chdir state state mv a b"), Ok(expected));
        assert_eq!(with("windlass apply -- x"), Ok(words("windlass apply --no-color --input=false -- x")));
        assert_eq!(with("windlass --version"), Ok(words("windlass --version")));
        assert!(with("windlass plan").is_err_and(|why| why.contains("TF_CLI_ARGS_plan")));
    }

    #[test]
    fn the_log_shows_no_values() {
        let shown = told(&words("windlass plan --var=password=hush --var token=hush --var-file=x.tfvars --out=p --backend-config=a=b"));
        assert_eq!(shown, "windlass plan --var=password=… --var token=… --var-file=x.tfvars --out=p --backend-config=a=…");
    }
}

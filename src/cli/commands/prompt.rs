//! Asking for variables that nothing gives a value.

use crate::cli::arguments::Planning;
use crate::cli::output::{Answer, ask, ask_secretly, print};
use crate::cli::process::Process;
use crate::diagnostic::Diagnostic;
use crate::ops::{self, Failed, Given, Missing};
use std::io::IsTerminal;

/// The values of the flags, and what the user answers for variables without a value. Nobody is asked with `-input=false`, and where
/// standard input is no terminal: then planning tells of the missing value.
///
/// # Errors
/// The user pressed Ctrl-C, or closed the input.
pub async fn variables(process: &Process, flags: &Planning) -> Result<Vec<Given>, Failed> {
    let mut given = flags.variables.0.clone();
    if !flags.input || process.stream.is_some() || !std::io::stdin().is_terminal() {
        return Ok(given);
    }
    // What is wrong with the configuration is told by planning.
    for missing in ops::missing_variables(&process.context, &given) {
        let answer = match missing.is_secret {
            true => ask_secretly(&question(&missing), process.context.interrupt.clone()).await,
            false => ask(&question(&missing), process.context.interrupt.clone()).await,
        };
        match answer {
            Answer::Line(text) => given.push(Given::Answer(missing.name, text)),
            Answer::EndOfInput | Answer::Interrupted => {
                let detail = format!("No value was given for the variable {:?}. Nothing was changed.", &*missing.name);
                return Err(Failed::from(Diagnostic::error("Interrupted", detail)));
            }
        }
        print("\n");
    }
    Ok(given)
}

fn question(missing: &Missing) -> String {
    let indented = |text: &str| text.trim().lines().map(|line| format!("  {line}\n")).collect::<String>();
    let description = missing.description.as_deref().filter(|text| !text.trim().is_empty()).map(indented);
    let description = description.map_or_else(String::new, |lines| lines + "\n");
    format!("var.{}\n{description}  Enter a value: ", missing.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_names_the_variable_and_says_what_it_is_for() {
        let mut missing = Missing { name: "size".into(), description: Some("How large.\nIn GiB.\n".into()), is_secret: false };
        assert_eq!(question(&missing), "var.size\n  How large.\n  In GiB.\n\n  Enter a value: ");
        missing.description = None;
        assert_eq!(question(&missing), "var.size\n  Enter a value: ");
    }
}

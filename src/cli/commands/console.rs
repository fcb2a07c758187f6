//! `console`: expressions from standard input; at a terminal with prompts, and a mistake does not end it.

use super::Outcome;
use crate::cli::arguments;
use crate::cli::output::{Answer, print, read_line};
use crate::cli::process::Process;
use crate::diagnostic::{Diagnostic, SourceMap};
use crate::ops::{self, Console, Failed};
use crate::plan::Meaning;
use crate::syntax::is_open;
use crate::view::types::type_text;
use crate::view::value::literal;
use std::io::IsTerminal;
use std::process::ExitCode;

const HELP: &str = "Type an expression of the language and press Enter: its value is shown. Objects are as the state has them, for example
aws_vpc.main.id; what the state does not have is (known after apply). type(EXPRESSION) shows a type. While a bracket
is open, more lines belong to the expression.

To leave, type exit, or press Control-C or Control-D.
";

/// Evaluates expressions until the input ends. With a pipe, the first mistake ends it with exit code 1.
pub async fn run(process: &Process, flags: &arguments::Console) -> Outcome {
    let (mut console, mut found, sources) = ops::open_console(&process.context, &flags.variables.0).await?;
    if found.has_errors() {
        let detail = "Due to the problems above, some expressions may produce unexpected results.";
        found.push(Diagnostic::warning("Expressions may be unknown", detail));
    }
    process.report(&found, &sources);
    let interactive = std::io::stdin().is_terminal();
    while let Some(text) = next(process, interactive.then_some(["> ", ": "])).await? {
        match said(&text) {
            Said::Nothing => {}
            Said::Leave => break,
            Said::Help => print(HELP),
            Said::Expression => match answer(process, &mut console, &text).await {
                Err(mistakes) if interactive => process.report(&mistakes.diagnostics, &mistakes.sources),
                answered => answered?,
            },
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What a line asks for.
enum Said {
    Nothing,
    Leave,
    Help,
    Expression,
}

fn said(text: &str) -> Said {
    match text.trim() {
        "" => Said::Nothing,
        "exit" => Said::Leave,
        "help" => Said::Help,
        _ => Said::Expression,
    }
}

/// The next input: a line, and more while a bracket is open; `None` at the end, and after an interrupt. The prompts are that of a
/// first and of a further line.
async fn next(process: &Process, prompts: Option<[&str; 2]>) -> Result<Option<String>, Failed> {
    let mut text = String::new();
    loop {
        if let Some([first, further]) = prompts {
            print(if text.is_empty() { first } else { further });
        }
        let read = read_line(process.context.interrupt.clone()).await;
        match read.map_err(|error| Failed::from(Diagnostic::error("Failed to read <stdin>", format!("{error}."))))? {
            Answer::Line(line) => text.push_str(&line),
            Answer::EndOfInput => return Ok(Some(text).filter(|text| !text.is_empty())),
            Answer::Interrupted => return Ok(None),
        }
        if !is_open(&text) {
            // The end of its line is a part of a heredoc's marker.
            let trimmed = text.trim_end_matches(['\n', '\r']);
            return Ok(Some(if is_open(trimmed) { text } else { trimmed.to_owned() }));
        }
    }
}

async fn answer(process: &Process, console: &mut Console, text: &str) -> Result<(), Failed> {
    let (meaning, warnings) = console.evaluate(text).await?;
    process.report(&warnings, &SourceMap::default());
    print(&match meaning {
        Meaning::Value(value) => format!("{}\n", literal(&value, 0)),
        Meaning::Type(ty) => format!("{}\n", type_text(&ty, 0)),
    });
    Ok(())
}

//! `console`: expressions from standard input; at a terminal with prompts, and a mistake does not end it.

use super::Outcome;
use crate::cli::arguments;
use crate::cli::editor::Typed;
#[cfg(unix)]
use crate::cli::editor::{Editor, History};
use crate::cli::output::{Answer, print, read_line};
use crate::cli::process::Process;
use crate::diagnostic::{Diagnostic, SourceMap};
#[cfg(unix)]
use crate::lang;
use crate::ops::{self, Console, Failed};
use crate::plan::Meaning;
use crate::syntax::is_open;
use crate::view::types::type_text;
use crate::view::value::literal;
use std::io::IsTerminal;
#[cfg(unix)]
use std::path::PathBuf;
use std::process::ExitCode;
#[cfg(unix)]
use std::sync::Arc;
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};

const HELP: &str = "Type an expression of the language and press Enter: its value is shown. Objects are as the state has them, for example
aws_vpc.main.id; what the state does not have is (known after apply). type(EXPRESSION) shows a type. While a bracket
is open, more lines belong to the expression.

At a terminal, the arrow keys move in the line and recall earlier ones, and Tab completes a name. Control-C gives up
what was typed.

To leave, type exit, or press Control-C or Control-D on an empty line.
";

/// Evaluates expressions until the input ends. With a pipe, the first mistake ends it with exit code 1.
pub async fn run(process: &Process, flags: &arguments::Console) -> Outcome {
    let (mut console, mut found, sources) = ops::open_console(&process.context, &flags.variables.0).await?;
    if found.has_errors() {
        let detail = "Due to the problems above, some expressions may produce unexpected results.";
        found.push(Diagnostic::warning("Expressions may be unknown", detail));
    }
    process.report(&found, &sources);
    let mut input = Input::new(process, &console);
    let interactive = input.is_interactive();
    while let Some(text) = next(process, &mut input).await? {
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

/// Where lines come from.
enum Input {
    /// A pipe or a file.
    Plain,
    /// A terminal that shows what is typed by itself.
    Prompted,
    /// A terminal at which lines can be edited; none while a line is being read.
    #[cfg(unix)]
    Edited(Option<Editor>),
}

/// The prompts of a first and of a further line.
const PROMPTS: [&str; 2] = ["> ", ": "];

impl Input {
    fn new(process: &Process, console: &Console) -> Input {
        if !std::io::stdin().is_terminal() {
            return Input::Plain;
        }
        #[cfg(unix)]
        if std::io::stdout().is_terminal() && process.context.environment.variables.get("TERM").is_some_and(|term| term != "dumb") {
            let functions = lang::signatures().into_iter().map(|function| format!("{}(", function.name));
            let names = console.names.iter().cloned().chain(functions).chain(["type(", "exit", "help"].map(str::to_owned)).collect();
            return Input::Edited(Some(Editor::new(History::read(history_file(process)), names)));
        }
        let _ = (process, console);
        Input::Prompted
    }

    fn is_interactive(&self) -> bool {
        !matches!(self, Input::Plain)
    }

    async fn line(&mut self, process: &Process, prompt: &'static str) -> std::io::Result<Typed> {
        match self {
            #[cfg(unix)]
            Input::Edited(editor) => return edited(process, editor, prompt).await,
            Input::Prompted => print(prompt),
            Input::Plain => {}
        }
        Ok(match read_line(process.context.interrupt.clone()).await? {
            Answer::Line(line) => Typed::Line(line),
            Answer::EndOfInput => Typed::EndOfInput,
            Answer::Interrupted => Typed::Leave,
        })
    }
}

/// Reads an edited line on a thread that may wait.
#[cfg(unix)]
async fn edited(process: &Process, place: &mut Option<Editor>, prompt: &'static str) -> std::io::Result<Typed> {
    let Some(mut editor) = place.take() else { return Ok(Typed::Leave) };
    let stop = Arc::new(AtomicBool::new(false));
    let seen = stop.clone();
    let mut reading = tokio::task::spawn_blocking(move || {
        let typed = editor.read(prompt, &seen);
        (editor, typed)
    });
    let mut interrupt = process.context.interrupt.clone();
    let read = tokio::select! {
        read = &mut reading => read,
        _ = interrupt.changed() => {
            // The terminal is put back by the thread that changed it.
            stop.store(true, Ordering::Relaxed);
            reading.await
        }
    };
    let (editor, typed) = read.map_err(std::io::Error::other)?;
    *place = Some(editor);
    typed
}

/// The file of lines typed before: in the folder where programs keep what is worth keeping but can be lost.
#[cfg(unix)]
fn history_file(process: &Process) -> Option<PathBuf> {
    let environment = &process.context.environment;
    let states = environment.variables.get("XDG_STATE_HOME").filter(|folder| folder.starts_with('/')).map(PathBuf::from);
    let states = states.or_else(|| Some(environment.home.as_ref()?.join(".local/state")));
    Some(states?.join("windlass/console_history"))
}

/// The next input: a line, and more while a bracket is open; `None` at the end, and when the user wants to leave.
async fn next(process: &Process, input: &mut Input) -> Result<Option<String>, Failed> {
    let mut text = String::new();
    loop {
        let read = input.line(process, PROMPTS[usize::from(!text.is_empty())]).await;
        match read.map_err(|error| Failed::from(Diagnostic::error("Failed to read <stdin>", format!("{error}."))))? {
            Typed::Line(line) => text.push_str(&line),
            Typed::GivenUp => return Ok(Some(String::new())),
            Typed::EndOfInput => return Ok(Some(text).filter(|text| !text.is_empty())),
            Typed::Leave => return Ok(None),
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

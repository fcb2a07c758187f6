//! Expressions one by one against configuration, variables and state.

use super::{Context, Failed, Given, collect, load, read_state};
use crate::config::Module;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use crate::live::{self, World};
use crate::plan::{Answer, Ask, AskKey, Attempt, Meaning, Recorded};
use std::sync::Arc;

/// More rounds of files than any configuration needs.
const ROUNDS_MAX: usize = 1_000;

/// What was loaded once, and evaluates what is typed.
pub struct Console {
    recorded: Recorded,
    files: World,
    context: Context,
    /// What can be referred to in the root module, such as `var.size`.
    pub names: Vec<String>,
}

/// Loads configuration, variables and state. The state is only read, so it is not locked.
///
/// # Errors
/// Everything that keeps the configuration from being loaded, and a state that can't be read.
pub async fn open_console(context: &Context, variables: &[Given]) -> Result<(Console, Diagnostics, Arc<SourceMap>), Failed> {
    let loaded = load(context)?;
    let mut diagnostics = loaded.diagnostics.clone();
    let in_sources = |failed: Failed| if failed.sources.files().is_empty() { failed.in_sources(&loaded.sources) } else { failed };
    let given = collect(&loaded.config, &context.environment.variables, &context.working_folder, variables);
    let (variables, warnings) = given.map_err(in_sources)?;
    diagnostics.extend(warnings);
    let (state, notices) = read_state(context, Some(&loaded.config)).await.map_err(in_sources)?;
    diagnostics.extend(notices);
    let state = Arc::new(state);
    let files = context.world(&context.clients(), &state);
    let mut facts = context.facts(variables, state);
    for _ in 0..ROUNDS_MAX {
        match Recorded::new(&loaded.config, &facts, &context.providers) {
            Err((errors, sources)) => return Err(Failed { diagnostics: errors, sources: Arc::from(sources) }.after(diagnostics)),
            Ok(Attempt::Needs(asks)) => facts.answers.extend(answer(context, &files, asks).await),
            Ok(Attempt::Done((recorded, found))) => {
                diagnostics.extend(found);
                let sources = Arc::new(recorded.sources().clone());
                let names = names(&loaded.config.root);
                return Ok((Console { recorded, files, context: context.clone(), names }, diagnostics, sources));
            }
        }
    }
    Err(without_end())
}

impl Console {
    /// Evaluates one expression.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub async fn evaluate(&mut self, text: &str) -> Result<(Meaning, Diagnostics), Failed> {
        for _ in 0..ROUNDS_MAX {
            match self.recorded.evaluate(text) {
                Attempt::Needs(asks) => {
                    let answers = answer(&self.context, &self.files, asks).await;
                    self.recorded.learn(answers);
                }
                Attempt::Done(Ok(found)) => return Ok(found),
                Attempt::Done(Err(diagnostics)) => {
                    return Err(Failed { diagnostics, sources: Arc::new(self.recorded.sources().clone()) });
                }
            }
        }
        Err(without_end())
    }
}

fn names(root: &Module) -> Vec<String> {
    let fixed = ["path.module", "path.root", "path.cwd", "terraform.workspace", "terraform.applying"].map(str::to_owned);
    let variables = root.variables.keys().map(|name| format!("var.{name}"));
    let locals = root.locals.keys().map(|name| format!("local.{name}"));
    let modules = root.module_calls.iter().flat_map(|(name, call)| {
        let outputs = call.module.outputs.keys().map(move |output| format!("module.{name}.{output}"));
        let is_one = call.count.is_none() && call.for_each.is_none();
        std::iter::once(format!("module.{name}")).chain(outputs.filter(move |_| is_one))
    });
    fixed.into_iter().chain(variables).chain(locals).chain(modules).chain(root.resources.keys().map(ToString::to_string)).collect()
}

async fn answer(context: &Context, files: &World, asks: Vec<Ask>) -> Vec<(AskKey, Answer)> {
    live::answer(asks, files, &*context.listener).await
}

fn without_end() -> Failed {
    let detail = format!("Evaluation asked for more files after {ROUNDS_MAX} rounds. This is a fault of Windlass: please report it.");
    Failed::from(Diagnostic::error("Evaluation did not end", detail))
}

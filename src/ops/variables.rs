//! Values of root variables from flags, files and environment, in Terraform's order of precedence.

use super::{Context, Failed, load};
use crate::config::{Config, Module};
use crate::diagnostic::{Diagnostic, Diagnostics, Range, SourceMap};
use crate::lang;
use crate::plan::variables::{Origin, check_given, parse_text, undeclared};
use crate::syntax;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use windlass_api::Value;

/// A flag of the command line, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// `-var 'name=text'`.
    Text(String),
    /// `-var-file=path`.
    File(PathBuf),
    /// What the user answered when asked for a variable: its name and the text.
    Answer(Arc<str>, String),
}

/// A variable without a value, which the user may be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub name: Arc<str>,
    /// What it is for.
    pub description: Option<Arc<str>>,
    /// Whether the answer must not be seen.
    pub is_secret: bool,
}

/// The variables of the root module that nothing gives a value, by name. What is wrong with configuration and values is not told here.
pub fn missing_variables(context: &Context, flags: &[Given]) -> Vec<Missing> {
    let Ok(loaded) = load(context) else { return Vec::new() };
    let gathering = gather(&loaded.config, &context.environment.variables, &context.working_folder, flags);
    let variables = loaded.config.root.variables.iter();
    let unset = variables.filter(|(name, variable)| variable.default.is_none() && !gathering.values.contains_key(*name));
    let missing = unset.map(|(name, variable)| Missing {
        name: name.clone(),
        description: variable.description.clone(),
        is_secret: variable.sensitive || variable.ephemeral,
    });
    missing.collect()
}

/// Gathers the values: `TF_VAR_name`, `terraform.tfvars`, `*.auto.tfvars`, then the flags in order; later ones win.
///
/// # Errors
/// Files that can't be read or parsed, values of the wrong type, flags that name no variable.
pub fn collect(
    config: &Config,
    environment: &BTreeMap<String, String>,
    folder: &Path,
    flags: &[Given],
) -> Result<(BTreeMap<Arc<str>, Value>, Diagnostics), Failed> {
    gather(config, environment, folder, flags).finish()
}

/// Gathers the values of ephemeral variables for a saved plan, which holds all others: exactly those that were given when it was
/// made. `planned` names these.
///
/// # Errors
/// One is missing or was not given then, a flag sets a variable that is not ephemeral, and everything that keeps values from being
/// gathered.
pub fn collect_ephemeral(
    config: &Config,
    planned: &[Arc<str>],
    environment: &BTreeMap<String, String>,
    folder: &Path,
    flags: &[Given],
) -> Result<(BTreeMap<Arc<str>, Value>, Diagnostics), Failed> {
    let mut gathering = gather(config, environment, folder, flags);
    let mut refused = Diagnostics::none();
    gathering.values.retain(|name, setting| {
        let is_ephemeral = config.root.variables[name].ephemeral;
        if is_ephemeral && !planned.contains(name) {
            let detail = format!(
                "The ephemeral input variable {:?} was not set during the planning phase, and so must remain unset during the apply phase.",
                &**name
            );
            refused.push(Diagnostic::error("Ephemeral variable was not set during planning", detail));
        }
        // Of files and the environment what the plan holds already is passed over.
        if !is_ephemeral && setting.origin == Origin::Flag {
            let detail = format!(
                "The variable {:?} cannot be set using the -var and -var-file options when applying a saved plan file, because a saved plan \
                 includes the variable values that were set when it was created. To declare a variable whose value is not saved in the plan \
                 file and is given again at apply, set ephemeral = true in its block.",
                &**name
            );
            refused.push(Diagnostic::error("Can't change variable when applying a saved plan", detail));
        }
        is_ephemeral
    });
    for name in planned.iter().filter(|name| !gathering.values.contains_key(*name)) {
        let detail = format!(
            "The ephemeral input variable {:?} was set during the plan phase, and so must also be set during the apply phase.",
            &**name
        );
        refused.push(Diagnostic::error("No value for required variable", detail));
    }
    gathering.diagnostics.extend(refused);
    gathering.finish()
}

/// The values that the root module's variables are given, as far as they can be read; what is wrong is told by [`collect`].
pub(super) fn given_values(context: &Context, root: &Module) -> BTreeMap<Arc<str>, Value> {
    let config = Config { root: Arc::new(root.clone()), ..Config::default() };
    let gathering = gather(&config, &context.environment.variables, &context.working_folder, &context.variables);
    gathering.values.into_iter().map(|(name, setting)| (name, setting.value)).collect()
}

fn gather<'a>(config: &'a Config, environment: &BTreeMap<String, String>, folder: &'a Path, flags: &[Given]) -> Gathering<'a> {
    let mut gathering = Gathering {
        config,
        folder,
        values: BTreeMap::new(),
        undeclared: Vec::new(),
        diagnostics: Diagnostics::none(),
        sources: config.sources.clone(),
    };
    for (name, text) in environment.iter().filter_map(|(name, text)| Some((name.strip_prefix("TF_VAR_")?, text))) {
        gathering.text(name, text, Origin::Environment);
    }
    for name in automatic_files(folder) {
        gathering.file(Path::new(&name));
    }
    for flag in flags {
        match flag {
            Given::File(path) => gathering.file(path),
            Given::Text(text) => gathering.flag(text),
            Given::Answer(name, text) => gathering.text(name, text, Origin::Prompt),
        }
    }
    gathering
}

/// `terraform.tfvars`, then `*.auto.tfvars` in the order of their names.
fn automatic_files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut automatic: Vec<String> = names.filter(|name| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json")).collect();
    automatic.sort();
    let fixed = ["terraform.tfvars", "terraform.tfvars.json"].map(str::to_owned);
    let present = fixed.into_iter().filter(|name| folder.join(name).exists());
    present.chain(automatic).collect()
}

/// What a variable is set to, the last time it is.
struct Setting {
    value: Value,
    origin: Origin,
    at: Option<Range>,
}

struct Gathering<'a> {
    config: &'a Config,
    folder: &'a Path,
    values: BTreeMap<Arc<str>, Setting>,
    undeclared: Vec<(Arc<str>, Origin)>,
    diagnostics: Diagnostics,
    /// Those of the configuration, and what was read here. The latter die with this: a saved plan must not hold them.
    sources: SourceMap,
}

impl Gathering<'_> {
    fn flag(&mut self, flag: &str) {
        let Some((name, text)) = flag.split_once('=') else {
            return self.diagnostics.push(Diagnostic::error(
                "Invalid -var option",
                format!("The given -var option {flag:?} is not correctly specified. Must be a variable name and value separated by an equals sign, like -var=\"key=value\"."),
            ));
        };
        self.text(name.trim(), text, Origin::Flag);
    }

    fn text(&mut self, name: &str, text: &str, origin: Origin) {
        let Some(variable) = self.config.root.variables.get(name) else {
            return self.undeclared.push((name.into(), origin));
        };
        let source = self.sources.add(format!("<value for var.{name}>"), text);
        match parse_text(variable, source, text) {
            Ok(value) => self.set(name, value, origin, None),
            Err(errors) => self.diagnostics.extend(match variable.sensitive || variable.ephemeral {
                // The line itself would be shown.
                true => Diagnostics(errors.0.into_iter().map(|error| Diagnostic { subject: Some(variable.range), ..error }).collect()),
                false => errors,
            }),
        }
    }

    fn file(&mut self, path: &Path) {
        let shown = path.display().to_string();
        let text = match std::fs::read_to_string(self.folder.join(path)) {
            Ok(text) => text,
            Err(error) => {
                let detail = match error.kind() {
                    std::io::ErrorKind::NotFound => format!("Given variables file {shown} does not exist."),
                    _ => format!("Error while reading {shown}: {error}."),
                };
                return self.diagnostics.push(Diagnostic::error("Failed to read variables file", detail));
            }
        };
        self.content(&shown, &text);
    }

    fn content(&mut self, shown: &str, text: &str) {
        let source = self.sources.add(shown, text);
        let read = if shown.ends_with(".json") { syntax::parse_json_values } else { syntax::parse_file };
        let (body, problems) = read(source, text);
        self.diagnostics.extend(problems);
        for block in &body.blocks {
            let summary = format!("Unexpected {:?} block", &*block.kind.name);
            self.diagnostics.push(Diagnostic::error(summary, "Blocks are not allowed here.").at(block.header));
        }
        for attribute in &body.attributes {
            if let Some(call) = syntax::walk::first_call(&attribute.value) {
                let error = Diagnostic::error("Function calls not allowed", "Functions may not be called here.");
                self.diagnostics.push(error.at(call));
                continue;
            }
            let (value, problems) = lang::evaluate(&attribute.value, &lang::NothingInScope);
            let failed = problems.has_errors();
            self.diagnostics.extend(problems);
            if !failed {
                self.set(&attribute.name.name, value, Origin::File(shown.into()), Some(attribute.value.range));
            }
        }
    }

    fn set(&mut self, name: &str, value: Value, origin: Origin, at: Option<Range>) {
        match self.config.root.variables.contains_key(name) {
            true => drop(self.values.insert(name.into(), Setting { value, origin, at })),
            false => self.undeclared.push((name.into(), origin)),
        }
    }

    fn finish(mut self) -> Result<(BTreeMap<Arc<str>, Value>, Diagnostics), Failed> {
        self.diagnostics.extend(undeclared(self.config, &self.undeclared));
        for (name, setting) in &self.values {
            let variable = &self.config.root.variables[name];
            let declared = self.sources.place(variable.range);
            let checked = check_given(name, variable, &setting.value, &setting.origin, setting.at, &declared);
            self.diagnostics.0.extend(checked.err().map(|error| *error));
        }
        if self.diagnostics.has_errors() {
            return Err(Failed { diagnostics: self.diagnostics, sources: Arc::new(self.sources) });
        }
        Ok((self.values.into_iter().map(|(name, setting)| (name, setting.value)).collect(), self.diagnostics))
    }
}

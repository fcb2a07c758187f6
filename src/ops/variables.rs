//! Values of root variables from flags, files and environment, in Terraform's order of precedence.

use super::Failed;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use crate::lang::{self, FileAnswer, FileQuestion, Resolved, Scope};
use crate::plan::variables::parse_text;
use crate::syntax::{self, ast::Traversal};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use windlass_api::Value;

/// A flag of the command line, in order.
#[derive(Clone, Debug)]
pub enum Given {
    /// `-var 'name=text'`.
    Text(String),
    /// `-var-file=path`.
    File(PathBuf),
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
    let mut gathering = Gathering { config, values: BTreeMap::new(), diagnostics: Diagnostics::none(), sources: config.sources.clone() };
    for (name, text) in environment.iter().filter_map(|(name, text)| Some((name.strip_prefix("TF_VAR_")?, text))) {
        // An environment holds values for many configurations: names that this one lacks are no mistake.
        if config.root.variables.contains_key(name) {
            gathering.text(name, text, "environment variable TF_VAR_");
        }
    }
    for path in automatic_files(folder) {
        gathering.file(&path);
    }
    for flag in flags {
        match flag {
            Given::File(path) => gathering.file(&folder.join(path)),
            Given::Text(text) => gathering.flag(text),
        }
    }
    match gathering.diagnostics.has_errors() {
        true => Err(Failed { diagnostics: gathering.diagnostics, sources: Arc::new(gathering.sources) }),
        false => Ok((gathering.values, gathering.diagnostics)),
    }
}

/// `terraform.tfvars`, then `*.auto.tfvars` in the order of their names.
fn automatic_files(folder: &Path) -> Vec<PathBuf> {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut automatic: Vec<String> = names.filter(|name| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json")).collect();
    automatic.sort();
    let fixed = ["terraform.tfvars", "terraform.tfvars.json"].map(str::to_owned);
    let present = fixed.into_iter().filter(|name| folder.join(name).exists());
    present.chain(automatic).map(|name| folder.join(name)).collect()
}

struct Gathering<'a> {
    config: &'a Config,
    values: BTreeMap<Arc<str>, Value>,
    diagnostics: Diagnostics,
    sources: SourceMap,
}

impl Gathering<'_> {
    fn flag(&mut self, flag: &str) {
        let Some((name, text)) = flag.split_once('=') else {
            return self.diagnostics.push(Diagnostic::error(
                "Invalid -var option",
                format!("The given -var option {flag:?} is not correctly specified. It must be a variable name and value separated by an equals sign, like -var=\"key=value\"."),
            ));
        };
        let name = name.trim();
        if !self.config.root.variables.contains_key(name) {
            let names = self.config.root.variables.keys().map(|name| &**name);
            let near = crate::diagnostic::nearest(name, names).map(|near| format!(" Did you mean {near:?}?")).unwrap_or_default();
            return self.diagnostics.push(Diagnostic::error(
                "Value for undeclared variable",
                format!("A variable named {name:?} was assigned on the command line, but the root module does not declare a variable of that name.{near} To use this value, add a \"variable\" block to the configuration."),
            ));
        }
        self.text(name, text, "option -var ");
    }

    fn text(&mut self, name: &str, text: &str, origin: &str) {
        match parse_text(&self.config.root.variables[name], text) {
            Ok(value) => drop(self.values.insert(name.into(), value)),
            Err(errors) => {
                for mut error in errors.0 {
                    // The text stands in no file; a range would point into nothing.
                    error.subject = None;
                    error.detail = format!("The value that {origin}{name} gives is not usable: {}", error.detail);
                    self.diagnostics.push(error);
                }
            }
        }
    }

    fn file(&mut self, path: &Path) {
        let shown = path.strip_prefix(".").unwrap_or(path).display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                let detail = format!("The variables file {shown} can't be read: {error}.");
                return self.diagnostics.push(Diagnostic::error("Failed to read variables file", detail));
            }
        };
        match shown.ends_with(".json") {
            true => self.json(&shown, &text),
            false => self.hcl(&shown, text),
        }
    }

    fn json(&mut self, shown: &str, text: &str) {
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(serde_json::Value::Object(object)) => {
                for (name, json) in &object {
                    self.assign(name, windlass_api::value::wire::infer_from_json(json), shown);
                }
            }
            Ok(_) => self.diagnostics.push(Diagnostic::error("Invalid variables file", format!("{shown} must hold one JSON object."))),
            Err(error) => self.diagnostics.push(Diagnostic::error("Invalid variables file", format!("{shown}: {error}."))),
        }
    }

    fn hcl(&mut self, shown: &str, text: String) {
        let source = self.sources.add(shown, text.clone());
        let (body, problems) = syntax::parse_file(source, &text);
        self.diagnostics.extend(problems);
        for block in &body.blocks {
            let detail = format!("A variables file holds only assignments, no {:?} block.", &*block.kind.name);
            self.diagnostics.push(Diagnostic::error("Unexpected block", detail).at(block.header));
        }
        for attribute in &body.attributes {
            let (value, problems) = lang::evaluate(&attribute.value, &Constants);
            let failed = problems.has_errors();
            self.diagnostics.extend(problems);
            if !failed {
                self.assign(&attribute.name.name, value, shown);
            }
        }
    }

    fn assign(&mut self, name: &str, value: Value, shown: &str) {
        if self.config.root.variables.contains_key(name) {
            self.values.insert(name.into(), value);
            return;
        }
        let detail = format!(
            "The root module does not declare a variable named {name:?} but a value was found in file {shown:?}. If you meant to use this value, add a \"variable\" block to the configuration."
        );
        // The file is named in the text: it is no source of the configuration, so that no range may point into it later.
        self.diagnostics.push(Diagnostic::warning("Value for undeclared variable", detail));
    }
}

/// Nothing can be referred to.
struct Constants;

impl Scope for Constants {
    fn resolve(&self, traversal: &Traversal) -> Result<Resolved, Box<Diagnostic>> {
        Err(Box::new(Diagnostic::error("Variables not allowed", "Variables may not be used here.").at(traversal.range)))
    }

    fn file(&self, _question: &FileQuestion) -> FileAnswer {
        FileAnswer::Failed("files can't be read in a variables file".into())
    }

    fn plan_timestamp(&self) -> Option<Arc<str>> {
        None
    }

    fn is_applying(&self) -> bool {
        false
    }
}

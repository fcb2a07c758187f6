//! Terraform's settings of a user, as far as they concern modules: hosts of registries and tokens for them.
//!
//! Read are `~/.terraformrc` and `~/.terraform.d/*.tfrc`, or the one file that `TF_CLI_CONFIG_FILE` names; the tokens that `terraform
//! login` keeps in `~/.terraform.d/credentials.tfrc.json`; and variables such as `TF_TOKEN_registry_example_com`, which win. Settings
//! of provider installation and of updates have no meaning here.

use crate::diagnostic::{Diagnostic, Diagnostics, Range, SourceMap};
use crate::ops::Failed;
use crate::package::{Hosts, Token, read_credentials};
use crate::syntax::{Block, Body, Expression, ExpressionKind, parse_file};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const TOKEN_PREFIX: &str = "TF_TOKEN_";

/// Reads what the user has settled. Files that are not there are empty ones, with a warning where one was named.
///
/// # Errors
/// A file can't be read, or says something wrong on hosts or credentials.
pub fn read_hosts(variables: &BTreeMap<String, String>, home: Option<&Path>) -> Result<(Hosts, Diagnostics), Failed> {
    let mut reading = Reading { home, sources: SourceMap::default(), found: Diagnostics::none(), hosts: Hosts::default() };
    reading.stored_tokens();
    for path in reading.files(variables) {
        match std::fs::read_to_string(&path) {
            Ok(text) => reading.file(&path, &text),
            Err(error) => reading.found.push(unreadable(&path, &error)),
        }
    }
    for (name, value) in variables.iter().filter(|(_, value)| !value.is_empty()) {
        if let Some(host) = name.strip_prefix(TOKEN_PREFIX) {
            let host = host.replace("__", "-").replace('_', ".").to_lowercase();
            reading.hosts.tokens.insert(host, Token(value.clone()));
        }
    }
    match reading.found.has_errors() {
        true => Err(Failed { diagnostics: reading.found, sources: Arc::new(reading.sources) }),
        false => Ok((reading.hosts, reading.found)),
    }
}

struct Reading<'a> {
    home: Option<&'a Path>,
    sources: SourceMap,
    found: Diagnostics,
    hosts: Hosts,
}

impl Reading<'_> {
    /// The files to read, in order.
    fn files(&mut self, variables: &BTreeMap<String, String>) -> Vec<PathBuf> {
        let named =
            ["TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG"].iter().find_map(|name| variables.get(*name).filter(|value| !value.is_empty()));
        if let Some(named) = named {
            let path = PathBuf::from(named);
            if path.exists() {
                return vec![path];
            }
            let detail = format!("The CLI configuration file at {named:?} does not exist.");
            self.found.push(Diagnostic::warning("Unable to open CLI configuration file", detail));
            return Vec::new();
        }
        let Some(home) = self.home else { return Vec::new() };
        let mut more: Vec<PathBuf> =
            std::fs::read_dir(home.join(".terraform.d")).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        more.retain(|path| path.extension().is_some_and(|extension| extension == "tfrc"));
        more.sort();
        let first = home.join(".terraformrc");
        first.is_file().then_some(first).into_iter().chain(more).collect()
    }

    fn stored_tokens(&mut self) {
        let Some(path) = self.home.map(|home| home.join(".terraform.d/credentials.tfrc.json")) else { return };
        let Ok(text) = std::fs::read_to_string(&path) else { return };
        match read_credentials(&text) {
            Ok(tokens) => self.hosts.tokens.extend(tokens),
            Err(error) => self.found.push(unreadable(&path, &error)),
        }
    }

    fn file(&mut self, path: &Path, text: &str) {
        let (body, found) = parse_file(self.sources.add(path.display().to_string(), text), text);
        self.found.extend(found);
        for block in &body.blocks {
            match (&*block.kind.name, block.labels.as_slice()) {
                ("credentials", [host]) => {
                    if let Some(token) = self.text(&block.body, "token") {
                        self.hosts.tokens.insert(host.name.to_lowercase(), Token(token));
                    }
                }
                ("host", [host]) => {
                    let services = self.services(block);
                    self.hosts.services.insert(host.name.to_lowercase(), services);
                }
                ("credentials_helper", [name]) => self.helper(&name.name, &block.body),
                ("credentials" | "host" | "credentials_helper", _) => {
                    self.wrong(block.header, &format!("A {} block has one label.", block.kind.name));
                }
                _ => {}
            }
        }
    }

    fn helper(&mut self, name: &str, body: &Body) {
        let file = format!("terraform-credentials-{name}");
        let installed = self.home.map(|home| home.join(".terraform.d/plugins").join(&file)).filter(|path| path.is_file());
        let mut program = vec![installed.map_or(file, |path| path.display().to_string())];
        if let Some(arguments) = body.attribute("args") {
            match &arguments.value.kind {
                ExpressionKind::Tuple(items) => program.extend(items.iter().filter_map(|item| self.literal(item))),
                _ => self.wrong(arguments.value.range, "args must be a list of texts."),
            }
        }
        self.hosts.credentials_program = Some(program);
    }

    /// The URLs of a host's services; those that are no texts, such as of login, are of no interest.
    fn services(&mut self, block: &Block) -> BTreeMap<String, String> {
        let Some(services) = block.body.attribute("services") else { return BTreeMap::new() };
        let ExpressionKind::Object(items) = &services.value.kind else {
            self.wrong(services.value.range, "services must be an object of names and URLs.");
            return BTreeMap::new();
        };
        items.iter().filter_map(|item| Some((literal(&item.key)?, literal(&item.value)?))).collect()
    }

    fn text(&mut self, body: &Body, name: &str) -> Option<String> {
        self.literal(&body.attribute(name)?.value)
    }

    fn literal(&mut self, expression: &Expression) -> Option<String> {
        let text = literal(expression);
        if text.is_none() {
            self.wrong(expression.range, "A text in quotes is required here.");
        }
        text
    }

    fn wrong(&mut self, range: Range, reason: &str) {
        self.found.push(Diagnostic::error("Invalid CLI configuration", reason).at(range));
    }
}

fn literal(expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::Literal(value) => value.as_str().map(str::to_owned),
        _ => None,
    }
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::error("CLI configuration can't be read", format!("{}: {error}.", path.display()))
}

#[cfg(test)]
mod tests {
    use super::read_hosts;
    use crate::package::Token;

    #[test]
    fn tokens_and_services_are_found_where_terraform_finds_them() {
        let home = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::create_dir_all(home.path().join(".terraform.d")).unwrap();
            std::fs::write(home.path().join(name), text).unwrap();
        };
        write(
            ".terraformrc",
            "plugin_cache_dir = \"x\"\ncredentials \"A.example\" {\n  token = \"file\"\n}\nhost \"b.example\" {\n  services = { \"modules.v1\" = \"http://x/\", \"login.v1\" = {} }\n}\ncredentials_helper \"h\" {\n  args = [\"--one\"]\n}\n",
        );
        write(".terraform.d/credentials.tfrc.json", r#"{"credentials":{"a.example":{"token":"stored"},"c.example":{"token":"stored"}}}"#);
        let variables = [("TF_TOKEN_d__x_example".to_owned(), "variable".to_owned())].into();
        let (hosts, found) = read_hosts(&variables, Some(home.path())).map_err(|failed| failed.diagnostics).unwrap();
        assert!(found.0.is_empty());
        for (host, token) in [("a.example", "file"), ("c.example", "stored"), ("d-x.example", "variable")] {
            assert_eq!(hosts.tokens[host], Token(token.to_owned()), "{host}");
        }
        assert_eq!(hosts.services["b.example"]["modules.v1"], "http://x/");
        assert_eq!(hosts.credentials_program, Some(vec!["terraform-credentials-h".to_owned(), "--one".to_owned()]));

        let variables = [("TF_CLI_CONFIG_FILE".to_owned(), "/nonexistent".to_owned())].into();
        let (hosts, found) = read_hosts(&variables, Some(home.path())).map_err(|failed| failed.diagnostics).unwrap();
        assert!(hosts.services.is_empty() && found.0.len() == 1);

        write(".terraformrc", "credentials {\n  token = 1\n}\ncredentials \"a\" {\n  token = 1\n}\nhost \"b\" {\n  services = 1\n}\n");
        let failed = read_hosts(&std::collections::BTreeMap::new(), Some(home.path())).expect_err("mistakes");
        assert_eq!(failed.diagnostics.0.len(), 3);
    }
}

//! The files in which AWS's tools keep profiles.

use super::{Access, Surroundings};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which files there are.
#[derive(Debug)]
pub(super) struct Profiles {
    config: Vec<PathBuf>,
    credentials: Vec<PathBuf>,
}

/// Settings by profile; those of a session of the single sign-on by `sso-session NAME`.
type Settings = BTreeMap<String, BTreeMap<String, String>>;

impl Profiles {
    /// Those that are said, else those that the environment names, else those in the user's folder.
    pub(super) fn new(access: &Access, surroundings: &Surroundings) -> Profiles {
        let files = |said: &[String], variable: &str, name: &str| -> Vec<PathBuf> {
            if !said.is_empty() {
                return said.iter().map(|path| in_home(path, surroundings)).collect();
            }
            match surroundings.variable(variable) {
                Some(path) => vec![in_home(path, surroundings)],
                None => surroundings.home.iter().map(|home| home.join(".aws").join(name)).collect(),
            }
        };
        Profiles {
            config: files(&access.config_files, "AWS_CONFIG_FILE", "config"),
            credentials: files(&access.credentials_files, "AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        }
    }

    /// The files, for messages.
    pub(super) fn names(&self) -> String {
        let names: Vec<String> = self.config.iter().chain(&self.credentials).map(|path| path.display().to_string()).collect();
        if names.is_empty() { "any file".to_owned() } else { names.join(" or ") }
    }

    /// What the files say, those with keys last: they win.
    pub(super) async fn read(&self) -> Settings {
        let mut settings = Settings::new();
        for (path, is_config) in self.files() {
            if let Ok(text) = tokio::fs::read_to_string(path).await {
                add(&mut settings, &text, is_config);
            }
        }
        settings
    }

    /// The same, at once.
    pub(super) fn read_now(&self) -> Settings {
        let mut settings = Settings::new();
        for (path, is_config) in self.files() {
            if let Ok(text) = std::fs::read_to_string(path) {
                add(&mut settings, &text, is_config);
            }
        }
        settings
    }

    fn files(&self) -> impl Iterator<Item = (&Path, bool)> {
        let config = self.config.iter().map(|path| (path.as_path(), true));
        config.chain(self.credentials.iter().map(|path| (path.as_path(), false)))
    }
}

/// `~/x` → a path in the user's folder.
fn in_home(path: &str, surroundings: &Surroundings) -> PathBuf {
    match (path.strip_prefix("~/"), &surroundings.home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// Reads sections of `key = value` lines. In the file of settings a profile's section is `[profile NAME]`, but for `[default]`.
fn add(settings: &mut Settings, text: &str, is_config: bool) {
    let mut section: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(title) = trimmed.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let mut words = title.split_whitespace();
            section = match (words.next(), words.next(), is_config) {
                (Some("profile"), Some(name), true) => Some(name.to_owned()),
                (Some("sso-session"), Some(name), true) => Some(format!("sso-session {name}")),
                (Some("default"), None, true) => Some("default".to_owned()),
                (Some(name), None, false) => Some(name.to_owned()),
                _ => None,
            };
            if let Some(name) = &section {
                settings.entry(name.clone()).or_default();
            }
            continue;
        }
        // What is indented belongs to the setting above it; none of those is of use here.
        let is_nested = line.starts_with([' ', '\t']);
        if let (Some(name), Some((key, value)), false) = (&section, trimmed.split_once('='), is_nested) {
            let value = value.split(" #").next().unwrap_or_default().trim().to_owned();
            settings.entry(name.clone()).or_default().insert(key.trim().to_ascii_lowercase(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Settings, add};

    #[test]
    fn profiles_are_read_from_both_files() {
        let mut settings = Settings::new();
        add(
            &mut settings,
            "# who\n[default]\nregion = eu-west-1\ns3 =\n  addressing_style = path\n[profile deploy]\nrole_arn=arn:x # a role\n\
             source_profile = default\n[sso-session corp]\nsso_region = us-east-1\n[services x]\nregion = no\n",
            true,
        );
        add(&mut settings, "[default]\naws_access_key_id = A\naws_secret_access_key = b=c\n[profile deploy]\nregion = no\n", false);
        let text = |name: &str, key: &str| settings.get(name).and_then(|profile| profile.get(key)).cloned();
        assert_eq!(text("default", "region").as_deref(), Some("eu-west-1"));
        assert_eq!(text("default", "aws_secret_access_key").as_deref(), Some("b=c"));
        assert_eq!(text("default", "addressing_style"), None);
        assert_eq!(text("deploy", "role_arn").as_deref(), Some("arn:x"));
        assert_eq!(text("deploy", "region"), None);
        assert_eq!(text("sso-session corp", "sso_region").as_deref(), Some("us-east-1"));
        assert_eq!(settings.len(), 3);
    }
}

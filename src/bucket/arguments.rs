//! Arguments of configurations that say as whom a service of a cloud is asked, under the names that Terraform's back ends give them.

use super::{Access, Impersonation, Keys, Role, Secret, Surroundings};
use std::collections::BTreeMap;
use windlass_api::Value;

/// An argument that can't be used.
#[derive(Clone, Debug)]
pub struct WrongArgument {
    /// Which.
    pub argument: &'static str,
    /// What is wrong with it: a sentence without secrets.
    pub message: String,
}

impl WrongArgument {
    /// An argument that can't be used.
    pub fn new(argument: &'static str, message: impl Into<String>) -> WrongArgument {
        WrongArgument { argument, message: message.into() }
    }
}

/// Arguments, and what stands in for those that are not set.
pub struct Arguments<'a> {
    /// An object with all arguments; null where one is not set.
    pub config: &'a Value,
    /// Variables of the environment.
    pub variables: &'a BTreeMap<String, String>,
}

/// As whom AWS is asked, and the variables of the environment that are told other values for it.
pub type AwsAccess = (Access, Vec<(&'static str, Option<String>)>);

impl Arguments<'_> {
    /// A text that is set and not empty.
    pub fn text(&self, name: &str) -> Option<String> {
        self.config.get_str(name).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The argument, or the first of the variables that is set.
    pub fn text_or(&self, name: &str, variables: &[&str]) -> Option<String> {
        let variable = |name: &&str| self.variables.get(*name).filter(|text| !text.is_empty()).cloned();
        self.text(name).or_else(|| variables.iter().find_map(variable))
    }

    /// A truth value.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.config.get(name).and_then(Value::as_bool)
    }

    /// A list of texts; empty where it is not set.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let elements = self.config.get(name).and_then(Value::elements).unwrap_or_default();
        elements.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Whether an argument says something.
    pub fn is_set(&self, name: &str) -> bool {
        self.config.get(name).is_some_and(|value| !value.is_null() && value.as_bool() != Some(false) && value.as_str() != Some(""))
    }

    /// Refuses arguments that can't be honoured, each with what to do instead.
    ///
    /// # Errors
    /// One of them is set.
    pub fn refuse(&self, refused: &[(&'static str, &str)]) -> Result<(), WrongArgument> {
        match refused.iter().find(|(name, _)| self.is_set(name)) {
            Some((name, instead)) => Err(WrongArgument::new(name, format!("it is not supported. {instead}"))),
            None => Ok(()),
        }
    }

    /// As whom AWS is asked.
    ///
    /// # Errors
    /// An argument is missing beside another, or can't be honoured.
    pub fn aws_access(&self) -> Result<AwsAccess, WrongArgument> {
        let endpoints = self.config.get("endpoints").filter(|endpoints| !endpoints.is_null());
        let sts = endpoints.and_then(|endpoints| endpoints.get_str("sts")).filter(|text| !text.is_empty()).map(str::to_owned);
        let access = Access {
            keys: keys(self)?,
            profile: self.text("profile"),
            config_files: self.texts("shared_config_files"),
            credentials_files: match self.text("shared_credentials_file") {
                Some(file) => vec![file],
                None => self.texts("shared_credentials_files"),
            },
            roles: role(self)?.into_iter().collect(),
            sts_endpoint: sts.or_else(|| self.text("sts_endpoint")),
            ..Access::default()
        };
        let mut changed = web_identity(self)?;
        for (argument, variable) in
            [("use_fips_endpoint", "AWS_USE_FIPS_ENDPOINT"), ("use_dualstack_endpoint", "AWS_USE_DUALSTACK_ENDPOINT")]
        {
            changed.extend(self.flag(argument).map(|flag| (variable, Some(flag.to_string()))));
        }
        for name in ["http_proxy", "https_proxy", "no_proxy"] {
            changed.extend(self.text(name).map(|text| (name, Some(text))));
        }
        if self.flag("skip_metadata_api_check") == Some(true) {
            changed.push(("AWS_EC2_METADATA_DISABLED", Some("true".to_owned())));
        }
        Ok((access, changed))
    }

    /// As whom Google is asked. `own` is what stands in the names of variables that are for the asking part alone, such as `BACKEND`.
    pub fn google_access(&self, own: &str) -> Access {
        let variables = |name: &str| [format!("GOOGLE_{own}_{name}"), format!("GOOGLE_{name}")];
        let text_or = |argument: &str, name: &str| {
            let names = variables(name);
            self.text_or(argument, &[&names[0], &names[1]])
        };
        let account = text_or("impersonate_service_account", "IMPERSONATE_SERVICE_ACCOUNT");
        Access {
            credentials: text_or("credentials", "CREDENTIALS").map(Secret),
            token: self.text("access_token").map(Secret),
            impersonate: account.map(|account| Impersonation { account, delegates: self.texts("impersonate_service_account_delegates") }),
            ..Access::default()
        }
    }
}

impl Surroundings {
    /// The same with other values of some variables; without one the variable is not set.
    #[must_use]
    pub fn with_variables(mut self, changed: &[(&str, Option<String>)]) -> Surroundings {
        for (name, value) in changed {
            match value {
                Some(value) => drop(self.variables.insert((*name).to_owned(), value.clone())),
                None => drop(self.variables.remove(*name)),
            }
        }
        self
    }
}

fn keys(arguments: &Arguments<'_>) -> Result<Option<Keys>, WrongArgument> {
    match (arguments.text("access_key"), arguments.text("secret_key")) {
        (None, None) => Ok(None),
        (Some(id), Some(secret)) => Ok(Some(Keys { id, secret: Secret(secret), token: arguments.text("token").map(Secret) })),
        (Some(_), None) => Err(WrongArgument::new("secret_key", "it must be set, because \"access_key\" is.")),
        (None, Some(_)) => Err(WrongArgument::new("access_key", "it must be set, because \"secret_key\" is.")),
    }
}

fn role(arguments: &Arguments<'_>) -> Result<Option<Role>, WrongArgument> {
    const NAME: &str = "assume_role";
    let Some(role) = arguments.config.get(NAME).filter(|role| !role.is_null()) else { return Ok(None) };
    let inner = Arguments { config: role, variables: arguments.variables };
    for refused in ["source_identity", "transitive_tag_keys"] {
        if inner.is_set(refused) && (inner.text(refused).is_some() || !inner.texts(refused).is_empty()) {
            return Err(WrongArgument::new(NAME, format!("{refused:?} in it is not supported.")));
        }
    }
    let arn = inner.text("role_arn").ok_or_else(|| WrongArgument::new(NAME, "\"role_arn\" in it must be set."))?;
    let duration = inner.text("duration").map(|text| match text.parse::<jiff::SignedDuration>() {
        Ok(duration) if (900..=43_200).contains(&duration.as_secs()) => Ok(u32::try_from(duration.as_secs()).unwrap_or(43_200)),
        Ok(_) => Err(WrongArgument::new(NAME, "\"duration\" in it must be between 15 minutes (15m) and 12 hours (12h), inclusive.")),
        Err(_) => Err(WrongArgument::new(NAME, format!("\"duration\" in it is {text:?}, which is no duration such as \"1h30m\"."))),
    });
    let tags = role.get("tags").and_then(Value::fields).into_iter().flat_map(|fields| fields.iter());
    Ok(Some(Role {
        arn,
        session_name: inner.text("session_name"),
        external_id: inner.text("external_id"),
        duration_seconds: duration.transpose()?,
        policy: inner.text("policy"),
        policy_arns: inner.texts("policy_arns"),
        tags: tags.filter_map(|(name, value)| Some((name.to_string(), value.as_str()?.to_owned()))).collect(),
    }))
}

/// A role by a token of another service: told to the client as the variables that mean the same.
fn web_identity(arguments: &Arguments<'_>) -> Result<Vec<(&'static str, Option<String>)>, WrongArgument> {
    const NAME: &str = "assume_role_with_web_identity";
    let Some(role) = arguments.config.get(NAME).filter(|role| !role.is_null()) else { return Ok(Vec::new()) };
    let inner = Arguments { config: role, variables: arguments.variables };
    for refused in ["web_identity_token", "policy", "duration"] {
        if inner.is_set(refused) {
            return Err(WrongArgument::new(
                NAME,
                format!("{refused:?} in it is not supported; name a file with \"web_identity_token_file\"."),
            ));
        }
    }
    if !inner.texts("policy_arns").is_empty() {
        return Err(WrongArgument::new(NAME, "\"policy_arns\" in it is not supported."));
    }
    let arn = inner.text_or("role_arn", &["AWS_ROLE_ARN"]);
    let file = inner.text_or("web_identity_token_file", &["AWS_WEB_IDENTITY_TOKEN_FILE"]);
    let (Some(arn), Some(file)) = (arn, file) else {
        return Err(WrongArgument::new(NAME, "\"role_arn\" and \"web_identity_token_file\" in it must be set."));
    };
    let mut changed = vec![("AWS_ROLE_ARN", Some(arn)), ("AWS_WEB_IDENTITY_TOKEN_FILE", Some(file))];
    changed.extend(inner.text("session_name").map(|name| ("AWS_ROLE_SESSION_NAME", Some(name))));
    // Keys of the environment would go before.
    changed.extend(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].map(|name| (name, None)));
    Ok(changed)
}

//! The checks that IAM makes of a policy document before it keeps it.

use serde_json::Value;

use super::super::error::AwsError;

/// What a document is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What a role may do.
    Identity,
    /// Who may take a role.
    Trust,
}

fn malformed(message: impl Into<String>) -> AwsError {
    AwsError::bad("MalformedPolicyDocument", message)
}

/// Refuses what IAM refuses, with its code.
pub(super) fn check(text: &str, kind: Kind) -> Result<(), AwsError> {
    let syntax = || malformed(if kind == Kind::Trust { "This policy contains invalid Json" } else { "Syntax errors in policy." });
    let document: Value = serde_json::from_str(text).map_err(|_| syntax())?;
    let document = document.as_object().ok_or_else(syntax)?;
    if let Some(unknown) = document.keys().find(|key| !["Version", "Id", "Statement"].contains(&key.as_str())) {
        return Err(malformed(format!("Syntax error at position (1,1): Unknown field {unknown}")));
    }
    if document.get("Version").is_some_and(|version| !matches!(version.as_str(), Some("2012-10-17" | "2008-10-17"))) {
        return Err(malformed("The policy must contain a valid version string"));
    }
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(statement @ Value::Object(_)) => std::slice::from_ref(statement),
        _ => return Err(syntax()),
    };
    if statements.is_empty() {
        return Err(syntax());
    }
    let mut sids = Vec::new();
    for statement in statements {
        check_statement(statement, kind)?;
        if let Some(sid) = statement.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty()) {
            if sids.contains(&sid) {
                return Err(malformed("Statement IDs (SID) in a single policy must be unique."));
            }
            sids.push(sid);
        }
    }
    Ok(())
}

fn check_statement(statement: &Value, kind: Kind) -> Result<(), AwsError> {
    if !matches!(statement.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny")) {
        return Err(malformed("Syntax errors in policy."));
    }
    let texts = |name: &str| match statement.get(name) {
        Some(Value::String(text)) => Some(vec![text.clone()]),
        Some(Value::Array(list)) => Some(list.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()),
        _ => None,
    };
    let actions = texts("Action").or_else(|| texts("NotAction")).unwrap_or_default();
    if actions.is_empty() {
        return Err(malformed("Policy statement must contain actions."));
    }
    if actions.iter().any(|action| action != "*" && !action.contains(':')) {
        return Err(malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."));
    }
    let has_principal = statement.get("Principal").or_else(|| statement.get("NotPrincipal")).is_some();
    let resources = texts("Resource").or_else(|| texts("NotResource"));
    match kind {
        Kind::Trust if resources.is_some() => Err(malformed("Has prohibited field Resource")),
        Kind::Trust if !has_principal => Err(malformed("Missing required field Principal")),
        Kind::Trust if actions.iter().any(|action| action != "*" && !action.to_ascii_lowercase().starts_with("sts:")) => {
            Err(malformed("AssumeRole policy may only specify STS AssumeRole actions."))
        }
        Kind::Trust => Ok(()),
        Kind::Identity if has_principal => Err(malformed("Policy document should not specify a principal.")),
        Kind::Identity => {
            let resources = resources.unwrap_or_default();
            if resources.is_empty() {
                return Err(malformed("Policy statement must contain resources."));
            }
            match resources.iter().find(|resource| *resource != "*" && !resource.starts_with("arn:")) {
                Some(resource) => Err(malformed(format!("Resource {resource} must be in ARN format or \"*\"."))),
                None => Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, check};

    #[test]
    fn documents_are_checked_as_iam_checks_them() {
        let message = |text: &str, kind| check(text, kind).err().map(|error| error.message);
        let identity =
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::b/*"}]}"#;
        assert_eq!(message(identity, Kind::Identity), None);
        assert_eq!(message(identity, Kind::Trust).as_deref(), Some("Has prohibited field Resource"));
        assert_eq!(message("{", Kind::Identity).as_deref(), Some("Syntax errors in policy."));
        let trust = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}}"#;
        assert_eq!(message(trust, Kind::Trust), None);
        assert_eq!(message(trust, Kind::Identity).as_deref(), Some("Policy document should not specify a principal."));
    }
}

//! STS over the Query protocol: who calls, and temporary credentials of a role.
//!
//! One account is simulated. Roles of other accounts let everybody in, so that what happens in a wrong account can be seen; all
//! that their credentials are good for is to be asked whose they are.

use serde_json::Value;

use super::ACCOUNT;
use super::error::AwsError;
use super::query::{Action, Call, Reply};
use crate::clock::timestamp;
use crate::world::{Credential, World};

/// The action of a name.
pub fn action(name: &str) -> Option<Action> {
    Some(match name {
        "GetCallerIdentity" => get_caller_identity,
        "AssumeRole" => assume_role,
        _ => return None,
    })
}

fn get_caller_identity(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let credential = world.credentials.get(&call.request.access_key);
    let credential =
        credential.ok_or_else(|| AwsError::new(403, "InvalidClientTokenId", "The security token included in the request is invalid."))?;
    Reply::write(|xml| {
        xml.text("Arn", &credential.principal_arn).text("UserId", &credential.user_id).text("Account", credential.account());
    })
}

fn assume_role(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let arn = call.params.require("RoleArn")?;
    let session = call.params.require("RoleSessionName")?;
    if session.len() < 2 || !session.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)) {
        return Err(AwsError::bad(
            "ValidationError",
            format!(
                "1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"
            ),
        ));
    }
    let caller = world.credentials.get(&call.request.access_key).map(|credential| credential.principal_arn.clone()).unwrap_or_default();
    let denied =
        || AwsError::new(403, "AccessDenied", format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}"));
    let role = assumable(world, arn, &caller).ok_or_else(denied)?;
    let seconds = call.params.number("DurationSeconds")?.unwrap_or(3600);
    if !(900..=role.max_session_seconds).contains(&seconds) {
        return Err(AwsError::bad("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."));
    }
    let user_id = format!("{}:{session}", role.id);
    let assumed = format!("arn:aws:sts::{}:assumed-role/{}/{session}", role.account, role.name);
    let key = format!("ASIA{}", world.random.base32(16));
    let token = world.random.base32(120);
    let expires_ms = world.now_ms + seconds * 1000;
    let credential = Credential {
        secret_key: world.random.base32(40),
        session_token: Some(token.clone()),
        expires_ms: Some(expires_ms),
        principal_arn: assumed.clone(),
        user_id: user_id.clone(),
    };
    let reply = Reply::write(|xml| {
        xml.node("Credentials", |xml| {
            xml.text("AccessKeyId", &key).text("SecretAccessKey", &credential.secret_key);
            xml.text("SessionToken", &token).text("Expiration", timestamp(expires_ms));
        });
        xml.node("AssumedRoleUser", |xml| {
            xml.text("AssumedRoleId", &user_id).text("Arn", &assumed);
        });
    });
    world.credentials.insert(key, credential);
    reply
}

/// What a session needs to know of its role.
struct Assumable {
    account: String,
    name: String,
    id: String,
    max_session_seconds: i64,
}

/// The role of an ARN, if the caller may have it.
fn assumable(world: &mut World, arn: &str, caller: &str) -> Option<Assumable> {
    let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    if account != ACCOUNT {
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let name = path.rsplit('/').next().filter(|name| is_account && !name.is_empty())?;
        let id = format!("AROA{}", world.random.base32(17));
        return Some(Assumable { account: account.to_owned(), name: name.to_owned(), id, max_session_seconds: 3600 });
    }
    let role = world.iam.roles.values().find(|role| role.arn() == arn)?;
    trusts(&role.trust, caller).then(|| Assumable {
        account: account.to_owned(),
        name: role.name.clone(),
        id: role.id.clone(),
        max_session_seconds: role.max_session_seconds,
    })
}

/// Whether a trust policy lets a principal of the account in: by the account, by its root, by its own ARN or by `*`.
fn trusts(document: &str, caller: &str) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(document) else { return false };
    let many = |value: Option<&Value>| match value {
        Some(Value::Array(items)) => items.clone(),
        Some(item) => vec![item.clone()],
        None => Vec::new(),
    };
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let is_caller =
        |principal: &Value| principal.as_str().is_some_and(|text| text == "*" || text == caller || text == ACCOUNT || text == root);
    let matches = |statement: &Value| {
        let principal = statement.get("Principal");
        principal.is_some_and(is_caller) || many(principal.and_then(|principal| principal.get("AWS"))).iter().any(is_caller)
    };
    let statements = many(document.get("Statement"));
    let has = |effect: &str| {
        statements.iter().any(|statement| statement.get("Effect").and_then(Value::as_str) == Some(effect) && matches(statement))
    };
    has("Allow") && !has("Deny")
}

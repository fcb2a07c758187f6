//! Client tokens: the same token with the same parameters answers what the first call made; with others it is refused.

use super::region::{Region, TokenUse};
use crate::aws::error::AwsError;
use crate::aws::query::Call;

fn key(call: &Call) -> Option<String> {
    let token = call.params.text("ClientToken").filter(|token| !token.is_empty())?;
    Some(format!("{}/{token}", call.action))
}

/// The ids that an earlier call with this token made.
pub fn made_before(region: &Region, call: &Call, asked: &str) -> Result<Option<Vec<String>>, AwsError> {
    let Some(used) = key(call).and_then(|key| region.tokens.get(&key)) else { return Ok(None) };
    if used.asked != asked {
        let message = "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).";
        return Err(AwsError::bad("IdempotentParameterMismatch", message));
    }
    Ok(Some(used.made.clone()))
}

/// Keeps what a call made under its token.
pub fn remember(region: &mut Region, call: &Call, asked: String, made: Vec<String>) {
    if let Some(key) = key(call) {
        region.tokens.entry(key).or_insert(TokenUse { asked, made });
    }
}

//! What the engine keeps with an object, in the file's `private` field.
//!
//! The field is base64 of bytes that only its writer understands. Ours are JSON under the key `windlass`. Another tool's bytes are
//! kept; if they are a JSON object too, as those of Terraform's providers are, our key is added as its last one, so that
//! both understand the field. If they are something else, they alone are kept.

use crate::state::ObjectPrivate;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

const KEY: &str = "\"windlass\":";

#[derive(Serialize, Deserialize)]
struct PrivateWire {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<u64>,
}

/// The field's text; `None` when there is nothing to keep.
pub(in crate::state) fn encode_private(private: &ObjectPrivate) -> Option<String> {
    let wire = PrivateWire {
        account: private.account.as_deref().map(str::to_owned),
        region: private.region.as_deref().map(str::to_owned),
        created: private.created_unix_seconds,
    };
    let foreign = private.foreign.as_deref();
    if wire.account.is_none() && wire.region.is_none() && wire.created.is_none() {
        return foreign.map(str::to_owned);
    }
    let ours = serde_json::to_string(&wire).expect("plain fields are JSON");
    let Some(foreign) = foreign else {
        return Some(STANDARD.encode(format!("{{{KEY}{ours}}}")));
    };
    let Some(text) = STANDARD.decode(foreign).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Some(foreign.to_owned());
    };
    let fields = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text);
    match (fields, text.strip_suffix('}')) {
        (Ok(fields), Some(open)) if !fields.is_empty() => Some(STANDARD.encode(format!("{open},{KEY}{ours}}}"))),
        (Ok(_), Some(_)) => Some(STANDARD.encode(format!("{{{KEY}{ours}}}"))),
        _ => Some(foreign.to_owned()),
    }
}

/// The reverse of [`encode_private`].
pub(in crate::state) fn decode_private(field: &str) -> ObjectPrivate {
    let all_foreign = || ObjectPrivate { foreign: Some(field.into()), ..ObjectPrivate::default() };
    let Some(text) = STANDARD.decode(field).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else { return all_foreign() };
    let Some(position) = text.rfind(KEY) else { return all_foreign() };
    let ours = text[position + KEY.len()..].strip_suffix('}').and_then(|ours| serde_json::from_str::<PrivateWire>(ours).ok());
    let Some(ours) = ours else { return all_foreign() };
    let foreign = text[..position].strip_suffix(',').map(|open| STANDARD.encode(format!("{open}}}")).into());
    ObjectPrivate {
        account: ours.account.map(Into::into),
        region: ours.region.map(Into::into),
        created_unix_seconds: ours.created,
        foreign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_and_another_tools_bytes_live_together() {
        let ours = ObjectPrivate { account: Some("1".into()), region: None, created_unix_seconds: Some(7), foreign: None };
        for foreign in [None, Some("{\"schema_version\":\"1\"}")] {
            let private = ObjectPrivate { foreign: foreign.map(|text| STANDARD.encode(text).into()), ..ours.clone() };
            assert_eq!(decode_private(&encode_private(&private).unwrap()), private);
        }
        let opaque = ObjectPrivate { foreign: Some("AAEC".into()), ..ours };
        assert_eq!(encode_private(&opaque).unwrap(), "AAEC");
        assert_eq!(decode_private("bnVsbA==").foreign.as_deref(), Some("bnVsbA=="));
    }
}

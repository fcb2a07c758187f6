//! Digests and identifiers.

use super::signature::{Accepts, Function, Outcome, Returns, fail_argument, parameter, pure, scoped, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use uuid::Uuid;
use windlass_api::{Type, Value};

const STRING: Returns = Returns::Always(Accepts::String);
const TEXT: &[super::Parameter] = &[parameter("str", Accepts::String)];

pub(super) const FUNCTIONS: &[Function] = &[
    pure("md5", TEXT, STRING, |arguments| Ok(hex(&Md5::digest(text(arguments, 0))).into())),
    pure("sha1", TEXT, STRING, |arguments| Ok(hex(&Sha1::digest(text(arguments, 0))).into())),
    pure("sha256", TEXT, STRING, |arguments| Ok(hex(&Sha256::digest(text(arguments, 0))).into())),
    pure("sha512", TEXT, STRING, |arguments| Ok(hex(&Sha512::digest(text(arguments, 0))).into())),
    pure("base64sha256", TEXT, STRING, |arguments| Ok(STANDARD.encode(Sha256::digest(text(arguments, 0))).into())),
    pure("base64sha512", TEXT, STRING, |arguments| Ok(STANDARD.encode(Sha512::digest(text(arguments, 0))).into())),
    scoped("bcrypt", TEXT, STRING, bcrypt_hash).and(parameter("cost", Accepts::Number)),
    scoped("uuid", &[], STRING, |evaluator, _| match evaluator.scope.is_applying() {
        true => Ok(Uuid::new_v4().to_string().into()),
        false => Ok(Value::unknown(Type::String).not_null()),
    }),
    pure("uuidv5", &[parameter("namespace", Accepts::String), parameter("name", Accepts::String)], STRING, uuid_of_name),
];

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bcrypt_hash(evaluator: &mut crate::lang::evaluate::Evaluator<'_>, arguments: &[Value]) -> Outcome {
    if !evaluator.scope.is_applying() {
        return Ok(Value::unknown(Type::String).not_null());
    }
    if arguments.len() > 2 {
        return super::signature::fail(format!("bcrypt() takes no more than two arguments, got {}", arguments.len()));
    }
    let cost = if arguments.len() == 2 { super::signature::integer(arguments, 1)? } else { 10 };
    match u32::try_from(cost).ok().and_then(|cost| bcrypt::hash(text(arguments, 0), cost).ok()) {
        Some(hash) => Ok(hash.into()),
        None => fail_argument(1, format!("cost {cost} is outside allowed range (4,31)")),
    }
}

fn uuid_of_name(arguments: &[Value]) -> Outcome {
    let namespace = match text(arguments, 0) {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => match Uuid::parse_str(other) {
            Ok(namespace) => namespace,
            Err(_) => return super::signature::fail(format!("uuidv5() doesn't support namespace {other}")),
        },
    };
    Ok(Uuid::new_v5(&namespace, text(arguments, 1).as_bytes()).to_string().into())
}

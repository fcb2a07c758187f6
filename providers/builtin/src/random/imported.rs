//! What the id of an import tells of an object that was drawn elsewhere.

use super::{hashed, hex, id_forms};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use windlass_api::{Error, ErrorKind, Value};

type Attributes = Result<Vec<(&'static str, Value)>, Error>;

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Invalid, message)
}

fn count(number: usize) -> Value {
    Value::int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The bytes in base64.
pub(super) fn bytes(id: &str) -> Attributes {
    let bytes = STANDARD.decode(id).map_err(|error| wrong(format!("the id must be the bytes in base64: {error}")))?;
    Ok(vec![("base64", id.into()), ("hex", hex(&bytes).into()), ("length", count(bytes.len()))])
}

/// `B64URL` or `PREFIX,B64URL`.
pub(super) fn id(id: &str) -> Attributes {
    let (prefix, text) = id.split_once(',').map_or((None, id), |(prefix, text)| (Some(prefix), text));
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|error| wrong(format!("the id must be \"B64URL\" or \"PREFIX,B64URL\": {error}")))?;
    let mut fields = id_forms(&bytes, prefix.unwrap_or_default()).to_vec();
    fields.push(("byte_length", count(bytes.len())));
    fields.extend(prefix.map(|prefix| ("prefix", Value::string(prefix))));
    Ok(fields)
}

/// `RESULT,MIN,MAX` or `RESULT,MIN,MAX,SEED`.
pub(super) fn integer(id: &str) -> Attributes {
    let form = || wrong(format!("the id must be \"RESULT,MIN,MAX\" or \"RESULT,MIN,MAX,SEED\", not {id:?}"));
    let parts: Vec<&str> = id.split(',').collect();
    let (numbers, seed) = match parts.as_slice() {
        [numbers @ .., seed] if numbers.len() == 3 => (numbers, Some(*seed)),
        numbers if numbers.len() == 3 => (numbers, None),
        _ => return Err(form()),
    };
    let mut fields = vec![("id", numbers[0].into())];
    for (name, number) in ["result", "min", "max"].into_iter().zip(numbers) {
        fields.push((name, Value::int(number.trim().parse().map_err(|_| form())?)));
    }
    fields.extend(seed.map(|seed| ("seed", Value::string(seed))));
    Ok(fields)
}

fn text(drawn: &str) -> Vec<(&'static str, Value)> {
    let mut fields = vec![("result", Value::string(drawn)), ("length", count(drawn.chars().count()))];
    fields.extend(["special", "upper", "lower", "numeric", "number"].map(|name| (name, Value::bool(true))));
    fields.extend(["min_numeric", "min_upper", "min_lower", "min_special"].map(|name| (name, Value::int(0))));
    fields
}

/// The text itself.
pub(super) fn string(id: &str) -> Attributes {
    let mut fields = text(id);
    fields.push(("id", id.into()));
    Ok(fields)
}

/// The password itself, which must not stand in the id that everybody sees.
pub(super) fn password(id: &str) -> Attributes {
    let mut fields = text(id);
    fields.extend([("id", "none".into()), ("bcrypt_hash", hashed(id)?.into())]);
    Ok(fields)
}

/// The UUID.
pub(super) fn uuid(id: &str) -> Attributes {
    let parsed = uuid::Uuid::parse_str(id).map_err(|error| wrong(format!("the id must be a UUID: {error}")))?;
    let shown = parsed.hyphenated().to_string();
    Ok(vec![("id", shown.as_str().into()), ("result", shown.as_str().into())])
}

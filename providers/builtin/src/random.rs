//! The types of the `random` provider. Everything is drawn once, when the object is made, and replaced when an argument changes.
//!
//! A `seed` makes `random_integer` and `random_shuffle` repeatable within Windlass; the numbers are not those that Terraform's
//! provider draws from the same seed.

mod imported;

use crate::local::{EphemeralType, LocalType};
use crate::{pet, text};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand::seq::SliceRandom;
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha12Rng;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::Arc;
use windlass_api::{Attribute, Error, ErrorKind, Number, Path, PlanRequest, PlanResponse, Problem, Schema, Type, Value};

/// The cost that Go's bcrypt has by default.
const BCRYPT_COST: u32 = 10;
/// bcrypt ignores what lies beyond.
const BCRYPT_BYTES: usize = 72;

pub(crate) fn local_types() -> Vec<LocalType> {
    vec![bytes(), id(), integer(), password(), pet_name(), shuffle(), string(), uuid()]
}

fn keepers() -> (&'static str, Attribute) {
    let description = "Arbitrary values; a change of one draws anew.";
    ("keepers", Attribute::optional(Type::map(Type::String)).force_new().described(description))
}

fn computed_id() -> (&'static str, Attribute) {
    ("id", Attribute::computed(Type::String))
}

fn required(ty: Type) -> Attribute {
    Attribute::required(ty).force_new()
}

fn optional(ty: Type) -> Attribute {
    Attribute::optional(ty).force_new()
}

/// The object with these attributes, if it is made; else as planned.
fn made<const N: usize>(planned: &Value, prior: Option<&Value>, fields: [(&str, Value); N]) -> Value {
    match prior {
        Some(_) => planned.clone(),
        None => fields.into_iter().fold(planned.clone(), |object, (name, value)| object.with_field(name, value)),
    }
}

/// The source of randomness: by seed where there is one.
fn source(object: &Value) -> ChaCha12Rng {
    match object.get_str("seed").filter(|seed| !seed.is_empty()) {
        Some(seed) => ChaCha12Rng::from_seed(Sha256::digest(seed).into()),
        None => ChaCha12Rng::from_rng(&mut rand::rng()),
    }
}

fn random_bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn problem(name: &str, summary: &str, detail: impl Into<String>) -> Problem {
    Problem { path: Path::of(name), summary: summary.to_owned(), detail: detail.into(), is_warning: false }
}

/// An error where a number is known and below a minimum.
fn at_least(config: &Value, name: &str, minimum: i64) -> Option<Problem> {
    let given = config.get(name)?.as_number()?;
    (*given < Number::Int(minimum))
        .then(|| problem(name, "Invalid Attribute Value", format!("Attribute {name} value must be at least {minimum}, got: {given}")))
}

fn bytes() -> LocalType {
    let schema = Schema::of_attributes([
        keepers(),
        ("length", required(Type::Number).described("Number of bytes.")),
        ("base64", Attribute::computed(Type::String).sensitive()),
        ("hex", Attribute::computed(Type::String).sensitive()),
    ]);
    let mut local = LocalType::new("random_bytes", schema, |planned, prior| {
        let bytes = random_bytes(text::count(planned, "length"));
        Ok(made(planned, prior, [("base64", STANDARD.encode(&bytes).into()), ("hex", hex(&bytes).into())]))
    });
    local.validate = |config| at_least(config, "length", 1).into_iter().collect();
    local.importable(imported::bytes)
}

fn id() -> LocalType {
    let schema = Schema::of_attributes([
        keepers(),
        ("byte_length", required(Type::Number).described("Number of random bytes, at least 1.")),
        ("prefix", optional(Type::String).described("Text before the encoded forms, but for id.")),
        ("b64_std", Attribute::computed(Type::String)),
        ("b64_url", Attribute::computed(Type::String)),
        ("dec", Attribute::computed(Type::String)),
        ("hex", Attribute::computed(Type::String)),
        computed_id(),
    ]);
    let mut local = LocalType::new("random_id", schema, |planned, prior| {
        let bytes = random_bytes(text::count(planned, "byte_length"));
        let prefix = planned.get_str("prefix").unwrap_or_default();
        let fields = id_forms(&bytes, prefix);
        Ok(made(planned, prior, fields))
    });
    local.validate = |config| at_least(config, "byte_length", 1).into_iter().collect();
    local.importable(imported::id)
}

/// The forms of random bytes, each but the id after the prefix.
fn id_forms(bytes: &[u8], prefix: &str) -> [(&'static str, Value); 5] {
    let prefixed = |text: String| Value::string(format!("{prefix}{text}"));
    let url = URL_SAFE_NO_PAD.encode(bytes);
    [
        ("b64_std", prefixed(STANDARD.encode(bytes))),
        ("b64_url", prefixed(url.clone())),
        ("dec", prefixed(decimal(bytes))),
        ("hex", prefixed(hex(bytes))),
        ("id", url.into()),
    ]
}

/// Big-endian bytes as a decimal number.
fn decimal(bytes: &[u8]) -> String {
    let mut digits: Vec<u8> = vec![0];
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) * 256;
            *digit = (carry % 10) as u8;
            carry /= 10;
        }
        while carry > 0 {
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
    }
    digits.iter().rev().map(|digit| char::from(b'0' + digit)).collect()
}

fn integer() -> LocalType {
    let schema = Schema::of_attributes([
        keepers(),
        ("min", required(Type::Number).described("The least number.")),
        ("max", required(Type::Number).described("The greatest number.")),
        ("seed", optional(Type::String).described("Makes the draw repeatable.")),
        ("result", Attribute::computed(Type::Number)),
        computed_id(),
    ]);
    let mut local = LocalType::new("random_integer", schema, |planned, prior| {
        let bound = |name: &str| {
            planned
                .get(name)
                .and_then(Value::as_i64)
                .ok_or_else(|| Error::new(ErrorKind::Invalid, format!("{name} must be a whole number of 64 bits")))
        };
        let (minimum, maximum) = (bound("min")?, bound("max")?);
        if minimum > maximum {
            return Err(Error::new(ErrorKind::Invalid, ORDER));
        }
        let drawn = source(planned).random_range(minimum..=maximum);
        Ok(made(planned, prior, [("result", Value::int(drawn)), ("id", drawn.to_string().into())]))
    });
    local.validate = |config| {
        let number = |name: &str| config.get(name).and_then(Value::as_number);
        match (number("min"), number("max")) {
            (Some(minimum), Some(maximum)) if minimum > maximum => vec![problem("min", "Create Random Integer Error", ORDER)],
            _ => Vec::new(),
        }
    };
    local.importable(imported::integer)
}

const ORDER: &str = "The minimum (min) value needs to be smaller than or equal to maximum (max) value.";

fn text_schema() -> Schema {
    let kind = |what: &str| optional(Type::Bool).with_default(true).described(&format!("Include {what}. Default is true."));
    let minimum = |what: &str| optional(Type::Number).with_default(0).described(&format!("Least number of {what}. Default is 0."));
    let numeric = || optional(Type::Bool).or_computed();
    Schema::of_attributes([
        keepers(),
        ("length", required(Type::Number).described("Number of characters, at least 1.")),
        ("special", kind("special characters")),
        ("upper", kind("upper-case letters")),
        ("lower", kind("lower-case letters")),
        ("numeric", numeric().described("Include digits. Default is true.")),
        ("number", Attribute { deprecated: Some("**NOTE**: This is deprecated, use `numeric` instead.".into()), ..numeric() }),
        ("min_numeric", minimum("digits")),
        ("min_upper", minimum("upper-case letters")),
        ("min_lower", minimum("lower-case letters")),
        ("min_special", minimum("special characters")),
        ("override_special", optional(Type::String).described("Special characters to use instead of the default ones.")),
        ("result", Attribute::computed(Type::String)),
        computed_id(),
    ])
}

fn validate_text(config: &Value) -> Vec<Problem> {
    let mut found: Vec<Problem> = at_least(config, "length", 1).into_iter().collect();
    let minimums: usize = ["min_upper", "min_lower", "min_numeric", "min_special"].map(|name| text::count(config, name)).iter().sum();
    if config.get("length").is_some_and(|length| length.as_number().is_some()) && text::count(config, "length") < minimums {
        let detail =
            format!("Attribute length value must be at least the sum of min_upper, min_lower, min_numeric and min_special, {minimums}");
        found.push(problem("length", "Invalid Attribute Value", detail));
    }
    found
}

/// `numeric` and its old name `number` follow each other; both are true where neither is set.
fn plan_text(request: &PlanRequest<'_>, mut response: PlanResponse) -> PlanResponse {
    let set = |name: &str| request.config.get(name).filter(|value| !value.is_null()).cloned();
    let numeric = set("numeric").or_else(|| set("number")).unwrap_or_else(|| Value::bool(true));
    for name in ["numeric", "number"] {
        if set(name).is_none() {
            response.planned = response.planned.with_field(name, numeric.clone());
        }
        let path = Path::of(name);
        let changes = request.prior.and_then(|prior| prior.get(name)).is_some_and(|before| !before.is_null() && *before != numeric);
        if changes && !response.requires_replace.contains(&path) {
            response.requires_replace.push(path);
        }
    }
    response
}

fn string() -> LocalType {
    let schema = Schema { version: 2, ..text_schema() };
    let mut local = LocalType::new("random_string", schema, |planned, prior| {
        let drawn = text::draw(planned)?;
        Ok(made(planned, prior, [("result", drawn.as_str().into()), ("id", drawn.as_str().into())]))
    });
    local.validate = validate_text;
    local.plan = plan_text;
    local.importable(imported::string)
}

/// The bcrypt hash of a password.
fn hashed(password: &str) -> Result<String, Error> {
    bcrypt::hash(&password.as_bytes()[..password.len().min(BCRYPT_BYTES)], BCRYPT_COST)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("cannot hash the password: {error}")))
}

fn password() -> LocalType {
    let mut schema = Schema { version: 3, ..text_schema() };
    let secret = || Attribute::computed(Type::String).sensitive();
    schema.block.attributes.insert("result".into(), secret());
    schema.block.attributes.insert("bcrypt_hash".into(), secret());
    let mut local = LocalType::new("random_password", schema, |planned, prior| {
        if prior.is_some() {
            return Ok(planned.clone());
        }
        let drawn = text::draw(planned)?;
        let hashed = hashed(&drawn)?;
        Ok(made(planned, prior, [("result", drawn.into()), ("bcrypt_hash", hashed.into()), ("id", "none".into())]))
    });
    local.validate = validate_text;
    local.plan = plan_text;
    local.importable(imported::password)
}

/// The password without a state: drawn anew each time it is opened.
pub(crate) fn ephemeral_types() -> Vec<EphemeralType> {
    let mut schema = text_schema();
    for name in ["keepers", "number", "id"] {
        schema.block.attributes.remove(name);
    }
    for attribute in schema.block.attributes.values_mut() {
        attribute.force_new = false;
    }
    let secret = || Attribute::computed(Type::String).sensitive();
    schema
        .block
        .attributes
        .insert("numeric".into(), Attribute::optional(Type::Bool).with_default(true).described("Include digits. Default is true."));
    schema.block.attributes.insert("result".into(), secret());
    schema.block.attributes.insert("bcrypt_hash".into(), secret());
    vec![EphemeralType {
        name: "random_password",
        schema: Arc::new(schema),
        validate: validate_text,
        open: |config| {
            let schema = &ephemeral_types()[0].schema;
            let object = windlass_api::schema::with_defaults(&schema.block, config);
            let drawn = text::draw(&object)?;
            let hashed = hashed(&drawn)?;
            Ok(object.with_field("result", drawn.into()).with_field("bcrypt_hash", hashed.into()))
        },
    }]
}

fn pet_name() -> LocalType {
    let schema = Schema::of_attributes([
        keepers(),
        ("length", optional(Type::Number).with_default(2).described("Number of words. Default is 2.")),
        ("prefix", optional(Type::String).described("Text before the name.")),
        ("separator", optional(Type::String).with_default("-").described("Text between words. Default is \"-\".")),
        computed_id(),
    ]);
    LocalType::new("random_pet", schema, |planned, prior| {
        let separator = planned.get_str("separator").unwrap_or("-");
        let name = pet::name(text::count(planned, "length"), separator, &mut rand::rng());
        let name = match planned.get_str("prefix").filter(|prefix| !prefix.is_empty()) {
            Some(prefix) => format!("{prefix}{separator}{name}"),
            None => name,
        };
        Ok(made(planned, prior, [("id", name.into())]))
    })
}

fn shuffle() -> LocalType {
    let texts = || Type::list(Type::String);
    let schema = Schema::of_attributes([
        keepers(),
        ("input", required(texts()).described("What to shuffle.")),
        ("result_count", optional(Type::Number).described("Number of results; beyond the input's length, the input is dealt again.")),
        ("seed", optional(Type::String).described("Makes the draw repeatable.")),
        ("result", Attribute::computed(texts())),
        computed_id(),
    ]);
    LocalType::new("random_shuffle", schema, |planned, prior| {
        let input = planned.get("input").and_then(Value::elements).unwrap_or_default();
        let wanted =
            planned.get("result_count").filter(|count| !count.is_null()).map_or(input.len(), |_| text::count(planned, "result_count"));
        let mut random = source(planned);
        let mut drawn = Vec::with_capacity(wanted);
        while drawn.len() < wanted && !input.is_empty() {
            let mut round = input.to_vec();
            round.shuffle(&mut random);
            drawn.extend(round.into_iter().take(wanted - drawn.len()));
        }
        Ok(made(planned, prior, [("result", Value::list(Type::String, drawn)), ("id", "-".into())]))
    })
}

fn uuid() -> LocalType {
    let schema = Schema::of_attributes([keepers(), ("result", Attribute::computed(Type::String)), computed_id()]);
    LocalType::new("random_uuid", schema, |planned, prior| {
        let drawn = uuid::Uuid::new_v4().to_string();
        Ok(made(planned, prior, [("result", drawn.as_str().into()), ("id", drawn.as_str().into())]))
    })
    .importable(imported::uuid)
}

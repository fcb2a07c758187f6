//! Base64.

use super::signature::{Accepts, Function, Outcome, Returns, fail, parameter, pure, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{Read, Write};
use windlass_api::Value;

const STRING: Returns = Returns::Always(Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    pure("base64encode", &[parameter("str", Accepts::String)], STRING, |arguments| Ok(STANDARD.encode(text(arguments, 0)).into())),
    pure("base64decode", &[parameter("str", Accepts::String)], STRING, decode),
    // What deflate yields is not laid down: the bytes differ from Terraform's, their content does not.
    pure("base64gzip", &[parameter("str", Accepts::String)], STRING, gzip),
    pure("base64gunzip", &[parameter("str", Accepts::String)], STRING, gunzip),
];

fn decode(arguments: &[Value]) -> Outcome {
    // Ends of lines may stand between the digits.
    let digits: String = text(arguments, 0).chars().filter(|character| !matches!(character, '\r' | '\n')).collect();
    let Ok(bytes) = STANDARD.decode(digits) else {
        // Without the text, which may be sensitive.
        return fail("failed to decode base64 data");
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(_) => fail("the result of decoding the provided string is not valid UTF-8"),
    }
}

fn gzip(arguments: &[Value]) -> Outcome {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    match encoder.write_all(text(arguments, 0).as_bytes()).and_then(|()| encoder.finish()) {
        Ok(bytes) => Ok(STANDARD.encode(bytes).into()),
        Err(error) => fail(error.to_string()),
    }
}

/// More than this is a bomb, not a text.
const UNPACKED_BYTES_MAX: u64 = 64 << 20;

fn gunzip(arguments: &[Value]) -> Outcome {
    let Ok(bytes) = STANDARD.decode(text(arguments, 0)) else { return fail("failed to decode base64 data") };
    let mut unpacked = Vec::new();
    match GzDecoder::new(&*bytes).take(UNPACKED_BYTES_MAX + 1).read_to_end(&mut unpacked) {
        Ok(_) if unpacked.len() as u64 > UNPACKED_BYTES_MAX => fail("the unpacked data is larger than 64 MiB"),
        Ok(_) => match String::from_utf8(unpacked) {
            Ok(text) => Ok(text.into()),
            Err(_) => fail("the result of decompressing the provided data is not valid UTF-8"),
        },
        Err(error) => fail(format!("failed to decompress gzip data: {error}")),
    }
}

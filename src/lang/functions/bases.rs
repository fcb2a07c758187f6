//! Base64.

use super::signature::{Accepts, Function, Outcome, Returns, fail, parameter, pure, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use windlass_api::Value;

const STRING: Returns = Returns::Always(Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    pure("base64encode", &[parameter("str", Accepts::String)], STRING, |arguments| Ok(STANDARD.encode(text(arguments, 0)).into())),
    pure("base64decode", &[parameter("str", Accepts::String)], STRING, decode),
    // What deflate yields is not laid down: the bytes differ from Terraform's, their content does not.
    pure("base64gzip", &[parameter("str", Accepts::String)], STRING, gzip),
];

fn decode(arguments: &[Value]) -> Outcome {
    let Ok(bytes) = STANDARD.decode(text(arguments, 0)) else {
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

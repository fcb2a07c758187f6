//! Texts in other encodings than UTF-8, by their IANA names.

use super::signature::{Accepts, Function, Outcome, Returns, fail_argument, parameter, pure, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::Encoding;

const STRING: Returns = Returns::Always(Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    pure("textencodebase64", &[parameter("string", Accepts::String), parameter("encoding", Accepts::String)], STRING, |arguments| {
        let coding = coding(text(arguments, 1))?;
        match coding.encode(text(arguments, 0)) {
            Some(bytes) => Ok(STANDARD.encode(bytes).into()),
            None => fail_argument(0, format!("the given string contains characters that cannot be represented in {}", coding.name)),
        }
    }),
    pure("textdecodebase64", &[parameter("source", Accepts::String), parameter("encoding", Accepts::String)], STRING, decode),
];

fn decode(arguments: &[windlass_api::Value]) -> Outcome {
    let coding = coding(text(arguments, 1))?;
    let bytes = match STANDARD.decode(text(arguments, 0)) {
        Ok(bytes) => bytes,
        Err(base64::DecodeError::InvalidByte(offset, _) | base64::DecodeError::InvalidLastSymbol(offset, _)) => {
            return fail_argument(0, format!("the given value is has an invalid base64 symbol at offset {offset}"));
        }
        Err(_) => {
            let offset = text(arguments, 0).trim_end_matches('=').len();
            return fail_argument(0, format!("the given value is has an invalid base64 symbol at offset {offset}"));
        }
    };
    match coding.decode(&bytes) {
        Some(decoded) => Ok(decoded.into()),
        None => fail_argument(0, format!("the given string contains symbols that are not defined for {}", coding.name)),
    }
}

/// How the characters of an encoding are found.
enum Kind {
    /// Each character is one byte, its number; the first so many are defined.
    Bytes(u32),
    /// Two bytes a unit; whether the higher comes first, and whether a byte order mark stands before the text.
    Utf16 { big: bool, marked: bool },
    /// By a table of the library.
    Table(&'static Encoding),
}

struct Coding {
    name: String,
    kind: Kind,
}

/// IANA names are compared without regard to case.
fn coding(name: &str) -> Result<Coding, super::FunctionError> {
    let upper = name.to_ascii_uppercase();
    let utf16 = |big, marked| Kind::Utf16 { big, marked };
    let (canonical, kind) = match upper.as_str() {
        "US-ASCII" | "ANSI_X3.4-1968" | "ISO646-US" | "US" | "ISO_646.IRV:1991" => ("US-ASCII".to_owned(), Kind::Bytes(0x80)),
        "ISO-8859-1" | "ISO_8859-1" | "ISO_8859-1:1987" | "LATIN1" | "L1" | "IBM819" | "CP819" => {
            ("ISO_8859-1:1987".to_owned(), Kind::Bytes(0x100))
        }
        "UTF-16LE" => (upper.clone(), utf16(false, false)),
        "UTF-16BE" => (upper.clone(), utf16(true, false)),
        "UTF-16" => (upper.clone(), utf16(true, true)),
        _ => match table(&upper) {
            Some(table) => (table.name().to_owned(), Kind::Table(table)),
            None => return fail_argument(1, format!("{name:?} is not a supported IANA encoding name or alias in this Terraform version")),
        },
    };
    Ok(Coding { name: canonical, kind })
}

/// The library follows the names of the web; some of these IANA gives to no encoding.
fn table(upper: &str) -> Option<&'static Encoding> {
    const OF_THE_WEB_ONLY: [&str; 21] = [
        "UTF8",
        "UNICODE-1-1-UTF-8",
        "UNICODE11UTF8",
        "UNICODE20UTF8",
        "X-UNICODE20UTF8",
        "SJIS",
        "X-SJIS",
        "MS932",
        "WINDOWS-949",
        "X-X-BIG5",
        "X-GBK",
        "X-EUC-JP",
        "X-MAC-ROMAN",
        "X-CP1252",
        "X-CP1251",
        "X-CP1250",
        "CP1252",
        "CP1251",
        "CP1250",
        "KOI",
        "ASCII",
    ];
    let table = Encoding::for_label(upper.as_bytes())?;
    (!OF_THE_WEB_ONLY.contains(&upper) && table.output_encoding() == table && table != encoding_rs::X_USER_DEFINED).then_some(table)
}

impl Coding {
    fn encode(&self, text: &str) -> Option<Vec<u8>> {
        match self.kind {
            Kind::Bytes(count) => {
                text.chars().map(|character| u8::try_from(u32::from(character)).ok().filter(|byte| u32::from(*byte) < count)).collect()
            }
            Kind::Utf16 { big, marked } => {
                let mark = marked.then_some(0xfeff);
                let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
                Some(mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect())
            }
            Kind::Table(table) => {
                let (bytes, _, lost) = table.encode(text);
                (!lost).then(|| bytes.into_owned())
            }
        }
    }

    fn decode(&self, bytes: &[u8]) -> Option<String> {
        let decoded = match self.kind {
            Kind::Bytes(count) => bytes.iter().map(|byte| Some(char::from(*byte)).filter(|_| u32::from(*byte) < count)).collect(),
            Kind::Utf16 { big, marked } => decode_utf16(bytes, big, marked),
            Kind::Table(table) => table.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned),
        };
        let decoded = decoded.filter(|text: &String| !self.name.starts_with("ISO-8859-") || !text.contains(is_control));
        // An undefined symbol and one that says so can't be told apart by Terraform either.
        decoded.filter(|text| !text.contains(char::REPLACEMENT_CHARACTER))
    }
}

fn decode_utf16(bytes: &[u8], big: bool, marked: bool) -> Option<String> {
    let (bytes, big) = match bytes {
        [0xfe, 0xff, rest @ ..] if marked => (rest, true),
        [0xff, 0xfe, rest @ ..] if marked => (rest, false),
        _ => (bytes, big),
    };
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let units: Vec<u16> =
        pairs.map(|pair| if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) }).collect();
    String::from_utf16(&units).ok()
}

/// Controls that the parts of ISO 8859 do not define.
fn is_control(character: char) -> bool {
    matches!(character, '\u{80}'..='\u{9f}')
}

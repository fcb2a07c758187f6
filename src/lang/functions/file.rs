//! Files and paths. What is read comes from the scope, which may not have it yet: then the result is unknown.

use super::digest::hex;
use super::signature::{Accepts, Function, FunctionError, Outcome, Returns, fail, fail_argument, parameter, pure, scoped, text};
use crate::lang::evaluate::Evaluator;
use crate::lang::{FileAnswer, FileQuestion};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use windlass_api::{Type, Value};

const STRING: Returns = Returns::Always(Accepts::String);
const PATH: &[super::Parameter] = &[parameter("path", Accepts::String)];

pub(super) const FUNCTIONS: &[Function] = &[
    scoped("abspath", PATH, STRING, |evaluator, arguments| path(evaluator, FileQuestion::Absolute(text(arguments, 0).into()))),
    scoped("pathexpand", PATH, STRING, |evaluator, arguments| path(evaluator, FileQuestion::Expanded(text(arguments, 0).into()))),
    pure("basename", PATH, STRING, |arguments| Ok(base_name(text(arguments, 0)).into())),
    pure("dirname", PATH, STRING, |arguments| Ok(folder_name(text(arguments, 0)).into())),
    scoped("file", PATH, STRING, |evaluator, arguments| {
        with_bytes(evaluator, arguments, |bytes| utf8(arguments, bytes).map(Value::string))
    }),
    scoped("filebase64", PATH, STRING, |evaluator, arguments| with_bytes(evaluator, arguments, |bytes| Ok(STANDARD.encode(bytes).into()))),
    scoped("filemd5", PATH, STRING, |evaluator, arguments| with_bytes(evaluator, arguments, |bytes| Ok(hex(&Md5::digest(bytes)).into()))),
    scoped("filesha1", PATH, STRING, |evaluator, arguments| with_bytes(evaluator, arguments, |bytes| Ok(hex(&Sha1::digest(bytes)).into()))),
    scoped("filesha256", PATH, STRING, |evaluator, arguments| {
        with_bytes(evaluator, arguments, |bytes| Ok(hex(&Sha256::digest(bytes)).into()))
    }),
    scoped("filesha512", PATH, STRING, |evaluator, arguments| {
        with_bytes(evaluator, arguments, |bytes| Ok(hex(&Sha512::digest(bytes)).into()))
    }),
    scoped("filebase64sha256", PATH, STRING, |evaluator, arguments| {
        with_bytes(evaluator, arguments, |bytes| Ok(STANDARD.encode(Sha256::digest(bytes)).into()))
    }),
    scoped("filebase64sha512", PATH, STRING, |evaluator, arguments| {
        with_bytes(evaluator, arguments, |bytes| Ok(STANDARD.encode(Sha512::digest(bytes)).into()))
    }),
    scoped("fileexists", PATH, Returns::Always(Accepts::Bool), exists),
    scoped(
        "fileset",
        &[parameter("path", Accepts::String), parameter("pattern", Accepts::String)],
        Returns::Always(Accepts::SetOfString),
        matching,
    ),
];

/// Why the scope's answer is no result.
pub(super) fn refused(name: &str, answer: FileAnswer) -> FunctionError {
    let message = match answer {
        FileAnswer::Failed(reason) if reason.contains("No such file") || reason.contains("not found") => format!(
            "no file exists at {name:?}; this function works only with files that are distributed as part of the configuration source code, so if this file will be created by a resource in this configuration you must instead obtain this result from an attribute of that resource"
        ),
        FileAnswer::Failed(reason) => format!("failed to read {name:?}: {reason}"),
        _ => format!("failed to read {name:?}"),
    };
    FunctionError { argument: Some(0), message }
}

fn path(evaluator: &mut Evaluator<'_>, question: FileQuestion) -> Outcome {
    match evaluator.scope.file(&question) {
        FileAnswer::Path(path) => Ok(Value::string(path)),
        FileAnswer::Pending => Ok(Value::unknown(Type::String).not_null()),
        FileAnswer::Failed(reason) => fail_argument(0, reason.to_string()),
        _ => fail_argument(0, "the path can't be resolved"),
    }
}

fn with_bytes(evaluator: &mut Evaluator<'_>, arguments: &[Value], result: impl FnOnce(&[u8]) -> Outcome) -> Outcome {
    let name = text(arguments, 0);
    match evaluator.scope.file(&FileQuestion::Content(name.into())) {
        FileAnswer::Content(bytes) => result(&bytes),
        FileAnswer::Pending => Ok(Value::unknown(Type::String).not_null()),
        other => Err(refused(name, other)),
    }
}

pub(super) fn utf8<'a>(arguments: &[Value], bytes: &'a [u8]) -> Result<&'a str, FunctionError> {
    std::str::from_utf8(bytes).map_err(|_| FunctionError {
        argument: Some(0),
        message: format!(
            "contents of {:?} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead",
            text(arguments, 0)
        ),
    })
}

fn exists(evaluator: &mut Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let name = text(arguments, 0);
    match evaluator.scope.file(&FileQuestion::Exists(name.into())) {
        FileAnswer::Exists(exists) => Ok(exists.into()),
        FileAnswer::Pending => Ok(Value::unknown(Type::Bool).not_null()),
        FileAnswer::Failed(reason) => fail_argument(0, reason.to_string()),
        other => Err(refused(name, other)),
    }
}

fn matching(evaluator: &mut Evaluator<'_>, arguments: &[Value]) -> Outcome {
    match evaluator.scope.file(&FileQuestion::Matching(text(arguments, 0).into(), text(arguments, 1).into())) {
        FileAnswer::Paths(paths) => Ok(Value::set(Type::String, paths.iter().map(Value::string).collect())),
        FileAnswer::Pending => Ok(Value::unknown(Type::set(Type::String)).not_null()),
        FileAnswer::Failed(reason) => fail(format!("failed to glob pattern {:?}: {reason}", text(arguments, 1))),
        other => Err(refused(text(arguments, 0), other)),
    }
}

/// Go's `filepath.Base`.
fn base_name(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" if path.is_empty() => ".",
        "" => "/",
        trimmed => trimmed.rsplit('/').next().unwrap_or(trimmed),
    }
}

/// Go's `filepath.Dir`: everything before the last slash, cleaned.
fn folder_name(path: &str) -> String {
    let folder = path.rfind('/').map_or("", |slash| &path[..=slash]);
    let rooted = folder.starts_with('/');
    let mut steps: Vec<&str> = Vec::new();
    for step in folder.split('/') {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => drop(steps.pop()),
            ".." if rooted => {}
            step => steps.push(step),
        }
    }
    match (rooted, steps.is_empty()) {
        (true, _) => format!("/{}", steps.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => steps.join("/"),
    }
}

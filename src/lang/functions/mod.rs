//! The functions of the language, one file a family.
//!
//! Each file has a table of [`Function`]s. What an argument may be (null, unknown, marked) is declared there and handled in one
//! place, [`Function::invoke`]; the functions themselves see plain known values unless they ask for more.

mod assume;
mod bases;
mod collection;
mod combine;
mod conversion;
mod digest;
mod encoding;
mod file;
mod format;
mod format_list;
mod network;
mod number;
mod registry;
mod regular;
mod rsa;
mod set;
mod signature;
mod string;
mod template;
mod terraform_provider;
mod text_encoding;
mod time;
mod time_format;
mod wire;
mod yaml;
mod yaml_decode;
mod yaml_encode;

pub(super) use registry::{all, find, names, of_provider};
pub(super) use signature::{Function, FunctionError, Parameter};

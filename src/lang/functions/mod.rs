//! The functions of the language, one file a family.
//!
//! Each file has a table of [`Function`]s. What an argument may be (null, unknown, marked) is declared there and handled in one
//! place, [`Function::invoke`]; the functions themselves see plain known values unless they ask for more.

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
mod set;
mod signature;
mod string;
mod time;
mod time_format;
mod wire;

pub(super) use registry::{NOT_YET, find, names};
pub(super) use signature::{Function, FunctionError, Parameter};

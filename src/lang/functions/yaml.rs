//! YAML.

use super::signature::{Accepts, Function, FunctionError, Returns, parameter, pure, text};
use super::{yaml_decode, yaml_encode};
use windlass_api::Type;

pub(super) const FUNCTIONS: &[Function] = &[
    pure("yamlencode", &[parameter("value", Accepts::Any).nullable()], Returns::Always(Accepts::String), |arguments| {
        Ok(yaml_encode::encode(&arguments[0]).into())
    }),
    pure("yamldecode", &[parameter("src", Accepts::String)], Returns::By(|_| Type::Dynamic), |arguments| {
        yaml_decode::decode(text(arguments, 0)).map_err(|message| FunctionError { argument: None, message })
    }),
];

//! The back end `oss`, of Alibaba Cloud.

use super::contract::BackendError;
use super::make::Surroundings;
use super::objects::{Manner, Naming, ObjectBackend, around, bucket_name};
use crate::bucket::{Access, Arguments, Keys, Place, Secret, Service};
use windlass_api::Value;

const TABLE: &str =
    "Windlass locks a state by an object beside it. Terraform does not heed that lock: let only one of both work on a state.";
const CREDENTIALS: &str = "Name keys by access_key and secret_key, or by the variables ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY.";

/// Arguments that can't be honoured, and what to do instead.
const REFUSED: &[(&str, &str)] = &[
    ("tablestore_table", TABLE),
    ("tablestore_endpoint", TABLE),
    ("tablestore_instance_name", TABLE),
    ("ecs_role_name", "The role of the machine is found where nothing else is named."),
    ("profile", CREDENTIALS),
    ("shared_credentials_file", CREDENTIALS),
    ("sts_endpoint", CREDENTIALS),
    ("assume_role_role_arn", CREDENTIALS),
    ("assume_role_session_name", CREDENTIALS),
    ("assume_role_policy", CREDENTIALS),
    ("assume_role_session_expiration", CREDENTIALS),
];

/// The back end with what its block says.
///
/// # Errors
/// An argument is missing or wrong, or can't be honoured.
pub(super) fn make(config: &Value, surroundings: &Surroundings) -> Result<ObjectBackend, BackendError> {
    let arguments = Arguments { config, variables: &surroundings.variables };
    arguments.refuse(REFUSED)?;
    let prefix = config.get_str("prefix").unwrap_or("env:").to_owned();
    if prefix.starts_with('/') || prefix.starts_with("./") {
        return Err(BackendError::argument("prefix", "it must not begin with \"/\" or \"./\"."));
    }
    let key = arguments.text("key").unwrap_or_else(|| "terraform.tfstate".to_owned());
    if key.starts_with('/') || key.ends_with('/') {
        return Err(BackendError::argument("key", "it must not begin or end with \"/\"."));
    }
    let mut place = Place::new(Service::Oss, bucket_name(&arguments)?);
    place.region = arguments.text_or("region", &["ALICLOUD_REGION", "ALICLOUD_DEFAULT_REGION"]);
    place.endpoint = arguments.text_or("endpoint", &["ALICLOUD_OSS_ENDPOINT", "OSS_ENDPOINT"]);
    let keys = match (arguments.text("access_key"), arguments.text("secret_key")) {
        (Some(id), Some(secret)) => Some(Keys { id, secret: Secret(secret), token: arguments.text("security_token").map(Secret) }),
        (None, None) => None,
        (Some(_), None) => return Err(BackendError::argument("secret_key", "it must be set, because \"access_key\" is.")),
        (None, Some(_)) => return Err(BackendError::argument("access_key", "it must be set, because \"secret_key\" is.")),
    };
    place.access = Access { keys, ..Access::default() };
    let mut manner = Manner { is_locked: true, ..Manner::default() };
    manner.write_headers.extend(arguments.text("acl").map(|acl| ("x-oss-object-acl".to_owned(), acl)));
    if arguments.flag("encrypt") == Some(true) {
        manner.write_headers.push(("x-oss-server-side-encryption".to_owned(), "AES256".to_owned()));
    }
    ObjectBackend::new("oss", &place, &around(surroundings, &[]), Naming::Oss { prefix, key }, manner, surroundings.effects.clone())
}

//! Arguments of a back end that come as a value, as `terraform_remote_state` has them.

use super::schemas::{is_known, is_removed, schema};
use windlass_api::value::convert;
use windlass_api::{Type, Value};

/// A back end's arguments from an object that names some of them; null stands for none.
///
/// # Errors
/// Which of `backend` and `config` is wrong, and why, in Terraform's words.
pub fn arguments(kind: &str, given: &Value) -> Result<Value, (&'static str, String)> {
    let Some(schema) = schema(kind) else {
        return Err((
            "backend",
            match kind {
                kind if is_removed(kind) => format!("The {kind:?} backend is not supported in Terraform v1.3 or later."),
                kind if is_known(kind) => format!("Terraform has a back end {kind:?}, but this build of Windlass has not."),
                kind => format!("There is no backend type named {kind:?}."),
            },
        ));
    };
    let wrong = |what: String| ("config", format!("The given configuration is not valid for backend {kind:?}: {what}."));
    if given.is_null() {
        return Ok(schema.null_config());
    }
    let given = given.unmarked_deep();
    let given = match given.ty() {
        Type::Map(_) | Type::Object(_) => given,
        _ => return Err(wrong("an object is required".to_owned())),
    };
    let fields = given.fields().cloned().unwrap_or_default();
    if let Some(name) = fields.keys().find(|name| !schema.attributes.contains_key(*name)) {
        return Err(wrong(format!("unexpected attribute {:?}", &**name)));
    }
    let mut config = schema.null_config();
    for (name, attribute) in &schema.attributes {
        match fields.get(name).filter(|value| !value.is_null()) {
            Some(value) => {
                let value = convert(value, &attribute.ty).map_err(|error| wrong(format!(".{name}: {error}")))?;
                config = config.with_field(name, value);
            }
            None if attribute.required => return Err(wrong(format!("attribute {:?} is required", &**name))),
            None => {}
        }
    }
    Ok(config)
}

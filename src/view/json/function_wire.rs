//! `metadata functions -json`, in Terraform's form.

use crate::lang::{ParameterSignature, Signature};
use serde_json::{Map, Value as Json, json};
use windlass_api::value::wire::type_to_json;

/// All functions by name.
pub fn functions(signatures: &[Signature]) -> Json {
    let all: Map<String, Json> = signatures.iter().map(|signature| (signature.name.clone(), function(signature))).collect();
    json!({ "format_version": "1.0", "function_signatures": all })
}

fn function(signature: &Signature) -> Json {
    let mut out = Map::new();
    out.insert("return_type".to_owned(), type_to_json(&signature.returns));
    if !signature.parameters.is_empty() {
        out.insert("parameters".to_owned(), signature.parameters.iter().map(parameter).collect());
    }
    if let Some(rest) = &signature.rest {
        out.insert("variadic_parameter".to_owned(), parameter(rest));
    }
    Json::Object(out)
}

fn parameter(parameter: &ParameterSignature) -> Json {
    let mut out = Map::new();
    out.insert("name".to_owned(), parameter.name.into());
    if parameter.is_nullable {
        out.insert("is_nullable".to_owned(), true.into());
    }
    out.insert("type".to_owned(), type_to_json(&parameter.ty));
    Json::Object(out)
}

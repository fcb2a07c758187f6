//! What functions there are, for tools that complete and check.

use super::functions::{self, Function, Parameter};
use windlass_api::Type;

/// What a function takes and returns.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// Its name.
    pub name: String,
    /// What it must be given.
    pub parameters: Vec<ParameterSignature>,
    /// What it may be given any number of besides.
    pub rest: Option<ParameterSignature>,
    /// What it returns; of no type where that depends on the arguments.
    pub returns: Type,
}

/// What an argument may be.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterSignature {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: Type,
    /// Whether it may be null.
    pub is_nullable: bool,
}

/// All functions by name; each also under `core::`.
pub fn signatures() -> Vec<Signature> {
    let any = |name| ParameterSignature { name, ty: Type::Dynamic, is_nullable: false };
    let mut found: Vec<Signature> = functions::all().map(signature).collect();
    found.push(Signature { name: "try".into(), parameters: Vec::new(), rest: Some(any("expressions")), returns: Type::Dynamic });
    found.push(Signature { name: "can".into(), parameters: vec![any("expression")], rest: None, returns: Type::Bool });
    let value = ParameterSignature { is_nullable: true, ..any("value") };
    found.push(Signature { name: "convert".into(), parameters: vec![value, any("type")], rest: None, returns: Type::Dynamic });
    let core = found.iter().map(|one| Signature { name: format!("core::{}", one.name), ..one.clone() });
    let mut all: Vec<Signature> = core.collect();
    all.extend(found);
    all.sort_by(|one, two| one.name.cmp(&two.name));
    all
}

fn signature(function: &'static Function) -> Signature {
    Signature {
        name: function.name.to_owned(),
        parameters: function.parameters.iter().map(parameter).collect(),
        rest: function.rest.as_ref().map(parameter),
        returns: function.return_type(),
    }
}

fn parameter(parameter: &Parameter) -> ParameterSignature {
    ParameterSignature { name: parameter.name, ty: parameter.accepts.ty(), is_nullable: parameter.nullable }
}

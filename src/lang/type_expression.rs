//! Type constraints: `list(string)`, `object({ a = optional(number, 3) })`.

use super::constant::constant;
use super::defaults::{Defaults, convert_with};
use crate::diagnostic::{Diagnostic, Diagnostics, Range, nearest};
use crate::syntax::ast::{Call, Expression, ExpressionKind, ObjectItem};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use windlass_api::{ObjectType, Type};

const SUMMARY: &str = "Invalid type specification";
const KEYWORDS: [&str; 11] = ["string", "number", "bool", "any", "list", "set", "map", "object", "tuple", "optional", "null"];

/// The type that an expression names, with the defaults in it; of the parts with an error, the dynamic type. Errors are pushed.
pub fn type_constraint(expression: &Expression, diagnostics: &mut Diagnostics) -> (Type, Option<Arc<Defaults>>) {
    let mut defaults = Defaults::default();
    let ty = Reader { diagnostics }.type_of(expression, &mut defaults);
    (ty, (!defaults.is_empty()).then(|| Arc::new(defaults)))
}

struct Reader<'a> {
    diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn error(&mut self, range: Range, summary: &str, detail: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(summary, detail).at(range));
    }

    fn type_of(&mut self, expression: &Expression, defaults: &mut Defaults) -> Type {
        let range = expression.range;
        match &expression.kind {
            ExpressionKind::Variable(name) => self.primitive(name, range),
            ExpressionKind::Call(call) => self.constructor(call, range, defaults),
            ExpressionKind::Parenthesis(inner) => self.type_of(inner, defaults),
            _ => {
                let detail = "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, \
                              like list(string).";
                self.error(range, SUMMARY, detail);
                Type::Dynamic
            }
        }
    }

    fn primitive(&mut self, name: &str, range: Range) -> Type {
        let detail = match name {
            "string" => return Type::String,
            "number" => return Type::Number,
            "bool" => return Type::Bool,
            "any" => return Type::Dynamic,
            "list" | "set" | "map" => format!("The {name} type constructor requires one argument specifying the element type."),
            "object" => "The object type constructor requires one argument specifying the attribute types and values as a map.".to_owned(),
            "tuple" => "The tuple type constructor requires one argument specifying the element types as a list.".to_owned(),
            _ => match nearest(name, KEYWORDS) {
                Some(near) => format!("The keyword {name:?} is not a valid type specification. Did you mean {near:?}?"),
                None => format!("The keyword {name:?} is not a valid type specification."),
            },
        };
        self.error(range, SUMMARY, detail);
        Type::Dynamic
    }

    fn constructor(&mut self, call: &Call, range: Range, defaults: &mut Defaults) -> Type {
        let name = &*call.name.name;
        match (name, call.arguments.as_slice()) {
            ("list" | "set" | "map", [element]) => {
                let mut inside = Defaults::default();
                let element = self.type_of(element, &mut inside);
                defaults.element = (!inside.is_empty()).then(|| Box::new(inside));
                match name {
                    "list" => Type::list(element),
                    "set" => Type::set(element),
                    _ => Type::map(element),
                }
            }
            ("tuple", [Expression { kind: ExpressionKind::Tuple(elements), .. }]) => {
                let mut types = Vec::new();
                for (index, element) in elements.iter().enumerate() {
                    let mut inside = Defaults::default();
                    types.push(self.type_of(element, &mut inside));
                    if !inside.is_empty() {
                        defaults.children.insert(index.to_string().into(), inside);
                    }
                }
                Type::tuple(types)
            }
            ("object", [Expression { kind: ExpressionKind::Object(items), .. }]) => self.object_type(items, defaults),
            ("optional", _) => {
                self.error(range, SUMMARY, "Keyword \"optional\" is valid only as a modifier for object type attributes.");
                Type::Dynamic
            }
            ("string" | "number" | "bool" | "any", _) => {
                self.error(range, SUMMARY, format!("Primitive type keyword {name:?} does not expect arguments."));
                Type::Dynamic
            }
            ("object", [argument, ..]) | ("tuple", [argument, ..]) => {
                let detail = match name {
                    "object" => {
                        "Object type constructor requires a map whose keys are attribute names and whose values are the corresponding attribute types."
                    }
                    _ => "Tuple type constructor requires a list of element types.",
                };
                self.error(argument.range, SUMMARY, detail);
                Type::Dynamic
            }
            ("list" | "set" | "map", _) => {
                self.error(range, SUMMARY, format!("The {name} type constructor requires one argument specifying the element type."));
                Type::Dynamic
            }
            _ => self.primitive(name, call.name.range),
        }
    }

    fn object_type(&mut self, items: &[ObjectItem], defaults: &mut Defaults) -> Type {
        let mut attributes: BTreeMap<Arc<str>, Type> = BTreeMap::new();
        let mut optional = BTreeSet::new();
        for item in items {
            let ExpressionKind::Literal(key) = &item.key.kind else {
                self.error(item.key.range, SUMMARY, "Object constructor map keys must be attribute names.");
                continue;
            };
            let Some(name) = key.as_str().map(Arc::<str>::from) else { continue };
            let width = (item.key.range.end - item.key.range.start) as usize;
            let is_quoted = width == name.len() + 2;
            if is_quoted {
                self.error(item.key.range, SUMMARY, "Object constructor map keys must be attribute names, written without quotes.");
                continue;
            }
            if attributes.contains_key(&name) {
                self.error(item.key.range, SUMMARY, format!("Object constructor map keys must be unique, but {name:?} stands here twice."));
                continue;
            }
            let mut inside = Defaults::default();
            let ty = match &item.value.kind {
                ExpressionKind::Call(call) if &*call.name.name == "optional" => {
                    optional.insert(name.clone());
                    self.optional(call, &name, item.value.range, &mut inside, defaults)
                }
                _ => self.type_of(&item.value, &mut inside),
            };
            if !inside.is_empty() {
                defaults.children.insert(name.clone(), inside);
            }
            attributes.insert(name, ty);
        }
        Type::Object(Arc::new(ObjectType { attributes, optional }))
    }

    fn optional(&mut self, call: &Call, name: &Arc<str>, range: Range, inside: &mut Defaults, defaults: &mut Defaults) -> Type {
        let (constraint, default) = match call.arguments.as_slice() {
            [constraint] => (constraint, None),
            [constraint, default] => (constraint, Some(default)),
            [] => {
                self.error(range, SUMMARY, "Optional attribute modifier requires the attribute type as its argument.");
                return Type::Dynamic;
            }
            [_, _, extra, ..] => {
                let detail = "Optional attribute modifier expects at most two arguments: the attribute type, and a default value.";
                self.error(extra.range, SUMMARY, detail);
                return Type::Dynamic;
            }
        };
        let ty = self.type_of(constraint, inside);
        if let Some(default) = default
            && let Some(value) = constant(default, self.diagnostics)
        {
            match convert_with(Some(inside), &value, &ty) {
                Ok(value) => drop(defaults.attributes.insert(name.clone(), value)),
                Err(error) => {
                    let detail = format!("This default value is not compatible with the attribute's type constraint: {error}.");
                    self.error(default.range, "Invalid default value for optional attribute", detail);
                }
            }
        }
        ty
    }
}

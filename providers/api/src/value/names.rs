//! Types as messages and as the language write them.

use super::{ObjectType, Type};
use std::sync::Arc;

impl Type {
    /// What messages call a value of the type: `string`, `list of string`, `object`, `tuple`, `dynamic`.
    pub fn friendly_name(&self) -> String {
        self.named("dynamic")
    }

    /// What messages call the type where it is a demand: `any type` stands where anything will do.
    pub fn constraint_name(&self) -> String {
        self.named("any type")
    }

    fn named(&self, dynamic: &str) -> String {
        let collection = |kind: &str, element: &Type| match element {
            Type::Dynamic => format!("{kind} of {dynamic}"),
            element => format!("{kind} of {}", element.named(dynamic)),
        };
        match self {
            Type::Dynamic => dynamic.to_owned(),
            Type::String => "string".to_owned(),
            Type::Number => "number".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::List(element) => collection("list", element),
            Type::Set(element) => collection("set", element),
            Type::Map(element) => collection("map", element),
            Type::Tuple(_) => "tuple".to_owned(),
            Type::Object(_) => "object".to_owned(),
        }
    }

    /// The type as a type expression: `list(string)`, `object({a=string,b=optional(number)})`, `any`.
    pub fn type_expression(&self) -> String {
        match self {
            Type::Dynamic => "any".to_owned(),
            Type::String => "string".to_owned(),
            Type::Number => "number".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::List(element) => format!("list({})", element.type_expression()),
            Type::Set(element) => format!("set({})", element.type_expression()),
            Type::Map(element) => format!("map({})", element.type_expression()),
            Type::Tuple(elements) => {
                let elements: Vec<String> = elements.iter().map(Type::type_expression).collect();
                format!("tuple([{}])", elements.join(","))
            }
            Type::Object(object) => {
                let attribute = |(name, ty): (&Arc<str>, &Type)| match object.optional.contains(name) {
                    true => format!("{name}=optional({})", ty.type_expression()),
                    false => format!("{name}={}", ty.type_expression()),
                };
                let attributes: Vec<String> = object.attributes.iter().map(attribute).collect();
                format!("object({{{}}})", attributes.join(","))
            }
        }
    }

    /// Whether any part of it is [`Type::Dynamic`].
    pub fn has_dynamic(&self) -> bool {
        match self {
            Type::Dynamic => true,
            Type::String | Type::Number | Type::Bool => false,
            Type::List(element) | Type::Set(element) | Type::Map(element) => element.has_dynamic(),
            Type::Tuple(elements) => elements.iter().any(Type::has_dynamic),
            Type::Object(object) => object.attributes.values().any(Type::has_dynamic),
        }
    }

    /// Whether it is a string, a number or a truth value.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Type::String | Type::Number | Type::Bool)
    }

    /// Whether it is a list, set or map.
    pub fn is_collection(&self) -> bool {
        self.element().is_some()
    }

    /// The same type with every object attribute required.
    #[must_use]
    pub fn without_optional(&self) -> Type {
        if !self.has_optional() {
            return self.clone();
        }
        match self {
            Type::Dynamic | Type::String | Type::Number | Type::Bool => self.clone(),
            Type::List(element) => Type::list(element.without_optional()),
            Type::Set(element) => Type::set(element.without_optional()),
            Type::Map(element) => Type::map(element.without_optional()),
            Type::Tuple(elements) => Type::Tuple(elements.iter().map(Type::without_optional).collect()),
            Type::Object(object) => {
                Type::object(object.attributes.iter().map(|(name, ty)| (name.clone(), ty.without_optional())).collect())
            }
        }
    }

    fn has_optional(&self) -> bool {
        match self {
            Type::Dynamic | Type::String | Type::Number | Type::Bool => false,
            Type::List(element) | Type::Set(element) | Type::Map(element) => element.has_optional(),
            Type::Tuple(elements) => elements.iter().any(Type::has_optional),
            Type::Object(object) => !object.optional.is_empty() || object.attributes.values().any(Type::has_optional),
        }
    }

    /// Whether values of this type meet a constraint as they are: it is the same but where the constraint is dynamic.
    pub fn may_become(&self, constraint: &Type) -> bool {
        match (self, constraint) {
            (_, Type::Dynamic) => true,
            (Type::List(one), Type::List(two)) | (Type::Set(one), Type::Set(two)) | (Type::Map(one), Type::Map(two)) => one.may_become(two),
            (Type::Tuple(one), Type::Tuple(two)) => {
                one.len() == two.len() && one.iter().zip(two.iter()).all(|(one, two)| one.may_become(two))
            }
            (Type::Object(one), Type::Object(two)) => objects_conform(one, two),
            (one, two) => one == two,
        }
    }
}

fn objects_conform(one: &ObjectType, two: &ObjectType) -> bool {
    one.attributes.len() == two.attributes.len()
        && one.attributes.iter().all(|(name, ty)| two.attributes.get(name).is_some_and(|other| ty.may_become(other)))
}

//! Random expressions of a known type, and random values of their variables.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use std::sync::Arc;
use windlass_api::value::{Data, Refinement};
use windlass_api::{Marks, Type, Value};

/// How much of a variable is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hiding {
    Nothing,
    Value,
    NotNull,
    Type,
    /// Of a collection: its elements, not their number.
    Elements,
    /// Of a collection: its elements, of which it has at least as many and at most one more.
    Length,
}

impl Hiding {
    pub const ALL: [Hiding; 6] = [Hiding::Nothing, Hiding::Value, Hiding::NotNull, Hiding::Type, Hiding::Elements, Hiding::Length];

    pub fn hide(self, value: &Value) -> Value {
        let ty = value.ty().clone();
        let said = |said: Refinement| Value::unknown_refined(ty.clone(), said).with_marks(value.marks_deep());
        match (self, value.data()) {
            (Hiding::Nothing, _) => value.clone(),
            (Hiding::Value, _) => said(Refinement::default()),
            (Hiding::Type, _) => Value::unknown(Type::Dynamic).with_marks(value.marks_deep()),
            (Hiding::Elements, Data::Elements(items)) => {
                let element = items.first().map_or(Type::Dynamic, |item| item.ty().clone());
                Value::list(element.clone(), vec![Value::unknown(element); items.len()]).with_marks(value.marks())
            }
            (Hiding::Elements, Data::Fields(fields)) => {
                let hidden = fields.iter().map(|(name, field)| (name.clone(), Value::unknown(field.ty().clone()))).collect();
                match &ty {
                    Type::Map(element) => Value::map(Type::clone(element), hidden),
                    _ => Value::object(hidden),
                }
                .with_marks(value.marks())
            }
            (Hiding::Length, Data::Elements(items)) => {
                let length = items.len() as u64;
                said(Refinement { not_null: true, length_minimum: Some(length), length_maximum: Some(length + 1), ..Refinement::default() })
            }
            _ => said(Refinement { not_null: true, ..Refinement::default() }),
        }
    }
}

pub fn hidings() -> impl Strategy<Value = Vec<Hiding>> {
    vec(prop::sample::select(Hiding::ALL.to_vec()), 6)
}

/// The variables with values: a number, a text, a truth value, a list of numbers, a map of texts, an object.
pub fn values() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let text = "[a-c]{0,3}|[0-9]{1,2}|true";
    let name = "[a-c]".prop_map(Arc::<str>::from);
    let number = -3i64..6;
    let list = vec(number.clone(), 0..4);
    let map = btree_map(name, text, 0..3);
    (number.clone(), text, any::<bool>(), list, map, (text, number), any::<bool>()).prop_map(
        |(number, text, truth, list, map, (first, second), secret)| {
            let marks = if secret { Marks::SENSITIVE } else { Marks::NONE };
            let map = map.into_iter().map(|(name, text)| (name, Value::string(text))).collect();
            vec![
                ("number", Value::int(number)),
                ("text", Value::string(text).with_marks(marks)),
                ("truth", Value::bool(truth)),
                ("list", Value::list(Type::Number, list.into_iter().map(Value::int).collect())),
                ("map", Value::map(Type::String, map)),
                ("object", Value::object_of([("first", Value::string(first)), ("second", Value::int(second))])),
            ]
        },
    )
}

/// Expressions by their type.
#[derive(Clone)]
struct Typed {
    number: BoxedStrategy<String>,
    text: BoxedStrategy<String>,
    truth: BoxedStrategy<String>,
    list: BoxedStrategy<String>,
    map: BoxedStrategy<String>,
    object: BoxedStrategy<String>,
}

impl Typed {
    /// What stands without parts. `bound` says whether `i` (a number) and `t` (a text) are names of a `for` around.
    fn leaf(bound: bool) -> Typed {
        let one = |texts: &'static [&'static str]| prop::sample::select(texts).prop_map(str::to_owned).boxed();
        Typed {
            number: if bound { one(&["i", "i", "var.number", "2"]) } else { one(&["var.number", "var.object.second", "0", "1", "3"]) },
            text: if bound { one(&["t", "t", "var.text", "\"b\""]) } else { one(&["var.text", "var.object.first", "\"a\"", "\"\""]) },
            truth: one(&["var.truth", "true", "false"]),
            list: one(&["var.list", "var.list", "tolist([1, 2])"]),
            map: one(&["var.map", "var.map", "tomap({ a = \"x\" })"]),
            object: one(&["var.object"]),
        }
    }

    fn grown(&self, bound: bool) -> Typed {
        let inside = if bound { self.clone() } else { Typed::leaf(true).grown(true) };
        Typed {
            number: self.numbers(),
            text: self.texts(),
            truth: self.truths(),
            list: self.lists(&inside),
            map: self.maps(&inside),
            object: self.objects(),
        }
    }

    fn numbers(&self) -> BoxedStrategy<String> {
        let (n, l, m, b, s, o) = (&self.number, &self.list, &self.map, &self.truth, &self.text, &self.object);
        prop_oneof![
            4 => n.clone(),
            2 => (n.clone(), n.clone(), prop::sample::select(vec!["+", "-", "*", "%", "/"])).prop_map(|(a, b, sign)| format!("({a} {sign} {b})")),
            1 => n.clone().prop_map(|n| format!("-({n})")),
            2 => l.clone().prop_map(|l| format!("length({l})")),
            1 => m.clone().prop_map(|m| format!("length({m})")),
            1 => s.clone().prop_map(|s| format!("length({s})")),
            2 => (l.clone(), n.clone()).prop_map(|(l, n)| format!("{l}[{n}]")),
            1 => (l.clone(), n.clone()).prop_map(|(l, n)| format!("element({l}, {n})")),
            1 => (n.clone(), n.clone(), n.clone()).prop_map(|(a, b, c)| format!("max({a}, {b}, min({b}, {c}))")),
            1 => l.clone().prop_map(|l| format!("sum({l})")),
            1 => s.clone().prop_map(|s| format!("tonumber({s})")),
            1 => (s.clone(), n.clone()).prop_map(|(s, n)| format!("try(tonumber({s}), {n})")),
            2 => (b.clone(), n.clone(), n.clone()).prop_map(|(b, x, y)| format!("({b} ? {x} : {y})")),
            1 => o.clone().prop_map(|o| format!("{o}.second")),
            1 => n.clone().prop_map(|n| format!("abs({n})")),
            1 => (n.clone(), n.clone()).prop_map(|(a, b)| format!("coalesce(null, {a}, {b})")),
            1 => l.clone().prop_map(|l| format!("one([for x in slice({l}, 0, 1) : x])")),
        ]
        .boxed()
    }

    fn texts(&self) -> BoxedStrategy<String> {
        let (n, l, m, b, s, o) = (&self.number, &self.list, &self.map, &self.truth, &self.text, &self.object);
        prop_oneof![
            4 => s.clone(),
            2 => (s.clone(), n.clone()).prop_map(|(s, n)| format!("\"x-${{{s}}}-${{{n}}}\"")),
            1 => s.clone().prop_map(|s| format!("\"${{{s}}}!\"")),
            1 => s.clone().prop_map(|s| format!("upper({s})")),
            1 => (s.clone(), n.clone()).prop_map(|(s, n)| format!("format(\"%s/%05.1f\", {s}, {n})")),
            1 => l.clone().prop_map(|l| format!("join(\",\", {l})")),
            1 => (m.clone(), s.clone(), s.clone()).prop_map(|(m, k, d)| format!("lookup({m}, {k}, {d})")),
            1 => (m.clone(), s.clone()).prop_map(|(m, k)| format!("{m}[{k}]")),
            1 => m.clone().prop_map(|m| format!("{m}.a")),
            2 => (b.clone(), s.clone(), s.clone()).prop_map(|(b, x, y)| format!("({b} ? {x} : {y})")),
            1 => (b.clone(), s.clone(), l.clone()).prop_map(|(b, s, l)| {
                format!("\"%{{ if {b} }}${{{s}}}%{{ else }}none%{{ endif }}%{{ for x in {l} }}.${{x}}%{{ endfor }}\"")
            }),
            1 => (s.clone(), n.clone(), n.clone()).prop_map(|(s, a, b)| format!("substr({s}, {a}, {b})")),
            1 => (s.clone(), s.clone()).prop_map(|(a, b)| format!("replace({a}, {b}, \"z\")")),
            1 => (s.clone(), s.clone()).prop_map(|(a, b)| format!("coalesce({a}, {b})")),
            1 => n.clone().prop_map(|n| format!("tostring({n})")),
            1 => o.clone().prop_map(|o| format!("jsonencode({o})")),
            1 => (s.clone(), s.clone()).prop_map(|(a, b)| format!("try({a}[0], {b})")),
            1 => (s.clone(), s.clone()).prop_map(|(a, b)| format!("trimprefix({a}, {b})")),
        ]
        .boxed()
    }

    fn truths(&self) -> BoxedStrategy<String> {
        let (n, l, m, b, s) = (&self.number, &self.list, &self.map, &self.truth, &self.text);
        prop_oneof![
            3 => b.clone(),
            2 => (n.clone(), n.clone(), prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="])).prop_map(|(a, b, sign)| format!("({a} {sign} {b})")),
            2 => (s.clone(), s.clone()).prop_map(|(a, b)| format!("({a} == {b})")),
            1 => (l.clone(), l.clone()).prop_map(|(a, b)| format!("({a} == {b})")),
            1 => (m.clone(), m.clone()).prop_map(|(a, b)| format!("({a} != {b})")),
            1 => s.clone().prop_map(|s| format!("({s} == null)")),
            2 => (b.clone(), b.clone(), prop::sample::select(vec!["&&", "||"])).prop_map(|(a, b, sign)| format!("({a} {sign} {b})")),
            1 => b.clone().prop_map(|b| format!("!{b}")),
            1 => (l.clone(), n.clone()).prop_map(|(l, n)| format!("contains({l}, {n})")),
            1 => (s.clone(), s.clone()).prop_map(|(a, b)| format!("startswith({a}, {b})")),
            1 => (l.clone(), n.clone()).prop_map(|(l, n)| format!("can({l}[{n}])")),
            1 => l.clone().prop_map(|l| format!("alltrue([for x in {l} : x > 0])")),
            1 => l.clone().prop_map(|l| format!("anytrue([for x in {l} : x > 2])")),
        ]
        .boxed()
    }

    fn lists(&self, inside: &Typed) -> BoxedStrategy<String> {
        let (n, l, m, b, s) = (&self.number, &self.list, &self.map, &self.truth, &self.text);
        let (x, c) = (&inside.number, &inside.truth);
        prop_oneof![
            4 => l.clone(),
            1 => vec(n.clone(), 1..3).prop_map(|items| format!("tolist([{}])", items.join(", "))),
            2 => (l.clone(), x.clone(), s.clone()).prop_map(|(l, x, s)| format!("[for i in {l} : [for t in [{s}] : {x}][0]]")),
            2 => (l.clone(), c.clone(), s.clone()).prop_map(|(l, c, s)| format!("[for i in {l} : i if [for t in [{s}] : {c}][0]]")),
            1 => m.clone().prop_map(|m| format!("[for key, text in {m} : length(text)]")),
            1 => (l.clone(), l.clone()).prop_map(|(a, b)| format!("concat({a}, {b})")),
            1 => (b.clone(), l.clone(), l.clone()).prop_map(|(b, x, y)| format!("({b} ? {x} : {y})")),
            1 => l.clone().prop_map(|l| format!("reverse({l})")),
            1 => l.clone().prop_map(|l| format!("distinct({l})")),
            1 => (l.clone(), n.clone(), n.clone()).prop_map(|(l, a, b)| format!("slice({l}, {a}, {b})")),
            1 => n.clone().prop_map(|n| format!("range({n})")),
            1 => l.clone().prop_map(|l| format!("tolist(toset({l}))")),
            1 => (l.clone(), l.clone()).prop_map(|(a, b)| format!("tolist(setunion({a}, {b}))")),
            1 => l.clone().prop_map(|l| format!("flatten([{l}, [1]])")),
            1 => l.clone().prop_map(|l| format!("jsondecode(jsonencode({l}))")),
        ]
        .boxed()
    }

    fn maps(&self, inside: &Typed) -> BoxedStrategy<String> {
        let (n, l, m, b, s) = (&self.number, &self.list, &self.map, &self.truth, &self.text);
        let (x, c) = (&inside.text, &inside.truth);
        prop_oneof![
            4 => m.clone(),
            1 => (s.clone(), s.clone()).prop_map(|(k, s)| format!("tomap({{ ({k}) = {s} }})")),
            2 => (m.clone(), x.clone(), n.clone()).prop_map(|(m, x, n)| format!("{{ for k, t in {m} : k => [for i in [{n}] : {x}][0] }}")),
            2 => (m.clone(), c.clone(), n.clone()).prop_map(|(m, c, n)| format!("{{ for k, t in {m} : k => t if [for i in [{n}] : {c}][0] }}")),
            1 => l.clone().prop_map(|l| format!("{{ for place, i in {l} : \"k${{place}}\" => tostring(i) }}")),
            1 => (m.clone(), m.clone()).prop_map(|(a, b)| format!("merge({a}, {b})")),
            1 => (b.clone(), m.clone(), m.clone()).prop_map(|(b, x, y)| format!("({b} ? {x} : {y})")),
            1 => m.clone().prop_map(|m| format!("zipmap(keys({m}), values({m}))")),
            1 => (m.clone(), s.clone()).prop_map(|(m, s)| format!("{{ for k, t in {m} : t => k... if t != {s} }}")),
        ]
        .boxed()
    }

    fn objects(&self) -> BoxedStrategy<String> {
        let (o, s, n, b) = (&self.object, &self.text, &self.number, &self.truth);
        prop_oneof![
            3 => o.clone(),
            2 => (s.clone(), n.clone()).prop_map(|(s, n)| format!("{{ first = {s}, second = {n} }}")),
            1 => (o.clone(), s.clone()).prop_map(|(o, s)| format!("merge({o}, {{ first = {s} }})")),
            1 => (b.clone(), o.clone(), o.clone()).prop_map(|(b, x, y)| format!("({b} ? {x} : {y})")),
        ]
        .boxed()
    }

    fn any(self) -> BoxedStrategy<String> {
        prop_oneof![self.number, self.text, self.truth, self.list, self.map, self.object].boxed()
    }
}

/// An expression: up to three levels of parts.
pub fn any_expression() -> BoxedStrategy<String> {
    let one = Typed::leaf(false).grown(false);
    let two = one.grown(false);
    prop_oneof![2 => one.any(), 3 => two.clone().any(), 1 => two.grown(false).any()].boxed()
}

//! Random trees: those that the parser can make, no others.

use crate::diagnostic::{Range, SourceId};
use crate::syntax::ast::{
    Attribute, BinaryOperator as Operator, Block, Body, Call, Expression, ExpressionKind as Kind, ForExpression, Identifier, ObjectItem,
    TemplatePart, UnaryOperator,
};
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::Arc;
use windlass_api::value::Number;
use windlass_api::{Type, Value};

const NOWHERE: Range = Range { source: SourceId(0), start: 0, end: 0 };

fn node(kind: Kind) -> Expression {
    Expression { kind, range: NOWHERE }
}

fn identifier(name: &str) -> Identifier {
    Identifier { name: name.into(), range: NOWHERE }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-d][a-d_]?", 1 => prop::sample::select(vec!["for_each", "x-y", "é", "_z", "endif", "inner"]).prop_map(str::to_owned)]
}

/// Text with all that needs escapes; in the normal form that the parser brings texts into.
fn text() -> impl Strategy<Value = String> {
    "[a-b${}%~\"\\\\\n\t é🦀]{0,6}"
}

fn leaf() -> impl Strategy<Value = Expression> {
    let number = prop_oneof![any::<u16>().prop_map(|whole| whole.to_string()), "[1-9]{1,3}\\.[0-9]{0,2}[1-9]", "[1-9]e[1-9]"];
    let number = number.prop_map(|text| Value::number(Number::parse(&text).unwrap_or(Number::ZERO)));
    let literal = prop_oneof![
        3 => number,
        3 => text().prop_map(Value::string),
        1 => any::<bool>().prop_map(Value::bool),
        1 => Just(Value::null(Type::Dynamic)),
    ];
    prop_oneof![2 => literal.prop_map(|value| node(Kind::Literal(value))), 2 => name().prop_map(|name| node(Kind::Variable(name.into())))]
}

/// An expression.
pub fn any_expression() -> BoxedStrategy<Expression> {
    leaf()
        .prop_recursive(4, 48, 4, |inner| {
            prop_oneof![
                2 => vec(inner.clone(), 0..4).prop_map(|items| node(Kind::Tuple(items))),
                2 => vec((key(inner.clone()), inner.clone()), 0..4).prop_map(object),
                3 => (inner.clone(), vec(step(inner.clone()), 1..4)).prop_map(|(base, steps)| chain(base_of(base), steps)),
                1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(condition, yes, no)| conditional(condition, yes, no)),
                3 => (operator(), inner.clone(), inner.clone()).prop_map(|(operator, left, right)| binary(operator, left, right)),
                1 => (any::<bool>(), inner.clone()).prop_map(|(negate, operand)| unary(negate, operand)),
                2 => call(inner.clone()),
                2 => for_expression(inner.clone()),
                1 => inner.clone().prop_map(wrapped),
                3 => template(inner),
            ]
        })
        .boxed()
}

fn wrapped(inner: Expression) -> Expression {
    node(Kind::Parenthesis(inner.into()))
}

fn key(inner: BoxedStrategy<Expression>) -> impl Strategy<Value = Expression> {
    prop_oneof![
        3 => name().prop_map(|name| node(Kind::Literal(Value::string(name)))),
        1 => text().prop_map(|text| node(Kind::Literal(Value::string(text)))),
        1 => inner.prop_map(wrapped),
    ]
}

fn object(items: Vec<(Expression, Expression)>) -> Expression {
    node(Kind::Object(items.into_iter().map(|(key, value)| ObjectItem { key, value }).collect()))
}

#[derive(Clone, Debug)]
enum Step {
    Attribute(String),
    Index(Expression),
    Splat,
}

fn step(inner: BoxedStrategy<Expression>) -> impl Strategy<Value = Step> {
    prop_oneof![3 => name().prop_map(Step::Attribute), 2 => inner.prop_map(Step::Index), 1 => Just(Step::Splat)]
}

/// Steps on a base; all that follows a splat is done to each of its elements.
fn chain(mut base: Expression, steps: Vec<Step>) -> Expression {
    let mut steps = steps.into_iter();
    while let Some(step) = steps.next() {
        base = match step {
            Step::Attribute(name) => node(Kind::Attribute(base.into(), identifier(&name))),
            Step::Index(key) => node(Kind::Index(base.into(), key.into())),
            Step::Splat => {
                let each = chain(node(Kind::SplatItem), steps.collect());
                return node(Kind::Splat { collection: base.into(), each: each.into() });
            }
        };
    }
    base
}

/// What steps may follow as it stands.
fn base_of(expression: Expression) -> Expression {
    match expression.kind {
        Kind::Variable(_) | Kind::Attribute(..) | Kind::Index(..) | Kind::Call(_) | Kind::Parenthesis(_) => expression,
        Kind::Tuple(_) | Kind::Object(_) | Kind::For(_) => expression,
        _ => wrapped(expression),
    }
}

fn conditional(condition: Expression, yes: Expression, no: Expression) -> Expression {
    let condition = if matches!(condition.kind, Kind::Conditional { .. }) { wrapped(condition) } else { condition };
    node(Kind::Conditional { condition: condition.into(), yes: yes.into(), no: no.into() })
}

fn operator() -> impl Strategy<Value = Operator> {
    use Operator::{Add, And, Divide, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Modulo, Multiply, NotEqual, Or, Subtract};
    prop::sample::select(vec![
        Or,
        And,
        Equal,
        NotEqual,
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
        Add,
        Subtract,
        Multiply,
        Divide,
        Modulo,
    ])
}

fn level(operator: Operator) -> u8 {
    match operator {
        Operator::Or => 1,
        Operator::And => 2,
        Operator::Equal | Operator::NotEqual => 3,
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => 4,
        Operator::Add | Operator::Subtract => 5,
        Operator::Multiply | Operator::Divide | Operator::Modulo => 6,
    }
}

/// How tightly an expression binds: operands of an operator bind tighter, those on the left may bind alike.
fn binding(expression: &Expression) -> u8 {
    match expression.kind {
        Kind::Conditional { .. } => 0,
        Kind::Binary(operator, ..) => level(operator),
        _ => 7,
    }
}

fn binary(operator: Operator, left: Expression, right: Expression) -> Expression {
    let left = if binding(&left) < level(operator) { wrapped(left) } else { left };
    let right = if binding(&right) <= level(operator) { wrapped(right) } else { right };
    node(Kind::Binary(operator, left.into(), right.into()))
}

fn unary(negate: bool, operand: Expression) -> Expression {
    let operand = if binding(&operand) < 7 { wrapped(operand) } else { operand };
    node(Kind::Unary(if negate { UnaryOperator::Negate } else { UnaryOperator::Not }, operand.into()))
}

fn call(inner: BoxedStrategy<Expression>) -> impl Strategy<Value = Expression> {
    let names = prop::sample::select(vec!["f", "max", "core::max", "provider::terraform::encode_expr"]);
    (names, vec(inner, 0..4), any::<bool>()).prop_map(|(name, arguments, expand)| {
        let expand_last = expand && !arguments.is_empty();
        node(Kind::Call(Call { name: identifier(name), arguments, expand_last }.into()))
    })
}

fn for_expression(inner: BoxedStrategy<Expression>) -> impl Strategy<Value = Expression> {
    let names = (prop::option::of(name()), name());
    let results = (prop::option::of((inner.clone(), any::<bool>())), inner.clone(), prop::option::of(inner.clone()));
    (names, inner, results).prop_map(|((key, value), collection, (object, result, condition))| {
        let (result_key, group) = object.map_or((None, false), |(key, group)| (Some(key), group));
        let (key, value) = (key.as_deref().map(identifier), identifier(&value));
        node(Kind::For(ForExpression { key, value, collection, result_key, result, group, condition }.into()))
    })
}

fn template(inner: BoxedStrategy<Expression>) -> impl Strategy<Value = Expression> {
    vec(part(inner.clone(), 2), 0..4).prop_map(|parts| {
        let parts = joined(parts);
        match &parts[..] {
            [] => node(Kind::Literal(Value::string(""))),
            [TemplatePart::Literal(text)] => node(Kind::Literal(Value::string(text))),
            _ => node(Kind::Template(parts)),
        }
    })
}

fn part(inner: BoxedStrategy<Expression>, depth: u32) -> BoxedStrategy<TemplatePart> {
    let flat = prop_oneof![
        3 => text().prop_map(|text| TemplatePart::Literal(text.into())),
        3 => inner.clone().prop_map(TemplatePart::Interpolation),
    ];
    if depth == 0 {
        return flat.boxed();
    }
    let parts = || vec(part(inner.clone(), depth - 1), 0..3).prop_map(joined);
    let conditional = (inner.clone(), parts(), parts()).prop_map(|(condition, yes, no)| TemplatePart::If { condition, yes, no });
    let names = (prop::option::of(name()), name());
    let repeated = (names, inner.clone(), parts()).prop_map(|((key, value), collection, body)| TemplatePart::For {
        key: key.as_deref().map(identifier),
        value: identifier(&value),
        collection,
        body,
    });
    prop_oneof![6 => flat, 1 => conditional, 1 => repeated].boxed()
}

/// Without empty texts, and neighbouring ones as one.
fn joined(parts: Vec<TemplatePart>) -> Vec<TemplatePart> {
    let mut joined: Vec<TemplatePart> = Vec::new();
    for part in parts {
        match (part, joined.last_mut()) {
            (TemplatePart::Literal(text), _) if text.is_empty() => {}
            (TemplatePart::Literal(text), Some(TemplatePart::Literal(before))) => *before = Arc::from(format!("{before}{text}")),
            (part, _) => joined.push(part),
        }
    }
    joined
}

/// A file or a block's body.
pub fn any_body() -> BoxedStrategy<Body> {
    let attributes = || prop::collection::btree_map(name(), any_expression(), 0..3);
    let body = |(attributes, blocks): (std::collections::BTreeMap<String, Expression>, Vec<Block>)| {
        let attribute = |(name, value): (String, Expression)| Attribute { name: identifier(&name), value: value.into(), range: NOWHERE };
        Body { attributes: attributes.into_iter().map(attribute).collect(), blocks, ..Body::empty(NOWHERE) }
    };
    let leaf = attributes().prop_map(move |attributes| body((attributes, Vec::new())));
    let label = prop_oneof![name(), "[a-b ./\"]{0,3}"];
    leaf.prop_recursive(2, 8, 3, move |inner| {
        let labels = vec(label.clone(), 0..3);
        let block = (name(), labels, inner).prop_map(|(kind, labels, body)| Block {
            kind: identifier(&kind),
            labels: labels.iter().map(|label| identifier(label)).collect(),
            body,
            header: NOWHERE,
            range: NOWHERE,
        });
        (attributes(), vec(block, 0..3)).prop_map(body)
    })
    .boxed()
}

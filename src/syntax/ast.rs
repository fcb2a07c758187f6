//! The tree: bodies, blocks, attributes, expressions; every node with its range.

use super::json::Undecided;
use crate::diagnostic::Range;
use std::sync::Arc;
use windlass_api::Value;

/// A name with its range.
#[derive(Clone, Debug, PartialEq)]
pub struct Identifier {
    /// The name.
    pub name: Arc<str>,
    /// Where.
    pub range: Range,
}

/// The content of a file or of a block's braces, in source order.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// `name = expression`.
    pub attributes: Vec<Attribute>,
    /// Nested blocks.
    pub blocks: Vec<Block>,
    /// What may be either, as the schema of the body says: see [`super::json`].
    pub undecided: Vec<Undecided>,
    /// From after the opening brace to before the closing one.
    pub range: Range,
}

/// `name = expression`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The name.
    pub name: Identifier,
    /// The expression.
    pub value: Arc<Expression>,
    /// The whole.
    pub range: Range,
}

/// `kind "label" … { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The block's type.
    pub kind: Identifier,
    /// Labels, quoted or bare.
    pub labels: Vec<Identifier>,
    /// The content.
    pub body: Body,
    /// The type and the labels: what a message about the whole block points to.
    pub header: Range,
    /// The whole.
    pub range: Range,
}

/// An expression with its range.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Where.
    pub range: Range,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// A number, truth value, `null`, or string without interpolation. `null` is the null of [`windlass_api::Type::Dynamic`].
    Literal(Value),
    /// A quoted or heredoc template. One that is exactly one interpolation yields that value unconverted.
    Template(Vec<TemplatePart>),
    /// `[a, b]`.
    Tuple(Vec<Expression>),
    /// `{ k = v }`; a later item with an equal key wins.
    Object(Vec<ObjectItem>),
    /// A bare name: the root of a reference, such as `var` in `var.size`.
    Variable(Arc<str>),
    /// `object.name`.
    Attribute(Box<Expression>, Identifier),
    /// `collection[key]`, and the old `collection.0`.
    Index(Box<Expression>, Box<Expression>),
    /// `collection.*.rest` and `collection[*].rest`. `each` holds the rest with [`ExpressionKind::SplatItem`] at its root.
    Splat {
        /// The collection.
        collection: Box<Expression>,
        /// What is done to each element.
        each: Box<Expression>,
    },
    /// The element inside the `each` of the nearest splat around it.
    SplatItem,
    /// `condition ? yes : no`.
    Conditional {
        /// The condition.
        condition: Box<Expression>,
        /// When it is true.
        yes: Box<Expression>,
        /// When it is false.
        no: Box<Expression>,
    },
    /// `left operator right`.
    Binary(BinaryOperator, Box<Expression>, Box<Expression>),
    /// `operator operand`.
    Unary(UnaryOperator, Box<Expression>),
    /// `name(arguments)`.
    Call(Box<Call>),
    /// `[for …]` and `{for …}`.
    For(Box<ForExpression>),
    /// `(inner)`; kept because it matters to object keys and to legacy rules.
    Parenthesis(Box<Expression>),
}

/// One item of an object expression.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectItem {
    /// The key; a bare name has become a string literal, `(expression)` is kept as [`ExpressionKind::Parenthesis`].
    pub key: Expression,
    /// The value.
    pub value: Expression,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePart {
    /// Text, escapes resolved, indentation and strip markers applied.
    Literal(Arc<str>),
    /// `${ … }`.
    Interpolation(Expression),
    /// `%{ if … }…%{ else }…%{ endif }`.
    If {
        /// The condition.
        condition: Expression,
        /// When it is true.
        yes: Vec<TemplatePart>,
        /// When it is false.
        no: Vec<TemplatePart>,
    },
    /// `%{ for … }…%{ endfor }`.
    For {
        /// Name for the key or index.
        key: Option<Identifier>,
        /// Name for the element.
        value: Identifier,
        /// What is walked.
        collection: Expression,
        /// What is repeated.
        body: Vec<TemplatePart>,
    },
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The name, with namespaces as written: `core::max`, `provider::terraform::encode_expr`.
    pub name: Identifier,
    /// Arguments.
    pub arguments: Vec<Expression>,
    /// Whether the last argument is expanded by `...`.
    pub expand_last: bool,
}

/// A for expression.
#[derive(Clone, Debug, PartialEq)]
pub struct ForExpression {
    /// Name for the key or index.
    pub key: Option<Identifier>,
    /// Name for the element.
    pub value: Identifier,
    /// What is walked.
    pub collection: Expression,
    /// For an object: the key's expression.
    pub result_key: Option<Expression>,
    /// The element's expression.
    pub result: Expression,
    /// Whether `...` groups the results by key.
    pub group: bool,
    /// The condition after `if`.
    pub condition: Option<Expression>,
}

/// An operator with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
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
}

/// An operator with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// A reference as written: a root name and the constant steps after it. `aws_vpc.main[0].id` has the root `aws_vpc`.
#[derive(Clone, Debug, PartialEq)]
pub struct Traversal {
    /// The root.
    pub root: Identifier,
    /// The steps, in order, until the first index that is no constant.
    pub steps: Vec<TraversalStep>,
    /// The whole.
    pub range: Range,
}

/// A step of a [`Traversal`].
#[derive(Clone, Debug, PartialEq)]
pub enum TraversalStep {
    /// `.name`
    Attribute(Identifier),
    /// `[constant]`
    Index(Value, Range),
}

impl Block {
    /// The block's header as messages show it: `resource "aws_vpc" "main"`.
    pub fn title(&self) -> String {
        self.labels.iter().fold(self.kind.name.to_string(), |title, label| format!("{title} {:?}", &*label.name))
    }
}

impl Block {
    /// The block as messages about JSON name it: `resource.aws_vpc.main`.
    pub fn path(&self) -> String {
        self.labels.iter().fold(self.kind.name.to_string(), |path, label| format!("{path}.{}", &*label.name))
    }
}

impl Body {
    /// A body without anything in it.
    pub fn empty(range: Range) -> Body {
        Body { attributes: Vec::new(), blocks: Vec::new(), undecided: Vec::new(), range }
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.blocks.is_empty() && self.undecided.is_empty()
    }

    /// An attribute by name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name.name == name)
    }

    /// Blocks of a type, in source order.
    pub fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| &*block.kind.name == kind)
    }
}

impl Expression {
    /// The expression as a whole reference, if it is nothing but one with constant steps.
    pub fn as_traversal(&self) -> Option<Traversal> {
        self.as_traversal_with(&mut |_| None)
    }

    /// The same where keys that are no literals get their values from `key_of`.
    pub fn as_traversal_with(&self, key_of: &mut dyn FnMut(&Expression) -> Option<Value>) -> Option<Traversal> {
        match &self.kind {
            ExpressionKind::Variable(name) => {
                let root = Identifier { name: name.clone(), range: self.range };
                Some(Traversal { root, steps: Vec::new(), range: self.range })
            }
            ExpressionKind::Attribute(object, name) => {
                let mut traversal = object.as_traversal_with(key_of)?;
                traversal.steps.push(TraversalStep::Attribute(name.clone()));
                Some(Traversal { range: self.range, ..traversal })
            }
            ExpressionKind::Index(collection, key) => {
                let value = match &key.kind {
                    ExpressionKind::Literal(value) => value.clone(),
                    _ => key_of(key)?,
                };
                let mut traversal = collection.as_traversal_with(key_of)?;
                traversal.steps.push(TraversalStep::Index(value, key.range));
                Some(Traversal { range: self.range, ..traversal })
            }
            _ => None,
        }
    }
}

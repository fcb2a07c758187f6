//! JSON → bodies, blocks and expressions.

use super::Undecided;
use super::read::{Json, JsonKind, Member, Span, Text};
use super::shapes::{Form, Rest, Shape};
use crate::diagnostic::{Diagnostic, Diagnostics, Range, SourceId, nearest};
use crate::syntax::ast::{Attribute, Block, Body, Expression, ExpressionKind, Identifier, ObjectItem};
use crate::syntax::parse::{parse_expression_at, parse_template_at};
use std::collections::HashMap;
use std::sync::Arc;
use windlass_api::{Type, Value};

/// A property of this name is a remark.
const COMMENT: &str = "//";

pub(super) struct Translation<'a> {
    source: SourceId,
    /// For lines in messages; empty where it is not at hand.
    text: &'a str,
    pub(super) diagnostics: Diagnostics,
}

impl Translation<'_> {
    pub(super) fn new(source: SourceId, text: &str, diagnostics: Diagnostics) -> Translation<'_> {
        Translation { source, text, diagnostics }
    }

    fn range(&self, (start, end): Span) -> Range {
        Range { source: self.source, start, end }
    }

    fn error(&mut self, span: Span, summary: &str, detail: impl Into<String>) {
        let range = self.range(span);
        self.diagnostics.push(Diagnostic::error(summary, detail).at(range));
    }

    /// The content of a file: an object, or a list of objects.
    pub(super) fn file(&mut self, json: &Json, shape: &Shape) -> Body {
        let whole = self.range((0, json.range.1));
        match &json.kind {
            JsonKind::Broken => Body::empty(whole),
            JsonKind::Object(_) | JsonKind::Array(_) => Body { range: whole, ..self.body(json, shape) },
            _ => {
                let detail = "The root value must be either a JSON object or a JSON array of objects.";
                self.error(json.range, "Root value must be object", detail);
                Body::empty(whole)
            }
        }
    }

    /// The content of a block. What is broken in it has been told of.
    fn body(&mut self, json: &Json, shape: &Shape) -> Body {
        let mut body = Body::empty(self.range((json.range.0 + 1, json.range.1.saturating_sub(1).max(json.range.0 + 1))));
        let mut first: HashMap<&str, Span> = HashMap::new();
        for member in self.members(json, "to define arguments and child blocks") {
            let name = &*member.name.text;
            if name == COMMENT {
                continue;
            }
            if let Some(inner) = shape.block(name) {
                self.blocks(member, inner, &mut body.blocks);
                continue;
            }
            let form = shape.forms.iter().find(|(known, _)| *known == name).map(|(_, form)| *form);
            let form = match (form, shape.rest) {
                (Some(form), _) | (None, Rest::Arguments(form)) => form,
                (None, Rest::Undecided) => {
                    body.undecided.push(Undecided { source: self.source, member: Arc::new(member.clone()) });
                    continue;
                }
                (None, Rest::Refused) => {
                    self.refuse(member, shape);
                    continue;
                }
            };
            match first.get(name) {
                Some(span) => self.duplicate(member, *span),
                None => {
                    first.insert(name, member.range);
                    body.attributes.push(self.attribute(member, form));
                }
            }
        }
        body
    }

    fn refuse(&mut self, member: &Member, shape: &Shape) {
        if member.value.kind == JsonKind::Broken {
            return;
        }
        let name = &*member.name.text;
        let near = nearest(name, shape.blocks.iter().map(|(known, _)| *known));
        let hint = near.map_or_else(String::new, |near| format!(" Did you mean {near:?}?"));
        let detail = format!("No argument or block type is named {name:?}.{hint}");
        self.error(member.range, "Extraneous JSON object property", detail);
    }

    fn duplicate(&mut self, member: &Member, first: Span) {
        let name = &*member.name.text;
        let place = match self.text.get(..first.0 as usize) {
            Some(before) if !self.text.is_empty() => format!(" at line {}", before.matches('\n').count() + 1),
            _ => String::new(),
        };
        self.error(member.range, "Duplicate argument", format!("The argument {name:?} was already set{place}."));
    }

    /// The members of an object, or of all objects of a list.
    fn members<'j>(&mut self, json: &'j Json, purpose: &str) -> Vec<&'j Member> {
        let mut found = Vec::new();
        let items = match &json.kind {
            JsonKind::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(json),
        };
        for item in items {
            match &item.kind {
                JsonKind::Object(members) => found.extend(members),
                JsonKind::Broken => {}
                _ => {
                    let detail = format!("Either a JSON object or JSON array of objects is required here, {purpose}.");
                    self.error(item.range, "Incorrect JSON value type", detail);
                }
            }
        }
        found
    }

    /// Adds the blocks that a member stands for.
    pub(super) fn blocks(&mut self, member: &Member, shape: &Shape, blocks: &mut Vec<Block>) {
        let kind = self.identifier(member);
        self.labelled(&kind, &member.value, shape, &mut Vec::new(), blocks);
    }

    fn labelled(&mut self, kind: &Identifier, json: &Json, shape: &Shape, labels: &mut Vec<Identifier>, blocks: &mut Vec<Block>) {
        let Some(label) = shape.labels.get(labels.len()) else {
            return self.unlabelled(kind, json, shape, labels, blocks);
        };
        if json.kind == JsonKind::Broken {
            return;
        }
        let before = self.diagnostics.0.len();
        let members = self.members(json, &format!("to specify {label} labels for this block"));
        if members.is_empty() && self.diagnostics.0.len() == before {
            let detail = format!("At least one object property is required, whose name represents the {} block's {label}.", kind.name);
            self.error(json.range, "Missing block label", detail);
        }
        for member in members {
            labels.push(self.identifier(member));
            self.labelled(kind, &member.value, shape, labels, blocks);
            labels.pop();
        }
    }

    fn unlabelled(&mut self, kind: &Identifier, json: &Json, shape: &Shape, labels: &[Identifier], blocks: &mut Vec<Block>) {
        let header = labels.last().unwrap_or(kind).range;
        match &json.kind {
            JsonKind::Null | JsonKind::Broken => {}
            JsonKind::Object(_) => {
                let range = header.to(self.range(json.range));
                blocks.extend(self.block(kind, json, shape, labels, range));
            }
            JsonKind::Array(items) => {
                for item in items {
                    let range = self.range(item.range);
                    blocks.extend(self.block(kind, item, shape, labels, range));
                }
            }
            _ => {
                let detail = format!(
                    "Either a JSON object or a JSON array is required, representing the contents of one or more {:?} blocks.",
                    &*kind.name
                );
                self.error(json.range, "Incorrect JSON value type", detail);
            }
        }
    }

    /// One block; none where its JSON could not be read, so that nothing is said of what is missing in it.
    fn block(&mut self, kind: &Identifier, json: &Json, shape: &Shape, labels: &[Identifier], range: Range) -> Option<Block> {
        if is_broken(json) {
            return None;
        }
        let before = self.diagnostics.0.len();
        let body = self.body(json, shape);
        let is_object = matches!(json.kind, JsonKind::Object(_) | JsonKind::Array(_));
        (is_object || self.diagnostics.0.len() == before).then(|| Block {
            kind: kind.clone(),
            labels: labels.to_vec(),
            body,
            header: labels.last().unwrap_or(kind).range,
            range,
        })
    }

    fn identifier(&self, member: &Member) -> Identifier {
        Identifier { name: (&*member.name.text).into(), range: self.range(member.range) }
    }

    pub(super) fn attribute(&mut self, member: &Member, form: Form) -> Attribute {
        let name = self.identifier(member);
        let value = self.expression(&member.value, form);
        let range = name.range.to(value.range);
        Attribute { name, value: Arc::new(value), range }
    }

    fn expression(&mut self, json: &Json, form: Form) -> Expression {
        let range = self.range(json.range);
        let kind = match &json.kind {
            JsonKind::Null => ExpressionKind::Literal(Value::null(Type::Dynamic)),
            JsonKind::Bool(value) => ExpressionKind::Literal(Value::bool(*value)),
            JsonKind::Number(number) => ExpressionKind::Literal(Value::number(number.clone())),
            JsonKind::Text(text) => self.text(text, form),
            JsonKind::Array(items) => {
                let form = if form == Form::Requirement { Form::Plain } else { form };
                ExpressionKind::Tuple(items.iter().map(|item| self.expression(item, form)).collect())
            }
            JsonKind::Object(members) => self.object(members, form),
            JsonKind::Broken => nothing(),
        };
        Expression { kind, range }
    }

    fn object(&mut self, members: &[Member], form: Form) -> ExpressionKind {
        let mut first: HashMap<&str, Span> = HashMap::new();
        let mut items = Vec::new();
        for member in members {
            let name = &*member.name.text;
            if let Some(span) = first.insert(name, member.range) {
                self.duplicate(member, span);
                continue;
            }
            let (key_form, value_form) = match form {
                Form::Requirement if name == "configuration_aliases" => (Form::Plain, Form::Written),
                Form::Requirement => (Form::Plain, Form::Plain),
                form => (form, form),
            };
            let key = Expression { kind: self.text(&member.name, key_form), range: self.range(member.range) };
            items.push(ObjectItem { key, value: self.expression(&member.value, value_form) });
        }
        ExpressionKind::Object(items)
    }

    fn text(&mut self, text: &Text, form: Form) -> ExpressionKind {
        let plain = || ExpressionKind::Literal(Value::string(&text.text));
        let parsed = match form {
            Form::Plain | Form::Requirement => return plain(),
            Form::Template if !text.text.contains("${") && !text.text.contains("%{") => return plain(),
            Form::Template => parse_template_at(self.source, &text.text, &text.places),
            // The config stage has its own words for the old form of ignore_changes.
            Form::Written if text.text == "*" => return plain(),
            Form::Reference if text.text.starts_with("${") => parse_template_at(self.source, &text.text, &text.places),
            Form::Reference | Form::Written => parse_expression_at(self.source, &text.text, &text.places),
        };
        match parsed {
            Ok(expression) => expression.kind,
            Err(diagnostics) => {
                self.diagnostics.extend(diagnostics);
                nothing()
            }
        }
    }
}

/// In place of what can't be read: later stages have nothing to say of it.
fn nothing() -> ExpressionKind {
    ExpressionKind::Literal(Value::unknown(Type::Dynamic))
}

fn is_broken(json: &Json) -> bool {
    match &json.kind {
        JsonKind::Broken => true,
        JsonKind::Array(items) => items.iter().any(is_broken),
        JsonKind::Object(members) => members.iter().any(|member| is_broken(&member.value)),
        _ => false,
    }
}

//! Tree → text in a random style: blanks, line ends and comments wherever they may stand, heredocs, legacy forms, strip markers.

use crate::syntax::ast::{BinaryOperator as Operator, Body, Expression, ExpressionKind as Kind, ObjectItem, TemplatePart, UnaryOperator};
use crate::syntax::{escape, is_identifier};
use windlass_api::Value;

/// How things are written: choices one after the other, from the beginning again when they are used up.
pub struct Style<'a> {
    choices: &'a [u8],
    next: usize,
    /// Whether line ends are blanks here.
    breaks: bool,
    /// Whether this is inside of a template.
    quoted: bool,
}

impl Style<'_> {
    /// With line ends as blanks, or without.
    pub fn new(choices: &[u8], breaks: bool) -> Style<'_> {
        Style { choices, next: 0, breaks, quoted: false }
    }

    fn choose(&mut self, count: u8) -> u8 {
        let choice = self.choices.get(self.next % self.choices.len().max(1)).copied().unwrap_or(0);
        self.next += 1;
        choice % count
    }

    /// What separates and needs nothing.
    fn gap(&mut self) -> &'static str {
        match self.choose(if self.breaks { 9 } else { 6 }) {
            4 => " ",
            5 => "/* { */",
            6 => "\n",
            7 => " # \"\n",
            8 => "// [\n\n",
            _ => "",
        }
    }

    /// What must separate.
    fn blank(&mut self) -> String {
        format!(" {}", self.gap())
    }

    fn within<T>(&mut self, breaks: bool, write: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.breaks, breaks);
        let written = write(self);
        self.breaks = before;
        written
    }
}

/// An expression.
pub fn printed(expression: &Expression, style: &mut Style<'_>) -> String {
    match &expression.kind {
        Kind::Literal(value) => literal(value, style),
        Kind::Template(parts) => template(parts, style),
        Kind::Tuple(items) => style.within(true, |style| format!("[{}]", listed(items, "", style))),
        Kind::Object(items) => style.within(false, |style| object(items, style)),
        Kind::Variable(name) => name.to_string(),
        Kind::Attribute(object, name) => format!("{}.{}", printed(object, style), name.name),
        Kind::Index(object, key) => {
            let object = printed(object, style);
            style.within(true, |style| format!("{object}[{}{}{}]", style.gap(), printed(key, style), style.gap()))
        }
        Kind::Splat { collection, each } => splat(collection, each, style),
        Kind::SplatItem => String::new(),
        Kind::Conditional { condition, yes, no } => {
            let (condition, yes, no) = (printed(condition, style), printed(yes, style), printed(no, style));
            format!("{condition}{}?{}{yes}{}:{}{no}", style.blank(), style.blank(), style.blank(), style.blank())
        }
        Kind::Binary(operator, left, right) => {
            let left = printed(left, style);
            format!("{left}{}{}{}{}", style.blank(), sign(*operator), style.blank(), printed(right, style))
        }
        Kind::Unary(operator, inner) => {
            let sign = if *operator == UnaryOperator::Negate { "-" } else { "!" };
            format!("{sign}{}{}", style.gap(), printed(inner, style))
        }
        Kind::Call(call) => {
            let expand = if call.expand_last { "..." } else { "" };
            style.within(true, |style| format!("{}({})", call.name.name, listed(&call.arguments, expand, style)))
        }
        Kind::For(_) => style.within(true, |style| for_expression(expression, style)),
        Kind::Parenthesis(inner) => style.within(true, |style| format!("({}{}{})", style.gap(), printed(inner, style), style.gap())),
    }
}

/// Items between brackets, with or without a comma after the last one.
fn listed(items: &[Expression], end: &str, style: &mut Style<'_>) -> String {
    let items: Vec<String> = items.iter().map(|item| format!("{}{}{}", style.gap(), printed(item, style), style.gap())).collect();
    let comma = if items.is_empty() || !end.is_empty() || style.choose(2) == 0 { "" } else { "," };
    format!("{}{end}{comma}{}", items.join(","), style.gap())
}

fn object(items: &[ObjectItem], style: &mut Style<'_>) -> String {
    let mut text = String::from("{");
    let mut breaks_line = false;
    for (position, item) in items.iter().enumerate() {
        let is_last = position + 1 == items.len();
        text.push_str([" ", "\n", "\n\n  ", " # }\n"][usize::from(style.choose(4))]);
        let key = match (&item.key.kind, item.key.kind == Kind::Literal(Value::string("for"))) {
            (Kind::Literal(value), false) if value.as_str().is_some_and(is_identifier) && style.choose(3) > 0 => {
                value.as_str().unwrap_or_default().to_owned()
            }
            (Kind::Literal(value), _) => format!("\"{}\"", escape(value.as_str().unwrap_or_default())),
            _ => printed(&item.key, style),
        };
        text.push_str(&format!("{key}{}{}{}", style.blank(), if style.choose(2) == 0 { "=" } else { ":" }, style.blank()));
        text.push_str(&printed(&item.value, style));
        breaks_line = style.choose(2) == 0;
        text.push_str(match (breaks_line, is_last) {
            (true, _) => "\n",
            (false, true) => "",
            (false, false) => ",",
        });
    }
    text.push_str(if breaks_line { "" } else { [" ", "\n", "/**/"][usize::from(style.choose(3))] });
    text + "}"
}

fn splat(collection: &Expression, each: &Expression, style: &mut Style<'_>) -> String {
    let only_attributes = |mut each: &Expression| {
        while let Kind::Attribute(object, _) = &each.kind {
            each = object;
        }
        each.kind == Kind::SplatItem
    };
    let collection = printed(collection, style);
    // Attributes after the legacy form are done to each element; what else follows is done to the whole.
    let sign = if only_attributes(each) && style.choose(3) == 0 { ".*" } else { "[*]" };
    format!("{collection}{sign}{}", printed(each, style))
}

fn for_expression(expression: &Expression, style: &mut Style<'_>) -> String {
    let Kind::For(parts) = &expression.kind else { unreachable!("it is called for one") };
    let (open, close) = if parts.result_key.is_some() { ("{", "}") } else { ("[", "]") };
    let mut text = format!("{open}{}for{}", style.gap(), style.blank());
    if let Some(key) = &parts.key {
        text.push_str(&format!("{}{},{}", key.name, style.gap(), style.gap()));
    }
    text.push_str(&format!("{}{}in{}{}", parts.value.name, style.blank(), style.blank(), printed(&parts.collection, style)));
    text.push_str(&format!("{}:{}", style.blank(), style.blank()));
    if let Some(key) = &parts.result_key {
        text.push_str(&format!("{}{}=>{}", printed(key, style), style.blank(), style.gap()));
    }
    text.push_str(&printed(&parts.result, style));
    text.push_str(if parts.group { "..." } else { "" });
    if let Some(condition) = &parts.condition {
        text.push_str(&format!("{}if{}{}", style.blank(), style.blank(), printed(condition, style)));
    }
    text + style.gap() + close
}

fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Or => "||",
        Operator::And => "&&",
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Modulo => "%",
    }
}

fn literal(value: &Value, style: &mut Style<'_>) -> String {
    match (value.as_str(), value.as_number(), value.as_bool()) {
        (Some(""), _, _) => "\"\"".to_owned(),
        (Some(text), _, _) => template(&[TemplatePart::Literal(text.into())], style),
        (_, Some(number), _) => number.to_string(),
        (_, _, Some(truth)) => truth.to_string(),
        _ => "null".to_owned(),
    }
}

fn template(parts: &[TemplatePart], style: &mut Style<'_>) -> String {
    let is_heredoc = style.breaks && !style.quoted && can_be_heredoc(parts) && style.choose(2) == 0;
    let before = std::mem::replace(&mut style.quoted, true);
    let text = match is_heredoc {
        true => format!("<<EOT\n{}EOT\n", written(parts, true, style)),
        false => format!("\"{}\"", written(parts, false, style)),
    };
    style.quoted = before;
    text
}

/// Whether the text ends with a line end, and nothing in it needs the escapes that a heredoc does not have.
fn can_be_heredoc(parts: &[TemplatePart]) -> bool {
    let ends_line = matches!(parts.last(), Some(TemplatePart::Literal(text)) if text.ends_with('\n'));
    ends_line && parts_are_plain(parts)
}

fn parts_are_plain(parts: &[TemplatePart]) -> bool {
    parts.iter().all(|part| match part {
        TemplatePart::Literal(text) => !text.ends_with(['$', '%']),
        TemplatePart::Interpolation(_) => true,
        TemplatePart::If { yes, no, .. } => parts_are_plain(yes) && parts_are_plain(no),
        TemplatePart::For { body, .. } => parts_are_plain(body),
    })
}

fn written(parts: &[TemplatePart], heredoc: bool, style: &mut Style<'_>) -> String {
    let mut text = String::new();
    for (position, part) in parts.iter().enumerate() {
        match part {
            TemplatePart::Literal(literal) => text.push_str(&literal_part(literal, heredoc)),
            TemplatePart::Interpolation(inner) => {
                let neighbour = |place: Option<usize>| match place.and_then(|place| parts.get(place)) {
                    Some(TemplatePart::Literal(literal)) => Some(&**literal),
                    _ => None,
                };
                let is_bare = |text: &str, blank: fn(char) -> bool| !text.starts_with(blank) && !text.ends_with(blank);
                let strips = |literal: Option<&str>| literal.is_some_and(|literal| is_bare(literal, char::is_whitespace)) && !heredoc;
                let left = strips(neighbour(position.checked_sub(1))) && style.choose(2) == 0;
                let right = strips(neighbour(Some(position + 1))) && style.choose(2) == 0;
                text.push_str(if left { "  ${~ " } else { "${" });
                text.push_str(&format!("{}{}{}", style.gap(), printed(inner, style), style.gap()));
                text.push_str(if right { " ~} " } else { "}" });
            }
            TemplatePart::If { condition, yes, no } => {
                text.push_str(&format!("%{{ if {}{}}}", printed(condition, style), style.blank()));
                text.push_str(&written(yes, heredoc, style));
                if !no.is_empty() || style.choose(2) == 0 {
                    text.push_str("%{ else }");
                    text.push_str(&written(no, heredoc, style));
                }
                text.push_str("%{endif}");
            }
            TemplatePart::For { key, value, collection, body } => {
                let key = key.as_ref().map_or(String::new(), |key| format!("{}, ", key.name));
                text.push_str(&format!("%{{for {key}{} in {} }}", value.name, printed(collection, style)));
                text.push_str(&written(body, heredoc, style));
                text.push_str("%{ endfor }");
            }
        }
    }
    text
}

fn literal_part(text: &str, heredoc: bool) -> String {
    if heredoc {
        return text.replace("${", "$${").replace("%{", "%%{");
    }
    // A sequence right behind would take the sign for its escape.
    match text.strip_suffix(['$', '%']) {
        Some(rest) if text.ends_with('$') => format!("{}\\u0024", escape(rest)),
        Some(rest) => format!("{}\\u0025", escape(rest)),
        None => escape(text),
    }
}

/// A file or what stands between a block's braces.
pub fn printed_body(body: &Body, style: &mut Style<'_>) -> String {
    let mut text = String::new();
    for attribute in &body.attributes {
        text.push_str(["", "  ", "\n\t", "# }\n", "/* { */ "][usize::from(style.choose(5))]);
        text.push_str(&format!("{}{}={}", attribute.name.name, style.gap(), style.gap()));
        text.push_str(&printed(&attribute.value, style));
        text.push_str(["\n", " # \"\n", "\n\n", " // x\n"][usize::from(style.choose(4))]);
    }
    for block in &body.blocks {
        text.push_str(&block.kind.name);
        for label in &block.labels {
            text.push(' ');
            match is_identifier(&label.name) && style.choose(2) == 0 {
                true => text.push_str(&label.name),
                false => text.push_str(&format!("\"{}\"", escape(&label.name))),
            }
        }
        text.push_str(style.gap());
        text.push_str(" {");
        let one_line = block.body.blocks.is_empty() && block.body.attributes.len() < 2 && style.choose(2) == 0;
        match block.body.attributes.first() {
            None if one_line => {}
            Some(only) if one_line => text.push_str(&format!(" {} = {} ", only.name.name, printed(&only.value, style))),
            _ => text.push_str(&format!("\n{}", printed_body(&block.body, style))),
        }
        text.push_str("}\n");
    }
    text
}

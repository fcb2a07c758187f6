//! `variable`, `locals` and `output` blocks.

use super::content::{Report, is_untyped_null};
use super::newer;
use super::types::{Condition, Local, Output, Variable};
use crate::lang::{Defaults, convert_with, type_constraint};
use crate::syntax::ast::{Attribute, Block, Body, Expression, ExpressionKind};
use crate::syntax::walk;
use std::sync::Arc;
use windlass_api::Type;

/// Names that mean something else inside module blocks.
const RESERVED: [&str; 9] = ["source", "version", "provider", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

impl Report<'_> {
    /// The type constraint of a variable, with the forms that Terraform 0.11 knew.
    fn type_of_variable(&mut self, expression: &Expression) -> (Type, Option<Arc<Defaults>>) {
        match &expression.kind {
            ExpressionKind::Literal(value) if value.as_str().is_some() => {
                let text = value.as_str().unwrap_or_default();
                let detail = format!(
                    "Terraform 0.11 and earlier required type constraints to be given in quotes, but that form is now deprecated. Remove \
                     the quotes around {text:?}."
                );
                self.error(expression.range, "Invalid quoted type constraints", detail);
                (Type::Dynamic, None)
            }
            // Bare `list` and `map` are an older form of list(any) and map(any).
            ExpressionKind::Variable(name) if &**name == "list" => (Type::list(Type::Dynamic), None),
            ExpressionKind::Variable(name) if &**name == "map" => (Type::map(Type::Dynamic), None),
            _ => type_constraint(expression, &mut self.diagnostics),
        }
    }

    pub(super) fn variable(&mut self, block: &Block) -> Option<Variable> {
        if !self.check_labels(block, &["name"]) {
            return None;
        }
        let name = &block.labels[0];
        self.check_name("variable", &name.name, name.range);
        if RESERVED.contains(&&*name.name) {
            let detail = format!("The variable name {:?} is reserved due to its special meaning inside module blocks.", name.name);
            self.error(name.range, "Invalid variable name", detail);
        }
        let body = &block.body;
        self.refuse_newer(body, &newer::VARIABLE);
        const ARGUMENTS: [&str; 8] = ["type", "default", "description", "sensitive", "ephemeral", "nullable", "deprecated", "const"];
        self.check_names(body, &ARGUMENTS, &["validation"]);
        let (ty, attribute_defaults) =
            body.attribute("type").map_or((Type::Dynamic, None), |attribute| self.type_of_variable(&attribute.value));
        let nullable = self.constant_bool(body, "nullable", true);
        if let Some(default) = body.attribute("default")
            && let Some(value) = self.constant(&default.value)
        {
            if value.is_null() && !nullable {
                let detail = "A null default value is not valid when nullable=false.";
                self.error(default.value.range, "Invalid default value for variable", detail);
            } else if let Err(error) = convert_with(attribute_defaults.as_deref(), &value, &ty) {
                let detail = format!("This default value is not compatible with the variable's type constraint: {error}.");
                self.error(default.value.range, "Invalid default value for variable", detail);
            }
        }
        let validations = body.blocks_of("validation").filter_map(|validation| self.validation(validation, &name.name)).collect();
        Some(Variable {
            ty,
            is_typed: body.attribute("type").is_some(),
            attribute_defaults,
            default: body.attribute("default").map(|attribute| attribute.value.clone()),
            sensitive: self.constant_bool(body, "sensitive", false),
            ephemeral: self.constant_bool(body, "ephemeral", false),
            nullable,
            validations,
            description: self.description(body),
            deprecated: self.constant_string(body, "deprecated").map(|(why, _)| why),
            range: block.header,
        })
    }

    fn validation(&mut self, block: &Block, variable: &str) -> Option<Condition> {
        let condition = self.condition(block)?;
        let names_itself = walk::references(&condition.condition).iter().any(|reference| {
            &*reference.root.name == "var"
                && matches!(reference.steps.first(), Some(crate::syntax::ast::TraversalStep::Attribute(name)) if &*name.name == variable)
        });
        if !names_itself {
            let detail = format!("The condition for variable {variable:?} must refer to var.{variable} in order to test incoming values.");
            self.error(condition.condition.range, "Invalid variable validation condition", detail);
        }
        Some(condition)
    }

    /// A `validation`, `precondition` or `postcondition` block.
    pub(super) fn condition(&mut self, block: &Block) -> Option<Condition> {
        self.check_labels(block, &[]);
        self.check_names(&block.body, &["condition", "error_message"], &[]);
        let condition = self.required(&block.body, "condition", block.header);
        let error_message = self.required(&block.body, "error_message", block.header);
        let (condition, error_message) = (condition?.value.clone(), error_message?.value.clone());
        if walk::references(&condition).is_empty() {
            let detail = "The condition expression must refer to at least one object from elsewhere in the configuration, or else its result \
                          would not be checking anything.";
            let kind = &block.kind.name;
            self.error(condition.range, format!("Invalid {kind} expression"), detail);
        }
        Some(Condition { condition, error_message, range: block.range })
    }

    fn description(&mut self, body: &Body) -> Option<Arc<str>> {
        let attribute = body.attribute("description")?;
        let value = self.constant(&attribute.value)?;
        if is_untyped_null(&value) {
            return None;
        }
        self.string(&attribute.value)
    }

    pub(super) fn local(&mut self, attribute: &Attribute) -> Local {
        Local { value: attribute.value.clone(), range: attribute.name.range }
    }

    pub(super) fn output(&mut self, block: &Block, root: bool) -> Option<Output> {
        if !self.check_labels(block, &["name"]) {
            return None;
        }
        self.check_name("output", &block.labels[0].name, block.labels[0].range);
        let body = &block.body;
        self.refuse_newer(body, &newer::OUTPUT);
        const ARGUMENTS: [&str; 7] = ["value", "description", "sensitive", "ephemeral", "depends_on", "type", "deprecated"];
        self.check_names(body, &ARGUMENTS, &["precondition"]);
        let ephemeral = self.constant_bool(body, "ephemeral", false);
        if ephemeral && root {
            self.error(block.header, "Ephemeral output not allowed", "Ephemeral outputs are not allowed in context of a root module.");
        }
        Some(Output {
            value: self.required(body, "value", block.header)?.value.clone(),
            sensitive: self.constant_bool(body, "sensitive", false),
            ephemeral,
            description: self.description(body),
            deprecated: self.constant_string(body, "deprecated").map(|(why, _)| why),
            depends_on: self.reference_list(body, "depends_on"),
            preconditions: body.blocks_of("precondition").filter_map(|block| self.condition(block)).collect(),
            range: block.header,
        })
    }
}

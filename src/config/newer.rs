//! What newer releases of Terraform and OpenTofu added to the language and Windlass does not do: refused by name, with who has it and
//! what to write instead.

use super::content::Report;
use super::versions::allows;
use crate::syntax::ast::{Block, Body, ExpressionKind};

/// An argument or block: its name, where it comes from, what to do.
type Newer = (&'static str, &'static str, &'static str);

/// Top-level blocks.
pub(super) const BLOCKS: [Newer; 2] = [
    ("action", "Terraform 1.14", "Remove the block, and run what it does by other means after an apply."),
    ("list", "the query files of Terraform 1.14", "Remove the block; objects can be listed by the cloud's own tools."),
];

/// Arguments and blocks of `lifecycle`.
pub(super) const LIFECYCLE: [Newer; 1] = [("action_trigger", "Terraform 1.14", "Remove the block: actions are not run.")];

/// Arguments of variables.
pub(super) const VARIABLE: [Newer; 1] =
    [("const", "OpenTofu 1.12 and Terraform 1.15", "Remove the argument: sources of modules may be made of any variable.")];

/// Arguments of outputs.
pub(super) const OUTPUT: [Newer; 1] =
    [("type", "Terraform 1.15", "Remove the argument, and convert the value itself, such as by tolist() or tostring().")];

impl Report<'_> {
    /// Refuses what of a body newer releases have.
    pub(super) fn refuse_newer(&mut self, body: &Body, newer: &[Newer]) {
        for (name, since, advice) in newer {
            let argument = body.attribute(name).map(|attribute| (attribute.name.range, "argument"));
            let block = body.blocks_of(name).next().map(|block| (block.header, "block type"));
            if let Some((range, what)) = argument.or(block) {
                let detail = format!("The {what} {name:?} is of {since}; Windlass does not support it yet. {advice}");
                self.error(range, format!("{name:?} is not supported yet"), detail);
            }
        }
    }

    /// `language`, of OpenTofu 1.12: what the configuration says of itself. Its entries for other programs are theirs.
    pub(super) fn language(&mut self, block: &Block) {
        self.check_labels(block, &[]);
        let body = &block.body;
        self.check_names(body, &["edition", "experiments"], &["compatible_with"]);
        if let Some(edition) = body.attribute("edition") {
            let known = matches!(&edition.value.kind, ExpressionKind::Variable(name) if &**name == "tofu2024");
            if !known {
                let detail = "Windlass knows the edition tofu2024 only, written without quotes.";
                self.error(edition.value.range, "Unsupported language edition", detail);
            }
        }
        if let Some(experiments) = body.attribute("experiments")
            && !matches!(&experiments.value.kind, ExpressionKind::Tuple(items) if items.is_empty())
        {
            let detail = "Windlass has no experimental language features. Remove the argument.";
            self.error(experiments.range, "Experiments are not supported", detail);
        }
        for compatible in body.blocks_of("compatible_with") {
            let Some((text, range)) = self.constant_string(&compatible.body, "windlass") else { continue };
            let own = env!("CARGO_PKG_VERSION");
            match allows(&text, own) {
                Some(true) => {}
                Some(false) => {
                    let detail = format!("This is Windlass {own}, which the configuration does not support ({text:?}).");
                    self.error(range, "Unsupported version of Windlass", detail);
                }
                None => {
                    let detail = "This string does not use correct version constraint syntax. Write conditions such as \">= 0.1, < 2.0\".";
                    self.error(range, "Invalid version constraint", detail);
                }
            }
        }
    }
}

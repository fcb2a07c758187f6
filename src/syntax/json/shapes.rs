//! What the blocks of the language look like: which members of a JSON object are blocks, and what strings in arguments mean.

/// What the strings of an argument's value are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Templates: `${…}` is evaluated.
    Template,
    /// Plain text.
    Plain,
    /// What native syntax writes without quotes: references, types, keywords.
    Written,
    /// A reference, bare or as a template.
    Reference,
    /// An entry of `required_providers`: plain, but for `configuration_aliases`.
    Requirement,
}

/// What the members of a block are that `blocks` and `forms` don't list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// Arguments of this form.
    Arguments(Form),
    /// Arguments or blocks, as a schema says.
    Undecided,
    /// Nothing else may stand there.
    Refused,
}

/// A kind of block.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) labels: &'static [&'static str],
    pub(super) blocks: &'static [(&'static str, &'static Shape)],
    /// Arguments that are no templates, or that no schema knows.
    pub(super) forms: &'static [(&'static str, Form)],
    pub(super) rest: Rest,
}

impl Shape {
    /// A block of arguments that are templates.
    const ARGUMENTS: Shape = Shape { labels: &[], blocks: &[], forms: &[], rest: Rest::Arguments(Form::Template) };
    /// A block whose content a schema knows.
    pub(super) const OPEN: Shape = Shape { rest: Rest::Undecided, ..Shape::ARGUMENTS };

    /// The block that a member is.
    pub(super) fn block(&self, name: &str) -> Option<&'static Shape> {
        self.blocks.iter().find(|(known, _)| *known == name).map(|(_, shape)| *shape)
    }
}

use Form::{Plain, Reference, Requirement, Template, Written};

/// A file.
pub(super) static FILE: Shape = Shape {
    blocks: &[
        ("terraform", &TERRAFORM),
        ("provider", &PROVIDER),
        ("variable", &VARIABLE),
        ("locals", &Shape::ARGUMENTS),
        ("output", &OUTPUT),
        ("module", &MODULE),
        ("resource", &RESOURCE),
        ("data", &RESOURCE),
        ("ephemeral", &RESOURCE),
        ("moved", &MOVED),
        ("removed", &REMOVED),
        ("import", &IMPORT),
        ("check", &CHECK),
        ("action", &ACTION),
        ("list", &RESOURCE),
        ("language", &LANGUAGE),
        ("workload", &NAMED),
    ],
    rest: Rest::Refused,
    ..Shape::ARGUMENTS
};

/// A file of values for variables.
pub(super) static VALUES: Shape = Shape { rest: Rest::Arguments(Plain), ..Shape::ARGUMENTS };

/// A `dynamic` block where a schema allows it.
pub(super) static DYNAMIC: Shape =
    Shape { labels: &["type"], blocks: &[("content", &Shape::OPEN)], forms: &[("iterator", Written)], ..Shape::ARGUMENTS };

static NAMED: Shape = Shape { labels: &["name"], ..Shape::ARGUMENTS };

static TERRAFORM: Shape = Shape {
    blocks: &[
        ("backend", &BACKEND),
        ("cloud", &CLOUD),
        ("required_providers", &REQUIRED_PROVIDERS),
        ("provider_meta", &PROVIDER_META),
        ("encryption", &ENCRYPTION),
        ("state_store", &PROVIDER_META),
    ],
    forms: &[("required_version", Plain), ("experiments", Written), ("language", Written)],
    ..Shape::ARGUMENTS
};
static BACKEND: Shape =
    Shape { labels: &["type"], blocks: &[("workspaces", &Shape::ARGUMENTS), ("exec", &Shape::ARGUMENTS)], ..Shape::ARGUMENTS };
static CLOUD: Shape = Shape { blocks: &[("workspaces", &Shape::ARGUMENTS)], ..Shape::ARGUMENTS };
static REQUIRED_PROVIDERS: Shape = Shape { rest: Rest::Arguments(Requirement), ..Shape::ARGUMENTS };
static PROVIDER_META: Shape = Shape { labels: &["name"], ..Shape::OPEN };
/// What an `encryption` block holds.
pub(super) static ENCRYPTION: Shape = Shape {
    blocks: &[
        (
            "key_provider",
            &Shape { labels: &["type", "name"], forms: &[("chain", Reference), ("a", Reference), ("b", Reference)], ..Shape::ARGUMENTS },
        ),
        ("method", &Shape { labels: &["type", "name"], forms: &[("keys", Reference)], ..Shape::ARGUMENTS }),
        ("state", &ENCRYPTED),
        ("plan", &ENCRYPTED),
        (
            "remote_state_data_sources",
            &Shape {
                blocks: &[
                    ("default", &ENCRYPTED),
                    (
                        "remote_state_data_source",
                        &Shape {
                            labels: &["name"],
                            blocks: &[("fallback", &ENCRYPTED)],
                            forms: &[("method", Reference)],
                            ..Shape::ARGUMENTS
                        },
                    ),
                ],
                ..Shape::ARGUMENTS
            },
        ),
    ],
    ..Shape::ARGUMENTS
};
static ENCRYPTED: Shape = Shape { blocks: &[("fallback", &ENCRYPTED)], forms: &[("method", Reference)], ..Shape::ARGUMENTS };

static PROVIDER: Shape = Shape {
    labels: &["name"],
    blocks: &[("_", &Shape::OPEN), ("lifecycle", &Shape::ARGUMENTS)],
    forms: &[
        ("alias", Plain),
        ("version", Plain),
        ("count", Template),
        ("for_each", Template),
        ("depends_on", Template),
        ("source", Template),
    ],
    ..Shape::OPEN
};
static VARIABLE: Shape =
    Shape { labels: &["name"], blocks: &[("validation", &Shape::ARGUMENTS)], forms: &[("type", Written)], rest: Rest::Arguments(Plain) };
static OUTPUT: Shape = Shape {
    labels: &["name"],
    blocks: &[("precondition", &Shape::ARGUMENTS), ("postcondition", &Shape::ARGUMENTS)],
    forms: &[
        ("type", Written),
        ("depends_on", Written),
        ("description", Plain),
        ("deprecated", Plain),
        ("sensitive", Plain),
        ("ephemeral", Plain),
    ],
    ..Shape::ARGUMENTS
};
static MODULE: Shape = Shape {
    labels: &["name"],
    blocks: &[("_", &Shape::ARGUMENTS), ("lifecycle", &LIFECYCLE)],
    forms: &[("depends_on", Written), ("providers", Written)],
    ..Shape::ARGUMENTS
};
static RESOURCE: Shape = Shape {
    labels: &["type", "name"],
    blocks: &[("lifecycle", &LIFECYCLE), ("provisioner", &PROVISIONER), ("connection", &CONNECTION), ("_", &Shape::OPEN)],
    forms: &[("provider", Written), ("depends_on", Written), ("count", Template), ("for_each", Template)],
    ..Shape::OPEN
};
static LIFECYCLE: Shape = Shape {
    blocks: &[("precondition", &Shape::ARGUMENTS), ("postcondition", &Shape::ARGUMENTS), ("action_trigger", &ACTION_TRIGGER)],
    forms: &[("ignore_changes", Written), ("replace_triggered_by", Written)],
    ..Shape::ARGUMENTS
};
static ACTION_TRIGGER: Shape = Shape { forms: &[("events", Written), ("actions", Written), ("on_failure", Written)], ..Shape::ARGUMENTS };
static PROVISIONER: Shape = Shape {
    labels: &["type"],
    blocks: &[("connection", &CONNECTION), ("_", &Shape::ARGUMENTS)],
    forms: &[("when", Written), ("on_failure", Written)],
    ..Shape::ARGUMENTS
};
static CONNECTION: Shape = Shape { forms: &[("type", Plain)], blocks: &[("_", &Shape::ARGUMENTS)], ..Shape::ARGUMENTS };
static MOVED: Shape = Shape { forms: &[("from", Written), ("to", Written)], ..Shape::ARGUMENTS };
static REMOVED: Shape = Shape {
    blocks: &[("lifecycle", &LIFECYCLE), ("provisioner", &PROVISIONER), ("connection", &CONNECTION)],
    forms: &[("from", Written)],
    ..Shape::ARGUMENTS
};
static IMPORT: Shape = Shape { forms: &[("to", Written), ("provider", Written)], ..Shape::ARGUMENTS };
static CHECK: Shape = Shape { labels: &["name"], blocks: &[("data", &RESOURCE), ("assert", &Shape::ARGUMENTS)], ..Shape::ARGUMENTS };
static ACTION: Shape = Shape {
    labels: &["type", "name"],
    blocks: &[("config", &Shape::OPEN)],
    forms: &[("provider", Written), ("depends_on", Written)],
    ..Shape::ARGUMENTS
};
static LANGUAGE: Shape =
    Shape { blocks: &[("compatible_with", &VALUES)], forms: &[("edition", Written), ("experiments", Written)], ..Shape::ARGUMENTS };

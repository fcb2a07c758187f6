//! Random configurations of `mock_thing`: repeated, in modules, read as data, referring to those before.

use proptest::collection::vec;
use proptest::prelude::*;
use std::fmt::Write;

/// The folder of the module that configurations call.
pub const MODULE: (&str, &str) = (
    "m",
    r#"
    variable "in" {}
    resource "mock_thing" "inner" { size = var.in }
    output "out" { value = "${mock_thing.inner.id}/${var.in}" }
    "#,
);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Plain,
    Counted(u8),
    Each(u8),
    Data,
    Module,
    Modules(u8),
    Local,
}

/// One block. What it refers to stands before it: `(which, how)`.
#[derive(Clone, Debug)]
struct Declared {
    kind: Kind,
    size: (u8, u8),
    name: Option<(u8, u8)>,
    waits_for: Option<u8>,
    create_before_destroy: bool,
}

/// A configuration.
#[derive(Clone, Debug)]
pub struct Graph(Vec<Declared>);

pub fn any_graph() -> impl Strategy<Value = Graph> {
    let kind = prop_oneof![
        3 => Just(Kind::Plain),
        2 => (0u8..4).prop_map(Kind::Counted),
        2 => (1u8..4).prop_map(Kind::Each),
        1 => Just(Kind::Data),
        1 => Just(Kind::Module),
        1 => (1u8..3).prop_map(Kind::Modules),
        1 => Just(Kind::Local),
    ];
    let reference = || (any::<u8>(), 0u8..6);
    let rest = (reference(), prop::option::weighted(0.3, reference()), prop::option::weighted(0.2, any::<u8>()), prop::bool::weighted(0.2));
    let declared = (kind, rest).prop_map(|(kind, (size, name, waits_for, create_before_destroy))| Declared {
        kind,
        size,
        name,
        waits_for,
        create_before_destroy,
    });
    vec(declared, 1..9).prop_map(Graph)
}

impl Graph {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the block is made of objects of the state.
    pub fn is_managed(&self, place: usize) -> bool {
        !matches!(self.0[place].kind, Kind::Data | Kind::Local)
    }

    /// What the state holds of the block begins so.
    pub fn prefix(&self, place: usize) -> String {
        match self.0[place].kind {
            Kind::Module | Kind::Modules(_) => format!("module.r{place}"),
            _ => format!("mock_thing.r{place}"),
        }
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        for (place, declared) in self.0.iter().enumerate() {
            self.block(place, declared, &mut text);
            let value = self.reference(place, 1);
            let _ = writeln!(text, "output \"o{place}\" {{ value = {value} }}");
        }
        text
    }

    fn block(&self, place: usize, declared: &Declared, text: &mut String) {
        let size = self.chosen(place, declared.size);
        let waits_for = match (declared.waits_for, place) {
            (Some(other), 1..) if declared.kind != Kind::Local => self.whole(usize::from(other) % place),
            _ => None,
        };
        let depends_on = waits_for.map_or(String::new(), |other| format!("  depends_on = [{other}]\n"));
        let repeated = match declared.kind {
            Kind::Counted(count) => format!("  count = {count}\n"),
            Kind::Each(keys) | Kind::Modules(keys) => format!("  for_each = toset({:?})\n", &["a", "b", "c"][..usize::from(keys)]),
            _ => String::new(),
        };
        let _ = match declared.kind {
            Kind::Local => writeln!(text, "locals {{ r{place} = {size} }}"),
            Kind::Module | Kind::Modules(_) => {
                writeln!(text, "module \"r{place}\" {{\n  source = \"./m\"\n{repeated}{depends_on}  in = {size}\n}}")
            }
            Kind::Data => writeln!(text, "data \"mock_thing\" \"r{place}\" {{\n{depends_on}  size = {size}\n}}"),
            Kind::Plain | Kind::Counted(_) | Kind::Each(_) => {
                let name = declared.name.map_or(String::new(), |name| format!("  name = {}\n", self.chosen(place, name)));
                let first = if declared.create_before_destroy { "  lifecycle { create_before_destroy = true }\n" } else { "" };
                writeln!(text, "resource \"mock_thing\" \"r{place}\" {{\n{repeated}{depends_on}  size = {size}\n{name}{first}}}")
            }
        };
    }

    /// A text of something before the place, or one that refers to nothing.
    fn chosen(&self, place: usize, (which, how): (u8, u8)) -> String {
        match place {
            0 => format!("\"s{}\"", which % 4),
            _ if which % 5 == 0 => format!("\"s{}\"", which % 4),
            _ => self.reference(usize::from(which) % place, how),
        }
    }

    /// What `depends_on` may name.
    fn whole(&self, place: usize) -> Option<String> {
        match self.0[place].kind {
            Kind::Local => None,
            Kind::Data => Some(format!("data.mock_thing.r{place}")),
            Kind::Module | Kind::Modules(_) => Some(format!("module.r{place}")),
            _ => Some(format!("mock_thing.r{place}")),
        }
    }

    /// A text made of a block.
    fn reference(&self, place: usize, how: u8) -> String {
        let name = format!("r{place}");
        match (self.0[place].kind, how) {
            (Kind::Local, 0 | 1) => format!("local.{name}"),
            (Kind::Local, _) => format!("\"l-${{local.{name}}}\""),
            (Kind::Plain, 0 | 1) => format!("mock_thing.{name}.id"),
            (Kind::Plain, 2) => format!("\"x-${{mock_thing.{name}.size}}\""),
            (Kind::Plain, 3) => format!("mock_thing.{name}.id == \"\" ? \"none\" : upper(mock_thing.{name}.id)"),
            (Kind::Plain, 4) => format!("try(mock_thing.{name}.id, \"none\")"),
            (Kind::Plain, _) => format!("jsonencode([mock_thing.{name}.id, mock_thing.{name}.size])"),
            (Kind::Counted(count @ 1..), 0) => format!("mock_thing.{name}[{}].id", count - 1),
            (Kind::Counted(_), 1) => format!("join(\",\", mock_thing.{name}[*].id)"),
            (Kind::Counted(_), 2 | 3) => format!("tostring(length(mock_thing.{name}))"),
            (Kind::Counted(_), _) => format!("join(\",\", [for thing in mock_thing.{name} : thing.size if thing.id != \"\"])"),
            (Kind::Each(_), 0) => format!("mock_thing.{name}[\"a\"].id"),
            (Kind::Each(_), 1 | 2) => format!("jsonencode({{ for key, thing in mock_thing.{name} : key => thing.id }})"),
            (Kind::Each(_), 3) => format!("join(\",\", keys(mock_thing.{name}))"),
            (Kind::Each(_), _) => format!("join(\",\", values(mock_thing.{name})[*].size)"),
            (Kind::Data, 0..=2) => format!("data.mock_thing.{name}.id"),
            (Kind::Data, _) => format!("\"d-${{data.mock_thing.{name}.size}}\""),
            (Kind::Module, 0..=2) => format!("module.{name}.out"),
            (Kind::Module, _) => format!("jsonencode(module.{name})"),
            (Kind::Modules(_), 0 | 1) => format!("module.{name}[\"a\"].out"),
            (Kind::Modules(_), _) => format!("join(\",\", [for key, called in module.{name} : \"${{key}}=${{called.out}}\"])"),
        }
    }
}

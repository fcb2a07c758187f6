//! Where ephemeral values may not stand: in whatever is stored.

use crate::address::Instance;
use crate::diagnostic::{Diagnostic, Diagnostics, Range};
use crate::syntax::ast::Body;
use windlass_api::{Attribute, BlockSchema, Marks, Path, Step, Value};

/// An error for each ephemeral value that a body gives an attribute that is stored, in the name of the resource as written: all
/// instances have it in common. Write-only attributes take any value.
pub fn refuse_ephemeral(config: &Value, body: &Body, schema: &BlockSchema, block: Range, address: &Instance) -> Diagnostics {
    let mut diagnostics = Diagnostics::none();
    if !config.marks_deep().is_ephemeral() {
        return diagnostics;
    }
    for path in config.marked_paths(Marks::EPHEMERAL) {
        let (attribute, length) = attribute_at(schema, &path);
        if attribute.is_some_and(|attribute| attribute.write_only) {
            continue;
        }
        let named = Path(path.0[..length].to_vec());
        let detail = format!(
            "Ephemeral values are not valid for {:?}, because it is not a write-only attribute and must be persisted to state.",
            named.to_string().trim_start_matches('.')
        );
        let at = place(body, &named.0).unwrap_or(block);
        let diagnostic = Diagnostic::error("Invalid use of ephemeral value", detail).at(at).about(address.config());
        if !diagnostics.0.contains(&diagnostic) {
            diagnostics.push(diagnostic);
        }
    }
    diagnostics
}

/// The attribute that a path leads to or into, and the number of steps to it; none for a path that ends at a block.
fn attribute_at<'s>(schema: &'s BlockSchema, path: &Path) -> (Option<&'s Attribute>, usize) {
    let mut body = schema;
    for (position, step) in path.0.iter().enumerate() {
        let Step::Attribute(name) = step else { continue };
        if let Some(attribute) = body.attributes.get(name) {
            return (Some(attribute), position + 1);
        }
        match body.blocks.get(name) {
            Some(nested) => body = &nested.block,
            None => return (None, position + 1),
        }
    }
    (None, path.0.len())
}

/// Where the value at a path is written.
fn place(body: &Body, path: &[Step]) -> Option<Range> {
    let (Step::Attribute(name), rest) = path.split_first()? else { return None };
    if let Some(attribute) = body.attribute(name) {
        return Some(attribute.value.range);
    }
    let dynamic = body.blocks_of("dynamic").find(|block| block.labels.first().is_some_and(|label| label.name == *name));
    if let Some(block) = dynamic {
        return Some(block.header);
    }
    let (position, rest) = match rest {
        [Step::Index(key), rest @ ..] => (key.as_i64().and_then(|index| usize::try_from(index).ok()).unwrap_or(0), rest),
        rest => (0, rest),
    };
    let block = body.blocks_of(name).nth(position)?;
    Some(place(&block.body, rest).unwrap_or(block.header))
}

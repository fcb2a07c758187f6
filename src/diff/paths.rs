//! Where two values differ.

use crate::syntax::ast::{Traversal, TraversalStep};
use windlass_api::{Path, Step, Type, Value};

/// The deepest paths at which two values differ, in order; marks don't count. A set differs as a whole, and so does what has
/// another length.
pub fn differing_paths(before: &Value, after: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    walk(&before.unmarked_deep(), &after.unmarked_deep(), &Path::root(), &mut found);
    found
}

fn walk(before: &Value, after: &Value, path: &Path, found: &mut Vec<Path>) {
    if before == after {
        return;
    }
    match (before.fields(), after.fields(), before.elements(), after.elements()) {
        (Some(old), Some(new), _, _) => {
            let is_object = matches!(before.ty(), Type::Object(_));
            let mut names: Vec<_> = old.keys().chain(new.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let deeper = match is_object {
                    true => path.attribute(name),
                    false => path.key(name),
                };
                match (old.get(name), new.get(name)) {
                    (Some(old), Some(new)) => walk(old, new, &deeper, found),
                    _ => found.push(deeper),
                }
            }
        }
        (_, _, Some(old), Some(new)) if old.len() == new.len() && !matches!(before.ty(), Type::Set(_)) => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                walk(old, new, &path.index(index), found);
            }
        }
        _ => found.push(path.clone()),
    }
}

/// A relative reference such as `tags["a"]`, as in `ignore_changes`, as a path.
pub fn traversal_path(traversal: &Traversal) -> Path {
    steps_path(Path::of(&traversal.root.name), &traversal.steps)
}

/// Steps of a reference as a path below another.
pub fn steps_path(start: Path, steps: &[TraversalStep]) -> Path {
    steps.iter().fold(start, |path, step| match step {
        TraversalStep::Attribute(name) => path.attribute(&name.name),
        TraversalStep::Index(key, _) => path.push(Step::Index(key.clone())),
    })
}

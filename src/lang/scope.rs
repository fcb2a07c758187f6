//! What an expression can see.

use crate::diagnostic::Diagnostic;
use crate::syntax::ast::Traversal;
use std::sync::Arc;
use windlass_api::Value;

/// What an expression can see: references, files, and what stands for the clock.
pub trait Scope {
    /// The value of a reference. `traversal` holds the whole reference; the scope takes as many steps as name an object (two
    /// for `var.size`, two or three for `aws_vpc.main[0]`) and the evaluator walks the rest.
    ///
    /// # Errors
    /// A diagnostic, with "did you mean", when nothing is declared by that name or it can't be referred to here.
    fn resolve(&self, traversal: &Traversal) -> Result<Resolved, Box<Diagnostic>>;

    /// A file's content or a question about files. Unless a scope says otherwise, there are none.
    fn file(&self, _question: &FileQuestion) -> FileAnswer {
        FileAnswer::Failed("files can't be read here".into())
    }

    /// The time of the plan in RFC 3339; `None` where it is not known yet, as in `validate`, and where a scope does not say otherwise.
    fn plan_timestamp(&self) -> Option<Arc<str>> {
        None
    }

    /// Whether impure functions (`timestamp`, `uuid`, `bcrypt`) compute: only in apply. Else they are unknown.
    fn is_applying(&self) -> bool {
        false
    }

    /// The source of a provider that the module declares in `required_providers`, for its functions. Where no module is, none is
    /// declared.
    fn provider_source(&self, _local_name: &str) -> Option<Arc<str>> {
        None
    }
}

/// A resolved reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// Its value.
    pub value: Value,
    /// How many steps after the root it took.
    pub steps_taken: usize,
}

/// What a function wants to know of the file system. Paths are as written; relative ones count from the working folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileQuestion {
    /// The content of a file.
    Content(Arc<str>),
    /// Whether there is a regular file.
    Exists(Arc<str>),
    /// The regular files under a folder that match a pattern (`fileset`).
    Matching(Arc<str>, Arc<str>),
    /// The absolute form of a path (`abspath`).
    Absolute(Arc<str>),
    /// The path with a leading `~` replaced by the home folder (`pathexpand`).
    Expanded(Arc<str>),
}

/// The answer to a [`FileQuestion`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileAnswer {
    /// Not read yet: the result is unknown, and the question has been noted.
    Pending,
    /// The content.
    Content(Arc<[u8]>),
    /// Whether it exists.
    Exists(bool),
    /// Paths relative to the folder, with `/`, in order.
    Paths(Arc<[Arc<str>]>),
    /// A path.
    Path(Arc<str>),
    /// It can't be read: what the system said.
    Failed(Arc<str>),
}

//! IAM policy documents: made from blocks, merged and rendered as Terraform's provider renders them, and compared by meaning.

mod document;
mod equivalence;

pub(crate) use document::{Document, Statement, StatementError, strings};
pub(crate) use equivalence::{keep_equivalent, same_meaning};

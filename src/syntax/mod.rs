//! Text → tree with ranges. The only user of hcl-edit.
//!
//! ```text
//! text ─lexer→ tokens ─split→ top-level blocks ─hcl-edit→ bodies ─mend→ ast::Body
//! ```
//!
//! The lexer is ours: it finds where each top-level block begins and ends, and rewrites, keeping every byte offset, what
//! hcl-edit can't read. So one file yields several errors, and every range is true.

pub mod ast;

pub use ast::{Attribute, Block, Body, Expression, ExpressionKind, Identifier};

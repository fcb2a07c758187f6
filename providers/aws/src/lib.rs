//! The AWS provider: schemas, client set-up, types and data sources.

pub mod schema;

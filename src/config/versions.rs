//! Versions and constraints on them, as in `required_version`.

//! Values and types as JSON.

//! The HTTP side: one port on loopback for every service, routing, and the order of checks around a handler.

mod audit;
mod connection;
pub mod control;
mod engine;
mod route;

pub use connection::{ServerHandle, start};
pub use engine::Engine;

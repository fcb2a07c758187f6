//! Clients of web servers: proxies of the user, time limits, one way to tell what went wrong.
//!
//! What is asked of which server, and what an answer means, is for the modules that use this one.

mod calls;
mod client;

pub use calls::{execute, send};
pub use client::{cause, client, client_with, failure, quick_client};

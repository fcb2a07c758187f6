//! The clouds' wire protocols over HTTP on loopback: the sandbox of `-sandbox`, the rehearsal of a plan, and the fault injector of the tests.
//!
//! ```text
//! bytes ─server→ Request ─sigv4→ who ─faults→ let through ─aws::dispatch→ (World, Response) ─journal→ durable ─server→ bytes
//! ```
//!
//! - [`World`] is the whole cloud as a value: a clock, a seeded source of ids, an event queue and the services' objects. Handlers are functions
//!   `(&mut World, &Request) → Response` without any other input, so replaying the requests gives the same world again.
//! - [`journal`] keeps every request that may change the world, durable before its reply, and from time to time a snapshot of the world.
//! - [`faults`] says which named, seeded troubles exist and how they are written.
//! - [`server`] serves one port for all services; `server::control` holds the `/_windlass/…` endpoints (status, reset, faults, clock, audit).
//! - [`aws`] holds the services: `ec2`, `autoscaling`, `monitoring`, `s3`, `iam`, `sts`; the service is found in the SigV4 credential scope.
//!
//! [`Simulator::open`] and [`Simulator::connect_or_serve`] are the way in.

pub mod aws;
pub mod clock;
pub mod faults;
pub mod journal;
pub mod message;
pub mod random;
pub mod server;
pub mod simulator;
pub mod world;

pub use message::{Request, Response, Service};
pub use server::ServerHandle;
pub use simulator::{Connection, Options, Simulator, SimulatorError};
pub use world::World;

//! # Windlass: plans and provisions AI compute
//!
//! One direction. Each stage is a function from values to a value; only the stages marked *io* touch network, disk,
//! clock or environment.
//!
//! ```text
//! text ─syntax→ Ast ─config→ Config ─desired→ Instances ┐
//!                           State ─live (io)→ Live ─diff┴→ Change ─plan→ Plan ─check→ CheckedPlan
//!              CheckedPlan ─apply (io)→ journal ─state (io)→ State
//!              Plan, Diagnostic, Event ─view→ terminal · JSON
//! ```
//!
//! Modules may use only what stands above them in this list; a test reads every `use` line against a table.
//!
//! | module | what it is |
//! |---|---|
//! | [`address`] | names of things |
//! | [`graph`] | a directed acyclic graph of anything |
//! | [`web`] | clients of web servers: proxies, time limits |
//! | [`bucket`] | io: objects in buckets of S3, Google Cloud Storage and OSS |
//! | [`diagnostic`] | messages for the user, with their place in the source |
//! | [`syntax`] | text → tree with ranges |
//! | [`lang`] | expression + scope → value |
//! | [`encryption`] | io: states, journals and saved plans under keys of OpenTofu's `encryption` block |
//! | [`config`] | tree → typed blocks, expressions unevaluated |
//! | [`workload`] | workload blocks → placement → an ordinary module |
//! | [`desired`] | configuration + inputs → instances and values |
//! | [`state`] | what was recorded of the last apply: snapshot, journal, lock, stores |
//! | [`event`] | what refresh and apply report while they run |
//! | [`diff`] | desired, live, schema → change with reasons |
//! | [`plan`] | what will be done: changes, order, rounds of asks, check, file |
//! | [`package`] | io: packages of modules from elsewhere: fetched, put in their place, recorded |
//! | [`live`] | io: the world as it is now; what became of what a stopped run left |
//! | [`apply`] | io: does what a checked plan says: dispatcher, workers, retry, variants |

pub mod address;
pub mod apply;
pub mod bucket;
pub mod cli;
pub mod config;
pub mod desired;
pub mod diagnostic;
pub mod diff;
pub mod encryption;
pub mod event;
pub mod graph;
pub mod lang;
pub mod live;
pub mod ops;
pub mod package;
pub mod plan;
pub mod state;
pub mod syntax;
pub mod view;
pub mod web;
pub mod workload;

//! Does what a checked plan says, and makes no choices of its own.
//!
//! One task, the dispatcher, owns everything that changes during a run: which steps wait, run and are done, the state, the
//! counts. Workers, one a running step, own nothing but their step; they tell the dispatcher what happens by messages of one
//! closed enum, and a step starts only after the dispatcher has registered it. So progress, interrupts and state never disagree.
//!
//! A worker writes to the journal before and after each thing that it does, and tells the dispatcher only what is durable; the
//! state in memory is therefore always what a replay of the journal would yield.

mod attempt;
mod dispatcher;
mod fault;
mod message;
mod opening;
mod operate;
mod policy;
mod prepare;
mod report;
mod resolve;
mod run;
#[cfg(test)]
mod tests;

pub use report::{ApplyReport, Counts};
pub use resolve::Resolve;
pub use run::{Apply, run};

//! Does what a checked plan says, and makes no choices of its own.
//!
//! One task, the dispatcher, owns everything that changes during a run: which steps wait, run and are done, the state, the
//! counts. Workers, one a running step, own nothing but their step; they tell the dispatcher what happens by messages of one
//! closed enum, and a step starts only after the dispatcher has registered it. So progress, interrupts and state never disagree.

mod report;
mod resolve;
mod run;

pub use report::{ApplyReport, Counts};
pub use resolve::Resolve;
pub use run::{Apply, run};

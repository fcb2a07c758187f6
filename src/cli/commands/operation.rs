//! The flags that say what kind of plan is made, as the planner is told; combinations that mean nothing are refused.

use crate::address::{TargetAddress, parse_replaced};
use crate::cli::arguments::{Operation, Refresh, Refreshing};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ops::Failed;
use crate::plan::{PlanMode, PlanOptions, Targeting};

impl Operation {
    /// What the planner is told.
    ///
    /// # Errors
    /// Addresses that name nothing, and flags that exclude each other.
    pub fn options(&self) -> Result<PlanOptions, Failed> {
        let mut wrong = Diagnostics::none();
        let mode = match (self.destroy, self.refresh_only) {
            (true, true) => {
                let detail = "The -destroy and -refresh-only options are mutually-exclusive.";
                wrong.push(Diagnostic::error("Incompatible plan mode options", detail));
                PlanMode::Normal
            }
            (true, false) => PlanMode::Destroy,
            (false, true) => PlanMode::RefreshOnly,
            (false, false) => PlanMode::Normal,
        };
        if mode == PlanMode::RefreshOnly && self.refresh == Refreshing::False {
            let detail = "It doesn't make sense to use -refresh-only at the same time as -refresh=false, because Windlass would have nothing \
                          to do.";
            wrong.push(Diagnostic::error("Incompatible refresh options", detail));
        }
        if mode != PlanMode::Normal && !self.replace.is_empty() {
            let detail = "Forcing resource instance replacement (with -replace=...) is allowed only in normal planning mode.";
            wrong.push(Diagnostic::error("Unsupported plan mode", detail));
        }
        let replaced = parsed(&self.replace, "force-replace address", parse_replaced, &mut wrong);
        let targeting = targeting(&self.target, &self.exclude, &mut wrong);
        if wrong.has_errors() {
            return Err(Failed::from(wrong));
        }
        let (replace, refresh) = (replaced.into_iter().collect(), self.refresh != Refreshing::False);
        Ok(PlanOptions { mode, targeting, replace, refresh, ..PlanOptions::default() })
    }

    /// The same for the command that always deletes.
    ///
    /// # Errors
    /// As for [`Operation::options`], and flags that ask for another kind of plan.
    pub fn destroying(&self) -> Result<PlanOptions, Failed> {
        let detail = match (self.destroy, self.refresh_only) {
            (true, _) => "The -destroy option is not valid for \"windlass destroy\", because this command always runs in destroy mode.",
            (_, true) => "The -refresh-only option is not valid for \"windlass destroy\".",
            _ if !self.replace.is_empty() => {
                let detail = "Forcing resource instance replacement (with -replace=...) is allowed only in normal planning mode.";
                return Err(Failed::from(Diagnostic::error("Unsupported plan mode", detail)));
            }
            _ => return Ok(PlanOptions { mode: PlanMode::Destroy, ..self.options()? }),
        };
        Err(Failed::from(Diagnostic::error("Invalid mode option", detail)))
    }

    /// The first flag given that decides what is planned: a saved plan has decided that already.
    pub fn planning_flag(&self) -> Option<&'static str> {
        let flags = [
            ("-destroy", self.destroy),
            ("-refresh-only", self.refresh_only),
            ("-target", !self.target.is_empty()),
            ("-exclude", !self.exclude.is_empty()),
            ("-replace", !self.replace.is_empty()),
        ];
        flags.into_iter().find_map(|(flag, is_given)| is_given.then_some(flag))
    }
}

impl Refresh {
    /// What the planner is told.
    ///
    /// # Errors
    /// Addresses that name nothing.
    pub fn options(&self) -> Result<PlanOptions, Failed> {
        let mut wrong = Diagnostics::none();
        let targeting = targeting(&self.target, &self.exclude, &mut wrong);
        match wrong.has_errors() {
            true => Err(Failed::from(wrong)),
            false => Ok(PlanOptions { mode: PlanMode::RefreshOnly, targeting, ..PlanOptions::default() }),
        }
    }
}

fn targeting(targets: &[String], excludes: &[String], wrong: &mut Diagnostics) -> Targeting {
    if !targets.is_empty() && !excludes.is_empty() {
        let detail = "The -target and -exclude options are mutually-exclusive: give what shall be looked at, or what shall not.";
        wrong.push(Diagnostic::error("Invalid combination of arguments", detail));
    }
    Targeting {
        targets: parsed(targets, "target", TargetAddress::parse, wrong),
        excludes: parsed(excludes, "exclude", TargetAddress::parse, wrong),
    }
}

fn parsed<T>(texts: &[String], what: &str, parse: impl Fn(&str) -> Result<T, String>, wrong: &mut Diagnostics) -> Vec<T> {
    let read = |text: &String| match parse(text) {
        Ok(address) => Some(address),
        Err(detail) => {
            wrong.push(Diagnostic::error(format!("Invalid {what} {text:?}"), detail));
            None
        }
    };
    texts.iter().filter_map(read).collect()
}

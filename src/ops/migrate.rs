//! Copying states from one back end to another. The ones that are copied stay as they are.

use super::backend::{is_workspace_overridden, select_workspace};
use super::backend_init::{BackendRequest, Conversation, Question, home_of};
use super::state_access::open;
use super::whole_file::write_private;
use super::{Context, Failed};
use crate::diagnostic::Diagnostic;
use crate::state::backend::{Backend, DEFAULT_WORKSPACE};
use crate::state::store::StoreError;
use crate::state::{Opened, Session, State, wire};
use std::sync::Arc;

/// What the lock says meanwhile.
const OPERATION: &str = "migrate";

/// A migration.
pub(super) struct Migration<'a> {
    pub(super) context: &'a Context,
    pub(super) from: Arc<dyn Backend>,
    pub(super) to: Arc<dyn Backend>,
    /// The workspaces to copy.
    pub(super) names: Vec<String>,
    pub(super) request: &'a BackendRequest,
    pub(super) conversation: &'a dyn Conversation,
}

impl Migration<'_> {
    /// Asks as far as need be, and copies.
    pub(super) async fn run(&self) -> Result<(), Failed> {
        let is_single = self.names.iter().all(|name| name == DEFAULT_WORKSPACE);
        match (is_single, self.to.has_workspaces()) {
            (true, _) => self.copy(DEFAULT_WORKSPACE, DEFAULT_WORKSPACE, self.request.force_copy).await,
            (false, true) => self.copy_all().await,
            (false, false) => self.copy_selected().await,
        }
    }

    async fn copy_all(&self) -> Result<(), Failed> {
        let (from, to) = (self.from.kind(), self.to.kind());
        let question = Question {
            title: format!("Do you want to migrate all workspaces to {to:?}?"),
            text: format!(
                "Both the existing {from:?} backend and the newly configured {to:?} backend\nsupport workspaces. When migrating between backends, \
                 Windlass will copy\nall workspaces (with the same names). THIS WILL OVERWRITE any conflicting\nstates in the destination.\n\nWindlass \
                 can't migrate only some workspaces. If you want to migrate a select\nnumber of workspaces, you must manually pull and push those \
                 states.\n\nIf you answer \"yes\", Windlass will migrate all states. If you answer\n\"no\", Windlass will abort."
            ),
        };
        self.approve(&question).await?;
        for name in &self.names {
            if name != DEFAULT_WORKSPACE {
                self.to.create(name, &wire::write(&State::empty())).await.map_err(|error| failed(&error))?;
            }
            self.copy(name, name, true).await?;
        }
        Ok(())
    }

    async fn copy_selected(&self) -> Result<(), Failed> {
        let (from, to, current) = (self.from.kind(), self.to.kind(), &*self.context.workspace);
        let question = Question {
            title: format!("Destination state {to:?} doesn't support workspaces.\nDo you want to copy only your current workspace?"),
            text: format!(
                "The existing {from:?} backend supports workspaces and you currently are\nusing more than one. The newly configured {to:?} backend \
                 doesn't support\nworkspaces. If you continue, Windlass will copy your current workspace {current:?}\nto the default workspace in the \
                 new backend. Your existing workspaces in the\nsource backend won't be modified. If you want to switch workspaces, back them\nup, or \
                 cancel altogether, answer \"no\" and Windlass will abort."
            ),
        };
        self.approve(&question).await?;
        self.copy(current, DEFAULT_WORKSPACE, true).await?;
        match is_workspace_overridden(self.context) {
            true => Ok(()),
            false => select_workspace(self.context, DEFAULT_WORKSPACE),
        }
    }

    async fn approve(&self, question: &Question) -> Result<(), Failed> {
        if self.request.force_copy || self.conversation.ask(question).await? {
            return Ok(());
        }
        Err(Diagnostic::error("Migration aborted by user.", "Nothing was changed.").into())
    }

    async fn copy(&self, from: &str, to: &str, is_forced: bool) -> Result<(), Failed> {
        let (source, target) = (self.from.store(from), self.to.store(to));
        let read = async |store| Session::open(store, None).await.map(|opened| opened.state);
        let (before, there) = (read(source.clone()).await?, read(target.clone()).await?);
        if is_empty(&before) || is_same(&before, &there) {
            return Ok(());
        }
        let timeout = self.request.lock.lock.then_some(self.request.lock.timeout);
        let old = open(self.context, &home_of(&self.from, from), OPERATION, timeout).await?;
        let done = match open(self.context, &home_of(&self.to, to), OPERATION, timeout).await {
            Ok(new) => self.copy_opened(old.state, &old.unsettled, new, is_forced).await,
            Err(failed) => Err(failed),
        };
        drop(old.session.close().await);
        done
    }

    async fn copy_opened(
        &self,
        state: State,
        unsettled: &[crate::state::journal::Unsettled],
        mut new: Opened,
        is_forced: bool,
    ) -> Result<(), Failed> {
        let stopped = unsettled.first().or(new.unsettled.first());
        let done = match stopped {
            Some(first) => {
                let detail = format!(
                    "A stopped run began something on {} and did not finish it. Run plan or apply with the back end as it was, which finds out what \
                     became of it, and then this again. Nothing was copied.",
                    first.intent.address
                );
                Err(Failed::from(Diagnostic::error("A stopped run is not settled", detail)))
            }
            None => match is_forced || self.confirm(&state, &new.state).await? {
                true => new.session.replace(&state).await.map_err(Failed::from),
                false => Ok(()),
            },
        };
        drop(new.session.close().await);
        done
    }

    async fn confirm(&self, old: &State, new: &State) -> Result<bool, Failed> {
        let (from, to) = (self.from.kind(), self.to.kind());
        let title = "Do you want to copy existing state to the new backend?".to_owned();
        if is_empty(new) {
            let text = format!(
                "Pre-existing state was found while migrating the previous {from:?} backend to the\nnewly configured {to:?} backend. No existing \
                 state was found in the newly\nconfigured {to:?} backend. Do you want to copy this state to the new {to:?}\nbackend? Enter \"yes\" to \
                 copy and \"no\" to start with an empty state."
            );
            return self.conversation.ask(&Question { title, text }).await;
        }
        let unwritten = |error: std::io::Error| Failed::from(Diagnostic::error("Temporary files can't be written", format!("{error}.")));
        let folder = tempfile::Builder::new().prefix("windlass").tempdir().map_err(unwritten)?;
        let paths = [folder.path().join(format!("1-{from}.tfstate")), folder.path().join(format!("2-{to}.tfstate"))];
        for (path, state) in paths.iter().zip([old, new]) {
            let bytes = self.to.store(DEFAULT_WORKSPACE).as_written(wire::write(state)).await.map_err(|error| failed(&error))?;
            write_private(path, &bytes).map_err(unwritten)?;
        }
        let text = format!(
            "Pre-existing state was found while migrating the previous {from:?} backend to the\nnewly configured {to:?} backend. An existing \
             non-empty state already exists in\nthe new backend. The two states have been saved to temporary files that will be\nremoved after \
             responding to this query.\n\nPrevious (type {from:?}): {}\nNew      (type {to:?}): {}\n\nDo you want to overwrite the state in the new \
             backend with the previous state?\nEnter \"yes\" to copy and \"no\" to start with the existing state in the newly\nconfigured {to:?} \
             backend.",
            paths[0].display(),
            paths[1].display()
        );
        self.conversation.ask(&Question { title, text }).await
    }
}

fn is_empty(state: &State) -> bool {
    state.instances.is_empty() && state.outputs.is_empty()
}

fn is_same(one: &State, other: &State) -> bool {
    one.lineage == other.lineage && one.instances == other.instances && one.outputs == other.outputs
}

fn failed(error: &StoreError) -> Failed {
    Diagnostic::error("A workspace can't be made", format!("Error {error}.")).into()
}

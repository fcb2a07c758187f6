//! Events, told to the log on their way to who listens.

use super::{Event, Listener, Refreshed};
use std::sync::Arc;
use std::time::Duration;
use tracing::{debug, info, warn};

/// A listener that tells the log what another one hears.
pub struct Logged(pub Arc<dyn Listener>);

impl Listener for Logged {
    fn on_event(&self, event: &Event) {
        tell(event);
        self.0.on_event(event);
    }
}

fn tell(event: &Event) {
    let milliseconds = |elapsed: &Duration| elapsed.as_millis() as u64;
    match event {
        Event::RefreshStarted { objects, is_data } => {
            let first = objects.first().map(|object| object.address.to_string());
            debug!(objects = objects.len(), first, is_data, "refresh started");
        }
        Event::RefreshFinished { objects, is_data, elapsed } => {
            objects.iter().for_each(|Refreshed { address, id }| debug!(%address, id, is_data, "refreshed"));
            debug!(objects = objects.len(), is_data, milliseconds = milliseconds(elapsed), "refresh finished");
        }
        Event::ApplyStarted { steps } => info!(steps, "apply started"),
        Event::ApplyFinished => info!("apply finished"),
        Event::StepStarted { address, operation, id } => info!(%address, ?operation, id, "step started"),
        Event::StepProgress { address, operation, status, elapsed } => {
            debug!(%address, ?operation, status, milliseconds = milliseconds(elapsed), "step goes on");
        }
        Event::StepRetried { address, message } => warn!(%address, message, "step is tried again"),
        Event::StepFinished { address, operation, id, elapsed } => {
            info!(%address, ?operation, id, milliseconds = milliseconds(elapsed), "step finished");
        }
        Event::StepFailed { address, operation, elapsed } => {
            warn!(%address, ?operation, milliseconds = milliseconds(elapsed), "step failed");
        }
        Event::ModuleFetching { module, source } => debug!(module, source, "module is fetched"),
        Event::ModuleInstalled { module, folder } => debug!(module, folder, "module is in its place"),
        Event::StoreRetried { message } => warn!(message, "store is asked again"),
        Event::Interrupted { times } => warn!(times, "interrupted"),
        Event::Notice(diagnostic) => warn!(summary = diagnostic.summary, "notice"),
    }
}

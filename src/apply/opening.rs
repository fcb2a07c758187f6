//! Before a step: the ephemeral objects that it needs are opened, by a worker, and the step is made ready again.

use super::dispatcher::Dispatcher;
use super::message::{Message, Reporter};
use crate::address::Instance;
use crate::diagnostic::Diagnostics;
use crate::live::opening_failure;
use crate::plan::{Opening, StepId, StepOperation};
use windlass_api::{Operation, Value};

/// What a worker opened, or why it could not.
pub(super) type Opened = Result<Vec<(Instance, Value)>, Diagnostics>;

impl Dispatcher {
    /// What must be opened before a step can be made ready.
    pub(super) fn openings(&self, step: StepId) -> Result<Vec<Opening>, Diagnostics> {
        let is_evaluated = matches!(
            self.plan.steps[step].operation,
            StepOperation::Provider(Operation::Create | Operation::Update) | StepOperation::SetAsideAndCreate | StepOperation::ReadData
        );
        match is_evaluated {
            true => self.resolver.openings(self.plan.steps[step].change),
            false => Ok(Vec::new()),
        }
    }

    /// Opens side by side.
    pub(super) fn open(&mut self, step: StepId, openings: Vec<Opening>) {
        let reporter = Reporter { step, messages: self.messages() };
        let ephemerals = self.shared.ephemerals.clone();
        self.spawn(step, async move {
            let opened = openings.into_iter().map(|opening| {
                let ephemerals = ephemerals.clone();
                async move {
                    let value = ephemerals.open(&opening.address, &opening.provider, &opening.config, &opening.query).await;
                    value.map(|value| (opening.address.clone(), value)).map_err(|error| opening_failure(&opening.address, &error))
                }
            });
            let (mut values, mut problems) = (Vec::new(), Diagnostics::none());
            for result in futures::future::join_all(opened).await {
                match result {
                    Ok(opened) => values.push(opened),
                    Err(problem) => problems.push(problem),
                }
            }
            let opened = if problems.has_errors() { Err(problems) } else { Ok(values) };
            reporter.send(Message::Opened(step, opened));
        });
    }
}

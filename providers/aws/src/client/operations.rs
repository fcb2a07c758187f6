//! Operations, step by step: started once, then advanced a little at every poll.

use super::wire::Position;
use super::{Aws, CALLS_AT_ONCE, resource};
use crate::resource::{Next, ResourceType, Work, settle};
use futures::StreamExt as _;
use std::sync::Arc;
use windlass_api::{Availability, Error, ErrorKind, Handle, Identity, Operation, Polled, StartRequest, Started, Value};

/// How often in a row an object just made may be invisible before that counts as its end. With a second between looks it is
/// the five minutes that the Terraform provider waits.
const MISSES_MAX: u32 = 300;

/// How long until the next look at an object that is not to be seen yet, or that something still holds on to.
const AGAIN_MILLISECONDS: u64 = 1_000;

/// More steps than any type has; what takes more goes round in circles.
const STEPS_MAX: u32 = 1_000;

impl Aws {
    pub(super) async fn probe_all(&self, requests: &[StartRequest]) -> Vec<Result<Availability, Error>> {
        let one = |request: StartRequest| async move {
            let resource = resource(&request.type_name)?;
            let work = Work::of(&request);
            let region = self.region_of(work.object());
            resource.probe(&region, &work).await
        };
        futures::stream::iter(requests.iter().cloned().map(one)).buffered(CALLS_AT_ONCE).collect().await
    }

    pub(super) async fn start_all(&self, requests: &[StartRequest]) -> Vec<Started> {
        futures::stream::iter(requests.iter().cloned().map(|request| self.start_one(request))).buffered(CALLS_AT_ONCE).collect().await
    }

    async fn start_one(&self, request: StartRequest) -> Started {
        let failed = |error| Started::Failed { error, identity: None, partial: None };
        let resource = match resource(&request.type_name) {
            Ok(resource) => resource,
            Err(error) => return failed(error),
        };
        let work = self.remember(Work::of(&request));
        let id = if work.operation == Operation::Create {
            let region = self.region_of(&work.planned);
            resource.create(&region, &work).await
        } else {
            let id = work.prior.get_str("id").map(str::to_owned);
            id.ok_or_else(|| Error::new(ErrorKind::Internal, format!("an object of type {} has no id", request.type_name)))
        };
        match id {
            Ok(id) => {
                let position = Position { type_name: request.type_name, id, token: request.token, step: 0, misses: 0 };
                Started::Accepted { identity: Identity(position.id.clone()), handle: position.to_handle() }
            }
            Err(error) => {
                self.forget(&request.token);
                failed(error)
            }
        }
    }

    pub(super) async fn poll_all(&self, handles: &[Handle]) -> Vec<Polled> {
        let one = |handle: Handle| async move {
            let failed = |error| Polled::Failed { error, partial: None };
            match Position::of_handle(&handle).and_then(|position| Ok((resource(&position.type_name)?, position))) {
                Ok((resource, position)) => match self.recall(&position.token) {
                    Some(work) => self.poll_one(resource, &work, position).await,
                    None => failed(Error::new(ErrorKind::Internal, format!("nothing is known of the operation on {}", position.id))),
                },
                Err(error) => failed(error),
            }
        };
        futures::stream::iter(handles.iter().cloned().map(one)).buffered(CALLS_AT_ONCE).collect().await
    }

    async fn poll_one(&self, resource: &dyn ResourceType, work: &Arc<Work>, mut position: Position) -> Polled {
        let region = self.region_of(work.object());
        while position.step < STEPS_MAX {
            let (id, step) = (&position.id, position.step);
            let next = match work.operation {
                Operation::Create => resource.created(&region, work, id, step).await,
                Operation::Update => resource.update(&region, work, id, step).await,
                Operation::Delete => resource.delete(&region, work, id, step).await,
            };
            match next {
                Ok(Next::Step) => {
                    work.progress.next_step();
                    position = Position { step: step + 1, misses: 0, ..position };
                }
                Ok(Next::Renamed(id)) => position = Position { id, step: step + 1, misses: 0, ..position },
                Ok(Next::Wait { status, milliseconds }) => {
                    work.progress.add_wait(milliseconds);
                    return Polled::Pending { status, handle: position.to_handle(), wait_milliseconds: milliseconds };
                }
                Ok(Next::Done) => return self.done(resource, work, position).await,
                Err(error) => return self.stumbled(resource, work, position, error).await,
            }
        }
        Polled::Failed {
            error: Error::new(ErrorKind::Internal, format!("{} takes more than {STEPS_MAX} steps", resource.name())),
            partial: None,
        }
    }

    async fn done(&self, resource: &dyn ResourceType, work: &Work, position: Position) -> Polled {
        if work.operation == Operation::Delete {
            self.forget(&position.token);
            return Polled::Ready(None);
        }
        match self.read_one(resource, &position.id, &work.planned).await {
            Ok(Some(found)) => {
                self.forget(&position.token);
                Polled::Ready(Some(settle(&work.planned, &found)))
            }
            Ok(None) => self.unseen(position, Error::new(ErrorKind::NotFound, "the object is gone")),
            Err(error) => Polled::Failed { error, partial: Some(self.partial(work, &position.id, None)) },
        }
    }

    /// An error in a step: some only mean "not yet".
    async fn stumbled(&self, resource: &dyn ResourceType, work: &Work, position: Position, error: Error) -> Polled {
        match (work.operation, error.kind) {
            (Operation::Delete, ErrorKind::NotFound) => {
                // The code may be about something that the object refers to; only a look tells.
                if matches!(self.read_one(resource, &position.id, &work.prior).await, Ok(None)) {
                    self.forget(&position.token);
                    return Polled::Ready(None);
                }
            }
            (Operation::Delete, ErrorKind::Conflict) => {
                let status = format!("waiting for what uses it: {}", error.message);
                return Polled::Pending { status, handle: position.to_handle(), wait_milliseconds: AGAIN_MILLISECONDS };
            }
            (Operation::Create, ErrorKind::NotFound) => return self.unseen(position, error),
            _ => {}
        }
        let found = self.read_one(resource, &position.id, work.object()).await.ok().flatten();
        Polled::Failed { error, partial: Some(self.partial(work, &position.id, found)) }
    }

    /// What was just made may be invisible for a while.
    fn unseen(&self, position: Position, error: Error) -> Polled {
        if position.misses >= MISSES_MAX {
            return Polled::Failed { error, partial: None };
        }
        let handle = Position { misses: position.misses + 1, ..position }.to_handle();
        Polled::Pending { status: "not visible yet".to_owned(), handle, wait_milliseconds: AGAIN_MILLISECONDS }
    }

    /// The object as far as it is known after a failure: as read, else as planned, with its id.
    fn partial(&self, work: &Work, id: &str, found: Option<Value>) -> Value {
        found.unwrap_or_else(|| settle(&work.object().with_field("id", Value::string(id)), &Value::null(windlass_api::Type::Dynamic)))
    }
}

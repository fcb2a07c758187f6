//! What became of operations whose end was not recorded. Only looks things up.

use super::wire::Position;
use super::{Aws, CALLS_AT_ONCE, resource};
use crate::resource::{Found, ResourceType, Work};
use futures::StreamExt as _;
use windlass_api::{Error, Intent, Operation, Recovery};

impl Aws {
    pub(super) async fn recover_all(&self, intents: &[Intent]) -> Vec<Recovery> {
        let one = |intent: Intent| async move { self.recover_one(&intent).await.unwrap_or_else(Recovery::Failed) };
        futures::stream::iter(intents.iter().cloned().map(one)).buffered(CALLS_AT_ONCE).collect().await
    }

    async fn recover_one(&self, intent: &Intent) -> Result<Recovery, Error> {
        let resource = resource(&intent.request.type_name)?;
        let work = Work::of(&intent.request);
        match work.operation {
            Operation::Create => self.recover_creation(resource, intent, work).await,
            Operation::Update | Operation::Delete => {
                let id = work.prior.get_str("id").unwrap_or_default();
                let found = self.read_one(resource, id, &work.prior).await?;
                Ok(found.map_or(Recovery::Absent, Recovery::Found))
            }
        }
    }

    async fn recover_creation(&self, resource: &dyn ResourceType, intent: &Intent, work: Work) -> Result<Recovery, Error> {
        let region = self.region_of(&work.planned);
        let recorded = intent.identity.as_ref().map(|identity| identity.0.clone());
        let ids = match recorded {
            Some(id) => vec![id],
            None => match resource.find(&region, &work).await? {
                Found::Marked(ids) => ids,
                Found::Named(None) => Vec::new(),
                Found::Named(Some(id)) if intent.name_was_free => vec![id],
                Found::Named(Some(id)) => {
                    let detail = format!("{} \"{id}\" exists, and nothing says whether this run made it.", resource.name());
                    return Ok(Recovery::Ambiguous { candidates: vec![id], detail });
                }
            },
        };
        match ids.as_slice() {
            [] => Ok(Recovery::Absent),
            [id] => {
                // A creation whose first call worked goes on from where it stood; its steps are idempotent.
                if self.read_one(resource, id, &work.planned).await?.is_none() {
                    return Ok(Recovery::Absent);
                }
                let recorded = intent.handle.as_ref().map(Position::of_handle).transpose()?;
                let fresh = Position {
                    type_name: intent.request.type_name.clone(),
                    id: id.clone(),
                    token: intent.request.token.clone(),
                    step: 0,
                    misses: 0,
                };
                self.remember(work);
                Ok(Recovery::UnderWay(recorded.unwrap_or(fresh).to_handle()))
            }
            _ => {
                let detail = format!("Several objects of type {} bear the mark of one operation.", resource.name());
                Ok(Recovery::Ambiguous { candidates: ids, detail })
            }
        }
    }
}

//! What all types share.
//!
//! A type is a [`ResourceType`]: its mapping (which attribute goes into which call), a planning hook, and its calls. An
//! operation is a sequence of steps; [`crate::client`] runs them poll by poll, so that nothing here waits.

mod batch;
mod draft;
mod fetch;
mod imported;
mod mapping;
mod naming;
mod planning;
mod settle;
pub(crate) mod structure;
mod tags;
mod wire;
mod work;

pub(crate) use batch::describe;
pub(crate) use draft::Draft;
pub(crate) use fetch::Fetch;
pub(crate) use imported::{id_and_region, two_parts};
pub(crate) use mapping::{Mapped, Role, below, computed, in_place, local, nested, on_create, refused};
pub(crate) use naming::{Naming, unique_name};
pub(crate) use planning::{Change, is_set, plan};
pub(crate) use settle::{finish, settle};
pub(crate) use structure::{Read, ReadSlot, Write, enumeration, structure, wrapped_text};
pub(crate) use tags::{HIDDEN_TAG, Tags, is_hidden, split_tags};
pub(crate) use wire::same_json;
pub(crate) use work::{Found, Known, Next, Work};

use crate::client::Region;
use windlass_api::{Availability, Error, Operation, Problem, Value};

/// An implemented managed type.
///
/// Methods that take a `step` are called with 0, 1, 2, … as far as they answer [`Next::Step`], and again with the same step
/// after [`Next::Wait`]. After a crash a step may run a second time, so each must be idempotent.
#[async_trait::async_trait]
pub(crate) trait ResourceType: Send + Sync {
    /// Its name, such as `aws_vpc`.
    fn name(&self) -> &'static str;

    /// Every attribute of its schema and where it goes. A test compares it with the schema.
    fn mapping(&self) -> Vec<Mapped>;

    /// How its objects are named.
    fn naming(&self) -> Naming {
        Naming::ByCloud
    }

    /// How long an operation usually takes, in seconds.
    fn typical_seconds(&self, _operation: Operation) -> f64 {
        2.0
    }

    /// Checks a configuration beyond its schema.
    fn validate(&self, _config: &Value, _problems: &mut Vec<Problem>) {}

    /// Adds to the plan what the schema can't say.
    fn plan(&self, _change: &mut Change<'_>) {}

    /// Reads objects of one region anew, in as few calls as the API allows; `None` for one that is gone. A draft leaves out
    /// what the cloud does not tell; the last known value stays then.
    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>>;

    /// What an import knows of the object by its id: the attributes that [`ResourceType::read`] finds it by, `id` among them. Types
    /// whose import ids are made of several parts take them apart here; others have nothing to add.
    ///
    /// # Errors
    /// The id has a wrong form, or the look-up of what the id stands for fails. `NotFound` means that there is no such object.
    async fn import(&self, _region: &Region, id: &str) -> Result<Vec<(&'static str, String)>, Error> {
        Ok(vec![("id", id.to_owned())])
    }

    /// Whether the name that a creation would take is free.
    async fn probe(&self, _region: &Region, _work: &Work) -> Result<Availability, Error> {
        Ok(Availability::NotByName)
    }

    /// Issues the one call that makes the object; answers with its id.
    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error>;

    /// What follows the creating call, until the object is as planned.
    async fn created(&self, _region: &Region, _work: &Work, _id: &str, _step: u32) -> Result<Next, Error> {
        Ok(Next::Done)
    }

    /// Changes the object in place.
    async fn update(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error>;

    /// Deletes the object. An error of kind `NotFound` ends the deletion well; one of kind `Conflict` is tried again.
    async fn delete(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error>;

    /// Looks for what a creation made whose answer was lost: by client token, by the hidden tag or by natural key.
    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error>;
}

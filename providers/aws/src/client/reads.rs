//! Reading managed objects and data sources.

use super::{Aws, CALLS_AT_ONCE};
use crate::resource::{Draft, Known, ResourceType, finish, split_tags};
use futures::StreamExt as _;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Error, ErrorKind, Mode, Schema, Value};

impl Aws {
    /// Reads objects of one type, region by region. An object without an id does not exist.
    pub(super) async fn read_objects(&self, resource: &dyn ResourceType, objects: &[Value]) -> Vec<Result<Option<Value>, Error>> {
        let mut by_region: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (position, object) in objects.iter().enumerate() {
            by_region.entry(object.get_str("region").unwrap_or_default()).or_default().push(position);
        }
        let mut answers: Vec<Result<Option<Value>, Error>> = objects.iter().map(|_| Ok(None)).collect();
        for (name, positions) in by_region {
            let region = self.regions.get(Some(name));
            let present = positions.into_iter().filter_map(|position| Some((position, objects[position].get_str("id")?)));
            let (positions, known): (Vec<usize>, Vec<Known<'_>>) =
                present.map(|(position, id)| (position, Known { id, object: &objects[position] })).unzip();
            if known.is_empty() {
                continue;
            }
            let drafts = resource.read(&region, &known).await;
            for ((position, known), draft) in positions.into_iter().zip(known).zip(drafts) {
                answers[position] =
                    draft.map(|draft| draft.map(|draft| self.finished(resource, draft, known.id, known.object, &region.name)));
            }
        }
        answers
    }

    /// Reads one object by its id.
    pub(super) async fn read_one(&self, resource: &dyn ResourceType, id: &str, object: &Value) -> Result<Option<Value>, Error> {
        let region = self.region_of(object);
        let drafts = resource.read(&region, &[Known { id, object }]).await;
        let draft = drafts.into_iter().next().unwrap_or(Ok(None))?;
        Ok(draft.map(|draft| self.finished(resource, draft, id, object, &region.name)))
    }

    fn finished(&self, resource: &dyn ResourceType, mut draft: Draft, id: &str, prior: &Value, region: &str) -> Value {
        let Ok(schema) = schema(Mode::Managed, resource.name()) else { return draft.into() };
        if !draft.0.contains_key("id") {
            draft.text("id", Some(id));
        }
        if schema.block.attributes.contains_key("region") && !draft.0.contains_key("region") {
            draft.text("region", Some(region));
        }
        split_tags(&mut draft, prior, &self.settings.default_tags, |key| self.settings.ignores(key));
        finish(draft, prior, &schema.block)
    }

    /// Reads data sources, some at a time.
    pub(super) async fn read_data_sources(&self, type_name: &str, configs: &[Value]) -> Vec<Result<Value, Error>> {
        let Some(source) = crate::data::source(type_name) else {
            let error = Error::new(ErrorKind::Unsupported, format!("The data source \"{type_name}\" is not implemented yet."));
            return configs.iter().map(|_| Err(error.clone())).collect();
        };
        let one = |config: Value| async move {
            let schema = schema(Mode::Data, type_name)?;
            let region = self.region_of(&config);
            let mut draft = source.read(&region, &config).await?;
            if schema.block.attributes.contains_key("region") && !draft.0.contains_key("region") {
                draft.text("region", Some(&region.name));
            }
            Ok(finish(draft, &config, &schema.block))
        };
        futures::stream::iter(configs.iter().cloned().map(one)).buffered(CALLS_AT_ONCE).collect().await
    }
}

pub(super) fn schema(mode: Mode, type_name: &str) -> Result<Arc<Schema>, Error> {
    crate::schema::pack()
        .schema(mode, type_name)
        .ok_or_else(|| Error::new(ErrorKind::Internal, format!("there is no schema of {type_name}")))
}

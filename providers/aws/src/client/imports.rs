//! Objects that are to be managed from now on, found by their ids.

use super::reads::schema;
use super::{Aws, CALLS_AT_ONCE, resource};
use crate::resource::{ResourceType, id_and_region};
use futures::StreamExt as _;
use windlass_api::schema::without_zeros;
use windlass_api::value::Fields;
use windlass_api::{BlockSchema, Error, ErrorKind, Mode, Value};

impl Aws {
    /// Reads the objects of these ids; a region may follow an id after an `@`.
    pub(super) async fn import_objects(&self, type_name: &str, ids: &[String]) -> Vec<Result<Option<Value>, Error>> {
        let found = resource(type_name).and_then(|resource| Ok((resource, schema(Mode::Managed, type_name)?)));
        let (resource, schema) = match found {
            Ok(found) => found,
            Err(error) => return ids.iter().map(|_| Err(error.clone())).collect(),
        };
        let one = |id: String| async move { self.found(resource, &id).await };
        let attributes: Vec<_> = futures::stream::iter(ids.iter().cloned().map(one)).buffered(CALLS_AT_ONCE).collect().await;
        let mut answers: Vec<Result<Option<Value>, Error>> = ids.iter().map(|_| Ok(None)).collect();
        let (mut positions, mut objects) = (Vec::new(), Vec::new());
        for (position, found) in attributes.into_iter().enumerate() {
            match found {
                Ok(attributes) => {
                    positions.push(position);
                    objects.push(blank(&schema.block, attributes));
                }
                Err(error) if error.kind == ErrorKind::NotFound => {}
                Err(error) => answers[position] = Err(error),
            }
        }
        let read = self.read_objects(resource, &objects).await;
        for (position, result) in positions.into_iter().zip(read) {
            answers[position] = result.map(|object| object.map(|object| without_zeros(&schema.block, &object)));
        }
        answers
    }

    /// What is known of an object by its id, its region among it.
    async fn found(&self, resource: &dyn ResourceType, id: &str) -> Result<Vec<(&'static str, String)>, Error> {
        let has_region = schema(Mode::Managed, resource.name())?.block.attributes.contains_key("region");
        let (id, region) = if has_region { id_and_region(id) } else { (id, None) };
        let mut attributes = resource.import(&self.regions.get(region), id).await?;
        attributes.extend(region.map(|region| ("region", region.to_owned())));
        Ok(attributes)
    }
}

/// An object of which only these attributes are known. What the cloud never tells is as if it had not been set; the rest is
/// unknown, so that nothing found is taken for what was not set.
fn blank(block: &BlockSchema, attributes: Vec<(&'static str, String)>) -> Value {
    let mut fields = Fields::new();
    for (name, attribute) in &block.attributes {
        let value = match &attribute.default {
            Some(default) if !attribute.computed => default.clone(),
            _ if attribute.required || attribute.computed => Value::unknown(attribute.ty.clone()),
            _ => Value::null(attribute.ty.clone()),
        };
        fields.insert(name.clone(), value);
    }
    for (name, nested) in &block.blocks {
        fields.insert(name.clone(), nested.absent());
    }
    for (name, text) in attributes {
        fields.insert(name.into(), Value::string(text));
    }
    Value::object(fields)
}

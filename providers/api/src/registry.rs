//! The providers that a run knows, by local name and by source address.

use crate::Provider;
use std::collections::HashMap;
use std::sync::Arc;

/// The providers that a run knows. The command line makes it; everything else only looks things up.
#[derive(Clone, Default)]
pub struct Providers {
    all: Vec<Arc<dyn Provider>>,
    /// Places in `all` by source without its host.
    by_source: Arc<HashMap<String, usize>>,
}

impl Providers {
    /// A registry of these.
    pub fn new(all: Vec<Arc<dyn Provider>>) -> Providers {
        let mut by_source = HashMap::new();
        for (place, provider) in all.iter().enumerate() {
            by_source.entry(without_host(provider.source()).to_owned()).or_insert(place);
        }
        Providers { all, by_source: Arc::new(by_source) }
    }

    /// All, in the order given.
    pub fn all(&self) -> &[Arc<dyn Provider>] {
        &self.all
    }

    /// By local name, such as `aws`.
    pub fn by_name(&self, name: &str) -> Option<&Arc<dyn Provider>> {
        self.all.iter().find(|provider| provider.name() == name)
    }

    /// By source address, such as `registry.terraform.io/hashicorp/aws`. The registry's host does not matter: OpenTofu writes
    /// its own.
    pub fn by_source(&self, source: &str) -> Option<&Arc<dyn Provider>> {
        self.by_source.get(without_host(source)).map(|place| &self.all[*place])
    }
}

/// A source without its registry's host.
fn without_host(source: &str) -> &str {
    match source.split('/').count() {
        3 => source.split_once('/').map_or(source, |(_, rest)| rest),
        _ => source,
    }
}

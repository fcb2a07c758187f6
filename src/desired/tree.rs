//! All modules of a configuration, numbered.

use crate::address::ModulePath;
use crate::config::{Config, Module, ModuleCall};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The number of a module in its [`ModuleTree`]; 0 is the root.
pub type ModuleIndex = usize;

/// All modules of a configuration, parents before children.
#[derive(Clone, Debug)]
pub struct ModuleTree {
    modules: Vec<TreeModule>,
}

/// A module and its place in the tree.
#[derive(Clone, Debug)]
pub struct TreeModule {
    /// What it declares.
    pub module: Arc<Module>,
    /// Its address.
    pub path: ModulePath,
    /// The module that calls it and the call's name.
    pub caller: Option<(ModuleIndex, Arc<str>)>,
    /// Modules that it calls.
    pub children: BTreeMap<Arc<str>, ModuleIndex>,
}

impl ModuleTree {
    /// Numbers the modules of a configuration.
    pub fn new(config: &Config) -> ModuleTree {
        let root = TreeModule { module: config.root.clone(), path: ModulePath::default(), caller: None, children: BTreeMap::new() };
        let mut modules = vec![root];
        let mut next = 0;
        while next < modules.len() {
            let module = modules[next].module.clone();
            for (name, call) in &module.module_calls {
                let mut path = modules[next].path.clone();
                path.0.push(name.clone());
                let child = TreeModule { module: call.module.clone(), path, caller: Some((next, name.clone())), children: BTreeMap::new() };
                let index = modules.len();
                modules[next].children.insert(name.clone(), index);
                modules.push(child);
            }
            next += 1;
        }
        ModuleTree { modules }
    }

    /// A module.
    pub fn get(&self, index: ModuleIndex) -> &TreeModule {
        &self.modules[index]
    }

    /// All, parents before children.
    pub fn iter(&self) -> impl Iterator<Item = (ModuleIndex, &TreeModule)> {
        self.modules.iter().enumerate()
    }

    /// The module at an address.
    pub fn find(&self, path: &ModulePath) -> Option<ModuleIndex> {
        path.0.iter().try_fold(0, |module, name| self.modules[module].children.get(name).copied())
    }

    /// The call that a module stands for; `None` for the root.
    pub fn call(&self, index: ModuleIndex) -> Option<&ModuleCall> {
        let (caller, name) = self.modules[index].caller.as_ref()?;
        self.modules[*caller].module.module_calls.get(name)
    }
}

impl TreeModule {
    /// How messages call it: `the root module`, `module.a`.
    pub fn title(&self) -> String {
        match self.caller {
            None => "the root module".to_owned(),
            Some(_) => self.path.to_string(),
        }
    }
}

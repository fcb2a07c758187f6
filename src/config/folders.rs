//! What loading asks of the outside: the files of folders, and where modules from elsewhere were put.

use super::load::Files;
use super::types::InstalledModule;
use super::versions::Constraint;
use crate::address::{ModulePath, ModuleSource};
use crate::diagnostic::{Diagnostic, Range};

/// Where files and modules are found.
pub trait Folders {
    /// The files of a folder, relative to the working folder, without `.` parts, or absolute; `None` when there is none.
    fn files(&self, folder: &str) -> Option<Files>;

    /// Where the module of a call with a source that is no relative path is.
    fn package(&self, call: &PackageCall) -> Found;
}

/// A call of a module from elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct PackageCall<'a> {
    /// The called module.
    pub path: &'a ModulePath,
    /// Its source.
    pub source: &'a ModuleSource,
    /// Which versions will do; only for modules of registries.
    pub constraint: Option<&'a Constraint>,
    /// The header of the module block.
    pub call_range: Range,
    /// The source in it.
    pub source_range: Range,
}

/// An answer of [`Folders::package`].
#[derive(Clone, Debug)]
pub enum Found {
    /// It is here.
    Installed(InstalledModule),
    /// It is not there, for this reason.
    Missing(Box<Diagnostic>),
    /// It is being fetched: the configuration will be loaded again, the call is left out without a message.
    Later,
}

impl PackageCall<'_> {
    /// The answer when no module of this call was ever installed.
    pub fn not_installed(&self) -> Found {
        let detail = "This module is not yet installed. Run \"windlass init\" to install all modules required by this configuration.";
        Found::Missing(Box::new(Diagnostic::error("Module not installed", detail).at(self.call_range)))
    }
}

/// Folders without modules from elsewhere.
impl<F: Fn(&str) -> Option<Files>> Folders for F {
    fn files(&self, folder: &str) -> Option<Files> {
        self(folder)
    }

    fn package(&self, call: &PackageCall) -> Found {
        call.not_installed()
    }
}

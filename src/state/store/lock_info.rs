//! Who holds a lock.

/// Who holds a lock, with Terraform's fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockInfo {
    /// A random UUID.
    pub id: String,
    /// What it does, such as `OperationTypeApply`.
    pub operation: String,
    /// Anything else.
    pub info: String,
    /// `user@host`.
    pub who: String,
    /// The version of the program.
    pub version: String,
    /// When, RFC 3339 in UTC.
    pub created: String,
    /// What is locked.
    pub path: String,
}

impl LockInfo {
    /// The lines that an error shows, as Terraform words them.
    pub fn lines(&self) -> String {
        let LockInfo { id, operation, info, who, version, created, path } = self;
        format!(
            "Lock Info:\n  ID:        {id}\n  Path:      {path}\n  Operation: {operation}\n  Who:       {who}\n  Version:   {version}\n  \
             Created:   {created}\n  Info:      {info}\n"
        )
    }
}

//! Objects in buckets of Amazon S3, Google Cloud Storage and Alibaba Cloud OSS: read, written under a condition, listed, deleted.
//!
//! ```text
//! Place + Surroundings ─open→ Bucket ─get · head · put · delete · list→ Object · Meta · Page, or an Error with a kind
//! ```
//!
//! - A [`Place`] says where: service, bucket, region, endpoint, whose credentials. What it leaves open is found as the service's own
//!   tools find it: in the variables and the user's files that [`Surroundings`] names, on the virtual machine that this is. Without
//!   credentials requests are not signed, which is enough for objects that everybody may read.
//! - S3 and OSS speak almost the same language (XML, signed requests); Google's is JSON under a bearer token.
//! - What may have been done without our knowing is not done again: an answer that got lost is repeated for reads, deletions and
//!   unconditional writes only. Whoever writes under a condition and gets [`Kind::Unavailable`] must look at what is there.

mod access;
mod alibaba;
mod arguments;
mod aws;
mod client;
mod context;
mod error;
mod exchange;
mod google;
mod object;
mod place;
mod profile;
mod service;
mod signer;
mod url;
mod wire;

#[cfg(test)]
mod tests;

pub use access::{Access, Impersonation, Keys, Role, Secret};
pub use arguments::{Arguments, AwsAccess, WrongArgument};
pub use client::Bucket;
pub use error::{Error, Kind};
pub use object::{Condition, Meta, Object, Page, Put, Version};
pub use place::{Place, Service, Surroundings};
pub use service::OtherService;

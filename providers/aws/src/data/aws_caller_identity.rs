//! `aws_caller_identity`: whose credentials these are.

use super::DataSource;
use crate::client::{Region, failure};
use crate::resource::Draft;
use windlass_api::{Error, Value};

/// The data source.
pub(crate) struct CallerIdentity;

#[async_trait::async_trait]
impl DataSource for CallerIdentity {
    fn name(&self) -> &'static str {
        "aws_caller_identity"
    }

    async fn read(&self, region: &Region, _config: &Value) -> Result<Draft, Error> {
        let answer = region.sts.get_caller_identity().send().await.map_err(|error| failure("sts:GetCallerIdentity", error))?;
        let mut draft = Draft::new();
        draft.text("id", answer.account()).text("account_id", answer.account()).text("arn", answer.arn()).text("user_id", answer.user_id());
        Ok(draft)
    }
}

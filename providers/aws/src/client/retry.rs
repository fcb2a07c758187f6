//! What the SDK must not try again.
//!
//! Capacity errors are HTTP 500, which the SDK would take for a fault that passes. Two layers that retry a launch start
//! instances twice, and hold the call for minutes while another zone has room.

use super::error::classify;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority};
use windlass_api::ErrorKind;

/// Forbids the SDK's retry where another zone, type or limit is the answer.
#[derive(Debug)]
pub(super) struct NeverForCapacity;

impl ClassifyRetry for NeverForCapacity {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(response) = context.response() else { return RetryAction::NoActionIndicated };
        let Some(code) = response.body().bytes().and_then(code_of) else { return RetryAction::NoActionIndicated };
        match classify(Some(&code), "", Some(response.status().as_u16())) {
            ErrorKind::Capacity | ErrorKind::Quota => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "never for capacity"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::modeled_as_retryable_classifier())
    }
}

/// The code of an error answer in XML; all services of this provider speak it.
fn code_of(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<Code>")?;
    Some(rest.split_once("</Code>")?.0.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_found_in_both_error_forms() {
        let ec2 = b"<Response><Errors><Error><Code>InsufficientInstanceCapacity</Code><Message>m</Message></Error></Errors></Response>";
        assert_eq!(code_of(ec2).as_deref(), Some("InsufficientInstanceCapacity"));
        assert_eq!(
            code_of(b"<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code></Error></ErrorResponse>").as_deref(),
            Some("Throttling")
        );
        assert_eq!(code_of(b"not xml"), None);
    }
}

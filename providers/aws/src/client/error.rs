//! Errors of AWS, classified by code before HTTP status: capacity errors come as HTTP 500.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use windlass_api::{Error, ErrorKind};

/// Codes by kind. Sources: botocore's retry tables, karpenter-provider-aws, the Terraform provider, and known use.
const CODES: &[(ErrorKind, &[&str])] = &[
    (
        ErrorKind::Capacity,
        &[
            "InsufficientInstanceCapacity",
            "Server.InsufficientInstanceCapacity",
            "UnfulfillableCapacity",
            "ReservationCapacityExceeded",
            "InsufficientFreeAddressesInSubnet",
            "Unsupported",
            "InsufficientVolumeCapacityError",
            "InsufficientVolumeCapacity",
            "InsufficientHostCapacity",
            "InsufficientReservedInstanceCapacity",
            "InsufficientCapacity",
            "InsufficientCapacityOnOutpost",
            "SpotMaxPriceTooLow",
        ],
    ),
    (
        ErrorKind::Quota,
        &[
            "VcpuLimitExceeded",
            "MaxSpotInstanceCountExceeded",
            "MaxFleetCountExceeded",
            "InstanceLimitExceeded",
            "LimitExceeded",
            "LimitExceededFault",
            "LimitExceededException",
            "ServiceQuotaExceededException",
            "TooManyBuckets",
        ],
    ),
    (
        ErrorKind::Throttled,
        &[
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestThrottledException",
            "TooManyRequestsException",
            "ProvisionedThroughputExceededException",
            "TransactionInProgressException",
            "RequestLimitExceeded",
            "BandwidthLimitExceeded",
            "RequestThrottled",
            "SlowDown",
            "PriorRequestNotComplete",
            "EC2ThrottledException",
            "SnapshotCreationPerVolumeRateExceeded",
            "ConcurrentMutationLimitExceeded",
        ],
    ),
    (
        ErrorKind::Transient,
        &["RequestTimeout", "RequestTimeoutException", "InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable"],
    ),
    (
        ErrorKind::Credentials,
        &[
            "ExpiredToken",
            "ExpiredTokenException",
            "RequestExpired",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "AuthFailure",
            "TokenRefreshRequired",
            "InvalidToken",
            "IncompleteSignature",
            "MissingAuthenticationToken",
        ],
    ),
    (
        ErrorKind::Denied,
        &[
            "AccessDenied",
            "AccessDeniedException",
            "UnauthorizedOperation",
            "OptInRequired",
            "Blocked",
            "PendingVerification",
            "AllAccessDisabled",
        ],
    ),
    (
        ErrorKind::NotFound,
        &[
            "NoSuchEntity",
            "NoSuchEntityException",
            "NoSuchBucket",
            "NoSuchKey",
            "NotFound",
            "NotFoundException",
            "NoSuchBucketPolicy",
            "Gateway.NotAttached",
        ],
    ),
    (
        ErrorKind::Conflict,
        &[
            "DependencyViolation",
            "EntityAlreadyExists",
            "EntityAlreadyExistsException",
            "EntityTemporarilyUnmodifiable",
            "DeleteConflict",
            "DeleteConflictException",
            "ConcurrentModification",
            "ConcurrentModificationException",
            "AlreadyExists",
            "AlreadyExistsFault",
            "ResourceInUse",
            "ResourceInUseFault",
            "ResourceInUseException",
            "ResourceContention",
            "ResourceContentionFault",
            "ScalingActivityInProgress",
            "ScalingActivityInProgressFault",
            "RouteAlreadyExists",
            "BucketAlreadyExists",
            "BucketAlreadyOwnedByYou",
            "BucketNotEmpty",
            "OperationAborted",
            "IncorrectState",
            "IncorrectInstanceState",
            "InvalidGroup.InUse",
            "InvalidGroup.Duplicate",
            "InvalidPermission.Duplicate",
            "Resource.AlreadyAssociated",
            "Resource.AlreadyAttached",
            "InvalidLaunchTemplateName.AlreadyExistsException",
            "IdempotentParameterMismatch",
            "VolumeInUse",
        ],
    ),
];

/// The kind of an error by its code, its message and at last its HTTP status.
pub(super) fn classify(code: Option<&str>, message: &str, status: Option<u16>) -> ErrorKind {
    let Some(code) = code else { return classify_status(status) };
    if let Some((kind, _)) = CODES.iter().find(|(_, codes)| codes.contains(&code)) {
        return *kind;
    }
    // Auto Scaling and EC2 report by message what has a code elsewhere.
    if code == "ValidationError" && message.contains("not found") {
        return ErrorKind::NotFound;
    }
    if message.contains("Invalid IAM Instance Profile") || message.contains("has no associated IAM Roles") {
        // Roles and profiles just made are visible to EC2 only seconds later.
        return ErrorKind::Conflict;
    }
    // Such as InvalidVpcID.NotFound and InvalidLaunchTemplateName.NotFoundException.
    if code.ends_with(".NotFound") || code.ends_with(".NotFoundException") || code.ends_with("NotFound") || code.ends_with(".Unknown") {
        return ErrorKind::NotFound;
    }
    if code.ends_with("LimitExceeded") {
        return ErrorKind::Quota;
    }
    if code.ends_with("AlreadyExists") || code.ends_with(".InUse") || code.ends_with(".Duplicate") {
        return ErrorKind::Conflict;
    }
    match classify_status(status) {
        ErrorKind::Internal => ErrorKind::Invalid,
        kind => kind,
    }
}

fn classify_status(status: Option<u16>) -> ErrorKind {
    match status {
        Some(429) => ErrorKind::Throttled,
        Some(401 | 403) => ErrorKind::Denied,
        Some(404) => ErrorKind::NotFound,
        Some(409) => ErrorKind::Conflict,
        Some(500..) => ErrorKind::Transient,
        Some(400..) => ErrorKind::Invalid,
        _ => ErrorKind::Internal,
    }
}

/// What a user can do about an error.
fn hint(kind: ErrorKind, code: Option<&str>) -> Option<&'static str> {
    match (kind, code) {
        (ErrorKind::Credentials, Some("ExpiredToken" | "ExpiredTokenException" | "RequestExpired")) => {
            Some("The credentials have expired, or this machine's clock is wrong. Get new credentials and run the command again.")
        }
        (ErrorKind::Credentials, _) => Some("Check the access key, the secret key and the session token."),
        (ErrorKind::Quota, _) => Some("A limit of the account is reached: ask AWS for more in Service Quotas, or use another region."),
        (ErrorKind::Capacity, _) => Some("AWS has no such capacity here at the moment: use another zone or instance type."),
        _ => None,
    }
}

/// The error of a failed call, such as `ec2:CreateVpc`.
pub(crate) fn failure<E>(operation: &str, error: SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    failure_of(operation, &error)
}

/// The error of a failed call that something else holds.
pub(super) fn failure_of<E>(operation: &str, error: &SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let request_id = error.raw_response().and_then(|response| {
        ["x-amzn-requestid", "x-amz-request-id"].iter().find_map(|name| response.headers().get(*name)).map(str::to_owned)
    });
    let (code, message) = (error.code().map(str::to_owned), error.message().map(str::to_owned));
    if code.is_none() && !matches!(error, SdkError::ServiceError(_)) {
        return undelivered(operation, error, request_id);
    }
    let message = message.unwrap_or_else(|| chain(error));
    assemble(operation, code, message, status, request_id)
}

/// The error of one item of a call that else succeeded.
pub(crate) fn described(operation: &str, code: Option<String>, message: String) -> Error {
    assemble(operation, code, message, Some(400), None)
}

fn assemble(operation: &str, code: Option<String>, message: String, status: Option<u16>, request_id: Option<String>) -> Error {
    let kind = classify(code.as_deref(), &message, status);
    Error {
        hint: hint(kind, code.as_deref()).map(str::to_owned),
        code,
        message,
        operation: Some(operation.to_owned()),
        request_id,
        ..Error::new(kind, "")
    }
}

/// A call that never got an answer from the service.
fn undelivered<E: std::error::Error + 'static>(operation: &str, error: &SdkError<E, HttpResponse>, request_id: Option<String>) -> Error {
    let message = chain(error);
    let kind = match error {
        SdkError::ConstructionFailure(_) => ErrorKind::Invalid,
        SdkError::DispatchFailure(_) if message.contains("redential") => ErrorKind::Credentials,
        _ => ErrorKind::Transient,
    };
    let hint = match kind {
        ErrorKind::Transient => Some("Check the network and the configured endpoint.".to_owned()),
        ErrorKind::Credentials => Some("Check the credentials.".to_owned()),
        _ => None,
    };
    Error { operation: Some(operation.to_owned()), request_id, hint, ..Error::new(kind, message) }
}

/// An error and its causes in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let part = cause.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        source = cause.source();
    }
    text
}

/// The error of an answer that lacks what it must have.
pub(crate) fn missing(operation: &str, what: &str) -> Error {
    let error = Error::new(ErrorKind::Transient, format!("the answer has no {what}"));
    Error { operation: Some(operation.to_owned()), ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, message: &str, status: u16, expected: ErrorKind) {
        assert_eq!(classify(Some(code), message, Some(status)), expected, "{code}");
    }

    #[test]
    fn codes_decide_before_the_status() {
        check("InsufficientInstanceCapacity", "", 500, ErrorKind::Capacity);
        check("VcpuLimitExceeded", "", 400, ErrorKind::Quota);
        check("RequestLimitExceeded", "", 503, ErrorKind::Throttled);
        check("InvalidVpcID.NotFound", "", 400, ErrorKind::NotFound);
        check("InvalidLaunchTemplateName.NotFoundException", "", 400, ErrorKind::NotFound);
        check("InvalidPlacementGroup.Unknown", "", 400, ErrorKind::NotFound);
        check("ValidationError", "AutoScalingGroup name not found - x", 400, ErrorKind::NotFound);
        check("ValidationError", "Invalid IAM Instance Profile name", 400, ErrorKind::Conflict);
        check("ValidationError", "max size is too small", 400, ErrorKind::Invalid);
        check("VpcLimitExceeded", "", 400, ErrorKind::Quota);
        check("DependencyViolation", "", 400, ErrorKind::Conflict);
        check("ExpiredToken", "", 403, ErrorKind::Credentials);
        check("SomethingNew", "", 503, ErrorKind::Transient);
        check("SomethingNew", "", 400, ErrorKind::Invalid);
        assert_eq!(classify(None, "", Some(502)), ErrorKind::Transient);
    }
}

//! Which faults strike a call.

use super::spec::{Fault, Faults, Kind, matches};
use crate::aws::error::AwsError;
use crate::aws::sigv4;
use crate::message::Service;

/// A call as faults see it.
pub struct Incoming<'a> {
    pub service: Service,
    pub action: &'a str,
    pub region: &'a str,
    pub mutating: bool,
    pub now_ms: i64,
}

/// What is to happen to a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    pub wait_milliseconds: u64,
    /// Answered in place of the call.
    pub refuse: Option<AwsError>,
    pub cut_before: bool,
    pub cut_after: bool,
    pub truncate: bool,
}

impl Faults {
    /// Decides a call and counts it.
    pub fn decide(&mut self, call: &Incoming) -> Verdict {
        let mut verdict = Verdict::default();
        for fault in &mut self.list {
            if !fault.concerns(call) || !fault.strikes(call.now_ms) {
                continue;
            }
            fault.fired += 1;
            match fault.kind {
                Kind::Latency => verdict.wait_milliseconds += fault.milliseconds.unwrap_or(0),
                Kind::CutBefore => verdict.cut_before = true,
                Kind::CutAfter => verdict.cut_after = true,
                Kind::Truncate => verdict.truncate = true,
                kind => verdict.refuse = verdict.refuse.or_else(|| refusal(kind, call)),
            }
        }
        verdict
    }
}

impl Fault {
    fn concerns(&self, call: &Incoming) -> bool {
        // These are conditions of the world, asked by the handlers.
        let of_world = matches!(self.kind, Kind::Capacity | Kind::Quota | Kind::Consistency);
        !of_world
            && (call.mutating || !self.mutating)
            && matches(self.service.as_deref(), call.service.name())
            && matches(self.action.as_deref(), call.action)
            && matches(self.region.as_deref(), call.region)
    }

    fn strikes(&mut self, now_ms: i64) -> bool {
        self.seen += 1;
        if self.seen <= self.after || self.count.is_some_and(|count| self.fired >= count) {
            return false;
        }
        if let (Kind::Throttle, Some(rate)) = (self.kind, self.rate) {
            let full = self.burst.unwrap_or(rate).max(1.0);
            let gained = (now_ms - self.filled_ms).max(0) as f64 / 1000.0 * rate;
            self.tokens = (self.tokens + gained).min(full);
            self.filled_ms = now_ms;
            if self.tokens >= 1.0 {
                self.tokens -= 1.0;
                return false;
            }
            return true;
        }
        self.probability.is_none_or(|probability| self.random.fraction() < probability)
    }
}

fn refusal(kind: Kind, call: &Incoming) -> Option<AwsError> {
    let ec2 = call.service == Service::Ec2;
    let s3 = call.service == Service::S3;
    Some(match kind {
        Kind::Throttle if ec2 => AwsError::new(503, "RequestLimitExceeded", "Request limit exceeded."),
        Kind::Throttle if s3 => AwsError::new(503, "SlowDown", "Please reduce your request rate."),
        Kind::Throttle => AwsError::new(400, "Throttling", "Rate exceeded"),
        Kind::Denied if ec2 => AwsError::new(403, "UnauthorizedOperation", "You are not authorized to perform this operation."),
        Kind::Denied => {
            let message = format!("User is not authorized to perform: {}:{}", call.service.name(), call.action);
            AwsError::new(403, "AccessDenied", message)
        }
        Kind::Expired => sigv4::expired(call.service),
        Kind::Internal if ec2 || s3 => AwsError::new(500, "InternalError", "An internal error has occurred"),
        Kind::Internal => AwsError::new(500, "InternalFailure", "An internal failure has occurred"),
        Kind::Unavailable if ec2 => AwsError::new(503, "Unavailable", "The service is unavailable. Please try again shortly."),
        Kind::Unavailable => AwsError::new(503, "ServiceUnavailable", "The service is unavailable. Please try again shortly."),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Fault, Faults};
    use super::*;

    fn call(action: &str, now_ms: i64) -> Incoming<'_> {
        Incoming { service: Service::Ec2, action, region: "us-east-1", mutating: true, now_ms }
    }

    #[test]
    fn after_and_count_bound_a_fault() {
        let mut faults = Faults::default();
        faults.add(Fault::parse("cut-after action=Run* after=1 count=1").unwrap());
        let cut: Vec<bool> = ["RunInstances", "CreateVpc", "RunInstances", "RunInstances"]
            .iter()
            .map(|name| faults.decide(&call(name, 0)).cut_after)
            .collect();
        assert_eq!(cut, [false, false, true, false]);
    }

    #[test]
    fn throttle_refills_by_the_clock() {
        let mut faults = Faults::default();
        faults.add(Fault::parse("throttle rate=1 burst=2").unwrap());
        let refused = [0, 0, 0, 1000, 1000].map(|now| faults.decide(&call("DescribeVpcs", now)).refuse.is_some());
        assert_eq!(refused, [false, false, true, false, true]);
    }

    #[test]
    fn mistakes_are_named() {
        assert!(Fault::parse("thrttle rate=1").unwrap_err().contains("throttle"));
        assert!(Fault::parse("quota family=g").unwrap_err().contains("vcpus"));
        assert!(Fault::parse("latency milliseconds=fast").unwrap_err().contains("whole number"));
    }
}

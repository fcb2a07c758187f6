//! Named, seeded faults: what may go wrong on purpose.
//!
//! A fault is written as a name and `key=value` pairs, or as a JSON object with the same keys and `name`:
//!
//! | text | meaning |
//! |---|---|
//! | `throttle rate=5 burst=10` | more than `rate` calls a second (after a burst) are refused: `RequestLimitExceeded` (EC2), `Throttling`, `SlowDown` (S3) |
//! | `latency milliseconds=300` | replies wait |
//! | `capacity zone=us-east-1a type=g6.xlarge` | sold out; either key may be left out (all), `purchase=spot` or `on-demand` narrows it |
//! | `quota vcpus=64 family=g` | instances of that family letter run on at most so many vCPUs a region: `VcpuLimitExceeded` |
//! | `consistency seconds=5` | reads don't show objects younger than that: `Invalid….NotFound` |
//! | `denied action=RunInstances` | `UnauthorizedOperation` (EC2), `AccessDenied` |
//! | `expired` | `RequestExpired` (EC2), `ExpiredToken` |
//! | `internal` | HTTP 500 `InternalError` |
//! | `unavailable` | HTTP 503 `Unavailable` (EC2), `ServiceUnavailable` |
//! | `cut-before` | the connection closes before the call has any effect |
//! | `cut-after` | the call has its effect, then the connection closes without a reply |
//! | `truncate` | the call has its effect, half of the reply's body comes |
//!
//! Faults on calls also take `service=`, `action=` (`*` matches any text), `region=`, `after=N` (let N matching calls pass), `count=N` (at most N times),
//! `probability=0.1` with `seed=7`, and `mutating=true` (only calls that may change something). All are deterministic: the same calls in the same order
//! meet the same faults.

mod decide;
mod spec;

pub use decide::{Incoming, Verdict};
pub use spec::{Fault, Faults, Kind, wildcard};

//! The order of checks around a handler: route, signature, faults, handle, journal, audit.

use super::audit::{Audit, Entry};
use super::route;
use crate::aws;
use crate::aws::error::AwsError;
use crate::clock::{real_now_ms, timestamp};
use crate::faults::{Incoming, Verdict};
use crate::journal::Journal;
use crate::message::{Request, Response, Service};
use crate::simulator::SimulatorError;
use crate::world::World;

/// A world with its journal and audit. The server holds it behind one lock.
pub struct Engine {
    pub world: World,
    journal: Option<Journal>,
    audit: Audit,
}

/// A request that may be handled, after its wait.
pub struct Admitted {
    request: Request,
    action: String,
    verdict: Verdict,
}

/// What the connection is to do with a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Whole,
    Half,
    Nothing,
}

impl Admitted {
    pub fn wait_milliseconds(&self) -> u64 {
        self.verdict.wait_milliseconds
    }
}

impl Engine {
    pub fn new(world: World, journal: Option<Journal>) -> Self {
        Self { world, journal, audit: Audit::default() }
    }

    /// Routes a request, checks its signature and asks the faults about it. `raw_body` is the body before its chunks were decoded.
    pub fn admit(&mut self, mut request: Request, raw_body: &[u8]) -> Result<Admitted, Response> {
        route::route(&mut request);
        if request.service == Service::Control {
            return Ok(Admitted { request, action: String::new(), verdict: Verdict::default() });
        }
        let action = aws::action_name(&request);
        if !route::needs_no_signature(&request, &action)
            && let Err(error) = aws::sigv4::verify(&self.world, &request, raw_body)
        {
            return Err(self.refuse(&request, &action, &error));
        }
        let verdict = self.world.faults.decide(&Incoming {
            service: request.service,
            action: &action,
            region: &request.region,
            mutating: !aws::only_reads(&request, &action),
            now_ms: self.world.clock.simulated(request.received_ms),
        });
        Ok(Admitted { request, action, verdict })
    }

    fn refuse(&mut self, request: &Request, action: &str, error: &AwsError) -> Response {
        let response = with_request_id(error.respond(request), request);
        self.record(request, action, &response, Delivery::Whole);
        response
    }

    /// Handles an admitted request; what it changed is durable on return.
    pub fn handle(&mut self, admitted: Admitted) -> (Response, Delivery) {
        let Admitted { mut request, action, verdict } = admitted;
        if request.service == Service::Control {
            return (self.control(&request), Delivery::Whole);
        }
        if verdict.cut_before {
            let response = Response::default();
            self.record(&request, &action, &response, Delivery::Nothing);
            return (response, Delivery::Nothing);
        }
        if let Some(error) = &verdict.refuse {
            return (self.refuse(&request, &action, error), Delivery::Whole);
        }
        request.received_ms = real_now_ms();
        let mut response = with_request_id(self.world.handle(&request), &request);
        if !aws::only_reads(&request, &action) {
            if let Err(error) = self.persist(&request, response.status) {
                tracing::error!(%error, "the sandbox could not write its journal");
                response =
                    AwsError::new(500, "InternalError", format!("The sandbox could not write its journal: {error}")).respond(&request);
            }
        } else {
            response.effect = false;
        }
        let delivery = match () {
            () if verdict.cut_after => Delivery::Nothing,
            () if verdict.truncate => Delivery::Half,
            () => Delivery::Whole,
        };
        self.record(&request, &action, &response, delivery);
        (response, delivery)
    }

    fn persist(&mut self, request: &Request, status: u16) -> Result<(), SimulatorError> {
        match &mut self.journal {
            Some(journal) => journal.append(request, status, &self.world),
            None => Ok(()),
        }
    }

    /// The audit stands beside the world, so its endpoints are answered here; the others are the world's.
    fn control(&mut self, request: &Request) -> Response {
        if request.header("origin").is_some() {
            // A page in a browser must not be able to change the sandbox.
            return Response::json(403, &serde_json::json!({ "error": "requests from web pages are refused" }));
        }
        let path = request.path.trim_start_matches("/_windlass/");
        match (request.method.as_str(), path) {
            ("GET", "audit") => {
                let since = request.query_value("since").and_then(|text| text.parse().ok()).unwrap_or(0);
                return Response::json(200, &serde_json::json!({ "calls": self.audit.calls(), "entries": self.audit.since(since) }));
            }
            ("DELETE", "audit") => {
                self.audit.clear();
                return Response::json(200, &serde_json::json!({}));
            }
            ("POST", "reset") => self.audit.clear(),
            _ => {}
        }
        let response = self.world.handle(request);
        if request.method != "GET"
            && let Err(error) = self.persist(request, response.status)
        {
            return Response::json(500, &serde_json::json!({ "error": error.to_string() }));
        }
        response
    }

    fn record(&mut self, request: &Request, action: &str, response: &Response, delivery: Delivery) {
        let token = match request.service {
            Service::S3 | Service::Control => None,
            _ => aws::query::parameters(request).owned("ClientToken"),
        };
        self.audit.push(Entry {
            sequence: 0,
            at: timestamp(self.world.clock.simulated(request.received_ms)),
            service: request.service.name(),
            region: request.region.clone(),
            method: request.method.clone(),
            action: action.to_owned(),
            token,
            effect: response.effect && response.status < 300,
            status: response.status,
            code: response.error_code.clone(),
            cut: delivery != Delivery::Whole,
        });
    }

    /// Folds the log into a snapshot, so that the next open is quick.
    pub fn close(&mut self) {
        if let Some(journal) = self.journal.as_mut().filter(|journal| journal.has_log())
            && let Err(error) = journal.compact(&self.world)
        {
            // Nothing is lost: the log holds it all.
            tracing::warn!(%error, "the sandbox could not write a snapshot");
        }
    }
}

fn with_request_id(response: Response, request: &Request) -> Response {
    let id = request.request_id.clone();
    match request.service {
        Service::S3 => response.with("x-amz-request-id", id.clone()).with("x-amz-id-2", id),
        _ => response.with("x-amzn-requestid", id),
    }
}

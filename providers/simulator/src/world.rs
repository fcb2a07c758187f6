//! The whole cloud as one value. It knows no network, no disk and no real clock.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::aws::{autoscaling, ec2, iam, monitoring, s3};
use crate::clock::{Clock, EventQueue};
use crate::faults::Faults;
use crate::message::{Request, Response, Service};
use crate::random::Random;
use crate::server::control;

/// A key that requests may be signed with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Credential {
    pub secret_key: String,
    /// Set for temporary credentials: must come with the request.
    pub session_token: Option<String>,
    /// Set for temporary credentials, milliseconds since 1970.
    pub expires_ms: Option<i64>,
    /// Who calls: the ARN that `GetCallerIdentity` answers.
    pub principal_arn: String,
    pub user_id: String,
}

impl Credential {
    /// The account of who calls.
    pub fn account(&self) -> &str {
        self.principal_arn.split(':').nth(4).unwrap_or(crate::aws::ACCOUNT)
    }
}

/// What happens at a later time. Handling it is a function of the world at its due time only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Event {
    Ec2 { region: String, event: ec2::Event },
    AutoScaling { region: String, event: autoscaling::Event },
    Monitoring { region: String, event: monitoring::Event },
}

/// Everything that the simulated clouds hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    /// The seed of the first open: a reset begins again with it.
    pub seed: u64,
    /// Simulated time of what is being handled, milliseconds since 1970. Never goes back while handling.
    pub now_ms: i64,
    pub clock: Clock,
    pub random: Random,
    pub events: EventQueue<Event>,
    pub faults: Faults,
    pub credentials: BTreeMap<String, Credential>,
    pub ec2: BTreeMap<String, ec2::Region>,
    pub autoscaling: BTreeMap<String, autoscaling::Region>,
    pub monitoring: BTreeMap<String, monitoring::Region>,
    #[serde(default)]
    pub s3: s3::S3,
    #[serde(default)]
    pub iam: iam::Iam,
}

impl World {
    /// An empty cloud with the sandbox's own key.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let root = Credential {
            secret_key: random.base32(40),
            session_token: None,
            expires_ms: None,
            principal_arn: format!("arn:aws:iam::{}:user/sandbox", crate::aws::ACCOUNT),
            user_id: format!("AIDA{}", random.base32(17)),
        };
        let access_key = format!("AKIA{}", random.base32(16));
        Self {
            seed,
            now_ms: 0,
            clock: Clock::default(),
            random,
            events: EventQueue::default(),
            faults: Faults::default(),
            credentials: BTreeMap::from([(access_key, root)]),
            ec2: BTreeMap::new(),
            autoscaling: BTreeMap::new(),
            monitoring: BTreeMap::new(),
            s3: s3::S3::default(),
            iam: iam::Iam::default(),
        }
    }

    /// The sandbox's own key: the one made with the world.
    pub fn root_key(&self) -> Option<(&str, &str)> {
        let name = format!("arn:aws:iam::{}:user/sandbox", crate::aws::ACCOUNT);
        let (key, credential) = self.credentials.iter().find(|(_, credential)| credential.principal_arn == name)?;
        Some((key, &credential.secret_key))
    }

    /// Begins again: nothing exists, the clock follows real time, there are no faults. The key stays, since processes use it.
    pub fn reset(&mut self) {
        *self = Self::new(self.seed);
    }

    /// Lets everything happen that is due by `target_ms`, each at its own time.
    pub fn advance_to(&mut self, target_ms: i64) {
        while let Some((due_ms, event)) = self.events.pop_due(target_ms) {
            self.now_ms = self.now_ms.max(due_ms);
            match event {
                Event::Ec2 { region, event } => ec2::handle_event(self, &region, event),
                Event::AutoScaling { region, event } => autoscaling::handle_event(self, &region, event),
                Event::Monitoring { region, event } => monitoring::handle_event(self, &region, event),
            }
        }
        self.now_ms = self.now_ms.max(target_ms);
    }

    /// Answers a request at the simulated time of its arrival. This is all that the journal replays.
    pub fn handle(&mut self, request: &Request) -> Response {
        let now_ms = self.clock.simulated(request.received_ms);
        self.advance_to(now_ms);
        match request.service {
            Service::Control => control::handle(self, request),
            _ => crate::aws::dispatch(self, request),
        }
    }

    /// Plans an event.
    pub fn schedule(&mut self, due_ms: i64, event: Event) {
        self.events.push(due_ms, event);
    }

    /// Whether reads must not show an object yet that was made at `created_ms` (the `consistency` fault).
    pub fn too_fresh(&self, created_ms: i64) -> bool {
        self.faults.consistency_ms().is_some_and(|window_ms| self.now_ms < created_ms + window_ms)
    }

    /// Objects by service and kind, for the status.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        let mut add = |service: &str, kinds: Vec<(&'static str, usize)>| {
            for (kind, count) in kinds {
                *counts.entry(format!("{service}/{kind}")).or_insert(0) += count;
            }
        };
        self.ec2.values().for_each(|region| add("ec2", region.counts()));
        self.autoscaling.values().for_each(|region| add("autoscaling", region.counts()));
        add("s3", s3::counts(&self.s3));
        add("iam", iam::counts(&self.iam));
        counts.retain(|_, count| *count > 0);
        counts
    }
}

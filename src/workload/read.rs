//! `workload` blocks → shapes. All mistakes of a block are found in one go.

use super::offers::Offers;
use super::reader::{Evaluate, Reader};
use super::shape::{FLOW, Framework, Machine, Placement, Purchase, Schedule, Service, Shape, Storage};
use crate::config::WorkloadBlock;
use crate::diagnostic::{Diagnostics, Range, nearest};
use crate::syntax::ast::{Block, Body, Expression, ExpressionKind, TraversalStep};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::Type;

/// Clouds that workloads can be placed on, by the names of their providers.
const CLOUDS: [&str; 3] = ["aws", "google", "alicloud"];

/// Reads a workload's shape; `None` after an error.
pub fn read(block: &WorkloadBlock, offers: &Offers, evaluate: Evaluate<'_>) -> (Option<Shape>, Diagnostics) {
    let mut reader = Reader { evaluate, diagnostics: Diagnostics::none() };
    let shape = reader.workload(block, offers);
    let failed = reader.diagnostics.has_errors();
    (shape.filter(|_| !failed), reader.diagnostics)
}

impl Reader<'_> {
    fn workload(&mut self, workload: &WorkloadBlock, offers: &Offers) -> Option<Shape> {
        let body = &workload.body;
        for block in &body.blocks {
            let later = match &*block.kind.name {
                "training" => "Gangs of machines for training",
                "inference" => "Batch inference",
                "network" => "Networks of your own",
                _ => continue,
            };
            let detail = format!("{later} can't be placed yet. Storage and services can.");
            self.error(block.header, format!("{:?} blocks are not available yet", block.kind.name), detail);
        }
        let mut rest = body.clone();
        rest.blocks.retain(|block| !matches!(&*block.kind.name, "training" | "inference" | "network"));
        self.check_names(&rest, &["tags"], &["placement", "storage", "service"]);
        let placement = self.placement(workload, offers);
        let mut names: BTreeMap<Arc<str>, Range> = BTreeMap::new();
        let storages: Vec<Storage> = body.blocks_of("storage").filter_map(|block| self.storage(block, &mut names)).collect();
        let services = body.blocks_of("service").filter_map(|block| self.service(block, &storages, offers, &mut names)).collect();
        Some(Shape {
            name: workload.name.clone(),
            placement,
            storages,
            services,
            tags: body.attribute("tags").map(|attribute| attribute.value.clone()),
            range: workload.range,
        })
    }

    /// Components share one space of names, because outputs of the module bear them.
    fn component_name(&mut self, block: &Block, names: &mut BTreeMap<Arc<str>, Range>) -> Option<Arc<str>> {
        let label = self.label(block)?;
        if let Some(_first) = names.insert(label.name.clone(), block.header) {
            let detail = format!(
                "This workload has another component named {:?}. Names of storages and services must be unique in a workload.",
                label.name
            );
            self.error(block.header, "Duplicate component", detail);
            return None;
        }
        Some(label.name.clone())
    }

    fn placement(&mut self, workload: &WorkloadBlock, offers: &Offers) -> Placement {
        let mut blocks = workload.body.blocks_of("placement");
        let nothing = Body::empty(workload.range);
        let (body, range) = blocks.next().map_or((&nothing, workload.range), |block| (&block.body, block.header));
        for second in blocks {
            self.error(second.header, "Duplicate placement block", "A workload may have only one placement block.");
        }
        self.check_names(body, &["clouds", "regions", "budget", "objective"], &[]);
        if let Some((clouds, range)) = self.strings(body, "clouds") {
            for cloud in &clouds {
                self.cloud(cloud, range);
            }
            if !clouds.iter().any(|cloud| cloud == "aws") && clouds.iter().any(|cloud| CLOUDS.contains(&cloud.as_str())) {
                self.error(range, "Cloud not available yet", "Workloads can be placed on \"aws\" only yet. Add it to the list.");
            }
        }
        if let Some(("time", range)) = self.word(body, "objective", &["cost", "time"]) {
            self.error(range, "Objective not available yet", "Services are placed by \"cost\" only yet.");
        }
        let mut regions: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
        if let Some((value, range)) = self.value(body, "regions", &Type::map(Type::list(Type::String))) {
            for (cloud, list) in value.fields().into_iter().flatten() {
                self.cloud(cloud, range);
                let known = offers.regions(cloud);
                let mut chosen: Vec<Arc<str>> = Vec::new();
                for region in list.elements().into_iter().flatten().filter_map(|region| region.as_str()) {
                    match known.contains(&region) || known.is_empty() {
                        true => chosen.push(region.into()),
                        false => self.unknown_region(cloud, region, &known, range),
                    }
                }
                regions.insert(cloud.clone(), chosen);
            }
        }
        let budget = self.number(body, "budget");
        Placement { regions, budget_usd_hour: budget.map(|found| found.0), budget_range: budget.map(|found| found.1), range }
    }

    fn cloud(&mut self, cloud: &str, range: Range) {
        if !CLOUDS.contains(&cloud) {
            let hint = nearest(cloud, CLOUDS).map_or(String::new(), |near| format!(" Did you mean {near:?}?"));
            self.error(range, "Unknown cloud", format!("{cloud:?} is not one of: {}.{hint}", CLOUDS.join(", ")));
        }
    }

    fn unknown_region(&mut self, cloud: &str, region: &str, known: &[&str], range: Range) {
        let hint = nearest(region, known.iter().copied()).map_or(String::new(), |near| format!(" Did you mean {near:?}?"));
        self.error(range, "Unknown region", format!("The catalog of {cloud} has no offers in a region {region:?}.{hint}"));
    }

    fn storage(&mut self, block: &Block, names: &mut BTreeMap<Arc<str>, Range>) -> Option<Storage> {
        let name = self.component_name(block, names);
        let body = &block.body;
        self.check_names(body, &["size", "class", "throughput", "force_destroy"], &[]);
        if let Some((class @ ("infrequent" | "archive" | "filesystem"), range)) =
            self.word(body, "class", &["standard", "infrequent", "archive", "filesystem"])
        {
            self.error(range, "Storage class not available yet", format!("{class:?} is not available yet; \"standard\" is."));
        }
        if let Some(throughput) = body.attribute("throughput") {
            let detail = "Storage with a promised throughput is not available yet. Without this argument the storage is an object store.";
            self.error(throughput.range, "Throughput not available yet", detail);
        }
        let force_destroy = self.value(body, "force_destroy", &Type::Bool).and_then(|(value, _)| value.as_bool());
        Some(Storage {
            name: name?,
            size_gib: self.size(body, "size").map_or(0.0, |(size, _)| size),
            force_destroy: force_destroy.unwrap_or(false),
            range: block.header,
        })
    }

    fn service(&mut self, block: &Block, storages: &[Storage], offers: &Offers, names: &mut BTreeMap<Arc<str>, Range>) -> Option<Service> {
        let name = self.component_name(block, names);
        let body = &block.body;
        const ARGUMENTS: [&str; 14] = [
            "accelerators",
            "vcpus",
            "memory",
            "framework",
            "purchase",
            "replicas",
            "on_demand_base",
            "reads",
            "writes",
            "disk",
            "run",
            "model",
            "port",
            "env",
        ];
        self.check_names(body, &ARGUMENTS, &["scale", "schedule"]);
        let machines = self.machines(body, offers);
        let framework = match self.word(body, "framework", &["none", "pytorch", "vllm"]) {
            Some(("pytorch", _)) => Framework::PyTorch,
            Some(("vllm", _)) => Framework::Vllm,
            _ => Framework::None,
        };
        let purchase = match self.word(body, "purchase", &["on_demand", "spot", "spot_or_on_demand", "reserved"]) {
            Some(("spot", _)) => Purchase::Spot,
            Some(("spot_or_on_demand", _)) => Purchase::SpotOrOnDemand,
            Some(("reserved", range)) => {
                self.error(range, "Purchase not available yet", "Reserved capacity is not available yet.");
                Purchase::OnDemand
            }
            _ => Purchase::OnDemand,
        };
        let replicas = self.replicas(body);
        let on_demand_base = self.whole(body, "on_demand_base");
        if let Some((base, range)) = on_demand_base
            && base > replicas.1
        {
            self.error(range, "Invalid on_demand_base", format!("{base} is more than the {} replicas that may run.", replicas.1));
        }
        let all: Vec<Arc<str>> = storages.iter().map(|storage| storage.name.clone()).collect();
        let writes = self.storage_names(body, "writes", &all);
        // A service that says nothing of storage may read what its workload stores.
        let reads = self.storage_names(body, "reads", &all).or_else(|| writes.is_none().then_some(all));
        let scale = self.scale(body, &machines);
        let schedules = body.blocks_of("schedule").filter_map(|block| self.schedule(block, replicas)).collect();
        let flow: BTreeMap<_, _> = FLOW.into_iter().filter_map(|name| Some((name, body.attribute(name)?.value.clone()))).collect();
        self.check_start(framework, &flow, block.header);
        self.check_port(body);
        Some(Service {
            name: name?,
            machines,
            vcpus: self.whole(body, "vcpus").map_or(0, |(count, _)| count),
            memory_gib: self.size(body, "memory").map_or(0.0, |(size, _)| size),
            framework,
            purchase,
            replicas,
            on_demand_base: on_demand_base.map_or(0, |(base, _)| base),
            reads: reads.unwrap_or_default(),
            writes: writes.unwrap_or_default(),
            gpu_utilization_target: scale,
            schedules,
            disk_gib: self.size(body, "disk").map(|(size, _)| size.ceil() as u32),
            flow,
            range: block.header,
        })
    }

    /// A port that is known before anything is planned must be one.
    fn check_port(&mut self, body: &Body) {
        let Some(attribute) = body.attribute("port") else { return };
        let (value, found) = (self.evaluate)(&attribute.value);
        let value = value.unmarked_deep();
        if found.has_errors() || !value.is_known() {
            return;
        }
        let number = windlass_api::value::convert(&value, &windlass_api::Type::Number).ok().and_then(|number| number.as_i64());
        if !number.is_some_and(|port| (1..=65_535).contains(&port)) {
            self.error(attribute.value.range, "Invalid port", "A port is a whole number from 1 to 65535.");
        }
    }

    fn check_start(&mut self, framework: Framework, flow: &BTreeMap<&'static str, Arc<Expression>>, header: Range) {
        if flow.contains_key("run") {
            return;
        }
        match (framework, flow.contains_key("model")) {
            (Framework::Vllm, true) => {}
            (Framework::Vllm, false) => {
                let detail = "A vLLM service needs \"model\", the name of the model that it serves, or \"run\", a script that starts it.";
                self.error(header, "Missing required argument", detail);
            }
            _ => {
                let detail =
                    "The argument \"run\" is required: the script that starts the service on a machine, such as file(\"serve.sh\").";
                self.error(header, "Missing required argument", detail);
            }
        }
    }

    fn machines(&mut self, body: &Body, offers: &Offers) -> Vec<Machine> {
        let Some((texts, range)) = self.strings(body, "accelerators") else { return vec![Machine::Processors] };
        let models = offers.accelerator_models();
        let mut machines = Vec::new();
        for text in &texts {
            let (model, count) = text.split_once(':').unwrap_or((text, "1"));
            let known = models.iter().find(|known| known.eq_ignore_ascii_case(model));
            match (known, count.parse::<u32>()) {
                (Some(model), Ok(count)) if count > 0 => machines.push(Machine::Accelerators((*model).into(), count)),
                (None, _) => {
                    let hint = match nearest(&model.to_uppercase(), models.iter().copied()) {
                        Some(near) => format!(" Did you mean {near:?}?"),
                        None => format!(" Known are: {}.", models.join(", ")),
                    };
                    self.error(range, "Unknown accelerator", format!("No offer has an accelerator {model:?}.{hint}"));
                }
                _ => {
                    let detail = format!("{text:?} must be a model and a number, such as \"L4:1\".");
                    self.error(range, "Invalid accelerator", detail);
                }
            }
        }
        if texts.is_empty() {
            self.error(range, "Invalid accelerators", "The list is empty. Leave the argument out for machines without accelerators.");
        }
        machines
    }

    fn replicas(&mut self, body: &Body) -> (u32, u32) {
        let ty = Type::object([("min".into(), Type::Number), ("max".into(), Type::Number)].into_iter().collect());
        let Some((value, range)) = self.value(body, "replicas", &ty) else { return (1, 1) };
        let part = |name: &str| value.get(name).and_then(|part| part.as_i64()).and_then(|number| u32::try_from(number).ok());
        match (part("min"), part("max")) {
            (Some(min), Some(max)) if min <= max && (1..=5000).contains(&max) => (min, max),
            _ => {
                let detail = "\"min\" and \"max\" must be whole numbers, \"min\" not above \"max\", \"max\" from 1 to 5000.";
                self.error(range, "Invalid replicas", detail);
                (1, 1)
            }
        }
    }

    /// `[storage.name, …]`.
    fn storage_names(&mut self, body: &Body, name: &str, known: &[Arc<str>]) -> Option<Vec<Arc<str>>> {
        let attribute = body.attribute(name)?;
        let ExpressionKind::Tuple(items) = &attribute.value.kind else {
            self.error(attribute.value.range, "Invalid expression", "A list of storages is required, such as [storage.data].");
            return Some(Vec::new());
        };
        let mut names = Vec::new();
        for item in items {
            let traversal = item.as_traversal();
            let found = traversal.as_ref().and_then(|traversal| match (&*traversal.root.name, traversal.steps.as_slice()) {
                ("storage", [TraversalStep::Attribute(name)]) => Some(name.name.clone()),
                _ => None,
            });
            match found {
                Some(found) if known.contains(&found) => names.push(found),
                Some(found) => {
                    let near = nearest(&found, known.iter().map(|name| &**name));
                    let hint = near.map_or(String::new(), |near| format!(" Did you mean storage.{near}?"));
                    self.error(item.range, "Reference to undeclared storage", format!("This workload has no storage {found:?}.{hint}"));
                }
                None => self.error(item.range, "Invalid reference", "A storage of this workload is required here, such as storage.data."),
            }
        }
        Some(names)
    }

    fn scale(&mut self, body: &Body, machines: &[Machine]) -> Option<f64> {
        let mut target = None;
        for block in body.blocks_of("scale") {
            let metric = self.label(block)?;
            self.check_names(&block.body, &["target"], &[]);
            if &*metric.name != "gpu_utilization" {
                let detail = format!("{:?} is no metric to scale by. Known is: gpu_utilization.", &*metric.name);
                self.error(metric.range, "Unknown metric", detail);
                continue;
            }
            if machines.contains(&Machine::Processors) {
                let detail =
                    "This service has no accelerators whose utilization could be measured. Set \"accelerators\", or remove the block.";
                self.error(block.header, "No accelerators to measure", detail);
            }
            match self.number(&block.body, "target") {
                Some((percent, _)) if percent > 0.0 && percent <= 100.0 => target = Some(percent),
                Some((_, range)) => self.error(range, "Invalid target", "A utilization is above 0 and at most 100 percent."),
                None => self.error(block.header, "Missing required argument", "The argument \"target\" is required."),
            }
        }
        target
    }

    fn schedule(&mut self, block: &Block, replicas: (u32, u32)) -> Option<Schedule> {
        let name = self.label(block)?.name.clone();
        let body = &block.body;
        self.check_names(body, &["cron", "end", "timezone", "min", "max"], &[]);
        let cron = self.cron(body, "cron");
        if body.attribute("cron").is_none() {
            self.error(block.header, "Missing required argument", "The argument \"cron\" is required: when the schedule begins.");
        }
        let (min, max) = (self.whole(body, "min"), self.whole(body, "max"));
        if min.is_none() && max.is_none() {
            self.error(block.header, "Missing required argument", "A schedule needs \"min\", \"max\" or both.");
        }
        let (least, most) = (min.map_or(replicas.0, |found| found.0), max.map_or(replicas.1, |found| found.0));
        if least > most {
            let detail = format!("From this schedule on at least {least} and at most {most} replicas would run.");
            self.error(min.or(max).map_or(block.header, |found| found.1), "Invalid schedule", detail);
        }
        let timezone = self.string(body, "timezone").map_or_else(|| "Etc/UTC".to_owned(), |(zone, _)| zone);
        if let Some(attribute) = body.attribute("timezone")
            && jiff::tz::TimeZoneDatabase::bundled().get(&timezone).is_err()
        {
            self.error(attribute.value.range, "Unknown time zone", format!("{timezone:?} is not a time zone such as \"Asia/Shanghai\"."));
        }
        let end = self.cron(body, "end");
        Some(Schedule { name, cron: cron?, end, timezone: timezone.into(), min: min.map(|found| found.0), max: max.map(|found| found.0) })
    }

    fn cron(&mut self, body: &Body, name: &str) -> Option<Arc<str>> {
        let (text, range) = self.string(body, name)?;
        let fields: Vec<&str> = text.split_whitespace().collect();
        let readable = |field: &&str| field.chars().all(|character| character.is_ascii_alphanumeric() || "*,-/#?".contains(character));
        if fields.len() == 5 && fields.iter().all(readable) {
            return Some(fields.join(" ").into());
        }
        let detail = format!("{text:?} is not a time in cron's form: minute, hour, day, month and weekday, such as \"0 8 * * 1-5\".");
        self.error(range, "Invalid schedule", detail);
        None
    }
}

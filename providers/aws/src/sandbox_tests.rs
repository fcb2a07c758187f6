//! S3 and IAM types through the provider's own trait, over HTTP against the simulator.

use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{
    Client, Environment, Handle, Intent, Mode, Operation, PlanRequest, Polled, Recovery, SandboxEndpoint, StartRequest, Started, Type,
    Value,
};
use windlass_simulator::{Options, ServerHandle, Simulator};

const TRUST: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}"#;
const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}"#;

struct Sandbox {
    client: Arc<dyn Client>,
    provider_config: Value,
    _server: ServerHandle,
}

/// The value of a body: null or empty where nothing is set.
fn body(block: &windlass_api::BlockSchema, set: &[(&str, Value)], unknown: bool) -> Value {
    let mut fields: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    for (name, attribute) in &block.attributes {
        let default = attribute.default.clone().filter(|_| unknown);
        let empty = if attribute.computed && unknown { Value::unknown(attribute.ty.clone()) } else { Value::null(attribute.ty.clone()) };
        fields.insert(name.clone(), default.unwrap_or(empty));
    }
    for (name, nested) in &block.blocks {
        let object = nested.block.object_type();
        let empty = match nested.value_type() {
            Type::List(_) => Value::list(object, Vec::new()),
            Type::Set(_) => Value::set(object, Vec::new()),
            other => Value::null(other),
        };
        fields.insert(name.clone(), empty);
    }
    for (name, value) in set {
        fields.insert((*name).into(), value.clone());
    }
    Value::object(fields)
}

impl Sandbox {
    async fn open() -> Sandbox {
        // The server starts a runtime of its own, which a thread of a runtime must not.
        let serve = || Simulator::open(None, Options::default()).and_then(|simulator| simulator.serve(([127, 0, 0, 1], 0).into()));
        let server = std::thread::spawn(serve).join().expect("a thread").expect("a server");
        let sandbox =
            SandboxEndpoint { url: server.url.clone(), access_key: server.access_key.clone(), secret_key: server.secret_key.clone() };
        let environment = Environment { sandbox: Some(sandbox), ..Environment::default() };
        let provider = crate::provider();
        let provider_config = body(&provider.configuration_schema().block, &[("region", "eu-west-1".into())], false);
        let client = provider.configure(&provider_config, &environment).await.expect("a client");
        Sandbox { client, provider_config, _server: server }
    }

    fn request(&self, type_name: &str, prior: Option<&Value>, set: &[(&str, Value)]) -> StartRequest {
        let provider = crate::provider();
        let schema = provider.schema(Mode::Managed, type_name).expect("a schema");
        let config = body(&schema.block, set, false);
        let proposed = match prior {
            None => body(&schema.block, set, true),
            Some(prior) => set.iter().fold(prior.clone(), |object, (name, value)| object.with_field(name, value.clone())),
        };
        let plan =
            provider.plan(&PlanRequest { type_name, prior, config: &config, proposed: &proposed, provider_config: &self.provider_config });
        assert!(plan.problems.is_empty(), "{type_name}: {:?}", plan.problems);
        let operation = if prior.is_some() { Operation::Update } else { Operation::Create };
        StartRequest {
            type_name: type_name.to_owned(),
            operation,
            prior: prior.cloned(),
            planned: Some(plan.planned),
            config: Some(config),
            token: "0123456789abcdef0123456789abcdef".to_owned(),
            tag: "mark".to_owned(),
            timeout_seconds: 60,
        }
    }

    async fn run(&self, request: StartRequest) -> Option<Value> {
        let type_name = request.type_name.clone();
        let handle = match self.client.start(&[request]).await.remove(0) {
            Started::Accepted { handle, .. } => handle,
            Started::Failed { error, .. } => panic!("{type_name}: {error}"),
        };
        self.finish(&type_name, handle).await
    }

    async fn finish(&self, type_name: &str, mut handle: Handle) -> Option<Value> {
        for _ in 0..50 {
            match self.client.poll(&[handle.clone()]).await.remove(0) {
                Polled::Ready(value) => return value,
                Polled::Pending { handle: next, .. } => handle = next,
                Polled::Failed { error, .. } => panic!("{type_name}: {error}"),
            }
        }
        panic!("{type_name}: it never ends")
    }

    /// Makes an object, finds it again as after a crash, and reads it: nothing may differ.
    async fn make(&self, type_name: &str, set: &[(&str, Value)]) -> Value {
        let request = self.request(type_name, None, set);
        let made = self.run(request.clone()).await.expect("an object");
        let intent = Intent { request, name_was_free: true, identity: None, handle: None };
        match self.client.recover(&[intent]).await.remove(0) {
            Recovery::UnderWay(handle) => assert_eq!(self.finish(type_name, handle).await.as_ref(), Some(&made), "{type_name}"),
            Recovery::Found(found) => assert_eq!(found, made, "{type_name}"),
            other => panic!("{type_name}: {other:?}"),
        }
        let read = self.client.read(type_name, std::slice::from_ref(&made)).await.remove(0).expect("a read");
        assert_eq!(read.as_ref(), Some(&made), "{type_name}");
        let again = self.request(type_name, Some(&made), set);
        assert_eq!(again.planned.as_ref(), Some(&made), "{type_name}: the second plan differs");
        made
    }

    async fn delete(&self, type_name: &str, object: &Value) {
        let mut request = self.request(type_name, Some(object), &[]);
        (request.operation, request.planned, request.config) = (Operation::Delete, None, None);
        assert_eq!(self.run(request).await, None, "{type_name}");
        let read = self.client.read(type_name, std::slice::from_ref(object)).await.remove(0).expect("a read");
        assert_eq!(read, None, "{type_name}");
    }
}

fn tags(pairs: &[(&str, &str)]) -> Value {
    Value::map(Type::String, pairs.iter().map(|(key, value)| ((*key).into(), Value::string(value))).collect())
}

#[tokio::test]
async fn buckets_and_their_settings() {
    let sandbox = Sandbox::open().await;
    let name = ("bucket", Value::string("windlass-test"));
    let bucket = sandbox.make("aws_s3_bucket", &[name.clone(), ("force_destroy", true.into()), ("tags", tags(&[("a", "1")]))]).await;
    assert_eq!(bucket.get_str("arn"), Some("arn:aws:s3:::windlass-test"));
    assert_eq!(bucket.get("tags_all"), Some(&tags(&[("a", "1")])));
    let update =
        sandbox.request("aws_s3_bucket", Some(&bucket), &[name.clone(), ("tags", tags(&[("b", "2")])), ("tags_all", tags(&[("b", "2")]))]);
    let bucket = sandbox.run(update).await.expect("a bucket");
    let read = sandbox.client.read("aws_s3_bucket", std::slice::from_ref(&bucket)).await.remove(0).expect("a read").expect("a bucket");
    assert_eq!(read.get("tags_all"), Some(&tags(&[("b", "2")])));
    let block = sandbox.make("aws_s3_bucket_public_access_block", &[name.clone(), ("block_public_acls", true.into())]).await;
    let schema = crate::provider().schema(Mode::Managed, "aws_s3_bucket_versioning").expect("a schema");
    let inner = &schema.block.blocks["versioning_configuration"].block;
    let one = Value::list(inner.object_type(), vec![body(inner, &[("status", "Enabled".into())], true)]);
    let versioning = sandbox.request("aws_s3_bucket_versioning", None, &[name, ("versioning_configuration", one)]);
    let versioning = sandbox.run(versioning).await.expect("a setting");
    assert_eq!(versioning.get_str("id"), Some("windlass-test"));
    sandbox.delete("aws_s3_bucket_public_access_block", &block).await;
    sandbox.delete("aws_s3_bucket", &bucket).await;
}

#[tokio::test]
async fn roles_policies_and_profiles() {
    let sandbox = Sandbox::open().await;
    let (name, role_name) = (("name", Value::string("r")), ("role", Value::string("r")));
    let role = sandbox.make("aws_iam_role", &[name.clone(), ("assume_role_policy", TRUST.into()), ("tags", tags(&[("a", "1")]))]).await;
    let inline = sandbox.make("aws_iam_role_policy", &[name.clone(), role_name.clone(), ("policy", READ.into())]).await;
    assert_eq!(inline.get_str("id"), Some("r:r"));
    let policy = sandbox.make("aws_iam_policy", &[("name_prefix", "p-".into()), ("policy", READ.into())]).await;
    let arn = policy.get_str("arn").expect("an ARN").to_owned();
    for _ in 0..6 {
        let document = READ.replace("GetObject", "PutObject");
        let update = sandbox.request("aws_iam_policy", Some(&policy), &[("policy", document.into())]);
        sandbox.run(update).await.expect("a policy");
    }
    let attachment = sandbox.make("aws_iam_role_policy_attachment", &[role_name.clone(), ("policy_arn", arn.into())]).await;
    let profile = sandbox.make("aws_iam_instance_profile", &[name, role_name]).await;
    sandbox.delete("aws_iam_instance_profile", &profile).await;
    sandbox.delete("aws_iam_role_policy_attachment", &attachment).await;
    sandbox.delete("aws_iam_policy", &policy).await;
    sandbox.delete("aws_iam_role_policy", &inline).await;
    sandbox.delete("aws_iam_role", &role).await;
}

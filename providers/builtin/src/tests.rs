//! The providers through their trait.

use super::{MockPlaces, RemoteStates, providers};
use std::sync::Arc;
use windlass_api::schema::{assert_plan_valid, assert_result_compatible, proposed_new};
use windlass_api::value::Fields;
use windlass_api::value::wire::{decode_raw, infer_from_json};
use windlass_api::{Environment, Error, Mode, Operation, PlanRequest, PlanResponse, Polled, Provider, StartRequest, Started, Type, Value};

/// One state, in the back end `local`.
struct Kept;

#[async_trait::async_trait]
impl RemoteStates for Kept {
    fn check(&self, backend: &str, _config: &Value) -> Vec<(&'static str, String)> {
        if backend == "local" { Vec::new() } else { vec![("backend", format!("There is no backend type named {backend:?}."))] }
    }

    async fn outputs(&self, _address: &str, _backend: &str, _config: &Value, workspace: &str) -> Result<Option<Fields>, Error> {
        Ok((workspace == "default").then(|| Value::object_of([("size", Value::int(3))]).fields().cloned().unwrap_or_default()))
    }
}

#[tokio::test]
async fn a_remote_state_has_defaults_under_its_outputs() {
    let all = providers(MockPlaces::default(), Arc::new(Kept));
    let provider = all.iter().find(|provider| provider.is_implemented(Mode::Data, "terraform_remote_state")).unwrap();
    let query = |backend: &str, workspace: &str| {
        let defaults = Value::object_of([("size", Value::int(1)), ("name", "x".into())]);
        let null = Value::null(Type::Dynamic);
        let fields = [
            ("backend", backend.into()),
            ("config", null.clone()),
            ("defaults", defaults),
            ("outputs", null),
            ("workspace", workspace.into()),
        ];
        Value::object_of(fields)
    };
    let client = provider.configure(&Value::object_of([]), &Environment::default()).await.unwrap();
    let read = client.read_data("terraform_remote_state", &[query("local", "default"), query("local", "other")]).await;
    let outputs = read[0].as_ref().unwrap().get("outputs").unwrap();
    assert_eq!(outputs, &Value::object_of([("name", "x".into()), ("size", Value::int(3))]));
    assert!(read[1].as_ref().unwrap_err().message.contains("no stored state was found"));
    let problems = provider.validate(Mode::Data, "terraform_remote_state", &query("loca", "default"));
    assert_eq!(problems[0].detail, r#"There is no backend type named "loca"."#);
}

fn provider_of(type_name: &str) -> Arc<dyn Provider> {
    providers(MockPlaces::default(), Arc::new(Kept)).into_iter().find(|provider| provider.is_implemented(Mode::Managed, type_name)).unwrap()
}

fn config(type_name: &str, json: serde_json::Value) -> Value {
    let schema = provider_of(type_name).schema(Mode::Managed, type_name).unwrap();
    decode_raw(&infer_from_json(&json), &schema.block.object_type()).unwrap()
}

fn plan(type_name: &str, prior: Option<&Value>, config: &Value) -> PlanResponse {
    let provider = provider_of(type_name);
    let schema = provider.schema(Mode::Managed, type_name).unwrap();
    let proposed = proposed_new(&schema.block, prior, config);
    let provider_config = Value::object(Fields::new());
    let response = provider.plan(&PlanRequest { type_name, prior, config, proposed: &proposed, provider_config: &provider_config });
    assert_eq!(assert_plan_valid(&schema.block, prior, config, &response.planned), []);
    response
}

async fn apply(type_name: &str, prior: Option<&Value>, planned: &Value) -> Value {
    let provider = provider_of(type_name);
    let client = provider.configure(&Value::object(Fields::new()), &Environment::default()).await.unwrap();
    let request = StartRequest {
        type_name: type_name.to_owned(),
        operation: if prior.is_some() { Operation::Update } else { Operation::Create },
        prior: prior.cloned(),
        planned: Some(planned.clone()),
        config: None,
        token: "0".repeat(32),
        tag: String::new(),
        timeout_seconds: 1,
    };
    let Started::Accepted { handle, .. } = client.start(&[request]).await.remove(0) else { panic!("refused") };
    let Polled::Ready(Some(object)) = client.poll(&[handle]).await.remove(0) else { panic!("not ready") };
    assert_eq!(assert_result_compatible(planned, &object), []);
    // What was made needs no further change.
    object
}

/// Makes an object and checks that the same configuration plans no change of it.
async fn create(type_name: &str, json: serde_json::Value) -> Value {
    let config = config(type_name, json);
    let object = apply(type_name, None, &plan(type_name, None, &config).planned).await;
    let again = plan(type_name, Some(&object), &config);
    assert_eq!(again.planned, object, "{type_name} settles");
    assert!(again.requires_replace.is_empty(), "{type_name} settles");
    object
}

#[tokio::test]
async fn every_type_is_made_and_settles() {
    let id = create("random_id", serde_json::json!({"byte_length": 8, "prefix": "p-"})).await;
    assert_eq!(id.get_str("hex").map(str::len), Some(18));
    let password = create("random_password", serde_json::json!({"length": 24, "min_special": 4, "override_special": "#"})).await;
    let text = password.get_str("result").unwrap();
    assert!(text.len() == 24 && text.matches('#').count() >= 4);
    assert!(bcrypt::verify(text, password.get_str("bcrypt_hash").unwrap()).unwrap());
    let digits = create("random_string", serde_json::json!({"length": 5, "upper": false, "lower": false, "special": false})).await;
    assert!(digits.get_str("result").unwrap().bytes().all(|byte| byte.is_ascii_digit()));
    let pet = create("random_pet", serde_json::json!({"length": 3, "separator": "."})).await;
    assert_eq!(pet.get_str("id").unwrap().split('.').count(), 3);
    let uuid = create("random_uuid", serde_json::json!({})).await;
    assert_eq!(uuid.get_str("result").map(str::len), Some(36));
    let bytes = create("random_bytes", serde_json::json!({"length": 3})).await;
    assert_eq!(bytes.get_str("hex").map(str::len), Some(6));
    create("null_resource", serde_json::json!({"triggers": {"a": "b"}})).await;
    let placement = create("windlass_placement", serde_json::json!({"workload": "w", "component": "c", "choice": "{}"})).await;
    assert_eq!(placement.get_str("id"), Some("w/c"));
}

#[tokio::test]
async fn seeds_repeat() {
    let draw = || create("random_shuffle", serde_json::json!({"input": ["a", "b", "c", "d"], "result_count": 9, "seed": "s"}));
    let (one, two) = (draw().await, draw().await);
    assert_eq!(one.get("result"), two.get("result"));
    assert_eq!(one.get("result").unwrap().elements().unwrap().len(), 9);
    let number = create("random_integer", serde_json::json!({"min": -3, "max": 3, "seed": "s"})).await;
    assert!((-3..=3).contains(&number.get("result").unwrap().as_i64().unwrap()));
}

#[tokio::test]
async fn terraform_data_follows_its_input() {
    let first = create("terraform_data", serde_json::json!({"input": {"a": [1]}, "triggers_replace": "x"})).await;
    assert_eq!(first.get("output"), first.get("input"));
    let other = config("terraform_data", serde_json::json!({"input": "b", "triggers_replace": "x"}));
    let update = plan("terraform_data", Some(&first), &other);
    assert!(update.requires_replace.is_empty());
    assert_eq!(update.planned.get("output"), Some(&Value::unknown(Type::String)));
    let second = apply("terraform_data", Some(&first), &update.planned).await;
    assert_eq!((second.get("id"), second.get_str("output")), (first.get("id"), Some("b")));
    let replaced = config("terraform_data", serde_json::json!({"input": "b", "triggers_replace": "y"}));
    assert_eq!(plan("terraform_data", Some(&second), &replaced).requires_replace.len(), 1);
}

#[test]
fn wrong_arguments_are_named() {
    let problems = |type_name: &str, json| {
        let config = config(type_name, json);
        let problems = provider_of(type_name).validate(Mode::Managed, type_name, &config);
        problems.iter().map(|problem| problem.path.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(problems("random_integer", serde_json::json!({"min": 2, "max": 1})), ["min"]);
    assert_eq!(problems("random_password", serde_json::json!({"length": 3, "min_upper": 4})), ["length"]);
    assert_eq!(problems("random_id", serde_json::json!({"byte_length": 0})), ["byte_length"]);
}

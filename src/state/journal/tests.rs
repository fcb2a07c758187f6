//! Sessions over a store in memory.

use super::*;
use crate::address::{Instance, ProviderConfig, parse_instance};
use crate::state::store::{MemoryDisk, MemoryStore, Store};
use crate::state::{Effects, ObjectPrivate, ObjectState, ObjectStatus, Session, State};
use std::sync::Arc;
use windlass_api::{Handle, Identity, Operation, StartRequest, Value};

fn provider() -> ProviderConfig {
    ProviderConfig { source: "registry.terraform.io/hashicorp/aws".into(), alias: None, key: None }
}

fn address(name: &str) -> Instance {
    parse_instance(&format!("aws_vpc.{name}")).unwrap()
}

fn object(id: &str) -> ObjectState {
    ObjectState {
        schema_version: 1,
        attributes: Value::object_of([("id", id.into())]),
        sensitive: Vec::new(),
        status: ObjectStatus::Ready,
        dependencies: Arc::new([]),
        create_before_destroy: false,
        private: ObjectPrivate::default(),
    }
}

fn creation(journal: &JournalWriter, name: &str, set_aside: Option<&str>) -> IntentRecord {
    let id = journal.next_intent();
    let request = StartRequest {
        type_name: "aws_vpc".into(),
        operation: Operation::Create,
        prior: None,
        planned: Some(Value::object_of([("id", "x".into())])),
        config: None,
        token: journal.token(&address(name), 1, 0, 0),
        tag: journal.tag(&id),
        timeout_seconds: 60,
    };
    IntentRecord {
        id,
        address: address(name),
        deposed: None,
        set_aside: set_aside.map(|key| crate::state::DeposedKey(key.into())),
        provider: provider(),
        request,
        variant: 0,
        attempt: 0,
        name_was_free: false,
        template: object(""),
    }
}

fn store(disk: &MemoryDisk) -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(disk.clone(), Effects::unarmed()))
}

#[tokio::test]
async fn a_journal_is_replayed_settled_ones_apart_from_open_ones() {
    let disk = MemoryDisk::default();
    let mut session = Session::open(store(&disk), None).await.unwrap().session;
    let mut state = State::empty();
    let journal = session.begin(&mut state).unwrap();
    let (done, open) = (creation(&journal, "done", None), creation(&journal, "open", None));
    assert_ne!(done.request.token, open.request.token);
    assert_eq!(open.request.token.len(), 32);
    journal.append(vec![Record::Provider(provider(), Value::bool(true)), Record::Intent(Box::new(done.clone()))]).await.unwrap();
    journal.append(vec![Record::Intent(Box::new(open.clone()))]).await.unwrap();
    journal.append(vec![Record::Result(done.id.clone(), Outcome::Object(Box::new(object("vpc-1"))))]).await.unwrap();
    journal.append(vec![Record::Identified(open.id.clone(), Identity("vpc-2".into()), Handle("h".into()))]).await.unwrap();

    let opened = Session::open(store(&disk), None).await.unwrap();
    assert_eq!(opened.state.current(&address("done")), Some(&object("vpc-1")));
    assert_eq!(opened.state.lineage, state.lineage);
    let [left] = &opened.unsettled[..] else { panic!("{:?}", opened.unsettled) };
    assert_eq!((left.identity.clone(), left.intent.request.tag.clone()), (Some(Identity("vpc-2".into())), open.request.tag));
    assert_eq!(left.provider_config, Value::bool(true));

    let mut session = opened.session;
    let written = session.commit(&opened.state).await.unwrap();
    assert_eq!(written.serial, 1);
    let again = Session::open(store(&disk), None).await.unwrap();
    assert!(again.unsettled.is_empty() && store(&disk).list_segments().await.unwrap().is_empty());
    assert_eq!(again.state, written);
}

#[tokio::test]
async fn what_was_set_aside_comes_back_when_nothing_is_made() {
    let disk = MemoryDisk::default();
    let mut session = Session::open(store(&disk), None).await.unwrap().session;
    let mut state = State::empty();
    state.put(&address("a"), None, &provider(), object("old"));
    let journal = session.begin(&mut state).unwrap();
    let intent = creation(&journal, "a", Some("01234567"));
    note_intent(&mut state, &intent);
    assert_eq!(state.current(&address("a")), None);
    note_outcome(&mut state, &intent, &Outcome::Unchanged);
    assert_eq!(state.current(&address("a")), Some(&object("old")));
}

#[tokio::test]
async fn a_snapshot_that_holds_the_journal_is_not_replayed_over() {
    let disk = MemoryDisk::default();
    let mut session = Session::open(store(&disk), None).await.unwrap().session;
    let mut state = State::empty();
    let journal = session.begin(&mut state).unwrap();
    let intent = creation(&journal, "a", None);
    journal.append(vec![Record::Intent(Box::new(intent.clone()))]).await.unwrap();
    state.put(&address("a"), None, &provider(), object("a"));
    let [name] = &store(&disk).list_segments().await.unwrap()[..] else { panic!("one segment") };
    let bytes = store(&disk).read_segment(name).await.unwrap();
    session.commit(&state).await.unwrap();
    let snapshot = store(&disk).get().await.unwrap().unwrap();

    // Died before the journal was deleted, and before the record that says so: another hand seems to have written.
    store(&disk).append_segment("00000001", &bytes).await.unwrap();
    let opened = Session::open(store(&disk), None).await.unwrap();
    assert_eq!(opened.diagnostics.0[0].summary, "The state was written by another program in between");
    assert_eq!(opened.unsettled.len(), 1);
    // With the record, the journal is known to be contained.
    let mut whole = bytes;
    super::frame::write_frame(&mut whole, 9, &super::wire::record_to_json(&Record::Committing(super::snapshot_digest(&snapshot.bytes))));
    store(&disk).delete_segments(&["00000001".into()]).await.unwrap();
    store(&disk).append_segment("00000001", &whole).await.unwrap();
    let opened = Session::open(store(&disk), None).await.unwrap();
    assert!(opened.unsettled.is_empty() && opened.diagnostics.is_empty());
}

#[tokio::test]
async fn a_journal_of_another_state_is_refused() {
    let disk = MemoryDisk::default();
    let mut session = Session::open(store(&disk), None).await.unwrap().session;
    let mut state = State::empty();
    let journal = session.begin(&mut state).unwrap();
    journal.append(vec![Record::Forget(address("a"), None)]).await.unwrap();
    let other = State { serial: 3, lineage: "other".into(), ..State::empty() };
    store(&disk).put_if(None, &crate::state::wire::write(&other)).await.unwrap();
    let Err(problems) = Session::open(store(&disk), None).await else { panic!("taken") };
    assert_eq!(problems.0[0].summary, "The journal belongs to another state");
}

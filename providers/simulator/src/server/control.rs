//! The simulator's own endpoints, for `windlass sandbox …` and the tests. None is signed; all are JSON.
//!
//! | call | effect |
//! |---|---|
//! | `GET /_windlass/alive` | says that a simulator is here |
//! | `GET /_windlass/status` | objects by service and kind, clock, faults, waiting events |
//! | `POST /_windlass/reset` | nothing exists any more; clock and faults as new; the key stays |
//! | `GET`, `POST`, `DELETE /_windlass/faults` | list; add (a text, a line each, or JSON); clear all or `?id=` |
//! | `GET`, `POST /_windlass/clock` | `{"set": "2026-11-23T08:00:00Z"}` or `{"advance_seconds": 3600}`, each with `"freeze": true` or `false` |
//! | `GET`, `DELETE /_windlass/audit` | calls so far (`?since=sequence`); forget them |

use serde_json::{Value, json};

use crate::clock::timestamp;
use crate::faults::{Fault, Faults};
use crate::message::{Request, Response};
use crate::world::World;

/// Answers a control request at the world's time.
pub fn handle(world: &mut World, request: &Request) -> Response {
    let path = request.path.trim_start_matches("/_windlass/");
    match (request.method.as_str(), path) {
        ("GET", "alive") => Response::json(200, &json!({ "windlass": env!("CARGO_PKG_VERSION") })),
        ("GET", "status") => Response::json(200, &status(world)),
        ("POST", "reset") => {
            world.reset();
            Response::json(200, &json!({}))
        }
        ("GET", "faults") => Response::json(200, &json!({ "faults": faults(&world.faults) })),
        ("POST", "faults") => answer(add_faults(world, &request.body)),
        ("DELETE", "faults") => {
            let id = request.query_value("id").and_then(|text| text.parse().ok());
            Response::json(200, &json!({ "cleared": world.faults.clear(id) }))
        }
        ("GET", "clock") => Response::json(200, &clock(world)),
        ("POST", "clock") => answer(set_clock(world, request)),
        _ => Response::json(404, &json!({ "error": format!("no such endpoint: {} {}", request.method, request.path) })),
    }
}

fn answer(result: Result<Value, String>) -> Response {
    match result {
        Ok(value) => Response::json(200, &value),
        Err(error) => Response::json(400, &json!({ "error": error })),
    }
}

fn status(world: &World) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "account": crate::aws::ACCOUNT,
        "clock": clock(world),
        "counts": world.counts(),
        "faults": faults(&world.faults),
        "events_waiting": world.events.len(),
    })
}

fn clock(world: &World) -> Value {
    json!({ "now": timestamp(world.now_ms), "offset_seconds": world.clock.offset_ms / 1000, "frozen": world.clock.frozen_ms.is_some() })
}

fn faults(faults: &Faults) -> Vec<Value> {
    faults.list.iter().map(|fault| json!({ "id": fault.id, "fault": fault.text, "seen": fault.seen, "fired": fault.fired })).collect()
}

/// Takes all faults of a body or none.
fn add_faults(world: &mut World, body: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(body).map_err(|_| "The body is not text.")?.trim();
    let parsed: Vec<Fault> = if text.starts_with(['{', '[', '"']) {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("The body is not JSON: {error}."))?;
        match value.as_array() {
            Some(list) => list.iter().map(Fault::from_json).collect::<Result<_, _>>()?,
            None => vec![Fault::from_json(&value)?],
        }
    } else {
        text.lines().filter(|line| !line.trim().is_empty()).map(Fault::parse).collect::<Result<_, _>>()?
    };
    if parsed.is_empty() {
        return Err("No fault was given.".to_owned());
    }
    let ids: Vec<u64> = parsed.into_iter().map(|fault| world.faults.add(fault)).collect();
    Ok(json!({ "ids": ids }))
}

fn set_clock(world: &mut World, request: &Request) -> Result<Value, String> {
    let body: Value = serde_json::from_slice(&request.body).map_err(|error| format!("The body is not JSON: {error}."))?;
    let target_ms = match (body.get("set").and_then(Value::as_str), body.get("advance_seconds").and_then(Value::as_f64)) {
        (Some(text), None) => text.parse::<jiff::Timestamp>().map_err(|error| format!("set: {error}"))?.as_millisecond(),
        (None, Some(seconds)) => world.now_ms + (seconds * 1000.0) as i64,
        (None, None) => world.now_ms,
        (Some(_), Some(_)) => return Err("Give set or advance_seconds, not both.".to_owned()),
    };
    if target_ms < world.now_ms {
        return Err(format!("Time can't go back from {} to {}; reset the sandbox instead.", timestamp(world.now_ms), timestamp(target_ms)));
    }
    world.clock.set(request.received_ms, target_ms, body.get("freeze").and_then(Value::as_bool));
    world.advance_to(target_ms);
    Ok(clock(world))
}

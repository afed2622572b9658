//! Requests as API Gateway's HTTP API hands them to a function.

use crate::{load::Events, place::Place};
use anyhow::Context;
use jiff::Timestamp;
use serde_json::{Value, json};
use traffic::Encoding;

/// Invocations that post that many events each.
pub fn posts(place: &Place, events: &Events, batch: usize) -> anyhow::Result<Vec<Vec<u8>>> {
    let sample = std::fs::read(place.root().join("events/ingest-batch.json")).context("events/ingest-batch.json")?;
    let mut event: Value = serde_json::from_slice(&sample)?;
    let now = Timestamp::now();
    let one = |delivery: traffic::Delivery| {
        let path = delivery.path();
        merge(
            &mut event,
            json!({"rawPath": path, "routeKey": format!("ANY {path}"),
            "requestContext": {"http": {"path": path}, "routeKey": format!("ANY {path}")}}),
        );
        merge(&mut event, json!({"body": String::from_utf8(delivery.body(now)?)?, "isBase64Encoded": false}));
        Ok(serde_json::to_vec(&event)?)
    };
    events.deliveries(batch, Encoding::Identity).take(200).map(one).collect()
}

/// A sample event of the repository, as it is.
pub fn sample(place: &Place, name: &str) -> anyhow::Result<Vec<u8>> {
    let file = place.root().join("events").join(name);
    std::fs::read(&file).with_context(|| format!("{} can't be read", file.display()))
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_replaced_one_by_one() {
        let mut value = json!({"a": {"b": 1, "c": 2}, "d": 3});
        merge(&mut value, json!({"a": {"b": 5}, "e": 6}));
        assert_eq!(value, json!({"a": {"b": 5, "c": 2}, "d": 3, "e": 6}));
    }
}

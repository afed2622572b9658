//! Random streams that try to be nasty: few values, so that everything collides; times on borders; repeats, disorder, gaps.

use crate::model::{Fact, rfc3339};
use proptest::{collection::vec, option, prelude::*, sample::select, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Map, Value, json};
use shared::event::EventType;
use uuid::Uuid;

/// An event as it is sent, and as the definitions see it.
#[derive(Debug, Clone)]
pub struct Sent {
    pub body: Value,
    pub fact: Fact,
    /// Milliseconds that the device's clock is behind ours; its event has a `sent_at` by that clock.
    pub skew: Option<i64>,
}

impl Sent {
    /// When the event with a wrong clock must be received, for its time to be the fact's.
    #[must_use]
    pub fn received_at(&self) -> Option<String> {
        self.skew.map(|skew| rfc3339(SENT_AT + skew))
    }
}

/// When devices with a wrong clock send, by that clock.
const SENT_AT: i64 = 1_795_000_000_000;
/// A day behind, an hour ahead; and what is too little to be corrected.
const SKEWS: &[i64] = &[86_400_000, -3_600_000, 60_001, 60_000, -59_999];

/// What a stream is drawn from.
#[derive(Debug, Clone)]
pub struct Space {
    /// Tenants that must not mix; they get the same ids.
    pub tenants: [String; 2],
    /// Instants in ms since 1970 that events gather around.
    pub instants: Vec<i64>,
}

const VERSIONS: &[&str] = &["1.0.0", "1.1.0", "2.0.0-β"];
const SYSTEMS: &[&str] = &["Android", "iOS"];
const DECIMALS: &[f64] = &[0.0, 0.1, 0.25, 1.0, 2.5, 7.125, 25.5, 120.0, 99_999.75];

/// Requests of up to `requests`, each with a few events: the same event may be in one request twice, or in many.
pub fn requests(space: &Space, requests: usize) -> impl Strategy<Value = Vec<Vec<Sent>>> + use<> {
    let events = vec(event(space.clone()), 1..60);
    (events, vec(vec(any::<prop::sample::Index>(), 1..40), 1..=requests)).prop_map(|(events, picks)| {
        picks.into_iter().map(|picks| picks.iter().map(|pick| pick.get(&events).clone()).collect()).collect()
    })
}

fn event(space: Space) -> impl Strategy<Value = Sent> {
    let text = |values: &'static [&'static str]| option::weighted(0.7, select(values).prop_map(str::to_owned));
    let number = || option::weighted(0.4, select(DECIMALS));
    // Mostly one scope and few devices: what collides is what can go wrong.
    let mostly = |usual: String, other: String| prop_oneof![4 => Just(usual), 1 => Just(other)];
    let [tenant, other_tenant] = space.tenants;
    let names = |name: &str| mostly(format!("{name}-1"), format!("{name}-2"));
    let who = (mostly(tenant, other_tenant), names("org"), names("app"), 0..3u8);
    let when = (select(space.instants), select(&[-900_000i64, -1, 0, 0, 0, 1, 899_999, 900_000][..]));
    let ends = select(&[EventType::UpdateInstalled, EventType::UpdateFailed][..]);
    let what = (prop_oneof![ends, select(&EventType::ALL[..])], text(VERSIONS), text(VERSIONS));
    let device = (text(SYSTEMS), text(&["13", "14", "17.2"]), text(&["Pixel 7", "iPhone 15"]));
    let error = (text(&["E_NET", "E_DISK", "E_SIG"]), text(&["download", "install"]), text(&["timed out", "no space"]));
    let metrics = (number(), number(), number(), number());
    // An id stands for one content: other content under a used id is the client's error and has no one right answer.
    let how = (any::<bool>(), any::<bool>(), option::weighted(0.1, select(SKEWS)));
    (who, when, what, device, error, metrics, how).prop_map(
        |(
            who,
            (instant, shift),
            (event_type, current, target),
            device,
            error,
            metrics,
            (given_id, in_payload, skew),
        )| {
            let (tenant, org, app, device_number) = who;
            let mut fact = Fact {
                tenant,
                org,
                app,
                device: format!("device-{device_number}"),
                event_id: String::new(),
                event_type,
                time: instant + shift,
                current_version: current,
                target_version: target,
                device_os: device.0,
                device_os_version: device.1,
                device_model: device.2,
                error_code: error.0,
                failure_stage: error.1,
                error_message: error.2,
                metrics: [metrics.0, metrics.1, metrics.2, metrics.3],
            };
            // Tenant, org and app aside, so that scopes share ids; what else it says decides.
            let content =
                format!("{:?}", Fact { tenant: String::new(), org: String::new(), app: String::new(), ..fact.clone() });
            let id = Uuid::new_v8(fingerprint(&content));
            // Without an id the wording is the event: the same said in other places is another one.
            fact.event_id = if given_id { id.to_string() } else { format!("{id} {in_payload} {skew:?}") };
            let mut body = body(&fact, given_id.then_some(id), in_payload);
            if let Some(skew) = skew {
                body["sent_at"] = json!(rfc3339(SENT_AT));
                if skew.abs() > 60_000 {
                    body["timestamp"] = json!(rfc3339(fact.time - skew));
                }
            }
            Sent { body, fact, skew }
        },
    )
}

/// 128 bits of a text, without the product's own hashing.
fn fingerprint(text: &str) -> [u8; 16] {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, text).hash(&mut hasher);
        hasher.finish().to_be_bytes()
    };
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&half(0));
    bytes[8..].copy_from_slice(&half(1));
    bytes
}

/// The event as a client may write it: what has a second place in `payload` goes there if asked.
fn body(fact: &Fact, id: Option<Uuid>, in_payload: bool) -> Value {
    let mut event = json!({
        "tenant_id": fact.tenant, "org_id": fact.org, "app_id": fact.app, "device_id": fact.device,
        "event_type": fact.event_type.as_str(), "timestamp": rfc3339(fact.time),
        "device_info": {"os": fact.device_os, "os_version": fact.device_os_version, "model": fact.device_model},
    });
    let [speed, install, download, size] = fact.metrics;
    let mut payload = Map::new();
    payload.insert("download_duration".to_owned(), json!(download));
    payload.insert("package_size".to_owned(), json!(size));
    if in_payload {
        payload.insert("download_speed".to_owned(), json!(speed));
        payload.insert("install_duration".to_owned(), json!(install));
        payload.insert("current_version".to_owned(), json!(fact.current_version));
        payload.insert("target_version".to_owned(), json!(fact.target_version));
        payload.insert("error_code".to_owned(), json!(fact.error_code));
        payload.insert("error_message".to_owned(), json!(fact.error_message));
        payload.insert("failure_stage".to_owned(), json!(fact.failure_stage));
    } else {
        event["performance_metrics"] = json!({"download_speed_mbps": speed, "install_duration_seconds": install});
        event["release_info"] = json!({"current_version": fact.current_version, "target_version": fact.target_version});
        event["error_info"] = json!({
            "error_code": fact.error_code, "error_message": fact.error_message, "failure_stage": fact.failure_stage,
        });
    }
    event["payload"] = Value::Object(payload);
    if let Some(id) = id {
        event["event_id"] = json!(id);
    }
    event
}

/// Always the same `number` events.
#[must_use]
pub fn sample(space: &Space, number: usize) -> Vec<Sent> {
    let mut runner = TestRunner::deterministic();
    vec(event(space.clone()), number).new_tree(&mut runner).unwrap().current()
}

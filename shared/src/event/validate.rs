//! A document to an event: every field and every rule.

use super::{
    Accepted, Age, Context, Device, Document, ErrorInfo, Event, EventType, Network, Performance, Rejection, Release,
    Text, Warning,
    document::{Content, Tree, present},
    fields::{Findings, LONG_TEXT, Place, TEXT},
    id,
    json::Json,
    timestamp::truncate_to_ms,
};
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;
use uuid::Uuid;

/// A device's clock may differ from ours by so much and still be believed.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// An event may lie so far ahead.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);
pub(super) const PAYLOAD_BYTES: usize = 16 * 1024;

impl<'a> Document<'a> {
    /// Checks every field.
    ///
    /// # Errors
    /// All that is wrong, in the order of the fields.
    pub fn validate(self, context: &Context) -> Result<Accepted<'a>, Rejection> {
        let mut found = Findings::default();
        let (event, event_id) = match self.content {
            Content::Plain(mut fields) => {
                let id = fields.event_id.take();
                let (text, id) = id.unzip();
                (fields.event(id, context, &mut found), text.map(Cow::into_owned))
            }
            Content::Tree(tree) => (read(&tree, context, &mut found), tree.event_id().map(str::to_owned)),
        };
        match event {
            Some(event) if found.errors.is_empty() => Ok(Accepted { event, warnings: found.warnings }),
            _ => Err(Rejection { event_id, errors: found.errors }),
        }
    }
}

/// `None` where a field that every event has is missing or wrong; other errors are among what was found.
fn read<'a>(document: &Tree<'a>, context: &Context, found: &mut Findings) -> Option<Event<'a>> {
    let top = Place { object: Some(&document.members), prefix: "" };
    let given_id = event_id(top, found);
    let tenant_id = found.id("tenant_id", top);
    let org_id = found.id("org_id", top);
    let app_id = found.id("app_id", top);
    let device_id = found.id("device_id", top);
    let session_id = found.short_text("session_id", top);
    let event_type = event_type(top, found);
    let when = When::read(top, context, found);
    let payload = found.object(&document.members, "payload", "payload.");
    let payload_text = payload.object.and(document.payload_text);
    if let Some(text) = payload_text
        && text.len() > PAYLOAD_BYTES
    {
        found.error("payload", "too_large", format!("must have at most {PAYLOAD_BYTES} bytes, has {}", text.len()));
    }
    let objects = Objects::read(document, payload, found);
    let (event_type, when) = (event_type?, when?);
    warn_of_missing(&objects.release, event_type, found);
    Some(Event {
        event_id: given_id.unwrap_or_else(|| id::derive(&document.members, when.exact)),
        tenant_id: tenant_id?,
        org_id: org_id?,
        app_id: app_id?,
        device_id: device_id?,
        session_id,
        event_type,
        timestamp: when.timestamp,
        sent_at: when.sent_at,
        event_time: when.event_time,
        received_at: context.received_at,
        device: objects.device,
        release: objects.release,
        network: objects.network,
        performance: objects.performance,
        error: objects.error,
        payload: payload_text.map(Cow::Borrowed),
    })
}

fn event_id(top: Place<'_, '_>, found: &mut Findings) -> Option<Uuid> {
    let text = found.whole_text("event_id", top)?;
    let id = parse_event_id(&text);
    if id.is_none() {
        found.error("event_id", "invalid_format", "must be a UUID (0f8fad5b-d9cb-469f-a165-70867728950e)");
    }
    id
}

pub(super) fn parse_event_id(text: &str) -> Option<Uuid> {
    // Of the forms that a UUID can be written in only the hyphenated one has 36 characters.
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten()
}

pub(super) fn warn_of_missing(release: &Release<'_>, event_type: EventType, found: &mut Findings) {
    if release.target_version.is_none() && !event_type.is_rollback() {
        found.warnings.push(Warning { field: "release_info.target_version", code: "missing" });
    }
}

fn event_type(top: Place<'_, '_>, found: &mut Findings) -> Option<EventType> {
    if present(top.object, "event_type").is_none() {
        found.error("event_type", "required", "is required");
        return None;
    }
    let name = found.whole_text("event_type", top)?;
    let event_type = EventType::from_name(&name);
    if event_type.is_none() {
        let known = EventType::ALL.map(EventType::as_str).join(", ");
        found.error("event_type", "unknown_value", format!("must be one of {known}"));
    }
    event_type
}

/// The instants of an event.
pub(super) struct When {
    /// `timestamp` as it was given.
    exact: Timestamp,
    pub timestamp: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub event_time: Timestamp,
}

impl When {
    fn read(top: Place<'_, '_>, context: &Context, found: &mut Findings) -> Option<Self> {
        if present(top.object, "timestamp").is_none() {
            found.error("timestamp", "required", "is required");
        }
        let exact = found.timestamp("timestamp", top);
        let sent_at = found.timestamp("sent_at", top);
        Self::of(exact?, sent_at, context, found)
    }

    /// From the two as they were given.
    pub fn of(exact: Timestamp, sent_at: Option<Timestamp>, context: &Context, found: &mut Findings) -> Option<Self> {
        let sent_at = sent_at.map(truncate_to_ms).or(context.batch_sent_at);
        let timestamp = truncate_to_ms(exact);
        let skew = sent_at.map(|sent_at| context.received_at.duration_since(sent_at)).filter(|skew| skew.abs() > SKEW);
        let Ok(event_time) = timestamp.checked_add(skew.unwrap_or_default()) else {
            found.error("timestamp", "out_of_range", "corrected by sent_at it is no instant that can be stored");
            return None;
        };
        if let Age::AtIngest { max_age_days } = context.age {
            let corrected = if skew.is_some() { " once corrected by sent_at" } else { "" };
            let oldest = SignedDuration::from_hours(24 * i64::from(max_age_days));
            if event_time.duration_since(context.received_at) > AHEAD {
                let rule = format!("must not be more than 10 minutes ahead{corrected}");
                found.error("timestamp", "in_future", rule);
            } else if context.received_at.duration_since(event_time) > oldest {
                found.error("timestamp", "too_old", format!("must not be older than {max_age_days} days{corrected}"));
            }
        }
        Some(Self { exact, timestamp, sent_at, event_time })
    }
}

/// The event's objects; where one doesn't give a value, `payload` may.
struct Objects<'a> {
    device: Device<'a>,
    release: Release<'a>,
    network: Network<'a>,
    performance: Performance,
    error: ErrorInfo<'a>,
}

impl<'a> Objects<'a> {
    fn read(document: &Tree<'a>, payload: Place<'_, 'a>, found: &mut Findings) -> Self {
        let any = f64::INFINITY;
        let device = found.object(&document.members, "device_info", "device_info.");
        let release = found.object(&document.members, "release_info", "release_info.");
        let network = found.object(&document.members, "network_info", "network_info.");
        let metrics = found.object(&document.members, "performance_metrics", "performance_metrics.");
        let error = found.object(&document.members, "error_info", "error_info.");
        let objects = Self {
            device: Device {
                os: found.text("device_info.os", device, TEXT),
                os_version: found.text("device_info.os_version", device, TEXT),
                model: found.text("device_info.model", device, TEXT),
                manufacturer: found.text("device_info.manufacturer", device, TEXT),
            },
            release: Release {
                current_version: found.text_of(
                    ["release_info.current_version", "payload.current_version"],
                    [release, payload],
                    TEXT,
                ),
                target_version: found.text_of(
                    ["release_info.target_version", "payload.target_version"],
                    [release, payload],
                    TEXT,
                ),
                release_notes: found.text("release_info.release_notes", release, LONG_TEXT),
            },
            network: Network {
                connection_type: found.text("network_info.connection_type", network, TEXT),
                bandwidth_mbps: found.number("network_info.bandwidth_mbps", network, any),
            },
            performance: Performance {
                download_speed_mbps: found.number_of(
                    ["performance_metrics.download_speed_mbps", "payload.download_speed"],
                    [metrics, payload],
                ),
                install_duration_seconds: found.number_of(
                    ["performance_metrics.install_duration_seconds", "payload.install_duration"],
                    [metrics, payload],
                ),
                download_duration_seconds: found.number("payload.download_duration", payload, any),
                package_size_bytes: found.number("payload.package_size", payload, any),
                battery_level: found.number("performance_metrics.battery_level", metrics, 100.0),
                storage_available_mb: found.number("performance_metrics.storage_available_mb", metrics, any),
            },
            error: ErrorInfo {
                error_code: found.text_of(["error_info.error_code", "payload.error_code"], [error, payload], TEXT),
                error_message: found.text_of(
                    ["error_info.error_message", "payload.error_message"],
                    [error, payload],
                    LONG_TEXT,
                ),
                failure_stage: found.text_of(
                    ["error_info.failure_stage", "payload.failure_stage"],
                    [error, payload],
                    TEXT,
                ),
            },
        };
        // Kept with the payload only, but its types hold for all clients.
        found.number("payload.progress", payload, 100.0);
        found.number("payload.install_progress", payload, 100.0);
        found.number("payload.rollback_duration", payload, any);
        found.whole_text("payload.cancellation_reason", payload);
        found.whole_text("payload.rollback_reason", payload);
        if let Some(other) = present(payload.object, "success_metrics")
            && !matches!(other, Json::Object(_))
        {
            found.error("payload.success_metrics", "wrong_type", format!("must be an object, not {}", other.kind()));
        }
        objects
    }
}

impl Findings {
    /// Text of the first place that gives it; the second is checked all the same.
    fn text_of<'a>(&mut self, fields: [&'static str; 2], places: [Place<'_, 'a>; 2], limit: usize) -> Option<Text<'a>> {
        let ([own_field, other_field], [own, other]) = (fields, places);
        match self.text(own_field, own, limit) {
            Some(text) => {
                self.whole_text(other_field, other);
                Some(text)
            }
            None => self.text(other_field, other, limit),
        }
    }

    /// The number of the first place that gives it; the second is checked all the same.
    fn number_of(&mut self, fields: [&'static str; 2], places: [Place<'_, '_>; 2]) -> Option<f64> {
        let ([own_field, other_field], [own, other]) = (fields, places);
        let own = self.number(own_field, own, f64::INFINITY);
        let other = self.number(other_field, other, f64::INFINITY);
        own.or(other)
    }
}

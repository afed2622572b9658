//! The fast way from text to an event: one pass over what is written plainly and keeps every rule.
//!
//! `None` says nothing but that the careful reader has to look: it tells what is wrong, cuts long text, and reads what is
//! odd. What both accept they read alike.

mod objects;
mod value;

use super::{
    Context, Device, ErrorInfo, Event, EventType, Network, Performance, Release, Text,
    fields::{Findings, ID, TEXT, has_control_character},
    id,
    validate::{PAYLOAD_BYTES, When, parse_event_id, warn_of_missing},
};
use crate::json::Scanner;
use jiff::Timestamp;
use objects::error_info;
use std::borrow::Cow;
use uuid::Uuid;
use value::{Seen, instant, text};

/// The members of an event, each of which keeps its rule; the required ones are there.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Fields<'a> {
    /// As it was given, and what it means.
    pub event_id: Option<(Text<'a>, Uuid)>,
    pub tenant_id: Option<Text<'a>>,
    pub org_id: Option<Text<'a>>,
    pub app_id: Option<Text<'a>>,
    pub device_id: Option<Text<'a>>,
    pub session_id: Option<Text<'a>>,
    pub event_type: Option<EventType>,
    pub timestamp: Option<Timestamp>,
    pub sent_at: Option<Timestamp>,
    pub device: Device<'a>,
    pub release: Release<'a>,
    pub network: Network<'a>,
    pub performance: Performance,
    pub error: ErrorInfo<'a>,
    /// What `payload` gives of the objects' values.
    pub payload: OfPayload<'a>,
    pub payload_text: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct OfPayload<'a> {
    current_version: Option<Text<'a>>,
    target_version: Option<Text<'a>>,
    download_speed: Option<f64>,
    install_duration: Option<f64>,
    error: ErrorInfo<'a>,
}

/// A device id that needs no further look.
pub(super) fn is_id(text: &str) -> bool {
    (1..=ID).contains(&text.len()) && !has_control_character(text)
}

impl<'a> Fields<'a> {
    pub fn read(bytes: &'a [u8]) -> Option<Box<Self>> {
        let mut scanner = Scanner::new(std::str::from_utf8(bytes).ok()?);
        let mut fields = Box::<Self>::default();
        let mut seen = Seen::default();
        scanner.object(|scanner, key| fields.member(&mut seen, scanner, key))?;
        scanner.end()?;
        let required = fields.tenant_id.is_some()
            && fields.org_id.is_some()
            && fields.app_id.is_some()
            && fields.device_id.is_some()
            && fields.event_type.is_some()
            && fields.timestamp.is_some();
        required.then_some(fields)
    }

    fn member(&mut self, seen: &mut Seen<'a>, scanner: &mut Scanner<'a>, key: &'a str) -> Option<bool> {
        let id = |scanner: &mut Scanner<'a>| scanner.text().filter(|text| is_id(text)).map(Some);
        match key {
            "event_id" => {
                seen.first(0)?;
                if let Some(text) = text(scanner, TEXT)? {
                    let id = parse_event_id(&text)?;
                    self.event_id = Some((text, id));
                }
            }
            "tenant_id" => (self.tenant_id, _) = (id(scanner)?, seen.first(1)?),
            "org_id" => (self.org_id, _) = (id(scanner)?, seen.first(2)?),
            "app_id" => (self.app_id, _) = (id(scanner)?, seen.first(3)?),
            "device_id" => (self.device_id, _) = (id(scanner)?, seen.first(4)?),
            "session_id" => (self.session_id, _) = (text(scanner, ID)?, seen.first(5)?),
            "event_type" => (self.event_type, _) = (Some(EventType::from_name(&scanner.text()?)?), seen.first(6)?),
            "timestamp" => (self.timestamp, _) = (instant(scanner)?, seen.first(7)?),
            "sent_at" => (self.sent_at, _) = (instant(scanner)?, seen.first(8)?),
            "device_info" => (_, _) = (self.device_info(scanner)?, seen.first(9)?),
            "release_info" => (_, _) = (self.release_info(scanner)?, seen.first(10)?),
            "network_info" => (_, _) = (self.network_info(scanner)?, seen.first(11)?),
            "performance_metrics" => (_, _) = (self.performance_metrics(scanner)?, seen.first(12)?),
            "error_info" => (_, _) = (error_info(&mut self.error, scanner)?, seen.first(13)?),
            "payload" => {
                seen.first(14)?;
                let start = scanner.mark();
                let says = self.payload(scanner)?;
                self.payload_text = scanner.since(start).filter(|_| says);
                if self.payload_text.is_some_and(|text| text.len() > PAYLOAD_BYTES) {
                    return None;
                }
            }
            _ => return seen.unknown(scanner, key),
        }
        Some(true)
    }

    /// The event; `None` where its time is found to be wrong.
    pub fn event(
        self: Box<Self>,
        given_id: Option<Uuid>,
        context: &Context,
        found: &mut Findings,
    ) -> Option<Event<'a>> {
        let (exact, event_type) = (self.timestamp?, self.event_type?);
        let when = When::of(exact, self.sent_at, context, found)?;
        let event_id = given_id.unwrap_or_else(|| id::derive_plain(&self, exact, event_type));
        let Self { mut release, mut performance, mut error, payload, .. } = *self;
        release.current_version = release.current_version.or(payload.current_version);
        release.target_version = release.target_version.or(payload.target_version);
        performance.download_speed_mbps = performance.download_speed_mbps.or(payload.download_speed);
        performance.install_duration_seconds = performance.install_duration_seconds.or(payload.install_duration);
        error.error_code = error.error_code.or(payload.error.error_code);
        error.error_message = error.error_message.or(payload.error.error_message);
        error.failure_stage = error.failure_stage.or(payload.error.failure_stage);
        warn_of_missing(&release, event_type, found);
        Some(Event {
            event_id,
            tenant_id: self.tenant_id?,
            org_id: self.org_id?,
            app_id: self.app_id?,
            device_id: self.device_id?,
            session_id: self.session_id,
            event_type,
            timestamp: when.timestamp,
            sent_at: when.sent_at,
            event_time: when.event_time,
            received_at: context.received_at,
            device: self.device,
            release,
            network: self.network,
            performance,
            error,
            payload: self.payload_text.map(Cow::Borrowed),
        })
    }
}

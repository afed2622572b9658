//! The fast way from text to an event: one pass over what is written plainly and keeps every rule.
//!
//! `None` says nothing but that the careful reader has to look: it tells what is wrong, cuts long text, and reads what is
//! odd. What both accept they read alike.

use super::{
    Context, Device, ErrorInfo, Event, EventType, Network, Performance, Release, Text,
    fields::{Findings, ID, LONG_TEXT, TEXT, has_control_character},
    id,
    timestamp::parse_timestamp,
    validate::{PAYLOAD_BYTES, When, parse_event_id, warn_of_missing},
};
use crate::json::{Keys, Scanner};
use jiff::Timestamp;
use std::borrow::Cow;
use uuid::Uuid;

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
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut scanner = Scanner::new(std::str::from_utf8(bytes).ok()?);
        let mut fields = Self::default();
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
            "error_info" => (_, _) = (read_error(&mut self.error, scanner)?, seen.first(13)?),
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

    fn device_info(&mut self, scanner: &mut Scanner<'a>) -> Option<bool> {
        let device = &mut self.device;
        object(scanner, |seen, scanner, key| {
            let (field, bit) = match key {
                "os" => (&mut device.os, 0),
                "os_version" => (&mut device.os_version, 1),
                "model" => (&mut device.model, 2),
                "manufacturer" => (&mut device.manufacturer, 3),
                _ => return seen.unknown(scanner, key),
            };
            seen.first(bit)?;
            *field = text(scanner, TEXT)?;
            Some(field.is_some())
        })
    }

    fn release_info(&mut self, scanner: &mut Scanner<'a>) -> Option<bool> {
        let release = &mut self.release;
        object(scanner, |seen, scanner, key| {
            let (field, limit, bit) = match key {
                "current_version" => (&mut release.current_version, TEXT, 0),
                "target_version" => (&mut release.target_version, TEXT, 1),
                "release_notes" => (&mut release.release_notes, LONG_TEXT, 2),
                _ => return seen.unknown(scanner, key),
            };
            seen.first(bit)?;
            *field = text(scanner, limit)?;
            Some(field.is_some())
        })
    }

    fn network_info(&mut self, scanner: &mut Scanner<'a>) -> Option<bool> {
        let network = &mut self.network;
        object(scanner, |seen, scanner, key| match key {
            "connection_type" => {
                seen.first(0)?;
                network.connection_type = text(scanner, TEXT)?;
                Some(network.connection_type.is_some())
            }
            "bandwidth_mbps" => {
                seen.first(1)?;
                network.bandwidth_mbps = number(scanner, f64::INFINITY)?;
                Some(network.bandwidth_mbps.is_some())
            }
            _ => seen.unknown(scanner, key),
        })
    }

    fn performance_metrics(&mut self, scanner: &mut Scanner<'a>) -> Option<bool> {
        let performance = &mut self.performance;
        object(scanner, |seen, scanner, key| {
            let (field, most, bit) = match key {
                "download_speed_mbps" => (&mut performance.download_speed_mbps, f64::INFINITY, 0),
                "install_duration_seconds" => (&mut performance.install_duration_seconds, f64::INFINITY, 1),
                "battery_level" => (&mut performance.battery_level, 100.0, 2),
                "storage_available_mb" => (&mut performance.storage_available_mb, f64::INFINITY, 3),
                _ => return seen.unknown(scanner, key),
            };
            seen.first(bit)?;
            *field = number(scanner, most)?;
            Some(field.is_some())
        })
    }

    fn payload(&mut self, scanner: &mut Scanner<'a>) -> Option<bool> {
        let (payload, performance) = (&mut self.payload, &mut self.performance);
        object(scanner, |seen, scanner, key| {
            // Some are kept with the payload only.
            let (mut checked_number, mut checked_text) = (None, None);
            let (field, most, bit) = match key {
                "download_speed" => (&mut payload.download_speed, f64::INFINITY, 0),
                "install_duration" => (&mut payload.install_duration, f64::INFINITY, 1),
                "download_duration" => (&mut performance.download_duration_seconds, f64::INFINITY, 2),
                "package_size" => (&mut performance.package_size_bytes, f64::INFINITY, 3),
                "progress" => (&mut checked_number, 100.0, 4),
                "install_progress" => (&mut checked_number, 100.0, 5),
                "rollback_duration" => (&mut checked_number, f64::INFINITY, 6),
                "success_metrics" => {
                    seen.first(7)?;
                    let is_object = scanner.peek() == Some(b'{');
                    return scanner.skip().filter(|says| is_object || !says);
                }
                _ => {
                    let (field, limit, bit) = match key {
                        "current_version" => (&mut payload.current_version, TEXT, 8),
                        "target_version" => (&mut payload.target_version, TEXT, 9),
                        "error_code" => (&mut payload.error.error_code, TEXT, 10),
                        "error_message" => (&mut payload.error.error_message, LONG_TEXT, 11),
                        "failure_stage" => (&mut payload.error.failure_stage, TEXT, 12),
                        "cancellation_reason" => (&mut checked_text, usize::MAX, 13),
                        "rollback_reason" => (&mut checked_text, usize::MAX, 14),
                        _ => return seen.unknown(scanner, key),
                    };
                    seen.first(bit)?;
                    *field = text(scanner, limit)?;
                    return Some(field.is_some());
                }
            };
            seen.first(bit)?;
            *field = number(scanner, most)?;
            Some(field.is_some())
        })
    }

    /// The event; `None` where its time is found to be wrong.
    pub fn event(self, given_id: Option<Uuid>, context: &Context, found: &mut Findings) -> Option<Event<'a>> {
        let (exact, event_type) = (self.timestamp?, self.event_type?);
        let when = When::of(exact, self.sent_at, context, found)?;
        let event_id = given_id.unwrap_or_else(|| id::derive_plain(&self, exact, event_type));
        let Self { mut release, mut performance, mut error, payload, .. } = self;
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

fn read_error<'a>(error: &mut ErrorInfo<'a>, scanner: &mut Scanner<'a>) -> Option<bool> {
    object(scanner, |seen, scanner, key| {
        let (field, limit, bit) = match key {
            "error_code" => (&mut error.error_code, TEXT, 0),
            "error_message" => (&mut error.error_message, LONG_TEXT, 1),
            "failure_stage" => (&mut error.failure_stage, TEXT, 2),
            _ => return seen.unknown(scanner, key),
        };
        seen.first(bit)?;
        *field = text(scanner, limit)?;
        Some(field.is_some())
    })
}

/// Which keys an object has had.
#[derive(Default)]
struct Seen<'a> {
    known: u32,
    unknown: Keys<'a>,
}

impl<'a> Seen<'a> {
    /// `None`: not the first time.
    #[inline]
    fn first(&mut self, bit: u8) -> Option<()> {
        let before = self.known;
        self.known |= 1 << bit;
        (self.known != before).then_some(())
    }

    fn unknown(&mut self, scanner: &mut Scanner<'a>, key: &'a str) -> Option<bool> {
        self.unknown.add(key)?;
        scanner.skip()
    }
}

/// One of the event's objects, or what stands for none; tells whether it says anything.
#[inline]
fn object<'a>(
    scanner: &mut Scanner<'a>,
    mut member: impl FnMut(&mut Seen<'a>, &mut Scanner<'a>, &'a str) -> Option<bool>,
) -> Option<bool> {
    if scanner.peek()? != b'{' {
        return nothing(scanner).map(|()| false);
    }
    let mut seen = Seen::default();
    scanner.object(|scanner, key| member(&mut seen, scanner, key))
}

/// Text of at most so many bytes, or what stands for none.
#[inline]
fn text<'a>(scanner: &mut Scanner<'a>, limit: usize) -> Option<Option<Text<'a>>> {
    if scanner.peek()? != b'"' {
        return nothing(scanner).map(|()| None);
    }
    let text = scanner.text()?;
    (text.len() <= limit).then(|| Some(text).filter(|text| !text.is_empty()))
}

/// A number from 0 to `most`, or what stands for none.
#[inline]
fn number(scanner: &mut Scanner<'_>, most: f64) -> Option<Option<f64>> {
    if !scanner.peek()?.is_ascii_digit() {
        return nothing(scanner).map(|()| None);
    }
    scanner.number().filter(|number| *number <= most).map(Some)
}

fn instant(scanner: &mut Scanner<'_>) -> Option<Option<Timestamp>> {
    match text(scanner, usize::MAX)? {
        Some(text) => parse_timestamp(&text).map(Some),
        None => Some(None),
    }
}

/// `null`, `""`, `{}` and the like.
#[cold]
fn nothing(scanner: &mut Scanner<'_>) -> Option<()> {
    scanner.skip().filter(|says| !says).map(drop)
}

//! A batch's body to the text of each event.

mod envelope;

use crate::body::MediaType;
use envelope::Envelope;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, value::RawValue};
use shared::event::{parse_timestamp, truncate_to_ms};
use shared::problem::{FieldError, Problem};

/// Events a batch may have.
const MOST: usize = 1000;

/// Events as they were written, in order; nothing of them is checked yet.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    pub events: Vec<&'a [u8]>,
    pub sent_at: Option<Timestamp>,
}

impl<'a> Batch<'a> {
    pub fn parse(media_type: MediaType, body: &'a [u8]) -> Result<Self, Problem> {
        let batch = match media_type {
            MediaType::Lines => Self { events: lines(body), sent_at: None },
            MediaType::Json if body.trim_ascii_start().starts_with(b"[") => {
                Self { events: array("", body)?, sent_at: None }
            }
            MediaType::Json => Self::in_object(body)?,
        };
        match batch.events.len() {
            0 => Err(invalid("events", "required", "must have at least one event")),
            number if number > MOST => {
                let detail = format!("a batch must have at most {MOST} events, this one has {number}");
                Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_many_events", detail))
            }
            _ => Ok(batch),
        }
    }

    fn in_object(body: &'a [u8]) -> Result<Self, Problem> {
        // In one pass where nothing is wrong; what is wrong is found out in a second.
        if let Ok(Envelope { events: Some(events), sent_at: sent, repeated: None }) =
            serde_json::from_slice::<Envelope<Vec<&'a RawValue>>>(body)
        {
            return Ok(Self { events: texts(events), sent_at: sent_at(sent)? });
        }
        let envelope: Envelope<&'a RawValue> = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
        if let Some(key) = envelope.repeated {
            return Err(invalid(&key, "duplicate_key", "stands twice in the batch's object"));
        }
        let Some(events) = envelope.events else {
            return Err(invalid("events", "required", "is required: the array of events"));
        };
        Ok(Self { events: array("events", events.get().as_bytes())?, sent_at: sent_at(envelope.sent_at)? })
    }
}

fn texts(items: Vec<&RawValue>) -> Vec<&[u8]> {
    items.into_iter().map(|item| item.get().as_bytes()).collect()
}

/// Blank lines are none. A line that isn't JSON fails alone, later.
fn lines(body: &[u8]) -> Vec<&[u8]> {
    body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()).collect()
}

fn array<'a>(field: &str, text: &'a [u8]) -> Result<Vec<&'a [u8]>, Problem> {
    match serde_json::from_slice::<Vec<&'a RawValue>>(text) {
        Ok(items) => Ok(texts(items)),
        Err(error) if error.is_data() && !field.is_empty() => {
            Err(invalid(field, "wrong_type", "must be an array of events"))
        }
        Err(error) => Err(malformed(&error)),
    }
}

fn sent_at(value: Option<Value>) -> Result<Option<Timestamp>, Problem> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => match parse_timestamp(&text) {
            Some(instant) => Ok(Some(truncate_to_ms(instant))),
            None => Err(invalid("sent_at", "invalid_format", "must be an RFC 3339 date and time with offset")),
        },
        Some(_) => Err(invalid("sent_at", "wrong_type", "must be a string")),
    }
}

fn invalid(field: &str, code: &'static str, rule: &str) -> Problem {
    Problem::invalid(format!("{field} {rule}"), vec![FieldError::new(field, code, rule)])
}

fn malformed(error: &serde_json::Error) -> Problem {
    let detail = if error.is_data() {
        format!("the batch must be an object with `events`, an array, or NDJSON: {error}")
    } else {
        format!("the body is not valid JSON: {error}")
    };
    Problem::new(StatusCode::BAD_REQUEST, "malformed_json", detail)
}

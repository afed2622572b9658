//! One HTTP request: the events that a device or a relay sends together, and how it writes them.

use crate::{event::Event, wire::Wire};
use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::{io::Write, sync::Arc};

/// Events in the order they are sent. The same event may come again, in this or another delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    pub framing: Framing,
    pub encoding: Encoding,
    pub events: Vec<Arc<Event>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// `POST /events`: the first event alone.
    Single,
    /// `POST /events/batch` with a JSON array.
    Array,
    /// `POST /events/batch` with `{"events":[…],"sent_at":…}`.
    Object,
    /// `POST /events/batch` with a line an event.
    Ndjson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Identity,
    Gzip,
}

#[derive(Serialize)]
struct Batch<'a> {
    events: Array<'a>,
    /// The relay's clock is right; a device's own `sent_at` wins over it.
    sent_at: String,
}

struct Array<'a> {
    events: &'a [Arc<Event>],
    now: Timestamp,
}

impl Serialize for Array<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.events.iter().map(|event| Wire::sent(event, self.now)))
    }
}

impl Delivery {
    #[must_use]
    pub fn path(&self) -> &'static str {
        match self.framing {
            Framing::Single => "/events",
            Framing::Array | Framing::Object | Framing::Ndjson => "/events/batch",
        }
    }

    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match self.framing {
            Framing::Single | Framing::Array | Framing::Object => "application/json",
            Framing::Ndjson => "application/x-ndjson",
        }
    }

    #[must_use]
    pub fn content_encoding(&self) -> Option<&'static str> {
        match self.encoding {
            Encoding::Identity => None,
            Encoding::Gzip => Some("gzip"),
        }
    }

    /// The request's body if it is sent at `now`, compressed as `encoding` says.
    ///
    /// # Errors
    /// None in practice: events always serialise, and memory can be written to.
    pub fn body(&self, now: Timestamp) -> std::io::Result<Vec<u8>> {
        match self.encoding {
            Encoding::Identity => {
                let mut body = Vec::with_capacity(self.events.len() * 640);
                self.write(&mut body, now)?;
                Ok(body)
            }
            Encoding::Gzip => {
                let mut body = GzEncoder::new(Vec::with_capacity(self.events.len() * 96), Compression::fast());
                self.write(&mut body, now)?;
                body.finish()
            }
        }
    }

    fn write(&self, out: &mut impl Write, now: Timestamp) -> std::io::Result<()> {
        match self.framing {
            Framing::Single => {
                for event in self.events.iter().take(1) {
                    serde_json::to_writer(&mut *out, &Wire::sent(event, now))?;
                }
            }
            Framing::Array => serde_json::to_writer(out, &Array { events: &self.events, now })?,
            Framing::Object => {
                let batch = Batch { events: Array { events: &self.events, now }, sent_at: format!("{now:.3}") };
                serde_json::to_writer(out, &batch)?;
            }
            Framing::Ndjson => {
                for event in &self.events {
                    serde_json::to_writer(&mut *out, &Wire::sent(event, now))?;
                    out.write_all(b"\n")?;
                }
            }
        }
        Ok(())
    }
}

//! When two events are one.

use crate::{event::Event, wire::Wire};
use uuid::Uuid;

/// (tenant, org, app, id); without an id, the content stands for it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity(&'static str, &'static str, &'static str, Id);

#[derive(Debug, PartialEq, Eq, Hash)]
enum Id {
    Given(Uuid),
    Content(String),
}

impl Identity {
    pub(super) fn of(event: &Event) -> Self {
        let id = match event.event_id {
            Some(id) => Id::Given(id),
            None => Id::Content(serde_json::to_string(&Wire::content(event)).unwrap_or_default()),
        };
        Self(event.tenant_id, event.org_id, event.app_id, id)
    }
}

//! What is asked.

use crate::dataset::Tenant;
use jiff::Timestamp;

/// One endpoint with its parameters beside tenant and window.
pub struct Question {
    pub name: &'static str,
    path: &'static str,
    parameters: &'static str,
    /// Not in every version: a 404 is no failure.
    pub is_new: bool,
}

const fn old(name: &'static str, path: &'static str, parameters: &'static str) -> Question {
    Question { name, path, parameters, is_new: false }
}

const fn new(name: &'static str, path: &'static str, parameters: &'static str) -> Question {
    Question { name, path, parameters, is_new: true }
}

/// Every endpoint, and those with groups, segments and zones with them too.
pub const QUESTIONS: &[Question] = &[
    old("adoption", "adoption", ""),
    old("adoption in a zone", "adoption", "&timezone=America/New_York"),
    old("versions", "versions", ""),
    old("versions by os", "versions", "&segment=device_os"),
    old("active devices", "active-devices", ""),
    old("active devices in a zone", "active-devices", "&timezone=Asia/Kolkata"),
    old("failures", "failures", ""),
    old("failures by model in a zone", "failures", "&group_by=device_model&timezone=Europe/Berlin"),
    old("performance", "performance", ""),
    old("performance by release", "performance", "&group_by=target_version"),
    new("funnel", "funnel", ""),
    new("releases", "releases", ""),
    new("release health", "release-health", "&app_id=shopper&target_version=4.3.1"),
    new("a device's timeline", "devices/phone-0000042", "&org_id=mobile&app_id=shopper"),
];

impl Question {
    /// Path and query.
    pub fn path_of(&self, tenant: &Tenant, from: Timestamp, to: Timestamp) -> String {
        let window = format!("from={from}&to={to}");
        format!("/analytics/{}?tenant_id={}&{window}{}", self.path, tenant.name, self.parameters)
    }
}

//! A question to an endpoint, as the model and the HTTP client both take it.

use super::time::{Interval, Window};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    Adoption,
    Versions,
    ActiveDevices,
    Failures,
    Performance,
}

impl Endpoint {
    pub const ALL: [Self; 5] = [Self::Adoption, Self::Versions, Self::ActiveDevices, Self::Failures, Self::Performance];

    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Adoption => "/analytics/adoption",
            Self::Versions => "/analytics/versions",
            Self::ActiveDevices => "/analytics/active-devices",
            Self::Failures => "/analytics/failures",
            Self::Performance => "/analytics/performance",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Question {
    pub endpoint: Endpoint,
    pub tenant: String,
    pub org: Option<String>,
    pub app: Option<String>,
    pub target_version: Option<String>,
    pub device_os: Option<String>,
    /// As asked, before it is widened to quarter-hours.
    pub window: Window,
    pub interval: Option<Interval>,
    pub timezone: String,
    pub group_by: Vec<String>,
    pub segment: Option<String>,
    pub limit: Option<usize>,
}

impl Question {
    /// Everything of a tenant in a window.
    #[must_use]
    pub fn new(endpoint: Endpoint, tenant: &str, window: Window) -> Self {
        Self {
            endpoint,
            tenant: tenant.to_owned(),
            org: None,
            app: None,
            target_version: None,
            device_os: None,
            window,
            interval: None,
            timezone: "UTC".to_owned(),
            group_by: Vec::new(),
            segment: None,
            limit: None,
        }
    }

    /// The query's parameters.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let optional = [
            ("org_id", self.org.clone()),
            ("app_id", self.app.clone()),
            ("target_version", self.target_version.clone()),
            ("device_os", self.device_os.clone()),
            ("interval", self.interval.map(|interval| interval.name().to_owned())),
            ("group_by", (!self.group_by.is_empty()).then(|| self.group_by.join(","))),
            ("segment", self.segment.clone()),
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("timezone", (self.timezone != "UTC").then(|| self.timezone.clone())),
        ];
        let mut parameters = vec![
            ("tenant_id", self.tenant.clone()),
            ("from", super::time::rfc3339(self.window.from)),
            ("to", super::time::rfc3339(self.window.to)),
        ];
        parameters.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
        parameters
    }
}

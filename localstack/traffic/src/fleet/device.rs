//! One installation of an app on a device, and its habits.

use super::{
    Fleet,
    draw::{Draw, later},
};
use crate::{
    catalogue::{APPS, App, Network, Weighted},
    event::{DeviceInfo, Dialect},
};
use jiff::{SignedDuration, Timestamp, tz::Offset};
use std::sync::Arc;

pub(super) struct Device {
    pub(super) app: &'static App,
    pub(super) device_id: Arc<str>,
    pub(super) info: DeviceInfo,
    pub(super) network: Network,
    pub(super) offset: Offset,
    pub(super) clock_ahead: SignedDuration,
    pub(super) dialect: Dialect,
    /// Older clients leave the event id to the server.
    pub(super) gives_ids: bool,
    /// No sending from, until.
    pub(super) offline: Option<(Timestamp, Timestamp)>,
    /// How early the staged rollouts reach it: 0 with the first devices, 1 with the last.
    pub(super) rank: f64,
}

/// How far wrong clocks are ahead, in seconds: minutes, hours, days, and one that lost its battery and began at 1970.
const WRONG_CLOCKS: &[Weighted<i64>] =
    &[(-93_600, 3), (640, 3), (10_800, 3), (172_800, 2), (-34_560_000, 1), (-1_728_000_000, 1)];

const OFFSETS: &[Weighted<Offset>] =
    &[(Offset::UTC, 10), (Offset::constant(1), 4), (Offset::constant(-5), 3), (Offset::constant(8), 2)];

impl Device {
    pub(super) fn new(fleet: &Fleet, index: u64, draw: &mut Draw) -> Self {
        let app = draw.weighted(APPS);
        let offline = draw.chance(fleet.late_rate).then(|| {
            let hours = f64::from(fleet.days) * 24.0;
            let from = later(fleet.start(), draw.seconds(0.0, hours * 3600.0));
            (from, later(from, draw.seconds(12.0 * 3600.0, 144.0 * 3600.0)).min(fleet.now))
        });
        let clock_ahead = if draw.chance(fleet.skew_rate) { *draw.weighted(WRONG_CLOCKS) } else { 0 };
        Self {
            app,
            device_id: format!("{}-{:07}", app.device_prefix, index ^ app.device_swap).into(),
            info: *draw.weighted(app.devices),
            network: *draw.weighted(app.networks),
            offset: *draw.weighted(OFFSETS),
            clock_ahead: SignedDuration::from_secs(clock_ahead),
            dialect: if draw.chance(0.3) { Dialect::Payload } else { Dialect::Objects },
            gives_ids: !draw.chance(0.04),
            offline,
            rank: draw.unit(),
        }
    }
}

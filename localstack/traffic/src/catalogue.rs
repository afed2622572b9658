//! The world that the fleet lives in: who has which apps, devices and releases, and what goes wrong how often.

use crate::event::{DeviceInfo, Failure};

/// A value and how often it is drawn, against its neighbours.
pub(crate) type Weighted<T> = (T, u32);

pub(crate) struct App {
    pub tenant_id: &'static str,
    pub org_id: &'static str,
    pub app_id: &'static str,
    /// Device ids begin with it.
    pub device_prefix: &'static str,
    /// Flips these bits of the device's number, so that an app on the same hardware has devices of the same id.
    pub device_swap: u64,
    pub devices: &'static [Weighted<DeviceInfo>],
    pub networks: &'static [Weighted<Network>],
    /// What devices ran before the first release.
    pub factory_version: &'static str,
    /// Oldest first.
    pub releases: &'static [Release],
}

#[derive(Clone, Copy)]
pub(crate) struct Network {
    pub connection_type: &'static str,
    /// The middle of what is measured.
    pub bandwidth_mbps: f64,
}

pub(crate) struct Release {
    pub version: &'static str,
    pub package_megabytes: f64,
    /// Of attempts.
    pub failure_rate: f64,
    /// Of installs.
    pub rollback_rate: f64,
}

/// How far an attempt has come when it fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Download,
    Verify,
    Install,
}

const fn device(
    os: &'static str,
    os_version: &'static str,
    model: &'static str,
    manufacturer: &'static str,
) -> DeviceInfo {
    DeviceInfo { os, os_version, model, manufacturer }
}

const fn release(version: &'static str, package_megabytes: f64, failure_rate: f64, rollback_rate: f64) -> Release {
    Release { version, package_megabytes, failure_rate, rollback_rate }
}

const PHONES: &[Weighted<DeviceInfo>] = &[
    (device("android", "14", "Pixel 8", "Google"), 14),
    (device("android", "15", "Pixel 8", "Google"), 9),
    (device("android", "15", "Pixel 9 Pro", "Google"), 6),
    (device("android", "13", "Galaxy A54", "Samsung"), 12),
    (device("android", "14", "Galaxy A54", "Samsung"), 11),
    (device("android", "15", "Galaxy S24", "Samsung"), 13),
    (device("android", "13", "Redmi Note 12", "Xiaomi"), 10),
    (device("ios", "17.6", "iPhone 13", "Apple"), 7),
    (device("ios", "18.1", "iPhone 14", "Apple"), 9),
    (device("ios", "18.1", "iPhone 15", "Apple"), 8),
    (device("ios", "18.2", "iPhone 16 Pro", "Apple"), 4),
];

const THERMOSTATS: &[Weighted<DeviceInfo>] = &[
    (device("linux", "5.15-yocto", "TH-200", "Brightwell"), 5),
    (device("linux", "6.1-yocto", "TH-300", "Brightwell"), 4),
    (device("zephyr", "3.6", "TH-mini", "Brightwell"), 2),
];

const DASHCAMS: &[Weighted<DeviceInfo>] = &[
    (device("linux", "6.6", "DC-4K", "Roadlens"), 3),
    (device("linux", "6.1", "DC-HD", "Roadlens"), 4),
    (device("android", "12", "Cabin Hub 2", "Autovia"), 2),
];

const ON_PHONES: &[Weighted<Network>] = &[
    (Network { connection_type: "wifi", bandwidth_mbps: 85.0 }, 60),
    (Network { connection_type: "5g", bandwidth_mbps: 140.0 }, 16),
    (Network { connection_type: "4g", bandwidth_mbps: 24.0 }, 20),
    (Network { connection_type: "3g", bandwidth_mbps: 3.0 }, 4),
];

const AT_HOME: &[Weighted<Network>] = &[
    (Network { connection_type: "wifi", bandwidth_mbps: 40.0 }, 8),
    (Network { connection_type: "ethernet", bandwidth_mbps: 95.0 }, 2),
];

const ON_THE_ROAD: &[Weighted<Network>] = &[
    (Network { connection_type: "4g", bandwidth_mbps: 18.0 }, 7),
    (Network { connection_type: "satellite", bandwidth_mbps: 6.0 }, 1),
    (Network { connection_type: "wifi", bandwidth_mbps: 55.0 }, 2),
];

/// Every app; the last releases but one of the bigger apps are bad ones, followed by their hotfix.
pub(crate) const APPS: &[Weighted<App>] = &[
    (
        App {
            tenant_id: "acme",
            org_id: "acme-mobile",
            app_id: "shopper",
            device_prefix: "phone",
            device_swap: 0,
            devices: PHONES,
            networks: ON_PHONES,
            factory_version: "4.0.2",
            releases: &[
                release("4.1.0", 48.0, 0.085, 0.01),
                release("4.2.0", 52.0, 0.102, 0.012),
                release("4.3.0", 55.0, 0.357, 0.12),
                release("4.3.1", 55.0, 0.068, 0.006),
            ],
        },
        40,
    ),
    (
        App {
            tenant_id: "acme",
            org_id: "acme-mobile",
            app_id: "courier",
            device_prefix: "phone",
            device_swap: 1,
            devices: PHONES,
            networks: ON_PHONES,
            factory_version: "2.9.0",
            releases: &[release("2.10.0", 31.0, 0.085, 0.01), release("2.11.0", 33.0, 0.119, 0.02)],
        },
        15,
    ),
    (
        App {
            tenant_id: "acme",
            org_id: "acme-home",
            app_id: "thermostat-fw",
            device_prefix: "th",
            device_swap: 0,
            devices: THERMOSTATS,
            networks: AT_HOME,
            factory_version: "1.8.4",
            releases: &[
                release("1.9.0", 12.5, 0.068, 0.01),
                release("2.0.0-rc.1", 18.0, 0.272, 0.08),
                release("2.0.0", 17.6, 0.085, 0.015),
            ],
        },
        25,
    ),
    (
        App {
            tenant_id: "globex",
            org_id: "globex-fleet",
            app_id: "dashcam-fw",
            device_prefix: "cam",
            device_swap: 0,
            devices: DASHCAMS,
            networks: ON_THE_ROAD,
            factory_version: "7.2",
            releases: &[
                release("7.3", 210.0, 0.187, 0.02),
                release("7.4", 224.0, 0.136, 0.03),
                release("7.4.1", 9.5, 0.051, 0.01),
            ],
        },
        20,
    ),
];

/// The tenants of all apps, the biggest first.
pub(crate) const TENANTS: &[&str] = &["acme", "globex"];

const fn failure(error_code: &'static str, failure_stage: &'static str, error_message: &'static str) -> Failure {
    Failure { error_code, failure_stage, error_message }
}

pub(crate) const FAILURES: &[Weighted<(Stage, Failure)>] = &[
    ((Stage::Download, failure("NETWORK_TIMEOUT", "download", "no data for 60 s, 3 attempts")), 30),
    ((Stage::Download, failure("CONNECTION_RESET", "download", "connection reset by peer")), 11),
    ((Stage::Download, failure("INSUFFICIENT_STORAGE", "download", "needs 412 MB, 97 MB free")), 14),
    ((Stage::Verify, failure("CHECKSUM_MISMATCH", "verify", "sha256 of the package differs from the manifest")), 12),
    ((Stage::Verify, failure("SIGNATURE_INVALID", "verify", "signed by an unknown key (kid 7f3a…)")), 4),
    ((Stage::Install, failure("INSTALL_FAILED", "install", "post-install script exited with 1")), 13),
    ((Stage::Install, failure("LOW_BATTERY", "install", "battery at 11 %, 20 % needed")), 9),
    ((Stage::Install, failure("BOOT_TIMEOUT", "reboot", "not up after 180 s, \"slot B\" marked bad")), 7),
];

pub(crate) const CANCELLATIONS: &[Weighted<&str>] =
    &[("user_postponed", 6), ("metered_connection", 3), ("superseded", 1)];

pub(crate) const ROLLBACKS: &[Weighted<&str>] =
    &[("crash_rate_exceeded", 5), ("health_check_failed", 4), ("operator_request", 1)];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn tenants_are_those_of_the_apps() {
        let of_apps: BTreeSet<_> = APPS.iter().map(|(app, _)| app.tenant_id).collect();
        assert_eq!(of_apps, TENANTS.iter().copied().collect());
    }
}

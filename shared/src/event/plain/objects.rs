//! The objects of an event.

use super::Fields;
use super::value::{number, object, text};
use crate::event::ErrorInfo;
use crate::event::fields::{LONG_TEXT, TEXT};
use crate::json::Scanner;

impl<'a> Fields<'a> {
    pub(super) fn device_info(&mut self, scanner: &mut Scanner<'a>) -> Option<bool> {
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

    pub(super) fn release_info(&mut self, scanner: &mut Scanner<'a>) -> Option<bool> {
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

    pub(super) fn network_info(&mut self, scanner: &mut Scanner<'a>) -> Option<bool> {
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

    pub(super) fn performance_metrics(&mut self, scanner: &mut Scanner<'a>) -> Option<bool> {
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

    pub(super) fn payload(&mut self, scanner: &mut Scanner<'a>) -> Option<bool> {
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
}

pub(super) fn error_info<'a>(error: &mut ErrorInfo<'a>, scanner: &mut Scanner<'a>) -> Option<bool> {
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

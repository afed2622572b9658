//! A request made beforehand, with the places where each sending writes new ids.

use jiff::Timestamp;
use traffic::{Delivery, Encoding};
use uuid::Uuid;

const EVENT_ID: &[u8] = b"\"event_id\":\"";
const DEVICE_ID: &[u8] = b"\"device_id\":\"";
const ID: usize = 36;
/// The fleet's device ids end in so many digits.
const DIGITS: usize = 7;
/// Devices that one round through the templates has, at most: the next round's are others.
const ROUND: u64 = 20_000;

/// A whole HTTP request.
#[derive(Debug, Clone)]
pub struct Template {
    bytes: Vec<u8>,
    pub events: usize,
    event_ids: Vec<usize>,
    devices: Vec<(usize, u64)>,
}

/// What makes each sending new: an id for each event, and other devices in each round.
#[derive(Debug, Clone, Copy)]
pub struct Fresh {
    pub serial: u64,
    pub round: u64,
}

impl Template {
    /// The request as HTTP/1.1 has it.
    pub fn new(delivery: &Delivery, now: Timestamp) -> anyhow::Result<Self> {
        let body = delivery.body(now)?;
        let encoding = match delivery.content_encoding() {
            Some(encoding) => format!("content-encoding: {encoding}\r\n"),
            None => String::new(),
        };
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: bench\r\ncontent-type: {}\r\n{encoding}content-length: {}\r\n\r\n",
            delivery.path(),
            delivery.content_type(),
            body.len(),
        );
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&body);
        let (mut event_ids, mut devices) = (Vec::new(), Vec::new());
        if delivery.encoding == Encoding::Identity {
            event_ids = places(&bytes, EVENT_ID);
            devices = places(&bytes, DEVICE_ID).into_iter().filter_map(|at| device(&bytes, at)).collect();
        }
        Ok(Self { bytes, events: delivery.events.len(), event_ids, devices })
    }

    /// The request with new ids in it. A compressed one stays as it is.
    pub fn write(&self, out: &mut Vec<u8>, fresh: Fresh) {
        out.clear();
        out.extend_from_slice(&self.bytes);
        for (index, at) in self.event_ids.iter().enumerate() {
            let serial = fresh.serial.wrapping_add(index as u64);
            let id = Uuid::from_u64_pair(mixed(serial), mixed(serial ^ 0x5bd1_e995_0000_0001));
            if let Some(place) = out.get_mut(*at..at + ID) {
                id.hyphenated().encode_lower(place);
            }
        }
        for (at, number) in &self.devices {
            let mut number = number + fresh.round * ROUND;
            let Some(place) = out.get_mut(*at..at + DIGITS) else { continue };
            for digit in place.iter_mut().rev() {
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        }
    }
}

/// Behind each occurrence.
fn places(bytes: &[u8], name: &[u8]) -> Vec<usize> {
    let starts = bytes.windows(name.len()).enumerate().filter(|(_, window)| *window == name);
    starts.map(|(at, _)| at + name.len()).collect()
}

fn device(bytes: &[u8], at: usize) -> Option<(usize, u64)> {
    let length = bytes.get(at..)?.iter().position(|byte| *byte == b'"')?;
    let digits = at + length.checked_sub(DIGITS)?;
    let number = std::str::from_utf8(bytes.get(digits..at + length)?).ok()?.parse().ok()?;
    Some((digits, number))
}

/// Bits as a random id has them (SplitMix64).
fn mixed(serial: u64) -> u64 {
    let mut bits = serial.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Events;
    use std::collections::BTreeSet;

    fn body(bytes: &[u8]) -> serde_json::Value {
        let at = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        serde_json::from_slice(&bytes[at + 4..]).unwrap()
    }

    #[test]
    fn each_sending_has_ids_and_devices_of_its_own() {
        let delivery = Events::of_fleet(100).deliveries(100, Encoding::Identity).next().unwrap();
        let template = Template::new(&delivery, Timestamp::now()).unwrap();
        assert_eq!((template.event_ids.len(), template.devices.len()), (100, 100));
        let (mut out, mut ids, mut devices) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for round in 0..2 {
            template.write(&mut out, Fresh { serial: round * 100, round });
            for event in body(&out)["events"].as_array().unwrap() {
                ids.insert(event["event_id"].as_str().unwrap().parse::<Uuid>().unwrap());
                devices.insert(event["device_id"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!(ids.len(), 200);
        let once = delivery.events.iter().map(|event| event.device_id.clone()).collect::<BTreeSet<_>>().len();
        assert_eq!(devices.len(), 2 * once);
    }
}

//! The fast way from the payload to records: one pass over what is written plainly. `None`: the careful way has to look.

use super::{Headers, KafkaEvent, Millis, Partitions, Record, Text};
use shared::json::Scanner;

/// About what a record takes of the payload.
const RECORD_BYTES: usize = 1024;

pub(super) fn read(payload: &[u8]) -> Option<KafkaEvent<'_>> {
    let mut scanner = Scanner::new(std::str::from_utf8(payload).ok()?);
    let mut event = KafkaEvent::default();
    let mut seen = 0;
    scanner.object(|scanner, key| {
        match key {
            "eventSource" => (event.event_source, _) = (optional_text(scanner)?, first(&mut seen, 0)?),
            "eventSourceArn" => (event.event_source_arn, _) = (optional_text(scanner)?, first(&mut seen, 1)?),
            "bootstrapServers" => (event.bootstrap_servers, _) = (optional_text(scanner)?, first(&mut seen, 2)?),
            "records" => (event.records, _) = (partitions(scanner, payload.len())?, first(&mut seen, 3)?),
            _ => _ = scanner.skip()?,
        }
        Some(true)
    })?;
    scanner.end()?;
    Some(event)
}

fn partitions<'a>(scanner: &mut Scanner<'a>, bytes: usize) -> Option<Partitions<'a>> {
    let mut partitions = Vec::new();
    if scanner.word("null").is_none() {
        scanner.object(|scanner, name| {
            let mut records = Vec::with_capacity(bytes / RECORD_BYTES / 4);
            scanner.array(|scanner| record(scanner).map(|record| records.push(record)))?;
            partitions.push((Text::from(name), records));
            Some(true)
        })?;
    }
    Some(Partitions(partitions))
}

fn record<'a>(scanner: &mut Scanner<'a>) -> Option<Record<'a>> {
    let (mut partition, mut offset, mut timestamp) = (None, None, Millis::default());
    let (mut topic, mut timestamp_type, mut key, mut value) = (None, None, None, None);
    let mut headers = Headers::default();
    let mut seen = 0;
    scanner.object(|scanner, name| {
        match name {
            "topic" => (topic, _) = (optional_text(scanner)?, first(&mut seen, 0)?),
            "partition" => (partition, _) = (Some(scanner.integer()?), first(&mut seen, 1)?),
            "offset" => (offset, _) = (Some(scanner.integer()?), first(&mut seen, 2)?),
            "timestamp" => {
                first(&mut seen, 3)?;
                let millis = if scanner.word("null").is_some() { None } else { Some(scanner.integer()?) };
                timestamp = Millis::new(millis);
            }
            "timestampType" => (timestamp_type, _) = (optional_text(scanner)?, first(&mut seen, 4)?),
            "key" => (key, _) = (optional_text(scanner)?, first(&mut seen, 5)?),
            "value" => {
                first(&mut seen, 6)?;
                value = if scanner.word("null").is_some() { None } else { Some(Text(scanner.long_text()?)) };
            }
            "headers" => (headers, _) = (Headers::scan(scanner)?, first(&mut seen, 7)?),
            _ => _ = scanner.skip()?,
        }
        Some(true)
    })?;
    Some(Record { topic, partition: partition?, offset: offset?, timestamp, timestamp_type, key, value, headers })
}

fn optional_text<'a>(scanner: &mut Scanner<'a>) -> Option<Option<Text<'a>>> {
    match scanner.peek()? {
        b'"' => scanner.text().map(|text| Some(Text(text))),
        _ => scanner.word("null").map(|()| None),
    }
}

/// `None`: this member was there before.
fn first(seen: &mut u8, bit: u8) -> Option<()> {
    let before = *seen;
    *seen |= 1 << bit;
    (*seen != before).then_some(())
}

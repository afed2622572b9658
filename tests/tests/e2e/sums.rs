//! What must hold without a model: parts add up to wholes, and nothing changes when everything is said again.

use serde_json::Value;
use tests::{
    System,
    model::{Endpoint, Interval, Question, Window},
    stream::{self, Sent, Space},
};

const ZONES: &[&str] = &["UTC", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham"];
const DAY: i64 = 24 * 3_600_000;

fn ms(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

/// Three weeks around New York's repeated hour.
fn window() -> Window {
    Window { from: ms("2026-10-20T00:00:00Z"), to: ms("2026-11-10T12:00:00Z") }
}

fn events() -> Vec<Sent> {
    let instants = [
        "2026-10-25T03:00:00Z",
        "2026-11-01T05:30:00Z",
        "2026-11-01T06:30:00Z",
        "2026-11-02T00:00:00Z",
        "2026-11-09T11:45:00Z",
    ];
    let space = Space { tenants: ["a".to_owned(), "b".to_owned()], instants: instants.map(ms).to_vec() };
    stream::sample(&space, 600)
}

async fn send(system: &System, events: &[Sent]) {
    for request in events.chunks(100) {
        system.send_stream(request).await;
    }
    system.settle().await;
}

fn question(endpoint: Endpoint) -> Question {
    Question::new(endpoint, "a", window())
}

fn sum(rows: &Value, name: &str) -> u64 {
    rows.as_array().unwrap().iter().map(|row| row[name].as_u64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_add_up_to_wholes() {
    let system = System::start("sums").await;
    send(&system, &events()).await;
    for (interval, timezone) in
        Interval::ALL.iter().flat_map(|interval| ZONES.iter().map(move |zone| (*interval, *zone)))
    {
        let ask = async |endpoint, change: &dyn Fn(&mut Question)| {
            let mut question = question(endpoint);
            (question.interval, question.timezone) = (Some(interval), timezone.to_owned());
            change(&mut question);
            system.ask(&question).await["data"].clone()
        };
        let adoption = ask(Endpoint::Adoption, &|_| {}).await;
        assert!(adoption["total_updates"].as_u64().unwrap() > 20, "the stream says something: {adoption}");
        for (part, whole) in [("installs", "successful_updates"), ("failures", "failed_updates")] {
            assert_eq!(sum(&adoption["trend"], part), adoption[whole], "{timezone} {interval:?} {part}");
            assert_eq!(sum(&adoption["hourly_installs"], part), adoption[whole], "{part}");
        }
        let failures = ask(Endpoint::Failures, &|_| {}).await;
        assert_eq!(failures["total_failures"], adoption["failed_updates"], "two endpoints, one number");
        assert_eq!(sum(&failures["trend"], "failures"), failures["total_failures"]);
        assert_eq!(sum(&failures["trend"], "rollbacks"), failures["total_rollbacks"]);
        for limit in [1, 2, 3, 100] {
            let groups = vec!["device_os".to_owned(), "failure_stage".to_owned(), "error_code".to_owned()];
            let cut = |question: &mut Question| {
                (question.limit, question.group_by) = (Some(limit), groups.clone());
            };
            let grouped = ask(Endpoint::Failures, &cut).await;
            assert_eq!(sum(&grouped["failures"], "failures"), failures["total_failures"], "limit {limit}");
            assert!(grouped["failures"].as_array().unwrap().len() <= limit + 1);
        }
        let performance = ask(Endpoint::Performance, &|_| {}).await;
        for metric in performance["metrics"].as_object().unwrap().keys() {
            let counts =
                performance["trend"].as_array().unwrap().iter().map(|row| row[metric]["count"].as_u64().unwrap());
            assert_eq!(counts.sum::<u64>(), performance["metrics"][metric]["count"], "{metric}");
        }
    }
    for limit in [1, 2, 100] {
        let mut question = question(Endpoint::Versions);
        (question.limit, question.segment) = (Some(limit), Some("device_os".to_owned()));
        let versions = system.ask(&question).await["data"].clone();
        assert_eq!(sum(&versions["versions"], "device_count"), versions["total_devices"]);
        assert_eq!(sum(&versions["segments"], "total_devices"), versions["total_devices"]);
        for row in versions["versions"].as_array().unwrap() {
            let share = 100.0 * row["device_count"].as_f64().unwrap() / versions["total_devices"].as_f64().unwrap();
            assert!((row["percentage"].as_f64().unwrap() - share).abs() <= 0.050_001, "{row}");
        }
    }
    system.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn splitting_a_window_splits_adoption() {
    let system = System::start("splits").await;
    send(&system, &events()).await;
    let total = async |from, to| {
        let question = Question::new(Endpoint::Adoption, "a", Window { from, to });
        system.ask(&question).await["data"]["total_updates"].as_u64().unwrap()
    };
    let Window { from, to } = window();
    let whole = total(from, to).await;
    for middle in (1..20).map(|day| from + day * DAY + 5 * 900_000) {
        assert_eq!(total(from, middle).await + total(middle, to).await, whole);
    }
    system.stop().await;
}

/// Every endpoint's answer, byte for byte.
async fn answers(system: &System, tenant: &str) -> Vec<String> {
    let mut answers = Vec::new();
    for endpoint in Endpoint::ALL {
        let mut question = Question::new(endpoint, tenant, window());
        match endpoint {
            Endpoint::Failures => question.group_by = vec!["device_os".to_owned(), "error_code".to_owned()],
            Endpoint::Performance => question.group_by = vec!["device_model".to_owned()],
            Endpoint::Versions => question.segment = Some("device_os".to_owned()),
            Endpoint::Adoption => question.target_version = Some("1.1.0".to_owned()),
            Endpoint::ActiveDevices => {}
        }
        answers.push(system.ask(&question).await["data"].to_string());
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn saying_everything_again_changes_no_byte() {
    let system = System::start("again_all").await;
    let mut events = events();
    send(&system, &events).await;
    let before = answers(&system, "a").await;
    events.reverse();
    send(&system, &events).await;
    assert_eq!(answers(&system, "a").await, before);
    system.stop().await;
}

const TABLES: [&str; 5] = ["ota_events_raw", "updates", "device_halfdays", "failure_events", "freshness"];

#[tokio::test(flavor = "multi_thread")]
async fn merges_change_no_byte() {
    let system = System::start("merges").await;
    for table in TABLES {
        system.sql(&format!("SYSTEM STOP MERGES {table}")).await;
    }
    let events = events();
    for request in events.chunks(15) {
        system.send_stream(request).await;
        system.settle().await;
    }
    let parts =
        system.sql("SELECT count() FROM system.parts WHERE active AND database = 'merges' AND table = 'updates'").await;
    assert!(parts.trim().parse::<u64>().unwrap() > 10, "unmerged: {parts}");
    let unmerged = answers(&system, "a").await;
    for table in TABLES {
        system.sql(&format!("SYSTEM START MERGES {table}")).await;
    }
    // While merges run: they begin at once, and the first answers meet them.
    let merging = async {
        for table in TABLES {
            system.sql(&format!("OPTIMIZE TABLE {table} FINAL")).await;
        }
    };
    let asking = async {
        for _ in 0..5 {
            assert_eq!(answers(&system, "a").await, unmerged, "in the middle of merges");
        }
    };
    tokio::join!(merging, asking);
    assert_eq!(answers(&system, "a").await, unmerged, "merged");
    system.stop().await;
}

/// Most updates in one merged part, and smaller ones after it with more of the same updates.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_merged_and_what_came_after_it_are_one() {
    let system = System::start("settled").await;
    let events = events();
    let (first, rest) = events.split_at(events.len() * 9 / 10);
    send(&system, first).await;
    for statement in ["OPTIMIZE TABLE updates FINAL", "SYSTEM STOP MERGES updates"] {
        system.sql(statement).await;
    }
    for request in rest.chunks(20).chain(first.chunks(10).step_by(40)) {
        system.send_stream(request).await;
        system.settle().await;
    }
    let parts = "SELECT arraySort(groupArray(toUInt32(rows))) FROM system.parts WHERE active AND database = 'settled' AND table = 'updates'";
    let parts: Vec<u32> = serde_json::from_str(system.sql(parts).await.trim()).unwrap();
    let (largest, others) = parts.split_last().unwrap();
    assert!(!others.is_empty() && *largest > others.iter().sum(), "one part with most rows, and others: {parts:?}");
    let answer = answers(&system, "a").await;

    let again = async {
        for request in events.chunks(20) {
            system.send_stream(request).await;
        }
        system.settle().await;
    };
    let asking = async {
        for _ in 0..5 {
            assert_eq!(answers(&system, "a").await, answer, "while repeats are being stored");
        }
    };
    tokio::join!(again, asking);
    for statement in ["SYSTEM START MERGES updates", "OPTIMIZE TABLE updates FINAL"] {
        system.sql(statement).await;
    }
    assert_eq!(answers(&system, "a").await, answer, "merged");
    system.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cut_into_batches_changes_no_byte() {
    let system = System::start("cuts").await;
    let events = events();
    let renamed = |prefix: &str| -> Vec<Sent> {
        let mut events = events.clone();
        for sent in &mut events {
            sent.body["tenant_id"] = format!("{prefix}-{}", sent.fact.tenant).into();
        }
        events
    };
    system.send_stream(&renamed("whole")).await;
    for request in renamed("pieces").chunks(7) {
        system.send_stream(request).await;
        system.settle().await;
    }
    system.settle().await;
    assert_eq!(answers(&system, "whole-a").await, answers(&system, "pieces-a").await);
    system.stop().await;
}

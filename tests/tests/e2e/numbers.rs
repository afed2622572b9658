//! Every number of every endpoint against the model, over streams that try to be nasty.

use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestCaseError, TestRunner},
};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use tests::{
    System,
    model::{self, Endpoint, Fact, Interval, Question, Window},
    stream::{self, Sent, Space},
};

/// Borders: hours, days and weeks of several zones, clocks put forward and back (2026), and "now" of a quiet afternoon.
const INSTANTS: &[&str] = &[
    "2026-11-01T05:30:00Z", // New York, an hour repeats
    "2026-11-01T06:30:00Z",
    "2026-03-08T07:00:00Z", // New York, an hour is left out
    "2026-04-04T15:00:00Z", // Lord Howe, half an hour repeats
    "2026-04-04T14:00:00Z", // Chatham, three quarters of an hour repeat
    "2026-11-15T18:15:00Z", // midnight in Kathmandu, a Monday
    "2026-11-16T00:00:00Z",
    "2026-11-16T12:00:00Z", // a half-day's border
    "2026-11-20T13:37:42Z",
    "2026-11-20T14:00:00Z",
];
const ZONES: &[&str] =
    &["UTC", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "Asia/Kolkata"];
const GROUPS: &[&str] =
    &["error_code", "failure_stage", "device_os", "device_os_version", "device_model", "target_version", "app_id"];
const SEGMENTS: &[&str] = &["device_os", "device_os_version", "device_model", "app_id"];
const HOUR: i64 = 3_600_000;

fn instants() -> Vec<i64> {
    INSTANTS.iter().map(|text| text.parse::<jiff::Timestamp>().unwrap().as_millisecond()).collect()
}

/// A case: requests to send, and questions to ask then.
#[derive(Debug, Clone)]
struct Case {
    requests: Vec<Vec<Sent>>,
    /// Stopped and started again before this request, if there is one.
    restart: usize,
    questions: Vec<Question>,
}

fn case() -> impl Strategy<Value = Case> {
    let tenants = ["a".to_owned(), "b".to_owned()];
    // One or two instants at a time, so that events meet.
    prop::sample::subsequence(instants(), 1..=2).prop_flat_map(move |instants| {
        let questions = prop::collection::vec(question(tenants.clone().to_vec(), instants.clone()), 8);
        let space = Space { tenants: tenants.clone(), instants };
        // One in ten meets a restart.
        (stream::requests(&space, 5), 0..20usize, questions).prop_map(|(requests, restart, questions)| Case {
            requests,
            restart,
            questions,
        })
    })
}

fn question(tenants: Vec<String>, instants: Vec<i64>) -> impl Strategy<Value = Question> {
    let sometimes =
        |values: &'static [&'static str]| prop::option::weighted(0.3, select(values).prop_map(str::to_owned));
    // Windows that hold an instant, and windows that end or begin just beside it.
    let lengths = select(vec![1, HOUR / 4, HOUR, 30 * HOUR, 9 * 24 * HOUR, 40 * 24 * HOUR]);
    let around = prop_oneof![Just(0.0), Just(1.0), 0.0..1.0f64];
    let window = (select(instants), select(vec![-HOUR / 4, -1, 0, 1, HOUR / 4]), lengths, around);
    let tenant = prop_oneof![4 => Just(tenants[0].clone()), 1 => Just(tenants[1].clone())];
    let scope = (tenant, sometimes(&["org-1", "org-2"]), sometimes(&["app-1", "app-2"]));
    let filters = (sometimes(&["1.1.0", "2.0.0-β", "unknown"]), sometimes(&["Android", "unknown"]));
    let shape = (prop::option::of(select(&Interval::ALL[..])), select(ZONES), prop::option::weighted(0.3, 1..4usize));
    let groups = (prop::sample::subsequence(GROUPS, 0..=3), sometimes(SEGMENTS));
    (select(&Endpoint::ALL[..]), scope, window, filters, shape, groups).prop_map(
        |(endpoint, (tenant, org, app), (instant, shift, length, around), filters, shape, (groups, segment))| {
            let from = instant + shift - (length as f64 * around) as i64;
            let mut question = Question::new(endpoint, &tenant, Window { from, to: from + length });
            (question.org, question.app) = (org, app);
            (question.interval, question.timezone, question.limit) = (shape.0, shape.1.to_owned(), shape.2);
            question.device_os = filters.1;
            if matches!(endpoint, Endpoint::Adoption | Endpoint::Failures | Endpoint::Performance) {
                question.target_version = filters.0;
            }
            let most = match endpoint {
                Endpoint::Failures => 3,
                Endpoint::Performance => 1,
                Endpoint::Adoption | Endpoint::Versions | Endpoint::ActiveDevices => 0,
            };
            question.group_by = groups.into_iter().take(most).map(str::to_owned).collect();
            if endpoint == Endpoint::Versions {
                question.segment = segment;
            }
            // An answer of more than 2,000 intervals is refused.
            if length > 60 * 24 * HOUR && question.interval == Some(Interval::Hour) {
                question.interval = None;
            }
            question
        },
    )
}

/// How many questions: `OTA_QUESTIONS`, 300 by default.
fn questions() -> u32 {
    std::env::var("OTA_QUESTIONS").ok().map_or(300, |number| number.parse().expect("OTA_QUESTIONS is a number"))
}

#[test]
fn every_number_is_the_models() {
    let runtime = tests::runtime();
    let system = RefCell::new(Some(runtime.block_on(System::start("numbers"))));
    let number = Cell::new(0);
    let config = Config {
        cases: questions().div_ceil(8),
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&case(), |case| {
        // A failing stream is made smaller by trying again: each time in tenants of its own.
        number.set(number.get() + 1);
        let case = case.in_tenants_of_its_own(number.get());
        runtime.block_on(case.check(&system))
    });
    runtime.block_on(system.take().unwrap().stop());
    result.unwrap_or_else(|failure| panic!("{failure}"));
}

impl Case {
    fn in_tenants_of_its_own(mut self, number: u32) -> Self {
        let rename = |tenant: &mut String| *tenant = format!("{number}-{tenant}");
        for sent in self.requests.iter_mut().flatten() {
            rename(&mut sent.fact.tenant);
            sent.body["tenant_id"] = sent.fact.tenant.clone().into();
        }
        self.questions.iter_mut().for_each(|question| rename(&mut question.tenant));
        self
    }

    async fn check(&self, running: &RefCell<Option<System>>) -> Result<(), TestCaseError> {
        let mut system = running.take().unwrap();
        for (index, request) in self.requests.iter().enumerate() {
            if index == self.restart {
                system = system.restart().await;
            }
            system.send_stream(request).await;
        }
        let result = self.ask(&system).await;
        running.replace(Some(system));
        result
    }

    async fn ask(&self, system: &System) -> Result<(), TestCaseError> {
        system.settle().await;
        let facts: Vec<Fact> = self.requests.iter().flatten().map(|sent| sent.fact.clone()).collect();
        for question in &self.questions {
            let expected = model::answer(&facts, question);
            let answered = system.ask(question).await;
            let through = model::data_through(&facts, question);
            if answered["meta"]["data_through"].as_str() != through.as_deref() {
                return Err(TestCaseError::fail(format!("data_through: {through:?} expected, {}", answered["meta"])));
            }
            differences("data", &expected, &answered["data"]).map_err(|difference| {
                TestCaseError::fail(format!("{difference}\nasked: {question:?}\nanswered: {answered:#}"))
            })?;
        }
        Ok(())
    }
}

/// The first place where the two differ; numbers may by one in their last decimal, where rounding met a tie.
fn differences(place: &str, expected: &Value, answered: &Value) -> Result<(), String> {
    match (expected, answered) {
        (Value::Object(left), Value::Object(right)) => {
            let mut names: Vec<_> = left.keys().chain(right.keys()).collect();
            names.sort();
            names.dedup();
            names
                .into_iter()
                .try_for_each(|name| differences(&format!("{place}.{name}"), &expected[name], &answered[name]))
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => left
            .iter()
            .zip(right)
            .enumerate()
            .try_for_each(|(index, (left, right))| differences(&format!("{place}[{index}]"), left, right)),
        (Value::Number(left), Value::Number(right)) => {
            let (left, right) = (left.as_f64().unwrap(), right.as_f64().unwrap());
            let tolerance = if left.fract() == 0.0 && right.fract() == 0.0 { 0.0 } else { 0.001_000_1 };
            if (left - right).abs() <= tolerance {
                Ok(())
            } else {
                Err(format!("{place}: {left} expected, {right} answered"))
            }
        }
        (left, right) if left == right => Ok(()),
        (left, right) => Err(format!("{place}: {left} expected, {right} answered")),
    }
}

//! Updates: one device moving to one release.

use super::{DeviceId, Fact, Question, newest, or_unknown};
use shared::event::EventType;
use std::collections::HashMap;

/// One update and all of its events.
pub struct Update {
    pub device: DeviceId,
    pub release: String,
    pub facts: Vec<Fact>,
}

/// How an update ended, and the instant it counts at.
pub enum Result {
    Successful(i64),
    Failed(i64),
    Unfinished,
}

impl Update {
    /// All updates of the selected release and operating system.
    pub fn selected(facts: &[Fact], question: &Question) -> Vec<Self> {
        let mut updates: HashMap<(DeviceId, String), Vec<Fact>> = HashMap::new();
        for fact in facts {
            updates.entry((fact.device_id(), fact.release())).or_default().push(fact.clone());
        }
        let mut selected = Vec::new();
        for ((device, release), facts) in updates {
            let update = Self { device, release, facts };
            let release_fits = question.target_version.as_ref().is_none_or(|asked| *asked == update.release);
            let os_fits = question.device_os.as_ref().is_none_or(|asked| *asked == update.value("device_os"));
            if release_fits && os_fits {
                selected.push(update);
            }
        }
        selected
    }

    pub fn of_type(&self, wanted: impl Fn(EventType) -> bool) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |fact| wanted(fact.event_type))
    }

    pub fn result(&self) -> Result {
        let first_installed = self.of_type(|kind| kind == EventType::UpdateInstalled).map(|fact| fact.time).min();
        let newest_failed = self.of_type(|kind| kind == EventType::UpdateFailed).map(|fact| fact.time).max();
        match (first_installed, newest_failed) {
            (Some(time), _) => Result::Successful(time),
            (None, Some(time)) => Result::Failed(time),
            (None, None) => Result::Unfinished,
        }
    }

    /// The newest failure's (`error_code`, `failure_stage`, `error_message`); the greatest of those at one instant.
    pub fn failure(&self) -> (Option<String>, Option<String>, Option<String>) {
        let failed = self.of_type(|kind| kind == EventType::UpdateFailed);
        let values = |fact: &Fact| (fact.error_code.clone(), fact.failure_stage.clone(), fact.error_message.clone());
        let (_, values) = newest(failed, |fact| Some(values(fact))).unwrap();
        values
    }

    /// The value that the update has for a group.
    pub fn value(&self, group: &str) -> String {
        let unknown = |value: Option<String>| value.unwrap_or_else(|| "unknown".to_owned());
        match group {
            "device_os" => or_unknown(newest(&self.facts, |fact| fact.device_os.clone())),
            "device_os_version" => or_unknown(newest(&self.facts, |fact| fact.device_os_version.clone())),
            "device_model" => or_unknown(newest(&self.facts, |fact| fact.device_model.clone())),
            "target_version" => self.release.clone(),
            "app_id" => self.device.2.clone(),
            "error_code" => unknown(self.failure().0),
            "failure_stage" => unknown(self.failure().1),
            other => panic!("no such group: {other}"),
        }
    }
}

/// Members by the values of their groups.
pub fn grouped<T>(members: Vec<T>, values: impl Fn(&T) -> Vec<String>) -> Vec<(Vec<String>, Vec<T>)> {
    let mut groups: HashMap<Vec<String>, Vec<T>> = HashMap::new();
    for member in members {
        groups.entry(values(&member)).or_default().push(member);
    }
    groups.into_iter().collect()
}

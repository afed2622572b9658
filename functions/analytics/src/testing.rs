//! What the endpoints' tests share.

use crate::{
    answer::csv::{Csv, Table},
    definitions::Definition,
    params::Params,
    question::{COMMON, Question, Starts},
};
use serde::Serialize;
use serde_json::Value;

pub fn question(query: &str) -> Question {
    let mut params = Params::read(Some(&format!("tenant_id=t&{query}")), &COMMON);
    let question = Question::take(&mut params, "2025-06-10T10:07:00Z".parse().unwrap());
    params.finish(question).unwrap()
}

pub fn starts(question: &Question) -> Starts {
    Starts::of(question.interval, question.window, &question.zone, usize::MAX).unwrap()
}

pub fn csv(table: &impl Table) -> String {
    let header = table.header();
    for row in table.rows() {
        assert_eq!(row.len(), header.len());
    }
    Csv::of(table).into_text()
}

/// Each number of the answer has a definition: of itself, of its kind, or of what it is part of.
pub fn assert_defined(data: &impl Serialize, definitions: &[&[Definition]]) {
    let names: Vec<&str> = definitions.iter().copied().flatten().map(|definition| definition.name).collect();
    let mut numbers = Vec::new();
    collect(&serde_json::to_value(data).unwrap(), "", &mut numbers);
    assert!(!numbers.is_empty());
    for number in numbers {
        let kind = number.rsplit('.').next().unwrap_or_default();
        let part =
            |name: &&str| number.strip_prefix(*name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        assert!(names.contains(&kind) || names.iter().any(part), "{number} has no definition");
    }
}

fn collect(value: &Value, path: &str, numbers: &mut Vec<String>) {
    match value {
        Value::Number(_) => numbers.push(path.to_owned()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, path, numbers)),
        Value::Object(members) => {
            for (name, member) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(member, &path, numbers);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

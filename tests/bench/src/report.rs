//! All figures of a run, on screen and as JSON.

use crate::{
    figure::{Baseline, Figure, render},
    machine::Machine,
};
use anyhow::Context;
use jiff::Timestamp;
use serde::Serialize;
use std::{collections::BTreeMap, fs, io::Write, path::Path, time::Instant};

/// What a run has found out so far.
#[derive(Serialize)]
pub struct Report {
    pub started_at: Timestamp,
    pub seconds: f64,
    pub machine: Machine,
    /// What was asked for.
    pub settings: BTreeMap<&'static str, String>,
    pub figures: Vec<Figure>,
    /// What the reader has to know beside them, by section.
    pub notes: Vec<(String, String)>,
    #[serde(skip)]
    began: Instant,
}

impl Report {
    pub fn new(machine: Machine, settings: BTreeMap<&'static str, String>) -> Self {
        let (started_at, began) = (Timestamp::now(), Instant::now());
        Self { started_at, seconds: 0.0, machine, settings, figures: Vec::new(), notes: Vec::new(), began }
    }

    /// Says the figure at once and keeps it for the table.
    pub fn add(&mut self, figure: Figure) {
        // JSON has no such number.
        if !figure.median.is_finite() {
            return self.note(&figure.section.clone(), format!("{}: nothing to measure", figure.name));
        }
        let Figure { name, unit, median, .. } = &figure;
        progress(format_args!("  {name:<58} {median:>14.2} {unit}"));
        self.figures.push(figure);
    }

    pub fn note(&mut self, section: &str, text: impl Into<String>) {
        let text = text.into();
        progress(format_args!("  {text}"));
        self.notes.push((section.to_owned(), text));
    }

    /// The table, section by section.
    pub fn table(&self, baseline: Option<&Baseline>) -> String {
        let mut text = format!("\n{}\n", self.machine.lines());
        let mut sections: Vec<&str> = self.figures.iter().map(|figure| figure.section.as_str()).collect();
        sections.extend(self.notes.iter().map(|(section, _)| section.as_str()));
        let mut seen = Vec::new();
        for section in sections {
            if seen.contains(&section) {
                continue;
            }
            seen.push(section);
            let figures: Vec<&Figure> = self.figures.iter().filter(|figure| figure.section == section).collect();
            let cpu = figures.iter().find(|figure| !figure.cpu.is_empty());
            let cpu = cpu.map_or(String::new(), |figure| format!("    (CPU: {})", figure.cpu_unit));
            text += &format!("\n{section}{cpu}\n");
            if !figures.is_empty() {
                text += &format!("{}\n", render(&figures, baseline));
            }
            for (_, note) in self.notes.iter().filter(|(of, _)| of == section) {
                text += &format!("  · {note}\n");
            }
        }
        let judged = self.figures.iter().filter_map(|figure| figure.met);
        let (met, missed): (Vec<bool>, Vec<bool>) = judged.partition(|met| *met);
        text + &format!("\n{} of {} targets met; {:.0} s\n", met.len(), met.len() + missed.len(), self.seconds)
    }

    /// Writes `<time>.json` and `latest.json`.
    pub fn save(&mut self, folder: &Path) -> anyhow::Result<std::path::PathBuf> {
        self.seconds = self.began.elapsed().as_secs_f64();
        fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
        let file = folder.join(format!("{}.json", self.started_at.strftime("%Y%m%dT%H%M%SZ")));
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        for path in [&file, &folder.join("latest.json")] {
            fs::write(path, &text).with_context(|| format!("{} can't be written", path.display()))?;
        }
        Ok(file)
    }
}

/// A line of what is going on, beside the result.
pub fn progress(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

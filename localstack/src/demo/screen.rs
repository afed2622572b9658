//! The terminal: lines, steps with their time, a bar for the sending. Plain lines where it is no terminal.

mod progress;

pub(super) use progress::Progress;

use super::figures;
use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    fmt::Display,
    io::{IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

/// Columns that everything fits into.
const WIDTH: u16 = 98;

#[derive(Clone, Copy)]
pub(super) struct Screen {
    /// A terminal: what is there can be drawn over.
    live: bool,
    colour: bool,
    /// Somebody looks at it.
    shown: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Colour {
    Bold,
    Dim,
    Green,
    Red,
}

impl Screen {
    /// One that nobody looks at.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self { live: false, colour: false, shown: false }
    }

    /// The standard output. `NO_COLOR` turns colours off.
    pub(super) fn stdout() -> Self {
        let live = std::io::stdout().is_terminal();
        let colour = live && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { live, colour, shown: true }
    }

    /// Prints a line. A reader that went away is no reason to stop.
    pub(super) fn line(self, text: impl Display) {
        if self.shown {
            let _ = writeln!(std::io::stdout(), "{text}");
        }
    }

    /// The first line.
    pub(super) fn title(self, text: &str) {
        self.line(format_args!("{}\n", self.paint(Colour::Bold, text)));
    }

    pub(super) fn paint(self, colour: Colour, text: &str) -> String {
        let code = match colour {
            Colour::Bold => 1,
            Colour::Dim => 2,
            Colour::Green => 32,
            Colour::Red => 31,
        };
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// `✓` or `✗`.
    pub(super) fn mark(self, good: bool) -> String {
        if good { self.paint(Colour::Green, "✓") } else { self.paint(Colour::Red, "✗") }
    }

    /// Text to be filled and then printed.
    pub(super) fn page(self) -> Page {
        Page { screen: self, text: String::new() }
    }

    /// Something that takes a moment begins.
    pub(super) fn step(self, doing: &str) -> Step {
        let spinner = if self.live {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}  {elapsed}") {
                bar.set_style(style);
            }
            bar.set_message(doing.to_owned());
            bar.enable_steady_tick(Duration::from_millis(100));
            Some(bar)
        } else {
            self.line(format_args!("… {doing}"));
            None
        };
        Step { screen: self, spinner, began: Instant::now(), said: Instant::now() }
    }

    /// A bar up to `total` events begins.
    pub(super) fn progress(self, total: u64) -> Progress {
        Progress::new(self, self.live, total)
    }

    /// A line for something done, and how long it took.
    pub(super) fn done(self, done: &str, took: Duration) {
        let pad = 74_usize.saturating_sub(done.chars().count());
        let took = figures::seconds(took);
        let took = self.paint(Colour::Dim, &format!("{:pad$}{took:>9}", ""));
        self.line(format_args!("{} {done}{took}", self.mark(true)));
    }
}

/// Lines and tables in the demo's style.
pub(super) struct Page {
    screen: Screen,
    text: String,
}

impl Page {
    pub(super) fn heading(&mut self, title: &str, note: &str) {
        let (title, note) = (self.screen.paint(Colour::Bold, title), self.screen.paint(Colour::Dim, note));
        self.line(format_args!("\n{title}  {note}"));
    }

    pub(super) fn line(&mut self, text: impl Display) {
        self.text.push_str(&text.to_string());
        self.text.push('\n');
    }

    pub(super) fn table(&mut self, header: Vec<Cell>, rows: impl IntoIterator<Item = Vec<Cell>>) {
        let mut table = Table::new();
        table
            .load_style(presets::UTF8_BORDERS_ONLY)
            .set_width(WIDTH)
            .set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(header).add_rows(rows);
        if self.screen.colour {
            table.enforce_styling()
        } else {
            table.force_no_tty()
        };
        self.line(table);
    }

    pub(super) fn paint(&self, colour: Colour, text: &str) -> String {
        self.screen.paint(colour, text)
    }

    pub(super) fn mark(&self, good: bool) -> String {
        self.screen.mark(good)
    }

    /// What there is to print.
    pub(super) fn text(&self) -> &str {
        self.text.trim_end_matches('\n')
    }
}

pub(super) fn left(text: impl ToString) -> Cell {
    Cell::new(text)
}

pub(super) fn right(text: impl ToString) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

pub(super) fn mark(good: bool) -> Cell {
    if good { Cell::new("✓").fg(Color::Green) } else { Cell::new("✗").fg(Color::Red) }
}

/// A step under way; dropped, it leaves no trace on a terminal.
pub(super) struct Step {
    screen: Screen,
    spinner: Option<ProgressBar>,
    began: Instant,
    said: Instant,
}

/// Where lines can't be drawn over, how often a step says how it stands.
const NOTES_EVERY: Duration = Duration::from_secs(2);

impl Step {
    /// Says how it stands.
    pub(super) fn note(&mut self, doing: String) {
        match &self.spinner {
            Some(spinner) => spinner.set_message(doing),
            None if self.said.elapsed() >= NOTES_EVERY => {
                self.said = Instant::now();
                self.screen.line(format_args!("  {doing}"));
            }
            None => {}
        }
    }

    /// A part of it is done: a line of its own, above what is being drawn.
    pub(super) fn part(&self, done: &str, took: Duration) {
        match &self.spinner {
            Some(spinner) => spinner.suspend(|| self.screen.done(done, took)),
            None => self.screen.done(done, took),
        }
    }

    /// It is done: says so, with the time.
    pub(super) fn done(self, done: &str) {
        let took = self.began.elapsed();
        let screen = self.screen;
        drop(self);
        screen.done(done, took);
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

//! How far the sending is: a bar on a terminal, elsewhere a line every second.

use super::{Screen, figures};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::{
    fmt::Write,
    time::{Duration, Instant},
};

/// Events sent of all.
pub(in super::super) struct Progress {
    screen: Screen,
    total: u64,
    began: Instant,
    bar: Option<ProgressBar>,
    said: Instant,
}

impl Progress {
    pub(super) fn new(screen: Screen, live: bool, total: u64) -> Self {
        let bar = live.then(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stdout());
            if let Ok(style) = ProgressStyle::with_template("{spinner} sending  {bar:44}  {sent} events  {rate}/s") {
                let sent = |state: &ProgressState, out: &mut dyn Write| {
                    let total = figures::whole(state.len().unwrap_or(0));
                    let _ = write!(out, "{} of {total}", figures::whole(state.pos()));
                };
                let rate = |state: &ProgressState, out: &mut dyn Write| {
                    let _ = write!(out, "{}", figures::whole(figures::rate(state.pos(), state.elapsed())));
                };
                bar.set_style(style.progress_chars("━╸─").with_key("sent", sent).with_key("rate", rate));
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { screen, total, began: Instant::now(), bar, said: Instant::now() }
    }

    /// So many were sent.
    pub(in super::super) fn set(&mut self, sent: u64) {
        match &self.bar {
            Some(bar) => bar.set_position(sent),
            None if self.said.elapsed() >= Duration::from_secs(1) => {
                self.said = Instant::now();
                let rate = figures::rate(sent, self.began.elapsed());
                let (sent, total, rate) = (figures::whole(sent), figures::whole(self.total), figures::whole(rate));
                self.screen.line(format_args!("  {sent} of {total} events sent, {rate}/s"));
            }
            None => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

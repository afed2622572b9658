use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::engine::Engine;
use crate::running::Mark;

/// How often, and for how long, a statement is told to end: one that is still being prepared does not hear it.
const ATTEMPTS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// Shared with the statement's thread.
#[derive(Default)]
pub struct Progress {
    /// It only reads: nothing is lost if it ends early
    killable: AtomicBool,
    finished: AtomicBool,
}

impl Progress {
    pub fn allow_kill(&self) {
        self.killable.store(true, Ordering::Release);
    }

    pub fn finish(&self) {
        self.finished.store(true, Ordering::Release);
    }
}

/// Ends a reading statement whose client has left: hyper drops the request's future or the response's body then.
pub struct CancelOnDrop {
    engine: Arc<Engine>,
    progress: Arc<Progress>,
    mark: Mark,
    armed: bool,
}

impl CancelOnDrop {
    pub const fn new(engine: Arc<Engine>, progress: Arc<Progress>, mark: Mark) -> Self {
        Self { engine, progress, mark, armed: true }
    }

    pub const fn disarm(&mut self) {
        self.armed = false;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if !self.armed || self.progress.finished.load(Ordering::Acquire) {
            return;
        }
        let (engine, progress, mark) = (Arc::clone(&self.engine), Arc::clone(&self.progress), self.mark.clone());
        // A thread of its own: the runtime may be on its way out, and its blocking threads all busy.
        thread::spawn(move || kill(&engine, &progress, &mark));
    }
}

fn kill(engine: &Engine, progress: &Progress, mark: &Mark) {
    let Ok(mut connection) = engine.connect(&[]) else { return };
    for _ in 0..ATTEMPTS {
        if progress.finished.load(Ordering::Acquire) {
            return;
        }
        if progress.killable.load(Ordering::Acquire)
            && let Err(error) = mark.kill(&mut connection)
        {
            tracing::warn!(%error, "a statement whose client left could not be ended");
            return;
        }
        thread::sleep(PAUSE);
    }
}

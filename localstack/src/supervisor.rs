//! Child processes: started again when they die, ended with us, never left behind.

use anyhow::Context;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    io,
    os::unix::process::CommandExt,
    process::{Command, ExitStatus},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc::channel},
    thread,
    time::{Duration, Instant},
};

/// How long a child may take to end when it is told to.
const GRACE: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A child that ran for so long has recovered: its next death is a first one.
const STEADY: Duration = Duration::from_secs(60);

/// A child and the thread that keeps it running.
pub(crate) struct Child {
    name: &'static str,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stopping: bool,
    /// Its thread is through with it.
    ended: bool,
    /// While it runs and hasn't been waited for: the number can't belong to another process.
    pid: Option<Pid>,
    deaths: u32,
}

impl Child {
    /// Starts what `command` makes, again whenever it dies.
    ///
    /// # Errors
    /// It can't be started even once.
    pub fn start(
        name: &'static str,
        command: impl Fn() -> io::Result<Command> + Send + 'static,
    ) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (starting, started) = channel();
        let of_thread = Arc::clone(&shared);
        // One thread for each child, for as long as it lives: a child's death signal is tied to the thread that made it.
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            let mut starting = Some(starting);
            keep(name, &of_thread, &command, |result| {
                if let Some(starting) = starting.take() {
                    let _ = starting.send(result);
                }
            });
            of_thread.lock().ended = true;
            of_thread.changed.notify_all();
        })?;
        started.recv().context("its thread ended")?.with_context(|| format!("{name} can't be started"))?;
        Ok(Self { name, shared })
    }

    /// How often it has died.
    pub fn deaths(&self) -> u32 {
        self.shared.lock().deaths
    }

    /// Its process, while there is one.
    pub fn pid(&self) -> Option<u32> {
        self.shared.lock().pid.and_then(|pid| u32::try_from(pid.as_raw()).ok())
    }

    /// Tells it to end, and ends it where it doesn't.
    pub fn stop(self) {
        self.signal(Signal::SIGTERM);
        if !self.ends_within(GRACE) {
            tracing::warn!("{} did not end in {} s and is killed", self.name, GRACE.as_secs());
            self.signal(Signal::SIGKILL);
            self.ends_within(GRACE);
        }
    }

    fn ends_within(&self, time: Duration) -> bool {
        let waited = self.shared.changed.wait_timeout_while(self.shared.lock(), time, |state| !state.ended);
        waited.unwrap_or_else(PoisonError::into_inner).0.ended
    }

    fn signal(&self, signal: Signal) {
        let mut state = self.shared.lock();
        state.stopping = true;
        if let Some(pid) = state.pid {
            let _ = kill(pid, signal);
        }
        self.shared.changed.notify_all();
    }
}

impl Drop for Child {
    /// Not stopped in order: it must not stay all the same.
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keep(
    name: &'static str,
    shared: &Shared,
    command: &impl Fn() -> io::Result<Command>,
    mut started: impl FnMut(io::Result<()>),
) {
    let mut pause = FIRST_PAUSE;
    loop {
        let began = Instant::now();
        let status = match run(shared, command, &mut started) {
            Ok(status) => status.map_or_else(|| "without a status".to_owned(), |status| status.to_string()),
            Err(error) => error.to_string(),
        };
        if began.elapsed() > STEADY {
            pause = FIRST_PAUSE;
        }
        let mut state = shared.lock();
        state.pid = None;
        if state.stopping {
            return;
        }
        state.deaths += 1;
        tracing::warn!("{name} ended ({status}); it is started again");
        let waited = shared.changed.wait_timeout_while(state, pause, |state| !state.stopping);
        if waited.unwrap_or_else(PoisonError::into_inner).0.stopping {
            return;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// One life of the child.
fn run(
    shared: &Shared,
    command: &impl Fn() -> io::Result<Command>,
    started: &mut impl FnMut(io::Result<()>),
) -> io::Result<Option<ExitStatus>> {
    let mut state = shared.lock();
    if state.stopping {
        return Ok(None);
    }
    let spawned = command().and_then(|mut command| {
        // Its own group: Ctrl-C in the terminal is for us alone, and we stop the children in order.
        command.process_group(0);
        dies_with_us(&mut command);
        command.spawn()
    });
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            started(Err(io::Error::new(error.kind(), error.to_string())));
            return Err(error);
        }
    };
    state.pid = i32::try_from(child.id()).ok().map(Pid::from_raw);
    drop(state);
    started(Ok(()));
    // Its standard input stays open for as long as we live; some children end when it closes.
    let _stdin = child.stdin.take();
    child.wait().map(Some)
}

/// The kernel kills the child when we die, however we die.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "pre_exec: prctl is all that runs between fork and exec, and it is async-signal-safe")]
fn dies_with_us(command: &mut Command) {
    // SAFETY: the closure allocates nothing and calls one system call.
    unsafe {
        command.pre_exec(|| nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).map_err(io::Error::from));
    }
}

/// Elsewhere nothing does; the next start tells that the port is taken.
#[cfg(not(target_os = "linux"))]
fn dies_with_us(_: &mut Command) {}

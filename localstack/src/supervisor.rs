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
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::{sync::Notify, time::timeout};

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
    /// Its thread is through with it.
    ended: Notify,
}

#[derive(Default)]
struct State {
    stopping: bool,
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
            keep(name, &of_thread, &command, starting);
            of_thread.ended.notify_one();
        })?;
        started.recv().context("its thread ended")?.with_context(|| format!("{name} can't be started"))?;
        Ok(Self { name, shared })
    }

    /// How often it has died.
    pub fn deaths(&self) -> u32 {
        self.shared.lock().deaths
    }

    /// Tells it to end, and ends it where it doesn't. Not awaited to the end, it is killed at once.
    pub async fn stop(self) {
        self.stop_within(GRACE).await;
    }

    async fn stop_within(self, grace: Duration) {
        self.signal(Signal::SIGTERM);
        if timeout(grace, self.shared.ended.notified()).await.is_err() {
            tracing::warn!("{} did not end in {} s and is killed", self.name, grace.as_secs_f32());
            self.signal(Signal::SIGKILL);
            // Nothing more can be done about one that the kernel doesn't let go.
            let _ = timeout(grace, self.shared.ended.notified()).await;
        }
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
    starting: Sender<io::Result<()>>,
) {
    let mut starting = Some(starting);
    let mut pause = FIRST_PAUSE;
    loop {
        let began = Instant::now();
        let status = match run(shared, command, &mut starting) {
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
    starting: &mut Option<Sender<io::Result<()>>>,
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
            let Some(starting) = starting.take() else { return Err(error) };
            // Not even once: the caller hears of it, and nothing is tried again.
            state.stopping = true;
            let _ = starting.send(Err(error));
            return Ok(None);
        }
    };
    state.pid = i32::try_from(child.id()).ok().map(Pid::from_raw);
    drop(state);
    if let Some(starting) = starting.take() {
        let _ = starting.send(Ok(()));
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn shell(script: &'static str) -> anyhow::Result<Child> {
        Child::start("child", move || {
            let mut command = Command::new("sh");
            command.args(["-c", script]).stdin(std::process::Stdio::piped());
            Ok(command)
        })
    }

    async fn until(mut holds: impl FnMut() -> bool) {
        let polled = async {
            while !holds() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, polled).await.unwrap();
    }

    fn process(child: &Child) -> Pid {
        child.shared.lock().pid.unwrap()
    }

    fn is_gone(pid: Pid) -> bool {
        kill(pid, None).is_err()
    }

    #[tokio::test]
    async fn one_that_dies_is_started_again_until_it_is_stopped() {
        let child = shell("exit 3").unwrap();
        until(|| child.deaths() >= 2).await;
        child.stop().await;
    }

    #[tokio::test]
    async fn one_that_does_not_heed_is_killed() {
        let child = shell("trap '' TERM; while :; do sleep 0.05; done").unwrap();
        let pid = process(&child);
        // It may be told before its trap is set; either way it must be gone.
        child.stop_within(Duration::from_millis(200)).await;
        assert!(is_gone(pid));
    }

    #[tokio::test]
    async fn a_stop_that_is_given_up_kills_at_once() {
        let child = shell("trap '' TERM; while :; do sleep 0.05; done").unwrap();
        let pid = process(&child);
        let _ = timeout(Duration::from_millis(50), child.stop()).await;
        until(|| is_gone(pid)).await;
    }

    #[tokio::test]
    async fn one_that_cannot_start_is_an_error_and_is_not_tried_again() {
        let (tries, tried) = channel();
        let started = Child::start("child", move || {
            tries.send(()).unwrap();
            Ok(Command::new("/does/not/exist"))
        });
        assert!(started.is_err());
        // The thread, which holds the sender, ends.
        assert_eq!(tried.iter().count(), 1);
    }
}

//! Who stands behind the window: the running session, a recording, or a test. The window asks it and never waits for it.

use super::replay::Timeline;
use crate::adapters::desktop;
use crate::adapters::host::OwnUsage;
use crate::adapters::trust::TrustState;
use crate::areas::{AreaId, Command, Event};
use crate::base::{JobId, Problem, Settings, Timestamp, Workspace, WorkspaceId};
use crate::session::Session;
use egui::Context;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// The name of the window's state in the store.
pub(super) const STATE: &str = "window";
/// Answers that may wait for the window.
const OUTSIDE_CAPACITY: usize = 64;
/// A dialog that says "nothing picked" sooner than this was never seen by anybody.
const QUICKER_THAN_A_PERSON: Duration = Duration::from_millis(150);

/// What came back from outside of the engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Outside {
    Picked {
        area: AreaId,
        purpose: String,
        path: PathBuf,
    },
    /// There is no native file dialog here.
    NoFileDialog {
        pick: Pick,
    },
    TrustDescribed {
        id: WorkspaceId,
        files: Vec<String>,
        state: TrustState,
    },
    Problem(Problem),
    /// The system asks the program to end.
    Terminated,
}

/// A file or a folder that the user is to pick.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    pub area: AreaId,
    pub purpose: String,
    pub folder: bool,
    /// The dialog's title.
    pub title: String,
}

/// The window's other side.
pub trait Front {
    /// Asks for a command; None when nothing can be asked (a recording).
    fn start(&mut self, command: Command) -> Option<JobId>;
    fn cancel(&mut self, id: JobId);
    /// The next event that waits. Never blocks.
    fn poll(&mut self) -> Option<Event>;
    fn poll_outside(&mut self) -> Option<Outside>;
    /// From now on events wake this window.
    fn wake(&mut self, ctx: &Context);
    fn now(&self) -> Timestamp;
    fn settings(&self) -> Arc<Settings>;
    /// The answer comes from `poll_outside`.
    fn pick(&mut self, pick: Pick);
    fn open_url(&mut self, url: String);
    /// Which files name commands, and what changed in them; the answer comes from `poll_outside`.
    fn describe_trust(&mut self, workspace: Workspace);
    /// Keeps the window's state; `wait` when the program ends.
    fn save(&mut self, state: serde_json::Value, wait: bool);
    /// The recording that is played, when there is one.
    fn timeline(&mut self) -> Option<&mut Timeline>;
    /// A new folder for the sample project of a tour.
    fn tour_folder(&self) -> PathBuf {
        "bonjour".into()
    }
    /// What the program needs; None when nobody looks.
    fn own_usage(&mut self) -> Option<OwnUsage> {
        None
    }
    /// Tells the desktop, where there is one that listens; never waits.
    fn notify(&mut self, title: String, text: String) {
        drop((title, text));
    }
}

/// The running session.
pub(super) struct Live {
    session: Session,
    outside: mpsc::Receiver<Outside>,
    tell: mpsc::Sender<Outside>,
    ctx: Option<Context>,
}

impl Live {
    pub(super) fn new(session: Session) -> Self {
        let (tell, outside) = mpsc::channel(OUTSIDE_CAPACITY);
        Self {
            session,
            outside,
            tell,
            ctx: None,
        }
    }

    /// The window's state as it was kept.
    pub(super) fn load(&self) -> serde_json::Value {
        let kept = self.session.runtime().block_on(self.session.world.store().kv().get(STATE));
        kept.ok().flatten().unwrap_or_default()
    }

    /// Stops every job and ends.
    pub(super) fn close(self) {
        self.session.close();
    }

    fn answer(&self) -> impl FnOnce(Outside) + Send + 'static {
        let tell = self.tell.clone();
        let ctx = self.ctx.clone();
        move |outside| {
            // A window that has stopped reading has no use for the answer.
            drop(tell.try_send(outside));
            if let Some(ctx) = ctx {
                ctx.request_repaint();
            }
        }
    }
}

impl Front for Live {
    fn tour_folder(&self) -> PathBuf {
        let now = self.session.world.clock().now().as_second();
        self.session
            .world
            .dirs()
            .data
            .join("tour")
            .join(now.to_string())
            .join("bonjour")
    }

    fn own_usage(&mut self) -> Option<OwnUsage> {
        self.session.world.host().own_usage()
    }

    fn notify(&mut self, title: String, text: String) {
        self.session.runtime().spawn(desktop::notify(title, text));
    }

    fn start(&mut self, command: Command) -> Option<JobId> {
        Some(self.session.link.start(command))
    }

    fn cancel(&mut self, id: JobId) {
        self.session.link.cancel(id);
    }

    fn poll(&mut self) -> Option<Event> {
        self.session.link.poll()
    }

    fn poll_outside(&mut self) -> Option<Outside> {
        self.outside.try_recv().ok()
    }

    fn wake(&mut self, ctx: &Context) {
        self.ctx = Some(ctx.clone());
        let ctx = ctx.clone();
        self.session.link.wake().set(move || ctx.request_repaint());
        let answer = self.answer();
        self.session.runtime().spawn(async move {
            asked_to_end().await;
            answer(Outside::Terminated);
        });
    }

    fn now(&self) -> Timestamp {
        self.session.world.clock().now()
    }

    fn settings(&self) -> Arc<Settings> {
        self.session.world.settings()
    }

    fn pick(&mut self, pick: Pick) {
        let answer = self.answer();
        self.session.runtime().spawn(async move {
            if !desktop::has_file_dialog() {
                return answer(Outside::NoFileDialog { pick });
            }
            let asked_at = Instant::now();
            let dialog = rfd::AsyncFileDialog::new().set_title(&pick.title);
            let picked = if pick.folder {
                dialog.pick_folder().await
            } else {
                dialog.pick_file().await
            };
            match picked {
                Some(file) => answer(Outside::Picked {
                    area: pick.area,
                    purpose: pick.purpose,
                    path: file.path().to_path_buf(),
                }),
                None if asked_at.elapsed() < QUICKER_THAN_A_PERSON => answer(Outside::NoFileDialog { pick }),
                None => {}
            }
        });
    }

    fn open_url(&mut self, url: String) {
        let answer = self.answer();
        self.session.runtime().spawn_blocking(move || {
            if let Err(problem) = desktop::open_url(&url) {
                answer(Outside::Problem(problem));
            }
        });
    }

    fn describe_trust(&mut self, workspace: Workspace) {
        let answer = self.answer();
        let world = self.session.world.clone();
        self.session.runtime().spawn_blocking(move || {
            let files = crate::adapters::trust::command_files(&workspace.root);
            let files = files.iter().map(|path| path.display().to_string()).collect();
            match world.trust().state(&workspace) {
                Ok(state) => answer(Outside::TrustDescribed {
                    id: workspace.id,
                    files,
                    state,
                }),
                Err(problem) => answer(Outside::Problem(problem)),
            }
        });
    }

    fn save(&mut self, state: serde_json::Value, wait: bool) {
        let store = self.session.world.store().clone();
        let answer = self.answer();
        let saved = async move {
            if let Err(problem) = store.kv().set(STATE, &state).await {
                answer(Outside::Problem(problem));
            }
        };
        if wait {
            self.session.runtime().block_on(saved);
        } else {
            self.session.runtime().spawn(saved);
        }
    }

    fn timeline(&mut self) -> Option<&mut Timeline> {
        None
    }
}

/// Waits for the first of Ctrl+C, `kill` and the end of the login: each ends the window, and so its jobs, in good order.
async fn asked_to_end() {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    async fn on(signal: &mut Option<Signal>) {
        match signal {
            Some(signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }
    let mut terminate = signal(SignalKind::terminate()).ok();
    let mut hang_up = signal(SignalKind::hangup()).ok();
    let mut interrupt = signal(SignalKind::interrupt()).ok();
    tokio::select! {
        () = on(&mut terminate) => {}
        () = on(&mut hang_up) => {}
        () = on(&mut interrupt) => {}
    }
}

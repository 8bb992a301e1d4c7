//! The window without a screen: the whole frame drawn by the test harness over a front that collects what was asked,
//! or over a real session.

use chantier::adapters::host::OwnUsage;
use chantier::adapters::trust::TrustState;
use chantier::areas::page::{Intent, UiIntent};
use chantier::areas::{Command, Event, Update, devops};
use chantier::base::repo::{Head, RepoSummary};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Catalog, JobId, Lang, Msg, Problem, Settings, State, Target, Timestamp, Workspace};
use chantier::engine::JobEvent;
use chantier::session::{self, Session};
use chantier::shell::{App, Front, Outside, Pick, Timeline};
use chantier::ui::{text, theme};
use egui::{Context, vec2};
use egui_kittest::Harness;
use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

/// A front that answers nothing by itself and remembers what it was asked.
pub(crate) struct Collected {
    pub(crate) commands: Vec<Command>,
    pub(crate) cancelled: Vec<JobId>,
    pub(crate) picks: Vec<Pick>,
    pub(crate) urls: Vec<String>,
    pub(crate) notified: Vec<(String, String)>,
    pub(crate) saved: Option<serde_json::Value>,
    pub(crate) events: VecDeque<Event>,
    pub(crate) outside: VecDeque<Outside>,
    settings: Arc<Settings>,
    now: Timestamp,
    next: u64,
}

impl Collected {
    pub(crate) fn new(theme: ThemeChoice, lang: Lang) -> Self {
        let mut settings = Settings::default();
        settings.appearance.theme = theme;
        settings.general.language = Some(lang);
        Self {
            commands: Vec::new(),
            cancelled: Vec::new(),
            picks: Vec::new(),
            urls: Vec::new(),
            notified: Vec::new(),
            saved: None,
            events: VecDeque::new(),
            outside: VecDeque::new(),
            settings: Arc::new(settings),
            now: now(),
            next: 1000,
        }
    }

    /// The job of the first command that is like this; commands must not have been taken away.
    pub(crate) fn job_of(&self, is_it: impl Fn(&Command) -> bool) -> u64 {
        let at = self.commands.iter().position(is_it).expect("it was asked for");
        self.next - self.commands.len() as u64 + at as u64 + 1
    }

    pub(crate) fn tell(&mut self, update: impl Into<Update>) {
        self.events.push_back(Event::Update(update.into()));
    }
}

pub(crate) fn now() -> Timestamp {
    "2026-03-14T15:09:26Z".parse().unwrap()
}

impl Front for Collected {
    fn start(&mut self, command: Command) -> Option<JobId> {
        self.commands.push(command);
        self.next += 1;
        Some(JobId(self.next))
    }

    fn cancel(&mut self, id: JobId) {
        self.cancelled.push(id);
    }

    fn poll(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn poll_outside(&mut self) -> Option<Outside> {
        self.outside.pop_front()
    }

    fn wake(&mut self, _ctx: &Context) {}

    fn now(&self) -> Timestamp {
        self.now
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings)
    }

    fn pick(&mut self, pick: Pick) {
        self.picks.push(pick);
    }

    fn open_url(&mut self, url: String) {
        self.urls.push(url);
    }

    fn notify(&mut self, title: String, text: String) {
        self.notified.push((title, text));
    }

    fn own_usage(&mut self) -> Option<OwnUsage> {
        Some(OwnUsage {
            memory_bytes: 84_000_000,
            cpu_secs: 1.0,
        })
    }

    fn describe_trust(&mut self, workspace: Workspace) {
        self.outside.push_back(Outside::TrustDescribed {
            id: workspace.id,
            files: vec!["chantier.toml".to_owned()],
            state: TrustState::Never,
        });
    }

    fn save(&mut self, state: serde_json::Value, _wait: bool) {
        self.saved = Some(state);
    }

    fn timeline(&mut self) -> Option<&mut Timeline> {
        None
    }
}

/// A front over a real session with a home of its own.
pub(crate) struct Real {
    pub(crate) session: Session,
    /// What the user picks, and the like.
    pub(crate) outside: VecDeque<Outside>,
    settings: Arc<Settings>,
    /// What was asked for and has not been seen to end.
    open: BTreeSet<JobId>,
}

impl Real {
    pub(crate) fn open(home: &Path, theme: ThemeChoice, lang: Lang) -> Self {
        let options = session::Options {
            home: Some(home.to_path_buf()),
            ..session::Options::default()
        };
        let mut settings = Settings::default();
        settings.appearance.theme = theme;
        settings.general.language = Some(lang);
        Self {
            session: Session::open(options).unwrap(),
            outside: VecDeque::new(),
            settings: Arc::new(settings),
            open: BTreeSet::new(),
        }
    }
}

impl Front for Real {
    fn start(&mut self, command: Command) -> Option<JobId> {
        let id = self.session.link.start(command);
        self.open.insert(id);
        Some(id)
    }

    fn cancel(&mut self, id: JobId) {
        self.session.link.cancel(id);
    }

    fn poll(&mut self) -> Option<Event> {
        self.session.link.poll()
    }

    fn poll_outside(&mut self) -> Option<Outside> {
        self.outside.pop_front()
    }

    fn wake(&mut self, _ctx: &Context) {}

    fn now(&self) -> Timestamp {
        self.session.world.clock().now()
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings)
    }

    fn pick(&mut self, _pick: Pick) {}

    fn open_url(&mut self, _url: String) {}

    fn describe_trust(&mut self, _workspace: Workspace) {}

    fn save(&mut self, _state: serde_json::Value, _wait: bool) {}

    fn timeline(&mut self) -> Option<&mut Timeline> {
        None
    }
}

/// The window over a front, 1280 by 800.
pub(crate) fn window<F: Front + 'static>(front: F) -> Harness<'static, App<F>> {
    window_with(front, serde_json::Value::Null)
}

/// The window with the workspace chosen, on a tab of an area.
pub(crate) fn window_at(
    front: Collected,
    workspace: &Workspace,
    area: &str,
    tab: Option<&str>,
) -> Harness<'static, App<Collected>> {
    let mut harness = window(front);
    harness.run();
    let chosen = UiIntent::SelectWorkspace(Some(workspace.id.clone()));
    harness.state_mut().ask(Intent::Ui(chosen));
    harness.state_mut().ask(Intent::Go(Target::Page {
        area: area.to_owned(),
        tab: tab.map(str::to_owned),
    }));
    harness.run();
    harness
}

/// The window with the state that it was closed with.
pub(crate) fn window_with<F: Front + 'static>(front: F, saved: serde_json::Value) -> Harness<'static, App<F>> {
    let settings = front.settings();
    let lang = settings.general.language.unwrap_or_default();
    let choice = settings.appearance.theme;
    let app = App::new(front, saved, None, Lang::En);
    let seen = if choice == ThemeChoice::Light {
        egui::Theme::Light
    } else {
        egui::Theme::Dark
    };
    Harness::builder()
        .with_size(vec2(1296.0, 816.0))
        .with_theme(seen)
        .with_max_steps(12)
        .with_context_setup(move |ctx| {
            theme::apply(ctx, choice, 1.0);
            text::install(ctx, &Catalog::new(lang));
        })
        .build_ui_state(
            |ui, app: &mut App<F>| {
                app.tick(ui.ctx());
                app.frame_ui(ui);
            },
            app,
        )
}

/// Steps until nothing more happens in a real session: what was asked for has ended, however late the engine came to it, no job runs but
/// those that watch for ever, and no event comes.
pub(crate) fn settle(harness: &mut Harness<'static, App<Real>>) {
    use std::time::{Duration, Instant};
    const CALM: Duration = Duration::from_millis(400);
    let until = Instant::now() + Duration::from_mins(2);
    let mut seen = 0;
    let mut calm_since = Instant::now();
    while calm_since.elapsed() < CALM {
        harness.step();
        let jobs = harness.state().model().jobs.clone();
        let is_over = |id: &JobId| {
            jobs.get(*id)
                .is_some_and(|row| !row.is_running() || row.title.key.ends_with("-watch"))
        };
        let open = &mut harness.state_mut().front().open;
        open.retain(|id| !is_over(id));
        if !open.is_empty() || jobs.running().next().is_some() || jobs.generation != seen {
            seen = jobs.generation;
            calm_since = Instant::now();
        }
        assert!(Instant::now() < until, "jobs are still running after two minutes: {open:?}");
        // The machine is for the engine and for the other tests.
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

pub(crate) fn workspace(name: &str) -> Workspace {
    Workspace::at(Path::new("/home/ana/projects").join(name).as_path())
}

/// Three workspaces with rows on the board: one trusted and good, one failing, one that nobody trusts yet.
pub(crate) fn three_workspaces(front: &mut Collected) {
    let info = |name: &str, group: &str, trust| devops::WorkspaceInfo {
        workspace: workspace(name),
        group: group.to_owned(),
        pinned: false,
        trust,
        is_missing: false,
        kinds: vec![chantier::base::ProjectKind::Git, chantier::base::ProjectKind::Cargo],
    };
    let workspaces = vec![
        info("meteo-api", "Services", devops::TrustState::Trusted),
        info("boutique-web", "Services", devops::TrustState::Trusted),
        info("alertes-crue", "", devops::TrustState::Untrusted),
    ];
    front.tell(devops::Update::WorkspacesLoaded { workspaces });
    for (i, name) in ["meteo-api", "boutique-web", "alertes-crue"].iter().enumerate() {
        let mark = |state, note: &str| devops::Mark {
            state,
            note: note.to_owned(),
            at: Some(now()),
            is_stale: false,
        };
        let row = devops::BoardRow {
            repo: Some(repo(name, i as u32)),
            build: mark(if i == 1 { State::Failed } else { State::Done }, ""),
            build_secs: 41.0,
            tests: mark(State::Done, ""),
            n_tests_passed: 648,
            n_tests_failed: i as u32,
            version: Some("2.5.0".to_owned()),
            deployed: mark(State::Done, "production 2.5.0"),
            n_live: 2,
            n_instances: 2 + i as u32,
            problems: if i == 1 {
                vec![Msg::verbatim("build failed")]
            } else {
                Vec::new()
            },
            ..devops::BoardRow::default()
        };
        front.tell(devops::Update::BoardRow {
            id: workspace(name).id,
            row: Box::new(row),
        });
    }
}

fn repo(name: &str, n: u32) -> RepoSummary {
    RepoSummary {
        head: Head::Branch {
            name: format!("feature/{name}"),
        },
        oid: Some("3f9c2ab0123456789abcdef0123456789abcdef0".to_owned()),
        head_time: Some(now()),
        upstream: Some("origin/main".to_owned()),
        is_upstream_gone: false,
        n_ahead: 2,
        n_behind: 1,
        n_staged: n,
        n_unstaged: n,
        n_untracked: 1,
        n_conflicted: 0,
        n_paths: 2 * n + 1,
        operation: None,
        is_bare: false,
        is_shallow: false,
        is_linked_worktree: false,
    }
}

/// The events of a job from its start on, without an end.
pub(crate) fn job(front: &mut Collected, id: u64, title: &str, area: &str) {
    let queued = JobEvent::Queued {
        title: Msg::verbatim(title),
        area: area.to_owned(),
        workspace: Some(workspace("meteo-api").id),
        parent: None,
        quiet: false,
        at: now(),
        asked: None,
    };
    front.events.push_back(Event::Job(JobId(id), queued));
    front.events.push_back(Event::Job(JobId(id), JobEvent::Started { at: now() }));
}

pub(crate) fn failure() -> Problem {
    Problem::environment(Msg::verbatim("The compiler ended with code 101"))
        .details("error[E0382]: borrow of moved value\n  --> src/lib.rs:12:5")
        .hint(Msg::verbatim("Clone the value, or borrow it"))
        .at_place("src/lib.rs", 12, 5)
}

//! The jobs of Code in a real session: watching, committing with hooks, and what is refused.

use super::fixture::Fixture;
use chantier::adapters::store::deployments::DeploymentRow;
use chantier::adapters::store::incidents::IncidentRow;
use chantier::adapters::store::releases::ReleaseRow;
use chantier::areas::code::act::Act;
use chantier::areas::code::{Command, Update, Watching};
use chantier::areas::{Event, Update as Any};
use chantier::base::git_act::LocalChanges;
use chantier::base::repo::{CommitAct, Which};
use chantier::base::{JobId, Problem, State, Workspace};
use chantier::engine::{Event as EngineEvent, JobEvent, Outcome};
use chantier::session::{Options, Session};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

pub(crate) struct Bench {
    pub(crate) session: Session,
    pub(crate) workspace: Workspace,
    pub(crate) fixture: Fixture,
    pub(crate) log: Vec<String>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::of(Fixture::new())
    }

    pub(crate) fn of(fixture: Fixture) -> Self {
        let options = Options {
            home: Some(fixture.dir.path().join("home")),
            ..Options::default()
        };
        let session = Session::open(options).unwrap();
        let workspace = Workspace::at(&fixture.root);
        Self {
            session,
            workspace,
            fixture,
            log: Vec::new(),
        }
    }

    pub(crate) fn trusted() -> Self {
        Self::trusted_of(Fixture::new())
    }

    pub(crate) fn trusted_of(fixture: Fixture) -> Self {
        let bench = Self::of(fixture);
        bench.session.world.trust().trust(&bench.workspace).unwrap();
        bench
    }

    /// Events until one is what is waited for.
    pub(crate) fn until<T>(&mut self, mut wanted: impl FnMut(&Event) -> Option<T>) -> T {
        let deadline = Instant::now() + Duration::from_mins(2);
        loop {
            assert!(Instant::now() < deadline, "it did not happen in time");
            let Some(event) = self.session.link.poll() else {
                // The machine is for the engine and for the other tests.
                std::thread::park_timeout(Duration::from_millis(1));
                continue;
            };
            if let EngineEvent::Job(_, JobEvent::Log { lines, .. }) = &event {
                self.log.extend(lines.iter().map(|line| line.text.clone()));
            }
            if let Some(found) = wanted(&event) {
                return found;
            }
        }
    }

    pub(crate) fn ended(&mut self, id: JobId) -> Outcome {
        self.until(|event| match event {
            EngineEvent::Job(job, JobEvent::Ended { outcome, .. }) if *job == id => Some(outcome.clone()),
            _ => None,
        })
    }

    pub(crate) fn run(&mut self, command: Command) -> Outcome {
        let id = self.session.link.start(command.into());
        self.ended(id)
    }

    pub(crate) fn refused(&mut self, command: Command) -> Problem {
        match self.run(command) {
            Outcome::Failed { problem } => problem,
            outcome => panic!("{outcome:?}"),
        }
    }

    fn commit(&self, message: &str) -> Command {
        let act = CommitAct {
            message: message.to_owned(),
            ..CommitAct::default()
        };
        Act::Commit(act).on(&self.workspace)
    }

    fn watching(&mut self) -> Watching {
        self.until(|event| match event {
            EngineEvent::Update(Any::Code(Update::Watching { watching, .. })) => *watching,
            _ => None,
        })
    }

    /// The number of changed paths that the next different status tells.
    fn noticed(&mut self) -> u32 {
        self.until(|event| match event {
            EngineEvent::Update(Any::Code(Update::Noticed { summary, .. })) => Some(summary.n_changed()),
            _ => None,
        })
    }
}

#[test]
fn outside_changes_are_noticed_and_ignored_folders_are_not_watched() {
    let mut bench = Bench::trusted();
    bench.fixture.write(".gitignore", "target/\n*.log\n");
    bench.fixture.write("src/deep/a.rs", "a\n");
    bench.fixture.write("target/debug/x/y", "built\n");
    bench.fixture.commit_all("one");
    let watch = Command::Watch {
        workspace: bench.workspace.clone(),
    };
    let id = bench.session.link.start(watch.into());
    let first = bench.watching();
    assert!(!first.is_polling);
    assert_eq!(bench.noticed(), 0);
    bench.fixture.write("src/deep/a.rs", "changed\n");
    assert_eq!(bench.noticed(), 1);
    // A folder made now is watched at once, and what is in it is seen.
    bench.fixture.write("new/folder/b.rs", "b\n");
    let more = bench.watching();
    assert_eq!(more.n_folders, first.n_folders + 2, "new and new/folder");
    assert_eq!(bench.noticed(), 2);
    bench.fixture.write("new/folder/c.rs", "c\n");
    // Staging and committing by somebody else shows through .git.
    bench.fixture.commit_all("two");
    bench.until(|event| match event {
        EngineEvent::Update(Any::Code(Update::Noticed { summary, .. })) => (summary.n_changed() == 0).then_some(()),
        _ => None,
    });
    bench.fixture.run(&["switch", "-q", "-c", "side"]);
    bench.until(|event| match event {
        EngineEvent::Update(Any::Code(Update::Noticed { summary, .. })) => (summary.head_name() == "side").then_some(()),
        _ => None,
    });
    bench.session.link.cancel(id);
    assert_eq!(bench.ended(id), Outcome::Cancelled);
}

#[test]
fn where_watches_run_out_it_polls_and_says_so() {
    let mut bench = Bench::trusted();
    for n in 0..6 {
        bench.fixture.write(format!("d{n}/f"), "x\n");
    }
    bench.fixture.commit_all("one");
    let mut settings = (*bench.session.world.settings()).clone();
    settings.workspaces.max_watches = 3;
    bench.session.world.set_settings(settings);
    let watch = Command::Watch {
        workspace: bench.workspace.clone(),
    };
    bench.session.link.start(watch.into());
    let problem = bench.until(|event| match event {
        EngineEvent::Job(_, JobEvent::Problem(problem)) => Some(problem.clone()),
        _ => None,
    });
    assert_eq!(problem.code, "watch-limit");
    assert!(bench.watching().is_polling);
    assert_eq!(bench.noticed(), 0);
    bench.fixture.write("d0/f", "changed\n");
    assert_eq!(bench.noticed(), 1);
}

#[test]
fn a_commit_runs_the_hooks_and_says_why_it_was_refused() {
    let mut bench = Bench::trusted();
    bench.fixture.write("a", "1\n");
    let command = bench.commit("first");
    assert_eq!(bench.refused(command).code, "nothing-staged");
    let command = bench.commit("  ");
    assert_eq!(bench.refused(command).code, "no-message");
    let stage = Act::Stage { paths: Vec::new() }.on(&bench.workspace);
    assert_eq!(bench.run(stage), Outcome::Done);
    let hook = ".git/hooks/pre-commit";
    bench.fixture.write(hook, "#!/bin/sh\necho looked at by the hook\nexit 1\n");
    std::fs::set_permissions(bench.fixture.path(hook), PermissionsExt::from_mode(0o755)).unwrap();
    let command = bench.commit("first");
    let problem = bench.refused(command);
    assert_eq!(problem.code, "hook-refused");
    assert_eq!(problem.summary, chantier::msg!("code-hook-refused", hook = "pre-commit"));
    assert!(problem.details.contains("looked at by the hook"));
    assert!(bench.log.iter().any(|line| line.contains("looked at by the hook")));
    bench.fixture.write(hook, "#!/bin/sh\nexit 0\n");
    let command = bench.commit("first\n\nbody");
    assert_eq!(bench.run(command), Outcome::Done);
    assert_eq!(bench.fixture.text(&["log", "--format=%B"]), "first\n\nbody");
    bench.fixture.fsck();
}

#[test]
fn acts_need_trust_and_reading_does_not() {
    let mut bench = Bench::new();
    bench.fixture.write("a", "1\n");
    bench.fixture.commit_all("one");
    bench.fixture.write("a", "2\n");
    let workspace = bench.workspace.clone();
    let refresh = Command::Refresh {
        workspace: workspace.clone(),
    };
    assert_eq!(bench.run(refresh), Outcome::Done);
    for command in [
        Act::Stage { paths: Vec::new() }.on(&workspace),
        Act::Discard { paths: Vec::new() }.on(&workspace),
        Act::Switch {
            to: "main".into(),
            changes: LocalChanges::Carry,
        }
        .on(&workspace),
        Act::CreateBranch {
            name: "x".into(),
            from: None,
            goes_there: false,
        }
        .on(&workspace),
        Act::TakeBack {
            which: Which::Last { n: 1 },
            is_forced: false,
        }
        .on(&workspace),
        bench.commit("no"),
    ] {
        assert!(bench.refused(command).is_untrusted());
    }
    assert_eq!(bench.fixture.read("a"), b"2\n");
}

#[test]
fn what_became_of_a_commit_is_told_from_build_to_incident() {
    let mut bench = Bench::new();
    bench.fixture.write("a", "1\n");
    let commit = bench.fixture.commit_all("one");
    let id = bench.workspace.id.clone();
    let at = bench.fixture.at();
    let world = bench.session.world.clone();
    let store = world.store();
    futures::executor::block_on(async {
        let deployment = DeploymentRow {
            workspace: id.clone(),
            commit: Some(commit.clone()),
            ..crate::store::deployment("1.0.0", "production")
        };
        let live = store.deployments().begin(deployment).await.unwrap();
        let healthy = move |row: &mut DeploymentRow| row.healthy_from = Some(at);
        store.deployments().change(live.id, healthy).await.unwrap();
        let release = ReleaseRow {
            id: 0,
            workspace: id.clone(),
            version: "1.0.0".into(),
            commit: commit.clone(),
            tag: None,
            previous: None,
            notes: String::new(),
            channel: "stable".into(),
            job: None,
            released_at: at,
            withdrawn: None,
        };
        store.releases().record(release, Vec::new()).await.unwrap();
        let incident = IncidentRow {
            id: 0,
            workspace: id.clone(),
            environment: Some("production".into()),
            title: "slow answers".into(),
            opened_at: at,
            opened_by: "ada".into(),
            closed_at: None,
            cause: String::new(),
            deployment: Some(live.id),
            notes: String::new(),
        };
        store.incidents().open(incident).await.unwrap();
    });
    let load = Command::LoadWeather {
        workspace: bench.workspace.clone(),
    };
    bench.session.link.start(load.into());
    let weather = bench.until(|event| match event {
        EngineEvent::Update(Any::Code(Update::WeatherRead { weather, .. })) => Some(weather.clone()),
        _ => None,
    });
    let weather = &weather[&commit];
    assert_eq!(
        weather.released.as_ref().map(|release| release.version.as_str()),
        Some("1.0.0")
    );
    assert_eq!(weather.deployed, [("production".to_owned(), State::Running)]);
    let incident = weather.incident.as_ref().unwrap();
    assert!(incident.is_open && incident.title == "slow answers");
}

//! The ledger remembers: every domain written and read back, links followed in both directions, what is derived equal to what was written.

mod order;
mod results;
mod samples;

use chantier::adapters::store::Store;
use chantier::adapters::store::builds::{ArtifactRow, BuildRow, DiagnosticRow};
use chantier::adapters::store::deployments::DeploymentRow;
use chantier::adapters::store::instances::InstanceRow;
use chantier::adapters::store::jobs::{JobEnd, JobFilter, NewJob};
use chantier::adapters::store::releases::ReleaseRow;
use chantier::adapters::store::tests::{CaseResult, TestRunRow};
use chantier::base::{Clock, JobId, Problem, State, Timestamp, WorkspaceId};
use chantier::msg;
use std::collections::BTreeSet;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// 2026-03-01T12:00:00Z.
pub(crate) const NOON_MS: i64 = 1_772_366_400_000;

pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).expect("in range")
}

/// A clock that the test moves.
pub(crate) fn clock() -> (Clock, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(NOON_MS));
    let read = Arc::clone(&now);
    (Clock::new(move || at(read.load(Ordering::Relaxed))), now)
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("runtime")
        .block_on(future)
}

pub(crate) fn check<F: Future<Output = Result<(), Problem>>>(test: impl FnOnce(Store, Arc<AtomicI64>) -> F) {
    let folder = tempfile::tempdir().expect("folder");
    let (clock, now) = clock();
    let store = Store::open(folder.path(), clock).expect("opens");
    assert_eq!(store.problems(), vec![]);
    block_on(test(store, now)).expect("no problem");
}

pub(crate) fn workspace() -> WorkspaceId {
    WorkspaceId::of_path(Path::new("/home/x/shop"))
}

pub(crate) fn new_job(id: u64) -> NewJob {
    NewJob {
        id: JobId(id),
        parent: None,
        workspace: Some(workspace()),
        area: "build".to_owned(),
        title: msg!("verbatim", text = format!("build {id}")),
        quiet: false,
        at: at(NOON_MS + id as i64),
        asked: None,
    }
}

pub(crate) fn end(state: State) -> JobEnd {
    JobEnd {
        at: at(NOON_MS + 9000),
        state,
        exit_code: Some(0),
        signal: None,
        problem: None,
        log_bytes: 12,
    }
}

pub(crate) fn deployment(version: &str, environment: &str) -> DeploymentRow {
    DeploymentRow {
        id: 0,
        workspace: workspace(),
        environment: environment.to_owned(),
        version: version.to_owned(),
        commit: Some(format!("c-{version}")),
        release: None,
        previous: None,
        kind: "deploy".to_owned(),
        state: State::InProgress,
        who: "ada".to_owned(),
        job: Some(JobId(1)),
        started_at: at(NOON_MS),
        ended_at: None,
        healthy_from: None,
        healthy_until: None,
        inputs: serde_json::json!({ "port": 8080, "settings": { "é": [1, 2.5, null] } }),
        problem: None,
        holder: chantier::adapters::store::holder::Holder::default(),
    }
}

pub(crate) fn instance(name: &str, deployment: Option<i64>) -> InstanceRow {
    InstanceRow {
        id: 0,
        name: name.to_owned(),
        workspace: Some(workspace()),
        environment: Some("staging".to_owned()),
        deployment,
        kind: "process".to_owned(),
        version: Some("1.2.0".to_owned()),
        pid: Some(u32::MAX - 7),
        pid_start: Some(1),
        container: None,
        handle: serde_json::Value::Null,
        port: Some(8080),
        log_path: Some(PathBuf::from("/tmp/x.log")),
        started_at: at(NOON_MS),
        ended_at: None,
        exit_code: None,
        signal: None,
        cause: String::new(),
    }
}

pub(crate) fn build(job: u64, commit: &str) -> BuildRow {
    BuildRow {
        job: JobId(job),
        workspace: workspace(),
        task: "cargo build".to_owned(),
        kind: "cargo".to_owned(),
        commit: Some(commit.to_owned()),
        dirty: None,
        environment: None,
        state: State::Done,
        started_at: at(NOON_MS),
        duration_ms: 1234,
        n_errors: 0,
        n_warnings: 1,
        diagnostics: vec![DiagnosticRow {
            severity: "warning".to_owned(),
            message: "unused \u{1b}[31mvariable".to_owned(),
            code: None,
            path: Some(PathBuf::from("src/main.rs")),
            line: Some(3),
            column: Some(7),
            source: "rustc".to_owned(),
            rendered: String::new(),
        }],
    }
}

pub(crate) fn artifact(job: u64, commit: &str, sha256: &str) -> ArtifactRow {
    ArtifactRow {
        id: 0,
        job: JobId(job),
        workspace: workspace(),
        commit: Some(commit.to_owned()),
        name: "shop".to_owned(),
        path: PathBuf::from("target/release/shop"),
        sha256: sha256.to_owned(),
        bytes: 77,
        stored: None,
        made_at: at(NOON_MS),
    }
}

pub(crate) fn release(version: &str, commit: &str) -> ReleaseRow {
    ReleaseRow {
        id: 0,
        workspace: workspace(),
        version: version.to_owned(),
        commit: commit.to_owned(),
        tag: Some(format!("v{version}")),
        previous: None,
        notes: "## Added\n- a thing".to_owned(),
        channel: "stable".to_owned(),
        job: Some(JobId(3)),
        released_at: at(NOON_MS),
        withdrawn: None,
    }
}

pub(crate) fn test_run(commit: &str) -> TestRunRow {
    TestRunRow {
        id: 0,
        job: Some(JobId(2)),
        workspace: workspace(),
        framework: "nextest".to_owned(),
        title: "all".to_owned(),
        commit: Some(commit.to_owned()),
        dirty: None,
        environment: None,
        started_at: at(NOON_MS),
        ended_at: None,
        state: State::Running,
        n_passed: 0,
        n_failed: 0,
        n_skipped: 0,
        n_flaky: 0,
        duration_ms: 0,
    }
}

pub(crate) fn case(name: &str, state: State) -> CaseResult {
    CaseResult {
        suite: "shop::cart".to_owned(),
        name: name.to_owned(),
        state,
        flaky: false,
        duration_ms: 12,
        message: if state == State::Failed {
            "assertion failed".to_owned()
        } else {
            String::new()
        },
        output: format!("output of {name}\n"),
        output_bytes: 0,
    }
}

#[test]
fn a_job_is_kept_with_all_that_is_known_of_it() {
    check(|store, _| async move {
        let jobs = store.jobs();
        jobs.queued(NewJob {
            parent: None,
            ..new_job(1)
        })
        .await?;
        jobs.queued(NewJob {
            parent: Some(JobId(1)),
            ..new_job(2)
        })
        .await?;
        jobs.queued(NewJob {
            parent: Some(JobId(2)),
            quiet: true,
            ..new_job(3)
        })
        .await?;
        jobs.started(JobId(2), at(NOON_MS + 5)).await?;
        jobs.command(
            JobId(2),
            vec!["cargo".to_owned(), "build".to_owned(), "--x=%_\\".to_owned()],
            Some(odd_path()),
        )
        .await?;
        jobs.context(
            JobId(2),
            Some("abc".to_owned()),
            Some("d1".to_owned()),
            Some("dev".to_owned()),
        )
        .await?;
        jobs.log_file(JobId(2), "000000/2.log".to_owned()).await?;
        let problem = Problem::environment(msg!("verbatim", text = "no"))
            .details("signal 9")
            .code("killed");
        jobs.ended(
            JobId(2),
            JobEnd {
                signal: Some(9),
                exit_code: None,
                problem: Some(problem.clone()),
                ..end(State::Failed)
            },
        )
        .await?;
        let row = jobs.get(JobId(2)).await?.expect("there");
        assert_eq!(
            (row.state, row.signal, row.exit_code, row.log_bytes),
            (State::Failed, Some(9), None, 12)
        );
        assert_eq!(
            (row.problem, row.cwd, row.commit.as_deref()),
            (Some(problem), Some(odd_path()), Some("abc"))
        );
        assert_eq!(row.holder, *store.me());

        let ids = |rows: Vec<chantier::adapters::store::jobs::JobRow>| rows.into_iter().map(|row| row.id.0).collect::<Vec<_>>();
        assert_eq!(ids(jobs.tree(JobId(1)).await?), [1, 2, 3]);
        assert_eq!(ids(jobs.children(JobId(1)).await?), [2]);
        let all = JobFilter {
            include_quiet: true,
            ..JobFilter::default()
        };
        assert_eq!(ids(jobs.list(all.clone()).await?), [3, 2, 1]);
        assert_eq!(ids(jobs.list(JobFilter::default()).await?), [2, 1]);
        assert_eq!(
            ids(jobs
                .list(JobFilter {
                    roots_only: true,
                    ..all.clone()
                })
                .await?),
            [1]
        );
        assert_eq!(
            ids(jobs
                .list(JobFilter {
                    before: Some(JobId(3)),
                    limit: 1,
                    ..all.clone()
                })
                .await?),
            [2]
        );
        assert_eq!(
            ids(jobs
                .list(JobFilter {
                    states: vec![State::Failed, State::Done],
                    ..all.clone()
                })
                .await?),
            [2]
        );
        assert_eq!(
            ids(jobs
                .list(JobFilter {
                    workspace: Some(WorkspaceId("no".to_owned())),
                    ..all.clone()
                })
                .await?),
            Vec::<u64>::new()
        );
        assert_eq!(
            jobs.count(JobFilter {
                before: Some(JobId(2)),
                ..all
            })
            .await?,
            3
        );
        let missing = jobs.started(JobId(99), at(NOON_MS)).await.expect_err("not there");
        assert_eq!(missing.code, "not-found");
        Ok(())
    });
}

#[cfg(unix)]
fn odd_path() -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    std::ffi::OsStr::from_bytes(b"/tmp/\xff\xfe/x").into()
}

#[test]
fn many_writes_at_once_all_stand_and_share_commits() {
    check(|store, _| async move {
        let mut waiting = Vec::new();
        for id in 1..=2000 {
            let store = store.clone();
            waiting.push(tokio::spawn(async move { store.jobs().queued(new_job(id)).await }));
        }
        // One that fails among them harms itself only.
        let twice = store.jobs().queued(new_job(7)).await;
        for write in waiting {
            drop(write.await.expect("no panic"));
        }
        drop(twice);
        assert_eq!(store.jobs().count(JobFilter::default()).await?, 2000);
        let again = store.jobs().queued(new_job(7)).await.expect_err("the number is taken");
        assert_eq!(again.code, "store-internal");
        Ok(())
    });
}

#[test]
fn a_closed_store_leaves_nothing_in_its_log() {
    let folder = tempfile::tempdir().expect("folder");
    let log = folder.path().join("ledger.sqlite-wal");
    let store = Store::open(folder.path(), clock().0).expect("opens");
    block_on(store.jobs().queued(new_job(1))).expect("written");
    assert!(std::fs::metadata(&log).is_ok_and(|meta| meta.len() > 0));
    drop(store);
    assert!(std::fs::metadata(&log).is_ok_and(|meta| meta.len() == 0));
    // The file alone has everything.
    let other = tempfile::tempdir().expect("folder");
    std::fs::copy(folder.path().join("ledger.sqlite"), other.path().join("ledger.sqlite")).expect("copied");
    let store = Store::open(other.path(), clock().0).expect("opens");
    assert!(block_on(store.jobs().get(JobId(1))).expect("read").is_some());
}

#[test]
fn job_numbers_are_handed_out_once() {
    let folder = tempfile::tempdir().expect("folder");
    let stores: Vec<Store> = (0..3)
        .map(|_| Store::open(folder.path(), clock().0).expect("opens"))
        .collect();
    let mut seen = BTreeSet::new();
    block_on(async {
        for round in 0..20 {
            for store in &stores {
                for id in store.reserve_job_ids(1 + round).await.expect("reserved") {
                    assert!(id > 0 && seen.insert(id), "{id} twice");
                }
            }
        }
    });
    drop(stores);
    let store = Store::open(folder.path(), clock().0).expect("opens again");
    let next = block_on(store.reserve_job_ids(1)).expect("reserved").start;
    assert_eq!(Some(&(next - 1)), seen.last());
}

#[test]
fn what_ran_when_its_process_died_is_interrupted() {
    check(|store, _| async move {
        for id in 1..=4 {
            store.jobs().queued(new_job(id)).await?;
        }
        store.jobs().started(JobId(2), at(NOON_MS)).await?;
        store.jobs().ended(JobId(3), end(State::Done)).await?;
        let run = store.tests().start_run(test_run("c1")).await?;
        for id in [2, 3] {
            let begun = BuildRow {
                state: State::InProgress,
                ..build(id, "c1")
            };
            store.builds().start(begun).await?;
        }
        store.builds().close(JobId(3), State::Done, 5).await?;
        store.builds().close(JobId(3), State::Failed, 6).await?;
        let pid = store.me().pid;
        assert_eq!(store.jobs().mark_interrupted(move |asked, _| asked == pid).await?, vec![]);
        assert_eq!(
            store
                .jobs()
                .mark_interrupted(chantier::adapters::store::holder::is_running)
                .await?,
            vec![],
            "this process runs"
        );
        assert_eq!(
            store.jobs().mark_interrupted(|_, _| false).await?,
            vec![JobId(1), JobId(2), JobId(4)]
        );
        let row = store.jobs().get(JobId(2)).await?.expect("there");
        assert_eq!((row.state, row.ended_at), (State::Interrupted, Some(at(NOON_MS))));
        let run = store.tests().run(run.id).await?.expect("there");
        assert_eq!(
            (run.state, run.ended_at),
            (State::Interrupted, row.ended_at),
            "a run of tests that nobody ends is over too"
        );
        let states = |rows: Vec<BuildRow>| rows.into_iter().map(|row| row.state).collect::<Vec<_>>();
        assert_eq!(
            states(store.builds().list(&workspace(), None, 9).await?),
            [State::Done, State::Interrupted],
            "and so is a build, but not one that was told"
        );
        Ok(())
    });
}

#[test]
fn a_store_in_memory_does_the_same() {
    let store = Store::in_memory(clock().0).expect("made");
    block_on(async {
        store.jobs().queued(new_job(1)).await.expect("written");
        assert_eq!(
            store.jobs().get(JobId(1)).await.expect("read").map(|row| row.id),
            Some(JobId(1))
        );
        assert!(store.is_memory_only() && store.samples().bytes().await.expect("read") > 0);
    });
}

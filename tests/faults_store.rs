//! Faults of the disk and of the machine, done for real: programs killed, power cut, disks full, failing and read-only, bytes flipped,
//! clocks moved. The numbers are the rows of the list of faults. The writers are this very binary, started again as a child.

mod damage;
mod death;
mod disk;

use crate::store::{NOON_MS, at, block_on, clock, deployment, new_job};
use chantier::adapters::doctor::{self, DoctorOptions};
use chantier::adapters::store::Store;
use chantier::adapters::store::audit::AuditEntry;
use chantier::adapters::store::deployments::LockAnswer;
use chantier::adapters::store::holder::Holder;
use chantier::adapters::store::jobs::{JobFilter, JobRow};
use chantier::adapters::store::samples::Sample;
use chantier::adapters::store::schema::LEDGER;
use chantier::base::{Clock, JobId, Problem, State, WorkspaceId};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const CHILD: &str = "CHANTIER_TEST_STORE_CHILD";

/// What a child does, when this binary runs as one: `<act> <folder>`. Runs as a test that does nothing otherwise.
#[test]
fn child() {
    let Ok(order) = std::env::var(CHILD) else { return };
    let (act, folder) = order.split_once(' ').expect("act and folder");
    let store = match Store::open(Path::new(folder), Clock::system()) {
        Ok(store) => store,
        Err(problem) => {
            say(&format!("refused {}", problem.code));
            return;
        }
    };
    say("open");
    block_on(async {
        match act {
            "write" => write_rows(&store, u64::MAX).await,
            "write-40" => write_rows(&store, 40).await,
            "hold" => {
                let lock = store
                    .deployments()
                    .lock(&workspace(), "production", "child", Some(7), Duration::from_hours(1))
                    .await;
                assert_eq!(lock.expect("asked"), LockAnswer::Taken);
                assert!(store.leases().take("sampling", Duration::from_hours(1)).await.expect("asked"));
                store.jobs().queued(new_job(1)).await.expect("written");
                say("held");
                std::thread::sleep(Duration::from_mins(1));
            }
            other => panic!("{other}?"),
        }
    });
}

pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // The reader may be gone, and so may we be in a moment.
    drop(writeln!(out, "child: {line}").and_then(|()| out.flush()));
}

/// Writes jobs and samples, one after the other, and says each number after it was acknowledged.
async fn write_rows(store: &Store, n: u64) {
    for _ in 0..n {
        let id = match store.reserve_job_ids(1).await {
            Ok(ids) => ids.start,
            Err(problem) => {
                say(&format!("err {}", problem.code));
                continue;
            }
        };
        let mut job = new_job(id);
        job.title = chantier::msg!("verbatim", text = padding(id));
        match store.jobs().queued(job).await {
            Ok(()) => say(&format!("ok {id}")),
            Err(problem) => say(&format!("err {}", problem.code)),
        }
        let sample = Sample {
            series: "child".to_owned(),
            at: at(NOON_MS + id as i64 * 1000),
            value: id as f64,
        };
        if store.samples().insert(vec![sample]).await.is_err() {
            say("err sample");
        }
    }
    say("end");
}

/// Text whose length and content follow from the number.
pub(crate) fn padding(id: u64) -> String {
    let mut random = fastrand::Rng::with_seed(id);
    let len = random.usize(10..900);
    (0..len).map(|_| random.alphanumeric()).collect()
}

pub(crate) fn workspace() -> WorkspaceId {
    WorkspaceId::of_path(Path::new("/home/x/shop"))
}

/// Starts this binary as a child, under another program when `under` names one.
pub(crate) fn start(act: &str, folder: &Path, under: &[String]) -> Child {
    let me = std::env::current_exe().expect("own path");
    let mut words: Vec<std::ffi::OsString> = under.iter().map(Into::into).collect();
    words.push(me.into());
    let mut command = Command::new(&words[0]);
    command
        .args(&words[1..])
        .args(["--exact", "faults_store::child", "--nocapture"]);
    command.env(CHILD, format!("{act} {}", folder.display()));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("starts")
}

/// The words of a child, line by line.
pub(crate) fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let out = BufReader::new(child.stdout.take().expect("piped"));
    out.lines()
        .map_while(Result::ok)
        .filter_map(|line| line.split_once("child: ").map(|(_, word)| word.to_owned()))
}

pub(crate) fn number_of(line: &str) -> Option<u64> {
    line.strip_prefix("ok ").and_then(|id| id.parse().ok())
}

/// A row that cannot be tried here: loudly, and a failure where everything must be there.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
pub(crate) fn skip(row: u32, why: &str) {
    eprintln!("SKIPPED: row {row}: {why}");
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "row {row} must be tried in CI: {why}"
    );
}

pub(crate) fn run(program: &str, args: &[&str]) -> Result<(), String> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }
}

/// A file system of its own, taken away at the end.
pub(crate) struct Mount(pub(crate) PathBuf);

impl Mount {
    pub(crate) fn new(at: &Path, args: &[&str]) -> Result<Self, String> {
        std::fs::create_dir_all(at).map_err(|error| error.to_string())?;
        let mut all = args.to_vec();
        let shown = at.to_string_lossy().into_owned();
        all.push(&shown);
        run("mount", &all)?;
        Ok(Self(at.to_path_buf()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        if run("umount", &[&self.0.to_string_lossy()]).is_err() {
            drop(run("umount", &["-l", &self.0.to_string_lossy()]));
        }
    }
}

/// The store is sound to its last byte; `ids` are there, each with the content that was acknowledged.
pub(crate) fn assert_sound(folder: &Path, ids: &[u64]) {
    let checks = doctor::examine(
        folder,
        &folder.join("logs"),
        DoctorOptions {
            read_data: true,
            repair: false,
        },
        at(NOON_MS),
    );
    let bad: Vec<_> = checks
        .iter()
        .filter(|check| check.state == State::Failed && !matches!(check.id.as_str(), "locks" | "disk"))
        .map(|check| (&check.id, &check.details))
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
    let store = Store::open(folder, clock().0).expect("opens");
    assert_eq!(store.problems(), vec![]);
    let found: BTreeMap<u64, JobRow> = all_jobs(&store).into_iter().map(|row| (row.id.0, row)).collect();
    for id in ids {
        let row = found.get(id).unwrap_or_else(|| panic!("{id} was acknowledged and is lost"));
        assert_eq!(row.title, chantier::msg!("verbatim", text = padding(*id)));
    }
}

pub(crate) fn all_jobs(store: &Store) -> Vec<JobRow> {
    block_on(store.jobs().list(JobFilter {
        include_quiet: true,
        limit: u32::MAX,
        ..JobFilter::default()
    }))
    .expect("listed")
}

pub(crate) fn write(store: &Store, id: u64) -> Result<u64, Problem> {
    let mut job = new_job(id);
    job.title = chantier::msg!("verbatim", text = padding(id));
    block_on(store.jobs().queued(job)).map(|()| id)
}

pub(crate) fn strace() -> Option<&'static str> {
    run("strace", &["-o", "/dev/null", "true"]).is_ok().then_some("strace")
}

#[test]
fn row_8_two_programs_work_on_one_folder() {
    let folder = tempfile::tempdir().expect("folder");
    // All start on a folder that is not there yet.
    let data = folder.path().join("data");
    let mut children: Vec<Child> = (0..4).map(|_| start("write-40", &data, &[])).collect();
    let mut acknowledged = Vec::new();
    for child in &mut children {
        let words: Vec<String> = lines(child).collect();
        assert!(words.last().is_some_and(|line| line == "end"), "{words:?}");
        acknowledged.extend(words.iter().filter_map(|line| number_of(line)));
        child.wait().expect("gone");
    }
    assert_eq!(acknowledged.len(), 160, "every write went through");
    let mut unique = acknowledged.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), 160, "every number once");
    assert_sound(&data, &acknowledged);
}

#[test]
fn row_12_a_clock_that_jumps_does_no_harm() {
    const DAY: i64 = 86_400_000;
    let folder = tempfile::tempdir().expect("folder");
    let (clock, now) = clock();
    let store = Store::open(folder.path(), clock).expect("opens");
    let mut wanted = Vec::new();
    let mut id = 0;
    for jump in [0, -2 * DAY, 365 * DAY, -365 * DAY, 2 * DAY] {
        let moment = now.fetch_add(jump, Ordering::Relaxed) + jump;
        block_on(async {
            id += 1;
            let mut job = new_job(id);
            job.at = at(moment);
            store.jobs().queued(job).await.expect("written");
            store.jobs().started(JobId(id), at(moment + DAY)).await.expect("written");
            let entry = AuditEntry {
                who: "ada".to_owned(),
                act: "x".to_owned(),
                workspace: None,
                environment: None,
                deployment: None,
                data: serde_json::Value::Null,
            };
            store.audit().append(entry).await.expect("written");
            let samples = (0..60).map(|n| Sample {
                series: "s".to_owned(),
                at: at(moment + n * 1000),
                value: n as f64,
            });
            store.samples().insert(samples.collect()).await.expect("written");
            assert!(
                store.leases().take("sampling", Duration::from_secs(30)).await.expect("asked"),
                "never stuck"
            );
            let lock = store
                .deployments()
                .lock(&workspace(), "production", "me", None, Duration::from_secs(30))
                .await;
            assert_eq!(lock.expect("asked"), LockAnswer::Taken);
            let live = store
                .deployments()
                .begin(deployment("1", "production"))
                .await
                .expect("written");
            let live = store.deployments().end(live.id, State::Done, None).await.expect("written");
            assert_eq!(
                store.deployments().live(&workspace(), "production").await.expect("read"),
                Some(live),
                "the last one, not the latest"
            );
        });
        wanted.insert(0, id);
        assert_eq!(
            all_jobs(&store).iter().map(|row| row.id.0).collect::<Vec<_>>(),
            wanted,
            "in the order in which they were asked for"
        );
    }
    let verdict = block_on(store.audit().verify()).expect("verified");
    assert_eq!((verdict.n_entries, verdict.broken_at), (5, None));
    block_on(store.samples().keep_budget(1 << 20)).expect("kept");
    let points = block_on(
        store
            .samples()
            .query("s", at(NOON_MS - 10 * DAY), at(NOON_MS + 400 * DAY), 100_000),
    )
    .expect("read");
    assert!(
        points.iter().all(|point| point.at <= at(NOON_MS + 2 * DAY)),
        "what the wrong clock wrote into the future is gone"
    );
    // Another process's lease from a clock that was a year ahead does not hold for a year.
    let gone = Holder {
        pid: 1,
        start: 0,
        boot: String::new(),
    };
    assert!(gone.is_alive(), "the first process lives");
    let conn = rusqlite::Connection::open(folder.path().join(LEDGER.file)).expect("opens");
    conn.execute("DELETE FROM leases", ()).expect("deleted");
    conn.close().expect("closed");
    assert!(block_on(store.leases().take("sampling", Duration::from_secs(30))).expect("asked"));
}

#[test]
fn every_fault_ends_within_its_time() {
    // A store whose writer is kept busy by another program gives up with one clear problem, not never.
    let folder = tempfile::tempdir().expect("folder");
    let store = Store::open(folder.path(), clock().0).expect("opens");
    let other = rusqlite::Connection::open(folder.path().join(LEDGER.file)).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("held");
    let before = Instant::now();
    let problem = write(&store, 1).expect_err("busy");
    assert_eq!(problem.code, "store-busy");
    assert!(before.elapsed() < Duration::from_secs(20));
    assert_eq!(all_jobs(&store), vec![], "readers do not wait");
    other.execute_batch("ROLLBACK").expect("freed");
    write(&store, 1).expect("goes on");
}

//! Deployments that change data in SQLite: copied before, put back after a failure with every row, brought back or kept by a return.

use super::bench::{Bench, problem_of, version_at};
use super::faults::{at, check_killed, kill_during};
use super::guided::{decided, until_asked};
use chantier::adapters::database::{Backup, Database, Facts};
use chantier::areas::deploy::data::Choice;
use chantier::areas::deploy::{Command as Deploy, RecoveredBy, StepName};
use chantier::areas::devops::project;
use chantier::base::State;
use chantier::engine::Outcome;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_util::sync::CancellationToken;

pub(crate) const ROWS: i64 = 500;

/// With a database of so many rows; `mode` says how the migration behaves.
pub(crate) fn bench(mode: &str, further: &str, of_staging: &str, deadline: &str) -> Bench {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/migrate.py");
    let database = format!(
        "database = {{ kind = \"sqlite\", file = \"data/app.db\", {further}\
         migrate = [\"/usr/bin/python3\", \"{}\", \"{{database}}\", \"{{version}}\", \"{mode}\"] }}\n{of_staging}",
        script.display()
    );
    let mut bench = Bench::made("", &database, "", deadline);
    std::fs::create_dir(bench.workspace.root.join("data")).unwrap();
    bench.release("1.0.0", "good");
    bench
}

impl Bench {
    fn file(&self) -> PathBuf {
        self.workspace.root.join("data/app.db")
    }

    fn write(&self, sql: &str) {
        Connection::open(self.file()).unwrap().execute_batch(sql).unwrap();
    }

    /// The first version runs, and the database holds what users have written.
    pub(crate) fn filled(&mut self) {
        self.deployed("1.0.0");
        self.write("PRAGMA journal_mode = WAL");
        let db = Connection::open(self.file()).unwrap();
        let tx = db.unchecked_transaction().unwrap();
        for id in 1..=ROWS {
            let what = format!("order {id}");
            tx.execute("INSERT INTO orders (id, what) VALUES (?, ?)", (id, what)).unwrap();
        }
        tx.commit().unwrap();
    }

    pub(crate) fn facts(&mut self) -> Facts {
        let database = Database::Sqlite(self.file());
        let session = self.session();
        let processes = session.world.processes().clone();
        let runtime = session.runtime().clone();
        runtime
            .block_on(database.facts(&processes, &CancellationToken::new()))
            .unwrap()
    }

    /// The version that the data are for.
    fn needs(&self) -> String {
        let db = Connection::open(self.file()).unwrap();
        db.query_row("SELECT version FROM needs", (), |row| row.get(0)).unwrap()
    }

    fn back(&mut self, data: Option<Choice>) -> Outcome {
        let workspace = self.workspace.clone();
        self.run(Deploy::RollBack {
            workspace,
            environment: "staging".to_owned(),
            to: None,
            data,
            confirmed: None,
        })
    }

    fn copies(&self) -> Vec<PathBuf> {
        let folder = self
            .home()
            .join("data/deployments")
            .join(&self.workspace.id.0)
            .join("staging/backups");
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    }

    fn step(&self, name: StepName) -> Option<State> {
        let known = self.model.deploy.of(&self.workspace.id).unwrap();
        let rollout = known.rollouts.values().next_back().unwrap();
        rollout.steps.iter().find(|step| step.name == name).map(|step| step.state)
    }
}

#[test]
fn what_of_a_database_does_not_go_together_is_said() {
    let check = |lines: &str, target: &str, key: &str| {
        let text = format!("[[environment]]\nname = \"staging\"\n{lines}\n[environment.target]\n{target}\n");
        let (_, problems) = project::parse(&text, Path::new("chantier.toml"));
        let keys: Vec<&str> = problems.iter().map(|problem| &*problem.summary.key).collect();
        assert_eq!(keys, if key.is_empty() { vec![] } else { vec![key] }, "{lines}: {problems:?}");
    };
    let here = "kind = \"process\"\nrun = [\"app\"]";
    check("database = { kind = \"sqlite\", file = \"a.db\" }", here, "");
    check("database = { kind = \"sqlite\" }", here, "devops-database-where");
    check(
        "database = { kind = \"postgres\", file = \"a\" }",
        here,
        "devops-database-where",
    );
    let password = |word: &str| format!("database = {{ kind = \"postgres\", name = \"shop\", password = \"{word}\" }}");
    check(&password("env:SHOP_PASSWORD"), here, "");
    check(&password("hunter2hunter2"), here, "devops-database-password");
    let far = "kind = \"ssh\"\nhost = \"far\"\nrun = [\"app\"]";
    check(
        "database = { kind = \"sqlite\", file = \"a.db\" }",
        far,
        "devops-database-target",
    );
    let rolling = "strategy = \"rolling\"\ndatabase = { kind = \"sqlite\", file = \"a.db\"";
    check(&format!("{rolling} }}"), here, "devops-database-strategy");
    check(&format!("{rolling}, compatible = true }}"), here, "");
}

#[test]
fn a_bad_version_goes_back_by_itself_with_every_row() {
    let mut bench = bench("good", "", "", "1s");
    bench.filled();
    let before = bench.facts();
    assert_eq!(before.tables["orders"].rows, ROWS as u64);
    bench.release("3.0.0", "broken");
    let problem = problem_of(bench.deploy("3.0.0"));
    assert_eq!(problem.code, "unhealthy");
    assert_eq!(problem.hint.unwrap().key, "deploy-returned");
    assert_eq!(bench.facts(), before, "rows and sums of every table");
    assert_eq!(bench.needs(), "1.0.0");
    let mode: String = Connection::open(bench.file())
        .unwrap()
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal", "as the program keeps it");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(bench.step(StepName::PutBack), Some(State::Done));
    // What the failed version had made of the data is not lost either.
    let aside = bench
        .copies()
        .into_iter()
        .find(|path| path.to_string_lossy().contains("-failed"));
    let db = Connection::open(aside.expect("a copy of what was taken back")).unwrap();
    let rows: i64 = db.query_row("SELECT count(price) FROM orders", (), |row| row.get(0)).unwrap();
    assert_eq!(rows, ROWS - ROWS / 7);
    let known = bench.model.deploy.of(&bench.workspace.id).unwrap();
    let failed = known
        .overview
        .value()
        .unwrap()
        .history
        .iter()
        .find(|row| row.version == "3.0.0")
        .unwrap();
    let kept = failed.backup.as_ref().unwrap();
    assert_eq!((kept.n_rows, kept.n_tables, kept.is_there), (ROWS as u64 + 1, 2, true));
    bench.audit_holds();
}

#[test]
fn a_migration_that_fails_half_way_leaves_nothing_of_itself() {
    let mut bench = bench("good", "", "", "5s");
    bench.filled();
    let before = bench.facts();
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap().replace("\"good\"", "\"fails\"");
    std::fs::write(&path, text).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    bench.release("2.0.0", "good");
    let problem = problem_of(bench.deploy("2.0.0"));
    assert_eq!(problem.code, "migration");
    assert!(problem.details.contains("no room for 2.0.0"), "{}", problem.details);
    assert_eq!(bench.facts(), before);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(bench.step(StepName::Start), Some(State::Queued), "it was never started");
}

#[test]
fn the_first_version_that_fails_leaves_no_database_where_there_was_none() {
    let mut bench = bench("good", "", "", "1s");
    bench.release("2.0.0", "broken");
    assert_eq!(problem_of(bench.deploy("2.0.0")).code, "unhealthy");
    assert!(!bench.file().exists());
}

#[test]
fn a_return_brings_the_data_back_only_where_nothing_is_lost_or_somebody_says_so() {
    let mut bench = bench("good", "", "", "5s");
    bench.filled();
    let before = bench.facts();
    bench.release("2.0.0", "good");
    bench.deployed("2.0.0");
    assert_eq!(bench.needs(), "2.0.0");
    // Nothing was written since: the data come back with the version.
    assert_eq!(bench.back(None), Outcome::Done);
    assert_eq!(bench.facts(), before);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));

    bench.deployed("2.0.0");
    bench.write("INSERT INTO orders (id, what) VALUES (9001, 'new'), (9002, 'newer')");
    let written = bench.facts();
    let problem = problem_of(bench.back(None));
    assert_eq!(problem.code, "needs-data-choice");
    let rows = ROWS - ROWS / 7;
    assert_eq!(problem.details, format!("orders  {rows} → {}", rows + 2));
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"), "nothing was touched");
    let told = bench
        .program(&["deploy", "rollback", "staging", "--preview"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains(&format!("orders  {rows} → {}", rows + 2)), "{told}");

    assert_eq!(bench.back(Some(Choice::Restore)), Outcome::Done);
    assert_eq!(bench.facts(), before);
    // What was written meanwhile stands in the copy that was made first.
    let kept = bench.copies().into_iter().any(|path| {
        let db = Connection::open(path).unwrap();
        let found = db.query_row("SELECT count(*) FROM orders WHERE id > 9000", (), |row| row.get::<_, i64>(0));
        found == Ok(2)
    });
    assert!(kept, "nothing is ever lost");

    bench.deployed("2.0.0");
    bench.write("INSERT INTO orders (id, what) VALUES (9001, 'new'), (9002, 'newer')");
    assert_eq!(bench.back(Some(Choice::Keep)), Outcome::Done);
    assert_eq!(bench.facts().tables["orders"], written.tables["orders"]);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
}

/// Whoever went back with the data and comes again finds those of the former version: they are migrated, as by a deployment.
#[test]
fn a_return_to_a_newer_version_migrates_the_data_again() {
    let mut bench = bench("good", "", "", "5s");
    bench.filled();
    bench.release("2.0.0", "good");
    bench.deployed("2.0.0");
    let newer = bench.environment("staging").live.unwrap().id;
    assert_eq!(bench.back(Some(Choice::Restore)), Outcome::Done);
    assert_eq!(bench.needs(), "1.0.0");
    bench.write("INSERT INTO orders (id, what) VALUES (9001, 'since')");
    let before = bench.facts();
    let workspace = bench.workspace.clone();
    let (environment, to) = ("staging".to_owned(), Some(newer));
    let weigh = Deploy::WeighData {
        workspace: workspace.clone(),
        environment: environment.clone(),
        to,
    };
    assert_eq!(bench.run(weigh), Outcome::Done);
    let weighed = bench.model.deploy.of(&workspace.id).unwrap().weighed["staging"].clone();
    assert!(weighed.migrates && weighed.usual == Some(Choice::Keep), "{weighed:?}");
    let again = Deploy::RollBack {
        workspace,
        environment,
        to,
        data: None,
        confirmed: None,
    };
    assert_eq!(bench.run(again), Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    assert_eq!(bench.needs(), "2.0.0", "they are what the version needs");
    let found: i64 = {
        let db = Connection::open(bench.file()).unwrap();
        db.query_row("SELECT count(*) FROM orders WHERE id = 9001 AND price > 0", (), |row| {
            row.get(0)
        })
        .unwrap()
    };
    assert_eq!(found, 1, "what was written since is still there");
    // The way back from it is one from a newer version.
    assert_eq!(bench.back(None), Outcome::Done);
    assert_eq!(bench.facts(), before);
}

#[test]
fn where_the_old_version_bears_the_new_data_they_stay() {
    let mut bench = bench("good", "compatible = true, ", "strategy = \"rolling\"", "1s");
    bench.filled();
    bench.release("2.0.0", "good");
    bench.deployed("2.0.0");
    bench.write("INSERT INTO orders (id, what) VALUES (9001, 'new')");
    let written = bench.facts();
    assert_eq!(bench.back(None), Outcome::Done);
    assert_eq!(bench.facts(), written, "the default is to keep them");
    bench.release("3.0.0", "broken");
    assert_eq!(problem_of(bench.deploy("3.0.0")).code, "unhealthy");
    assert_eq!(bench.needs(), "3.0.0", "the version before ran on and may have written");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
}

#[test]
fn copies_are_kept_for_so_many_deployments_and_for_the_live_one() {
    let mut bench = bench("good", "keep = 2, ", "", "5s");
    bench.filled();
    for version in ["2.0.0", "3.0.0", "4.0.0"] {
        bench.release(version, "good");
        bench.deployed(version);
    }
    let names: Vec<_> = bench
        .copies()
        .iter()
        .map(|path| path.file_name().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["3.sqlite", "4.sqlite"]);
    // A copy that was changed, or is gone, is never put back.
    let two = bench.copies()[0].clone();
    let workspace = bench.workspace.clone();
    let to = |bench: &Bench, version: &str| {
        let known = bench.model.deploy.of(&bench.workspace.id).unwrap();
        let history = &known.overview.value().unwrap().history;
        history.iter().find(|row| row.version == version).map(|row| row.id)
    };
    let back = |to: Option<i64>| Deploy::RollBack {
        workspace: workspace.clone(),
        environment: "staging".to_owned(),
        to,
        data: Some(Choice::Restore),
        confirmed: None,
    };
    let before = bench.facts();
    let first = to(&bench, "1.0.0");
    assert_eq!(problem_of(bench.run(back(first))).code, "backup-gone");
    let mut bytes = std::fs::read(&two).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&two, bytes).unwrap();
    let second = to(&bench, "2.0.0");
    assert_eq!(problem_of(bench.run(back(second))).code, "backup-changed");
    assert_eq!(bench.facts(), before);
    assert_eq!(version_at(bench.port).as_deref(), Some("4.0.0"), "it came back");
}

/// The data are always those that the running version needs.
fn now(bench: &Bench) -> (Option<String>, usize) {
    let version = version_at(bench.port);
    assert_eq!(
        version.as_deref(),
        Some(bench.needs().as_str()),
        "version and data go together"
    );
    (version, bench.processes().len())
}

#[test]
fn killed_at_any_step_version_and_data_go_together() {
    check_killed(
        bench("good", "", "", "3s"),
        "good",
        &[
            (StepName::Backup, "in_progress"),
            (StepName::Backup, "done"),
            (StepName::Migrate, "in_progress"),
            (StepName::Migrate, "done"),
            (StepName::Start, "in_progress"),
            (StepName::Start, "done"),
            (StepName::Gate, "done"),
        ],
        now,
    );
}

#[test]
fn a_bad_version_killed_while_its_data_are_put_back() {
    check_killed(
        bench("good", "", "", "2s"),
        "broken",
        &[
            (StepName::Gate, "in_progress"),
            (StepName::CleanUp, "done"),
            (StepName::PutBack, "in_progress"),
            (StepName::PutBack, "done"),
            (StepName::Return, "in_progress"),
        ],
        now,
    );
}

#[test]
fn a_migration_that_was_killed_half_way_ends_and_is_taken_back() {
    let mut bench = bench("good", "", "", "5s");
    bench.filled();
    let before = bench.facts();
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap().replace("\"good\"", "\"waits\"");
    std::fs::write(&path, text).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    bench.release("2.0.0", "good");
    let file = bench.file();
    at(&mut bench, "2.0.0", StepName::Migrate, "in_progress", |child| {
        let half = || {
            let db = Connection::open(&file).ok()?;
            db.query_row("SELECT version FROM needs", (), |row| row.get::<_, String>(0))
                .ok()
        };
        while half().as_deref() != Some("half of 2.0.0") {
            std::thread::yield_now();
        }
        child.kill().unwrap();
    });
    assert_eq!(bench.run(Deploy::Recover), Outcome::Done, "{:?}", bench.problems);
    assert_eq!(bench.model.deploy.recovered[0].did, RecoveredBy::Returned);
    assert_eq!(bench.facts(), before);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
}

#[test]
fn a_return_that_was_killed_leaves_version_and_data_together() {
    for (step, state) in [
        (StepName::Backup, "done"),
        (StepName::Restore, "in_progress"),
        (StepName::Restore, "done"),
        (StepName::Start, "in_progress"),
    ] {
        let mut bench = bench("good", "", "", "5s");
        bench.filled();
        bench.release("2.0.0", "good");
        bench.deployed("2.0.0");
        bench.write("INSERT INTO orders (id, what) VALUES (9001, 'new')");
        let written = bench.facts();
        let words = ["deploy", "rollback", "staging", "--restore-data", "--events"];
        kill_during(&mut bench, &words, &[], step, state);
        assert_eq!(bench.run(Deploy::Recover), Outcome::Done, "{:?}", bench.problems);
        let (version, n) = now(&bench);
        assert_eq!(n, 1, "{step:?} {state}");
        if version.as_deref() == Some("2.0.0") {
            assert_eq!(
                bench.facts(),
                written,
                "{step:?} {state}: not even what was written last is lost"
            );
        }
    }
}

/// A copy of a database that a program writes to holds one moment of it.
#[test]
fn a_copy_of_a_database_in_use_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("busy.db");
    let db = Connection::open(&file).unwrap();
    db.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER, filler BLOB); CREATE TABLE b (id INTEGER PRIMARY KEY, n INTEGER)")
        .unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let processes = chantier::adapters::process::Processes::new(
        chantier::adapters::process::ProcessConfig::default(),
        chantier::adapters::masks::Masks::new(),
        chantier::base::Clock::system(),
    );
    let is_over = AtomicBool::new(false);
    let is_over = &is_over;
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            let mut n = 0;
            while !is_over.load(Ordering::SeqCst) {
                n += 1;
                let tx = db.unchecked_transaction().unwrap();
                tx.execute("REPLACE INTO a VALUES (?1 % 300, ?1, randomblob(3000))", [n])
                    .unwrap();
                tx.execute("REPLACE INTO b VALUES (?1 % 300, ?1)", [n]).unwrap();
                tx.commit().unwrap();
            }
            n
        });
        let stop = CancellationToken::new();
        let database = Database::Sqlite(file.clone());
        let mut seen = Vec::new();
        for n in 0..5 {
            let to = folder.path().join(format!("copies/{n}.sqlite"));
            seen.push((runtime.block_on(database.back_up(&to, &processes, &stop)), to));
        }
        is_over.store(true, Ordering::SeqCst);
        writer.join().unwrap();
        for (made, to) in seen {
            let Backup { facts, .. } = made.unwrap();
            assert_eq!(facts.tables["a"].rows, facts.tables["b"].rows, "one moment");
            let copy = Connection::open(&to).unwrap();
            let last = |table: &str| {
                let sql = format!("SELECT coalesce(max(n), 0), coalesce(sum(n), 0) FROM {table}");
                copy.query_row(&sql, (), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
                    .unwrap()
            };
            assert_eq!(last("a"), last("b"), "every row until then");
        }
    });
}

#[test]
fn how_far_a_library_came_with_its_migrations_is_part_of_the_data() {
    let mut bench = bench("good", "", "", "10s");
    bench.filled();
    let before = bench.facts();
    bench.write("PRAGMA user_version = 7");
    assert_ne!(bench.facts(), before);
}

/// What somebody had left as it failed is taken back by the rollback that the hint names: the version that was live, with its rows.
#[test]
fn a_return_from_what_was_left_brings_the_version_before_with_its_data() {
    let mut bench = bench("good", "", "on_failure = \"ask\"", "10s");
    bench.filled();
    for version in ["2.0.0", "3.0.0"] {
        bench.release(version, "good");
    }
    bench.deployed("2.0.0");
    let before = bench.facts();
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replacen("\"{version}\", \"good\"]", "\"{version}\", \"fails\"]", 1),
    )
    .unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    let (id, _) = until_asked(&mut bench, "3.0.0");
    decided(&bench, &["abort"]);
    let problem = problem_of(bench.until(id, |_| false).unwrap());
    assert_eq!(problem.hint.unwrap().key, "deploy-left");
    assert_ne!(bench.facts(), before, "it was left half-way");
    let preview = bench
        .program(&["deploy", "rollback", "staging", "--preview"])
        .output()
        .unwrap();
    let preview = String::from_utf8_lossy(&preview.stdout).into_owned();
    assert!(
        preview.contains("2.0.0") && !preview.contains("stay as they are"),
        "{preview}"
    );
    let seen = bench.refreshed();
    assert_eq!(seen.why.as_ref().map(|why| &*why.key), Some("deploy-why-left"), "{seen:?}");
    let first = seen.returns[0].clone();
    assert!(first.version == "2.0.0" && first.healthy_until.is_some(), "{first:?}");
    // As the page asks for it, by the deployment.
    let workspace = bench.workspace.clone();
    let back = bench.run(Deploy::RollBack {
        workspace,
        environment: "staging".to_owned(),
        to: Some(first.deployment),
        data: None,
        confirmed: None,
    });
    assert_eq!(back, Outcome::Done, "{:?}", bench.problems);
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    assert_eq!((bench.facts(), bench.needs().as_str()), (before, "2.0.0"));
    assert_eq!(bench.refreshed().state, State::Running);
    // Now that it is back, the next return goes further.
    assert_eq!(bench.back(Some(Choice::Restore)), Outcome::Done, "{:?}", bench.problems);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    bench.audit_holds();
}

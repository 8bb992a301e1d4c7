//! The way back rehearsed on a clone: proven with every row, told where it is asked for, and nothing of the clone is left, also after a
//! kill -9 or a wish to stop.

use super::bench::{Bench, free_port, problem_of, version_at};
use super::data::{self, ROWS};
use super::docker;
use super::faults::when;
use super::postgres::{self, Cluster};
use crate::support::cli::git;
use chantier::areas::deploy::rehearsal::{Rehearsal, StageName};
use chantier::areas::deploy::{Command as Deploy, What};
use chantier::base::State;
use chantier::engine::Outcome;

impl Bench {
    fn rehearse_command(&self, version: &str) -> Deploy {
        Deploy::Rehearse {
            workspace: self.workspace.clone(),
            environment: "staging".to_owned(),
            what: What::Version {
                version: version.to_owned(),
            },
        }
    }

    fn rehearse(&mut self, version: &str) -> Outcome {
        let command = self.rehearse_command(version);
        self.run(command)
    }

    fn rehearsed(&mut self) -> Rehearsal {
        self.refreshed().rehearsal.expect("there was a rehearsal")
    }

    /// No process but those of the environment, no folder, no worktree.
    #[track_caller]
    fn no_clone(&self, n_processes: usize) {
        assert_eq!(self.processes().len(), n_processes, "of the environment alone");
        let clone = format!("{}.rehearsal", self.workspace.id.0);
        let folder = self.home().join("data/deployments").join(clone).join("staging");
        assert!(!folder.exists(), "{}", folder.display());
        let worktrees = std::fs::read_dir(self.home().join("cache/worktrees"))
            .into_iter()
            .flatten()
            .flatten();
        let left: Vec<_> = worktrees.map(|entry| entry.file_name()).collect();
        assert!(left.is_empty(), "{left:?}");
        if self.workspace.root.join(".git").exists() {
            let listed = git(&self.workspace.root, &["worktree", "list", "--porcelain"]);
            assert_eq!(listed.matches("worktree ").count(), 1, "{listed}");
        }
    }

    fn says(&self, words: &[&str]) -> String {
        let output = self.program(words).output().unwrap();
        super::faults::text_of(&output)
    }
}

fn states(rehearsal: &Rehearsal) -> Vec<(StageName, State)> {
    rehearsal.stages.iter().map(|stage| (stage.name, stage.state)).collect()
}

#[test]
fn the_way_back_is_proven_on_a_clone_and_told_where_one_deploys() {
    let mut bench = data::bench("good", "", "", "5s");
    bench.filled();
    let before = bench.facts();
    bench.release("2.0.0", "good");
    assert!(bench.says(&["deploy", "list"]).contains("Rollback unproven"));
    assert_eq!(bench.rehearse("2.0.0"), Outcome::Done, "{:?}", bench.problems);

    let rehearsal = bench.rehearsed();
    let done = |name| (name, State::Done);
    assert_eq!(
        states(&rehearsal),
        [
            StageName::Clone,
            StageName::Now,
            StageName::Next,
            StageName::Back,
            StageName::Compare,
            StageName::Remove
        ]
        .map(done)
    );
    let orders = rehearsal.tables.iter().find(|table| table.name == "orders").unwrap();
    let rows = ROWS as u64;
    let told = (orders.before, orders.between, orders.after, orders.is_same, orders.is_written);
    assert_eq!(told, (Some(rows), Some(rows - rows / 7), Some(rows), true, false));
    // The environment is as it was.
    assert_eq!(bench.facts(), before);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    let environment = bench.refreshed();
    assert_eq!((environment.state, environment.locked_by), (State::Running, None));
    let known = bench.model.deploy.of(&bench.workspace.id).unwrap();
    let overview = known.overview.value().unwrap();
    assert_eq!(
        overview.history.len(),
        1,
        "what happened on the clone is no history of the environment"
    );
    let acts: Vec<&str> = overview.audit.iter().map(|entry| entry.act.as_str()).collect();
    assert!(
        acts.contains(&"rehearse.begin") && acts.contains(&"rehearse.done"),
        "{acts:?}"
    );
    bench.no_clone(1);

    for words in [&["deploy", "list"][..], &["deploy", "run", "staging", "2.0.0", "--preview"]] {
        let said = bench.says(words);
        assert!(said.contains("Rollback 2.0.0 → 1.0.0 proven"), "{words:?}: {said}");
    }
    bench.deployed("2.0.0");
    let live = bench.refreshed().live.unwrap().id.to_string();
    let said = bench.says(&["deploy", "show", &live]);
    assert!(said.contains("Rollback 2.0.0 → 1.0.0 proven"), "{said}");
    // The steps on the clone can be looked at too.
    let on_clone = rehearsal.stages[2].deployment.unwrap().to_string();
    let said = bench.says(&["deploy", "show", &on_clone]);
    assert!(said.contains("Migrate the data") && said.contains("Health gates"), "{said}");
    // Other settings are another way back.
    bench.release("3.0.0", "good");
    let said = bench.says(&["deploy", "run", "staging", "3.0.0", "--preview"]);
    assert!(said.contains("Rollback unproven; 2.0.0 → 1.0.0 was proven"), "{said}");
    bench.audit_holds();
}

#[test]
fn a_version_that_does_not_hold_fails_on_the_clone_alone() {
    let mut bench = data::bench("good", "", "", "1s");
    bench.filled();
    let before = bench.facts();
    bench.release("2.0.0", "broken");
    let problem = problem_of(bench.rehearse("2.0.0"));
    assert_eq!(problem.code, "unhealthy");
    assert_eq!(problem.hint.unwrap().key, "deploy-rehearsal-failed-hint");
    let rehearsal = bench.rehearsed();
    assert_eq!(rehearsal.state, State::Failed);
    assert!(states(&rehearsal).contains(&(StageName::Next, State::Failed)));
    assert!(states(&rehearsal).contains(&(StageName::Remove, State::Done)));
    assert_eq!(bench.refreshed().rollback.unwrap().state, State::Failed);
    assert_eq!(bench.facts(), before);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    bench.no_clone(1);
}

/// Where the version before is said to bear the changed data, that is tried first.
#[test]
fn what_is_called_compatible_is_held_to_it() {
    let mut bench = data::bench("good", "compatible = true, ", "strategy = \"rolling\"", "5s");
    bench.filled();
    bench.release("2.0.0", "good");
    assert_eq!(bench.rehearse("2.0.0"), Outcome::Done, "{:?}", bench.problems);
    let rehearsal = bench.rehearsed();
    assert!(states(&rehearsal).contains(&(StageName::Bear, State::Done)));
    assert!(rehearsal.tables.iter().all(|table| table.is_same));
    bench.no_clone(1);
}

#[test]
fn without_data_the_versions_alone_are_tried() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    let nothing = problem_of(bench.rehearse("1.0.0"));
    assert_eq!(nothing.summary.key, "deploy-rehearsal-nothing");
    bench.deployed("1.0.0");
    assert_eq!(problem_of(bench.rehearse("1.0.0")).code, "same-version");
    bench.release("2.0.0", "good");
    assert_eq!(bench.rehearse("2.0.0"), Outcome::Done, "{:?}", bench.problems);
    assert!(bench.rehearsed().tables.is_empty());
    bench.no_clone(1);
}

#[test]
fn a_rehearsal_that_is_stopped_leaves_nothing() {
    let mut bench = data::bench("good", "", "", "30s");
    bench.filled();
    bench.release("2.0.0", "broken");
    let command = bench.rehearse_command("2.0.0");
    let id = bench.start(command);
    let clone = chantier::base::WorkspaceId(format!("{}.rehearsal", bench.workspace.id));
    let ended = bench.until(id, |model| {
        let rollout = model.deploy.of(&clone).and_then(|known| known.rollout("staging"));
        rollout.is_some_and(|rollout| rollout.version == "2.0.0" && rollout.gates.iter().any(|gate| gate.n_tries > 1))
    });
    assert_eq!(ended, None, "it waits at its gates");
    bench.session().link.cancel(id);
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Cancelled));
    assert_eq!(bench.rehearsed().state, State::Cancelled);
    assert_eq!(bench.refreshed().rollback.unwrap().state, State::None, "it says nothing");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    bench.no_clone(1);
}

#[test]
fn a_killed_rehearsal_is_removed_by_the_next_start() {
    let mut bench = data::bench("good", "", "", "5s");
    bench.filled();
    bench.release_commit("2.0.0");
    let before = bench.facts();
    for (i, mark) in [
        "\"name\":\"clone\",\"state\":\"in_progress\"",
        "\"name\":\"clone\",\"state\":\"done\"",
        "\"name\":\"start\",\"state\":\"in_progress\"",
        "\"name\":\"now\",\"state\":\"done\"",
        "\"name\":\"migrate\",\"state\":\"in_progress\"",
        "\"name\":\"next\",\"state\":\"done\"",
        "\"name\":\"restore\",\"state\":\"in_progress\"",
        "\"name\":\"remove\",\"state\":\"in_progress\"",
    ]
    .into_iter()
    .enumerate()
    {
        let words = ["deploy", "rehearse", "staging", "2.0.0", "--events"];
        when(&mut bench, &words, &[], mark, |child| child.kill().unwrap());
        if i % 2 == 0 {
            assert_eq!(bench.run(Deploy::Recover), Outcome::Done, "{mark}: {:?}", bench.problems);
            assert!(bench.model.deploy.recovered.is_empty(), "no environment was left half-way");
            // It may have come to its end before the signal did.
            let state = bench.rehearsed().state;
            assert!(matches!(state, State::Interrupted | State::Done), "{mark}: {state:?}");
        } else {
            // Or by the next one that rehearses.
            assert_eq!(bench.rehearse("2.0.0"), Outcome::Done, "{mark}: {:?}", bench.problems);
        }
        bench.no_clone(1);
        assert_eq!(bench.facts(), before, "{mark}");
        assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"), "{mark}");
        assert_eq!(bench.refreshed().state, State::Running);
    }
    bench.audit_holds();
}

#[test]
fn what_a_clone_would_share_is_refused_with_the_place() {
    let check = |lines: &str, target: &str, key: &str| {
        let port = free_port();
        let here = "kind = \"process\"\nrun = [\"{artifact:app}\"]\nport = PORT";
        let target = if target.is_empty() { here } else { target };
        let text = format!(
            "[[artifact]]\nname = \"app\"\npath = \"app\"\n[[environment]]\nname = \"staging\"\n{lines}\n[environment.target]\n{target}\n"
        );
        let text = text.replace("PORT", &port.to_string());
        let plain = format!(
            "[[artifact]]\nname = \"app\"\npath = \"app\"\n[[environment]]\nname = \"staging\"\n[environment.target]\n{here}\n"
        );
        let mut bench = Bench::of(&plain.replace("PORT", &port.to_string()), port, "");
        bench.release("1.0.0", "good");
        bench.deployed("1.0.0");
        bench.release("2.0.0", "good");
        let root = bench.workspace.root.display().to_string();
        std::fs::write(bench.workspace.root.join("chantier.toml"), text.replace("ROOT", &root)).unwrap();
        let workspace = bench.workspace.clone();
        bench.session().world.trust().trust(&workspace).unwrap();
        let problem = problem_of(bench.rehearse("2.0.0"));
        assert_eq!(problem.summary.key, key, "{lines} {target}: {problem:?}");
        assert_eq!(problem.code, "no-clone");
        bench.no_clone(1);
    };
    check("env = { LISTEN = \"127.0.0.1:PORT\" }", "", "deploy-rehearsal-port");
    check("env = { DATA = \"ROOT/data\" }", "", "deploy-rehearsal-data");
    check(
        "env = { DATABASE_URL = \"postgresql://shop@127.0.0.1/shop\" }\ndatabase = { kind = \"postgres\", name = \"shop\" }",
        "",
        "deploy-rehearsal-data",
    );
    check("", "kind = \"ssh\"\nhost = \"far\"\nrun = [\"app\"]", "deploy-rehearsal-ssh");
    check(
        "",
        "kind = \"docker\"\nimage = \"shop\"\nvolumes = [\"shop:/data\"]",
        "deploy-rehearsal-docker-shared",
    );
}

#[test]
fn postgresql_is_rehearsed_in_a_database_that_goes_again() {
    let Some(cluster) = Cluster::start() else { return };
    let mut bench = postgres::bench(&cluster);
    bench.well(&["deploy", "run", "staging", "1.0.0"]);
    cluster.ask("INSERT INTO orders (what) SELECT 'order ' || n FROM generate_series(1, 500) n");
    let before = cluster.dump();
    let databases = || cluster.ask("SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database");
    let there = databases();
    bench.open();
    bench.release("2.0.0", "good");
    bench.close();
    let said = bench.well(&["deploy", "rehearse", "staging", "2.0.0"]);
    assert!(said.contains("Rollback 2.0.0 → 1.0.0 proven"), "{said}");
    assert!(said.contains("public.orders"), "{said}");
    assert_eq!(cluster.dump(), before);
    assert_eq!(databases(), there);
    bench.no_clone(1);
    postgres::no_secret_below(&bench.home());
    // Killed where its migration runs.
    for mark in [
        "\"name\":\"clone\",\"state\":\"in_progress\"",
        "\"name\":\"migrate\",\"state\":\"in_progress\"",
        "\"name\":\"back\",\"state\":\"done\"",
    ] {
        let words = ["deploy", "rehearse", "staging", "2.0.0", "--events"];
        let secret = [("SHOP_PASSWORD", postgres::PASSWORD)];
        when(&mut bench, &words, &secret, mark, |child| child.kill().unwrap());
        bench.close();
        bench.well(&["deploy", "recover"]);
        assert_eq!(databases(), there, "{mark}");
        assert_eq!(cluster.dump(), before, "{mark}");
        bench.no_clone(1);
    }
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    bench.open();
}

#[test]
fn containers_are_rehearsed_beside_those_that_run() {
    let target = format!("image = \"IMAGE:base\"\n{}\n{}", docker::SERVE, docker::CHECKS);
    let Some((mut bench, made)) = docker::bench("", &target) else {
        return;
    };
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    bench.release("2.0.0", "good");
    let before = made.containers();
    assert_eq!(bench.rehearse("2.0.0"), Outcome::Done, "{:?}", bench.problems);
    assert_eq!(made.containers(), before);
    bench.release("3.0.0", "good");
    problem_of(bench.rehearse("3.0.0"));
    assert_eq!(made.containers(), before);
    let words = ["deploy", "rehearse", "staging", "2.0.0", "--events"];
    let mark = "\"name\":\"next\",\"state\":\"done\"";
    when(&mut bench, &words, &[], mark, |child| child.kill().unwrap());
    assert!(made.containers().len() > before.len(), "a killed program leaves them");
    assert_eq!(bench.run(Deploy::Recover), Outcome::Done);
    assert_eq!(made.containers(), before);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(bench.stop(), Outcome::Done);
}

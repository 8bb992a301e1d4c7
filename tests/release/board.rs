//! The readiness board beside what forbids a release, and rehearsals, on real repositories.

use super::{Bench, PROJECT};
use chantier::areas::release::{Check, Command as Release, Readiness, Wish};
use chantier::base::{State, Target};
use chantier::engine::Outcome;

fn lock(packages: &[(&str, &str)]) -> String {
    let own = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.2.0\"\n";
    let one = |(name, version): &(&str, &str)| {
        format!("\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"registry+x\"\n")
    };
    packages.iter().map(one).fold(own.to_owned(), |text, one| text + &one)
}

fn found<'a>(readiness: &'a Readiness, name: &str) -> &'a Check {
    let key = format!("release-check-{name}");
    let check = readiness.checks.iter().find(|check| check.name.key == key);
    check.unwrap_or_else(|| panic!("{name}: {:#?}", readiness.checks))
}

#[test]
fn the_board_tells_what_came_since_the_last_version() {
    let mut bench = Bench::new();
    bench.write("Cargo.lock", &lock(&[("left", "1.0.0"), ("moved", "1.0.0")]));
    bench.write("a", "x // TODO: old\n");
    bench.commit("chore: packages");
    bench.git(&["tag", "-f", "-a", "v0.2.0", "-m", "again"]);
    bench.write("Cargo.lock", &lock(&[("moved", "1.1.0"), ("new", "0.3.1")]));
    bench.write("b", "x // TODO: old\n// TODO: really\nTODOS are no TODOLIST\n");
    bench.write("a", "x\n");
    std::fs::create_dir_all(bench.root().join("db/migrations")).unwrap();
    bench.write("db/migrations/0002_more.sql", "SELECT 1;\n");
    std::fs::create_dir_all(bench.root().join(".chantier/plan")).unwrap();
    bench.write(
        ".chantier/plan/AP-1.md",
        "---\nid: AP-1\ntitle: Greet\nstate: ready\nmilestone: 0.3\n---\n",
    );
    bench.write(
        ".chantier/plan/AP-2.md",
        "---\nid: AP-2\ntitle: \"0.3\"\ntype: milestone\nstate: ready\n---\n",
    );
    bench.commit("feat: more");
    let readiness = bench.prepare(Wish::Commits);
    assert_eq!(readiness.next.as_ref().unwrap().version, "0.3.0");
    let bill = readiness.bill.as_ref().unwrap();
    let told = |list: &[chantier::areas::release::Renewed]| -> Vec<String> {
        list.iter().map(|one| format!("{} {}", one.name, one.told())).collect()
    };
    assert_eq!(told(&bill.added), ["new 0.3.1"]);
    assert_eq!(told(&bill.updated), ["moved 1.0.0 → 1.1.0"]);
    assert_eq!(told(&bill.removed), ["left 1.0.0"]);
    let todos = found(&readiness, "todos");
    assert_eq!(todos.state, State::Degraded);
    let args = format!("{:?}", todos.found.args);
    assert!(
        args.contains("b:2") && args.contains("Number(1"),
        "one moved, one is new: {args}"
    );
    let migrations = found(&readiness, "migrations");
    assert!(format!("{:?}", migrations.found).contains("0002_more.sql"));
    let items = found(&readiness, "items");
    assert!(
        matches!(&items.target, Some(Target::Item { id, .. }) if id == "AP-1"),
        "{items:?}"
    );
    assert_eq!(found(&readiness, "flaky").state, State::None);
    assert_eq!(found(&readiness, "rehearsal").state, State::None);
    assert!(readiness.can_release(), "what is worth knowing forbids nothing");
    assert!(
        !readiness
            .checks
            .iter()
            .any(|check| check.name.key == "release-check-advisories"),
        "no database is here"
    );
}

#[test]
fn advisories_of_a_database_on_the_machine_are_told() {
    let mut bench = Bench::new();
    let database = bench.folder.path().canonicalize().unwrap().join("advisory-db");
    let advise = |package: &str, id: &str, head: &str, patched: &str| {
        let folder = database.join("crates").join(package);
        std::fs::create_dir_all(&folder).unwrap();
        let text = format!(
            "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{package}\"\ndate = \"2026-01-01\"\n{head}\n[versions]\npatched = [{patched}]\n```\n\n# Reads too far in {package}\n\nWords.\n"
        );
        std::fs::write(folder.join(format!("{id}.md")), text).unwrap();
    };
    advise("bad", "RUSTSEC-2026-0001", "", "\">= 1.0.1\"");
    advise("bad", "RUSTSEC-2026-0002", "withdrawn = \"2026-02-01\"", "");
    advise("mended", "RUSTSEC-2026-0003", "", "\">= 2.0.0\"");
    advise("alone", "RUSTSEC-2026-0004", "informational = \"unmaintained\"", "");
    advise("absent", "RUSTSEC-2026-0005", "", "");
    bench.write(
        "Cargo.lock",
        &lock(&[("bad", "1.0.0"), ("mended", "2.0.0"), ("alone", "1.0.0")]),
    );
    bench.write(
        "chantier.toml",
        &format!("{PROJECT}advisories = \"{}\"\n", database.display()),
    );
    bench.commit("feat: packages");
    let readiness = bench.prepare(Wish::Commits);
    let check = found(&readiness, "advisories");
    assert_eq!(check.state, State::Degraded);
    let args = format!("{:?} {:?}", check.found.args, check.hint);
    assert!(args.contains("bad 1.0.0: Reads too far in bad"), "{args}");
    assert!(args.contains("RUSTSEC-2026-0001, RUSTSEC-2026-0004"), "{args}");
    bench.write("Cargo.lock", &lock(&[("bad", "1.0.1")]));
    bench.commit("fix: packages");
    assert_eq!(found(&bench.prepare(Wish::Commits), "advisories").state, State::Done);
}

impl Bench {
    fn rehearse(&mut self) -> Outcome {
        let workspace = self.workspace.clone();
        self.run(Release::Rehearse {
            workspace,
            wish: Wish::Commits,
            package: None,
        })
    }
}

#[test]
fn a_rehearsal_does_everything_but_what_others_see() {
    let mut bench = Bench::with_steps();
    let before = bench.state();
    assert_eq!(bench.rehearse(), Outcome::Done);
    assert_eq!(bench.state(), before);
    assert!(!bench.has_staged(), "its files stood elsewhere");
    assert_eq!(
        bench.git(&["worktree", "list", "--porcelain"]).matches("worktree ").count(),
        1
    );
    assert_eq!((bench.tags_of("origin").as_str(), bench.tags_of("mirror").as_str()), ("", ""));
    let readiness = bench.prepare(Wish::Commits);
    assert_eq!(readiness.unfinished, None);
    let rehearsed = readiness.rehearsed.clone().unwrap();
    assert_eq!(
        (rehearsed.version.as_str(), rehearsed.head.as_str()),
        ("0.3.0", readiness.head.as_str())
    );
    let states: Vec<(&str, State)> = rehearsed.steps.iter().map(|step| (step.name.as_str(), step.state)).collect();
    let skipped: Vec<&str> = states
        .iter()
        .filter(|(_, state)| *state == State::Skipped)
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(
        skipped,
        ["smoke", "tag", "publish", "record"],
        "nothing of it is written down"
    );
    assert!(
        states
            .iter()
            .all(|(name, state)| *name == "record" || matches!(state, State::Done | State::Skipped)),
        "{states:?}"
    );
    assert_eq!(found(&readiness, "rehearsal").state, State::Done);

    bench.write("broken", "yes");
    bench.commit("test: a build that fails");
    assert_eq!(found(&bench.prepare(Wish::Commits), "rehearsal").state, State::Stale);
    let before = bench.state();
    assert!(matches!(bench.rehearse(), Outcome::Failed { .. }));
    assert_eq!(bench.state(), before);
    assert_eq!(
        bench.git(&["worktree", "list", "--porcelain"]).matches("worktree ").count(),
        1
    );
    let readiness = bench.prepare(Wish::Commits);
    assert_eq!(readiness.rehearsed.as_ref().unwrap().failed.as_deref(), Some("build"));
    assert_eq!(found(&readiness, "rehearsal").state, State::Degraded);
}

/// The usual thing of a library: its lock file lies in the work tree and is of no commit, so there is nothing to compare.
#[test]
fn a_lock_file_that_git_does_not_keep_is_compared_with_none() {
    let mut bench = Bench::new();
    bench.write(".gitignore", "Cargo.lock\npackage-lock.json\n");
    bench.commit("chore: no lock file");
    bench.git(&["tag", "-f", "-a", "v0.2.0", "-m", "again"]);
    bench.write("Cargo.lock", &lock(&[("left", "1.0.0"), ("moved", "1.0.0")]));
    bench.write("b", "x\n");
    bench.commit("feat: more");
    let readiness = bench.prepare(Wish::Commits);
    assert_eq!(readiness.bill, None);
    let packages = found(&readiness, "packages");
    assert_eq!(
        (packages.state, &*packages.found.key),
        (State::None, "release-check-packages-none")
    );
    assert!(readiness.can_release(), "{:#?}", readiness.checks);
}

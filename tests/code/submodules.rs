//! Submodules: what git says of them, and acts on them that run nothing and lose nothing.

use super::fixture::{Fixture, path};
use super::jobs::Bench;
use super::page_branching::Front;
use crate::support::cli::{Home, git};
use chantier::areas::code::act::Act;
use chantier::areas::code::trees::Ask;
use chantier::areas::code::{Command, Update};
use chantier::areas::{Event, Update as Any};
use chantier::base::diff::{DiffContent, DiffLook, DiffOf, SubmoduleCommit};
use chantier::base::git_act::{GitAct, ResetMode};
use chantier::base::repo::Which;
use chantier::base::trees::{SubmoduleAct, SubmoduleRow, SubmoduleState as S};
use chantier::engine::{Event as EngineEvent, Outcome};
use egui_kittest::kittest::Queryable;
use std::path::{Path, PathBuf};

const LOCAL: [&str; 2] = ["-c", "protocol.file.allow=always"];

/// A repository beside the fixture's, with so many commits.
fn upstream(fixture: &Fixture, name: &str, n: usize) -> PathBuf {
    let at = fixture.dir.path().canonicalize().unwrap().join(name);
    std::fs::create_dir(&at).unwrap();
    fixture.run_in(&at, &["init", "-q", "-b", "main"]);
    more(fixture, &at, 0..n);
    at
}

fn more(fixture: &Fixture, at: &Path, which: std::ops::Range<usize>) {
    for n in which {
        std::fs::write(at.join("file"), format!("{n}\n")).unwrap();
        fixture.run_in(at, &["add", "-A"]);
        let author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
        fixture.run_in(at, &[&author[..], &["commit", "-q", "-m", &format!("number {n}")]].concat());
    }
}

fn add(fixture: &Fixture, url: &Path, at: &str) {
    fixture.run(&[&LOCAL[..], &["submodule", "add", "-q", url.to_str().unwrap(), at]].concat());
}

fn rows(fixture: &Fixture) -> Vec<SubmoduleRow> {
    let mut rows = fixture.git.submodules(&fixture.root).unwrap();
    for row in &mut rows {
        fixture.git.look_at_submodule(&fixture.root, row).unwrap();
    }
    rows
}

/// The letters that git's status and its list of submodules have for the states.
fn letters(fixture: &Fixture, row: &SubmoduleRow) -> (char, String) {
    let name = row.path.display();
    let list = fixture.text(&["submodule", "status", "--", &name]);
    // git's helper leaves the first blank away.
    let mark = list.chars().next().filter(|mark| "+-U".contains(*mark)).unwrap_or(' ');
    let status = fixture.text(&["status", "--porcelain=v2", "--ignore-submodules=none", "--", &name]);
    let letters = status
        .lines()
        .find(|line| line.starts_with('1'))
        .and_then(|line| line.split(' ').nth(2));
    (mark, letters.unwrap_or("S...").to_owned())
}

#[test]
fn the_states_are_those_that_git_tells() {
    let fixture = Fixture::new();
    let lib = upstream(&fixture, "lib", 3);
    for at in ["same", "moved", "changed", "strange", "all", "empty"] {
        add(&fixture, &lib, at);
    }
    fixture.commit_all("with submodules");
    for at in ["moved", "all"] {
        fixture.run_in(&fixture.path(at), &["checkout", "-q", "HEAD~1"]);
    }
    for at in ["changed", "all"] {
        fixture.write(format!("{at}/file"), "changed\n");
    }
    for at in ["strange", "all"] {
        fixture.write(format!("{at}/new"), "x");
    }
    fixture.run(&["submodule", "deinit", "-q", "-f", "empty"]);
    let rows = rows(&fixture);
    assert_eq!(rows.len(), 6);
    for row in &rows {
        let (mark, letters) = letters(&fixture, row);
        let is = |state, letter: char| row.has(state) == letters.contains(letter);
        assert_eq!(mark == '-', row.has(S::NotInitialised), "{row:?}");
        if mark != '-' {
            assert!(
                is(S::NewCommits, 'C') && is(S::Modified, 'M') && is(S::Untracked, 'U'),
                "{row:?} {letters}"
            );
        }
        assert_eq!(
            row.recorded,
            Some(fixture.text(&["rev-parse", &format!(":{}", row.path.display())]))
        );
        assert_eq!(row.url, lib.to_str().unwrap());
    }
    let states = |name: &str| &rows.iter().find(|row| row.path == path(name)).unwrap().states;
    assert!(states("same").is_empty());
    assert_eq!(*states("all"), [S::NewCommits, S::Modified, S::Untracked]);
    // A recorded commit that nobody has, one in `.gitmodules` only, one that nobody told the address of.
    let entry = |at: &str| format!("160000,{},{at}", "1".repeat(40));
    fixture.run(&["update-index", "--cacheinfo", &entry("same")]);
    fixture.run(&["update-index", "--add", "--cacheinfo", &entry("nowhere")]);
    fixture.run(&["config", "-f", ".gitmodules", "submodule.only.path", "only"]);
    let rows = self::rows(&fixture);
    let states = |name: &str| &rows.iter().find(|row| row.path == path(name)).unwrap().states;
    assert_eq!(*states("same"), [S::MissingCommit, S::NewCommits]);
    assert_eq!(*states("only"), [S::NotRecorded]);
    assert_eq!(*states("nowhere"), [S::NotInitialised]);
}

#[test]
fn the_difference_of_a_submodule_is_the_commits_between() {
    let fixture = Fixture::new();
    let lib = upstream(&fixture, "lib", 2);
    add(&fixture, &lib, "sub");
    fixture.commit_all("one");
    more(&fixture, &lib, 2..5);
    let inside = fixture.path("sub");
    fixture.run_in(&inside, &["reset", "-q", "--hard", "HEAD~1"]);
    fixture.run_in(&inside, &[&LOCAL[..], &["pull", "-q"]].concat());
    fixture.run_in(&inside, &["reset", "-q", "--hard", "HEAD~1"]);
    let commits = |of: &DiffOf| {
        let diff = fixture
            .git
            .diff(&fixture.root, of, &path("sub"), None, DiffLook::default(), false)
            .unwrap();
        let DiffContent::Submodule { commits, n_unlisted, .. } = diff.content else {
            panic!("{:?}", diff.content);
        };
        assert_eq!(n_unlisted, 0);
        let words = |commit: &SubmoduleCommit| format!("{}{}", if commit.is_removed { '<' } else { '>' }, commit.summary);
        commits.iter().map(words).collect::<Vec<_>>()
    };
    assert_eq!(commits(&DiffOf::Unstaged), [">number 3", ">number 2"]);
    assert_eq!(commits(&DiffOf::Both), [">number 3", ">number 2"]);
    let theirs = fixture.text(&["diff", "--submodule=log"]);
    let theirs: Vec<&str> = theirs.lines().skip(1).map(str::trim).collect();
    assert_eq!(theirs, ["> number 3", "> number 2"]);
    let two = fixture.commit_all("two");
    assert_eq!(commits(&DiffOf::Commit { oid: two.clone() }), [">number 3", ">number 2"]);
    // Back again, also when it is not checked out any more.
    fixture.run(&["submodule", "deinit", "-q", "-f", "sub"]);
    let back = DiffOf::Between {
        from: two,
        to: Some("HEAD~1".to_owned()),
    };
    assert_eq!(commits(&back), ["<number 3", "<number 2"]);
}

fn bench() -> (Bench, PathBuf) {
    let bench = Bench::trusted();
    let lib = upstream(&bench.fixture, "lib", 2);
    add(&bench.fixture, &lib, "sub");
    bench.fixture.commit_all("one");
    // As it is after a clone.
    bench.fixture.run(&["submodule", "deinit", "-q", "-f", "sub"]);
    (bench, lib)
}

fn act(bench: &mut Bench, act: SubmoduleAct) -> Outcome {
    let command = Act::Submodule(act).on(&bench.workspace);
    bench.run(command)
}

fn update(paths: &[&str]) -> SubmoduleAct {
    SubmoduleAct::Update {
        paths: paths.iter().map(path).collect(),
        is_recursive: true,
        takes_newest: false,
    }
}

#[test]
fn submodules_are_initialised_emptied_and_their_changes_come_back() {
    let (mut bench, _) = bench();
    // The repository is in `.git/modules`: nothing has to be fetched.
    assert_eq!(act(&mut bench, update(&[])), Outcome::Done);
    assert!(bench.fixture.path("sub/file").exists());
    bench.fixture.write("sub/file", "precious\n");
    bench.fixture.write("sub/new/deep", "precious too\n");
    let deinit = |is_forced| SubmoduleAct::Deinit {
        paths: vec![path("sub")],
        is_forced,
    };
    let refused = Act::Submodule(deinit(false)).on(&bench.workspace);
    assert_eq!(bench.refused(refused).code, "dirty");
    assert_eq!(bench.fixture.read("sub/file"), b"precious\n");
    assert_eq!(act(&mut bench, deinit(true)), Outcome::Done);
    assert!(!bench.fixture.path("sub/file").exists());
    assert_eq!(act(&mut bench, update(&["sub"])), Outcome::Done);
    assert_eq!(bench.fixture.read("sub/file"), b"1\n");
    // Its own timeline has the changes; opening it as a workspace shows that.
    let top = bench.fixture.path("sub");
    bench.workspace = chantier::base::Workspace::at(&top);
    bench.session.world.trust().trust(&bench.workspace).unwrap();
    let last = bench.session.world.git().undo_list(&top).unwrap();
    let reset = last.iter().find(|entry| entry.n_paths == 2).unwrap();
    let back = Act::TakeBack {
        which: Which::Entry { id: reset.id },
        is_forced: false,
    };
    let command = back.on(&bench.workspace);
    assert_eq!(bench.run(command), Outcome::Done);
    assert_eq!(bench.fixture.read("sub/file"), b"precious\n");
    assert_eq!(bench.fixture.read("sub/new/deep"), b"precious too\n");
}

#[test]
fn a_commit_on_no_branch_stays_in_the_submodules_timeline() {
    let (mut bench, lib) = bench();
    assert_eq!(act(&mut bench, update(&[])), Outcome::Done);
    let inside = bench.fixture.path("sub");
    more(&bench.fixture, &inside, 7..8);
    let own = git(&inside, &["rev-parse", "HEAD"]);
    assert_eq!(act(&mut bench, update(&[])), Outcome::Done);
    assert_ne!(git(&inside, &["rev-parse", "HEAD"]), own);
    let entries = bench.session.world.git().undo_list(&inside).unwrap();
    assert_eq!(entries[0].moves[0].name, "HEAD");
    git(&inside, &["reflog", "expire", "--expire=now", "--all"]);
    git(&inside, &["gc", "-q", "--prune=now"]);
    git(&inside, &["cat-file", "-e", own.trim()]);
    // From a folder of this machine git fetches nothing unless it is told to.
    more(&bench.fixture, &lib, 2..3);
    let newest = git(&lib, &["rev-parse", "HEAD"]);
    let entry = format!("160000,{},sub", newest.trim());
    bench.fixture.run(&["update-index", "--cacheinfo", &entry]);
    let command = Act::Submodule(update(&[])).on(&bench.workspace);
    assert_eq!(bench.refused(command).code, "file-protocol");
    let other = SubmoduleAct::Add {
        url: lib.to_str().unwrap().to_owned(),
        path: "other".into(),
        branch: None,
    };
    let command = Act::Submodule(other).on(&bench.workspace);
    assert_eq!(bench.refused(command).code, "file-protocol");
}

#[test]
fn row_38_addresses_that_run_programs_are_never_used() {
    let mut bench = Bench::trusted();
    let marker = bench.fixture.dir.path().join("marker");
    let (ext, option) = (
        format!("ext::sh -c touch% {}", marker.display()),
        format!("--upload-pack=touch {}", marker.display()),
    );
    // Somebody allowed it for all: a submodule's address is another's choice.
    bench.fixture.run(&["config", "protocol.ext.allow", "always"]);
    let mut modules = String::new();
    for (at, url, more) in [
        ("ext", ext.as_str(), ""),
        ("option", option.as_str(), ""),
        ("update", "https://example.org/x.git", "\tupdate = !touch marker\n"),
    ] {
        modules.push_str(&format!("[submodule \"{at}\"]\n\tpath = {at}\n\turl = \"{url}\"\n{more}"));
        let entry = format!("160000,{},{at}", "1".repeat(40));
        bench.fixture.run(&["update-index", "--add", "--cacheinfo", &entry]);
    }
    bench.fixture.write(".gitmodules", modules);
    let rows = rows(&bench.fixture);
    assert!(rows.len() == 3 && rows.iter().all(|row| row.is_hostile), "{rows:?}");
    for paths in [&[][..], &["ext"], &["option"], &["update"]] {
        let command = Act::Submodule(update(paths)).on(&bench.workspace);
        assert_eq!(bench.refused(command).code, "bad-address");
        let paths: Vec<_> = paths.iter().map(path).collect();
        for act in [
            SubmoduleAct::Init { paths: paths.clone() },
            SubmoduleAct::Sync { paths: paths.clone() },
        ] {
            let command = Act::Submodule(act).on(&bench.workspace);
            assert_eq!(bench.refused(command).code, "bad-address");
        }
    }
    for url in [&ext, &option, "fd::7", "a\nb"] {
        let add = SubmoduleAct::Add {
            url: url.to_owned(),
            path: "new".into(),
            branch: None,
        };
        let command = Act::Submodule(add).on(&bench.workspace);
        assert_eq!(bench.refused(command).code, "bad-address", "{url}");
    }
    assert!(!marker.exists() && !bench.fixture.path("marker").exists());
    // In an untrusted workspace nothing is done at all; looking is fine.
    let mut bench = Bench::new();
    let command = Act::Submodule(update(&[])).on(&bench.workspace);
    assert_eq!(bench.refused(command).code, "untrusted");
}

#[test]
fn submodules_are_read_only_when_they_are_looked_at() {
    let (mut bench, _) = bench();
    let told = |event: &Event| match event {
        EngineEvent::Update(Any::Code(Update::Trees { news, .. })) => Some(format!("{news:?}")),
        _ => None,
    };
    let refresh = Command::Refresh {
        workspace: bench.workspace.clone(),
    };
    let id = bench.session.link.start(refresh.into());
    bench.until(|event| {
        assert_eq!(told(event), None);
        match event {
            EngineEvent::Job(job, chantier::engine::JobEvent::Ended { .. }) if *job == id => Some(()),
            _ => None,
        }
    });
    let ask = Command::Ask {
        workspace: bench.workspace.clone(),
        ask: Ask::Submodules,
    };
    bench.session.link.start(ask.into());
    bench.until(|event| told(event).filter(|news| news.contains("NotInitialised")));
}

#[test]
fn submodules_from_the_command_line() {
    let fixture = Fixture::new();
    let lib = upstream(&fixture, "lib", 2);
    let home = Home::new();
    let dir = home.sample();
    git(
        &dir,
        &[&LOCAL[..], &["submodule", "add", "-q", lib.to_str().unwrap(), "libs/one"]].concat(),
    );
    git(&dir, &["commit", "-qm", "with a submodule"]);
    more(&fixture, &dir.join("libs/one"), 5..6);
    let list = home.call_in(&dir, &["code", "submodule", "list", "--json"]).ok().json();
    assert_eq!(list["result"]["submodules"][0]["states"], serde_json::json!(["new_commits"]));
    let diff = home.call_in(&dir, &["code", "diff"]).ok().out;
    assert!(diff.contains("> ") && diff.contains("number 5"), "{diff}");
    home.call_in(&dir, &["code", "submodule", "update", "libs/one"]).ok();
    let words = home.call_in(&dir, &["code", "submodule", "list"]).ok().out;
    assert!(words.contains("libs/one  as recorded"), "{words}");
    home.call_in(&dir, &["code", "submodule", "sync"]).ok();
    home.call_in(&dir, &["code", "submodule", "deinit", "libs/one"]).ok();
    let words = home.call_in(&dir, &["code", "submodule", "list"]).ok().out;
    assert!(words.contains("not initialised"), "{words}");
    home.call_in(&dir, &["code", "submodule", "init"]).ok();
    let refused = home.call_in(&dir, &["code", "submodule", "update", "no/such", "--json"]);
    assert_eq!(refused.json()["problems"][0]["code"], "not-found");
}

#[test]
fn a_submodule_is_initialised_and_opened_by_names_and_keys() {
    let fixture = Fixture::new();
    let lib = upstream(&fixture, "lib", 2);
    add(&fixture, &lib, "sub");
    fixture.commit_all("one");
    fixture.run(&["submodule", "deinit", "-q", "-f", "sub"]);
    let mut front = Front::open(fixture);
    front.go("submodules");
    front.click("sub");
    front.press("Initialise and check out");
    assert!(front.fixture.path("sub/file").exists());
    assert!(front.harness.query_all_by_label("as recorded").next().is_some());
    more(&front.fixture, &front.fixture.path("sub"), 5..6);
    front.key(egui::Modifiers::NONE, egui::Key::F5);
    front.go("changes");
    front.click("sub");
    assert!(front.harness.query_by_label("number 5").is_some());
    front.go("submodules");
    front.press("Open as workspace");
    let chosen = front.harness.state().view().workspace.clone().unwrap();
    let top = front.fixture.path("sub").canonicalize().unwrap();
    assert_eq!(chosen, chantier::base::Workspace::at(&top).id);
}

#[test]
fn a_submodule_that_is_added_from_a_folder_is_written_with_its_path_from_the_top() {
    let fixture = Fixture::new();
    fixture.write("deep/f", "x\n");
    fixture.commit_all("one");
    let up = upstream(&fixture, "up", 1);
    let home = Home::new();
    let dir = home.path("user");
    std::fs::create_dir(&dir).unwrap();
    let args = ["--trust", "code", "submodule", "add", up.to_str().unwrap(), "lib"];
    let call = || {
        let mut program = home.program(&fixture.path("deep"), &args);
        program.env("HOME", &dir).output().unwrap()
    };
    // A clone reads the settings of the user, and none of the repository that it comes into.
    let told = String::from_utf8(call().stderr).unwrap();
    assert!(told.contains("git config --global protocol.file.allow always"), "{told}");
    std::fs::write(dir.join(".gitconfig"), "[protocol \"file\"]\n\tallow = always\n").unwrap();
    let output = call();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let modules = String::from_utf8(fixture.read(".gitmodules")).unwrap();
    assert!(
        modules.contains("[submodule \"deep/lib\"]") && modules.contains("path = deep/lib\n"),
        "{modules}"
    );
    let rows = rows(&fixture);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].path, path("deep/lib"));
}

/// git lets itself into submodules where its settings say so, and nothing that it throws away there could be taken back.
#[test]
fn a_hard_reset_that_would_throw_away_changes_of_a_submodule_is_refused() {
    let mut bench = Bench::trusted();
    let lib = upstream(&bench.fixture, "lib", 2);
    add(&bench.fixture, &lib, "sub");
    bench.fixture.commit_all("with a submodule");
    let at = bench.fixture.path("sub");
    bench.fixture.run_in(&at, &["checkout", "-q", "HEAD~1"]);
    bench.fixture.commit_all("one back");
    bench.fixture.write("sub/file", "mine\n");
    bench.fixture.run(&["config", "submodule.recurse", "true"]);
    let reset = GitAct::Reset {
        to: "HEAD~1".to_owned(),
        mode: ResetMode::Hard,
    };
    let command = Act::Git(reset).on(&bench.workspace);
    assert_eq!(bench.refused(command.clone()).code, "submodule-dirty");
    assert_eq!(bench.fixture.read("sub/file"), b"mine\n");
    // Where git stays out, it is done.
    bench.fixture.run(&["config", "submodule.recurse", "false"]);
    assert_eq!(bench.run(command), Outcome::Done);
    assert_eq!(bench.fixture.read("sub/file"), b"mine\n");
}

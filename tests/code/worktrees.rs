//! Linked worktrees: listed as git lists them, removed without a loss, and worked in like any checkout.

use super::fixture::{Fixture, path};
use super::jobs::Bench;
use super::page_branching::Front;
use crate::support::cli::{Home, git};
use chantier::adapters::git::Repo;
use chantier::areas::code::act::Act;
use chantier::areas::code::trees::{Ask, News};
use chantier::areas::code::{Command, Update};
use chantier::areas::{Event, Update as Any};
use chantier::base::repo::{CommitAct, Which};
use chantier::base::trees::{CheckedOut, WorktreeAct, WorktreeRow, proposed_path};
use chantier::base::{GitPath, JobId, Workspace};
use chantier::engine::{Event as EngineEvent, JobEvent, Outcome};
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What git's own list says, in our words.
fn told(fixture: &Fixture) -> Vec<(String, Option<String>, Option<String>, bool, bool)> {
    let text = fixture.text(&["worktree", "list", "--porcelain"]);
    text.split("\n\n")
        .map(|record| {
            let field = |name: &str| {
                let line = record.lines().find(|line| line.split(' ').next() == Some(name))?;
                Some(line[name.len()..].trim_start().to_owned())
            };
            (
                field("worktree").unwrap(),
                field("branch").map(|name| name.trim_start_matches("refs/heads/").to_owned()),
                field("HEAD"),
                field("locked").is_some(),
                field("prunable").is_some(),
            )
        })
        .collect()
}

async fn rows(fixture: &Fixture, root: &Path) -> Vec<WorktreeRow> {
    let repo = Repo { root, is_trusted: false };
    fixture.git.worktrees(repo, &fixture.cancel).await.unwrap()
}

#[tokio::test]
async fn worktrees_are_listed_as_git_lists_them() {
    let fixture = Fixture::new();
    fixture.write("f", "x\n");
    fixture.commit_all("one");
    let beside = |name: &str| fixture.dir.path().canonicalize().unwrap().join(name);
    let add = |args: &[&str], name: &str| {
        let at = beside(name);
        fixture.run(&[&["worktree", "add", "-q"], args, &[at.to_str().unwrap()]].concat());
        at
    };
    add(&["-b", "fix/tz"], "fix tz");
    add(&["--detach"], "caf\u{e9}\nline");
    let locked = add(&["-b", "usb"], "usb");
    fixture.run(&["worktree", "lock", "--reason", "on a stick", locked.to_str().unwrap()]);
    let gone = add(&["-b", "gone"], "gone");
    std::fs::remove_dir_all(&gone).unwrap();
    let ours = rows(&fixture, &fixture.root).await;
    let line = |row: &WorktreeRow| {
        (
            row.path.to_path_buf().to_str().unwrap().to_owned(),
            row.branch.clone(),
            row.oid.clone(),
            row.locked.is_some(),
            row.prunable.is_some(),
        )
    };
    // git without -z breaks the name with the line break in two: compared without it.
    let theirs = told(&fixture);
    assert_eq!(ours.len(), 5);
    for (ours, theirs) in ours
        .iter()
        .zip(&theirs)
        .filter(|(ours, _)| !ours.path.as_bytes().contains(&b'\n'))
    {
        assert_eq!(line(ours), *theirs);
    }
    assert!(
        ours.iter()
            .any(|row| row.path.as_bytes().ends_with("caf\u{e9}\nline".as_bytes()) && row.branch.is_none())
    );
    assert_eq!(ours[0].path, GitPath::of_path(&fixture.root));
    assert!(ours[0].is_main && ours[0].is_current);
    let usb = ours.iter().find(|row| row.branch.as_deref() == Some("usb")).unwrap();
    assert_eq!(usb.locked.as_deref(), Some("on a stick"));
    // From inside a linked one, also from a folder below it, the same list with another current.
    std::fs::create_dir(locked.join("sub")).unwrap();
    let there = rows(&fixture, &locked.join("sub")).await;
    assert_eq!(
        there
            .iter()
            .filter(|row| row.is_current)
            .map(WorktreeRow::name)
            .collect::<Vec<_>>(),
        ["usb"]
    );
    let stale = fixture.git.stale_worktrees(fixture.repo(), &fixture.cancel).await.unwrap();
    assert_eq!(stale.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["gone"]);
}

#[test]
fn a_path_is_proposed_beside_the_main_checkout() {
    let of = |main: &str, what: &str| proposed_path(&GitPath::from(main), what).display();
    assert_eq!(of("/w/chantier", "fix/tz offset"), "/w/chantier-fix-tz-offset");
    assert_eq!(of("/w/chantier.git", "v1.0"), "/w/chantier-v1.0");
    assert_eq!(of("/w/x/.git", "main"), "/w/x/main");
    assert_eq!(of("/w/x", "--upload-pack"), "/w/x-upload-pack");
}

/// Acts on worktrees in a real session.
struct Trees(Bench);

impl Trees {
    fn new() -> Self {
        let mut bench = Bench::trusted();
        bench.fixture.write(".gitignore", "target/\n.env\n");
        bench.fixture.write("a", "a\n");
        bench.fixture.write("dir/b", "b\n");
        bench.fixture.write("gone", "gone\n");
        bench.fixture.commit_all("one");
        bench.log.clear();
        Self(bench)
    }

    fn act(&mut self, act: WorktreeAct) -> Outcome {
        let command = Act::Worktree(act).on(&self.0.workspace);
        self.0.run(command)
    }

    fn code(&mut self, act: WorktreeAct) -> String {
        let command = Act::Worktree(act).on(&self.0.workspace);
        self.0.refused(command).code
    }

    fn add(&mut self, name: &str) -> PathBuf {
        let what = CheckedOut::NewBranch {
            name: name.to_owned(),
            from: None,
        };
        assert_eq!(self.act(WorktreeAct::Add { what, path: None }), Outcome::Done);
        self.0.fixture.dir.path().canonicalize().unwrap().join(format!("r-{name}"))
    }

    fn take(&mut self, act: Act) -> Outcome {
        let command = act.on(&self.0.workspace);
        self.0.run(command)
    }
}

fn remove(path: &Path, is_forced: bool) -> WorktreeAct {
    WorktreeAct::Remove {
        path: GitPath::of_path(path),
        is_forced,
    }
}

const BACK: Act = Act::TakeBack {
    which: Which::Last { n: 1 },
    is_forced: false,
};
const AGAIN: Act = Act::Redo {
    which: Which::Last { n: 1 },
    is_forced: false,
};

#[test]
fn a_worktree_with_changes_is_removed_only_when_forced_and_comes_back_exactly() {
    let mut trees = Trees::new();
    let at = trees.add("side");
    let run = |args: &[&str]| git(&at, args);
    std::fs::write(at.join("a"), "staged\n").unwrap();
    run(&["add", "a"]);
    std::fs::write(at.join("a"), b"and more\r\n\xff").unwrap();
    std::fs::remove_file(at.join("gone")).unwrap();
    std::fs::create_dir_all(at.join("new/deep")).unwrap();
    std::fs::write(at.join("new/deep/u"), "untracked\n").unwrap();
    std::fs::set_permissions(at.join("new/deep/u"), PermissionsExt::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("no where", at.join("link")).unwrap();
    std::fs::write(at.join(".env"), "KEY=1\n").unwrap();
    std::fs::create_dir_all(at.join("target")).unwrap();
    for n in 0..=200 {
        std::fs::write(at.join(format!("target/{n}")), "x").unwrap();
    }
    let before = run(&["status", "--porcelain"]);
    assert_eq!(trees.code(remove(&at, false)), "dirty");
    assert!(at.join("new/deep/u").exists());
    assert_eq!(trees.act(remove(&at, true)), Outcome::Done);
    assert!(!at.exists());
    trees.0.fixture.run(&["gc", "-q", "--prune=now"]);
    assert_eq!(trees.take(BACK), Outcome::Done);
    assert_eq!(run(&["status", "--porcelain"]), before);
    assert_eq!(run(&["branch", "--show-current"]).trim(), "side");
    assert_eq!(std::fs::read(at.join("a")).unwrap(), b"and more\r\n\xff");
    assert_eq!(run(&["show", ":a"]), "staged\n");
    assert_eq!(std::fs::read_link(at.join("link")).unwrap().to_str(), Some("no where"));
    assert_eq!(std::fs::read_to_string(at.join(".env")).unwrap(), "KEY=1\n");
    assert!(std::fs::metadata(at.join("new/deep/u")).unwrap().permissions().mode() & 0o100 != 0);
    // What is so much was built, and is made again by whatever built it.
    assert!(!at.join("target").exists());
    trees.0.fixture.fsck();
    assert_eq!(trees.take(AGAIN), Outcome::Done);
    assert!(!at.exists());
    assert_eq!(trees.take(BACK), Outcome::Done);
    // What was done there since is not thrown away by doing it again.
    std::fs::write(at.join("a"), "newer\n").unwrap();
    let again = AGAIN.on(&trees.0.workspace);
    assert_eq!(trees.0.refused(again).code, "went-on");
    assert_eq!(std::fs::read_to_string(at.join("a")).unwrap(), "newer\n");
}

#[test]
fn a_conflict_and_commits_on_no_branch_come_back_with_their_worktree() {
    let mut trees = Trees::new();
    let at = trees.add("side");
    let run = |args: &[&str]| git(&at, args);
    let author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
    std::fs::write(at.join("a"), "theirs\n").unwrap();
    run(&[&author[..], &["commit", "-qam", "theirs"]].concat());
    run(&["checkout", "-q", "--detach", "main"]);
    std::fs::write(at.join("a"), "ours\n").unwrap();
    run(&[&author[..], &["commit", "-qam", "ours, on no branch"]].concat());
    let head = run(&["rev-parse", "HEAD"]);
    let (code, ..) = trees.0.fixture.try_run(&at, &[&author[..], &["merge", "side"]].concat());
    assert_eq!(code, 1);
    let before = run(&["status", "--porcelain"]);
    assert!(before.starts_with("UU a"), "{before}");
    assert_eq!(trees.act(remove(&at, true)), Outcome::Done);
    trees.0.fixture.run(&["reflog", "expire", "--expire=now", "--all"]);
    trees.0.fixture.run(&["gc", "-q", "--prune=now"]);
    assert_eq!(trees.take(BACK), Outcome::Done);
    assert_eq!(run(&["status", "--porcelain"]), before);
    assert_eq!(run(&["rev-parse", "HEAD"]), head);
    assert!(run(&["status"]).contains("still merging") || run(&["status"]).contains("unmerged paths"));
    assert_eq!(run(&["rev-parse", "MERGE_HEAD"]), run(&["rev-parse", "side"]));
    // Something else stands there meanwhile: nothing is overwritten.
    assert_eq!(trees.act(remove(&at, true)), Outcome::Done);
    std::fs::create_dir(&at).unwrap();
    std::fs::write(at.join("precious"), "x").unwrap();
    let back = BACK.on(&trees.0.workspace);
    assert_eq!(trees.0.refused(back).code, "went-on");
    assert_eq!(std::fs::read(at.join("precious")).unwrap(), b"x");
}

#[test]
fn locks_moves_and_gone_worktrees() {
    let mut trees = Trees::new();
    let at = trees.add("side");
    let there = GitPath::of_path(&at);
    let main = GitPath::of_path(&trees.0.fixture.root);
    let lock = |path: &GitPath| WorktreeAct::Lock {
        path: path.clone(),
        reason: "on a stick".to_owned(),
    };
    assert_eq!(trees.code(lock(&main)), "main-worktree");
    assert_eq!(trees.act(lock(&there)), Outcome::Done);
    assert_eq!(trees.code(lock(&there)), "locked");
    assert_eq!(trees.code(remove(&at, true)), "locked");
    // By the branch's name, where only one has it.
    let unlock = WorktreeAct::Unlock { path: "side".into() };
    assert_eq!(trees.act(unlock.clone()), Outcome::Done);
    assert_eq!(trees.code(unlock), "not-locked");
    let to = at.with_file_name("else where");
    let act = WorktreeAct::Move {
        path: there,
        to: GitPath::of_path(&to),
    };
    assert_eq!(trees.act(act), Outcome::Done);
    assert!(to.join("a").exists() && !at.exists());
    let taken = WorktreeAct::Add {
        what: CheckedOut::Branch { name: "side".to_owned() },
        path: None,
    };
    assert_eq!(trees.code(taken), "elsewhere");
    let bad = |name: &str| WorktreeAct::Add {
        what: CheckedOut::NewBranch {
            name: name.to_owned(),
            from: None,
        },
        path: None,
    };
    assert_eq!(trees.code(bad("--force")), "bad-name");
    assert_eq!(trees.code(bad("side")), "exists");
    std::fs::remove_dir_all(&to).unwrap();
    assert_eq!(trees.act(WorktreeAct::Prune), Outcome::Done);
    assert_eq!(trees.0.fixture.text(&["worktree", "list"]).lines().count(), 1);
    // A remote branch gets a local one that follows it; a second worktree of the same name gets a number.
    let twin = trees.0.fixture.twin();
    trees.0.fixture.run(&["remote", "add", "origin", twin.to_str().unwrap()]);
    trees.0.fixture.run(&["fetch", "-q", "origin"]);
    trees.0.fixture.run(&["branch", "-q", "-D", "side"]);
    let remote = WorktreeAct::Add {
        what: CheckedOut::Branch {
            name: "origin/side".to_owned(),
        },
        path: None,
    };
    assert_eq!(trees.act(remote), Outcome::Done);
    assert_eq!(trees.0.fixture.text(&["config", "branch.side.merge"]), "refs/heads/side");
    let detached = |n: usize| {
        let rows = trees.0.fixture.text(&["worktree", "list"]);
        assert_eq!(rows.matches("(detached HEAD)").count(), n, "{rows}");
    };
    detached(0);
    for _ in 0..2 {
        let what = CheckedOut::Detached {
            revision: "HEAD".to_owned(),
        };
        assert_eq!(trees.act(WorktreeAct::Add { what, path: None }), Outcome::Done);
    }
    let names = trees.0.fixture.text(&["worktree", "list"]);
    assert!(names.contains("r-HEAD ") && names.contains("r-HEAD-2 "), "{names}");
}

#[test]
fn an_untrusted_workspace_lists_worktrees_and_changes_none() {
    let mut bench = Bench::new();
    bench.fixture.write("a", "a\n");
    bench.fixture.commit_all("one");
    let what = CheckedOut::Detached {
        revision: "HEAD".to_owned(),
    };
    let add = Act::Worktree(WorktreeAct::Add { what, path: None }).on(&bench.workspace);
    assert_eq!(bench.refused(add).code, "untrusted");
    let ask = Command::Ask {
        workspace: bench.workspace.clone(),
        ask: Ask::Worktrees,
    };
    assert_eq!(bench.run(ask), Outcome::Done);
}

#[test]
fn a_linked_worktree_is_worked_in_like_any_checkout() {
    let mut trees = Trees::new();
    let at = trees.add("side");
    let bench = &mut trees.0;
    let run = |args: &[&str]| git(&at, args);
    let main = std::mem::replace(&mut bench.workspace, Workspace::at(&at));
    bench.session.world.trust().trust(&bench.workspace).unwrap();
    let watch = Command::Watch {
        workspace: bench.workspace.clone(),
    };
    let watch = bench.session.link.start(watch.into());
    let is_noticed = |event: &Event, wanted: u32| match event {
        EngineEvent::Update(Any::Code(Update::Noticed { summary, .. })) => {
            summary.n_changed() == wanted && summary.is_linked_worktree
        }
        _ => false,
    };
    let noticed = |bench: &mut Bench, wanted: u32| bench.until(|event| is_noticed(event, wanted).then_some(()));
    // An act ends, and what it changed is noticed, in either order.
    let done_and_noticed = |bench: &mut Bench, id: JobId, wanted: u32| {
        let (mut outcome, mut is_seen) = (None, false);
        bench.until(|event| {
            is_seen |= is_noticed(event, wanted);
            match event {
                EngineEvent::Job(job, JobEvent::Ended { outcome: how, .. }) if *job == id => outcome = Some(how.clone()),
                _ => {}
            }
            (is_seen && outcome.is_some()).then_some(())
        });
        assert_eq!(outcome, Some(Outcome::Done));
    };
    noticed(bench, 0);
    std::fs::write(at.join("a"), "changed\n").unwrap();
    noticed(bench, 1);
    let stage = Act::Stage { paths: vec![path("a")] };
    let command = stage.on(&bench.workspace);
    assert_eq!(bench.run(command), Outcome::Done);
    assert_eq!(run(&["diff", "--cached", "--name-only"]), "a\n");
    // Another program's lock on this worktree's index, gone while the act waits.
    let lock = PathBuf::from(run(&["rev-parse", "--git-path", "index.lock"]).trim_end());
    std::fs::write(&lock, "").unwrap();
    let commit = CommitAct {
        message: "there".to_owned(),
        ..CommitAct::default()
    };
    let command = Act::Commit(commit).on(&bench.workspace);
    let id = bench.session.link.start(command.into());
    bench.until(|event| match event {
        EngineEvent::Job(job, JobEvent::Progress { .. }) if *job == id => Some(()),
        _ => None,
    });
    std::fs::remove_file(&lock).unwrap();
    done_and_noticed(bench, id, 0);
    assert_eq!(run(&["log", "-1", "--format=%s"]), "there\n");
    assert_eq!(bench.fixture.text(&["log", "-1", "--format=%s"]), "one");
    // The timeline is this worktree's own: the main checkout only has the making of it.
    let last = |workspace: &Workspace| bench.session.world.git().undo_list(&workspace.root).unwrap().len();
    assert_eq!((last(&bench.workspace), last(&main)), (2, 1));
    let command = BACK.on(&bench.workspace);
    let id = bench.session.link.start(command.into());
    done_and_noticed(bench, id, 1);
    assert_eq!(run(&["log", "-1", "--format=%s"]), "one\n");
    assert_eq!(run(&["diff", "--cached", "--name-only"]), "a\n");
    bench.session.link.cancel(watch);
    // It is the one that is worked in.
    let command = Act::Worktree(remove(&at, true)).on(&bench.workspace);
    assert_eq!(bench.refused(command).code, "current");
    // What changed is told of every one.
    let ask = Command::Ask {
        workspace: bench.workspace.clone(),
        ask: Ask::Worktrees,
    };
    bench.session.link.start(ask.into());
    let mut counted = Vec::new();
    bench.until(|event| {
        if let EngineEvent::Update(Any::Code(Update::Trees {
            news: News::WorktreeCounted { path, summary },
            ..
        })) = event
        {
            counted.push((path.file_name(), summary.n_changed()));
        }
        (counted.len() == 2).then_some(())
    });
    assert_eq!(counted, [("r".to_owned(), 0), ("r-side".to_owned(), 1)]);
}

#[test]
fn worktrees_from_the_command_line() {
    let home = Home::new();
    let dir = home.sample();
    let added = home
        .call_in(&dir, &["code", "worktree", "add", "-b", "try/it", "--json"])
        .ok();
    assert_eq!(added.json()["result"]["act"]["act"], "worktree_add");
    let at = home.path("bonjour-try-it");
    assert!(at.join(".git").exists());
    std::fs::write(at.join("new"), "x").unwrap();
    let list = home.call_in(&dir, &["code", "worktree", "list", "--json"]).ok().json();
    let rows = list["result"]["worktrees"].as_array().unwrap();
    assert_eq!((rows.len(), rows[1]["branch"].as_str()), (2, Some("try/it")));
    assert_eq!(rows[1]["summary"]["n_untracked"], 1);
    let words = home.call_in(&at, &["code", "worktree", "list"]).ok().out;
    assert!(words.lines().nth(1).unwrap().starts_with('*'), "{words}");
    let refused = home.call_in(&dir, &["code", "worktree", "remove", "try/it", "--json"]);
    assert_eq!(
        (refused.code, refused.json()["problems"][0]["code"].as_str()),
        (1, Some("dirty"))
    );
    home.call_in(&dir, &["code", "worktree", "remove", "bonjour-try-it", "--force"])
        .ok();
    assert!(!at.exists());
    let timeline = home.call_in(&dir, &["code", "timeline"]).ok().out;
    assert!(timeline.contains("Removed the worktree bonjour-try-it"), "{timeline}");
    home.call_in(&dir, &["code", "undo"]).ok();
    assert!(at.join("new").exists());
    home.call_in(&dir, &["code", "worktree", "lock", "try/it", "--reason", "busy"])
        .ok();
    let words = home.call_in(&dir, &["code", "worktree", "list"]).ok().out;
    assert!(words.contains("locked (busy)"), "{words}");
    let stuck = home.call_in(&dir, &["code", "worktree", "move", "try/it", "../elsewhere"]);
    let said = format!("{}{}", stuck.out, stuck.err);
    assert!(
        said.contains("The worktree bonjour-try-it is locked") && said.contains("busy"),
        "{said}"
    );
    home.call_in(&dir, &["code", "worktree", "unlock", "try/it"]).ok();
    home.call_in(&dir, &["code", "worktree", "move", "try/it", "../elsewhere"])
        .ok();
    // Somebody moves it without git.
    std::fs::rename(home.path("elsewhere"), home.path("farther")).unwrap();
    let moved = home.call_in(&home.path("farther"), &["code", "status"]);
    let said = format!("{}{}", moved.out, moved.err);
    assert!(said.contains("git worktree repair") && moved.code == 1, "{said}");
    std::fs::remove_dir_all(home.path("farther")).unwrap();
    let preview = home
        .call_in(&dir, &["code", "worktree", "prune", "--preview", "--json"])
        .ok()
        .json();
    assert_eq!(preview["result"]["stale"].as_array().unwrap().len(), 1);
    home.call_in(&dir, &["code", "worktree", "prune"]).ok();
    assert_eq!(git(&dir, &["worktree", "list"]).lines().count(), 1);
}

#[test]
fn a_worktree_is_made_opened_and_removed_by_names_and_keys() {
    let fixture = Fixture::new();
    fixture.write("f", "x\n");
    fixture.commit_all("one");
    fixture.run(&["branch", "side"]);
    let mut front = Front::open(fixture);
    front.go("branches");
    front.click("side");
    front.press_other("New worktree here…");
    front.press("Create");
    let at = front.fixture.dir.path().canonicalize().unwrap().join("r-side");
    assert!(at.join("f").exists());
    // The branch says where it is, and opens it.
    front.go("branches");
    front.click("side");
    assert!(front.harness.query_by_label("in another worktree").is_some());
    std::fs::write(at.join("f"), "changed\n").unwrap();
    front.go("worktrees");
    front.click("r-side");
    front.press("Remove worktree…");
    // Typed, since something would be lost.
    let remove = front
        .harness
        .get_all_by_role_and_label(Role::Button, "Remove worktree")
        .last()
        .unwrap();
    assert!(remove.accesskit_node().is_disabled());
    front.key(egui::Modifiers::NONE, egui::Key::Escape);
    front.press("Open as workspace");
    let chosen = front.harness.state().view().workspace.clone().unwrap();
    assert_eq!(chosen, Workspace::at(&at).id);
}

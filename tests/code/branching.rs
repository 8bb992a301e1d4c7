//! Branches, tags, remotes and joining histories in a real session; after each act the store is sound and our status is git's.

use super::jobs::Bench;
use chantier::areas::code::act::Act;
use chantier::areas::code::branching::{Look, News};
use chantier::areas::code::{Command, Update};
use chantier::areas::{Event, Update as Any};
use chantier::base::Problem;
use chantier::base::git_act::{GitAct, LocalChanges, MergeMode, PullMode, Push, ResetMode};
use chantier::base::repo::{Change, Operation, Status};
use chantier::engine::{Event as EngineEvent, Outcome};

impl Bench {
    pub(crate) fn git(&mut self, act: GitAct) -> Outcome {
        let command = Act::Git(act).on(&self.workspace);
        let outcome = self.run(command);
        self.check_status();
        outcome
    }

    /// The act is done.
    pub(crate) fn done(&mut self, act: GitAct) {
        let said = format!("{act:?}");
        let outcome = self.git(act);
        assert_eq!(outcome, Outcome::Done, "{said}\n{}", self.log.join("\n"));
    }

    pub(crate) fn fails(&mut self, act: GitAct) -> Problem {
        match self.git(act) {
            Outcome::Failed { problem } => problem,
            outcome => panic!("{outcome:?}"),
        }
    }

    pub(crate) fn look(&mut self, look: Look) -> News {
        let command = Command::Look {
            workspace: self.workspace.clone(),
            look,
        };
        let id = self.session.link.start(command.into());
        let mut found = None;
        self.until(|event: &Event| match event {
            EngineEvent::Update(Any::Code(Update::Branching { news, .. })) => {
                found = Some(news.clone());
                None
            }
            EngineEvent::Job(job, chantier::engine::JobEvent::Ended { .. }) if *job == id => Some(()),
            _ => None,
        });
        found.unwrap()
    }

    /// What the session says is what git says, and the store is sound.
    pub(crate) fn check_status(&mut self) {
        self.fixture.fsck();
        let ours = self.fixture.git.status(&self.fixture.root).unwrap();
        let args = ["status", "--porcelain=v1", "-z"];
        let theirs = String::from_utf8_lossy(&self.fixture.run(&args)).into_owned();
        let mut records = theirs.split_terminator('\0');
        let mut theirs = Vec::new();
        while let Some(record) = records.next() {
            // The former name of a renamed file follows in a record of its own.
            let is_renamed = record.starts_with('R');
            let former = records
                .by_ref()
                .take(usize::from(is_renamed))
                .map(|former| format!(" <- {former}"));
            theirs.push(format!("{record}{}", former.collect::<String>()));
        }
        assert_eq!(lines(&ours), theirs);
    }

    pub(crate) fn operation(&self) -> Option<Operation> {
        let state = self.fixture.git.operation(&self.fixture.root).unwrap();
        let summary = self.fixture.git.status(&self.fixture.root).unwrap().summary;
        assert_eq!(state.as_ref().map(|state| state.kind), summary.operation);
        summary.operation
    }

    /// Three commits on `main`, and `side` with one of its own from the second.
    pub(crate) fn with_side() -> Self {
        let bench = Self::trusted();
        bench.fixture.write("a", "1\n");
        bench.fixture.commit_all("one");
        bench.fixture.write("b", "1\n");
        bench.fixture.commit_all("two");
        bench.fixture.run(&["switch", "-q", "-c", "side"]);
        bench.fixture.write("side", "s\n");
        bench.fixture.commit_all("on the side");
        bench.fixture.run(&["switch", "-q", "main"]);
        bench.fixture.write("c", "1\n");
        bench.fixture.commit_all("three");
        bench
    }

    fn text(&self, args: &[&str]) -> String {
        self.fixture.text(args)
    }
}

/// As `git status --porcelain=v1 -z` says it.
fn lines(status: &Status) -> Vec<String> {
    let mut lines: Vec<(bool, String)> = status
        .entries
        .iter()
        .map(|entry| {
            let letter = |change: Option<Change>| change.map_or(" ", Change::letter);
            let letters = match (&entry.conflict, entry.unstaged) {
                (Some(letters), _) => letters.clone(),
                (None, Some(Change::Untracked)) => "??".to_owned(),
                _ => format!("{}{}", letter(entry.staged), letter(entry.unstaged)),
            };
            let former = entry.renamed_from.iter().map(|former| format!(" <- {}", former.display()));
            let former: String = former.collect();
            (letters == "??", format!("{letters} {}{former}", entry.path.display()))
        })
        .collect();
    lines.sort_by_key(|(is_untracked, _)| *is_untracked);
    lines.into_iter().map(|(_, line)| line).collect()
}

fn name(text: &str) -> String {
    text.to_owned()
}

#[test]
fn branches_are_renamed_followed_merged_and_deleted() {
    let mut bench = Bench::with_side();
    bench.done(GitAct::RenameBranch {
        from: name("side"),
        to: name("feature/x"),
    });
    assert_eq!(bench.text(&["branch", "--format=%(refname:short)"]), "feature/x\nmain");
    let taken = bench.fails(GitAct::RenameBranch {
        from: name("feature/x"),
        to: name("main"),
    });
    assert_eq!(taken.code, "exists");
    for bad in ["-D", "a b", "a..b", ""] {
        let problem = bench.fails(GitAct::RenameBranch {
            from: name("feature/x"),
            to: name(bad),
        });
        assert_eq!(problem.code, "bad-name", "{bad}");
    }
    let unmerged = bench.fails(GitAct::DeleteBranch {
        name: name("feature/x"),
        is_forced: false,
    });
    assert_eq!(unmerged.code, "unmerged");
    bench.done(GitAct::SetUpstream {
        branch: name("feature/x"),
        upstream: Some(name("main")),
    });
    assert_eq!(bench.text(&["rev-parse", "--abbrev-ref", "feature/x@{upstream}"]), "main");
    bench.done(GitAct::SetUpstream {
        branch: name("feature/x"),
        upstream: None,
    });
    bench.done(GitAct::Merge {
        what: name("feature/x"),
        mode: MergeMode::NoFastForward,
        message: Some(name("joined by hand")),
    });
    assert_eq!(bench.text(&["log", "-1", "--format=%s %p"]).split(' ').count(), 5);
    bench.done(GitAct::DeleteBranch {
        name: name("feature/x"),
        is_forced: false,
    });
    assert_eq!(bench.text(&["branch", "--format=%(refname:short)"]), "main");
    let here = bench.fails(GitAct::DeleteBranch {
        name: name("main"),
        is_forced: true,
    });
    assert_eq!(here.code, "elsewhere");
    let gone = bench.fails(GitAct::Merge {
        what: name("--help"),
        mode: MergeMode::Auto,
        message: None,
    });
    assert_eq!(gone.code, "not-found");
}

#[test]
fn merges_go_forward_are_squashed_or_refused() {
    let mut bench = Bench::with_side();
    let refused = bench.fails(GitAct::Merge {
        what: name("side"),
        mode: MergeMode::FastForward,
        message: None,
    });
    assert_eq!(refused.code, "diverged");
    bench.done(GitAct::Merge {
        what: name("side"),
        mode: MergeMode::Squash,
        message: None,
    });
    assert_eq!(bench.text(&["status", "--porcelain"]), "A  side");
    bench.done(GitAct::Reset {
        to: name("HEAD"),
        mode: ResetMode::Hard,
    });
    bench.fixture.write("side", "in the way\n");
    let refused = bench.fails(GitAct::Merge {
        what: name("side"),
        mode: MergeMode::Auto,
        message: None,
    });
    assert_eq!((refused.code.as_str(), refused.details.as_str()), ("would-overwrite", "side"));
    assert_eq!(bench.fixture.read("side"), b"in the way\n");
}

#[test]
fn commits_are_picked_reverted_and_reset() {
    let mut bench = Bench::with_side();
    let main = bench.text(&["rev-parse", "main"]);
    bench.done(GitAct::CherryPick {
        commits: vec![name("side")],
        mainline: None,
        notes_origin: true,
    });
    assert!(
        bench
            .text(&["log", "-1", "--format=%B"])
            .contains("(cherry picked from commit")
    );
    bench.done(GitAct::Revert {
        commits: vec![name("HEAD")],
        mainline: None,
    });
    assert_eq!(bench.text(&["diff", "--stat", &main]), "");
    let two = vec![name("HEAD"), name("HEAD~1")];
    bench.done(GitAct::Revert {
        commits: two,
        mainline: None,
    });
    bench.done(GitAct::Reset {
        to: main.clone(),
        mode: ResetMode::Soft,
    });
    assert_eq!(bench.text(&["rev-parse", "HEAD"]), main);
    bench.fixture.write("a", "2\n");
    bench.done(GitAct::Reset {
        to: name("HEAD~1"),
        mode: ResetMode::Mixed,
    });
    assert_eq!(bench.text(&["status", "--porcelain"]), " M a\n?? c");
    bench.done(GitAct::Reset {
        to: main,
        mode: ResetMode::Hard,
    });
    assert_eq!(bench.text(&["status", "--porcelain"]), "");
}

#[test]
fn tags_and_remotes_are_made_sent_and_removed() {
    let mut bench = Bench::with_side();
    let there = bench.fixture.dir.path().join("there.git");
    bench
        .fixture
        .run(&["init", "-q", "--bare", "-b", "main", there.to_str().unwrap()]);
    let url = there.to_str().unwrap().to_owned();
    assert_eq!(bench.fails(GitAct::Push { push: Push::default() }).code, "no-remote");
    for bad in ["ext::sh -c x", "--upload-pack=x", " "] {
        let problem = bench.fails(GitAct::AddRemote {
            name: name("origin"),
            url: name(bad),
        });
        assert_eq!(problem.code, "bad-address", "{bad}");
    }
    bench.done(GitAct::AddRemote {
        name: name("other"),
        url: name("/nowhere"),
    });
    bench.done(GitAct::RenameRemote {
        from: name("other"),
        to: name("origin"),
    });
    bench.done(GitAct::SetRemoteUrl {
        name: name("origin"),
        url,
    });
    bench.done(GitAct::Push { push: Push::default() });
    assert_eq!(bench.text(&["rev-parse", "--abbrev-ref", "@{upstream}"]), "origin/main");
    bench.done(GitAct::CreateTag {
        name: name("v1"),
        at: Some(name("HEAD~1")),
        message: Some(name("first")),
        is_signed: false,
    });
    bench.done(GitAct::CreateTag {
        name: name("light"),
        at: None,
        message: None,
        is_signed: false,
    });
    assert_eq!(bench.text(&["cat-file", "-t", "v1"]), "tag");
    assert_eq!(bench.text(&["cat-file", "-t", "light"]), "commit");
    bench.done(GitAct::PushTag {
        remote: None,
        name: name("v1"),
    });
    let side = Push {
        branch: Some(name("side")),
        with_tags: true,
        ..Push::default()
    };
    bench.done(GitAct::Push { push: side });
    let listed = || String::from_utf8(bench.fixture.run_in(&there, &["for-each-ref", "--format=%(refname)"])).unwrap();
    assert_eq!(listed(), "refs/heads/main\nrefs/heads/side\nrefs/tags/v1\n");
    bench.done(GitAct::DeleteRemoteTag {
        remote: name("origin"),
        name: name("v1"),
    });
    bench.done(GitAct::DeleteRemoteBranch {
        remote: name("origin"),
        name: name("side"),
    });
    bench.done(GitAct::DeleteTag { name: name("light") });
    assert_eq!(bench.text(&["tag"]), "v1");
    let listed = bench.fixture.run_in(&there, &["for-each-ref", "--format=%(refname)"]);
    assert_eq!(listed, b"refs/heads/main\n");
    bench.done(GitAct::Fetch { remote: None });
    bench.done(GitAct::PruneRemote { name: name("origin") });
    bench.done(GitAct::RemoveRemote { name: name("origin") });
    assert_eq!(bench.text(&["remote"]), "");
}

/// Two clones of one repository, both with a commit of their own.
fn diverged() -> Bench {
    let mut bench = Bench::with_side();
    let there = bench.fixture.dir.path().join("there.git");
    bench.fixture.run(&[
        "clone",
        "-q",
        "--bare",
        bench.fixture.root.to_str().unwrap(),
        there.to_str().unwrap(),
    ]);
    bench.fixture.run(&["remote", "add", "origin", there.to_str().unwrap()]);
    bench.done(GitAct::Push {
        push: Push {
            sets_upstream: true,
            ..Push::default()
        },
    });
    let twin = bench.fixture.twin();
    std::fs::write(twin.join("theirs"), "t\n").unwrap();
    bench.fixture.run_in(&twin, &["add", "-A"]);
    bench.fixture.run_in(&twin, &["commit", "-q", "-m", "from elsewhere"]);
    bench.fixture.run_in(&twin, &["push", "-q"]);
    bench.fixture.write("mine", "m\n");
    bench.fixture.commit_all("from here");
    bench
}

#[test]
fn a_push_says_what_it_overwrites_and_only_overwrites_what_it_saw() {
    let mut bench = diverged();
    assert_eq!(bench.fails(GitAct::Push { push: Push::default() }).code, "rejected");
    let here = bench.text(&["rev-parse", "HEAD"]);
    let News::PushPreviewed { preview } = bench.look(Look::Push { push: Push::default() }) else {
        panic!("no preview");
    };
    assert_eq!(
        (preview.n_new, preview.n_overwritten),
        (1, 0),
        "the last fetch saw nothing of it"
    );
    let stale = Push {
        lease: preview.there,
        ..Push::default()
    };
    assert_eq!(bench.fails(GitAct::Push { push: stale }).code, "stale");
    bench.done(GitAct::Fetch {
        remote: Some(name("origin")),
    });
    let News::PushPreviewed { preview } = bench.look(Look::Push { push: Push::default() }) else {
        panic!("no preview");
    };
    let lost: Vec<&str> = preview.overwritten.iter().map(|commit| commit.summary.as_str()).collect();
    assert_eq!((preview.n_new, lost), (1, vec!["from elsewhere"]));
    let known = Push {
        lease: preview.there,
        ..Push::default()
    };
    bench.done(GitAct::Push { push: known });
    assert_eq!(bench.text(&["rev-parse", "origin/main"]), here);
}

#[test]
fn a_pull_joins_as_it_is_told() {
    let mut bench = diverged();
    let refused = bench.fails(GitAct::Pull {
        mode: PullMode::FastForward,
    });
    assert_eq!(refused.code, "diverged");
    assert_eq!(
        bench
            .fails(GitAct::Pull {
                mode: PullMode::Configured
            })
            .code,
        "diverged"
    );
    bench.done(GitAct::Pull { mode: PullMode::Rebase });
    assert_eq!(bench.text(&["log", "-2", "--format=%s"]), "from here\nfrom elsewhere");
    let mut bench = diverged();
    bench.done(GitAct::Pull { mode: PullMode::Merge });
    assert_eq!(bench.text(&["rev-list", "--merges", "--count", "HEAD"]), "1");
}

#[test]
fn what_becomes_of_local_changes_is_said_before_a_switch() {
    let mut bench = Bench::with_side();
    let preview = |bench: &mut Bench| match bench.look(Look::Switch { to: name("side") }) {
        News::SwitchPreviewed { preview } => (
            preview.n_carried,
            preview
                .overwritten
                .iter()
                .map(chantier::base::GitPath::display)
                .collect::<Vec<_>>(),
        ),
        news => panic!("{news:?}"),
    };
    bench.fixture.write("a", "changed\n");
    bench.fixture.write("new", "n\n");
    assert_eq!(preview(&mut bench), (2, Vec::new()));
    bench.fixture.write("c", "changed\n");
    bench.fixture.write("side", "in the way\n");
    assert_eq!(preview(&mut bench), (2, vec![name("c"), name("side")]));
    let switch = |changes| Act::Switch {
        to: name("side"),
        changes,
    };
    let refused = switch(LocalChanges::Carry).on(&bench.workspace);
    assert_eq!(bench.refused(refused).code, "would-overwrite");
    std::fs::remove_file(bench.fixture.path("side")).unwrap();
    bench.fixture.run(&["checkout", "-q", "c"]);
    let stashed = switch(LocalChanges::StashAndApply).on(&bench.workspace);
    assert_eq!(bench.run(stashed), Outcome::Done);
    assert_eq!(bench.text(&["branch", "--show-current"]), "side");
    assert_eq!(bench.fixture.read("a"), b"changed\n");
    assert_eq!(bench.text(&["stash", "list"]), "");
    let back = Act::Switch {
        to: name("main"),
        changes: LocalChanges::Stash,
    };
    let back = back.on(&bench.workspace);
    assert_eq!(bench.run(back), Outcome::Done);
    assert_eq!(bench.text(&["status", "--porcelain"]), "");
    assert_eq!(bench.text(&["stash", "list", "--format=%gd"]), "stash@{0}");
    bench.check_status();
}

#[test]
fn an_operation_goes_on_skips_and_is_given_up() {
    let mut bench = Bench::with_side();
    assert_eq!(bench.fails(GitAct::Continue).code, "nothing-under-way");
    bench.fixture.run(&["switch", "-q", "side"]);
    bench.fixture.write("a", "side\n");
    bench.fixture.commit_all("a on the side");
    bench.fixture.write("side", "more\n");
    bench.fixture.commit_all("more of it");
    bench.fixture.run(&["switch", "-q", "main"]);
    bench.fixture.write("a", "main\n");
    let main = bench.fixture.commit_all("a on main");
    let merge = GitAct::Merge {
        what: name("side"),
        mode: MergeMode::Auto,
        message: None,
    };
    let problem = bench.fails(merge.clone());
    assert_eq!(problem.code, "conflict");
    assert_eq!(bench.operation(), Some(Operation::Merge));
    let second = GitAct::CherryPick {
        commits: vec![name("side")],
        mainline: None,
        notes_origin: false,
    };
    assert_eq!(bench.fails(second).code, "under-way");
    assert_eq!(bench.fails(merge.clone()).code, "under-way");
    assert_eq!(bench.fails(GitAct::Continue).code, "conflicted");
    assert_eq!(bench.fails(GitAct::Skip).code, "no-such-step");
    bench.done(GitAct::Abort);
    assert_eq!(bench.operation(), None);
    let rebase = GitAct::Rebase {
        onto: name("side"),
        since: None,
        is_autosquash: false,
        keeps_merges: false,
    };
    assert_eq!(bench.fails(rebase.clone()).code, "conflict");
    let state = bench.fixture.git.operation(&bench.fixture.root).unwrap().unwrap();
    assert_eq!((state.kind, state.step, state.n_steps), (Operation::Rebase, 2, 2));
    assert_eq!((state.branch.as_deref(), state.onto.as_deref()), (Some("main"), Some("side")));
    assert_eq!(state.current.unwrap().summary, "a on main");
    bench.done(GitAct::Skip);
    assert_eq!(bench.operation(), None);
    assert_eq!(bench.text(&["log", "-1", "--format=%s"]), "three");
    bench.fixture.run(&["reset", "-q", "--hard", &main]);
    let pick = GitAct::CherryPick {
        commits: vec![name("side~1"), name("side")],
        mainline: None,
        notes_origin: false,
    };
    assert_eq!(bench.fails(pick).code, "conflict");
    let state = bench.fixture.git.operation(&bench.fixture.root).unwrap().unwrap();
    assert_eq!((state.kind, state.step, state.n_steps), (Operation::CherryPick, 1, 2));
    assert_eq!(state.current.unwrap().summary, "a on the side");
    assert_eq!(state.rest.len(), 1);
    bench.fixture.write("a", "both\n");
    bench.fixture.run(&["add", "a"]);
    bench.fixture.run(&["rm", "-q", "--cached", "--ignore-unmatch", "side"]);
    assert_eq!(bench.fails(GitAct::Continue).code, "conflict", "the second one needs `side`");
    bench.done(GitAct::Abort);
    assert_eq!(bench.text(&["rev-parse", "HEAD"]), main);
    assert_eq!(bench.text(&["status", "--porcelain"]), "");
}

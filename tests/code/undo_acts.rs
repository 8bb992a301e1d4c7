//! What is done with branches, tags, remotes and operations, in a real session, taken back step by step and done again: the operation that
//! was under way is under way again.

use super::fixture::{Fixture, cases, path};
use super::jobs::Bench;
use super::undo::{Picture, template};
use crate::support::random::n_cases;
use chantier::adapters::git::Scope;
use chantier::areas::code::act::Act;
use chantier::base::git_act::{GitAct, LocalChanges, MergeMode, PullMode, ResetMode};
use chantier::base::operation::{Choice, Resolution, Side};
use chantier::base::repo::{CommitAct, Operation, StashAct, UndoKind, Which};
use chantier::engine::Outcome;
use fastrand::Rng;

/// Sequences of acts, and acts in each.
const N_SEQUENCES: u64 = 14;
const N_ACTS: usize = 7;

impl Bench {
    fn act(&mut self, act: Act) -> Outcome {
        let command = act.on(&self.workspace);
        self.run(command)
    }

    fn take_back(&mut self) -> Outcome {
        self.act(Act::TakeBack {
            which: Which::Last { n: 1 },
            is_forced: false,
        })
    }

    fn again(&mut self) -> Outcome {
        self.act(Act::Redo {
            which: Which::Last { n: 1 },
            is_forced: false,
        })
    }

    /// Entries that can be taken back.
    fn n_entries(&self) -> usize {
        let list = self.fixture.git.undo_list(&self.fixture.root).unwrap();
        list.iter().filter(|entry| !entry.is_undone).count()
    }
}

/// Every operation that can stop, and how it is begun on `main` of the template.
fn stopped() -> Vec<(Operation, Vec<GitAct>)> {
    let named = str::to_owned;
    vec![
        (
            Operation::Merge,
            vec![GitAct::Merge {
                what: named("side"),
                mode: MergeMode::Auto,
                message: None,
            }],
        ),
        (
            Operation::Rebase,
            vec![GitAct::Rebase {
                onto: named("side"),
                since: None,
                is_autosquash: false,
                keeps_merges: false,
            }],
        ),
        (
            Operation::CherryPick,
            vec![GitAct::CherryPick {
                commits: vec![named("side~1"), named("side")],
                mainline: None,
                notes_origin: false,
            }],
        ),
        (
            Operation::Revert,
            vec![GitAct::Revert {
                commits: vec![named("main~2"), named("main~1")],
                mainline: None,
            }],
        ),
    ]
}

#[test]
fn an_operation_that_was_given_up_is_under_way_again_and_goes_on() {
    let template = template();
    for (kind, acts) in stopped() {
        let mut bench = Bench::trusted_of(Fixture::copy_of(&template.root));
        if kind == Operation::Revert {
            // What is reverted was changed again since.
            bench.fixture.write("a", "all of it\n");
            bench.fixture.commit_all("four");
        }
        for act in acts {
            bench.act(Act::Git(act));
        }
        assert_eq!(bench.operation(), Some(kind));
        let (picture, state) = (Picture::of(&bench.fixture), bench.fixture.git.operation(&bench.fixture.root));
        bench.done(GitAct::Abort);
        assert_eq!(bench.operation(), None);
        assert_eq!(bench.take_back(), Outcome::Done, "{kind:?}");
        picture.is(&bench.fixture, &format!("{kind:?} is under way again"));
        assert_eq!(bench.fixture.git.operation(&bench.fixture.root), state);
        // It is no mere picture of one: it can be finished.
        let conflicts = bench.fixture.git.conflicts(&bench.fixture.root).unwrap();
        assert!(!conflicts.is_empty(), "{kind:?}");
        for file in conflicts {
            bench.done(GitAct::Resolve {
                path: file.path,
                resolution: Resolution::Whole { side: Side::Theirs },
                is_forced: false,
            });
        }
        let mut n_more = 0;
        while bench.operation().is_some() {
            bench.act(Act::Git(GitAct::Continue));
            for file in bench.fixture.git.conflicts(&bench.fixture.root).unwrap() {
                bench.done(GitAct::Resolve {
                    path: file.path,
                    resolution: Resolution::Whole { side: Side::Ours },
                    is_forced: false,
                });
            }
            n_more += 1;
            assert!(n_more < 10, "{kind:?} does not end\n{}", bench.log.join("\n"));
        }
        bench.check_status();
    }
}

#[test]
fn what_belongs_to_a_branch_or_a_remote_comes_back_with_it() {
    let template = template();
    let mut bench = Bench::trusted_of(Fixture::copy_of(&template.root));
    let remote = bench.fixture.dir.path().join("remote.git");
    bench.fixture.run(&["clone", "-q", "--bare", ".", remote.to_str().unwrap()]);
    bench.done(GitAct::AddRemote {
        name: "origin".to_owned(),
        url: remote.to_str().unwrap().to_owned(),
    });
    bench.done(GitAct::Fetch { remote: None });
    bench.done(GitAct::SetUpstream {
        branch: "third".to_owned(),
        upstream: Some("origin/third".to_owned()),
    });
    let upstream = ["rev-parse", "--abbrev-ref", "third@{upstream}"];
    assert_eq!(bench.fixture.text(&upstream), "origin/third");
    let picture = Picture::of(&bench.fixture);
    let log = bench.fixture.text(&["reflog", "third"]);
    bench.done(GitAct::DeleteBranch {
        name: "third".to_owned(),
        is_forced: true,
    });
    assert_eq!(bench.take_back(), Outcome::Done);
    picture.is(&bench.fixture, "the branch is there again");
    assert_eq!(bench.fixture.text(&upstream), "origin/third");
    assert_eq!(bench.fixture.text(&["reflog", "third"]), log);
    for act in [
        GitAct::RemoveRemote {
            name: "origin".to_owned(),
        },
        GitAct::RenameRemote {
            from: "origin".to_owned(),
            to: "upstream".to_owned(),
        },
        GitAct::SetRemoteUrl {
            name: "origin".to_owned(),
            url: "https://example.org/x.git".to_owned(),
        },
        GitAct::SetUpstream {
            branch: "third".to_owned(),
            upstream: None,
        },
    ] {
        let said = format!("{act:?}");
        bench.done(act);
        assert_ne!(Picture::of(&bench.fixture).difference(&picture), "", "{said}");
        assert_eq!(bench.take_back(), Outcome::Done, "{said}");
        picture.is(&bench.fixture, &said);
    }
    bench.fixture.run(&["update-ref", "refs/remotes/origin/gone-there", "HEAD"]);
    let picture = Picture::of(&bench.fixture);
    bench.done(GitAct::PruneRemote {
        name: "origin".to_owned(),
    });
    assert_eq!(bench.take_back(), Outcome::Done);
    picture.is(&bench.fixture, "what was pruned is there again");
}

/// What fetching took away comes back, what it brought stays; a fetch that only brings is no step.
#[test]
fn a_fetch_that_took_branches_away_is_taken_back() {
    let mut bench = Bench::trusted_of(template_with_remote());
    let fetch = |remote: Option<&str>| GitAct::Fetch {
        remote: remote.map(str::to_owned),
    };
    // `refs/remotes/origin/gone-there` is not there, and its commit is nowhere else: it is made so first.
    let tree = bench.fixture.text(&["write-tree"]);
    let lost = bench.fixture.text(&["commit-tree", "-m", "only there", &tree]);
    bench.fixture.run(&["update-ref", "refs/remotes/origin/gone-there", &lost]);
    let rewritten = bench.fixture.text(&["commit-tree", "-m", "rewritten there", &tree]);
    bench.fixture.run(&["update-ref", "refs/remotes/origin/side", &rewritten]);
    let before = bench.fixture.text(&["rev-parse", "origin/main"]);
    let n_before = bench.n_entries();
    bench.done(fetch(Some("origin")));
    let main = bench.fixture.text(&["rev-parse", "origin/main"]);
    assert_ne!(main, before, "somebody's commit came");
    assert!(
        bench
            .fixture
            .text(&["branch", "-r"])
            .lines()
            .all(|line| !line.contains("gone-there"))
    );
    let side = bench.fixture.text(&["rev-parse", "origin/side"]);
    assert_ne!(side, rewritten);
    assert_eq!(bench.n_entries(), n_before + 1);
    bench.fixture.run(&["reflog", "expire", "--expire=now", "--all"]);
    bench.fixture.run(&["gc", "-q", "--prune=now"]);
    assert_eq!(bench.take_back(), Outcome::Done);
    assert_eq!(bench.fixture.text(&["rev-parse", "origin/gone-there"]), lost);
    assert_eq!(bench.fixture.text(&["rev-parse", "origin/side"]), rewritten);
    assert_eq!(
        bench.fixture.text(&["log", "-1", "--format=%s", "origin/gone-there"]),
        "only there"
    );
    assert_eq!(bench.fixture.text(&["rev-parse", "origin/main"]), main, "what came stays");
    assert_eq!(bench.again(), Outcome::Done);
    assert_eq!(bench.fixture.text(&["rev-parse", "origin/side"]), side);
    let n_entries = bench.n_entries();
    bench.fixture.run(&["update-ref", "refs/remotes/origin/main", &before]);
    bench.done(fetch(None));
    assert_eq!(bench.fixture.text(&["rev-parse", "origin/main"]), main);
    assert_eq!(bench.n_entries(), n_entries, "what only brings can not lose");
}

/// The template with a remote that has a commit more on `main`.
fn template_with_remote() -> Fixture {
    let fixture = template();
    let remote = fixture.dir.path().join("remote.git");
    let remote = remote.to_str().unwrap();
    fixture.run(&["clone", "-q", "--bare", ".", remote]);
    fixture.run(&["remote", "add", "origin", remote]);
    fixture.run(&["fetch", "-q", "origin"]);
    fixture.run(&["branch", "-q", "--set-upstream-to=origin/main", "main"]);
    fixture.run(&["update-ref", "refs/remotes/origin/gone-there", "HEAD~1"]);
    let other = fixture.dir.path().join("other");
    fixture.run(&["clone", "-q", remote, other.to_str().unwrap()]);
    std::fs::write(other.join("from-there"), "new\n").unwrap();
    fixture.run_in(&other, &["add", "-A"]);
    let maker = ["-c", "user.name=Grace", "-c", "user.email=grace@example.org"];
    fixture.run_in(&other, &[&maker[..], &["commit", "-q", "-m", "from there"]].concat());
    fixture.run_in(&other, &["push", "-q"]);
    fixture
}

struct Sequence<'a> {
    bench: Bench,
    rng: &'a mut Rng,
    told: Vec<String>,
}

impl Sequence<'_> {
    fn pick(&mut self, names: &[&str]) -> String {
        names[self.rng.usize(..names.len())].to_owned()
    }

    fn revision(&mut self) -> String {
        self.pick(&["main", "side", "third", "side~1", "HEAD~1", "v1", "origin/main", "main~1"])
    }

    fn branch(&mut self) -> String {
        self.pick(&["main", "side", "third", "made"])
    }

    /// Somebody's edit, kept as an entry of its own.
    fn edit(&mut self) {
        let name = self.pick(&["a", "b", "d/x", "new-file"]);
        let text = format!("{}\n", self.rng.u32(..1000));
        let fixture = &self.bench.fixture;
        let file = fixture.path(&name);
        if file.is_dir() || !file.parent().unwrap().is_dir() {
            return;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let scope = Scope::refs().at([path(&name)]);
        let marked = fixture
            .git
            .mark(fixture.repo(), UndoKind::Discard, "edit", scope, fixture.at());
        let mark = runtime.block_on(marked).unwrap();
        let old = std::fs::read_to_string(&file).unwrap_or_default();
        std::fs::write(&file, format!("{text}{old}")).unwrap();
        runtime.block_on(fixture.git.remember(fixture.repo(), mark)).unwrap();
        self.told.push(format!("edit {name}"));
    }

    fn next(&mut self) -> Option<Act> {
        let operation = self.bench.fixture.git.operation(&self.bench.fixture.root).unwrap();
        if operation.is_some() && self.rng.u8(..3) > 0 {
            return Some(self.next_step());
        }
        let git = match self.rng.u8(..26) {
            0 => return None,
            1 => return Some(Act::Stage { paths: Vec::new() }),
            2 => {
                return Some(Act::Commit(CommitAct {
                    message: "more".to_owned(),
                    is_all: true,
                    ..CommitAct::default()
                }));
            }
            3 => {
                return Some(Act::CreateBranch {
                    name: "made".to_owned(),
                    from: Some(self.revision()),
                    goes_there: self.rng.bool(),
                });
            }
            4 | 5 => {
                let changes = [LocalChanges::Carry, LocalChanges::Stash, LocalChanges::StashAndApply];
                return Some(Act::Switch {
                    to: self.branch(),
                    changes: changes[self.rng.usize(..3)],
                });
            }
            6 => {
                return Some(Act::StashPush(StashAct {
                    with_untracked: self.rng.bool(),
                    ..StashAct::default()
                }));
            }
            7 => {
                return Some(Act::StashApply {
                    stash: "0".to_owned(),
                    pops: self.rng.bool(),
                });
            }
            8 => GitAct::RenameBranch {
                from: self.branch(),
                to: self.pick(&["renamed", "side/deep", "made"]),
            },
            9 => GitAct::DeleteBranch {
                name: self.branch(),
                is_forced: self.rng.bool(),
            },
            10 => GitAct::SetUpstream {
                branch: self.branch(),
                upstream: self.rng.bool().then(|| "origin/side".to_owned()),
            },
            11..=13 => GitAct::Merge {
                what: self.revision(),
                mode: [MergeMode::Auto, MergeMode::NoFastForward, MergeMode::Squash][self.rng.usize(..3)],
                message: None,
            },
            14 | 15 => GitAct::Rebase {
                onto: self.revision(),
                since: None,
                is_autosquash: self.rng.bool(),
                keeps_merges: self.rng.bool(),
            },
            16 | 17 => GitAct::CherryPick {
                commits: vec![self.revision(), self.revision()],
                mainline: self.rng.bool().then_some(1),
                notes_origin: self.rng.bool(),
            },
            18 => GitAct::Revert {
                commits: vec![self.revision()],
                mainline: self.rng.bool().then_some(1),
            },
            19 => GitAct::Reset {
                to: self.revision(),
                mode: [ResetMode::Soft, ResetMode::Mixed, ResetMode::Hard][self.rng.usize(..3)],
            },
            20 => GitAct::CreateTag {
                name: self.pick(&["v1", "v2"]),
                at: self.rng.bool().then(|| "side".to_owned()),
                message: self.rng.bool().then(|| "a tag".to_owned()),
                is_signed: false,
            },
            21 => GitAct::DeleteTag {
                name: self.pick(&["v1", "v2"]),
            },
            22 => GitAct::RenameRemote {
                from: "origin".to_owned(),
                to: "there".to_owned(),
            },
            23 => {
                if self.rng.bool() {
                    GitAct::RemoveRemote {
                        name: "origin".to_owned(),
                    }
                } else {
                    GitAct::PruneRemote {
                        name: "origin".to_owned(),
                    }
                }
            }
            24 => GitAct::AddRemote {
                name: "second".to_owned(),
                url: "../nowhere".to_owned(),
            },
            _ => GitAct::Pull {
                mode: [PullMode::Merge, PullMode::Rebase, PullMode::FastForward][self.rng.usize(..3)],
            },
        };
        Some(Act::Git(git))
    }

    /// What one does in the middle of an operation.
    fn next_step(&mut self) -> Act {
        let conflicts = self.bench.fixture.git.conflicts(&self.bench.fixture.root).unwrap();
        let act = match self.rng.u8(..6) {
            0 | 1 => GitAct::Abort,
            2 => GitAct::Skip,
            3 => GitAct::Continue,
            _ if conflicts.is_empty() => GitAct::Continue,
            _ => {
                let file = &conflicts[self.rng.usize(..conflicts.len())];
                let side = [Side::Ours, Side::Theirs][self.rng.usize(..2)];
                let resolution = match self.rng.u8(..4) {
                    0 => Resolution::AsItIs,
                    1 => Resolution::EveryBlock { choice: Choice::Ours },
                    _ => Resolution::Whole { side },
                };
                GitAct::Resolve {
                    path: file.path.clone(),
                    resolution,
                    is_forced: true,
                }
            }
        };
        Act::Git(act)
    }

    fn is(&self, wanted: &Picture, when: &str) {
        let found = Picture::of(&self.bench.fixture);
        let told = self.told.join("\n");
        assert!(found == *wanted, "{when}\n{told}\n{}", wanted.difference(&found));
    }
}

#[test]
fn random_acts_on_branches_and_operations_are_taken_back_and_done_again_exactly() {
    let template = template_with_remote();
    let (mut n_acts, mut n_operations) = (0, 0);
    cases(N_SEQUENCES, |rng| {
        let mut sequence = Sequence {
            bench: Bench::trusted_of(Fixture::copy_of(&template.root)),
            rng,
            told: Vec::new(),
        };
        // One act may be several entries: between those no picture was taken.
        let mut pictures = vec![Some(Picture::of(&sequence.bench.fixture))];
        for _ in 0..4 * N_ACTS {
            if pictures.len() > N_ACTS {
                break;
            }
            match sequence.next() {
                None => sequence.edit(),
                Some(act) => {
                    let said = format!("{act:?}");
                    let outcome = sequence.bench.act(act);
                    sequence.told.push(format!("{said}: {}", ending(&outcome)));
                    n_acts += 1;
                }
            }
            let n = sequence.bench.n_entries() + 1;
            assert!(n >= pictures.len(), "{}", sequence.told.join("\n"));
            if n == pictures.len() {
                let last = pictures.last().unwrap().as_ref().unwrap();
                sequence.is(last, "an act without an entry changed nothing");
            } else {
                pictures.resize(n - 1, None);
                pictures.push(Some(Picture::of(&sequence.bench.fixture)));
            }
            n_operations += usize::from(sequence.bench.operation().is_some());
        }
        for step in (0..pictures.len() - 1).rev() {
            let outcome = sequence.bench.take_back();
            let told = sequence.told.join("\n");
            assert_eq!(outcome, Outcome::Done, "taking back {step}\n{told}");
            if let Some(picture) = &pictures[step] {
                sequence.is(picture, &format!("step {step} was taken back"));
            }
            sequence.bench.operation();
        }
        for (step, picture) in pictures.iter().enumerate().skip(1) {
            let outcome = sequence.bench.again();
            let told = sequence.told.join("\n");
            assert_eq!(outcome, Outcome::Done, "doing {step} again\n{told}");
            if let Some(picture) = picture {
                sequence.is(picture, &format!("step {step} was done again"));
            }
        }
        sequence.bench.check_status();
    });
    let n = usize::try_from(n_cases(N_SEQUENCES)).unwrap();
    assert!(n == 1 || n_acts > 4 * n && n_operations > n / 3, "{n_acts}, {n_operations}");
}

fn ending(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Failed { problem } => format!("{} {}", problem.code, problem.details.lines().next().unwrap_or_default()),
        other => format!("{other:?}"),
    }
}

#[test]
fn what_is_done_again_is_what_was_taken_back_last() {
    let mut bench = Bench::trusted();
    bench.fixture.write("f", "one\n");
    bench.fixture.write("g", "one\n");
    bench.fixture.commit_all("first");
    let stage = |name: &str| Act::Stage { paths: vec![path(name)] };
    let staged = |bench: &Bench| bench.fixture.text(&["diff", "--cached", "--name-only"]);
    bench.fixture.write("f", "two\n");
    bench.fixture.write("g", "two\n");
    assert_eq!(bench.act(stage("f")), Outcome::Done);
    assert_eq!(bench.take_back(), Outcome::Done);
    assert_eq!(bench.act(stage("g")), Outcome::Done);
    assert_eq!(bench.take_back(), Outcome::Done);
    assert_eq!(bench.again(), Outcome::Done);
    assert_eq!(staged(&bench).trim(), "g");
    // The step before was left behind: it is done again only when it is named.
    let Outcome::Failed { problem } = bench.again() else {
        panic!("it was done again")
    };
    assert_eq!(problem.code, "nothing-to-redo");
    let list = bench.fixture.git.undo_list(&bench.fixture.root).unwrap();
    let left: Vec<u64> = list
        .iter()
        .filter(|entry| entry.is_left_behind)
        .map(|entry| entry.id)
        .collect();
    let named = Act::Redo {
        which: Which::Entry { id: left[0] },
        is_forced: false,
    };
    assert_eq!((left.len(), bench.act(named)), (1, Outcome::Done));
    assert_eq!(staged(&bench), "f\ng");
}

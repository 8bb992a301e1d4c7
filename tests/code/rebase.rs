//! Interactive rebases: a plan does what `git rebase -i` does with the same list, and says what it does before.

use super::fixture::cases;
use super::jobs::Bench;
use chantier::adapters::git::parse_plan;
use chantier::areas::code::branching::{Look, News};
use chantier::base::git_act::GitAct;
use chantier::base::operation::{PlanFault, PlanStep, RebasePlan, StepAction};
use chantier::base::repo::Operation;
use std::collections::BTreeMap;
use std::fmt::Write as _;

impl Bench {
    pub(crate) fn plan(&mut self, since: &str) -> RebasePlan {
        let look = Look::Plan {
            moves_branches: false,
            leaves_merges: false,
            since: Some(since.to_owned()),
            onto: None,
            is_autosquash: false,
            file: None,
        };
        match self.look(look) {
            News::PlanRead { plan } => plan,
            news => panic!("{news:?}"),
        }
    }

    pub(crate) fn run_plan(&mut self, plan: &RebasePlan) {
        self.done(GitAct::RunPlan {
            plan: Box::new(plan.clone()),
        });
    }

    /// A base and `n` commits, each of which touches a file of its own.
    fn with_commits(n: usize) -> Self {
        let bench = Self::trusted();
        bench.fixture.write("base", "b\n");
        bench.fixture.commit_all("base");
        for at in 0..n {
            bench.fixture.write(format!("f{at}"), format!("{at}\n"));
            bench.fixture.commit_all(&format!("commit {at}\n\nbody of {at}"));
        }
        bench
    }
}

/// Subject, body, author and tree of every commit after the base: ids differ by the time of committing.
fn told(bench: &Bench, folder: &std::path::Path) -> String {
    let format = "--format=%s|%b|%an|%at|%T|%P";
    let out = bench.fixture.run_in(folder, &["log", "--reverse", format, "HEAD"]);
    let text = String::from_utf8(out).unwrap();
    // Only whether there is a parent counts.
    text.lines()
        .map(|line| {
            line.rsplit_once('|')
                .map_or(line.to_owned(), |(rest, parents)| format!("{rest}|{}", !parents.is_empty()))
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// The same with git's own editors: the list is put in place by one, and each message by the other.
fn by_git(bench: &Bench, twin: &std::path::Path, plan: &RebasePlan) {
    let mut list = String::new();
    let folder = bench.fixture.dir.path().join("messages");
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir(&folder).unwrap();
    for step in &plan.steps {
        // What is joined with a message of its own is a fixup, and then a reword of what stands there.
        let word = match (step.action, &step.message) {
            (StepAction::Squash, Some(_)) => "fixup",
            (StepAction::Reword, _) => "pick",
            (action, _) => action.word(),
        };
        writeln!(list, "{word} {}", step.oid).unwrap();
        if let Some(message) = &step.message {
            let file = folder.join(&step.oid);
            std::fs::write(&file, message).unwrap();
            writeln!(list, "exec git commit -q --amend --allow-empty --file={}", file.display()).unwrap();
        }
    }
    if plan.steps.iter().all(|step| step.action == StepAction::Drop) {
        list.push_str("noop\n");
    }
    let todo = folder.join("todo");
    std::fs::write(&todo, list).unwrap();
    let output = std::process::Command::new("git")
        .args(["rebase", "-q", "-i", "--empty=drop", plan.base.as_ref().unwrap()])
        .current_dir(twin)
        .env("HOME", bench.fixture.dir.path())
        .env("GIT_EDITOR", "true")
        .env("GIT_SEQUENCE_EDITOR", format!("cp {}", todo.display()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn random_plans_do_what_git_does() {
    cases(14, |rng| {
        let n = rng.usize(2..7);
        let mut bench = Bench::with_commits(n);
        let mut plan = bench.plan(&format!("HEAD~{n}"));
        assert_eq!(plan.steps.len(), n);
        rng.shuffle(&mut plan.steps);
        for (at, step) in plan.steps.iter_mut().enumerate() {
            step.action = StepAction::ALL[rng.usize(..6)];
            if at == 0 && step.action.joins() {
                step.action = StepAction::Pick;
            }
            if step.action == StepAction::Edit {
                step.action = StepAction::Pick;
            }
            if step.action == StepAction::Reword || (step.action == StepAction::Squash && rng.bool()) {
                step.message = Some(format!(
                    "another message {at}\n\nwith \"quotes\", `ticks` and $(nothing run)\n#{at} is no comment"
                ));
            }
        }
        // Nothing may join a commit that is dropped.
        let first = plan.steps.iter().position(|step| step.action != StepAction::Drop);
        if let Some(first) = first.filter(|first| plan.steps[*first].action.joins()) {
            plan.steps[first].action = StepAction::Pick;
            plan.steps[first].message = None;
        }
        let twin = bench.fixture.twin();
        by_git(&bench, &twin, &plan);
        bench.run_plan(&plan);
        let root = bench.fixture.root.clone();
        assert_eq!(told(&bench, &root), told(&bench, &twin), "{plan:#?}");
        assert_eq!(bench.operation(), None);
    });
}

#[test]
fn an_edit_stops_and_goes_on() {
    let mut bench = Bench::with_commits(3);
    let mut plan = bench.plan("HEAD~3");
    plan.steps[1].action = StepAction::Edit;
    plan.steps[2].action = StepAction::Reword;
    plan.steps[2].message = Some("reworded after the stop".to_owned());
    bench.run_plan(&plan);
    let state = bench.fixture.git.operation(&bench.fixture.root).unwrap().unwrap();
    assert_eq!((state.kind, state.is_edit_stop), (Operation::Rebase, true));
    assert_eq!(state.current.unwrap().summary, "commit 1");
    bench.fixture.write("f1", "edited\n");
    bench.fixture.run(&["commit", "-q", "-a", "--amend", "--no-edit"]);
    bench.done(GitAct::Continue);
    assert_eq!(bench.fixture.text(&["log", "-1", "--format=%s"]), "reworded after the stop");
    assert_eq!(bench.fixture.read("f1"), b"edited\n");
    assert_eq!(bench.fixture.text(&["log", "--format=%s", "-1", "HEAD~1"]), "commit 1");
}

#[test]
fn local_changes_survive_a_rebase() {
    let mut bench = Bench::with_commits(2);
    let mut plan = bench.plan("HEAD~2");
    plan.steps.swap(0, 1);
    bench.fixture.write("base", "changed\n");
    bench.run_plan(&plan);
    assert_eq!(bench.fixture.read("base"), b"changed\n");
    assert_eq!(bench.fixture.text(&["log", "-2", "--format=%s"]), "commit 0\ncommit 1");
}

#[test]
fn published_commits_and_merges_are_told() {
    let mut bench = Bench::with_side();
    bench.fixture.run(&["merge", "-q", "--no-edit", "side"]);
    bench.fixture.write("d", "1\n");
    bench.fixture.commit_all("after");
    bench.fixture.run(&["update-ref", "refs/remotes/origin/main", "HEAD~2"]);
    let plan = bench.plan("main~3");
    let told: Vec<(&str, bool)> = plan
        .steps
        .iter()
        .map(|step| (step.summary.as_str(), step.is_published))
        .collect();
    assert_eq!(plan.n_merges, 1);
    assert!(told.contains(&("after", false)), "{told:?}");
    assert!(told.contains(&("three", true)), "{told:?}");
    assert_eq!(
        plan.n_published(),
        told.iter().filter(|(_, is_published)| *is_published).count()
    );
}

/// Of each commit, by its subject: its tree and the subjects of its parents.
fn shape(bench: &Bench) -> BTreeMap<String, (String, Vec<String>)> {
    let lines = bench.fixture.text(&["log", "--format=%H|%T|%P|%s"]);
    let all: Vec<Vec<&str>> = lines.lines().map(|line| line.splitn(4, '|').collect()).collect();
    let subject = |oid: &str| {
        let found = all.iter().find(|line| line[0] == oid);
        found.map_or_else(|| oid.to_owned(), |line| line[3].to_owned())
    };
    let of = |line: &Vec<&str>| {
        let parents = line[2].split(' ').filter(|oid| !oid.is_empty()).map(subject).collect();
        (line[3].to_owned(), (line[1].to_owned(), parents))
    };
    all.iter().map(of).collect()
}

/// A history of lines that part and are merged again, some of them three at once; each commit has a file of its own.
fn with_merges(rng: &mut fastrand::Rng) -> Bench {
    let bench = Bench::trusted();
    bench.fixture.write("base", "b\n");
    bench.fixture.commit_all("base");
    bench.fixture.run(&["tag", "below"]);
    let mut n_branches = 0;
    for at in 0..rng.usize(6..14) {
        match rng.usize(..4) {
            0 => {
                let any: Vec<String> = bench
                    .fixture
                    .text(&["rev-list", "--all"])
                    .lines()
                    .map(str::to_owned)
                    .collect();
                let from = &any[rng.usize(..any.len())];
                bench.fixture.run(&["switch", "-q", "-c", &format!("b{n_branches}"), from]);
                n_branches += 1;
            }
            1 if n_branches > 1 => {
                bench.fixture.run(&["switch", "-q", "main"]);
                let mut args = vec!["merge".to_owned(), "-q".to_owned(), "--no-ff".to_owned()];
                args.extend(["-m".to_owned(), format!("merge {at}")]);
                args.extend((0..rng.usize(1..3)).map(|_| format!("b{}", rng.usize(..n_branches))));
                let args: Vec<&str> = args.iter().map(String::as_str).collect();
                bench.fixture.try_run(&bench.fixture.root, &args);
            }
            _ => {
                bench.fixture.write(format!("f{at}"), format!("{at}\n"));
                bench.fixture.commit_all(&format!("commit {at}"));
            }
        }
    }
    bench.fixture.run(&["switch", "-q", "main"]);
    for branch in 0..n_branches {
        let (name, words) = (format!("b{branch}"), format!("last {branch}"));
        bench
            .fixture
            .try_run(&bench.fixture.root, &["merge", "-q", "--no-ff", "-m", &words, &name]);
    }
    bench.fixture.write("end", "e\n");
    bench.fixture.commit_all("end");
    bench
}

#[test]
fn a_plan_makes_merges_again_where_they_were() {
    cases(12, |rng| {
        let mut bench = with_merges(rng);
        let before = shape(&bench);
        let mut plan = bench.plan("below");
        assert_eq!(plan.keeps_merges, plan.n_merges > 0);
        let mut renamed = BTreeMap::new();
        for step in &mut plan.steps {
            if rng.bool() {
                step.action = StepAction::Reword;
                step.message = Some(format!("{}, said better", step.summary));
                renamed.insert(step.summary.clone(), format!("{}, said better", step.summary));
            }
        }
        let now = |subject: &String| renamed.get(subject).unwrap_or(subject).clone();
        let expected: BTreeMap<_, _> = before
            .iter()
            .map(|(subject, (tree, parents))| (now(subject), (tree.clone(), parents.iter().map(now).collect::<Vec<_>>())))
            .collect();
        bench.run_plan(&plan);
        assert_eq!(shape(&bench), expected);
        // One goes, and what stood on it stands on what was below.
        let mut plan = bench.plan("below");
        let at = rng.usize(..plan.steps.len());
        let gone = plan.steps[at].summary.clone();
        let below = expected[&gone].1.clone();
        plan.steps[at].action = StepAction::Drop;
        bench.run_plan(&plan);
        let after = shape(&bench);
        assert!(!after.contains_key(&gone));
        for (subject, (_, parents)) in expected.iter().filter(|(subject, _)| **subject != gone) {
            let stays = |parent: &String| if *parent == gone { below[0].clone() } else { parent.clone() };
            let parents: Vec<String> = parents.iter().map(stays).collect();
            // A merge of what is there already is none any more, and what stood on it stands on what it stood on.
            let is_whole = parents.iter().all(|parent| after.contains_key(parent));
            let is_merge = parents.len() > 1;
            if is_whole && !is_merge {
                assert_eq!(after[subject].1, parents, "{subject}");
            }
        }
        assert_eq!(
            after.keys().filter(|subject| subject.contains("commit")).count() + 1,
            expected.keys().filter(|subject| subject.contains("commit")).count() + usize::from(!gone.contains("commit"))
        );
    });
}

#[test]
fn steps_change_places_within_a_branch_and_join_what_stands_before_them() {
    let mut bench = Bench::with_commits(2);
    bench.fixture.run(&["switch", "-q", "-c", "topic", "HEAD~1"]);
    for name in ["t0", "t1"] {
        bench.fixture.write(name, "t\n");
        bench.fixture.commit_all(name);
    }
    bench.fixture.run(&["switch", "-q", "main"]);
    bench.fixture.run(&["merge", "-q", "--no-ff", "-m", "merged", "topic"]);
    bench.fixture.write("f0", "0 again\n");
    bench.fixture.commit_all("fixup! commit 0");
    let tree = bench.fixture.text(&["rev-parse", "HEAD^{tree}"]);
    let mut plan = bench.plan("HEAD~4");
    let place = |plan: &RebasePlan, summary: &str| plan.steps.iter().position(|step| step.summary == summary).unwrap();
    let mut odd = plan.clone();
    let (a, b) = (place(&odd, "t1"), place(&odd, "commit 1"));
    odd.steps.swap(a, b);
    assert!(matches!(odd.fault(), Some(PlanFault::AcrossMerges(_))), "{odd:?}");
    bench.refused(chantier::areas::code::act::Act::Git(GitAct::RunPlan { plan: Box::new(odd) }).on(&bench.workspace.clone()));
    let (a, b) = (place(&plan, "t0"), place(&plan, "t1"));
    plan.steps.swap(a, b);
    plan.autosquash();
    bench.run_plan(&plan);
    let subjects = |range: &str| bench.fixture.text(&["log", "--format=%s", range]);
    assert_eq!(subjects("HEAD^2"), "t0\nt1\ncommit 0\nbase");
    assert_eq!(subjects("HEAD^1"), "commit 1\ncommit 0\nbase");
    assert_eq!(subjects("HEAD~1..HEAD").lines().next(), Some("merged"));
    assert_eq!(bench.fixture.text(&["rev-parse", "HEAD^{tree}"]), tree);
    // Who wants a straight line says so.
    let mut plan = bench.plan("HEAD~2");
    plan.keeps_merges = false;
    bench.run_plan(&plan);
    assert_eq!(bench.fixture.text(&["rev-list", "--count", "--merges", "HEAD"]), "0");
    assert_eq!(bench.fixture.text(&["rev-parse", "HEAD^{tree}"]), tree);
}

fn step(action: StepAction, oid: &str, summary: &str) -> PlanStep {
    PlanStep {
        action,
        oid: oid.repeat(40),
        summary: summary.to_owned(),
        old_message: format!("{summary}\n\nbody\n"),
        ..PlanStep::default()
    }
}

/// What came since stands in no step of it, and would be thrown away in silence.
#[test]
fn a_plan_of_a_branch_that_has_moved_is_not_carried_out() {
    let mut bench = Bench::with_commits(3);
    let plan = bench.plan("HEAD~2");
    let run = |plan: &RebasePlan| GitAct::RunPlan {
        plan: Box::new(plan.clone()),
    };
    bench.fixture.write("later", "l\n");
    bench.fixture.commit_all("feat: important");
    assert_eq!(bench.fails(run(&plan)).code, "plan-moved");
    let newest = |bench: &Bench| bench.fixture.run(&["log", "-1", "--format=%s"]);
    assert_eq!(String::from_utf8(newest(&bench)).unwrap().trim(), "feat: important");
    // Another branch is checked out, at the very commit.
    let plan = bench.plan("HEAD~2");
    bench.fixture.run(&["switch", "-qc", "other"]);
    assert_eq!(bench.fails(run(&plan)).code, "plan-moved");
    let mut plan = bench.plan("HEAD~2");
    plan.steps.swap(0, 1);
    bench.run_plan(&plan);
}

#[test]
fn autosquash_puts_fixups_where_git_puts_them() {
    let mut plan = RebasePlan {
        steps: vec![
            step(StepAction::Pick, "a", "Weigh instances"),
            step(StepAction::Pick, "b", "Read the clock"),
            step(StepAction::Pick, "c", "fixup! Weigh instances"),
            step(StepAction::Pick, "d", "squash! Read"),
            step(StepAction::Pick, "e", "fixup! fixup! Weigh instances"),
            step(StepAction::Pick, "f", "amend! Weigh instances"),
            step(StepAction::Pick, "0", "fixup! of nothing that is here"),
        ],
        ..RebasePlan::default()
    };
    plan.autosquash();
    let told: Vec<String> = plan
        .steps
        .iter()
        .map(|step| format!("{} {}", step.action.word(), &step.oid[..1]))
        .collect();
    assert_eq!(
        told,
        ["pick a", "fixup c", "fixup e", "squash f", "pick b", "squash d", "pick 0"]
    );
    assert_eq!(plan.steps[3].message.as_deref(), Some("body"));
}

#[test]
fn a_written_plan_is_read_and_a_wrong_one_refused() {
    let known = RebasePlan {
        steps: vec![step(StepAction::Pick, "a", "one"), step(StepAction::Pick, "b", "two")],
        ..RebasePlan::default()
    };
    let plan = parse_plan("# a remark\nr bbbbbbb second, better\nf aaaaaaa one\n", "plan", &known).unwrap();
    assert_eq!(plan.steps[0].action, StepAction::Reword);
    assert_eq!(plan.steps[0].message.as_deref(), Some("second, better\n\nbody"));
    assert_eq!(plan.steps[1].action, StepAction::Fixup);
    let json = serde_json::to_string(&plan).unwrap();
    assert_eq!(parse_plan(&json, "plan", &known).unwrap(), plan);
    let document = format!("{{\"schema\": \"chantier.code.rebase/1\", \"result\": {json}}}");
    assert_eq!(parse_plan(&document, "plan", &known).unwrap(), plan);
    let plan = parse_plan("pick aaaaaaa\nx make  test\nbreak\n", "plan", &known).unwrap();
    assert_eq!(
        (plan.steps[1].action, plan.steps[1].summary.as_str()),
        (StepAction::Exec, "make  test")
    );
    assert_eq!(plan.steps[2].action, StepAction::Break);
    let problem = parse_plan("pick aaaaaaa\nlabel onto\n", "plan", &known).unwrap_err();
    assert_eq!((problem.code.as_str(), problem.place.unwrap().line), ("bad-plan", Some(2)));
    assert!(parse_plan("pick ccccccc\n", "plan", &known).is_err());
    assert!(parse_plan("{\"steps\": 3}", "plan", &known).is_err());
    let of = |steps: Vec<PlanStep>| RebasePlan {
        steps,
        ..RebasePlan::default()
    };
    assert_eq!(of(Vec::new()).fault(), Some(PlanFault::Empty));
    let joins_nothing = vec![step(StepAction::Drop, "a", "one"), step(StepAction::Squash, "b", "two")];
    assert_eq!(of(joins_nothing).fault(), Some(PlanFault::NothingToJoin(1)));
    assert_eq!(
        of(vec![step(StepAction::Reword, "a", "one")]).fault(),
        Some(PlanFault::NoMessage(0))
    );
}

#[test]
fn what_was_staged_is_staged_after_a_rebase_also_after_one_that_stopped() {
    let mut bench = Bench::trusted();
    let (f, g) = ("a\nb\nc\nd\ne\nf\ng\nh\n", "x\n");
    bench.fixture.write("f", f);
    bench.fixture.write("g", g);
    bench.fixture.commit_all("first");
    bench.fixture.run(&["switch", "-q", "-c", "side"]);
    bench.fixture.write("g", "side\n");
    bench.fixture.commit_all("on side");
    bench.fixture.run(&["switch", "-q", "main"]);
    bench.fixture.write("g", "main\n");
    bench.fixture.commit_all("on main");
    let (half, whole) = (f.replace('a', "A"), f.replace('a', "A").replace('h', "H"));
    bench.fixture.write("f", &half);
    bench.fixture.run(&["add", "f"]);
    bench.fixture.write("f", &whole);
    let is_half = |bench: &Bench| {
        assert_eq!(bench.fixture.text(&["status", "--porcelain"]), "MM f");
        assert_eq!(bench.fixture.run(&["show", ":f"]), half.as_bytes());
        assert_eq!(bench.fixture.read("f"), whole.as_bytes());
    };
    let mut plan = bench.plan("HEAD~1");
    plan.steps[0].action = StepAction::Reword;
    plan.steps[0].message = Some("said better".to_owned());
    bench.run_plan(&plan);
    is_half(&bench);
    // It stops in a conflict: what was put aside comes back at the end.
    let rebase = GitAct::Rebase {
        onto: "side".to_owned(),
        since: None,
        is_autosquash: false,
        keeps_merges: false,
    };
    let command = chantier::areas::code::act::Act::Git(rebase).on(&bench.workspace);
    bench.refused(command);
    bench.fixture.write("g", "both\n");
    bench.fixture.run(&["add", "g"]);
    bench.done(GitAct::Continue);
    is_half(&bench);
}

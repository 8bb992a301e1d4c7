//! Items of the plan that follow releases and deployments: the first version, one that was skipped, a move that the workflow forbids.

use super::Bench;
use chantier::adapters::store::deployments::DeploymentRow;
use chantier::adapters::store::thread::{ThreadEnd, ThreadRows};
use chantier::areas::devops::Command as DevOps;
use chantier::areas::plan::Command as Plan;
use chantier::areas::plan::followed::coverage::Coverage;
use chantier::areas::release::Wish;
use chantier::base::{State, Target, ThreadKind};
use chantier::engine::Outcome;

const RULES: &str = "\n[[plan.rules]]\non = \"deployed\"\nenvironment = \"production\"\nto = \"done\"\n";

impl Bench {
    /// An item in a state, and the rules of the plan.
    fn planned(&mut self, state: &str, more: &str) {
        std::fs::create_dir_all(self.root().join(".chantier/plan")).unwrap();
        self.write(
            ".chantier/plan/AP-1.md",
            &format!("---\nid: AP-1\ntitle: Greet\nstate: {state}\n---\n"),
        );
        let project = self.read("chantier.toml");
        self.write("chantier.toml", &format!("{project}{more}{RULES}"));
        self.commit("chore: plan");
        let workspace = self.workspace.clone();
        self.session().world.trust().trust(&workspace).unwrap();
    }

    fn thread(&mut self) -> ThreadRows {
        let end = ThreadEnd::Item {
            workspace: self.workspace.id.clone(),
            id: "AP-1".to_owned(),
        };
        let store = self.session().world.store().clone();
        self.session()
            .runtime()
            .block_on(async { store.threads().follow(end).await })
            .unwrap()
    }

    /// HEAD runs in production.
    fn deployed(&mut self, version: &str) {
        let row = DeploymentRow {
            workspace: self.workspace.id.clone(),
            commit: Some(self.git(&["rev-parse", "HEAD"])),
            ..crate::store::deployment(version, "production")
        };
        let store = self.session().world.store().clone();
        self.session()
            .runtime()
            .block_on(async {
                let row = store.deployments().begin(row).await?;
                store.deployments().end(row.id, State::Done, None).await
            })
            .unwrap();
    }

    fn follow(&mut self) -> Outcome {
        let workspace = self.workspace.clone();
        self.run(Plan::Follow { workspace })
    }

    fn coverage(&mut self) -> Coverage {
        let (workspace, id) = (self.workspace.clone(), "AP-1".to_owned());
        assert_eq!(self.run(Plan::Cover { workspace, id }), Outcome::Done);
        let beside = self.model.plan.beside(&self.workspace.id).unwrap();
        beside.coverage["AP-1"].clone()
    }

    fn item(&self) -> String {
        self.read(".chantier/plan/AP-1.md")
    }
}

#[test]
fn the_first_version_has_every_item_that_came_before_it() {
    let mut bench = Bench::new();
    bench.git(&["tag", "-d", "v0.2.0"]);
    bench.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n");
    bench.commit("chore: nothing was released");
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let rows = bench.thread();
    assert_eq!(rows.releases.len(), 1, "{rows:?}");
    assert_eq!(rows.releases[0].previous, None);
}

#[test]
fn what_runs_has_the_items_of_a_version_that_was_skipped() {
    let mut bench = Bench::new();
    bench.planned("review", "");
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    bench.write("a", "c");
    bench.commit("fix: another leak");
    bench.follow();
    assert!(bench.item().contains("state: review"), "nothing runs yet");
    assert!(bench.coverage().places.is_empty());
    bench.deployed("0.3.1");
    let coverage = bench.coverage();
    assert_eq!(coverage.places.len(), 1, "{coverage:?}");
    assert!(coverage.places[0].is_live && coverage.places[0].version == "0.3.1");
    assert_eq!(coverage.health, State::Running);
    assert_eq!(bench.follow(), Outcome::Done);
    assert!(bench.item().contains("state: done"), "{}", bench.item());
    // Taken back by hand: the next deployment of something else does not move it again.
    let text = bench.item().replace("state: done", "state: review");
    bench.write(".chantier/plan/AP-1.md", &text);
    bench.write("a", "d");
    bench.commit("fix: one more leak");
    bench.deployed("0.3.2");
    assert_eq!(bench.follow(), Outcome::Done);
    assert!(bench.item().contains("state: review"), "{}", bench.item());
}

#[test]
fn a_move_that_the_workflow_forbids_is_told_at_the_item_and_tried_again() {
    let mut bench = Bench::new();
    bench.planned(
        "in-progress",
        "\n[plan]\ntransitions = { in-progress = [\"review\", \"ready\"] }\n",
    );
    bench.deployed("0.3.0");
    let Outcome::Failed { problem } = bench.follow() else {
        panic!("a refusal is told")
    };
    assert_eq!(problem.code, "no-way");
    assert!(bench.item().contains("state: in-progress"));
    let refused = bench.coverage().refused.expect("it is told at the item");
    assert_eq!(refused.summary, problem.summary);
    // It still waits, and is told as what is known.
    assert_eq!(bench.follow(), Outcome::Done);
    let followed = bench.model.plan.beside(&bench.workspace.id).unwrap().followed.clone();
    assert!(followed.len() == 1 && followed[0].is_known, "{followed:?}");
    let text = bench.item().replace("state: in-progress", "state: review");
    bench.write(".chantier/plan/AP-1.md", &text);
    assert_eq!(bench.follow(), Outcome::Done);
    assert!(bench.item().contains("state: done"), "{}", bench.item());
    assert_eq!(bench.coverage().refused, None);
}

#[test]
fn an_item_goes_step_by_step_where_the_workflow_lets_it() {
    let mut bench = Bench::new();
    bench.planned(
        "ready",
        "\n[plan]\ntransitions = { ready = [\"in-progress\"], in-progress = [\"review\", \"ready\"], review = [\"in-progress\"] }\n\
         [[plan.rules]]\non = \"commit\"\nto = \"in-progress\"\n[[plan.rules]]\non = \"merged\"\nto = \"review\"\n",
    );
    assert_eq!(bench.follow(), Outcome::Done);
    assert!(bench.item().contains("state: review"), "{}", bench.item());
    // What lies beyond is asked for again, and told.
    bench.deployed("0.3.0");
    assert!(matches!(bench.follow(), Outcome::Failed { .. }));
    assert!(bench.item().contains("state: review"), "{}", bench.item());
}

#[test]
fn in_a_clone_and_for_a_tag_that_was_set_elsewhere_an_item_has_its_version() {
    let mut bench = Bench::new();
    std::fs::create_dir_all(bench.root().join(".chantier/plan")).unwrap();
    bench.write(".chantier/plan/AP-1.md", "---\nid: AP-1\ntitle: Greet\nstate: review\n---\n");
    let project = bench.read("chantier.toml");
    let rules = "\n[[plan.rules]]\non = \"released\"\nto = \"done\"\n";
    bench.write("chantier.toml", &format!("{project}{rules}"));
    bench.commit("chore: plan");
    assert_eq!(bench.follow(), Outcome::Done);
    assert!(bench.coverage().releases.is_empty(), "nothing was released yet");
    // Git's own program tags, not Chantier: as on another machine.
    bench.git(&["tag", "-a", "v0.3.0", "-m", "v0.3.0"]);
    bench.write("a", "d");
    bench.commit("fix: more");
    bench.git(&["tag", "v0.3.1"]);
    assert_eq!(bench.coverage().releases, ["0.3.0"]);
    assert_eq!(bench.follow(), Outcome::Done);
    assert!(bench.item().contains("state: done"), "{}", bench.item());
    let of = Target::Item {
        workspace: bench.workspace.id.clone(),
        id: "AP-1".to_owned(),
    };
    let _ = bench.run(DevOps::AddWorkspace {
        path: bench.root().to_path_buf(),
        group: String::new(),
    });
    assert_eq!(
        bench.run(DevOps::ShowThread {
            of: of.clone(),
            at: None
        }),
        Outcome::Done
    );
    let thread = bench
        .model
        .devops
        .thread(&of)
        .and_then(|thread| thread.value().cloned())
        .unwrap();
    let release = thread.steps.iter().find(|step| step.kind == ThreadKind::Release).unwrap();
    assert_eq!((release.state, release.name.as_str()), (State::Done, "0.3.0"));
}

#[test]
fn an_item_has_the_commits_that_name_it_and_not_that_of_the_version() {
    let mut bench = Bench::new();
    bench.planned("review", "");
    // Nobody followed the project yet.
    assert_eq!(bench.coverage().n_commits, 1);
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let coverage = bench.coverage();
    assert_eq!(coverage.n_commits, 1, "{coverage:?}");
    assert_eq!(coverage.commits[0].summary, "feat: greet by name");
    assert_eq!(coverage.releases.len(), 1, "{coverage:?}");
    let version = ThreadEnd::Version {
        workspace: bench.workspace.id.clone(),
        version: coverage.releases[0].clone(),
    };
    let store = bench.session().world.store().clone();
    let rows = bench
        .session()
        .runtime()
        .block_on(async { store.threads().follow(version).await })
        .unwrap();
    assert_eq!(rows.items, ["AP-1"], "the version has the items of its commits");
}

#[test]
fn items_that_followed_by_themselves_stop_no_release() {
    let mut bench = Bench::new();
    bench.planned("review", "");
    bench.write("a", "c");
    bench.commit("fix: another leak");
    bench.deployed("0.2.1");
    assert_eq!(bench.follow(), Outcome::Done);
    assert!(bench.item().contains("state: done"), "{}", bench.item());
    assert!(!bench.git(&["status", "--porcelain"]).is_empty());
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    // It is still there, and no part of the version.
    assert!(bench.item().contains("state: done"), "{}", bench.item());
    assert!(bench.git(&["show", "HEAD:.chantier/plan/AP-1.md"]).contains("state: review"));
    // Anything else stops it as before.
    bench.write("a", "d");
    assert!(matches!(bench.release(Wish::Commits), Outcome::Failed { .. }));
}

//! A plan deploys what its check showed, also other settings of a version that runs, and what was done stays told.

use super::bench::{Bench, ask, problem_of};
use chantier::areas::deploy::Command as Deploy;
use chantier::areas::deploy::plans::{Act, Form};
use chantier::base::Lang;
use chantier::engine::Outcome;

impl Bench {
    fn run_plan(&mut self, again: bool) -> Outcome {
        let workspace = self.workspace.clone();
        self.session().world.trust().trust(&workspace).unwrap();
        let act = Act::Run {
            name: "ship".to_owned(),
            confirmed: Vec::new(),
            outside: None,
            again,
        };
        self.run(Deploy::Plan { workspace, act })
    }

    fn live(&mut self) -> i64 {
        self.refreshed().live.unwrap().id
    }
}

#[test]
fn a_plan_brings_changed_settings_to_a_version_that_runs() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    let folder = bench.workspace.root.join(".chantier/deploy");
    std::fs::create_dir_all(&folder).unwrap();
    let plan = "title = \"Settings\"\nversion = \"1.0.0\"\n[[stage]]\ndeploy = \"staging\"\n";
    std::fs::write(folder.join("ship.toml"), plan).unwrap();
    let first = bench.live();
    assert_eq!(bench.run_plan(false), Outcome::Done);
    assert_eq!(bench.live(), first, "it runs already as it shall");

    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"{environment}\"", "\"elsewhere\"", 1)).unwrap();
    assert_eq!(bench.run_plan(true), Outcome::Done);
    assert!(bench.live() > first);
    assert!(ask(bench.port, "/").unwrap().contains("\"place\":\"elsewhere\""));
}

/// What was done stays told when its file is made into the next deployment.
#[test]
fn a_run_is_reported_after_its_file_was_changed() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.release("2.0.0", "good");
    let path = bench.workspace.root.join(".chantier/deploy/ship.toml");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let write = |title: &str, version: &str| {
        let plan = format!("title = \"{title}\"\nversion = \"{version}\"\n[[stage]]\ndeploy = \"staging\"\n");
        std::fs::write(&path, plan).unwrap();
    };
    let report = |bench: &mut Bench, run: Option<usize>| {
        let workspace = bench.workspace.clone();
        let act = Act::Report {
            name: "ship".to_owned(),
            form: Form::Markdown,
            lang: Lang::En,
            to: None,
            run,
        };
        assert_eq!(bench.run(Deploy::Plan { workspace, act }), Outcome::Done);
        let known = bench.model.deploy.of(&bench.workspace.id).unwrap();
        let plan = known.plan("ship").unwrap();
        std::fs::read_to_string(plan.report.clone().unwrap()).unwrap()
    };
    write("First", "1.0.0");
    assert_eq!(bench.run_plan(false), Outcome::Done);
    write("Second", "2.0.0");
    let text = report(&mut bench, None);
    assert!(text.contains("# First") && text.contains("1.0.0 to staging, done"), "{text}");
    let known = bench.model.deploy.of(&bench.workspace.id).unwrap().plan("ship").unwrap();
    assert_eq!((known.before.len(), known.begun.is_none()), (1, true));
    assert_eq!(bench.run_plan(false), Outcome::Done);
    assert!(report(&mut bench, None).contains("# Second"));
    assert!(report(&mut bench, Some(1)).contains("# First"));
    let workspace = bench.workspace.clone();
    let act = Act::Report {
        name: "ship".to_owned(),
        form: Form::Markdown,
        lang: Lang::En,
        to: None,
        run: Some(3),
    };
    assert_eq!(problem_of(bench.run(Deploy::Plan { workspace, act })).code, "not-found");
}

#[test]
fn a_window_that_is_over_is_told_by_the_check() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    let path = bench.workspace.root.join(".chantier/deploy/ship.toml");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut check = |until: &str| {
        let plan = format!("version = \"1.0.0\"\n[schedule]\nuntil = {until}\n[[stage]]\ndeploy = \"staging\"\n");
        std::fs::write(&path, plan).unwrap();
        let workspace = bench.workspace.clone();
        bench.session().world.trust().trust(&workspace).unwrap();
        let act = Act::Check { name: "ship".to_owned() };
        bench.run(Deploy::Plan { workspace, act })
    };
    assert_eq!(check("2999-01-01"), Outcome::Done);
    assert_eq!(problem_of(check("2001-01-01")).summary.key, "deploy-plan-over");
}

/// Its name is that of a file, as people write it.
#[test]
fn the_name_of_a_plan_has_blanks_and_accents() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    let folder = bench.workspace.root.join(".chantier/deploy");
    std::fs::create_dir_all(&folder).unwrap();
    let plan = "title = \"Été\"\nversion = \"1.0.0\"\n[[stage]]\ndeploy = \"staging\"\n";
    std::fs::write(folder.join("mise en prod été.toml"), plan).unwrap();
    let workspace = bench.workspace.clone();
    assert_eq!(
        bench.run(Deploy::Plan {
            workspace,
            act: Act::List
        }),
        Outcome::Done
    );
    let known = bench.model.deploy.of(&bench.workspace.id).unwrap();
    let listed = known.plan("mise en prod été").unwrap();
    assert!(listed.problems.is_empty(), "{:?}", listed.problems);
}

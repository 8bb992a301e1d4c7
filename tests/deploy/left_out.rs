//! An environment that the project file does not name any more, and that runs: it is seen, told and can be stopped.

use super::bench::{Bench, problem_of, version_at};
use chantier::areas::deploy::Command as Deploy;
use chantier::base::State;
use chantier::engine::Outcome;

impl Bench {
    fn names(&mut self) -> Vec<String> {
        let workspace = self.workspace.clone();
        assert_eq!(self.run(Deploy::Refresh { workspace }), Outcome::Done);
        let known = self.model.deploy.of(&self.workspace.id).unwrap();
        let environments = &known.overview.value().unwrap().environments;
        environments.iter().map(|one| one.name.clone()).collect()
    }
}

#[test]
fn an_environment_that_was_renamed_while_it_runs_can_be_stopped() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("name = \"staging\"", "name = \"testing\"", 1)).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();

    assert_eq!(bench.names(), ["testing", "production", "staging"]);
    let found = bench.environment("staging");
    assert_eq!((found.state, found.is_left_out), (State::Running, true));
    assert_eq!(found.instances.len(), 1);
    assert_eq!(found.why.unwrap().key.as_ref(), "deploy-why-left-out");
    assert!(!bench.environment("testing").is_left_out);

    // Its port is not that of a stranger, and nothing new comes there.
    let other = bench.deploy_command("testing", "1.0.0", None);
    let problem = problem_of(bench.run(other));
    assert_eq!(
        (problem.code.as_str(), problem.summary.key.as_ref()),
        ("port-taken", "deploy-port-of")
    );
    assert_eq!(problem_of(bench.deploy("1.0.0")).code, "left-out");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"), "nothing was touched");

    assert_eq!(bench.stop(), Outcome::Done);
    assert!(bench.processes().is_empty());
    assert_eq!(bench.names(), ["testing", "production"]);
    assert_eq!(problem_of(bench.stop()).code, "not-found");
    let again = bench.deploy_command("testing", "1.0.0", None);
    assert_eq!(bench.run(again), Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
}

/// A file that can not be read says of no environment that it is gone.
#[test]
fn a_project_file_that_is_no_text_is_told_of_what_runs_too() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read(&path).unwrap();
    let workspace = bench.workspace.clone();
    let write = |bench: &mut Bench, bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        bench.session().world.trust().trust(&workspace).unwrap();
    };
    write(&mut bench, &[&text[..], b"# caf\xe9\n"].concat());
    let problem = problem_of(bench.deploy("1.0.0"));
    assert_eq!(problem.code, "not-utf8", "{problem:?}");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    write(&mut bench, &text);
    assert_eq!(bench.stop(), Outcome::Done);
}

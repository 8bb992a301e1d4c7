//! Pipelines as they are written.

use chantier::areas::devops::project;
use chantier::base::Lang;
use std::path::Path;

fn wrong(text: &str) -> (String, Option<u32>) {
    let (file, problems) = project::parse(text, Path::new("chantier.toml"));
    assert!(file.pipelines.is_empty(), "what is wrong is not offered");
    let problem = problems.first().expect("a problem");
    let texts = chantier::base::Catalog::new(Lang::En);
    (
        texts.msg(&problem.summary),
        problem.place.as_ref().and_then(|place| place.line),
    )
}

#[test]
fn what_is_wrong_with_a_pipeline_is_told_with_its_line() {
    let job = |name: &str, rest: &str| format!("[[pipeline.job]]\nname = \"{name}\"\nrun = [\"true\"]\n{rest}\n");
    let head = "[[pipeline]]\nname = \"ci\"\n";
    let ring = format!(
        "{head}{}{}{}",
        job("a", "needs = [\"c\"]"),
        job("b", "needs = [\"a\"]"),
        job("c", "needs = [\"b\"]")
    );
    assert_eq!(
        wrong(&ring),
        (
            "chantier.toml: the jobs of “ci” wait for each other: a → c → b → a".to_owned(),
            Some(4)
        )
    );
    let (words, line) = wrong(&format!("{head}{}", job("a", "needs = [\"nope\"]")));
    assert_eq!(
        (words.as_str(), line),
        ("chantier.toml: “a” needs “nope”, and there is no such job", Some(6))
    );
    let (words, _) = wrong(&format!("{head}{}", job("a", "stage = \"x\"")));
    assert!(words.contains("stage “x”"), "{words}");
    let (words, _) = wrong(&format!("{head}[[pipeline.job]]\nname = \"a\"\n"));
    assert!(words.contains("neither `run` nor `steps`"), "{words}");
    let (words, _) = wrong(&format!(
        "{head}[[pipeline.job]]\nname = \"a\"\nsteps = [{{ task = \"x\", test = \"all\" }}]\n"
    ));
    assert!(words.contains("exactly one"), "{words}");
    let (words, _) = wrong(&format!("{head}{}", job("a", "artifacts = [\"../x\"]")));
    assert!(words.contains("leads out"), "{words}");
    let (words, line) = wrong(&format!("{head}{}", job("a", "timout = \"1m\"")));
    assert!(words.contains("timout"), "{words}");
    assert_eq!(line, Some(6));
    assert!(wrong(head).0.contains("no [[pipeline.job]]"));
}

//! What archives hold beside the artifacts and what they are called, whose bill of materials it is, and who commits.

use super::Bench;
use chantier::areas::build::pipelines::worktree;
use chantier::areas::release::{Command as Release, Wish};
use chantier::engine::Outcome;
use std::process::Command as Program;
use tokio_util::sync::CancellationToken;

impl Bench {
    /// An artifact that is a program of this machine.
    fn native() -> Self {
        let mut bench = Self::new();
        bench.write("build.sh", "mkdir -p out\ncp /bin/true out/app\n");
        bench.write("LICENSE-MIT", "MIT\n");
        bench.write("README.md", "# App\n");
        let lock = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.2.0\"\ndependencies = [\n \"serde\",\n]\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.0\"\nsource = \"registry+https://example.org\"\n";
        bench.write("Cargo.lock", lock);
        bench.write(
            "chantier.toml",
            &super::PROJECT.replace(
                "version_files = [\"Cargo.toml\"]",
                "version_files = [\"Cargo.toml\", \"Cargo.lock\"]",
            ),
        );
        bench.commit("feat: a program");
        bench.trust_again();
        bench
    }

    fn inside(&mut self, archive: &str) -> String {
        let list = self.model.release.of(&self.workspace.id).unwrap();
        let made = list.deliverables.value().unwrap()[0].clone();
        let names: Vec<&str> = made.artifacts.iter().map(|file| file.name.as_str()).collect();
        assert!(names.contains(&archive), "{names:?}");
        let folder = made.artifacts[0].path.parent().unwrap();
        let output = Program::new("tar")
            .args(["-tzf", archive])
            .current_dir(folder)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

fn archive() -> String {
    let machine = Program::new("dpkg").arg("--print-architecture").output().unwrap();
    let machine = String::from_utf8_lossy(&machine.stdout).trim().to_owned();
    format!("app-0.3.0-linux-{machine}")
}

#[test]
fn an_archive_holds_licence_and_readme_and_says_for_which_machine_it_is() {
    let mut bench = Bench::native();
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let top = archive();
    let names = ["LICENSE-MIT", "README.md", "RELEASE-NOTES.md", "app", "app-0.3.0.cdx.json"];
    let wanted: String = names.iter().map(|name| format!("{top}/{name}\n")).collect();
    assert_eq!(bench.inside(&format!("{top}.tar.gz")), wanted);

    // The version itself is what the bill is about, and none of its own parts.
    let list = bench.model.release.of(&bench.workspace.id).unwrap();
    let made = list.deliverables.value().unwrap()[0].clone();
    let bill = made.artifacts.iter().find(|file| file.name == "app-0.3.0.cdx.json").unwrap();
    let bill: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&bill.path).unwrap()).unwrap();
    let parts: Vec<&str> = bill["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(parts, ["serde"]);
    assert_eq!(bill["metadata"]["component"]["purl"], "pkg:cargo/app@0.3.0");
    let needs = bill["dependencies"][0]["dependsOn"].as_array().unwrap();
    assert_eq!(needs, &[serde_json::json!("pkg:cargo/serde@1.0.0")]);
}

#[test]
fn the_project_says_what_else_an_archive_holds() {
    let mut bench = Bench::native();
    let text = bench.read("chantier.toml") + "archive_files = [\"docs/guide.md\"]\n";
    bench.write("chantier.toml", &text);
    bench.commit("chore: pack the guide");
    bench.trust_again();
    let problem = bench.failed(Wish::Commits);
    assert_eq!(
        problem.summary.key, "release-archive-no-file",
        "told before anything is written"
    );
    bench.file("docs/guide.md", "# Guide\n");
    bench.commit("docs: a guide");
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let top = archive();
    let names = ["RELEASE-NOTES.md", "app", "app-0.3.0.cdx.json", "docs/guide.md"];
    let wanted: String = names.iter().map(|name| format!("{top}/{name}\n")).collect();
    assert_eq!(bench.inside(&format!("{top}.tar.gz")), wanted);
}

/// What was built of a release that was taken back is nobody's any more.
#[test]
fn a_commit_that_was_taken_back_is_known_as_such() {
    let mut bench = Bench::new();
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let commit = bench.git(&["rev-parse", "HEAD"]);
    let (runtime, world) = (bench.session().runtime().clone(), bench.session().world.clone());
    let workspace = bench.workspace.clone();
    let is_alive = |commit: &str| {
        let never = CancellationToken::new();
        runtime
            .block_on(worktree::is_alive(&world, &workspace, commit, &never))
            .expect("git answers")
    };
    assert!(is_alive(&commit));
    let abort = Release::Abort {
        workspace: workspace.clone(),
    };
    assert_eq!(bench.run(abort), Outcome::Done);
    assert!(!is_alive(&commit));
    assert!(is_alive(&bench.git(&["rev-parse", "HEAD"])));
}

//! Monorepos: packages of Cargo's and npm's workspaces and of the project's own naming, each with its version, tags and changes.

use super::Bench;
use chantier::areas::devops::bump::{self, VersionFile};
use chantier::areas::devops::project::ReleaseRules;
use chantier::areas::release::{Command as Release, PackageNext, Readiness, Wish, packages};
use chantier::engine::Outcome;

impl Bench {
    /// Two crates and a folder that only the project names; `core` and `tool` were released, `site` never.
    fn monorepo() -> Self {
        let mut bench = Self::new();
        bench.write(
            "Cargo.toml",
            "# ours\n[workspace]\nmembers = [\"crates/*\"]\n[workspace.package]\nversion = \"0.2.0\"\n",
        );
        for (name, rest) in [
            ("core", ""),
            (
                "tool",
                "[dependencies]\ncore = { path = \"../core\", version = \"1.0.0\" } # ours\nother = \"1.0.0\"\n",
            ),
            ("shared", ""),
        ] {
            std::fs::create_dir_all(bench.root().join("crates").join(name)).unwrap();
            let version = if name == "shared" {
                "version.workspace = true"
            } else {
                "version = \"1.0.0\" # now"
            };
            bench.write(
                &format!("crates/{name}/Cargo.toml"),
                &format!("[package]\nname = \"{name}\"\n{version}\n{rest}"),
            );
        }
        let lock = ["core", "tool"].map(|name| format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n\n"));
        bench.write("Cargo.lock", &format!("version = 4\n\n{}", lock.concat()));
        std::fs::create_dir_all(bench.root().join("site")).unwrap();
        bench.write("site/VERSION", "3.1.0\n");
        let rules =
            "[[release.package]]\nname = \"site\"\npath = \"site\"\ntag = \"site/{version}\"\nchangelog = \"site/NEWS.md\"\n";
        bench.write("chantier.toml", &format!("{}{rules}", super::PROJECT));
        bench.commit("feat: packages");
        bench.git(&["tag", "-a", "core-v1.0.0", "-m", "core"]);
        bench.git(&["tag", "tool@1.0.0"]);
        let workspace = bench.workspace.clone();
        bench.session().world.trust().trust(&workspace).unwrap();
        bench
    }

    fn packages(&mut self) -> Vec<PackageNext> {
        let workspace = self.workspace.clone();
        assert_eq!(self.run(Release::ListPackages { workspace }), Outcome::Done);
        self.model.release.of(&self.workspace.id).unwrap().packages.clone()
    }

    fn prepare_package(&mut self, name: &str) -> Readiness {
        let workspace = self.workspace.clone();
        let prepare = Release::Prepare {
            workspace,
            wish: Wish::Commits,
            package: Some(name.to_owned()),
        };
        assert_eq!(self.run(prepare), Outcome::Done);
        let known = self.model.release.of(&self.workspace.id).unwrap();
        known.readiness.value().unwrap().clone()
    }

    fn release_package(&mut self, name: &str) -> Outcome {
        let workspace = self.workspace.clone();
        self.run(Release::Run {
            workspace,
            wish: Wish::Commits,
            package: Some(name.to_owned()),
            notes: None,
        })
    }
}

#[test]
fn every_package_has_a_next_version_of_its_own() {
    let mut bench = Bench::monorepo();
    bench.write("crates/core/a", "a");
    bench.commit("feat: core can more");
    // A tag on a commit that touches another package bounds this one all the same.
    bench.write("crates/tool/a", "a");
    bench.commit("fix: the tool");
    bench.git(&["tag", "core-v1.1.0"]);
    bench.write("site/index", "hello");
    bench.commit("fix: the site");
    let found = bench.packages();
    let told: Vec<(&str, Option<&str>, Option<&str>, u64)> = found
        .iter()
        .map(|one| {
            let last = one.last.as_ref().map(|last| last.tag.as_str());
            let next = one.next.as_ref().map(|next| next.version.as_str());
            (one.package.name.as_str(), last, next, one.n_changes)
        })
        .collect();
    let wanted = [
        ("core", Some("core-v1.1.0"), None, 0),
        ("site", None, Some("3.1.0"), 2),
        ("tool", Some("tool@1.0.0"), Some("1.0.1"), 1),
    ];
    assert_eq!(told, wanted, "shared has the version of the workspace");
    assert_eq!(
        bench.prepare(Wish::Commits).last.unwrap().tag,
        "v0.2.0",
        "the whole has its own"
    );
    let workspace = bench.workspace.clone();
    let unknown = Release::Prepare {
        workspace,
        wish: Wish::Commits,
        package: Some("cor".to_owned()),
    };
    assert!(matches!(bench.run(unknown), Outcome::Failed { problem } if problem.code == "not-found"));
}

#[test]
fn a_package_is_released_and_those_that_ask_for_it_follow() {
    let mut bench = Bench::monorepo();
    bench.write("crates/core/a", "a");
    bench.commit("feat!: core is another one");
    let before = bench.state();
    let readiness = bench.prepare_package("core");
    assert_eq!((readiness.tag.as_deref(), readiness.n_changes), (Some("core-v2.0.0"), 1));
    assert_eq!(bench.release_package("core"), Outcome::Done);
    assert_eq!(bench.git(&["log", "-1", "--format=%s"]), "chore(release): core 2.0.0");
    let changed = bench.git(&["show", "--name-only", "--format=", "HEAD"]);
    assert_eq!(
        changed,
        "Cargo.lock\ncrates/core/CHANGELOG.md\ncrates/core/Cargo.toml\ncrates/tool/Cargo.toml"
    );
    assert!(bench.read("crates/core/Cargo.toml").contains("version = \"2.0.0\" # now"));
    assert_eq!(
        bench.read("crates/tool/Cargo.toml"),
        "[package]\nname = \"tool\"\nversion = \"1.0.0\" # now\n[dependencies]\ncore = { path = \"../core\", version = \"2.0.0\" } # ours\nother = \"1.0.0\"\n"
    );
    assert!(
        bench
            .read("Cargo.lock")
            .contains("\"core\"\nversion = \"2.0.0\"\n\n[[package]]\nname = \"tool\"\nversion = \"1.0.0\"")
    );
    assert!(bench.read("crates/core/CHANGELOG.md").contains("[2.0.0]"));
    assert_eq!((bench.read("Cargo.toml"), bench.read("CHANGELOG.md")), (before.3, before.4));

    let workspace = bench.workspace.clone();
    assert_eq!(
        bench.run(Release::List {
            workspace: workspace.clone()
        }),
        Outcome::Done
    );
    let known = bench.model.release.of(&bench.workspace.id).unwrap();
    let versions: Vec<&str> = known
        .deliverables
        .value()
        .unwrap()
        .iter()
        .map(|one| one.version.as_str())
        .collect();
    assert_eq!(versions, ["0.2.0", "core@2.0.0", "core@1.0.0", "tool@1.0.0"]);
    let verify = Release::Verify {
        workspace,
        version: "core@2.0.0".to_owned(),
    };
    assert_eq!(bench.run(verify), Outcome::Done);
    bench.write("crates/tool/a", "a");
    bench.commit("fix: the tool takes the new core");
    assert_eq!(bench.prepare_package("tool").tag.as_deref(), Some("tool@1.0.1"));
    assert_eq!(bench.release_package("site"), Outcome::Done);
    assert_eq!(bench.git(&["tag", "--points-at", "HEAD"]), "site/3.1.0");
    assert!(bench.read("site/NEWS.md").contains("[3.1.0]"));
}

/// As tokio has it: no file states a version of the whole, one package is called like the folder, and a tag of the whole is years old.
#[test]
fn a_tag_of_a_package_is_none_of_the_whole() {
    let mut bench = Bench::new();
    bench.git(&["tag", "-d", "v0.2.0"]);
    bench.write("chantier.toml", "[project]\nname = \"app\"\n");
    bench.write("Cargo.toml", "[workspace]\nmembers = [\"app\", \"util\"]\n");
    bench.file("app/Cargo.toml", "[package]\nname = \"app\"\nversion = \"1.4.0\"\n");
    bench.file("util/Cargo.toml", "[package]\nname = \"util\"\nversion = \"0.3.0\"\n");
    bench.commit("feat: packages");
    bench.git(&["tag", "app-1.4.0"]);
    bench.file("app/a", "a");
    bench.commit("fix: a leak of the app");
    bench.trust_again();
    let is_refused = |bench: &mut Bench| {
        let before = (bench.git(&["rev-parse", "HEAD"]), bench.git(&["tag"]));
        let readiness = bench.prepare(Wish::Commits);
        assert!(readiness.next.is_none() && readiness.has_only_packages(), "{readiness:?}");
        assert!(readiness.tag.is_none() && readiness.last.is_none(), "{readiness:?}");
        let asked = Wish::Version {
            version: "1.5.0".to_owned(),
        };
        for wish in [Wish::Commits, asked] {
            assert_eq!(bench.failed(wish).code, "only-packages");
        }
        assert_eq!((bench.git(&["rev-parse", "HEAD"]), bench.git(&["tag"])), before);
    };
    is_refused(&mut bench);
    let old = std::process::Command::new("git")
        .args(["tag", "-a", "0.1.0", "-m", "old"])
        .env("GIT_COMMITTER_DATE", "2020-01-01T00:00:00Z")
        .current_dir(bench.root())
        .status();
    assert!(old.unwrap().success());
    is_refused(&mut bench);

    assert_eq!(bench.release_package("app"), Outcome::Done);
    assert_eq!(bench.git(&["tag", "--points-at", "HEAD"]), "app-1.4.1");
    assert!(bench.read("app/Cargo.toml").contains("1.4.1"));
    // Who says what tags of the whole look like has a whole.
    bench.write(
        "chantier.toml",
        "[project]\nname = \"app\"\n[release]\ntag = \"v{version}\"\n",
    );
    bench.commit("chore: a version of the whole");
    assert_eq!(bench.prepare(Wish::Commits).tag.as_deref(), Some("v0.1.0"));
}

#[test]
fn npm_workspaces_are_packages_too() {
    let bench = Bench::new();
    bench.write(
        "package.json",
        "{\n  \"private\": true,\n  \"workspaces\": {\"packages\": [\"packages/*\"]}\n}\n",
    );
    for (name, rest) in [
        ("a", ""),
        (
            "b",
            ", \"dependencies\": {\"@ours/a\": \"^1.0.0\", \"c\": \"^1.0.0\"}, \"peerDependencies\": {\"@ours/a\": \"workspace:*\"}",
        ),
    ] {
        std::fs::create_dir_all(bench.root().join("packages").join(name)).unwrap();
        bench.write(
            &format!("packages/{name}/package.json"),
            &format!("{{\"name\": \"@ours/{name}\", \"version\": \"1.0.0\"{rest}}}\n"),
        );
    }
    let found = packages::find(bench.root(), &ReleaseRules::default()).unwrap();
    let names: Vec<&str> = found.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(names, ["@ours/a", "@ours/b"]);
    let lock = "{\"packages\": {\"\": {}, \"packages/a\": {\"version\": \"1.0.0\"}, \"packages/b\": {\"version\": \"1.0.0\", \"dependencies\": {\"@ours/a\": \"^1.0.0\"}}}}";
    bench.write("package-lock.json", lock);
    let found = packages::find(bench.root(), &ReleaseRules::default()).unwrap();
    let files: Vec<VersionFile> = found[0]
        .files
        .iter()
        .chain(&found[0].around)
        .map(|path| VersionFile {
            path: path.clone(),
            text: bench.read(&path.display().to_string()),
            pattern: None,
        })
        .collect();
    let owner = bump::package::Owner {
        name: &found[0].name,
        path: &found[0].path,
        files: &found[0].files,
    };
    let check = |to: &str, wanted: &[(&str, &str)]| {
        let set = bump::package::set(&files, owner, "1.0.0", to).unwrap();
        let set: Vec<(String, String)> = set
            .into_iter()
            .map(|file| (file.path.display().to_string(), file.text))
            .collect();
        let wanted: Vec<(String, String)> = wanted
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        assert_eq!(set, wanted);
    };
    check(
        "2.0.0",
        &[
            ("packages/a/package.json", "{\"name\": \"@ours/a\", \"version\": \"2.0.0\"}\n"),
            (
                "package-lock.json",
                "{\"packages\": {\"\": {}, \"packages/a\": {\"version\": \"2.0.0\"}, \"packages/b\": {\"version\": \"1.0.0\", \"dependencies\": {\"@ours/a\": \"^2.0.0\"}}}}",
            ),
            (
                "packages/b/package.json",
                "{\"name\": \"@ours/b\", \"version\": \"1.0.0\", \"dependencies\": {\"@ours/a\": \"^2.0.0\", \"c\": \"^1.0.0\"}, \"peerDependencies\": {\"@ours/a\": \"workspace:*\"}}\n",
            ),
        ],
    );
    assert_eq!(packages::parts("@ours/a@1.0.0"), (Some("@ours/a"), "1.0.0"));
    assert_eq!(packages::parts("1.0.0"), (None, "1.0.0"));
}

#[test]
fn any_file_states_the_version_where_a_pattern_says() {
    let check = |text: &str, pattern: &str, after: Option<&str>| {
        let file = VersionFile {
            path: "any.txt".into(),
            text: text.to_owned(),
            pattern: Some(pattern.to_owned()),
        };
        let set = bump::set(&[file], "0.3.0");
        match (set, after) {
            (Ok(set), Some(after)) => assert_eq!(set[0].text, after, "{pattern}"),
            (Err(problem), None) => assert_eq!(problem.summary.key, "release-file-pattern"),
            (set, after) => panic!("{pattern}: {set:?}, not {after:?}"),
        }
    };
    check(
        "a\nVERSION = \"0.2.0\" # é\n",
        "VERSION = \"{version}\"",
        Some("a\nVERSION = \"0.3.0\" # é\n"),
    );
    check(
        "app-0.2.0.tar.gz app-0.2.0-rc.1.zip\n",
        "app-{version}.tar",
        Some("app-0.3.0.tar.gz app-0.2.0-rc.1.zip\n"),
    );
    check("é app 0.2.0, app 0.2.0\n", "app {version}", Some("é app 0.3.0, app 0.3.0\n"));
    check("0.2.0-rc.1\r\n", "{version}", Some("0.3.0\r\n"));
    check("app is new\n", "app {version}", None);
    // Odoo writes the platform's series in front.
    let file = VersionFile {
        path: "__manifest__.py".into(),
        text: "{\n    'name': 'Sale',  # x\n    'version': '16.0.0.2.0',\n}\n".to_owned(),
        pattern: None,
    };
    assert_eq!(bump::current(std::slice::from_ref(&file)).0.as_deref(), Some("0.2.0"));
    let set = bump::set(&[file], "0.3.0").unwrap();
    assert_eq!(set[0].text, "{\n    'name': 'Sale',  # x\n    'version': '16.0.0.3.0',\n}\n");
}

/// Whoever asks for a range gets one again: an exact number would lock users out of the next fix.
#[test]
fn what_npm_packages_ask_for_stays_a_range() {
    let owner = bump::package::Owner {
        name: "@ours/a",
        path: std::path::Path::new("packages/a"),
        files: &["packages/a/package.json".into()],
    };
    for (asked, wanted) in [
        ("1.x", "^2.0.0"),
        (">=1.0.0 <2", "^2.0.0"),
        ("1.0.0 || 1.1.0", "^2.0.0"),
        ("1.0.0", "2.0.0"),
        ("^1.0.0", "^2.0.0"),
        ("~1.0.0", "~2.0.0"),
        ("workspace:*", "workspace:*"),
        ("*", "*"),
    ] {
        for kind in ["dependencies", "peerDependencies"] {
            let text = |asked: &str| {
                format!("{{\"name\": \"@ours/b\", \"{kind}\": {{\"@ours/a\": \"{asked}\", \"left\": \"1.0.0\"}}}}\n")
            };
            let file = VersionFile {
                path: "packages/b/package.json".into(),
                text: text(asked),
                pattern: None,
            };
            let set = bump::package::set(&[file], owner, "1.0.0", "2.0.0").unwrap();
            let now = set.first().map_or(text(asked), |file| file.text.clone());
            assert_eq!(now, text(wanted), "{asked} in {kind}");
        }
    }
}

/// Who is used beside a package names all versions that will do.
#[test]
fn what_will_do_beside_a_package_stays_while_it_does() {
    let owner = bump::package::Owner {
        name: "@ours/a",
        path: std::path::Path::new("packages/a"),
        files: &["packages/a/package.json".into()],
    };
    for (asked, wanted) in [
        (">=1.0.0", ">=1.0.0"),
        (">=1.0.0 <3", ">=1.0.0 <3"),
        ("^1.0.0 || ^2.0.0", "^1.0.0 || ^2.0.0"),
        ("^1.0.0", "^2.0.0"),
        ("1.0.0", "2.0.0"),
    ] {
        let text = |asked: &str| format!("{{\"name\": \"@ours/b\", \"peerDependencies\": {{\"@ours/a\": \"{asked}\"}}}}\n");
        let file = VersionFile {
            path: "packages/b/package.json".into(),
            text: text(asked),
            pattern: None,
        };
        let set = bump::package::set(&[file], owner, "1.0.0", "2.0.0").unwrap();
        let now = set.first().map_or(text(asked), |file| file.text.clone());
        assert_eq!(now, text(wanted), "{asked}");
    }
}

/// For lerna the version in its own file is that of all packages; the root is given to nobody.
#[test]
fn the_version_of_lerna_goes_with_its_packages() {
    let mut bench = Bench::new();
    bench.write("chantier.toml", "[project]\nname = \"app\"\n");
    std::fs::remove_file(bench.root().join("Cargo.toml")).unwrap();
    bench.write(
        "package.json",
        "{\"private\": true, \"version\": \"0.0.0\", \"workspaces\": [\"packages/*\"]}\n",
    );
    bench.write("lerna.json", "{\n  \"version\": \"0.2.0\"\n}\n");
    for name in ["a", "b"] {
        let text = format!("{{\"name\": \"@ours/{name}\", \"version\": \"0.2.0\"}}\n");
        bench.file(&format!("packages/{name}/package.json"), &text);
    }
    bench.commit("feat: two packages");
    bench.trust_again();
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    assert!(bench.read("lerna.json").contains("\"version\": \"0.3.0\""));
    assert!(bench.read("packages/b/package.json").contains("\"version\": \"0.3.0\""));
    assert!(bench.read("package.json").contains("\"version\": \"0.0.0\""));

    bench.write("lerna.json", "{\"version\": \"independent\"}\n");
    let files = bump::read(bench.root(), &ReleaseRules::default()).unwrap();
    assert_eq!(bump::current(&files).0.as_deref(), Some("0.0.0"), "each package has its own");
}

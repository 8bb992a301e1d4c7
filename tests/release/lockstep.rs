//! Packages of one version: members that state it each for themselves, with one form of tags, are released together; modules of Odoo.

use super::Bench;
use chantier::areas::release::{Command as Release, PackageNext, Wish, packages, version};
use chantier::engine::Outcome;

impl Bench {
    pub(super) fn trust_again(&mut self) {
        let workspace = self.workspace.clone();
        self.session().world.trust().trust(&workspace).unwrap();
    }

    pub(super) fn file(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A workspace without a version of its own, as git-cliff has it: two crates that say 0.2.0, and an example of another version.
    fn virtual_workspace() -> Self {
        let mut bench = Self::new();
        bench.write("chantier.toml", "[project]\nname = \"app\"\n");
        bench.write(
            "Cargo.toml",
            "[workspace]\nmembers = [\"core\", \"tool\", \"example\"]\n[workspace.dependencies]\ncore = { version = \"0.2.0\", path = \"core\" } # ours\nserde = \"0.2.0\"\n",
        );
        bench.file("core/Cargo.toml", "[package]\nname = \"core\"\nversion = \"0.2.0\" # now\n");
        bench.file(
            "tool/Cargo.toml",
            "[package]\nname = \"tool\"\nversion = \"0.2.0\"\n[dependencies]\ncore = { path = \"../core\", version = \"0.2\" }\n",
        );
        bench.file(
            "example/Cargo.toml",
            "[package]\nname = \"example\"\nversion = \"0.0.1\"\npublish = false\n[dependencies]\ncore = { path = \"../core\", version = \"=0.2.0\" }\n",
        );
        let entry = |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n");
        let lock = [entry("core", "0.2.0"), entry("example", "0.0.1"), entry("tool", "0.2.0")].concat();
        let foreign = "[[package]]\nname = \"serde\"\nversion = \"0.2.0\"\nsource = \"registry+https://example.org\"\n";
        bench.write("Cargo.lock", &format!("version = 4\n\n{lock}{foreign}"));
        bench.commit("feat: a workspace");
        bench.trust_again();
        bench
    }

    fn listed(&mut self) -> Vec<PackageNext> {
        let workspace = self.workspace.clone();
        assert_eq!(self.run(Release::ListPackages { workspace }), Outcome::Done);
        self.model.release.of(&self.workspace.id).unwrap().packages.clone()
    }
}

/// What one member asks of another follows the version that both take from the root: cargo itself builds what was tagged.
#[test]
fn members_that_take_the_version_of_the_workspace_can_be_built_at_the_next_one() {
    let mut bench = Bench::new();
    bench.write("chantier.toml", "[project]\nname = \"acme\"\n");
    bench.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"core\", \"tool\", \"bench\"]\nresolver = \"2\"\n[workspace.package]\nversion = \"0.2.0\" # of all\nedition = \"2021\"\n",
    );
    let inherits = "version.workspace = true\nedition.workspace = true\n";
    bench.file("core/Cargo.toml", &format!("[package]\nname = \"acme-core\"\n{inherits}"));
    bench.file("core/src/lib.rs", "pub fn one() {}\n");
    bench.file(
        "tool/Cargo.toml",
        &format!(
            "[package]\nname = \"acme-tool\"\n{inherits}[dependencies]\nacme-core = {{ path = \"../core\", version = \"0.2.0\" }} # ours\n"
        ),
    );
    bench.file(
        "bench/Cargo.toml",
        &format!("[package]\nname = \"acme-bench\"\n{inherits}[dependencies.core]\npackage = \"acme-core\"\npath = \"../core\"\nversion = \"=0.2.0\"\n"),
    );
    bench.file("bench/src/lib.rs", "");
    bench.file("tool/src/main.rs", "fn main() { acme_core::one(); }\n");
    bench.file(".gitignore", "target\n");
    bench.file("Cargo.lock", "");
    let cargo = |bench: &Bench, args: &[&str]| {
        let out = std::process::Command::new("cargo")
            .args(args)
            .current_dir(bench.root())
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    };
    cargo(&bench, &["generate-lockfile", "--offline"]);
    bench.commit("feat: a workspace");
    bench.trust_again();
    let named = bench.prepare(Wish::Commits).version_files;
    assert!(
        named.iter().all(|path| path.parent() == Some(std::path::Path::new(""))),
        "{named:?}"
    );
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let asks = std::fs::read_to_string(bench.root().join("tool/Cargo.toml")).unwrap();
    assert!(asks.contains("version = \"0.3.0\" } # ours"), "{asks}");
    let renamed = std::fs::read_to_string(bench.root().join("bench/Cargo.toml")).unwrap();
    assert!(renamed.contains("version = \"=0.3.0\""), "{renamed}");
    assert_eq!(bench.git(&["status", "--porcelain"]), "");
    cargo(&bench, &["metadata", "--locked", "--offline", "--format-version", "1"]);
}

#[test]
fn crates_of_one_version_and_one_kind_of_tags_are_released_together() {
    let mut bench = Bench::virtual_workspace();
    let readiness = bench.prepare(Wish::Commits);
    assert_eq!(readiness.next.as_ref().unwrap().version, "0.3.0");
    let named: Vec<String> = readiness
        .version_files
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    for wanted in ["core/Cargo.toml", "tool/Cargo.toml"] {
        assert!(named.iter().any(|name| name == wanted), "{named:?}");
    }
    assert!(!named.iter().any(|name| name.starts_with("example")), "{named:?}");
    let check = readiness
        .checks
        .iter()
        .find(|check| check.name.key == "release-check-files")
        .unwrap();
    assert_eq!(check.found.key, "release-check-files-yes");

    let listed = bench.listed();
    let told: Vec<(&str, bool, Option<&str>)> = listed
        .iter()
        .map(|one| {
            let next = one.next.as_ref().map(|next| next.version.as_str());
            (one.package.name.as_str(), one.goes_with_whole, next)
        })
        .collect();
    let wanted = [
        ("core", true, Some("0.3.0")),
        ("example", false, Some("0.0.1")),
        ("tool", true, Some("0.3.0")),
    ];
    assert_eq!(told, wanted);
    let alone = Release::Prepare {
        workspace: bench.workspace.clone(),
        wish: Wish::Commits,
        package: Some("core".to_owned()),
    };
    assert!(matches!(bench.run(alone), Outcome::Failed { problem } if problem.code == "goes-with-whole"));

    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    assert_eq!(bench.git(&["tag"]), "v0.2.0\nv0.3.0");
    assert_eq!(bench.git(&["status", "--porcelain"]), "");
    let committed = |path: &str| bench.git(&["show", &format!("v0.3.0:{path}")]);
    assert!(committed("core/Cargo.toml").contains("version = \"0.3.0\" # now"));
    assert!(committed("tool/Cargo.toml").contains("version = \"0.3.0\"\n"));
    assert!(
        committed("tool/Cargo.toml").contains("core = { path = \"../core\", version = \"0.3.0\" }"),
        "0.2 does not take 0.3.0"
    );
    let root = committed("Cargo.toml");
    assert!(
        root.contains("core = { version = \"0.3.0\", path = \"core\" } # ours"),
        "{root}"
    );
    assert!(root.contains("serde = \"0.2.0\""), "{root}");
    let example = committed("example/Cargo.toml");
    assert!(
        example.contains("version = \"0.0.1\"") && example.contains("version = \"=0.3.0\""),
        "{example}"
    );
    let lock = committed("Cargo.lock");
    for (name, version) in [("core", "0.3.0"), ("tool", "0.3.0"), ("example", "0.0.1"), ("serde", "0.2.0")] {
        assert!(
            lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"")),
            "{lock}"
        );
    }
}

#[test]
fn members_with_tags_or_versions_of_their_own_stay_packages() {
    let mut bench = Bench::virtual_workspace();
    bench.git(&["tag", "core-v0.2.0"]);
    assert!(
        bench.listed().iter().all(|one| !one.goes_with_whole),
        "core has a tag of its own"
    );
    bench.git(&["tag", "-d", "core-v0.2.0"]);
    assert!(bench.listed().iter().any(|one| one.goes_with_whole));
    bench.file("tool/Cargo.toml", "[package]\nname = \"tool\"\nversion = \"0.7.0\"\n");
    bench.commit("fix: the tool goes its own way");
    assert!(
        bench.listed().iter().all(|one| !one.goes_with_whole),
        "they say different versions"
    );
}

#[test]
fn npm_packages_of_one_version_follow_with_what_they_ask_for() {
    let mut bench = Bench::new();
    bench.git(&["rm", "-q", "Cargo.toml"]);
    bench.write("chantier.toml", "[project]\nname = \"app\"\n");
    bench.write(
        "package.json",
        "{\n  \"name\": \"root\",\n  \"private\": true,\n  \"workspaces\": [\"packages/*\"]\n}\n",
    );
    bench.file("packages/x/package.json", "{ \"name\": \"@s/x\", \"version\": \"0.2.0\" }\n");
    bench.file(
        "packages/y/package.json",
        "{ \"name\": \"@s/y\", \"version\": \"0.2.0\", \"dependencies\": { \"@s/x\": \"^0.2.0\" } }\n",
    );
    bench.write(
        "package-lock.json",
        "{ \"name\": \"root\", \"packages\": { \"\": { \"name\": \"root\" }, \"packages/x\": { \"name\": \"@s/x\", \"version\": \"0.2.0\" },\n \"packages/y\": { \"name\": \"@s/y\", \"version\": \"0.2.0\", \"dependencies\": { \"@s/x\": \"^0.2.0\" } } } }\n",
    );
    bench.commit("feat: packages");
    bench.trust_again();
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    assert_eq!(
        bench.read("packages/x/package.json"),
        "{ \"name\": \"@s/x\", \"version\": \"0.3.0\" }\n"
    );
    assert_eq!(
        bench.read("packages/y/package.json"),
        "{ \"name\": \"@s/y\", \"version\": \"0.3.0\", \"dependencies\": { \"@s/x\": \"^0.3.0\" } }\n"
    );
    let lock = bench.read("package-lock.json");
    assert_eq!(lock.matches("\"version\": \"0.3.0\"").count(), 2, "{lock}");
    assert!(lock.contains("\"@s/x\": \"^0.3.0\""), "{lock}");
    assert_eq!(bench.git(&["status", "--porcelain"]), "");
}

#[test]
fn the_own_entry_of_uv_lock_follows_pyproject() {
    let mut bench = Bench::new();
    bench.git(&["rm", "-q", "Cargo.toml"]);
    bench.write("chantier.toml", "[project]\nname = \"app\"\n");
    bench.write("pyproject.toml", "[project]\nname = \"My_App\"\nversion = \"0.2.0\"\n");
    let own =
        |version: &str| format!("[[package]]\nname = \"my-app\"\nversion = \"{version}\"\nsource = {{ virtual = \".\" }}\n");
    let other = "[[package]]\nname = \"idna\"\nversion = \"0.2.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n\n";
    bench.write("uv.lock", &format!("version = 1\n\n{other}{}", own("0.2.0")));
    bench.commit("feat: python");
    bench.trust_again();
    let channel = Wish::Channel { name: "rc".to_owned() };
    assert_eq!(bench.release(channel), Outcome::Done);
    assert_eq!(bench.read("uv.lock"), format!("version = 1\n\n{other}{}", own("0.3.0rc1")));
    bench.write("a", "c");
    bench.commit("fix: more");
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    assert_eq!(bench.read("uv.lock"), format!("version = 1\n\n{other}{}", own("0.3.0")));
    assert!(bench.read("pyproject.toml").contains("version = \"0.3.0\""));
}

#[test]
fn projects_of_a_uv_workspace_go_together() {
    let mut bench = Bench::new();
    bench.git(&["rm", "-q", "Cargo.toml"]);
    bench.write("chantier.toml", "[project]\nname = \"app\"\n");
    bench.write("pyproject.toml", "[tool.uv.workspace]\nmembers = [\"libs/*\"]\n");
    bench.file(
        "libs/core/pyproject.toml",
        "[project]\nname = \"core\"\nversion = \"0.2.0\"\n",
    );
    bench.file(
        "libs/cli/pyproject.toml",
        "[project]\nname = \"cli\"\nversion = \"0.2.0\"\ndependencies = [\"core==0.2.0\", \"idna==0.2.0\"]\n",
    );
    bench.commit("feat: python");
    bench.trust_again();
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    assert!(bench.read("libs/core/pyproject.toml").contains("version = \"0.3.0\""));
    assert_eq!(
        bench.read("libs/cli/pyproject.toml"),
        "[project]\nname = \"cli\"\nversion = \"0.3.0\"\ndependencies = [\"core==0.3.0\", \"idna==0.2.0\"]\n"
    );
}

/// `18.0.1.2.3`: the first two numbers are those of the platform, and stay.
#[test]
fn modules_of_odoo_are_packages_and_their_tags_are_read() {
    let names = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<String>>();
    let tags = names(&["16.0.9.0.0", "18.0.1.0.0", "18.0.1.2.0"]);
    let pattern = version::pattern_in(&tags, "addons", Some("18.0.")).unwrap();
    assert_eq!(pattern, "18.0.{version}");
    assert_eq!(version::of_tag("18.0.1.2.0", &pattern).unwrap().to_string(), "1.2.0");
    assert_eq!(version::of_tag("16.0.9.0.0", &pattern), None);
    assert_eq!(version::parse("18.0.1.2.0").unwrap().to_string(), "1.2.0");

    let mut bench = Bench::new();
    bench.git(&["rm", "-q", "Cargo.toml"]);
    bench.git(&["tag", "-d", "v0.2.0"]);
    bench.write("chantier.toml", "[project]\nname = \"app\"\n");
    let manifest = |version: &str| format!("{{\n    'name': 'Sale',\n    'version': '{version}', # ours\n}}\n");
    bench.file("sale_x/__manifest__.py", &manifest("18.0.1.0.0"));
    bench.file("sale_y/__manifest__.py", &manifest("18.0.2.0.0"));
    // As OCA writes it beside every module: no name and no version.
    bench.file(
        "sale_x/pyproject.toml",
        "[build-system]\nrequires = [\"whool\"]\nbuild-backend = \"whool.buildapi\"\n",
    );
    bench.commit("[ADD] sale_x, sale_y: begin");
    bench.git(&["tag", "sale_x-18.0.1.0.0"]);
    bench.file("sale_x/models.py", "x = 1\n");
    bench.commit("[ADD] sale_x: a field");
    bench.trust_again();
    let listed = bench.listed();
    let told: Vec<(&str, Option<&str>, Option<&str>)> = listed
        .iter()
        .map(|one| {
            let last = one.last.as_ref().map(|last| last.tag.as_str());
            let next = one.next.as_ref().map(|next| next.version.as_str());
            (one.package.name.as_str(), last, next)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("sale_x", Some("sale_x-18.0.1.0.0"), Some("1.1.0")),
            ("sale_y", None, Some("2.0.0"))
        ]
    );
    let run = Release::Run {
        workspace: bench.workspace.clone(),
        wish: Wish::Commits,
        package: Some("sale_x".to_owned()),
        notes: None,
    };
    assert_eq!(bench.run(run), Outcome::Done);
    assert_eq!(bench.read("sale_x/__manifest__.py"), manifest("18.0.1.1.0"));
    assert_eq!(bench.git(&["tag"]), "sale_x-18.0.1.0.0\nsale_x-18.0.1.1.0");
    assert_eq!(packages::parse("sale_x@18.0.1.1.0").unwrap(), "sale_x@1.1.0");
}

/// What asks for another package in a version that does not take the new one is changed by its release, and has a next version itself.
#[test]
fn who_needs_a_released_package_gets_a_next_version() {
    let mut bench = Bench::new();
    bench.git(&["rm", "-q", "Cargo.toml"]);
    bench.write("chantier.toml", "[project]\nname = \"app\"\n");
    bench.write(
        "package.json",
        "{ \"name\": \"root\", \"private\": true, \"workspaces\": [\"packages/*\"] }\n",
    );
    bench.file("packages/x/package.json", "{ \"name\": \"@s/x\", \"version\": \"1.4.0\" }\n");
    bench.file(
        "packages/y/package.json",
        "{ \"name\": \"@s/y\", \"version\": \"1.0.0\", \"dependencies\": { \"@s/x\": \"^1\" } }\n",
    );
    bench.commit("feat: packages");
    bench.git(&["tag", "@s/x@1.4.0"]);
    bench.git(&["tag", "@s/y@1.0.0"]);
    bench.file("packages/x/index.js", "1\n");
    bench.commit("feat!: another x");
    bench.trust_again();
    let run = |name: &str| Release::Run {
        workspace: bench.workspace.clone(),
        wish: Wish::Commits,
        package: Some(name.to_owned()),
        notes: None,
    };
    let (run_x, run_y) = (run("@s/x"), run("@s/y"));
    assert_eq!(bench.run(run_x), Outcome::Done);
    assert!(
        bench.read("packages/y/package.json").contains("\"@s/x\": \"2.0.0\"")
            || bench.read("packages/y/package.json").contains("^2.0.0")
    );
    let y = bench.listed().into_iter().find(|one| one.package.name == "@s/y").unwrap();
    assert_eq!(y.next.map(|next| next.version).as_deref(), Some("1.0.1"), "{:?}", y.problem);
    assert_eq!(bench.run(run_y), Outcome::Done);
    let told = bench.read("packages/y/CHANGELOG.md");
    assert!(told.contains("### Changed\n\n- Depends on @s/x 2.0.0"), "{told}");
}

/// As cargo fuzz makes it: a crate with a workspace and a lock file of its own, which takes the one of the root by its path.
#[test]
fn a_crate_outside_of_the_workspace_follows_what_it_takes_by_its_path() {
    let mut bench = Bench::new();
    let text = "[package]\nname = \"app-fuzz\"\nversion = \"0.0.0\"\n[dependencies]\nlibfuzzer-sys = \"0.4\"\n\
                app = { path = \"..\", version = \"0.2\" }\n[workspace]\n";
    bench.file("fuzz/Cargo.toml", text);
    let lock = |version: &str| {
        format!(
            "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"{version}\"\n\n[[package]]\nname = \"app-fuzz\"\nversion = \"0.0.0\"\n"
        )
    };
    bench.file("fuzz/Cargo.lock", &lock("0.2.0"));
    // It takes another crate, and stays as it is.
    let other = "[package]\nname = \"other\"\nversion = \"0.2.0\"\n[dependencies]\napp = \"0.2\"\n[workspace]\n";
    bench.file("other/Cargo.toml", other);
    bench.commit("feat: a fuzzer");
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    assert!(bench.read("Cargo.toml").contains("version = \"0.3.0\""));
    assert_eq!(
        bench.read("fuzz/Cargo.toml"),
        text.replace("version = \"0.2\"", "version = \"0.3.0\"")
    );
    assert_eq!(bench.read("fuzz/Cargo.lock"), lock("0.3.0"));
    assert_eq!(bench.read("other/Cargo.toml"), other);
}

//! Releases on real repositories: what the commits say, what the files become, and what is left when it goes wrong half-way.

use chantier::areas::release::bump::{self, VersionFile};
use chantier::areas::release::{Change, ChangeKind, Command as Release, Level, Readiness, Wish, changelog, grammar, version};
use chantier::areas::{Command, Model};
use chantier::base::{Catalog, JobId, Lang, Problem, State, Timestamp, Workspace};
use chantier::engine::{Event, JobEvent, Outcome};
use chantier::session::{Options, Session};
use semver::Version;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command as Program, Stdio};
use std::time::Duration;

fn check_said(message: &str, kind: ChangeKind, level: Option<Level>, scope: Option<&str>, text: &str) {
    let said = grammar::read(message);
    let found = (said.kind, said.level, said.scope.as_deref(), said.text.as_str());
    assert_eq!(found, (kind, level, scope, text), "{message:?}");
}

#[test]
fn commit_messages_say_what_changed_in_either_grammar() {
    use ChangeKind::{Added, Changed, Fixed, Other, Removed};
    check_said("feat: greet", Added, Some(Level::Minor), None, "greet");
    check_said("feat(api)!: greet", Added, Some(Level::Major), Some("api"), "greet");
    check_said(
        "fix(http): a leak\n\nPlan: BJ-1\n",
        Fixed,
        Some(Level::Patch),
        Some("http"),
        "a leak",
    );
    check_said("perf: quicker", Changed, Some(Level::Patch), None, "quicker");
    check_said("chore(release): 1.0.0", Other, None, Some("release"), "1.0.0");
    check_said("docs: more", Other, None, None, "more");
    check_said(
        "window: the list scrolls",
        Changed,
        Some(Level::Patch),
        None,
        "window: the list scrolls",
    );
    check_said("Update README", Changed, Some(Level::Patch), None, "Update README");
    check_said(
        "[ADD] sale_stock: a report",
        Added,
        Some(Level::Minor),
        Some("sale_stock"),
        "a report",
    );
    check_said("[FIX] a report", Fixed, Some(Level::Patch), None, "a report");
    check_said(
        "[UPD] script: new todo",
        Changed,
        Some(Level::Patch),
        Some("script"),
        "new todo",
    );
    check_said("[REM] web_old: gone", Removed, Some(Level::Minor), Some("web_old"), "gone");
    check_said("[16.0][FIX] crm: crash", Fixed, Some(Level::Patch), Some("crm"), "crash");
    check_said("[wip", Changed, Some(Level::Patch), None, "[wip");
    check_said("", Changed, Some(Level::Patch), None, "");
    let breaking = grammar::read("refactor: names\n\nBREAKING CHANGE: /hello is /greet now");
    assert_eq!(breaking.level, Some(Level::Major));
    assert_eq!(breaking.breaking.as_deref(), Some("/hello is /greet now"));
    assert_eq!(grammar::read("Rework\n\nBREAKING CHANGE: gone").level, Some(Level::Major));
    assert_eq!(grammar::read("fix: x\n\nPlan: BJ-4Q7M\n").item.as_deref(), Some("BJ-4Q7M"));
}

#[test]
fn versions_move_as_semver_says() {
    let cases = [
        ("1.2.3", Level::Patch, "1.2.4"),
        ("1.2.3", Level::Minor, "1.3.0"),
        ("1.2.3", Level::Major, "2.0.0"),
        ("0.2.3", Level::Patch, "0.2.4"),
        ("0.2.3", Level::Minor, "0.3.0"),
        ("0.2.3", Level::Major, "0.3.0"),
        ("1.0.0-rc.1", Level::Patch, "1.0.0"),
        ("1.0.0-rc.1", Level::Minor, "1.0.0"),
        ("1.0.0-rc.1", Level::Major, "1.0.0"),
        ("1.2.0-beta", Level::Major, "2.0.0"),
        ("1.2.3-beta", Level::Minor, "1.3.0"),
        ("1.2.3+build.5", Level::Patch, "1.2.4"),
    ];
    for (from, level, to) in cases {
        assert_eq!(
            version::bump(&Version::parse(from).unwrap(), level).to_string(),
            to,
            "{from} {level:?}"
        );
    }
    let tags = [
        ("v1.2.3", "v{version}", Some("1.2.3")),
        ("1.2.3", "v{version}", None),
        ("app-1.2.3-stable", "app-{version}-stable", Some("1.2.3")),
        ("v1.2", "v{version}", None),
        ("vv1.2.3", "v{version}", None),
    ];
    for (tag, pattern, expected) in tags {
        assert_eq!(
            version::of_tag(tag, pattern).map(|version| version.to_string()).as_deref(),
            expected,
            "{tag}"
        );
    }
}

fn change(message: &str) -> Change {
    let said = grammar::read(message);
    Change {
        oid: format!("{:0<40}", "abc1234"),
        at: Timestamp::UNIX_EPOCH,
        author: "Ana".to_owned(),
        kind: said.kind,
        scope: said.scope,
        text: said.text,
        breaking: said.breaking,
        item: said.item,
        level: said.level,
        is_covered: false,
    }
}

#[test]
fn the_next_version_has_a_reason() {
    let last = Version::new(1, 4, 2);
    let why = |messages: &[&str], in_files: &str| {
        let changes: Vec<Change> = messages.iter().map(|message| change(message)).collect();
        version::next(Some(&last), Version::parse(in_files).ok().as_ref(), &changes)
            .map(|next| (next.version, next.why.key.to_string()))
    };
    let found = |version: &str, key: &str| Ok((version.to_owned(), key.to_owned()));
    assert_eq!(why(&["fix: a", "docs: b"], "1.4.2"), found("1.4.3", "release-why-fix"));
    assert_eq!(why(&["fix: a", "feat: b"], "1.4.2"), found("1.5.0", "release-why-feature"));
    assert_eq!(why(&["fix!: a", "feat: b"], "1.4.2"), found("2.0.0", "release-why-breaking"));
    assert_eq!(why(&["fix: a"], "1.6.0"), found("1.6.0", "release-why-files-ahead"));
    assert_eq!(
        why(&["feat!: a"], "1.6.0"),
        found("2.0.0", "release-why-breaking"),
        "the files are not far enough ahead"
    );
    assert_eq!(why(&["docs: a", "chore: b"], "1.4.2").unwrap_err().code, "nothing-to-release");
    assert_eq!(why(&[], "1.4.2").unwrap_err().code, "nothing-to-release");
    let first = version::next(None, Version::parse("0.3.0").ok().as_ref(), &[]).unwrap();
    assert_eq!(first.version, "0.3.0");
    assert_eq!(version::next(None, None, &[]).unwrap().version, "0.1.0");
}

const KEPT: &str = "# Changelog\n\nAbout it.\n\n## [Unreleased]\n\n### Added\n\n- A new thing, told by hand\n\n## [0.2.0] - 2026-01-02\n\n### Fixed\n\n- Old   *text*\n\n[Unreleased]: https://example.org/compare\n[0.2.0]: https://example.org/0.2.0\n";

#[test]
fn the_changelog_keeps_what_people_wrote() {
    assert_eq!(changelog::unreleased(KEPT), Some("### Added\n\n- A new thing, told by hand"));
    assert_eq!(changelog::notes(KEPT, "0.2.0"), Some("### Fixed\n\n- Old   *text*"));
    let changes = [
        change("fix: second bug"),
        change("fix: first bug"),
        change("feat: a new thing told by hand"),
        change("feat(api): another"),
        change("chore: nobody sees it"),
        change("refactor!: names"),
    ];
    let draft = changelog::draft(changelog::unreleased(KEPT), &changes);
    let expected = "### Added\n\n- A new thing, told by hand\n- api: another\n\n### Changed\n\n- **Breaking:** Names\n\n### Fixed\n\n- First bug\n- Second bug\n";
    assert_eq!(draft, expected);
    let after = changelog::with_section(Some(KEPT), "0.3.0", "2026-03-04", &draft);
    let (before_part, rest) = KEPT.split_once("\n### Added").unwrap();
    let (_, rest) = rest.split_once("\n## [0.2.0]").unwrap();
    assert_eq!(
        after,
        format!("{before_part}\n## [0.3.0] - 2026-03-04\n\n{expected}\n## [0.2.0]{rest}")
    );
    assert_eq!(changelog::unreleased(&after), None);
    assert_eq!(changelog::notes(&after, "0.3.0"), Some(expected.trim()));
    assert_eq!(changelog::notes(&after, "0.2.0"), changelog::notes(KEPT, "0.2.0"));
}

#[test]
fn a_changelog_of_any_shape_takes_a_section() {
    let new = changelog::with_section(None, "0.1.0", "2026-03-04", "### Added\n\n- A\n");
    assert_eq!(new, "# Changelog\n\n## [0.1.0] - 2026-03-04\n\n### Added\n\n- A\n");
    let plain = "Changes\n=======\n\n## 1.0.0 - 2025-01-01\n\n- A\n";
    let after = changelog::with_section(Some(plain), "1.1.0", "2026-03-04", "- B");
    assert_eq!(
        after,
        "Changes\n=======\n\n## 1.1.0 - 2026-03-04\n\n- B\n\n## 1.0.0 - 2025-01-01\n\n- A\n"
    );
    let windows = "# Changelog\r\n\r\n## [1.0.0] - 2025-01-01\r\n\r\n- A\r\n";
    let after = changelog::with_section(Some(windows), "1.1.0", "2026-03-04", "- B\n- C");
    assert!(!after.replace("\r\n", "").contains('\n'), "{after:?}");
    assert!(after.ends_with("## [1.0.0] - 2025-01-01\r\n\r\n- A\r\n"));
    let empty = changelog::with_section(Some("# Changelog\n"), "1.1.0", "2026-03-04", "- B");
    assert_eq!(empty, "# Changelog\n\n## [1.1.0] - 2026-03-04\n\n- B\n");
    let code = "# Changelog\n\n## [1.0.0] - 2025-01-01\n\n```\n## [0.9.0]\n```\n";
    assert_eq!(changelog::sections(code).len(), 1, "a heading in a block of code is none");
}

fn check_bump(name: &str, before: &str, after: &str) {
    let file = VersionFile {
        path: name.into(),
        text: before.to_owned(),
    };
    let set = bump::set(&[file], "0.3.0").unwrap();
    assert_eq!(set[0].text, after, "{name}");
}

#[test]
fn only_the_version_changes_in_a_version_file() {
    check_bump(
        "Cargo.toml",
        "# about\n[package]\nname = \"a\"   # the name\nversion = '0.2.0' # here\nedition=\"2024\"\n\n[dependencies]\nb = { path = \"b\", version = \"=0.2.0\" }\nc = \"0.2.0\"\n",
        "# about\n[package]\nname = \"a\"   # the name\nversion = '0.3.0' # here\nedition=\"2024\"\n\n[dependencies]\nb = { path = \"b\", version = \"=0.3.0\" }\nc = \"0.2.0\"\n",
    );
    check_bump(
        "Cargo.toml",
        "[workspace]\nmembers = [\"a\"]\n[workspace.package]\nversion = \"0.2.0\"\r\n[workspace.dependencies.a]\npath = \"a\"\nversion = \"0.2.0\"\n",
        "[workspace]\nmembers = [\"a\"]\n[workspace.package]\nversion = \"0.3.0\"\r\n[workspace.dependencies.a]\npath = \"a\"\nversion = \"0.3.0\"\n",
    );
    check_bump(
        "package.json",
        "{\n\t\"name\": \"a \\\" version\",\n\t\"dependencies\": { \"version\": \"9.9.9\" },\n\t\"version\" : \"0.2.0\",\n\t\"x\": [1, {\"version\": \"1\"}]\n}\n",
        "{\n\t\"name\": \"a \\\" version\",\n\t\"dependencies\": { \"version\": \"9.9.9\" },\n\t\"version\" : \"0.3.0\",\n\t\"x\": [1, {\"version\": \"1\"}]\n}\n",
    );
    check_bump(
        "package-lock.json",
        "{\"name\":\"a\",\"version\":\"0.2.0\",\"packages\":{\"\":{\"version\":\"0.2.0\"},\"node_modules/b\":{\"version\":\"0.2.0\"}}}",
        "{\"name\":\"a\",\"version\":\"0.3.0\",\"packages\":{\"\":{\"version\":\"0.3.0\"},\"node_modules/b\":{\"version\":\"0.2.0\"}}}",
    );
    check_bump(
        "pyproject.toml",
        "[project]\nname = \"a\"\nversion = \"0.2.0\"  # PEP 621\n[tool.poetry]\nversion = \"0.2.0\"\n[tool.other]\nversion = \"0.2.0\"\n",
        "[project]\nname = \"a\"\nversion = \"0.3.0\"  # PEP 621\n[tool.poetry]\nversion = \"0.3.0\"\n[tool.other]\nversion = \"0.2.0\"\n",
    );
    check_bump("VERSION", "0.2.0\n", "0.3.0\n");
    check_bump(
        "a/__init__.py",
        "import os\n__version__ = '0.2.0'\n",
        "import os\n__version__ = '0.3.0'\n",
    );
    check_bump(
        "__manifest__.py",
        "{\n    'name': 'A',\n    'version': '0.2.0',\n}\n",
        "{\n    'name': 'A',\n    'version': '0.3.0',\n}\n",
    );
}

#[test]
fn the_lock_file_moves_with_our_own_packages_only() {
    let manifest = VersionFile {
        path: "Cargo.toml".into(),
        text: "[package]\nname = \"a\"\nversion = \"0.2.0\"\n".to_owned(),
    };
    let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"0.2.0\"\n\n[[package]]\nname = \"b\"\nversion = \"0.2.0\"\nsource = \"registry+x\"\n";
    let lock = VersionFile {
        path: "Cargo.lock".into(),
        text: lock.to_owned(),
    };
    let set = bump::set(&[manifest.clone(), lock], "0.3.0").unwrap();
    assert_eq!(set[1].text.matches("0.3.0").count(), 1);
    assert!(set[1].text.contains("name = \"a\"\nversion = \"0.3.0\""));
    let other = VersionFile {
        path: "package.json".into(),
        text: "{\"version\":\"9.0.0\"}".to_owned(),
    };
    let (current, problems) = bump::current(&[manifest, other]);
    assert_eq!(current.as_deref(), Some("0.2.0"));
    assert_eq!(problems[0].summary.key, "release-files-differ");
    let broken = VersionFile {
        path: "Cargo.toml".into(),
        text: "[package\nversion=".to_owned(),
    };
    assert_eq!(bump::current(&[broken]).1[0].summary.key, "release-file-broken");
}

/// A repository with one released version, and the running program.
struct Bench {
    folder: tempfile::TempDir,
    workspace: Workspace,
    session: Option<Session>,
    model: Model,
}

const PROJECT: &str = r#"
[project]
name = "app"
[[task]]
name = "build"
run = ["sh", "build.sh"]
[[artifact]]
name = "app"
path = "out/app"
task = "build"
[release]
version_files = ["Cargo.toml"]
"#;

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("app");
        std::fs::create_dir(&root).unwrap();
        let mut bench = Self {
            workspace: Workspace::at(&root),
            folder,
            session: None,
            model: Model::default(),
        };
        bench.git(&["init", "-q", "-b", "main"]);
        bench.git(&["config", "user.name", "Ana"]);
        bench.git(&["config", "user.email", "ana@example.org"]);
        bench.write("chantier.toml", PROJECT);
        bench.write("Cargo.toml", "# ours\n[package]\nname = \"app\"\nversion = \"0.2.0\" # now\n");
        bench.write(".gitignore", "out/\n");
        bench.write(
            "build.sh",
            "mkdir -p out\nsed -n 's/^version = \"\\(.*\\)\".*/app \\1/p' Cargo.toml > out/app\nchmod +x out/app\ntest ! -e broken\n",
        );
        bench.write("CHANGELOG.md", KEPT);
        bench.commit("feat: begin");
        bench.git(&["tag", "-a", "v0.2.0", "-m", "v0.2.0"]);
        bench.write("a", "a");
        bench.commit("feat: greet by name\n\nPlan: AP-1\n");
        bench.write("a", "b");
        bench.commit("fix: a leak");
        bench.open();
        let workspace = bench.workspace.clone();
        bench.session().world.trust().trust(&workspace).unwrap();
        bench
    }

    fn root(&self) -> &Path {
        &self.workspace.root
    }

    fn home(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("home")
    }

    fn open(&mut self) {
        let options = Options {
            home: Some(self.home()),
            ..Options::default()
        };
        self.session = Some(Session::open(options).unwrap());
    }

    fn close(&mut self) {
        if let Some(session) = self.session.take() {
            session.close();
        }
    }

    fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("the session is open")
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.root().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.root().join(name)).unwrap()
    }

    fn git(&self, args: &[&str]) -> String {
        let output = Program::new("git").args(args).current_dir(self.root()).output().unwrap();
        assert!(
            output.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    fn run(&mut self, command: impl Into<Command>) -> Outcome {
        let id: JobId = self.session().link.start(command.into());
        let runtime = self.session().runtime().clone();
        loop {
            let session = self.session.as_mut().expect("the session is open");
            let event = runtime
                .block_on(async { tokio::time::timeout(Duration::from_secs(60), session.link.next()).await })
                .expect("something happens within a minute")
                .expect("the engine runs");
            let ended = match &event {
                Event::Job(job, JobEvent::Ended { outcome, .. }) if *job == id => Some(outcome.clone()),
                _ => None,
            };
            self.model.apply(event);
            if let Some(outcome) = ended {
                return outcome;
            }
        }
    }

    fn prepare(&mut self, wish: Wish) -> Readiness {
        let workspace = self.workspace.clone();
        assert_eq!(self.run(Release::Prepare { workspace, wish }), Outcome::Done);
        let known = self.model.release.of(&self.workspace.id).unwrap();
        known.readiness.value().unwrap().clone()
    }

    fn release(&mut self, wish: Wish) -> Outcome {
        let workspace = self.workspace.clone();
        self.run(Release::Run {
            workspace,
            wish,
            notes: None,
        })
    }

    fn failed(&mut self, wish: Wish) -> Problem {
        match self.release(wish) {
            Outcome::Failed { problem } => problem,
            other => panic!("failed was expected, not {other:?}"),
        }
    }

    /// HEAD, status and files: what must be as it was when a release was taken back.
    fn state(&self) -> (String, String, String, String, String) {
        (
            self.git(&["rev-parse", "HEAD"]),
            self.git(&["status", "--porcelain"]),
            self.git(&["tag"]),
            self.read("Cargo.toml"),
            self.read("CHANGELOG.md"),
        )
    }

    /// Version 0.3.0 is there, once and whole.
    fn is_released(&mut self) {
        assert_eq!(self.git(&["status", "--porcelain"]), "");
        assert_eq!(self.git(&["tag"]), "v0.2.0\nv0.3.0");
        assert_eq!(self.git(&["cat-file", "-t", "v0.3.0"]), "tag");
        assert_eq!(self.git(&["rev-parse", "v0.3.0^{commit}"]), self.git(&["rev-parse", "HEAD"]));
        let subjects = self.git(&["log", "--format=%s"]);
        assert_eq!(
            subjects,
            "chore(release): 0.3.0\nfix: a leak\nfeat: greet by name\nfeat: begin"
        );
        assert_eq!(
            self.git(&["show", "--name-only", "--format=", "HEAD"]),
            "CHANGELOG.md\nCargo.toml"
        );
        assert_eq!(
            self.read("Cargo.toml"),
            "# ours\n[package]\nname = \"app\"\nversion = \"0.3.0\" # now\n"
        );
        let notes = "### Added\n\n- A new thing, told by hand\n- Greet by name\n\n### Fixed\n\n- A leak";
        let text = self.read("CHANGELOG.md");
        assert_eq!(changelog::notes(&text, "0.3.0"), Some(notes));
        assert!(text.ends_with("[0.2.0]: https://example.org/0.2.0\n"));

        let workspace = self.workspace.clone();
        assert_eq!(self.run(Release::List { workspace }), Outcome::Done);
        let list = self
            .model
            .release
            .of(&self.workspace.id)
            .unwrap()
            .deliverables
            .value()
            .unwrap()
            .clone();
        let versions: Vec<(&str, bool)> = list.iter().map(|one| (one.version.as_str(), one.id != 0)).collect();
        assert_eq!(
            versions,
            [("0.3.0", true), ("0.2.0", false)],
            "versions tagged elsewhere are listed too"
        );
        let made = &list[0];
        assert_eq!(made.notes, notes);
        let names: Vec<&str> = made.artifacts.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["app", "app-0.3.0.tar.gz", "SHA256SUMS"]);
        assert_eq!(
            std::fs::read_to_string(&made.artifacts[0].path).unwrap(),
            "app 0.3.0\n",
            "built from the release's own commit"
        );
        let folder = made.artifacts[0].path.parent().unwrap();
        let sums = Program::new("sha256sum")
            .args(["--check", "--strict", "--quiet", "SHA256SUMS"])
            .current_dir(folder)
            .status();
        assert!(sums.unwrap().success());
        let inside = Program::new("tar")
            .args(["-tzf", "app-0.3.0.tar.gz"])
            .current_dir(folder)
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8_lossy(&inside.stdout),
            "app-0.3.0/RELEASE-NOTES.md\napp-0.3.0/app\n"
        );
        let readiness = self.prepare(Wish::Commits);
        assert_eq!(readiness.unfinished, None);
        assert_eq!(readiness.nothing.unwrap().code, "nothing-to-release");
    }
}

#[test]
fn the_next_version_of_a_repository_is_told_with_its_checks() {
    let mut bench = Bench::new();
    let readiness = bench.prepare(Wish::Commits);
    assert_eq!(readiness.next.as_ref().unwrap().version, "0.3.0");
    assert_eq!(readiness.last.as_ref().unwrap().tag, "v0.2.0");
    assert_eq!(readiness.tag.as_deref(), Some("v0.3.0"));
    assert_eq!(readiness.n_changes, 2);
    assert!(readiness.can_release(), "{:?}", readiness.checks);
    assert!(readiness.has_hand_written);
    let tests = readiness
        .checks
        .iter()
        .find(|check| check.name.key == "release-check-tests")
        .unwrap();
    assert_eq!(tests.state, State::Degraded, "tests that were not run are a warning");
    let level = Wish::Level { level: Level::Major };
    assert_eq!(bench.prepare(level).next.unwrap().version, "0.3.0");
    let wish = Wish::Version {
        version: "v1.0.0".to_owned(),
    };
    assert_eq!(bench.prepare(wish).next.unwrap().version, "1.0.0");

    bench.write("a", "changed");
    let readiness = bench.prepare(Wish::Commits);
    assert!(!readiness.can_release());
    assert_eq!(bench.failed(Wish::Commits).code, "not-ready");
    bench.git(&["checkout", "-q", "--", "a"]);
    bench.git(&["checkout", "-q", "--detach"]);
    assert_eq!(bench.failed(Wish::Commits).summary.key, "release-check-branch-detached");
    bench.git(&["checkout", "-q", "main"]);
    let old = Wish::Version {
        version: "0.1.9".to_owned(),
    };
    assert_eq!(bench.failed(old).summary.key, "release-check-version-no");
    let wrong = Wish::Version {
        version: "1.x".to_owned(),
    };
    assert_eq!(bench.failed(wrong).code, "bad-version");
    let workspace = bench.workspace.clone();
    bench.session().world.trust().revoke(&workspace).unwrap();
    assert!(bench.failed(Wish::Commits).is_untrusted());
    assert_eq!(
        bench.prepare(Wish::Commits).next.unwrap().version,
        "0.3.0",
        "looking needs no trust"
    );
}

#[test]
fn a_version_is_released_with_changelog_tag_and_archive() {
    let mut bench = Bench::new();
    let catalog = Catalog::new(Lang::En);
    match bench.release(Wish::Commits) {
        Outcome::Done => {}
        Outcome::Failed { problem } => panic!("{}: {}", catalog.msg(&problem.summary), problem.details),
        Outcome::Cancelled => panic!("cancelled"),
    }
    let steps = &bench.model.release.of(&bench.workspace.id).unwrap().steps;
    assert_eq!(steps.len(), 7, "the check has no version yet, and is its own row: {steps:?}");
    assert!(steps.iter().all(|step| step.state == State::Done));
    bench.is_released();
}

#[test]
fn a_release_whose_build_fails_leaves_everything_as_it_was() {
    let mut bench = Bench::new();
    bench.write("broken", "yes");
    bench.commit("test: a build that fails");
    let before = bench.state();
    let problem = bench.failed(Wish::Commits);
    assert_eq!(problem.hint.as_ref().unwrap().key, "release-taken-back", "{problem:?}");
    assert_eq!(bench.state(), before);
    assert_eq!(bench.prepare(Wish::Commits).unfinished, None);
    bench.git(&["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    bench.is_released();
}

/// Runs a release in a program of its own and kills that as soon as a step has this state.
fn kill_at(bench: &mut Bench, step: &str, state: &str) {
    bench.close();
    let mut child = Program::new(env!("CARGO_BIN_EXE_chantier"))
        .arg("--home")
        .arg(bench.home())
        .args(["release", "run", "--events"])
        .current_dir(bench.root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mark = format!("\"name\":\"{step}\",\"state\":\"{state}\"");
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let seen = lines.map_while(Result::ok).any(|line| line.contains(&mark));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(seen, "{step} {state} comes");
    bench.open();
}

#[test]
fn a_release_killed_at_any_step_is_finished_by_the_next_run() {
    let points = [
        ("version", "in_progress"),
        ("version", "done"),
        ("changelog", "done"),
        ("commit", "in_progress"),
        ("commit", "done"),
        ("build", "in_progress"),
        ("tag", "in_progress"),
        ("tag", "done"),
        ("archive", "in_progress"),
        ("record", "in_progress"),
    ];
    for (step, state) in points {
        let mut bench = Bench::new();
        kill_at(&mut bench, step, state);
        // A lock that git left when it was killed is git's to explain; here it is nobody's any more.
        drop(std::fs::remove_file(bench.root().join(".git/index.lock")));
        let outcome = bench.release(Wish::Commits);
        if outcome != Outcome::Done {
            // Killed after the last act: there is nothing left to do.
            let nothing = matches!(&outcome, Outcome::Failed { problem } if problem.code == "nothing-to-release");
            assert!(nothing, "{step} {state}: {outcome:?}");
        }
        bench.is_released();
    }
}

#[test]
fn an_unfinished_release_can_be_taken_back() {
    for (step, state) in [("version", "done"), ("commit", "done"), ("build", "in_progress")] {
        let mut bench = Bench::new();
        let before = bench.state();
        kill_at(&mut bench, step, state);
        drop(std::fs::remove_file(bench.root().join(".git/index.lock")));
        let unfinished = bench.prepare(Wish::Commits).unfinished.unwrap();
        assert_eq!(unfinished.version, "0.3.0");
        let other = Wish::Version {
            version: "7.0.0".to_owned(),
        };
        assert_eq!(bench.failed(other).code, "unfinished");
        let workspace = bench.workspace.clone();
        assert_eq!(bench.run(Release::Abandon { workspace }), Outcome::Done, "{step}");
        assert_eq!(bench.state(), before, "{step}");
        assert_eq!(bench.prepare(Wish::Commits).unfinished, None);
    }
}

#[test]
fn a_file_that_somebody_changed_meanwhile_is_not_overwritten() {
    let mut bench = Bench::new();
    kill_at(&mut bench, "version", "in_progress");
    bench.write("CHANGELOG.md", "# Mine\n");
    let problem = bench.failed(Wish::Commits);
    assert_eq!(problem.code, "changed-meanwhile");
    assert_eq!(bench.read("CHANGELOG.md"), "# Mine\n");
    assert!(bench.read("Cargo.toml").contains("0.2.0"), "what was ours is taken back");
}

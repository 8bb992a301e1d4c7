//! The rules of a release without a repository: grammar, versions, changelog, version files.

use super::KEPT;
use chantier::areas::devops::bump::{self, VersionFile};
use chantier::areas::devops::project;
use chantier::areas::release::{Change, ChangeKind, Level, changelog, grammar, version};
use chantier::base::Timestamp;
use semver::Version;
use std::path::Path;

fn check_said(message: &str, kind: ChangeKind, level: Option<Level>, scope: Option<&str>, text: &str) {
    let said = grammar::read(message, &grammar::Grammar::default());
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
    let breaking = grammar::read(
        "refactor: names\n\nBREAKING CHANGE: /hello is /greet now",
        &grammar::Grammar::default(),
    );
    assert_eq!(breaking.level, Some(Level::Major));
    assert_eq!(breaking.breaking.as_deref(), Some("/hello is /greet now"));
    assert_eq!(
        grammar::read("Rework\n\nBREAKING CHANGE: gone", &grammar::Grammar::default()).level,
        Some(Level::Major)
    );
    assert_eq!(
        grammar::read("fix: x\n\nPlan: BJ-4Q7M\n", &grammar::Grammar::default())
            .item
            .as_deref(),
        Some("BJ-4Q7M")
    );
    // A subject is no trailer.
    assert_eq!(grammar::read("plan: tides", &grammar::Grammar::default()).item, None);
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
    let said = grammar::read(message, &grammar::Grammar::default());
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
        merged_by: Vec::new(),
    }
}

/// `[[release.commit]]`: a grammar of the project's own comes before the usual ones.
#[test]
fn a_project_says_how_its_commits_are_written() {
    let text = r#"
[[release.commit]]
pattern = '^:sparkles:'
group = "added"
[[release.commit]]
pattern = '^(?<scope>[A-Z]+-\d+) (?i:dropped): (?<text>.+)'
group = "removed"
level = "major"
[[release.commit]]
pattern = '^docs: '
group = "changed"
[[release.commit]]
pattern = '^bump '
group = "other"
"#;
    let (file, problems) = project::parse(text, Path::new("chantier.toml"));
    assert_eq!(problems, []);
    let grammar = grammar::Grammar::of(&file.release.commits);
    let told = |message: &str| {
        let said = grammar::read(message, &grammar);
        (said.kind, said.level, said.scope.unwrap_or_default(), said.text)
    };
    let expected = |kind, level, scope: &str, text: &str| (kind, level, scope.to_owned(), text.to_owned());
    let (minor, major, patch) = (Some(Level::Minor), Some(Level::Major), Some(Level::Patch));
    assert_eq!(
        told(":sparkles: add a thing"),
        expected(ChangeKind::Added, minor, "", "add a thing")
    );
    assert_eq!(
        told("JIRA-12 Dropped: the old way"),
        expected(ChangeKind::Removed, major, "JIRA-12", "the old way")
    );
    assert_eq!(
        told("docs: the manual"),
        expected(ChangeKind::Changed, patch, "", "the manual")
    );
    assert_eq!(told("bump 1.2"), expected(ChangeKind::Other, None, "", "1.2"));
    assert_eq!(told("fix: as usual"), expected(ChangeKind::Fixed, patch, "", "as usual"));

    let wrong = "[[release.commit]]\npattern = '(['\ngroup = \"added\"\n";
    let (_, problems) = project::parse(wrong, Path::new("chantier.toml"));
    assert_eq!(problems[0].summary.key, "devops-check-pattern");
    assert_eq!(problems[0].place.as_ref().unwrap().line, Some(2));
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
    let by_number = changelog::draft(
        Some("## Unreleased\n\n- By hand (#12), see #134\n"),
        &[
            change("feat: told there (#12)"),
            change("feat: not there (#13)"),
            change("fix: beside (12)"),
        ],
    );
    assert!(!by_number.contains("Told there") && by_number.contains("Not there") && by_number.contains("Beside"));
    let draft = changelog::draft(Some(KEPT), &changes);
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

/// As bat writes it: versions are `#`, groups are `##` and have names of their own.
#[test]
fn what_commits_tell_goes_below_the_headings_of_the_file() {
    let by_hand = "## Features\n\n- By hand, see #12 (@ana)\n\n## Bugfixes\n- Fixed by hand, see #13\n\n## `app` as a library\n";
    let text = format!("# unreleased\n\n{by_hand}\n# v0.2.0\n\n## Features\n\n- Old\n");
    let changes = [
        change("fix: another bug"),
        change("feat: another thing"),
        change("refactor!: names"),
    ];
    assert_eq!(
        changelog::draft(Some(&text), &changes),
        "## Features\n\n- By hand, see #12 (@ana)\n- Another thing\n\n## Bugfixes\n- Fixed by hand, see #13\n- Another bug\n\n\
         ## `app` as a library\n\n## Changed\n\n- **Breaking:** Names\n"
    );
    // Where nothing is written yet, the versions before say what groups are called.
    let text = "# Changelog\n\n## 0.2.0\n\n### Bug Fixes\n\n```\n### Added by code\n```\n";
    assert_eq!(
        changelog::draft(Some(text), &changes[..2]),
        "### Added\n\n- Another thing\n\n### Bug Fixes\n\n- Another bug\n"
    );
    assert_eq!(changelog::draft(None, &changes[..1]), "### Fixed\n\n- Another bug\n");
    let at_once = changelog::with_section(Some("# 1.0.0 (2025-01-01)\n\n- A\n"), "1.1.0", "2026-03-04", "- B");
    assert_eq!(at_once, "# 1.1.0 (2026-03-04)\n\n- B\n\n# 1.0.0 (2025-01-01)\n\n- A\n");
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
    let to_come = "TBD\n===\n* By hand.\n\n1.2.3 (2024-01-01)\n====\n* A\n";
    assert_eq!(changelog::unreleased(to_come), Some("* By hand."));
    let after = changelog::with_section(Some(to_come), "1.3.0", "2026-03-04", "* By hand.");
    assert!(after.starts_with("TBD\n===\n\n1.3.0 (2026-03-04)\n"), "{after}");
    let list = "unreleased\n==========\n  * By `hand`\n\n1.2.3 / 2024-01-01\n==================\n\n  * A\n    - Of it\n";
    let changes = [change("feat: by hand (#7)"), change("fix: Another (#8)"), change("🔖 1.2.3")];
    let draft = changelog::draft(Some(list), &changes);
    assert_eq!(draft, "  * By `hand`\n  * Another (#8)\n");
    let after = changelog::with_section(Some(list), "1.3.0", "2026-03-04", &draft);
    assert!(
        after.contains("\n1.3.0 / 2026-03-04\n==================\n\n  * By `hand`\n  * Another (#8)\n\n1.2.3 /"),
        "{after}"
    );
    let empty = changelog::with_section(Some("# Changelog\n"), "1.1.0", "2026-03-04", "- B");
    assert_eq!(empty, "# Changelog\n\n## [1.1.0] - 2026-03-04\n\n- B\n");
    let code = "# Changelog\n\n## [1.0.0] - 2025-01-01\n\n```\n## [0.9.0]\n```\n";
    assert_eq!(changelog::sections(code).len(), 1, "a heading in a block of code is none");
}

fn check_bump(name: &str, before: &str, after: &str) {
    let file = VersionFile {
        path: name.into(),
        text: before.to_owned(),
        pattern: None,
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

/// `dynamic = ["version"]`: the file that states it is the one that the build tool is told of.
#[test]
fn the_version_of_a_dynamic_pyproject_stands_in_its_source() {
    let check = |pyproject: &str, path: &str, text: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::write(folder.path().join("pyproject.toml"), pyproject).unwrap();
        let files = bump::read(folder.path(), &project::ReleaseRules::default()).unwrap();
        assert_eq!(bump::current(&files).0.as_deref(), Some("1.2.0"), "{pyproject}");
        let set = bump::set(&files, "1.3.0").unwrap();
        let texts: Vec<&str> = set.iter().map(|file| file.text.as_str()).collect();
        assert_eq!(texts, [text.replace("1.2.0", "1.3.0")], "{pyproject}");
    };
    let stating = "\"\"\"P\"\"\"\n__version__ = '1.2.0'  # now\n";
    let dynamic = "[project]\nname = \"my-p\"\ndynamic = [\"version\"]\n";
    check(
        &format!("{dynamic}[tool.hatch.version]\npath = \"src/p/about.py\"\n"),
        "src/p/about.py",
        stating,
    );
    let setuptools = "[tool.setuptools.dynamic]\nversion = { attr = \"my_p.__version__\" }\n";
    check(&format!("{dynamic}{setuptools}"), "src/my_p/__init__.py", stating);
    let flit = "[build-system]\nbuild-backend = \"flit_core.buildapi\"\n";
    check(&format!("{flit}{dynamic}"), "my_p.py", stating);
    let metadata = "[options]\nversion = 9.9.9\n[metadata]\nname = p\nversion = 1.2.0\n";
    check("[build-system]\n", "setup.cfg", metadata);
}

#[test]
fn the_form_of_a_tag_is_checked_where_it_is_written() {
    for (tag, is_right) in [
        ("v{version}", true),
        ("app/{version}-x", true),
        ("v1", false),
        ("v{version} x", false),
        ("v..{version}", false),
    ] {
        let text = format!("[release]\ntag = \"{tag}\"\n");
        let (_, problems) = project::parse(&text, Path::new("chantier.toml"));
        let keys: Vec<&str> = problems.iter().map(|problem| &*problem.summary.key).collect();
        let wanted: &[&str] = if is_right { &[] } else { &["devops-tag-pattern"] };
        assert_eq!(keys, wanted, "{tag}");
    }
}

#[test]
fn the_lock_file_moves_with_our_own_packages_only() {
    let manifest = VersionFile {
        path: "Cargo.toml".into(),
        text: "[package]\nname = \"a\"\nversion = \"0.2.0\"\n".to_owned(),
        pattern: None,
    };
    let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"0.2.0\"\n\n[[package]]\nname = \"b\"\nversion = \"0.2.0\"\nsource = \"registry+x\"\n";
    let lock = VersionFile {
        path: "Cargo.lock".into(),
        text: lock.to_owned(),
        pattern: None,
    };
    let set = bump::set(&[manifest.clone(), lock], "0.3.0").unwrap();
    assert_eq!(set[1].text.matches("0.3.0").count(), 1);
    assert!(set[1].text.contains("name = \"a\"\nversion = \"0.3.0\""));
    let other = VersionFile {
        path: "package.json".into(),
        text: "{\"version\":\"9.0.0\"}".to_owned(),
        pattern: None,
    };
    let (current, problems) = bump::current(&[manifest, other]);
    assert_eq!(current.as_deref(), Some("0.2.0"));
    assert_eq!(problems[0].summary.key, "release-files-differ");
    let broken = VersionFile {
        path: "Cargo.toml".into(),
        text: "[package\nversion=".to_owned(),
        pattern: None,
    };
    assert_eq!(bump::current(&[broken]).1[0].summary.key, "release-file-broken");
}

#[test]
fn a_version_in_a_file_may_be_of_pythons_kind() {
    let check = |text: &str, expected: Option<&str>| {
        let found = version::of_file(text).map(|version| version.to_string());
        assert_eq!(found.as_deref(), expected, "{text}");
    };
    check("8.5.0.dev", Some("8.5.0"));
    check("8.5.0.dev12", Some("8.5.0"));
    check("8.5.0rc1", Some("8.5.0"));
    check("8.5", Some("8.5.0"));
    check("1.2.3-beta.1", Some("1.2.3-beta.1"));
    check("2026.3.1.4", None);
    check("1.2.x", None);
    check("dev", None);
}

#[test]
fn pre_releases_of_a_channel_are_counted_on_the_way_to_their_version() {
    let v = |text: &str| Version::parse(text).unwrap();
    let fix = [change("fix: a leak")];
    let feature = [change("feat: greet")];
    for (newest, in_files, changes, name, wanted) in [
        (Some("1.2.3"), "1.2.3", &fix[..], "beta", "1.2.4-beta.1"),
        (Some("1.2.3"), "1.2.3", &feature, "beta", "1.3.0-beta.1"),
        (Some("1.3.0-beta.1"), "1.3.0-beta.1", &fix, "beta", "1.3.0-beta.2"),
        (Some("1.3.0-beta.9"), "1.3.0-beta.9", &feature, "beta", "1.3.0-beta.10"),
        (Some("1.2.4-beta.1"), "1.2.4-beta.1", &feature, "beta", "1.3.0-beta.1"),
        (Some("1.3.0-beta.2"), "1.3.0-beta.2", &fix, "rc", "1.3.0-rc.1"),
        (Some("1.2.3"), "2.0.0", &fix, "beta", "2.0.0-beta.1"),
        (None, "0.1.0", &fix, "alpha", "0.1.0-alpha.1"),
    ] {
        let newest = newest.map(v);
        let next = version::pre(newest.as_ref(), Some(&v(in_files)), changes, name).unwrap();
        assert_eq!(next.version, wanted, "after {newest:?}");
        assert!(newest.is_none_or(|newest| v(&next.version) > newest));
    }
    for name in ["", "stable", "1", "be ta", "b.c", "ü"] {
        assert!(version::pre(Some(&v("1.0.0")), None, &fix, name).is_err(), "{name}");
    }
    assert_eq!(
        version::pre(Some(&v("1.0.0")), None, &[], "rc").unwrap_err().code,
        "nothing-to-release"
    );
}

#[test]
fn a_line_that_follows_no_grammar_is_a_fix_where_it_says_so_and_a_version_is_no_change() {
    use chantier::areas::release::ChangeKind;
    use chantier::areas::release::grammar::{Grammar, read};
    let kind = |message: &str| {
        let said = read(message, &Grammar::default());
        (said.kind, said.level.is_some())
    };
    assert_eq!(kind("Fix `IntoResponse` for tuples"), (ChangeKind::Fixed, true));
    assert_eq!(kind("ignore: fix deadlock in parallel walk"), (ChangeKind::Fixed, true));
    assert_eq!(kind("Fixtures are smaller"), (ChangeKind::Changed, true));
    assert_eq!(kind("the window scrolls"), (ChangeKind::Changed, true));
    assert_eq!(kind("ignore-0.4.33"), (ChangeKind::Other, false));
    assert_eq!(kind("Release 1.2.3"), (ChangeKind::Other, false));
    assert_eq!(kind("axum-core: fix it").0, ChangeKind::Fixed);
}

/// A sentence begins with a capital letter; what is called so in the code does not get another name.
#[test]
fn a_name_at_the_start_of_an_entry_is_written_as_it_is() {
    for (text, wanted) in [
        ("min() is implemented with LT", "- min() is implemented with LT"),
        ("lib.rs is read", "- lib.rs is read"),
        ("std::fs is not used", "- std::fs is not used"),
        ("eBPF programs load", "- eBPF programs load"),
        ("re-add a thing", "- Re-add a thing"),
    ] {
        let draft = changelog::draft(None, &[change(&format!("fix: {text}"))]);
        assert_eq!(draft, format!("### Fixed\n\n{wanted}\n"), "{text}");
    }
}

#[test]
fn a_log_without_dates_gets_none() {
    let text = "# v1.20.0\n\n- A\n\n# v1.19.0\n\n- B\n";
    let after = changelog::with_section(Some(text), "1.21.0", "2026-03-04", "- C");
    assert_eq!(after, format!("# v1.21.0\n\n- C\n\n{text}"));
}

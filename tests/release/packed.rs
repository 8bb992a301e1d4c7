//! What a version is given out as, looked at by the programs that others would use: dpkg, minisign, sha256sum, Python's zipfile.

use super::Bench;
use chantier::areas::release::{Command as Release, Wish, locks};
use chantier::base::State;
use chantier::engine::Outcome;
use cyclonedx_bom::models::bom::{Bom, SpecVersion};
use cyclonedx_bom::validation::Validate as _;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command as Program;

fn output(folder: &Path, program: &str, args: &[&str]) -> String {
    let output = Program::new(program).args(args).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Keys of minisign's own, without a password; the public one as a line.
fn keys(folder: &Path) -> (PathBuf, String) {
    output(folder, "minisign", &["-G", "-W", "-p", "app.pub", "-s", "app.key"]);
    let public = std::fs::read_to_string(folder.join("app.pub")).unwrap();
    (folder.join("app.key"), public.lines().nth(1).unwrap().to_owned())
}

fn packing(bench: &mut Bench, key: &Path, public: &str) {
    let key = key.display();
    let text = super::PROJECT.replace("[project]\n", "[project]\ndescription = \"Greets\"\n")
        + &format!(
            "archives = [\"tar.gz\", \"zip\"]\nsign_key = \"{key}\"\npublic_key = \"{public}\"\n\
             [release.deb]\npackage = \"app\"\ndepends = [\"libc6\"]\n\
             files = {{ \"/lib/systemd/system/app.service\" = \"app.service\", \"/etc/app.conf\" = \"app.conf\" }}\n"
        );
    bench.write("chantier.toml", &text);
    bench.write("app.service", "[Service]\nExecStart=/usr/bin/app\n");
    bench.write("app.conf", "name = you\n");
    bench.write(
        "build.sh",
        "mkdir -p out\nv=$(sed -n 's/^version = \"\\(.*\\)\".*/\\1/p' Cargo.toml)\nprintf '#!/bin/sh\\necho app %s\\n' \"$v\" > out/app\nchmod +x out/app\n",
    );
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    std::fs::copy(lock, bench.root().join("Cargo.lock")).unwrap();
    bench.commit("chore: pack it");
    trust(bench);
}

/// The project file says other commands than those that were trusted.
fn trust(bench: &mut Bench) {
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
}

#[test]
fn a_version_is_packed_and_signed_so_that_others_can_use_it() {
    let mut bench = Bench::new();
    let (key, public) = keys(bench.folder.path());
    packing(&mut bench, &key, &public);
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let list = bench.model.release.of(&bench.workspace.id).unwrap();
    let made = list.deliverables.value().unwrap()[0].clone();
    let names: Vec<&str> = made.artifacts.iter().map(|file| file.name.as_str()).collect();
    let wanted = [
        "app",
        "app-0.3.0.cdx.json",
        "app-0.3.0.tar.gz",
        "app-0.3.0.zip",
        "app_0.3.0_all.deb",
        "SHA256SUMS",
        "SHA256SUMS.minisig",
    ];
    assert_eq!(names, wanted);
    let folder = made.artifacts[0].path.parent().unwrap();

    output(folder, "sha256sum", &["--check", "--strict", "--quiet", "SHA256SUMS"]);
    let told = output(folder, "minisign", &["-V", "-m", "SHA256SUMS", "-P", &public]);
    assert!(told.contains("app 0.3.0"), "{told}");

    let script = "import zipfile,sys; z=zipfile.ZipFile('app-0.3.0.zip'); assert z.testzip() is None; \
                  print(*[f'{i.filename} {i.external_attr >> 16 & 0o777:o}' for i in z.infolist()], sep='\\n')";
    let inside = output(folder, "python3", &["-c", script]);
    assert_eq!(
        inside,
        "app-0.3.0/RELEASE-NOTES.md 644\napp-0.3.0/app 755\napp-0.3.0/app-0.3.0.cdx.json 644\n"
    );
    is_installed(folder, "app_0.3.0_all.deb", bench.folder.path());
    is_the_bill(&folder.join("app-0.3.0.cdx.json"));

    let workspace = bench.workspace.clone();
    let verify = Release::Verify {
        workspace,
        version: "v0.3.0".to_owned(),
    };
    assert_eq!(bench.run(verify.clone()), Outcome::Done);
    let checks = &bench.model.release.of(&bench.workspace.id).unwrap().verified["0.3.0"];
    assert_eq!(checks.len(), wanted.len() + 2);
    assert!(checks.iter().all(|check| check.state == State::Done), "{checks:#?}");

    // A file that somebody exchanged is named, also when the sums were changed with it.
    std::fs::write(folder.join("app"), "#!/bin/sh\necho other\n").unwrap();
    let sums = output(folder, "sh", &["-c", "sha256sum app app-* app_*"]);
    std::fs::write(folder.join("SHA256SUMS"), sums).unwrap();
    let Outcome::Failed { problem } = bench.run(verify) else {
        panic!("it is not verified")
    };
    assert_eq!(problem.code, "not-verified");
    let checks = &bench.model.release.of(&bench.workspace.id).unwrap().verified["0.3.0"];
    let failed: Vec<&str> = checks
        .iter()
        .filter(|check| check.state == State::Failed)
        .map(|check| check.found.key.as_ref())
        .collect();
    assert_eq!(failed, ["release-verify-changed", "release-verify-changed", "sign-bad"]);
}

/// dpkg itself installs it into a root of its own; the program runs, and what may be changed in /etc is known.
fn is_installed(folder: &Path, deb: &str, place: &Path) {
    let fields = output(folder, "dpkg-deb", &["--field", deb]);
    for line in [
        "Package: app",
        "Version: 0.3.0",
        "Architecture: all",
        "Maintainer: Ana <ana@example.org>",
        "Depends: libc6",
        "Description: Greets",
    ] {
        assert!(fields.lines().any(|field| field == line), "{line}: {fields}");
    }
    let root = place.join("root");
    for below in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log"] {
        std::fs::create_dir_all(root.join(below)).unwrap();
    }
    std::fs::write(root.join("var/lib/dpkg/status"), "").unwrap();
    let root_arg = format!("--root={}", root.display());
    let args = [
        "--force-not-root",
        "--force-depends",
        "--force-script-chrootless",
        &root_arg,
        "--install",
        deb,
    ];
    output(folder, "dpkg", &args);
    assert_eq!(output(&root, "./usr/bin/app", &[]), "app 0.3.0\n");
    assert!(root.join("lib/systemd/system/app.service").is_file());
    let status = std::fs::read_to_string(root.join("var/lib/dpkg/status")).unwrap();
    assert!(status.contains("Conffiles:\n /etc/app.conf "), "{status}");
}

/// Read by CycloneDX's own library, and compared with what the lock file's text says.
fn is_the_bill(path: &Path) {
    let bom = Bom::parse_from_json_v1_5(std::fs::File::open(path).unwrap()).unwrap();
    assert!(!bom.validate_version(SpecVersion::V1_5).has_errors());
    let known: BTreeSet<(String, String)> = bom
        .components
        .unwrap()
        .0
        .iter()
        .map(|one| (one.name.to_string(), one.version.as_ref().unwrap().to_string()))
        .collect();
    let lock = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let value = |line: &str| line.split('"').nth(1).unwrap().to_owned();
    let mut wanted = BTreeSet::new();
    let mut lines = lock.lines();
    while let Some(line) = lines.next() {
        if line == "[[package]]" {
            wanted.insert((value(lines.next().unwrap()), value(lines.next().unwrap())));
        }
    }
    assert!(wanted.len() > 300);
    assert_eq!(known, wanted);
    let needs = bom.dependencies.unwrap().0;
    let own = needs
        .iter()
        .find(|one| one.dependency_ref.starts_with("pkg:cargo/chantier@"))
        .unwrap();
    assert!(own.dependencies.iter().any(|need| need.starts_with("pkg:cargo/egui@")));
    let ours = lock
        .split("[[package]]")
        .skip(1)
        .filter(|block| !block.contains("\nsource = "));
    let ours = ours.map(|block| {
        let mut lines = block.trim_start().lines();
        let mut next = || value(lines.next().unwrap());
        format!("pkg:cargo/{}@{}", next(), next())
    });
    let mut ours: Vec<String> = ours.collect();
    ours.sort();
    assert!(ours.contains(&own.dependency_ref));
    assert_eq!(
        needs[0].dependencies, ours,
        "the version itself needs what is the repository's own"
    );
}

#[test]
fn an_artifact_that_is_there_and_can_not_be_kept_says_why() {
    let mut bench = Bench::new();
    let data = bench.session().world.dirs().data.clone();
    std::fs::write(data.join("artifacts"), "no folder").unwrap();
    let problem = bench.failed(Wish::Commits);
    assert!(problem.summary.key.starts_with("files-"), "{problem:?}");
    std::fs::remove_file(data.join("artifacts")).unwrap();
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
}

#[test]
fn a_wrong_password_is_told_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let pair = minisign::KeyPair::generate_encrypted_keypair(Some("right".to_owned())).unwrap();
    let key = folder.path().join("app.key");
    std::fs::write(&key, pair.sk.to_box(None).unwrap().to_string()).unwrap();
    let sign = |password: &str| chantier::adapters::signing::sign(&key, Some(password.to_owned()), b"it", "of a test");
    assert_eq!(sign("wrong").unwrap_err().summary.key, "sign-password-wrong");
    assert!(sign("right").is_ok());
}

#[test]
fn what_can_not_be_signed_or_packed_is_told_before_anything_is_written() {
    let mut bench = Bench::new();
    let (key, public) = keys(bench.folder.path());
    let other = bench.folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let (_, another) = keys(&other);
    let before = |bench: &Bench| (bench.git(&["rev-parse", "HEAD"]), bench.git(&["tag"]));
    for (key, public, code) in [
        (Path::new("app.key"), public.as_str(), "sign-key-inside"),
        (&key, another.as_str(), "sign-bad"),
        (Path::new("/nowhere/app.key"), public.as_str(), "file-not-found"),
        (&bench.folder.path().join("app.pub"), public.as_str(), "sign-key-wrong"),
    ] {
        packing(&mut bench, key, public);
        let state = before(&bench);
        let problem = bench.failed(Wish::Commits);
        assert_eq!(problem.code, "not-ready", "{code}: {problem:?}");
        if code != "file-not-found" {
            assert_eq!(problem.summary.key, code, "{problem:?}");
        }
        assert_eq!(before(&bench), state);
    }
    packing(&mut bench, &key, &public);
    assert_eq!(
        bench
            .prepare(Wish::Commits)
            .checks
            .iter()
            .find(|check| check.name.key == "release-check-packing")
            .unwrap()
            .state,
        State::Done
    );
    bench.write(
        "chantier.toml",
        &bench
            .read("chantier.toml")
            .replace("package = \"app\"", "package = \"App!\\nX: y\""),
    );
    bench.commit("chore: a name that is none");
    trust(&mut bench);
    let problem = bench.failed(Wish::Commits);
    assert_eq!(
        (problem.code.as_str(), problem.summary.key.as_ref()),
        ("not-ready", "deb-wrong")
    );
}

fn addresses(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let found = locks::read(folder.path(), &["".into()]).unwrap();
    assert_eq!(found.broken, Vec::<String>::new());
    found
        .packages
        .iter()
        .map(|one| {
            let mut text = one.address();
            for need in &one.needs {
                text.push_str(" > ");
                text.push_str(need);
            }
            for (is, word) in [(one.is_own, " own"), (one.is_dev, " dev"), (one.hash.is_some(), " sum")] {
                text.push_str(if is { word } else { "" });
            }
            text
        })
        .collect()
}

#[test]
fn lock_files_of_every_kind_are_read() {
    let npm = r#"{"name":"site","lockfileVersion":3,"packages":{
        "":{"name":"site","version":"1.0.0","dependencies":{"a":"^1","@s/b":"*"}},
        "node_modules/a":{"version":"1.2.0","integrity":"sha512-AAAA","dependencies":{"c":"1"}},
        "node_modules/a/node_modules/c":{"version":"1.0.1"},
        "node_modules/c":{"version":"2.0.0","dev":true},
        "node_modules/@s/b":{"version":"3.0.0","dependencies":{"c":"2"}},
        "node_modules/linked":{"link":true,"resolved":"packages/linked"}}}"#;
    assert_eq!(
        addresses(&[("package-lock.json", npm)]),
        [
            "pkg:npm/%40s/b@3.0.0 > pkg:npm/c@2.0.0",
            "pkg:npm/a@1.2.0 > pkg:npm/c@1.0.1 sum",
            "pkg:npm/c@1.0.1",
            "pkg:npm/c@2.0.0 dev",
            "pkg:npm/site@1.0.0 > pkg:npm/%40s/b@3.0.0 > pkg:npm/a@1.2.0 own",
        ]
    );
    let pnpm = "lockfileVersion: '9.0'\npackages:\n  '@s/b@3.0.0':\n    resolution: {integrity: sha512-AAAA}\n  c@2.0.0:\n    resolution: {integrity: sha512-AAAA}\nsnapshots:\n  '@s/b@3.0.0':\n    dependencies:\n      c: 2.0.0(x@1)\n  c@2.0.0: {}\n";
    assert_eq!(
        addresses(&[("pnpm-lock.yaml", pnpm)]),
        ["pkg:npm/%40s/b@3.0.0 > pkg:npm/c@2.0.0 sum", "pkg:npm/c@2.0.0 sum"]
    );
    let yarn = "# yarn lockfile v1\n\n\"@s/b@^3.0.0\", \"@s/b@^3.1.0\":\n  version \"3.1.0\"\n  integrity sha512-AAAA\n  dependencies:\n    version \"9\"\n\nc@1:\n  version \"1.0.0\"\n";
    assert_eq!(
        addresses(&[("yarn.lock", yarn)]),
        ["pkg:npm/%40s/b@3.1.0 sum", "pkg:npm/c@1.0.0"]
    );
    let uv = "version = 1\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\nsource = { virtual = \".\" }\ndependencies = [{ name = \"Typing_Extensions\" }]\n[[package]]\nname = \"typing-extensions\"\nversion = \"4.1\"\nsource = { registry = \"x\" }\n";
    assert_eq!(
        addresses(&[("uv.lock", uv), ("requirements.txt", "not==9")]),
        [
            "pkg:pypi/own@0.1.0 > pkg:pypi/typing-extensions@4.1 own",
            "pkg:pypi/typing-extensions@4.1"
        ]
    );
    let poetry = "[[package]]\nname = \"Flask\"\nversion = \"3.0\"\n[package.dependencies]\nWerkzeug = \">=3\"\n[[package]]\nname = \"werkzeug\"\nversion = \"3.1\"\n";
    assert_eq!(
        addresses(&[("poetry.lock", poetry)]),
        ["pkg:pypi/flask@3.0 > pkg:pypi/werkzeug@3.1", "pkg:pypi/werkzeug@3.1"]
    );
    let pins = "# ours\nFlask[async]==3.0 ; python_version > '3' \\\n    --hash=sha256:00\nloose>=1\n-r other.txt\n";
    assert_eq!(
        addresses(&[
            ("requirements.txt", pins),
            ("other.txt", "six==1.16.0\n-r requirements.txt\n")
        ]),
        ["pkg:pypi/flask@3.0 sum", "pkg:pypi/six@1.16.0"]
    );
    let summed = "[[package]]\nname = \"a\"\nversion = \"1.0\"\nfiles = [{file = \"a-1.0-py3-none-any.whl\", hash = \"sha256:00\"}, {file = \"a-1.0.tar.gz\", hash = \"sha256:11\"}]\n";
    assert_eq!(addresses(&[("poetry.lock", summed)]), ["pkg:pypi/a@1.0 sum"]);
    let go = "module example.org/m\n\ngo 1.22\n\nrequire golang.org/x/text v0.3.0 // indirect\n\nrequire (\n\tgithub.com/a/b v1.2.3+incompatible\n)\n";
    assert_eq!(
        addresses(&[("go.mod", go)]),
        [
            "pkg:golang/github.com/a/b@v1.2.3%2Bincompatible",
            "pkg:golang/golang.org/x/text@v0.3.0"
        ]
    );
}

/// Which is told, and no reason to stop a release half-way.
#[test]
fn a_broken_lock_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Cargo.lock"), "[[package]\n").unwrap();
    std::fs::create_dir_all(folder.path().join("web")).unwrap();
    let pins = "flask>=2\ngit+https://example.org/x.git\n-e .\n--index-url https://example.org\n-r ../../gone.txt\n";
    std::fs::write(folder.path().join("web/requirements.txt"), pins).unwrap();
    let found = locks::read(folder.path(), &["".into(), "web".into()]).unwrap();
    assert!(found.packages.is_empty());
    assert_eq!(found.broken, ["Cargo.lock", "../../gone.txt"]);
    assert_eq!(found.loose, ["flask>=2", "git+https://example.org/x.git"]);
}

/// Each part of a repository has lock files of its own; what lies beside them for tests is in nothing that is given out.
#[test]
fn lock_files_below_the_root_are_in_the_bill() {
    let mut bench = Bench::new();
    let row = |name: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"x\"\n");
    for (path, text) in [
        ("web/yarn.lock", "left@^1:\n  version \"1.2.3\"\n".to_owned()),
        (
            "api/poetry.lock",
            "[[package]]\nname = \"flask\"\nversion = \"3.0\"\n".to_owned(),
        ),
        ("tests/app/Cargo.lock", row("only-tested")),
        ("web/node_modules/a/Cargo.lock", row("copied")),
    ] {
        bench.file(path, &text);
    }
    bench.commit("feat: parts");
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let list = bench.model.release.of(&bench.workspace.id).unwrap();
    let made = list.deliverables.value().unwrap()[0].clone();
    let bill = made.artifacts.iter().find(|file| file.name.ends_with(".cdx.json")).unwrap();
    let text = std::fs::read_to_string(&bill.path).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut told: Vec<(&str, &str)> = document["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["scope"].as_str().unwrap()))
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [("flask", "required"), ("left", "required"), ("only-tested", "excluded")]
    );

    bench.file("web/yarn.lock", "left@^1:\n  version \"1.3.0\"\n");
    bench.commit("fix: a newer one");
    let bill = bench.prepare(Wish::Commits).bill.unwrap();
    assert_eq!(
        (bill.added.len(), bill.updated.len(), bill.removed.len()),
        (0, 1, 0),
        "{bill:?}"
    );
}

/// A pre-release tells of what is new since the last one, the release after them of everything since the release before.
#[test]
fn a_channel_leads_to_its_release() {
    let mut bench = Bench::new();
    let beta = || Wish::Channel { name: "beta".to_owned() };
    assert_eq!(bench.release(beta()), Outcome::Done);
    assert_eq!(bench.git(&["describe"]), "v0.3.0-beta.1");
    bench.write("a", "c");
    bench.commit("fix: another leak");
    let readiness = bench.prepare(beta());
    assert_eq!(readiness.next.unwrap().version, "0.3.0-beta.2");
    assert_eq!(readiness.n_changes, 1);
    assert_eq!(bench.release(beta()), Outcome::Done);
    let readiness = bench.prepare(Wish::Commits);
    assert_eq!(readiness.next.as_ref().unwrap().version, "0.3.0");
    let told: Vec<&str> = readiness
        .changes
        .iter()
        .filter(|change| change.level.is_some())
        .map(|change| change.text.as_str())
        .collect();
    assert_eq!(told, ["another leak", "a leak", "greet by name"]);
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    assert_eq!(bench.git(&["describe"]), "v0.3.0");
    let releases = bench.session().world.store().clone();
    let workspace = bench.workspace.id.clone();
    let runtime = bench.session().runtime().clone();
    let rows = runtime
        .block_on(async { releases.releases().list(&workspace, 9).await })
        .unwrap();
    let channels: Vec<(&str, &str)> = rows.iter().map(|row| (row.version.as_str(), row.channel.as_str())).collect();
    assert_eq!(
        channels,
        [("0.3.0", "stable"), ("0.3.0-beta.2", "beta"), ("0.3.0-beta.1", "beta")]
    );
}

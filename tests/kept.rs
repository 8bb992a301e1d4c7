//! Files that the ledger keeps: a home that was moved finds its own, and the doctor reads them.

use crate::store::{artifact, block_on, build, clock, release};
use crate::support::cli::{Home, git};
use chantier::adapters::store::Store;
use chantier::adapters::store::builds::ArtifactRow;
use chantier::adapters::store::releases::ReleaseArtifactRow;
use std::path::PathBuf;

const PROJECT: &str = "[[task]]\nname = \"build\"\nrun = [\"sh\", \"-c\", \"echo made > out\"]\n\n\
                       [[artifact]]\nname = \"out\"\npath = \"out\"\ntask = \"build\"\n";

/// What is wrong in the doctor's eyes: the words of the checks.
fn wrong(doctor: &serde_json::Value) -> Vec<String> {
    let checks = doctor["result"]["checks"].as_array().unwrap();
    let failed = checks.iter().filter(|check| check["state"] == "failed");
    failed.map(|check| check["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_home_that_was_moved_has_its_artifacts_and_the_doctor_reads_them() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir(&dir).unwrap();
    git(&dir, &["init", "-q"]);
    std::fs::write(dir.join("chantier.toml"), PROJECT).unwrap();
    home.call_in(&dir, &["build", "run", "build", "--trust"]).ok();
    std::fs::rename(home.path("home"), home.path("moved")).unwrap();
    let moved = home.path("moved");
    let call = |args: &[&str]| home.call_in(&dir, &[&["--home", moved.to_str().unwrap(), "--json"], args].concat());
    let found = call(&["build", "artifacts"]).ok().json();
    let stored = PathBuf::from(found["result"]["artifacts"][0]["stored"].as_str().unwrap());
    assert!(
        stored.starts_with(moved.canonicalize().unwrap()) && stored.is_file(),
        "{}",
        stored.display()
    );
    assert_eq!(wrong(&call(&["doctor", "--read-data"]).ok().json()), Vec::<String>::new());

    std::fs::write(&stored, "made?\n").unwrap();
    call(&["doctor"]).ok();
    let read = call(&["doctor", "--read-data"]);
    assert_eq!((read.code, wrong(&read.json())), (1, vec!["kept".to_owned()]));
    std::fs::remove_file(&stored).unwrap();
    let gone = call(&["doctor"]);
    assert_eq!((gone.code, wrong(&gone.json())), (1, vec!["kept".to_owned()]));
}

/// A ledger that was written before: with the whole paths of the home that it was in.
#[test]
fn a_path_in_another_home_is_found_by_its_tail() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new/data");
    let here = |path: &str| {
        let file = data.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "x").unwrap();
        file
    };
    let store = Store::open(&data, clock().0).unwrap();
    let kept = here("artifacts/aa11");
    let released = here("releases/w/1.0.0/shop.tar.gz");
    block_on(async {
        let row = |stored: &str| ArtifactRow {
            stored: Some(stored.into()),
            ..artifact(5, "c", "aa11")
        };
        let rows = vec![row("/old/data/artifacts/aa11"), row("/old/data/artifacts/gone")];
        store.builds().record(build(5, "c"), rows).await.unwrap();
        let rows = store.builds().artifacts_of_job(chantier::base::JobId(5)).await.unwrap();
        let stored: Vec<PathBuf> = rows.into_iter().filter_map(|row| row.stored).collect();
        assert_eq!(stored, [kept, PathBuf::from("/old/data/artifacts/gone")]);

        let file = ReleaseArtifactRow {
            id: 0,
            release: 0,
            name: "shop.tar.gz".to_owned(),
            path: "/old/data/releases/w/1.0.0/shop.tar.gz".into(),
            sha256: "bb22".to_owned(),
            bytes: 1,
        };
        let made = store.releases().record(release("1.0.0", "c"), vec![file]).await.unwrap();
        let rows = store.releases().artifacts(made.id).await.unwrap();
        assert_eq!(rows[0].path, released);
    });
}

/// Both ways in which a moved project is known: its folder, which was trusted, and a commit that the ledger has.
#[test]
fn a_project_that_was_moved_keeps_its_history() {
    let home = Home::new();
    let dir = home.path("before");
    std::fs::create_dir(&dir).unwrap();
    for args in [
        &["init", "-q", "-b", "main"][..],
        &["config", "user.name", "Ada"],
        &["config", "user.email", "ada@example.org"],
    ] {
        git(&dir, args);
    }
    std::fs::write(dir.join("chantier.toml"), PROJECT).unwrap();
    std::fs::write(dir.join(".gitignore"), "out\n").unwrap();
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-q", "-m", "one"]);
    home.call(&["devops", "add", "before", "--trust"]).ok();
    home.call_in(&dir, &["build", "run", "build"]).ok();
    let runs = |dir: &std::path::Path| {
        let found = home.call_in(dir, &["build", "history", "--json"]).ok().json();
        found["result"]["runs"].as_array().unwrap().len()
    };
    assert_eq!(runs(&dir), 1);

    let gone = home.call(&["-w", "before", "code", "status"]).ok();
    assert!(gone.err.is_empty(), "{}", gone.err);
    std::fs::rename(&dir, home.path("after")).unwrap();
    let gone = home.call(&["-w", "before", "code", "status"]);
    assert!(
        gone.err.contains("is gone") && !gone.err.contains("code init"),
        "{}",
        gone.err
    );
    let added = home.call(&["devops", "add", "after"]).ok();
    assert!(added.err.contains("its history goes on here"), "{}", added.err);
    assert_eq!(runs(&home.path("after")), 1);
    let list = home.call(&["devops", "list", "--json"]).ok().json();
    assert_eq!(list["result"]["workspaces"].as_array().unwrap().len(), 1, "{list:#}");
    assert_eq!(list["result"]["workspaces"][0]["trust"], "untrusted");

    // A copy elsewhere, and the first one gone: another folder with the same commits.
    let status = std::process::Command::new("cp")
        .arg("-r")
        .arg(home.path("after"))
        .arg(home.path("copy"))
        .status();
    assert!(status.unwrap().success());
    home.call(&["devops", "add", "copy"]).ok();
    assert_eq!(runs(&home.path("after")), 1, "while it is there nothing is taken from it");
    home.call(&["devops", "remove", "copy"]).ok();
    std::fs::remove_dir_all(home.path("after")).unwrap();
    home.call(&["devops", "add", "copy"]).ok();
    assert_eq!(runs(&home.path("copy")), 1);
    let doctor = home.call(&["doctor", "--read-data", "--json"]).ok().json();
    assert_eq!(wrong(&doctor), Vec::<String>::new(), "{doctor:#}");
}

//! The container image of a version, made by the real engine, given out as a file, and brought back from it where the engine lost it.

use super::Bench;
use crate::deploy::bench::{free_port, version_at};
use crate::support::engine::{Removed, docker, docker_at, import_busybox, is_there, unique};
use chantier::areas::deploy::{Command as Deploy, What};
use chantier::areas::release::{Command as Release, Wish};
use chantier::engine::Outcome;

/// A project whose image serves what its build made, and that deploys it.
fn project(bench: &mut Bench, name: &str, port: u16, step: &str) {
    import_busybox(None, &bench.folder.path().join("tree"), &format!("{name}:base"));
    let text = super::PROJECT.to_owned()
        + &format!(
            "[release.image]\nname = \"{name}\"\ndockerfile = \"docker/Dockerfile\"\n{step}\n\
             [[environment]]\nname = \"staging\"\n[environment.target]\nkind = \"docker\"\nimage = \"{name}:{{version}}\"\nport = {port}\n\
             command = [\"/bin/busybox\", \"sh\", \"-c\", \"exec /bin/busybox httpd -f -p $PORT -h /www\"]\n\
             [[environment.health]]\nkind = \"http\"\nurl = \"http://127.0.0.1:{{port}}/version\"\ninterval = \"50ms\"\ndeadline = \"20s\"\n"
        );
    bench.write("chantier.toml", &text);
    bench.write(
        "build.sh",
        "mkdir -p out\nv=$(sed -n 's/^version = \"\\(.*\\)\".*/\\1/p' Cargo.toml)\nprintf '{\"version\":\"%s\"}' \"$v\" > out/app\n",
    );
    std::fs::create_dir_all(bench.root().join("docker")).unwrap();
    bench.write(
        "docker/Dockerfile",
        &format!("FROM {name}:base\nCOPY app /www/version\nCOPY Cargo.toml /www/from\n"),
    );
    bench.commit("chore: an image");
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
}

/// With the name of the image, the image of 0.3.0, and what takes both away. None without an engine.
fn bench() -> Option<(Bench, String, String, Removed)> {
    if !is_there() {
        return None;
    }
    let name = unique("release");
    let image = format!("{name}:0.3.0");
    let made = Removed(vec![("image", image.clone()), ("image", format!("{name}:base"))]);
    Some((Bench::new(), name, image, made))
}

fn files(bench: &Bench) -> Vec<String> {
    let known = bench.model.release.of(&bench.workspace.id).unwrap();
    let made = &known.deliverables.value().unwrap()[0];
    made.artifacts.iter().map(|file| file.name.clone()).collect()
}

#[test]
fn a_version_has_an_image_that_is_there_again_when_the_engine_lost_it() {
    if !is_there() {
        return;
    }
    let mut bench = Bench::new();
    let (name, port) = (unique("release"), free_port());
    let image = format!("{name}:0.3.0");
    let _made = Removed(vec![("image", image.clone()), ("image", format!("{name}:base"))]);
    project(&mut bench, &name, port, "");
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let file = format!("{name}-0.3.0.image.tar");
    assert!(files(&bench).contains(&file), "{:?}", files(&bench));
    let head = bench.git(&["rev-parse", "HEAD"]);
    let label = |name: &str| {
        let format = format!("{{{{index .Config.Labels \"org.opencontainers.image.{name}\"}}}}");
        docker(None, &["image", "inspect", "--format", &format, &image])
    };
    assert_eq!((label("version"), label("revision")), ("0.3.0".to_owned(), head));
    let shown = docker(None, &["run", "--rm", &image, "/bin/busybox", "cat", "/www/from"]);
    assert!(shown.contains("0.3.0"), "the commit of the version: {shown}");

    docker(None, &["image", "rm", &image]);
    let deploy = Deploy::Run {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        what: What::Version {
            version: "0.3.0".to_owned(),
        },
        confirmed: None,
    };
    assert_eq!(bench.run(deploy.clone()), Outcome::Done);
    assert_eq!(version_at(port).as_deref(), Some("0.3.0"));
    let stop = Deploy::Stop {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        confirmed: None,
    };
    assert_eq!(bench.run(stop), Outcome::Done);

    // A file that is not what was given out is not loaded.
    docker(None, &["image", "rm", &image]);
    let known = bench.model.release.of(&bench.workspace.id).unwrap();
    let kept = known.deliverables.value().unwrap()[0]
        .artifacts
        .iter()
        .find(|one| one.name == file);
    let path = kept.unwrap().path.clone();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.push(0);
    std::fs::write(&path, bytes).unwrap();
    assert!(matches!(bench.run(deploy), Outcome::Failed { .. }));
    assert!(!docker_at(None, &["image", "inspect", &image]).status.success());
}

#[test]
fn a_release_that_is_taken_back_leaves_no_image_and_a_rehearsal_none_either() {
    let Some((mut bench, name, image, _made)) = bench() else {
        return;
    };
    let steps: String = ["bump", "changelog", "commit", "build", "tag", "pack"]
        .iter()
        .map(|kind| format!("[[release.step]]\nkind = \"{kind}\"\n"))
        .chain(["[[release.step]]\nname = \"look\"\nkind = \"confirm\"\ntext = \"Look at it\"\n".to_owned()])
        .collect();
    project(&mut bench, &name, free_port(), &steps);
    let images = || {
        docker(
            None,
            &["images", "--quiet", "--no-trunc", "--filter", &format!("reference={name}")],
        )
    };
    let before = images();
    let workspace = bench.workspace.clone();
    let rehearse = Release::Rehearse {
        workspace: workspace.clone(),
        wish: Wish::Commits,
        package: None,
    };
    assert_eq!(bench.run(rehearse), Outcome::Done);
    assert_eq!(images(), before);
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let is_there = || docker_at(None, &["image", "inspect", &image]).status.success();
    assert!(is_there(), "it waits for somebody who looks, with its image");
    assert_eq!(bench.run(Release::Abort { workspace }), Outcome::Done);
    assert!(!is_there());
    assert_eq!(bench.git(&["tag", "--list", "v0.3.0"]), "");
}

/// The usual web service: its image is all that it gives out.
#[test]
fn an_image_may_be_all_that_a_version_is() {
    let Some((mut bench, name, image, _made)) = bench() else {
        return;
    };
    project(&mut bench, &name, free_port(), "");
    bench.write("docker/Dockerfile", &format!("FROM {name}:base\nCOPY Cargo.toml /from\n"));
    let text = super::PROJECT.split("[[artifact]]").next().unwrap().to_owned();
    bench.write(
        "chantier.toml",
        &format!("{text}[release]\nversion_files = [\"Cargo.toml\"]\n[release.image]\nname = \"{name}\"\ndockerfile = \"docker/Dockerfile\"\n"),
    );
    bench.commit("feat: only an image");
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    let given = files(&bench);
    assert!(
        given.contains(&format!("{name}-0.3.0.image.tar")) && given.contains(&"SHA256SUMS".to_owned()),
        "{given:?}"
    );
    assert!(!given.iter().any(|file| file.ends_with(".tar.gz")), "{given:?}");
    assert!(docker_at(None, &["image", "inspect", &image]).status.success());
}

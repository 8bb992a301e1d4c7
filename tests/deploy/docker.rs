//! Deployments as containers of the real engine: every strategy, images that are built, what reaches out is refused, and what a kill -9
//! leaves is found again by its labels.

use super::bench::{Bench, problem_of, version_at};
use super::faults::kill_at;
use super::load::Load;
use crate::support::engine::{docker, docker_at, import_busybox, is_there, remove_images, unique};
use chantier::areas::deploy::{Command as Deploy, StepName, What};
use chantier::base::State;
use chantier::engine::Outcome;
use std::path::PathBuf;

/// Serves what it was told to be; `{bad}` makes its health answer 404.
pub(super) const SERVE: &str = r#"command = ["/bin/busybox", "sh", "-c", '''
/bin/busybox mkdir -p /www
/bin/busybox echo '{"app":{"version":"{version}"},"version":"{version}"}' > /www/version
case "{version}" in 3.*) ;; *) /bin/busybox echo fine > /www/health ;; esac
exec /bin/busybox httpd -f -p $PORT -h /www
''']"#;
pub(super) const CHECKS: &str = r#"
[[environment.health]]
kind = "http"
url = "http://127.0.0.1:{port}/version"
expect_version = "app.version"
interval = "50ms"
deadline = "20s"
"#;

/// What was made in the machine's engine goes with the test.
pub(super) struct Made {
    pub(super) home: PathBuf,
    pub(super) image: String,
}

impl Made {
    pub(super) fn containers(&self) -> Vec<String> {
        let format = "{{.ID}} {{.Label \"chantier.deployment\"}}";
        let listed = docker(
            None,
            &[
                "ps",
                "-a",
                "--no-trunc",
                "--filter",
                "label=chantier.instance",
                "--format",
                format,
            ],
        );
        let ours = |line: &&str| {
            line.split_once(' ')
                .is_some_and(|(_, folder)| PathBuf::from(folder).starts_with(&self.home))
        };
        listed
            .lines()
            .filter(ours)
            .filter_map(|line| line.split_once(' '))
            .map(|(id, _)| id.to_owned())
            .collect()
    }
}

fn image_of(made: &Made) -> String {
    docker(None, &["inspect", "--format", "{{.Image}}", &made.containers()[0]])
}

impl Drop for Made {
    fn drop(&mut self) {
        for id in self.containers() {
            docker_at(None, &["rm", "-f", &id]);
        }
        remove_images(&format!("reference={}", self.image));
        remove_images(&format!("label=chantier.test={}", self.image));
    }
}

/// A workspace whose `staging` runs in containers of this image.
pub(super) fn bench(of_staging: &str, of_target: &str) -> Option<(Bench, Made)> {
    if !is_there() {
        return None;
    }
    let image = unique("deploy");
    let target = format!(
        "kind = \"docker\"\nport = PORT\ninside_port = 80\nstop_grace = \"1s\"\n{}",
        of_target.replace("IMAGE", &image)
    );
    let bench = Bench::made("", of_staging, &target, "20s");
    import_busybox(None, &bench.folder.path().join("tree"), &format!("{image}:base"));
    let home = bench.home();
    Some((bench, Made { home, image }))
}

#[test]
fn containers_are_deployed_switched_kept_when_the_next_is_bad_and_brought_back() {
    let strategy = "strategy = \"blue_green\"\ntraffic = { kind = \"haproxy\", listen = LISTEN, drain = \"1s\" }";
    let target = format!("image = \"IMAGE:base\"\ninstances = 2\n{SERVE}\n{CHECKS}");
    let Some((mut bench, made)) = bench(strategy, &target) else {
        return;
    };
    for version in ["1.0.0", "2.0.0", "3.0.0"] {
        bench.release(version, "good");
    }
    assert_eq!(bench.deploy("1.0.0"), Outcome::Done);
    assert_eq!(version_at(bench.listen).as_deref(), Some("1.0.0"));
    assert_eq!(made.containers().len(), 2);
    let load = Load::start(bench.listen, 60, 4);
    assert_eq!(bench.deploy("2.0.0"), Outcome::Done);
    load.wait_for("2.0.0", 20);
    assert_eq!(made.containers().len(), 2, "the old ones are gone");

    // They outlive the program, and each is shown once.
    bench.close();
    bench.open();
    let found = bench.refreshed();
    assert_eq!((found.state, found.instances.len()), (State::Running, 2));
    let before = made.containers();

    let problem = problem_of(bench.deploy("3.0.0"));
    assert_eq!(problem.code, "unhealthy", "{problem:?}");
    assert_eq!(
        made.containers(),
        before,
        "nothing of it stays, and nothing of the old was touched"
    );
    assert_eq!(bench.roll_back(), Outcome::Done);
    load.wait_for("1.0.0", 20);
    let counted = load.end();
    assert_eq!(counted.failed, Vec::<String>::new(), "of {}", counted.n_sent);
    assert_eq!(bench.stop(), Outcome::Done);
    assert_eq!(made.containers(), Vec::<String>::new());
    bench.audit_holds();
}

#[test]
fn an_image_is_built_from_the_artifacts_and_judged_by_its_own_check() {
    let target = format!(
        "image = \"IMAGE:v{{version}}\"\ndockerfile = \"Dockerfile\"\nartifacts = [\"app\"]\nrestart = \"unless-stopped\"\n{SERVE}\n{CHECKS}
[[environment.health]]
kind = \"container\"
interval = \"100ms\"
deadline = \"30s\"
"
    );
    let Some((mut bench, made)) = bench("strategy = \"rolling\"", &target) else {
        return;
    };
    let dockerfile = format!(
        "FROM {}:base\nCOPY built-* /built\nHEALTHCHECK --interval=1s CMD [\"/bin/busybox\", \"test\", \"-s\", \"/built\"]\n",
        made.image
    );
    std::fs::write(bench.workspace.root.join("Dockerfile"), dockerfile).unwrap();
    for version in ["1.0.0", "2.0.0"] {
        bench.release(version, "good");
        assert_eq!(bench.deploy(version), Outcome::Done, "{:?}", bench.problems);
        assert_eq!(version_at(bench.port).as_deref(), Some(version));
    }
    let images = docker(None, &["images", "--format", "{{.Tag}}", &made.image]);
    assert!(images.contains("v1.0.0") && images.contains("v2.0.0"), "{images}");
    assert_eq!(made.containers().len(), 1);
}

#[test]
fn an_image_is_built_from_the_files_of_the_commit_and_comes_back_as_it_was() {
    let target = format!(
        "image = \"IMAGE:app\"\ndockerfile = \"deploy/Dockerfile\"\nartifacts = [\"app\"]\n\
         command = [\"/bin/busybox\", \"httpd\", \"-f\", \"-p\", \"80\", \"-h\", \"/www\"]\n{CHECKS}"
    );
    let Some((mut bench, made)) = bench("", &target) else { return };
    let root = bench.workspace.root.clone();
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let version = |version: &str| format!("{{\"app\":{{\"version\":\"{version}\"}},\"version\":\"{version}\"}}");
    let dockerfile = |more: &str| {
        format!(
            "FROM {0}:base\nLABEL chantier.test={0}\nCOPY site /www\nCOPY . /all\nRUN test -s /all/built-* && ! test -e /all/.git\n{more}\n",
            made.image
        )
    };
    write("deploy/Dockerfile", &dockerfile(""));
    write(".dockerignore", "**/secret\nbuilt-*\n");
    write("site/health", "fine");
    write("site/secret", "mine");
    write("site/version", &version("1.0.0"));
    bench.release_commit("1.0.0");
    write("site/version", &version("2.0.0"));
    bench.release_commit("2.0.0");
    write("deploy/Dockerfile", &dockerfile("RUN false"));
    bench.release_commit("3.0.0");
    write(
        "deploy/Dockerfile",
        &dockerfile("RUN while true; do echo busy 4.0.0; sleep 1; done"),
    );
    bench.release_commit("4.0.0");
    std::fs::remove_dir_all(root.join("deploy")).unwrap();
    bench.release_commit("5.0.0");
    // What is not committed goes nowhere.
    write("site/version", &version("6.6.6"));
    write("site/new", "new");

    bench.deployed("1.0.0");
    let port = bench.port;
    let answer = |path: &str| super::bench::ask(port, path).unwrap_or_default();
    assert!(answer("/secret").contains("404") && answer("/new").contains("404"));
    let first = image_of(&made);
    bench.deployed("2.0.0");
    assert_ne!(image_of(&made), first);
    for (version, code) in [("3.0.0", "engine-refused"), ("5.0.0", "not-found")] {
        assert_eq!(problem_of(bench.deploy(version)).code, code, "{:?}", bench.problems);
        assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"), "nothing was touched");
    }

    let command = bench.deploy_command("staging", "4.0.0", None);
    let id = bench.start(command);
    let works = || docker(None, &["ps", "--no-trunc", "--format", "{{.Command}}"]).contains("echo busy 4.0.0");
    assert_eq!(bench.until(id, |_| works()), None);
    bench.session().link.cancel(id);
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Cancelled));
    let worktrees = crate::support::cli::git(&root, &["worktree", "list"]);
    assert_eq!(worktrees.lines().count(), 1, "{worktrees}");

    assert_eq!(bench.roll_back(), Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(image_of(&made), first, "nothing was built for it");
}

#[test]
fn what_reaches_out_of_a_container_is_refused_and_shown_before() {
    let target = format!("image = \"IMAGE:base\"\nprivileged = true\nvolumes = [\"/:/host\", \"data:/data\"]\n{SERVE}");
    let Some((mut bench, made)) = bench("", &target) else { return };
    bench.release("1.0.0", "good");
    let workspace = bench.workspace.clone();
    let asked = bench.run(Deploy::Preview {
        workspace,
        environment: "staging".to_owned(),
        what: What::Latest,
    });
    assert_eq!(asked, Outcome::Done);
    let preview = &bench.model.deploy.of(&bench.workspace.id).unwrap().previews["staging"];
    assert_eq!((preview.version.as_str(), preview.from.as_deref()), ("1.0.0", None));
    assert!(
        preview.obstacles.iter().any(|problem| problem.code == "reaches-out"),
        "{preview:?}"
    );
    let problem = problem_of(bench.deploy("1.0.0"));
    assert_eq!(problem.code, "reaches-out");
    assert!(
        problem
            .summary
            .args
            .iter()
            .any(|(_, what)| format!("{what:?}").contains("/:/host")),
        "{problem:?}"
    );
    assert_eq!(made.containers(), Vec::<String>::new());
}

#[test]
fn containers_that_a_killed_deployment_left_are_found_by_their_labels() {
    let target = format!("image = \"IMAGE:base\"\n{SERVE}\n{CHECKS}");
    let Some((mut bench, made)) = bench("", &target) else { return };
    bench.release("1.0.0", "good");
    assert_eq!(bench.deploy("1.0.0"), Outcome::Done);
    let points = [
        (StepName::Stop, "done"),
        (StepName::Start, "in_progress"),
        (StepName::Start, "done"),
        (StepName::Gate, "done"),
    ];
    check_kills(bench, &made, &points, |bench, version| drop(bench.release(version, "good")));
}

/// Kills a deployment at each of these points; the next recovery leaves one container, and the version that it tells.
pub(super) fn check_kills(mut bench: Bench, made: &Made, points: &[(StepName, &str)], mut release: impl FnMut(&mut Bench, &str)) {
    for (i, (step, state)) in points.iter().enumerate() {
        let version = format!("2.0.{i}");
        release(&mut bench, &version);
        kill_at(&mut bench, &version, *step, state);
        assert_eq!(
            bench.run(Deploy::Recover),
            Outcome::Done,
            "{step:?} {state}: {:?}",
            bench.problems
        );
        let runs = bench.model.deploy.recovered[0].runs.clone();
        assert_eq!(made.containers().len(), 1, "{step:?} {state}: never two versions");
        assert_eq!(version_at(bench.port), runs, "{step:?} {state}");
    }
    bench.audit_holds();
}

/// The migration runs in a container of the new image, on the data that the volume holds.
#[test]
fn a_migration_in_a_container_is_taken_back_with_its_version() {
    let data = tempfile::tempdir().unwrap();
    for n in 1..=3 {
        let db = rusqlite::Connection::open(data.path().join(format!("{n}.0.0.db"))).unwrap();
        db.execute_batch("CREATE TABLE orders (n INTEGER)").unwrap();
        for i in 0..n * 10 {
            db.execute("INSERT INTO orders VALUES (?)", [i]).unwrap();
        }
    }
    let file = data.path().join("app.db");
    let database = format!(
        "database = {{ kind = \"sqlite\", file = \"{}\", migrate = [\"/bin/busybox\", \"sh\", \"-c\", \
         \"/bin/busybox echo $HERE; /bin/busybox cp /data/{{version}}.db /data/app.db\"] }}",
        file.display()
    );
    let volume = format!("volumes = [\"{}:/data\"]\nallow = [\"host_mounts\"]", data.path().display());
    let Some((mut bench, made)) = bench(&database, &format!("image = \"IMAGE:base\"\n{volume}\n{SERVE}\n{CHECKS}")) else {
        return;
    };
    let rows = || {
        let db = rusqlite::Connection::open(&file).unwrap();
        db.query_row("SELECT count(*) FROM orders", (), |row| row.get::<_, i64>(0))
            .unwrap()
    };
    for (version, n) in [("1.0.0", 10), ("2.0.0", 20)] {
        bench.release(version, "good");
        assert_eq!(bench.deploy(version), Outcome::Done);
        assert_eq!(rows(), n);
        assert_eq!(made.containers().len(), 1, "that of the migration is gone");
    }
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path)
        .unwrap()
        .replace("/bin/busybox cp", "exit 4 && cp");
    std::fs::write(&path, text).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    bench.release("2.1.0", "good");
    assert_eq!(problem_of(bench.deploy("2.1.0")).code, "migration");
    assert_eq!((rows(), version_at(bench.port).as_deref()), (20, Some("2.0.0")));
    let outcome = bench.run(Deploy::RollBack {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        to: None,
        data: None,
        confirmed: None,
    });
    assert_eq!(outcome, Outcome::Done);
    assert_eq!((rows(), version_at(bench.port).as_deref()), (10, Some("1.0.0")));
    let outcome = bench.run(Deploy::Stop {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        confirmed: None,
    });
    assert_eq!(outcome, Outcome::Done);
}

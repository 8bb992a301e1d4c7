//! Container engines for tests: the machine's, one of the test's own, and images without a registry.

use chantier::adapters::docker::Engine;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Whether the machine's engine answers; where one must, that it does not is a failure.
pub(crate) fn is_there() -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(Engine::from_env().info());
    let is_there = answer.is_ok() && Path::new("/bin/busybox").exists();
    if !is_there {
        missing("docker", &format!("no container engine answers: {answer:?}"));
    }
    is_there
}

/// Says loudly what is skipped; where it must be there it is a failure.
pub(crate) fn missing(name: &str, why: &str) {
    let without = std::env::var("CHANTIER_TEST_WITHOUT").unwrap_or_default();
    let is_allowed = std::env::var("CI").as_deref() != Ok("true") || without.split(',').any(|word| word == name);
    assert!(is_allowed, "{why}");
    eprintln!("SKIPPED: {why}");
}

/// A name that no other test uses.
pub(crate) fn unique(word: &str) -> String {
    format!("chantier-docker-{word}-{}-{:x}", std::process::id(), fastrand::u32(..))
}

/// The `docker` command, as the peer and to lay things out.
pub(crate) fn docker_at(host: Option<&str>, args: &[&str]) -> Output {
    let mut command = Command::new("docker");
    if let Some(host) = host {
        command.args(["-H", host]);
    }
    command.args(args).env("DOCKER_BUILDKIT", "0").output().unwrap()
}

pub(crate) fn docker(host: Option<&str>, args: &[&str]) -> String {
    let output = docker_at(host, args);
    assert!(
        output.status.success(),
        "docker {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Busybox as an image; what it is based on in every test.
pub(crate) fn import_busybox(host: Option<&str>, tree: &Path, name: &str) {
    let bin = tree.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::copy("/bin/busybox", bin.join("busybox")).unwrap();
    for tool in [
        "sh", "sleep", "echo", "ls", "cat", "stty", "true", "false", "touch", "mkdir", "find", "tty", "ps", "env",
    ] {
        let link = bin.join(tool);
        std::fs::remove_file(&link).ok();
        std::os::unix::fs::symlink("busybox", link).unwrap();
    }
    let tar = tree.with_extension("tar");
    let status = Command::new("tar")
        .args(["-C", tree.to_str().unwrap(), "-cf", tar.to_str().unwrap(), "."])
        .status()
        .unwrap();
    assert!(status.success());
    docker(host, &["import", tar.to_str().unwrap(), name]);
}

/// Removes what `docker images --filter` finds and all that was built on it, also what a build that failed left without a name.
pub(crate) fn remove_images(filter: &str) {
    let lines = |args: &[&str]| -> Vec<String> {
        let listed = docker_at(None, args).stdout;
        String::from_utf8_lossy(&listed).lines().map(str::to_owned).collect()
    };
    let mut family = lines(&["images", "-aq", "--no-trunc", "--filter", filter]);
    let all = lines(&["images", "-aq", "--no-trunc"]);
    let mut args = vec!["inspect", "--type", "image", "--format", "{{.Id}} {{.Parent}}"];
    args.extend(all.iter().map(String::as_str));
    // Of those that another test removes meanwhile nothing is told.
    let parents = lines(&args);
    loop {
        let is_new = |(id, parent): &(&str, &str)| family.iter().any(|one| one == parent) && !family.iter().any(|one| one == id);
        let pairs = parents.iter().filter_map(|line| line.split_once(' '));
        let Some((id, _)) = pairs.clone().find(is_new) else { break };
        family.push(id.to_owned());
    }
    // An image goes after those that stand on it.
    family.reverse();
    while !family.is_empty() {
        let n_before = family.len();
        family.retain(|id| {
            docker_at(None, &["rmi", "-f", id]);
            docker_at(None, &["inspect", "--type", "image", id]).status.success()
        });
        if family.len() == n_before {
            break;
        }
    }
}

/// Removed with the test, however it ends: kind (`container`, `image`, `volume`, `network`) and name.
pub(crate) struct Removed(pub(crate) Vec<(&'static str, String)>);

impl Drop for Removed {
    fn drop(&mut self) {
        for (kind, name) in &self.0 {
            match *kind {
                "image" => remove_images(&format!("reference={name}")),
                "container" => drop(docker_at(None, &["rm", "-f", name])),
                kind => drop(docker_at(None, &[kind, "rm", name])),
            }
        }
    }
}

/// An engine with a socket and a data folder of its own; needs root.
pub(crate) struct OwnEngine {
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl OwnEngine {
    /// None, said loudly, where none can be started.
    pub(crate) fn start() -> Option<Self> {
        let is_root = rustix::process::geteuid().is_root();
        let has_dockerd = Command::new("dockerd").arg("--version").output().is_ok();
        let has_dockerd = has_dockerd
            && Command::new("unshare")
                .args(["--net", "true"])
                .status()
                .is_ok_and(|status| status.success());
        if !is_root || !has_dockerd || !Path::new("/bin/busybox").exists() {
            missing(
                "own-engine",
                "an engine of the test's own needs root, dockerd, network namespaces and a static busybox",
            );
            return None;
        }
        let mut engine = Self {
            folder: tempfile::Builder::new().prefix("ce").tempdir().unwrap(),
            child: None,
        };
        engine.up();
        Some(engine)
    }

    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.path("s").display())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn up(&mut self) {
        let log = std::fs::File::create(self.path("log")).unwrap();
        let namespace = format!(
            "chantier-{}",
            self.folder
                .path()
                .file_name()
                .unwrap()
                .to_string_lossy()
                .trim_start_matches('.')
        );
        // In a network of its own: an engine without a bridge removes the one that the machine's engine uses.
        let child = Command::new("unshare")
            .args(["--net", "dockerd", "--data-root"])
            .arg(self.path("d"))
            .arg("--exec-root")
            .arg(self.path("e"))
            .arg("--pidfile")
            .arg(self.path("p"))
            .args(["-H", &self.host(), "--bridge=none", "--iptables=false", "--ip6tables=false"])
            .args(["--containerd-namespace", &namespace])
            .args(["--containerd-plugins-namespace", &format!("{namespace}-plugins")])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        let since = Instant::now();
        while !docker_at(Some(&self.host()), &["info"]).status.success() {
            let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
            assert!(since.elapsed() < Duration::from_mins(1), "dockerd does not start:\n{log}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    pub(crate) fn down(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).ok();
        let since = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if since.elapsed() > Duration::from_secs(30) {
                child.kill().ok();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for OwnEngine {
    fn drop(&mut self) {
        let running = docker_at(Some(&self.host()), &["ps", "-q"]);
        for id in String::from_utf8_lossy(&running.stdout).lines() {
            docker_at(Some(&self.host()), &["rm", "-f", id]);
        }
        self.down();
    }
}

//! A machine of the test's own: systemd, journald and an SSH server in a container, with its own keys, reached through the user's ssh.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Made by packaging/test.sh.
const IMAGE: &str = "chantier-test/host:1";

pub(crate) struct Host {
    container: String,
    pub(crate) port: u16,
    dir: PathBuf,
}

impl Drop for Host {
    fn drop(&mut self) {
        docker(&["unpause", &self.container]);
        docker(&["rm", "-f", &self.container]);
    }
}

fn docker(words: &[&str]) -> (bool, String) {
    let output = Command::new("docker").args(words).stdin(Stdio::null()).output();
    let Ok(output) = output else { return (false, String::new()) };
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() {
        return (false, text + &String::from_utf8_lossy(&output.stderr));
    }
    (true, text)
}

fn keygen(file: &Path) {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(file)
        .status();
    assert!(made.expect("packaging/test.sh installs openssh-client").success());
}

impl Host {
    /// None, said loudly, where there is no such machine to be had; in CI that is a failure.
    pub(crate) fn start(dir: &Path) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let (has_image, why) = docker(&["image", "inspect", "--format", "{{.Id}}", IMAGE]);
        let without = std::env::var("CHANTIER_TEST_WITHOUT").unwrap_or_default();
        let is_left_out = without.split(',').any(|name| name == "host");
        if !has_image || is_left_out {
            let is_allowed = std::env::var("CI").as_deref() != Ok("true") || is_left_out;
            assert!(
                is_allowed,
                "there is no machine with systemd: packaging/test.sh makes one: {why}"
            );
            eprintln!("SKIPPED: there is no machine with systemd ({IMAGE})");
            return None;
        }
        let n = NUMBER.fetch_add(1, Ordering::SeqCst);
        let container = format!("chantier-host-{}-{n}", std::process::id());
        let words = "run -d --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
                     --cgroupns=private --tmpfs /run --tmpfs /run/lock --tmpfs /tmp -e container=docker -p 127.0.0.1::22 --name";
        let mut words: Vec<&str> = words.split_whitespace().collect();
        words.push(&container);
        if Path::new("/sys/fs/cgroup/cgroup.controllers").exists() {
            // The container's own part of the one hierarchy, which the engine mounts read-only.
            let init = "mount -o remount,rw /sys/fs/cgroup && exec /sbin/init";
            words.extend([IMAGE, "sh", "-c", init]);
        } else {
            words.extend(["-v", "/sys/fs/cgroup:/sys/fs/cgroup:rw", IMAGE]);
        }
        let (is_up, why) = docker(&words);
        let host = Self {
            container,
            port: 0,
            dir: dir.join("machine"),
        };
        assert!(is_up, "{why}");
        std::fs::create_dir(&host.dir).unwrap();
        keygen(&host.dir.join("user_key"));
        let key = std::fs::read_to_string(host.dir.join("user_key.pub")).unwrap();
        // Until systemd says so, nothing of the machine can be used.
        host.sh("until systemctl is-system-running --wait 2>/dev/null | grep -Eq 'running|degraded'; do sleep 0.1; done");
        host.sh("rm -f /etc/ssh/ssh_host_*; ssh-keygen -q -A; systemctl restart ssh");
        host.sh(&format!(
            "mkdir -m 700 -p /root/.ssh; echo '{}' >/root/.ssh/authorized_keys",
            key.trim()
        ));
        let mut host = host;
        host.find_port();
        host.write_config("root");
        host.is_known();
        host.sh("until ss -ltn 2>/dev/null | grep -q ':22 ' || grep -qi ':0016 .* 0A ' /proc/net/tcp; do sleep 0.1; done");
        Some(host)
    }

    fn find_port(&mut self) {
        let (_, port) = docker(&["port", &self.container, "22/tcp"]);
        self.port = port.lines().next().unwrap().rsplit(':').next().unwrap().parse().unwrap();
    }

    /// What a user would have in `~/.ssh/config`, and an ssh that reads it.
    pub(crate) fn write_config(&self, user: &str) {
        let dir = self.dir.display();
        let config = format!(
            "Host prod\n  HostName 127.0.0.1\n  Port {}\n  User {user}\n  UserKnownHostsFile {dir}/known_hosts\n  \
             GlobalKnownHostsFile /dev/null\n  IdentityFile {dir}/user_key\n  IdentitiesOnly yes\n  IdentityAgent none\n",
            self.port
        );
        std::fs::write(self.dir.join("config"), config).unwrap();
    }

    /// To be set as the user's ssh.
    pub(crate) fn ssh_program(dir: &Path) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let program = dir.join("ssh");
        let config = dir.join("machine/config");
        let text = format!("#!/bin/sh\nexec /usr/bin/ssh -F '{}' \"$@\"\n", config.display());
        std::fs::write(&program, text).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        program
    }

    pub(crate) fn known_hosts(&self) -> PathBuf {
        self.dir.join("known_hosts")
    }

    pub(crate) fn host_key(&self) -> String {
        self.sh("cat /etc/ssh/ssh_host_ed25519_key.pub")
    }

    pub(crate) fn fingerprint(&self) -> String {
        let told = self.sh("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub");
        told.split_whitespace().nth(1).unwrap().to_owned()
    }

    pub(crate) fn is_known(&self) {
        let line = format!("[127.0.0.1]:{} {}\n", self.port, self.host_key());
        std::fs::write(self.known_hosts(), line).unwrap();
    }

    /// Runs a shell's line there, around ssh.
    pub(crate) fn sh(&self, line: &str) -> String {
        let (is_fine, text) = docker(&["exec", &self.container, "sh", "-c", line]);
        assert!(is_fine, "{line}: {text}");
        text
    }

    pub(crate) fn try_sh(&self, line: &str) -> String {
        docker(&["exec", &self.container, "sh", "-c", line]).1
    }

    /// The whole machine stands still: it is connected, and answers nothing.
    pub(crate) fn freeze(&self) {
        assert!(docker(&["pause", &self.container]).0);
    }

    pub(crate) fn thaw(&self) {
        assert!(docker(&["unpause", &self.container]).0);
    }

    /// What the service there says of itself; None when nobody answers.
    pub(crate) fn version_at(&self, port: u16) -> Option<String> {
        let answer = self.ask(port, "/version")?;
        let (_, rest) = answer.split_once("\"version\":\"")?;
        rest.split('"').next().map(str::to_owned)
    }

    pub(crate) fn ask(&self, port: u16, path: &str) -> Option<String> {
        let line = format!(
            "exec timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port} && printf \"GET {path} HTTP/1.1\\r\\n\\r\\n\" >&3 && cat <&3'"
        );
        let (is_fine, text) = docker(&["exec", &self.container, "sh", "-c", &line]);
        is_fine.then_some(text)
    }

    /// Every process of the service.
    pub(crate) fn n_running(&self) -> usize {
        let found = self.sh("for at in /proc/[0-9]*/exe; do readlink $at; done 2>/dev/null | grep -c '/releases/' || true");
        found.parse().unwrap()
    }
}

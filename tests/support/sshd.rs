//! An SSH server of the test's own on this machine, with its own keys.

use super::engine::missing;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// A server of the test's own, with its own keys and one who may enter.
pub(crate) struct Sshd {
    child: Child,
    pub(crate) port: u16,
    pub(crate) dir: PathBuf,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub(crate) fn keygen(file: &Path) {
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(file)
        .status();
    assert!(
        made.expect("ssh-keygen is there: packaging/test.sh installs openssh-client")
            .success()
    );
}

/// As ssh-keygen tells it.
pub(crate) fn fingerprint_of(key: &Path) -> String {
    let told = std::process::Command::new("ssh-keygen")
        .arg("-lf")
        .arg(key.with_extension("pub"))
        .output()
        .unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    told.split_whitespace().nth(1).unwrap().to_owned()
}

impl Sshd {
    /// None, said loudly, where there is no sshd; in CI that is a failure.
    pub(crate) fn start(dir: &Path) -> Option<Self> {
        let program = ["/usr/sbin/sshd", "/usr/bin/sshd"].iter().find(|at| Path::new(at).exists());
        let Some(program) = program else {
            missing("sshd", "there is no sshd: packaging/test.sh installs one");
            return None;
        };
        // Where root starts it, it wants this folder, which the system's own service would make.
        std::fs::create_dir_all("/run/sshd").ok();
        keygen(&dir.join("host_key"));
        keygen(&dir.join("user_key"));
        std::fs::copy(dir.join("user_key.pub"), dir.join("authorized")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {dir}/host_key\nAuthorizedKeysFile {dir}/authorized\nStrictModes no\n\
             UsePAM no\nPidFile none\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n",
            dir = dir.display()
        );
        std::fs::write(dir.join("sshd_config"), config).unwrap();
        let mut child = std::process::Command::new(program)
            .args(["-D", "-e", "-f"])
            .arg(dir.join("sshd_config"))
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut said = String::new();
        let is_up = lines.by_ref().any(|line| {
            said += &line;
            line.contains("Server listening on")
        });
        assert!(is_up, "{said}");
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self {
            child,
            port,
            dir: dir.to_path_buf(),
        })
    }

    /// What a user would have in `known_hosts`.
    pub(crate) fn is_known_by(&self, key: &Path) {
        let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
        let line = format!("[127.0.0.1]:{} {public}", self.port);
        std::fs::write(self.dir.join("known_hosts"), line).unwrap();
    }

    pub(crate) fn fingerprint(&self) -> String {
        fingerprint_of(&self.dir.join("host_key"))
    }

    pub(crate) fn known(&self) -> String {
        std::fs::read_to_string(self.dir.join("known_hosts")).unwrap_or_default()
    }

    /// Sets what a user would have in `~/.ssh/config` for a machine of this name, and gives an ssh that reads it.
    pub(crate) fn ssh_program(&self, host: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = self.dir.display();
        let config = format!(
            "Host {host}\n  HostName 127.0.0.1\n  Port {}\n  User {}\n  UserKnownHostsFile {dir}/known_hosts\n  \
             GlobalKnownHostsFile /dev/null\n  IdentityFile {dir}/user_key\n  IdentitiesOnly yes\n  IdentityAgent none\n",
            self.port,
            chantier::adapters::user::name()
        );
        std::fs::write(self.dir.join("config"), config).unwrap();
        let program = self.dir.join("ssh");
        std::fs::write(&program, format!("#!/bin/sh\nexec /usr/bin/ssh -F '{dir}/config' \"$@\"\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        program
    }
}

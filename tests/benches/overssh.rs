//! P-DEPLOY-1: a deployment of ten steps to a machine with systemd, beside the bare commands on one kept connection, and beside Ansible.

use crate::Project;
use crate::host::Host;
use crate::measure::{Took, alternate, command, has_program, line, note, run, skip};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PORT: u16 = 8080;

/// What somebody would type; `VERSION` and `DIR` are filled in. Those that begin with `<` get that file.
const STEPS: [&str; 10] = [
    "test -d /run/systemd/system && test \"$(df -k --output=avail / | tail -n 1)\" -gt 65536",
    "mkdir -p DIR/releases/VERSION",
    "<server cat >DIR/releases/VERSION/app && chmod 755 DIR/releases/VERSION/app && sync DIR/releases/VERSION/app",
    "<settings umask 077 && cat >DIR/releases/VERSION/environment",
    "<unit cat >/etc/systemd/system/raw.service",
    "ln -sfn releases/VERSION DIR/new && mv -T DIR/new DIR/current && sync -f DIR",
    "systemctl daemon-reload && systemctl enable --quiet raw",
    "systemctl restart raw && systemctl is-active --quiet raw",
    "until bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080 && printf \"GET /health HTTP/1.1\\r\\n\\r\\n\" >&3 && head -c 15 <&3' 2>/dev/null | grep -q 200; \
     do sleep 0.05; done",
    "cd DIR/releases && ls -1t | tail -n +4 | xargs -r rm -rf",
];
const DIR: &str = "/opt/raw";

pub(crate) fn measure(project: &Project) {
    let place = project.home.with_file_name("machine-of-the-bench");
    std::fs::create_dir(&place).unwrap();
    let Some(host) = Host::start(&place) else {
        skip("P-DEPLOY-1", "there is no machine with systemd: packaging/test.sh makes one");
        return;
    };
    let settings = project.home.join("settings");
    std::fs::create_dir_all(&settings).unwrap();
    let ssh = Host::ssh_program(&place);
    std::fs::write(
        settings.join("settings.toml"),
        format!("[tools.paths]\nssh = \"{}\"\n", ssh.display()),
    )
    .unwrap();
    project.set(&format!(
        "[environment.target]\nkind = \"ssh\"\nhost = \"prod\"\nport = {PORT}\nrun = [\"{{artifact:app}}\"]\nkeep = 2\nstop_grace = \"2s\""
    ));
    let mut next = 0;
    let mut version = || {
        next += 1;
        format!("0.{next}.0")
    };
    // One that was never there is sent whole; the releases themselves are not what is measured.
    let versions: Vec<String> = (0..=crate::measure::ROUNDS).map(|_| version()).collect();
    if versions.iter().any(|version| project.release(version).is_none()) {
        skip("P-DEPLOY-1", "the service can not be released");
        return;
    }
    let raw = Raw::new(&place, project, ssh);
    let (mut ours_next, mut raw_next) = (versions.iter(), versions.iter());
    let stop = |unit: &str| {
        drop(run(raw
            .ssh()
            .args(["prod", &format!("systemctl stop {unit} 2>/dev/null || true")])));
    };
    let (a, b) = alternate(
        || {
            stop("raw");
            let version = ours_next.next().unwrap();
            took(&mut project.ours(&["deploy", "run", "staging", version]))
        },
        || {
            stop("switches");
            raw.deploy(raw_next.next().unwrap())
        },
    );
    line(
        "P-DEPLOY-1 ten steps over ssh, wall",
        (a.wall, b.wall),
        "ms",
        "<= 1.15 of the bare commands on one kept connection",
    );
    if !has_program("ansible-playbook") {
        skip("P-DEPLOY-1 beside Ansible", "ansible-playbook is not on the path");
        return;
    }
    // What it runs there is written in Python.
    let python = "command -v python3 || { apt-get update && apt-get install -y --no-install-recommends python3; } >/dev/null 2>&1; command -v python3";
    if !host.try_sh(python).contains("python3") {
        skip("P-DEPLOY-1 beside Ansible", "the machine has no Python and can not get it");
        return;
    }
    for (name, pipelining) in [("Ansible", "False"), ("Ansible, pipelined", "True")] {
        let mut all = versions.iter();
        let mut peer = || {
            stop("switches");
            raw.ansible(all.next().unwrap(), pipelining)
        };
        let Some(_warm) = peer() else {
            skip("P-DEPLOY-1 beside Ansible", "the playbook fails");
            return;
        };
        let Some(took) = peer() else { return };
        line(
            &format!("P-DEPLOY-1 beside {name}"),
            (a.wall, took.wall),
            "ms",
            "the same steps as a playbook",
        );
    }
    note("Ansible: one run of each after one that warms up");
}

fn took(command: &mut Command) -> Took {
    run(command).map_or_else(|| panic!("{command:?} failed"), |(took, _)| took)
}

/// The bare commands.
struct Raw {
    place: PathBuf,
    ssh: PathBuf,
    server: PathBuf,
}

impl Raw {
    fn new(place: &Path, project: &Project, ssh: PathBuf) -> Self {
        let unit = format!(
            "[Service]\nType=exec\nWorkingDirectory={DIR}/current\nEnvironmentFile={DIR}/current/environment\n\
             ExecStart={DIR}/current/app\nTimeoutStopSec=2s\n[Install]\nWantedBy=multi-user.target\n"
        );
        std::fs::write(place.join("unit"), unit).unwrap();
        Self {
            place: place.to_owned(),
            ssh,
            server: project.root.join("server"),
        }
    }

    fn ssh(&self) -> Command {
        let mut ssh = command(&self.ssh, &self.place);
        ssh.args(["-o", "ControlMaster=auto", "-o", "ControlPersist=yes", "-o"]);
        ssh.arg(format!("ControlPath={}", self.place.join("kept").display()));
        ssh
    }

    /// From nothing: the connection is made anew, as the other side makes its own.
    fn deploy(&self, version: &str) -> Took {
        drop(self.ssh().args(["-O", "exit", "prod"]).stderr(Stdio::null()).status());
        std::fs::write(self.place.join("settings"), format!("PORT={PORT}\nVERSION={version}\n")).unwrap();
        let mut all = Took::default();
        for step in STEPS {
            let step = step.replace("VERSION", version).replace("DIR", DIR);
            let (input, step) = match step.strip_prefix('<').and_then(|step| step.split_once(' ')) {
                Some((input, step)) => (Some(input.to_owned()), step.to_owned()),
                None => (None, step),
            };
            let since = std::time::Instant::now();
            let mut ssh = self.ssh();
            ssh.args(["prod", &step]).stdout(Stdio::null()).stderr(Stdio::null());
            ssh.stdin(match input.as_deref() {
                Some("server") => std::fs::File::open(&self.server).unwrap().into(),
                Some(name) => std::fs::File::open(self.place.join(name)).unwrap().into(),
                None => Stdio::null(),
            });
            let status = ssh.status().unwrap();
            assert!(status.success(), "{step}");
            all.wall += since.elapsed().as_secs_f64() * 1e3;
        }
        all
    }

    /// The same steps as tasks; those with a file are `copy`.
    fn ansible(&self, version: &str, pipelining: &str) -> Option<Took> {
        std::fs::write(self.place.join("settings"), format!("PORT={PORT}\nVERSION={version}\n")).unwrap();
        let release = format!("{DIR}/releases/{version}");
        let copy = |from: &Path, to: &str, mode: &str| {
            format!(
                "    - ansible.builtin.copy: {{ src: '{}', dest: '{to}', mode: '{mode}' }}\n",
                from.display()
            )
        };
        let shell = |step: &str| {
            let step = step.replace("VERSION", version).replace("DIR", DIR);
            format!("    - ansible.builtin.shell: |\n        {step}\n")
        };
        let mut book = String::from("- hosts: prod\n  gather_facts: false\n  tasks:\n");
        for (n, step) in STEPS.iter().enumerate() {
            book.push_str(&match n {
                1 => format!("    - ansible.builtin.file: {{ path: '{release}', state: directory }}\n"),
                2 => copy(&self.server, &format!("{release}/app"), "0755"),
                3 => copy(&self.place.join("settings"), &format!("{release}/environment"), "0600"),
                4 => copy(&self.place.join("unit"), "/etc/systemd/system/raw.service", "0644"),
                7 => "    - ansible.builtin.systemd: { name: raw, state: restarted }\n".to_owned(),
                8 => format!(
                    "    - ansible.builtin.uri: {{ url: 'http://127.0.0.1:{PORT}/health' }}\n      register: it\n      \
                     until: it.status == 200\n      retries: 100\n      delay: 0.05\n"
                ),
                _ => shell(step),
            });
        }
        std::fs::write(self.place.join("book.yml"), book).unwrap();
        std::fs::write(self.place.join("hosts"), "prod\n").unwrap();
        let config = format!(
            "[defaults]\ninventory = {0}/hosts\nlocal_tmp = {0}/ansible\n[ssh_connection]\nssh_executable = {1}\npipelining = {pipelining}\n",
            self.place.display(),
            self.ssh.display()
        );
        std::fs::write(self.place.join("ansible.cfg"), config).unwrap();
        let mut ansible = command("ansible-playbook", &self.place);
        ansible
            .env("LC_ALL", "C.UTF-8")
            .env("ANSIBLE_CONFIG", self.place.join("ansible.cfg"));
        run(ansible.arg("book.yml")).map(|(took, _)| took)
    }
}

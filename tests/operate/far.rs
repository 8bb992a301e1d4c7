//! Logs of what runs on other machines, over real ssh: the journal of a unit, the output of a container, and what is told where neither is.

use crate::deploy::host::Host;
use crate::support::cli::Home;
use crate::support::engine::{docker, import_busybox, is_there, remove_images, unique};
use crate::support::sshd::Sshd;
use serde_json::Value;
use std::io::BufRead as _;
use std::path::Path;
use std::process::Stdio;

/// A home whose user has an ssh, and `prod` is looked at.
fn home(folder: &Path, ssh: &Path) -> Home {
    let home = Home::new();
    let settings = home.path("home/settings");
    std::fs::create_dir_all(&settings).unwrap();
    let text = format!("[tools.paths]\nssh = \"{}\"\n", ssh.display());
    std::fs::write(settings.join("settings.toml"), text).unwrap();
    let project = home.path("project");
    std::fs::create_dir(&project).unwrap();
    home.call(&["devops", "add", project.to_str().unwrap()]).ok();
    home.call_in(folder, &["devops", "machines", "watch", "prod"]).ok();
    home
}

fn lines(home: &Home, args: &[&str]) -> Vec<String> {
    let mut all = vec!["--workspace", "project", "operate", "logs", "--all"];
    all.extend(args);
    home.call(&all).ok().out.lines().map(str::to_owned).collect()
}

#[test]
fn the_journal_of_a_unit_of_another_machine_is_read_with_its_times_severities_and_lives() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().canonicalize().unwrap();
    let Some(host) = Host::start(&dir) else { return };
    let unit =
        "[Service]\\nExecStart=/bin/sh -c 'echo first of \\$\\$INVOCATION_ID; echo \\\"<3>it broke\\\"; exec sleep 1000'\\n";
    host.sh(&format!(
        "printf \"{unit}\" >/etc/systemd/system/shop.service; systemctl daemon-reload; systemctl start shop"
    ));
    host.sh("until journalctl -u shop | grep -q broke; do sleep 0.1; done");
    let before = host.sh("systemctl show -P InvocationID shop");
    host.sh("systemctl restart shop; until [ $(journalctl -u shop | grep -c broke) = 2 ]; do sleep 0.1; done");
    let now = host.sh("systemctl show -P InvocationID shop");
    let home = home(&dir, &Host::ssh_program(&dir));

    let all = lines(&home, &["shop.service", "--times"]);
    for life in [&before, &now] {
        assert!(all.iter().any(|line| line.ends_with(&format!("first of {life}"))), "{all:#?}");
    }
    // Two lines of a life come within a moment, a restart apart from the other's.
    let year = host.sh("date +%Y-");
    assert!(all.iter().all(|line| line.contains(&year) || line.contains(':')), "{all:#?}");
    // The severity that its sender gave it.
    let errors = lines(&home, &["shop.service", "--level", "error", "--single"]);
    assert_eq!(errors.len(), 2, "{errors:#?}");
    assert!(errors.iter().all(|line| line.ends_with("it broke")), "{errors:#?}");
    let last = lines(&home, &["shop.service", "-n", "1"]);
    assert_eq!(last.len(), 1, "{last:?}");
    let previous = lines(&home, &["shop.service", "--previous"]);
    assert!(
        previous.iter().any(|line| line.contains(&before)) && !previous.iter().any(|line| line.contains(&now)),
        "{previous:#?}"
    );

    // What comes is shown as it comes, until the reader goes.
    let args = [
        "--workspace",
        "project",
        "operate",
        "logs",
        "--all",
        "shop.service",
        "-f",
        "-n",
        "1",
    ];
    let mut child = home.program(&dir, &args).stdout(Stdio::piped()).spawn().unwrap();
    let mut told = std::io::BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    told.next().expect("the last line of what was there");
    host.sh("echo 'it goes on' | systemd-cat --identifier=shop; systemctl stop shop");
    assert!(told.any(|line| line.contains("Stopped") || line.contains("Deactivated")));
    nix_int(child.id());
    let ended = child.wait().unwrap();
    assert_eq!(ended.code(), Some(0), "what was followed was told until it was enough");
    assert_eq!(host.try_sh("pgrep -c journalctl"), "0", "nothing goes on there");
}

fn nix_int(pid: u32) {
    let sent = std::process::Command::new("kill").args(["-INT", &pid.to_string()]).status();
    assert!(sent.unwrap().success());
}

#[test]
fn a_container_of_another_machine_tells_what_it_wrote_and_docker_what_it_refuses() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().canonicalize().unwrap();
    let Some(sshd) = Sshd::start(&dir) else { return };
    sshd.is_known_by(&dir.join("host_key"));
    let home = home(&dir, &sshd.ssh_program("prod"));
    let name = unique("far");
    import_busybox(None, &dir.join("tree"), &format!("{name}:1"));
    let label = format!("chantier.test={name}");
    let script = "echo out of it; echo wrong >&2; exec /bin/busybox sleep 1000";
    docker(
        None,
        &[
            "run",
            "-d",
            "--name",
            &name,
            "--label",
            &label,
            &format!("{name}:1"),
            "/bin/busybox",
            "sh",
            "-c",
            script,
        ],
    );
    struct Gone(String);
    impl Drop for Gone {
        fn drop(&mut self) {
            docker(None, &["rm", "-f", &self.0]);
        }
    }
    let gone = Gone(name.clone());
    let listed = home
        .call(&["--workspace", "project", "operate", "list", "--all", "--json"])
        .ok()
        .json();
    let found = listed["result"]["instances"].as_array().unwrap().iter();
    let of_it = |one: &&Value| one["name"] == name.as_str() && one["machine"] == "prod";
    let id = found.clone().find(of_it).unwrap_or_else(|| panic!("{listed:#}"))["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(id.starts_with("far:prod:container:"), "{id}");

    let mut all = lines(&home, &[&id]);
    all.sort();
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all[0].ends_with("out of it") && all[1].ends_with("wrong"), "{all:?}");
    docker(None, &["restart", "-t", "0", &name]);
    let all = lines(&home, &[&id]);
    assert_eq!(all.len(), 4, "{all:?}");
    let previous = lines(&home, &[&id, "--previous"]);
    assert_eq!(previous.len(), 2, "{previous:?}");
    drop(gone);
    remove_images(&label);
}

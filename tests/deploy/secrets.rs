//! Secrets by reference in deployments: given to what needs them alone, in no file, list of processes, event or row of the ledger,
//! whatever the program does with them; asked for anew by whatever starts it again.

use super::bench::{Bench, free_port};
use super::faults::text_of;
use crate::secrets::holding;
use crate::support::engine::{docker, docker_at, import_busybox, is_there, unique};
use base64::Engine as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

/// Prints its secret in every way, a byte a write, and then says so.
const NOISY: &str = r#"
import base64, json, os, signal, sys, urllib.parse
token = os.environ["TOKEN"]
raw = token.encode()
said = [token, raw.hex(), raw.hex().upper(), urllib.parse.quote(token, safe=""), urllib.parse.quote_plus(token), json.dumps(token),
        json.dumps({"Authorization": "Bearer " + token}), repr(token), os.environ["URL"]]
for before in [b"", b"x", b"xy"]:
    said += [base64.b64encode(before + raw).decode(), base64.urlsafe_b64encode(before + raw + b"1").decode()]
for word in said:
    for byte in (word + "\n").encode():
        os.write(1, bytes([byte]))
        os.write(2, bytes([byte])) if os.environ.get("BOTH") else None
os.write(2, b"ALL SAID\n")
if sys.argv[1] == "dies":
    sys.exit(3)
signal.pause()
"#;
const SECRET: &str = "pa$$ word/with \"every\" kind&of+sign";

fn project(mode: &str) -> String {
    format!(
        "[[environment]]\nname = \"staging\"\nenv = {{ TOKEN = \"secret:TOKEN\", URL = \"pg://app:{{secret:TOKEN}}@{{environment}}\" }}\n\
         [environment.target]\nkind = \"process\"\nrun = [\"python3\", \"noisy.py\", \"{mode}\"]\nstop_grace = \"1s\"\n\
         [[environment.health]]\nkind = \"process\"\ninterval = \"100ms\"\nhealthy_after = 30\ndeadline = \"30s\"\n"
    )
}

fn bench() -> Bench {
    let mut bench = Bench::of(&project("stays"), free_port(), "[security]\nsecrets = \"file\"\n");
    std::fs::write(bench.workspace.root.join("noisy.py"), NOISY).unwrap();
    bench.release("1.0.0", "good");
    bench.release("2.0.0", "good");
    bench.close();
    bench
}

fn call(bench: &Bench, words: &[&str]) -> Output {
    bench.program(words).output().unwrap()
}

fn done(output: &Output) {
    assert!(output.status.success(), "{}", text_of(output));
}

fn set(bench: &Bench, name: &str, value: &str) {
    let mut child = bench
        .program(&["config", "secret", "set", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(value.as_bytes()).unwrap();
    done(&child.wait_with_output().unwrap());
}

/// Every way in which the secret could be read from what somebody kept; what depends on the secret alone of each.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![secret.to_owned(), hex.to_uppercase(), hex, secret[..12].to_owned()];
    forms.push(serde_json::to_string(secret).unwrap().trim_matches('"').to_owned());
    for before in ["", "x", "xy"] {
        let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{before}{secret}"));
        forms.push(encoded[4..encoded.len() - 4].to_owned());
    }
    forms.into_iter().map(String::into_bytes).collect()
}

fn nowhere(folder: &Path, secret: &str) {
    for form in forms(secret) {
        let found = holding(folder, &form);
        assert_eq!(found, Vec::<PathBuf>::new(), "{}", String::from_utf8_lossy(&form));
    }
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let words = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let form = forms(secret)
            .into_iter()
            .find(|form| memchr::memmem::find(&words, form).is_some());
        assert_eq!(form, None, "{}", entry.path().display());
    }
}

/// The text of every instance's log, when one of them has said everything `n` times.
fn logs(bench: &Bench, n: usize) -> String {
    let began = Instant::now();
    loop {
        let mut text = String::new();
        for path in holding(&bench.home().join("data/deployments"), b"ALL SAID") {
            text.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
        }
        if text.matches("ALL SAID").count() >= n {
            return text;
        }
        assert!(began.elapsed() < Duration::from_mins(2), "{text}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_secret_that_the_program_prints_in_every_way_is_found_nowhere() {
    let bench = bench();
    // Before it is there, everybody says so, and nothing is changed.
    let preview = call(&bench, &["deploy", "run", "staging", "1.0.0", "--preview"]);
    assert!(text_of(&preview).contains("no secret called TOKEN"), "{}", text_of(&preview));
    let refused = call(&bench, &["deploy", "run", "staging", "1.0.0"]);
    assert!(!refused.status.success() && text_of(&refused).contains("no secret called TOKEN"));
    assert!(holding(&bench.home(), b"ALL SAID").is_empty());

    set(&bench, "TOKEN", SECRET);
    let record = bench.home().join("events.jsonl");
    let deployed = call(
        &bench,
        &["deploy", "run", "staging", "1.0.0", "--record", record.to_str().unwrap()],
    );
    done(&deployed);
    let told = logs(&bench, 1);
    assert!(told.contains("***") && !told.contains(SECRET), "{told}");
    nowhere(&bench.home(), SECRET);
    let listed = call(&bench, &["operate", "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let id = listed["result"]["instances"][0]["id"].as_str().unwrap().to_owned();
    let lines = call(&bench, &["operate", "logs", &id]);
    assert!(
        text_of(&lines).contains("***") && !text_of(&lines).contains(SECRET),
        "{}",
        text_of(&lines)
    );

    // One that dies tells its last words; the version before comes back with the secret as it is now.
    set(&bench, "TOKEN", "the second secret");
    std::fs::write(bench.workspace.root.join("chantier.toml"), project("dies")).unwrap();
    let failed = call(&bench, &["deploy", "run", "staging", "2.0.0", "--trust"]);
    let text = text_of(&failed);
    assert!(!failed.status.success() && text.contains("1.0.0 runs again"), "{text}");
    assert!(
        text.contains("***") && !text.contains(SECRET) && !text.contains("the second secret"),
        "{text}"
    );
    let told = logs(&bench, 3);
    assert!(told.matches("***").count() >= 27, "{told}");

    // Started again, it asks anew.
    set(&bench, "TOKEN", "the third secret");
    let listed = call(&bench, &["operate", "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let id = listed["result"]["instances"][0]["id"].as_str().unwrap().to_owned();
    done(&call(&bench, &["operate", "restart", &id]));
    let told = logs(&bench, 4);
    for secret in [SECRET, "the second secret", "the third secret"] {
        assert!(!told.contains(secret), "{told}");
        nowhere(&bench.home(), secret);
    }
    // Without its secret it could not be started again: it is left running.
    done(&call(&bench, &["config", "secret", "remove", "TOKEN"]));
    for act in [
        ["operate", "restart", "staging"].as_slice(),
        &["operate", "scale", "staging", "2"],
    ] {
        let refused = call(&bench, act);
        assert!(
            !refused.status.success() && text_of(&refused).contains("no secret called TOKEN"),
            "{}",
            text_of(&refused)
        );
    }
    let listed = call(&bench, &["operate", "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed["result"]["instances"][0]["state"], "running", "{listed}");
    done(&call(&bench, &["deploy", "stop", "staging"]));
    nowhere(&bench.home(), "the third secret");
}

/// Shows what the container can read and what it was told.
const SHOWS: &str = r#"command = ["/bin/busybox", "sh", "-c", '''
/bin/busybox mkdir -p /www
/bin/busybox cat "$TOKEN_FILE" > /www/token
/bin/busybox cat "$TOKEN_FILE"
exec /bin/busybox httpd -f -p $PORT -h /www
''']"#;

#[test]
fn a_container_finds_its_secret_in_a_file_and_the_engine_tells_nobody_of_it() {
    if !is_there() {
        return;
    }
    let bench = check_container("kind = \"docker\"");
    // What it has printed is kept when it is removed.
    let kept = holding(&bench.home().join("data/deployments"), b"***");
    assert_eq!(kept.len(), 1, "{kept:?}");
}

#[test]
fn a_task_of_a_swarm_finds_its_secret_in_a_file_and_the_swarm_keeps_it_no_longer_than_the_service() {
    if !super::swarm::has_swarm() {
        return;
    }
    check_container("kind = \"swarm\"\npublish = \"host\"");
}

fn check_container(kind: &str) -> Bench {
    let image = unique("secret");
    let port = free_port();
    let text = format!(
        "[[environment]]\nname = \"staging\"\nenv = {{ TOKEN = \"secret:TOKEN\" }}\n[environment.target]\n{kind}\n\
         image = \"{image}\"\nport = {port}\ninside_port = 80\nuser = \"1000\"\nstop_grace = \"1s\"\n{}\n[[environment.health]]\n\
         kind = \"http\"\nurl = \"http://127.0.0.1:{{port}}/token\"\nexpect_text = \"second\"\ninterval = \"50ms\"\ndeadline = \"20s\"\n",
        SHOWS.replace("/www", "/tmp/www")
    );
    let mut bench = Bench::of(&text, port, "[security]\nsecrets = \"file\"\n");
    let tree = bench.folder.path().join("tree");
    std::fs::create_dir_all(tree.join("tmp")).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(tree.join("tmp"), std::fs::Permissions::from_mode(0o1777)).unwrap();
    import_busybox(None, &tree, &image);
    bench.release("1.0.0", "good");
    bench.close();
    set(&bench, "TOKEN", "the first secret, second to none");
    let deployed = call(&bench, &["deploy", "run", "staging", "1.0.0"]);
    let listed = docker(None, &["ps", "-aq", "--no-trunc", "--filter", &format!("ancestor={image}")]);
    let id = listed.lines().next().unwrap_or_default().to_owned();
    let inspected = docker(None, &["inspect", &id]);
    let within = super::bench::ask(port, "/token").unwrap_or_default();
    let home = bench.home().display().to_string();
    let secrets_now = || {
        let listed = docker_at(
            None,
            &[
                "secret",
                "ls",
                "--filter",
                "label=chantier.environment",
                "--format",
                "{{.Labels}}",
            ],
        );
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let ours: Vec<&str> = listed.lines().filter(|labels| labels.contains(&home)).collect();
        ours.join("\n")
    };
    let secrets = secrets_now();
    let ended = call(&bench, &["deploy", "stop", "staging"]);
    docker_at(None, &["rm", "-f", &id]);
    docker_at(None, &["rmi", "-f", &image]);
    done(&deployed);
    done(&ended);
    assert!(within.contains("the first secret, second to none"), "{within}");
    assert!(
        inspected.contains("TOKEN_FILE=/run/secrets/TOKEN") && !inspected.contains("second to none"),
        "{inspected}"
    );
    assert!(secrets.lines().count() == usize::from(kind.contains("swarm")), "{secrets}");
    assert_eq!(secrets_now(), "");
    nowhere(&bench.home(), "the first secret, second to none");
    bench
}

#[test]
fn a_compose_project_gets_its_secret_as_a_file_in_memory() {
    if !is_there() {
        return;
    }
    let ran = std::process::Command::new("docker-compose").arg("version").output();
    if !ran.is_ok_and(|output| output.status.success()) {
        crate::support::engine::missing("compose", "docker-compose is not there");
        return;
    }
    let name = unique("csecret");
    let port = free_port();
    let text = format!(
        "[[environment]]\nname = \"staging\"\nenv = {{ TOKEN = \"secret:TOKEN\" }}\n[environment.target]\nkind = \"compose\"\n\
         project = \"{name}\"\nport = {port}\nstop_grace = \"1s\"\n[[environment.health]]\nkind = \"http\"\n\
         url = \"http://127.0.0.1:{{port}}/token\"\nexpect_text = \"to none\"\ninterval = \"50ms\"\ndeadline = \"20s\"\n"
    );
    let mut bench = Bench::of(&text, port, "[security]\nsecrets = \"file\"\n");
    import_busybox(None, &bench.folder.path().join("tree"), &format!("{name}:base"));
    let compose = format!(
        "services:\n  web:\n    image: {name}:base\n    secrets: [token]\n    stop_signal: KILL\n    ports: [\"127.0.0.1:${{PORT}}:80\"]\n\
         \x20   command: [\"/bin/busybox\", \"sh\", \"-c\", \"mkdir -p /www; cat /run/secrets/token > /www/token; \
         exec /bin/busybox httpd -f -p 80 -h /www\"]\nsecrets:\n  token:\n    file: ${{TOKEN_FILE}}\n"
    );
    std::fs::write(bench.workspace.root.join("compose.yaml"), compose).unwrap();
    bench.release_commit("1.0.0");
    bench.close();
    set(&bench, "TOKEN", "a secret that is second to none");
    let deployed = call(&bench, &["deploy", "run", "staging", "1.0.0"]);
    let within = super::bench::ask(port, "/token").unwrap_or_default();
    let filter = format!("label=com.docker.compose.project={name}");
    let ids = docker(None, &["ps", "-aq", "--filter", &filter]);
    let inspected = docker(None, &["inspect", ids.lines().next().unwrap_or("none")]);
    nowhere(&bench.home(), "a secret that is second to none");
    let ended = call(&bench, &["deploy", "stop", "staging"]);
    for id in ids.lines() {
        docker_at(None, &["rm", "-fv", id]);
    }
    docker_at(None, &["network", "rm", &format!("{name}_default")]);
    docker_at(None, &["rmi", "-f", &format!("{name}:base")]);
    done(&deployed);
    done(&ended);
    assert!(within.contains("second to none"), "{within}");
    assert!(!inspected.contains("second to none"), "{inspected}");
    // The file went with the instance.
    let source = inspected
        .split("\"Source\": \"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let source = PathBuf::from(source.expect("it is mounted"));
    assert!(source.ends_with("TOKEN") && !source.exists(), "{}", source.display());
}

#[test]
fn a_unit_on_another_machine_reads_its_secret_from_a_file_of_roots() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().canonicalize().unwrap();
    let Some(host) = super::host::Host::start(&dir) else {
        return;
    };
    let text = "[project]\nname = \"shop\"\n[[artifact]]\nname = \"app\"\npath = \"app\"\n[[environment]]\nname = \"staging\"\n\
                env = { TOKEN = \"secret:TOKEN\", PLACE = \"here\" }\n[environment.target]\nkind = \"ssh\"\nhost = \"prod\"\nport = 8080\n\
                run = [\"{artifact:app}\"]\nstop_grace = \"2s\"\n[[environment.health]]\nkind = \"http\"\n\
                url = \"http://127.0.0.1:{port}/health\"\ninterval = \"100ms\"\ndeadline = \"20s\"\n";
    let program = super::host::Host::ssh_program(&dir);
    let settings = format!(
        "[security]\nsecrets = \"file\"\n[tools.paths]\nssh = \"{}\"\n",
        program.display()
    );
    let mut bench = Bench::of(text, 8080, &settings);
    let running = "tr '\\0' '\\n' </proc/$(systemctl show -p MainPID --value shop)/environ | grep ^TOKEN=";
    for (version, value) in [("1.0.0", "the \"first\" $secret"), ("1.1.0", "the second secret")] {
        set(&bench, "TOKEN", value);
        bench.release(version, "good");
        assert_eq!(bench.deploy(version), chantier::engine::Outcome::Done, "{:?}", bench.problems);
        assert_eq!(host.sh(running), format!("TOKEN={value}"));
        assert_eq!(host.sh("stat -c '%a %U' /opt/shop/current/secrets"), "600 root");
        assert!(
            !host
                .sh("systemctl show shop; systemctl cat shop; cat /opt/shop/current/environment")
                .contains(value)
        );
        nowhere(&bench.home(), value);
    }
    // The version before comes back with the secret as it is now; one that is gone keeps everything as it is.
    assert_eq!(bench.roll_back(), chantier::engine::Outcome::Done);
    assert_eq!(host.version_at(8080).as_deref(), Some("1.0.0"));
    assert_eq!(host.sh(running), "TOKEN=the second secret");
    done(&call(&bench, &["config", "secret", "remove", "TOKEN"]));
    let problem = super::bench::problem_of(bench.deploy("1.1.0"));
    assert_eq!(problem.code, "no-secret");
    assert_eq!(host.version_at(8080).as_deref(), Some("1.0.0"));
}

//! The store of the secrets by the command line: what is kept, how, and everything that keeps it from being opened. The keyring of the
//! desktop is asked by no test but the one that brings a service of its own.

use crate::support::cli::{Called, Home, git};
use crate::support::engine::missing;
use chantier::adapters::masks::Masks;
use chantier::adapters::secrets::Secrets;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PASSPHRASE: &str = "a long passphrase";
const VARIABLE: &str = "CHANTIER_SECRETS_PASSPHRASE";

/// A home without a D-Bus, and a folder with a project.
struct Store {
    home: Home,
    project: PathBuf,
}

impl Store {
    fn new() -> Self {
        let home = Home::new();
        let project = home.path("shop");
        std::fs::create_dir(&project).unwrap();
        git(&project, &["init", "--quiet"]);
        Self { home, project }
    }

    fn program(&self, words: &[&str]) -> Command {
        let mut program = self.home.program(&self.project, words);
        program
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .env_remove(VARIABLE);
        program
    }

    fn call(&self, words: &[&str]) -> Called {
        called(self.program(words).output().unwrap())
    }

    fn set(&self, name: &str, value: &str) -> Called {
        piped(self.program(&["config", "secret", "set", name]), value)
    }

    fn sealed(&self, name: &str) -> PathBuf {
        self.home.path(&format!("home/data/secrets/{name}.age"))
    }

    fn identity(&self) -> PathBuf {
        self.home.path("home/settings/secrets-identity")
    }

    /// The value that whatever needs it gets, or the problem's code.
    fn resolved(&self, name: &str) -> Result<String, String> {
        let home = |part: &str| self.home.path(&format!("home/{part}"));
        let secrets = Secrets::new(&home("data"), &home("settings"), Masks::new());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(secrets.resolve([name])).map_err(|problem| problem.code)?;
        Ok(secrets.value(name).unwrap().reveal().to_owned())
    }

    /// What is said where the secret TOKEN has to be opened: the problem's code, empty when there is none.
    fn code_of_use(&self, passphrase: Option<&str>) -> String {
        let mut program = self.program(&["config", "secret", "set", "TOKEN", "--json"]);
        if let Some(passphrase) = passphrase {
            program.env(VARIABLE, passphrase);
        }
        // To keep what is masked, the value before is opened.
        let called = piped(program, "another value");
        if called.code == 0 {
            return String::new();
        }
        called.json()["problems"][0]["code"].as_str().unwrap_or_default().to_owned()
    }
}

fn called(output: Output) -> Called {
    Called {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn piped(mut program: Command, value: &str) -> Called {
    let mut child = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that refuses at once reads nothing.
    child.stdin.take().unwrap().write_all(value.as_bytes()).ok();
    called(child.wait_with_output().unwrap())
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Files below a folder that hold these bytes.
pub(crate) fn holding(folder: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(holding(&path, needle));
        } else if kind.is_file() && memchr::memmem::find(&std::fs::read(&path).unwrap_or_default(), needle).is_some() {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_secret_is_kept_sealed_listed_by_name_replaced_and_removed() {
    let store = Store::new();
    let text = "[[environment]]\nname = \"live\"\nenv = { URL = \"pg://app:{secret:db.password}@host/app\" }\n[environment.target]\n\
                kind = \"process\"\nrun = [\"true\"]\n";
    std::fs::write(store.project.join("chantier.toml"), text).unwrap();
    let checked = store.call(&["config", "check", "--json"]);
    assert_eq!(checked.code, 1);
    let problem = &checked.json()["result"]["problems"][0];
    assert_eq!(
        (&problem["code"], &problem["place"]["line"]),
        (&"no-secret".into(), &3.into())
    );

    let told = store.set("db.password", "s3cr3t with space\n").ok();
    assert!(told.out.contains("db.password is kept in an encrypted file"), "{}", told.out);
    assert_eq!(store.call(&["config", "check"]).code, 0);
    for path in [store.sealed("db.password"), store.identity()] {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    let listed = store.call(&["config", "secret", "list", "--json"]).ok().json();
    let secret = &listed["result"]["secrets"][0];
    assert_eq!((&secret["name"], &secret["kept_in"]), (&"db.password".into(), &"file".into()));
    assert_eq!(secret["uses"][0]["place"], "live: env.URL");
    assert!(!listed.to_string().contains("s3cr3t"));

    store.set("db.password", "the second value").ok();
    store.set("other", "something else").ok();
    store.call(&["config", "secret", "remove", "other"]).ok();
    assert!(!store.sealed("other").exists());
    let gone = store.call(&["config", "secret", "remove", "other", "--json"]);
    assert_eq!(gone.json()["problems"][0]["code"], "no-secret");
    for value in ["s3cr3t with", "the second value", "something else"] {
        assert_eq!(holding(&store.home.path("home"), value.as_bytes()), Vec::<PathBuf>::new());
    }
    for name in ["../up", "-x", ".hidden", "a b", ""] {
        assert_ne!(store.set(name, "a value that is long").code, 0, "{name:?}");
    }
    assert_eq!(store.set("empty", "\n").code, 1);
}

#[test]
fn what_others_can_read_is_refused_and_the_hint_says_what_to_do() {
    let store = Store::new();
    store.set("TOKEN", "the first value").ok();
    for path in [store.sealed("TOKEN"), store.identity()] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let refused = store.set("TOKEN", "another value");
        assert_eq!(refused.code, 1, "{}", path.display());
        assert!(
            refused.err.contains("mode 0644") && refused.err.contains("chmod 600"),
            "{}",
            refused.err
        );
        assert_eq!(store.code_of_use(None), "secret-open");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    assert_eq!(store.code_of_use(None), "");
    // The list says it before anybody needs it.
    std::fs::set_permissions(store.sealed("TOKEN"), std::fs::Permissions::from_mode(0o640)).unwrap();
    let listed = store.call(&["config", "secret", "list"]).ok();
    assert!(listed.out.contains("can be read by others"), "{}", listed.out);
}

#[test]
fn a_passphrase_protects_them_and_a_wrong_or_missing_one_is_told() {
    let store = Store::new();
    store.set("TOKEN", "the first value").ok();
    piped(store.program(&["config", "secret", "protect"]), PASSPHRASE).ok();
    assert_eq!(mode(&store.identity()), 0o600);
    assert_eq!(store.code_of_use(None), "secret-locked");
    assert_eq!(store.code_of_use(Some("not the passphrase")), "secret-passphrase");
    assert_eq!(store.code_of_use(Some(PASSPHRASE)), "");
    // A new one needs only the public half.
    store.set("NEW", "a new value").ok();
    let mut off = store.program(&["config", "secret", "protect", "--off"]);
    assert_eq!(called(off.output().unwrap()).code, 1);
    called(off.env(VARIABLE, PASSPHRASE).output().unwrap()).ok();
    assert_eq!(store.code_of_use(None), "");
    assert!(holding(&store.home.path("home"), PASSPHRASE.as_bytes()).is_empty());
}

#[test]
fn without_a_keyring_it_is_told_or_files_are_used() {
    let store = Store::new();
    store.call(&["config", "set", "security.secrets", "keyring"]).ok();
    let refused = piped(store.program(&["config", "secret", "set", "TOKEN", "--json"]), "a value");
    assert_eq!(refused.json()["problems"][0]["code"], "no-keyring");
    assert!(!store.sealed("TOKEN").exists());
    store.call(&["config", "set", "security.secrets", "auto"]).ok();
    store.set("TOKEN", "a value").ok();
    assert!(store.sealed("TOKEN").exists());
}

#[test]
fn a_damaged_file_harms_no_other_secret() {
    let store = Store::new();
    store.set("TOKEN", "the first value").ok();
    store.set("OTHER", "the other value").ok();
    let mut bytes = std::fs::read(store.sealed("TOKEN")).unwrap();
    let last = bytes.len() - 3;
    bytes[last] ^= 1;
    std::fs::write(store.sealed("TOKEN"), &bytes).unwrap();
    assert_eq!(store.resolved("TOKEN"), Err("secret-unreadable".to_owned()));
    // Neither does one that was given another's name.
    std::fs::copy(store.sealed("OTHER"), store.sealed("TOKEN")).unwrap();
    assert_eq!(store.resolved("TOKEN"), Err("secret-unreadable".to_owned()));
    assert_eq!(store.resolved("OTHER").as_deref(), Ok("the other value"));
    store.set("TOKEN", "set anew").ok();
    assert_eq!(store.resolved("TOKEN").as_deref(), Ok("set anew"));
    assert_eq!(store.resolved("NONE"), Err("no-secret".to_owned()));
}

#[test]
fn a_kill_while_one_is_set_loses_no_older_one() {
    let store = Store::new();
    store.set("OLD", "the old value").ok();
    for round in 0..12 {
        let mut program = store.program(&["config", "secret", "set", "TOKEN"]);
        let mut child = program
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(format!("value of round {round}").as_bytes()).ok();
        if round % 3 == 0 {
            // Killed while it still reads.
            child.kill().unwrap();
        }
        drop(pipe);
        if round % 3 == 1 {
            // Killed as soon as it touches the folder.
            let folder = store.home.path("home/data/secrets");
            let before = std::fs::read_dir(&folder).unwrap().count();
            while child.try_wait().unwrap().is_none() && std::fs::read_dir(&folder).unwrap().count() == before {
                std::thread::yield_now();
            }
            child.kill().ok();
        }
        child.wait().unwrap();
        assert_eq!(store.resolved("OLD").as_deref(), Ok("the old value"));
        if store.sealed("TOKEN").exists() {
            assert_eq!(store.code_of_use(None), "", "round {round}");
        }
    }
}

/// A real service with a keyring of its own, which is gone with the test.
const WITH_KEYRING: &str = r#"
set -eu
printf '%s' "$KEYRING_PASSWORD" | gnome-keyring-daemon --unlock --components=secrets >/dev/null
pid=$(dbus-send --session --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus \
    org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets | sed -n 's/.*uint32 //p')
trap 'kill "$pid"' EXIT
"#;

#[test]
fn the_desktops_keyring_keeps_them_where_it_answers_and_says_when_it_is_locked() {
    let has = |program: &str| {
        let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
        found.is_ok_and(|output| output.status.success())
    };
    if !has("gnome-keyring-daemon") || !has("dbus-run-session") {
        missing("keyring", "gnome-keyring or dbus-run-session is not there");
        return;
    }
    let store = Store::new();
    let of_keyring = store.home.path("keyring");
    let runtime = store.home.path("runtime");
    for folder in [&of_keyring, &runtime] {
        std::fs::create_dir(folder).unwrap();
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    let chantier = env!("CARGO_BIN_EXE_chantier");
    let script = format!(
        r#"{WITH_KEYRING}
printf 'the value in the keyring' | "{chantier}" config secret set TOKEN --json
echo
"{chantier}" config secret list --json
echo
printf 'its next value' | "{chantier}" config secret set TOKEN --json
echo
dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets org.freedesktop.Secret.Service.Lock \
    array:objpath:/org/freedesktop/secrets/collection/login >/dev/null
printf 'one more' | "{chantier}" config secret set TOKEN --json || true
"#
    );
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script])
        .current_dir(&store.project)
        .env("CHANTIER_HOME", store.home.path("home"))
        .env("HOME", &of_keyring)
        .env("XDG_DATA_HOME", of_keyring.join("data"))
        .env("XDG_RUNTIME_DIR", &runtime)
        .env("KEYRING_PASSWORD", "of the keyring")
        .env("LC_ALL", "C")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = called(output);
    let answers: Vec<serde_json::Value> = serde_json::Deserializer::from_str(&told.out)
        .into_iter()
        .map_while(Result::ok)
        .collect();
    assert_eq!(answers.len(), 4, "{}\n{}", told.out, told.err);
    assert_eq!(answers[0]["result"]["secrets"][0]["kept_in"], "keyring", "{}", told.out);
    assert_eq!(answers[1]["result"]["kept_in"], "keyring");
    assert_eq!(answers[2]["ok"], true, "{}", answers[2]);
    assert_eq!(answers[3]["problems"][0]["code"], "secret-locked", "{}", answers[3]);
    assert!(!store.sealed("TOKEN").exists());
    assert!(store.home.path("home/data/secrets/TOKEN.keyring").exists());
    assert!(
        holding(&store.home.path("home"), b"value")
            .iter()
            .all(|path| !path.ends_with("TOKEN.keyring"))
    );
}

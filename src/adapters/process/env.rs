//! What a child inherits of the environment that Chantier was started with.

use super::{Processes, lock};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

impl Processes {
    /// The environment that a child gets when its command adds and removes nothing.
    pub fn base_env(&self) -> Arc<BTreeMap<OsString, OsString>> {
        Arc::clone(&self.shared.env.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where cargo keeps its own.
    pub fn cargo_home(&self) -> Option<PathBuf> {
        let env = self.base_env();
        let path = |name: &str| env.get(OsStr::new(name)).map(PathBuf::from);
        path("CARGO_HOME").or_else(|| Some(path("HOME")?.join(".cargo")))
    }

    /// The variable that a text speaks of and that is set here, but is not handed on to programs.
    pub fn withheld_in(&self, text: &str) -> Option<String> {
        let env = self.base_env();
        let is_word = |name: &str| {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            text.match_indices(name).any(|(at, _)| {
                let (before, after) = (&text[..at], &text[at + name.len()..]);
                !before.ends_with(is_part) && !after.starts_with(is_part)
            })
        };
        let names = self
            .shared
            .all_env
            .iter()
            .map(|(name, _)| name)
            .filter(|name| !env.contains_key(*name));
        let mut names = names.filter_map(|name| name.to_str()).filter(|name| name.len() > 3);
        // Shells and panics name some of their own accord.
        names
            .find(|name| !["OLDPWD", "SHLVL", "RUST_BACKTRACE"].contains(name) && is_word(name))
            .map(str::to_owned)
    }

    /// Takes over the user's settings.
    pub fn configure(&self, grace: Duration, tools: BTreeMap<String, PathBuf>, pass_env: &[String]) {
        let env = allowed_env(self.shared.all_env.iter().cloned(), pass_env);
        for (_, value) in env.iter().filter(|(name, _)| is_secret(&name.to_string_lossy())) {
            self.shared.masks.add(value.as_encoded_bytes());
        }
        *self.shared.env.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(env);
        *self.shared.grace.write().unwrap_or_else(PoisonError::into_inner) = grace;
        *self.shared.tools.write().unwrap_or_else(PoisonError::into_inner) = tools;
        lock(&self.shared.resolved).clear();
    }
}

/// Names that a child inherits. Everything else, and so every token that a shell happens to carry, stays out.
/// `CARGO_TARGET_DIR` and its like are in: a build must land where the user's own shell would put it.
const ALLOWED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TERM",
    "COLORTERM",
    "SHELL",
    "TMPDIR",
    "EDITOR",
    "VISUAL",
    "SSH_AUTH_SOCK",
    "SSH_ASKPASS",
    "GPG_TTY",
    "GNUPGHOME",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "DBUS_SESSION_BUS_ADDRESS",
    "CARGO_HOME",
    "CARGO_TARGET_DIR",
    "CARGO_BUILD_JOBS",
    "CARGO_NET_OFFLINE",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "GOPATH",
    "GOROOT",
    "GOCACHE",
    "GOMODCACHE",
    "GOFLAGS",
    "GOPROXY",
    "JAVA_HOME",
    "M2_HOME",
    "MAVEN_OPTS",
    "GRADLE_USER_HOME",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PYTHONPATH",
    "PNPM_HOME",
    "BUN_INSTALL",
    "DENO_DIR",
    "CC",
    "CXX",
    "CFLAGS",
    "CXXFLAGS",
    "LDFLAGS",
    "MAKEFLAGS",
    "PKG_CONFIG_PATH",
    "LD_LIBRARY_PATH",
    "DOCKER_HOST",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "PIP_INDEX_URL",
    "GIT_SSL_CAINFO",
    "GIT_CONFIG_GLOBAL",
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_DATE",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_DATE",
    "LIBGL_ALWAYS_SOFTWARE",
];

/// Beginnings of names that a child inherits.
const ALLOWED_PREFIXES: &[&str] = &["LC_", "XDG_", "RUSTUP_", "NVM_", "PYENV_", "NODE_", "CCACHE_", "SCCACHE_"];

/// The name says that the value is a secret.
fn is_secret(name: &str) -> bool {
    let mut ends = ["_TOKEN", "_PASSWORD", "_AUTH", "_SECRET"].iter();
    ends.any(|end| name.ends_with(end))
}

/// Of `vars`, what a child may inherit: the usual, and what the user names (`NAME*` means a beginning). Relative entries of PATH are left out.
pub fn allowed_env(vars: impl IntoIterator<Item = (OsString, OsString)>, named: &[String]) -> BTreeMap<OsString, OsString> {
    let is_named = |name: &str| {
        let is_it = |pattern: &String| match pattern.strip_suffix('*') {
            // A beginning means no secret by chance.
            Some(beginning) => !beginning.is_empty() && name.starts_with(beginning) && !is_secret(name),
            None => pattern == name,
        };
        named.iter().any(is_it)
    };
    let mut env: BTreeMap<_, _> = vars
        .into_iter()
        .filter(|(name, _)| {
            let name = name.to_string_lossy();
            let is_usual = || ALLOWED.contains(&&*name) || ALLOWED_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
            is_named(&name) || (!is_secret(&name) && is_usual())
        })
        .collect();
    if let Some(path) = env.get_mut(OsStr::new("PATH")) {
        let absolute: Vec<PathBuf> = std::env::split_paths(path).filter(|entry| entry.is_absolute()).collect();
        if let Ok(joined) = std::env::join_paths(absolute) {
            *path = joined;
        }
    }
    env
}

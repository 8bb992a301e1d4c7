//! The machines that the user's ssh knows by name: the names of `~/.ssh/config` and what it includes, and what ssh itself makes of one
//! (`ssh -G`). Nothing is connected to.

use super::{Ssh, check_host};
use crate::base::{Problem, SafeText};
use crate::files;
use crate::msg;
use crate::process::Cmd;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const MAX_BYTES: u64 = 1 << 20;
/// Files that include files, at most so deep and so many.
const MAX_DEPTH: u32 = 8;
const MAX_FILES: usize = 200;
const MAX_HOSTS: usize = 500;
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// What ssh makes of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SshHost {
    pub name: String,
    pub host_name: String,
    pub user: String,
    pub port: u16,
    /// Through these machines.
    pub jump: Option<String>,
}

impl SshHost {
    /// `user@host:port`.
    pub fn address(&self) -> String {
        let port = if self.port == 22 {
            String::new()
        } else {
            format!(":{}", self.port)
        };
        format!("{}@{}{port}", self.user, self.host_name)
    }
}

impl Ssh {
    /// The names in the user's own configuration, without patterns, in their order.
    pub fn names(&self) -> Vec<String> {
        let home = self.processes.base_env().get(OsStr::new("HOME")).map(PathBuf::from);
        home.map_or_else(Vec::new, |home| names_in(&home.join(".ssh")))
    }

    /// What ssh itself makes of a name.
    pub async fn resolve(&self, name: &str, cancel: &CancellationToken) -> Result<SshHost, Problem> {
        check_host(name)?;
        let cmd = Cmd::new("ssh")
            .env("LC_ALL", "C")
            .args(["-G", "--", name])
            .small()
            .timeout(TIME_LIMIT);
        let output = self.processes.output(cmd, cancel, MAX_BYTES as usize).await?;
        if !output.exit.is_success() {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Problem::config(msg!("ssh-config-broken", host = name)).details(words.trim()));
        }
        Ok(parse(name, &String::from_utf8_lossy(&output.stdout)))
    }
}

/// The answer of `ssh -G`: a keyword and its value in each line.
pub fn parse(name: &str, text: &str) -> SshHost {
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        line.map(|value| SafeText::new(value.trim()).into_string())
    };
    SshHost {
        name: name.to_owned(),
        host_name: value("hostname").unwrap_or_else(|| name.to_owned()),
        user: value("user").unwrap_or_default(),
        port: value("port").and_then(|port| port.parse().ok()).unwrap_or(22),
        jump: value("proxyjump").filter(|jump| jump != "none"),
    }
}

/// The names of a folder's `config` and of what it includes.
pub fn names_in(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut seen = BTreeSet::new();
    read(folder, &folder.join("config"), 0, &mut seen, &mut names);
    names
}

fn read(folder: &Path, file: &Path, depth: u32, seen: &mut BTreeSet<PathBuf>, names: &mut Vec<String>) {
    if depth > MAX_DEPTH || seen.len() >= MAX_FILES || !seen.insert(file.to_owned()) {
        return;
    }
    let Ok(Some(text)) = files::read_text_if_there(file, MAX_BYTES) else {
        return;
    };
    for line in text.lines() {
        let line = line.trim();
        // `Host name`, `Host=name` (ssh_config(5)).
        let Some((keyword, rest)) = line.split_once(|c: char| c.is_whitespace() || c == '=') else {
            continue;
        };
        let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '=');
        let words = rest.split_ascii_whitespace().map(|word| word.trim_matches('"'));
        if keyword.eq_ignore_ascii_case("include") {
            for word in words {
                for file in included(folder, word) {
                    read(folder, &file, depth + 1, seen, names);
                }
            }
        } else if keyword.eq_ignore_ascii_case("host") {
            for word in words.take_while(|word| !word.starts_with('#')) {
                let is_name = !word.contains(['*', '?', '!']) && check_host(word).is_ok();
                if is_name && names.len() < MAX_HOSTS && !names.iter().any(|known| known == word) {
                    names.push(word.to_owned());
                }
            }
        }
    }
}

/// A file, or those of a folder that a pattern of one star in its last part names.
fn included(folder: &Path, word: &str) -> Vec<PathBuf> {
    let path = match word.strip_prefix("~/") {
        Some(rest) => folder.parent().unwrap_or(folder).join(rest),
        None => folder.join(word),
    };
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let Some((before, after)) = name.split_once('*') else {
        return vec![path];
    };
    let Some(parent) = path.parent() else { return Vec::new() };
    let mut found: Vec<PathBuf> = files::list_dir(parent)
        .unwrap_or_default()
        .into_iter()
        .filter(|entry| {
            let name = entry.name.to_string_lossy();
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        })
        .map(|entry| entry.path)
        .collect();
    found.sort();
    found
}

//! Machines that ssh does not know: who they say they are is heard from ssh itself, which asks a script instead of a person. The
//! script says no; or yes, when the question is about exactly the key that the user accepted, which ssh then writes into the
//! user's `known_hosts`. Nothing is written here, and a key that is not the known one is never asked about.

use super::program::GitProgram;
use crate::base::host_key::is_fingerprint;
use crate::base::{HostKey, Problem};
use crate::files;
use crate::msg;
use crate::process::{Cmd, Processes};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const TIMEOUT: Duration = Duration::from_mins(1);
const MAX_QUESTION_BYTES: u64 = 16 * 1024;
/// What ssh runs to ask (`SSH_ASKPASS`, ssh(1)). Every other question goes where it would have gone.
const SCRIPT: &str = r#"#!/bin/sh
case "$1" in
*"key fingerprint is "*"continue connecting"*)
    if [ -n "$CHANTIER_HOST_KEY" ]; then
        case "$1" in *"key fingerprint is $CHANTIER_HOST_KEY."*) echo yes; exit 0 ;; esac
    fi
    if [ -n "$CHANTIER_QUESTION" ]; then printf '%s\n' "$1" > "$CHANTIER_QUESTION"; fi
    echo no
    ;;
*)
    if [ -n "$CHANTIER_ASKPASS" ]; then exec "$CHANTIER_ASKPASS" "$@"; fi
    exit 1
    ;;
esac
"#;

/// Where the script and the questions stand. None: nobody can be asked.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    pub folder: Option<PathBuf>,
}

impl Asking {
    /// The command, whose ssh asks the script.
    fn through(&self, cmd: Cmd, folder: &Path) -> Result<Cmd, Problem> {
        files::create_private_dir(folder)?;
        let script = folder.join("askpass");
        if files::read_text_if_there(&script, MAX_QUESTION_BYTES)?.as_deref() != Some(SCRIPT) {
            files::write_atomic_with_mode(&script, SCRIPT.as_bytes(), Some(0o700))?;
        }
        let mut cmd = cmd.env("SSH_ASKPASS", &script).env("SSH_ASKPASS_REQUIRE", "force");
        if let Some(before) = std::env::var_os("SSH_ASKPASS") {
            cmd = cmd.env("CHANTIER_ASKPASS", before);
        }
        if std::env::var_os("DISPLAY").is_none() {
            // ssh before 8.4 asks no program where there is none.
            cmd = cmd.env("DISPLAY", ":");
        }
        Ok(cmd)
    }

    /// The command, whose ssh goes on to a machine with exactly this key and no other that it does not know.
    pub fn accepting(&self, cmd: Cmd, fingerprint: &str) -> Result<Cmd, Problem> {
        if !is_fingerprint(fingerprint) {
            return Err(Problem::user(msg!("git-program-no-fingerprint", text = fingerprint)).code("no-fingerprint"));
        }
        let Some(folder) = &self.folder else { return Ok(cmd) };
        Ok(self.through(cmd, folder)?.env("CHANTIER_HOST_KEY", fingerprint))
    }

    /// Runs a command that ssh has refused because of a machine it does not know once more, to hear who that says it is, and what ssh
    /// tells of it. The answer to ssh is no. None where ssh does not ask.
    pub async fn who_is(&self, processes: &Processes, cmd: &Cmd, cancel: &CancellationToken) -> Option<(HostKey, String)> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let folder = self.folder.as_ref()?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let question = folder.join(format!("question-{}-{number}", std::process::id()));
        let cmd = self.through(cmd.clone(), folder).ok()?;
        let cmd = cmd
            .env_remove("CHANTIER_HOST_KEY")
            .env("CHANTIER_QUESTION", &question)
            .timeout(TIMEOUT);
        let _ends_with_no = processes.output(cmd, cancel, MAX_QUESTION_BYTES as usize).await;
        let asked = files::read_text_if_there(&question, MAX_QUESTION_BYTES).ok().flatten()?;
        files::remove_file(&question).ok();
        let key = HostKey::of_question(&asked)?;
        let facts = asked.lines().filter(|line| !line.contains("continue connecting"));
        Some((key, facts.collect::<Vec<_>>().join("\n")))
    }
}

impl GitProgram {
    /// The command, which goes on to a machine with exactly this key although ssh does not know it yet.
    pub fn accepting(&self, cmd: Cmd, fingerprint: &str) -> Result<Cmd, Problem> {
        self.asking().accepting(cmd, fingerprint)
    }

    /// Why a command failed, when that was because of a machine that is not known: runs it again, to hear who it says it is. None
    /// where ssh does not ask: because it was something else, or because the user's own settings forbid it.
    pub async fn unknown_host(&self, cmd: &Cmd, words: &str, cancel: &CancellationToken) -> Option<Problem> {
        if super::act_problem::access_problem(words)?.code != "host-unknown" {
            return None;
        }
        let (key, facts) = self.asking().who_is(self.processes(), cmd, cancel).await?;
        Some(key.problem(&facts))
    }
}

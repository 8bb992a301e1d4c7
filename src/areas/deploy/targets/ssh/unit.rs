//! The unit that systemd runs: made from the environment's target, or the project's own file with its words replaced.

use crate::adapters::files;
use crate::areas::deploy::inputs::Inputs;
use crate::areas::deploy::settings;
use crate::areas::deploy::targets::Site;
use crate::areas::devops::project::{self, Words, fill};
use crate::base::Problem;
use crate::msg;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The name of the project's own unit file among the parts of a deployment.
pub const PART: &str = ".unit";
const MAX_UNIT_BYTES: u64 = 256 * 1024;

/// The first line of a unit's file: whose it is.
pub(super) fn mark(unit: &str, environment: &str) -> String {
    let environment = environment.replace(char::is_control, " ");
    format!("# Chantier: {unit}, {environment}")
}

/// The text of the unit; its first line says whose it is.
pub(super) fn text(site: &Site, dir: &str, mark: &str, words: &Words) -> Result<String, Problem> {
    if let Some(part) = site.inputs.parts.iter().find(|part| part.name == PART) {
        let staged = Inputs::staged(&site.folder, part);
        // Before it is staged it is read where it comes from.
        let at = if staged.exists() { staged } else { part.source.clone() };
        let own = files::read_text(&at, MAX_UNIT_BYTES)?;
        return Ok(format!("{mark}\n{}", project::fill_known(&own, words)));
    }
    let project::Target::Ssh {
        run,
        user,
        restart,
        stop_grace,
        ..
    } = &site.inputs.target
    else {
        return Ok(String::new());
    };
    let mut command = Vec::new();
    for word in run {
        command.push(quoted(&fill(word, words)?)?);
    }
    let mut text = format!("{mark}\n# The next deployment writes this file anew.\n[Unit]\n");
    let described = format!("{} {}", dir.rsplit('/').next().unwrap_or(dir), site.inputs.environment);
    writeln!(text, "Description={}", escaped(&described.replace(char::is_control, " "))).ok();
    text.push_str("Wants=network-online.target\nAfter=network-online.target\n\n[Service]\nType=exec\n");
    writeln!(text, "WorkingDirectory={}/current", escaped(dir)).ok();
    writeln!(text, "EnvironmentFile={}/current/{}", escaped(dir), super::place::ENV_FILE).ok();
    if !settings::hidden_names(&site.inputs).is_empty() {
        writeln!(
            text,
            "EnvironmentFile={}/current/{}",
            escaped(dir),
            super::place::SECRETS_FILE
        )
        .ok();
    }
    writeln!(text, "ExecStart={}", command.join(" ")).ok();
    if let Some(user) = user {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if user.is_empty() || !user.chars().all(is_plain) {
            return Err(Problem::config(msg!("ssh-bad-user", name = user)));
        }
        writeln!(text, "User={user}").ok();
    }
    writeln!(text, "Restart={}\nRestartSec=1", restart.word()).ok();
    writeln!(text, "TimeoutStopSec={}ms\nKillMode=mixed", stop_grace.0.as_millis()).ok();
    text.push_str("\n[Install]\nWantedBy=multi-user.target\n");
    Ok(text)
}

/// The settings of the instance as `EnvironmentFile=` reads them (systemd.exec(5)).
pub(super) fn environment(settings: &BTreeMap<String, String>) -> Result<String, Problem> {
    let mut text = String::new();
    for (name, value) in settings {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(is_name) || value.contains('\0')
        {
            return Err(Problem::config(msg!("ssh-bad-setting", name = name)));
        }
        let mut kept = String::with_capacity(value.len());
        for c in value.chars() {
            // Between double quotes these four keep their meaning.
            if matches!(c, '"' | '\\' | '`' | '$') {
                kept.push('\\');
            }
            kept.push(c);
        }
        writeln!(text, "{name}=\"{kept}\"").ok();
    }
    Ok(text)
}

/// One word of a command line (systemd.service(5)): quoted, no specifiers, no variables.
fn quoted(word: &str) -> Result<String, Problem> {
    let mut out = String::from("\"");
    for c in word.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '%' => out.push_str("%%"),
            '$' => out.push_str("$$"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                return Err(Problem::config(msg!("ssh-bad-word", text = word)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    Ok(out)
}

fn escaped(text: &str) -> String {
    text.replace('%', "%%")
}

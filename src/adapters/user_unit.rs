//! The watch as a unit of the user's own systemd: its file, and whether it runs. Only this one file is written or removed.

use super::dirs::Dirs;
use super::files;
use super::process::{Cmd, Processes};
use crate::base::Problem;
use crate::msg;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What it is called.
pub const UNIT: &str = "chantier-watch.service";
const TIME_LIMIT: Duration = Duration::from_secs(15);
const MAX_SAID: usize = 64 * 1024;
const MAX_UNIT_BYTES: u64 = 64 * 1024;

/// How the unit stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitFacts {
    pub path: PathBuf,
    pub is_written: bool,
    /// It says what this program would write.
    pub is_current: bool,
    /// `active`, `failed`, `inactive` …; None when systemd does not answer.
    pub active: Option<String>,
    /// `enabled`, `disabled` …
    pub enabled: Option<String>,
}

/// Where the file stands (systemd.unit(5), "User Unit Search Path").
pub fn path() -> Result<PathBuf, Problem> {
    let config = directories::BaseDirs::new()
        .map(|dirs| dirs.config_dir().to_path_buf())
        .ok_or_else(|| Problem::environment(msg!("files-no-home")).hint(msg!("files-no-home-hint")))?;
    Ok(config.join("systemd/user").join(UNIT))
}

/// A word of a command line as systemd reads it (systemd.service(5), "Command lines").
fn quoted(word: &str) -> String {
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
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The text of the unit for this program and these folders.
pub fn text(dirs: &Dirs) -> Result<String, Problem> {
    let program = std::env::current_exe().map_err(|error| files::read_problem(Path::new("chantier"), &error))?;
    let mut command = quoted(&program.to_string_lossy());
    let is_usual = Dirs::locate(None).is_ok_and(|usual| usual == *dirs);
    if let Some(home) = dirs.data.parent().filter(|_| !is_usual) {
        write!(command, " --home {}", quoted(&home.to_string_lossy())).ok();
    }
    command.push_str(" watch");
    Ok(format!(
        "# Written by `chantier watch install`; `chantier watch remove` removes it.\n\
         [Unit]\n\
         Description=Chantier: asks checks, samples instances, sends alerts\n\
         StartLimitIntervalSec=0\n\
         \n\
         [Service]\n\
         Type=exec\n\
         ExecStart={command}\n\
         Restart=on-failure\n\
         RestartSec=5\n\
         TimeoutStopSec=20\n\
         SuccessExitStatus=130 143\n\
         UMask=0077\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n"
    ))
}

async fn systemctl(processes: &Processes, args: &[&str], cancel: &CancellationToken) -> Result<String, Problem> {
    let cmd = Cmd::new("systemctl").arg("--user").args(args).small().timeout(TIME_LIMIT);
    let output = processes.output(cmd, cancel, MAX_SAID).await?;
    let said = output.success("systemctl")?;
    Ok(String::from_utf8_lossy(&said).into_owned())
}

/// How it stands now.
pub async fn facts(processes: &Processes, dirs: &Dirs, cancel: &CancellationToken) -> Result<UnitFacts, Problem> {
    let path = path()?;
    let found = files::read_text_if_there(&path, MAX_UNIT_BYTES)?;
    let wanted = text(dirs)?;
    let shown = systemctl(
        processes,
        &["show", "-p", "ActiveState", "-p", "UnitFileState", "--", UNIT],
        cancel,
    )
    .await;
    let of = |key: &str| {
        let said = shown.as_ref().ok()?;
        let value = said.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
        Some(value.to_owned()).filter(|value| !value.is_empty())
    };
    Ok(UnitFacts {
        path,
        is_written: found.is_some(),
        is_current: found.as_deref() == Some(wanted.as_str()),
        active: of("ActiveState"),
        enabled: of("UnitFileState"),
    })
}

/// Writes the file, checks it where systemd's own checker is there, and starts it where systemd answers.
pub async fn install(processes: &Processes, dirs: &Dirs, cancel: &CancellationToken) -> Result<(), Problem> {
    let (path, text) = (path()?, text(dirs)?);
    if let Some(folder) = path.parent() {
        files::create_dir_all(folder)?;
    }
    files::write_atomic(&path, text.as_bytes())?;
    if processes.resolve("systemd-analyze", None).is_ok() {
        let cmd = Cmd::new("systemd-analyze")
            .args(["--user", "verify", "--recursive-errors=no"])
            .arg(&path)
            .timeout(TIME_LIMIT);
        let output = processes.output(cmd, cancel, MAX_SAID).await?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let about_it: Vec<&str> = said.lines().filter(|line| line.contains(UNIT)).collect();
        if !output.exit.is_success() && !about_it.is_empty() {
            return Err(Problem::internal(msg!("watch-unit-refused", path = &path)).details(about_it.join("\n")));
        }
    }
    systemctl(processes, &["daemon-reload"], cancel).await.map_err(away)?;
    systemctl(processes, &["enable", "--now", "--", UNIT], cancel).await?;
    // One that ran already takes over what was written.
    systemctl(processes, &["restart", "--", UNIT], cancel).await.map(drop)
}

/// The file stands; who would start it is not there.
fn away(problem: Problem) -> Problem {
    Problem::environment(msg!("watch-unit-away"))
        .code("no-systemd")
        .details(problem.details)
        .hint(msg!("watch-unit-away-hint", unit = UNIT))
}

/// Stops it and removes the file. That it is not there is fine.
pub async fn remove(processes: &Processes, cancel: &CancellationToken) -> Result<bool, Problem> {
    let path = path()?;
    // Where systemd does not answer nothing of it runs either.
    systemctl(processes, &["disable", "--now", "--", UNIT], cancel).await.ok();
    let was_there = files::read_text_if_there(&path, MAX_UNIT_BYTES)?.is_some();
    files::remove_file(&path)?;
    systemctl(processes, &["daemon-reload"], cancel).await.ok();
    Ok(was_there)
}

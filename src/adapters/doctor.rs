//! Self-diagnosis of the data folder: what is sound, what is not, and what can be done about it. Prints nothing.

mod home;
mod kept;

use super::dirs::Dirs;
use super::logs;
use super::process;
use super::settings_file;
use super::store::Fault;
use super::store::health::{Left, Patient};
use super::store::schema::{LEDGER, SAMPLES, Schema};
use crate::base::{Msg, Problem, SafeText, State, Timestamp};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Free space below which nothing can be built in earnest, and below which even the ledger is in danger.
const LITTLE_BYTES: u64 = 1 << 30;
const TOO_LITTLE_BYTES: u64 = 100 << 20;

/// How deep to look, and whether to mend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorOptions {
    /// Read every byte of ledger and logs, not only the structure.
    pub read_data: bool,
    /// Clear locks of gone processes, mark their jobs, remove half-written files.
    pub repair: bool,
}

/// One check and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// A stable word such as `ledger-structure`.
    pub id: String,
    pub title: Msg,
    /// Done, degraded (works, but look at it), failed, or skipped.
    pub state: State,
    pub outcome: Msg,
    /// One line per thing found, foreign text made safe.
    pub details: Vec<String>,
    pub hint: Option<Msg>,
    pub repaired: bool,
}

impl Check {
    fn new(id: &str, title: Msg, state: State, outcome: Msg) -> Self {
        Self {
            id: id.to_owned(),
            title,
            state,
            outcome,
            details: Vec::new(),
            hint: None,
            repaired: false,
        }
    }

    fn done(id: &str, title: Msg) -> Self {
        Self::new(id, title, State::Done, msg!("doctor-ok"))
    }

    fn failed_by(id: &str, title: Msg, problem: Problem) -> Self {
        let mut check = Self::new(id, title, State::Failed, problem.summary);
        check.details = problem
            .details
            .lines()
            .map(|line| SafeText::new(line).into_string())
            .collect();
        check.hint = problem.hint;
        check
    }

    fn with(mut self, details: Vec<String>) -> Self {
        self.details = details.iter().map(|line| SafeText::new(line).into_string()).collect();
        self
    }

    fn hint(mut self, hint: Msg) -> Self {
        self.hint = Some(hint);
        self
    }
}

/// Whether nothing failed.
pub fn is_sound(checks: &[Check]) -> bool {
    checks.iter().all(|check| check.state != State::Failed)
}

/// Examines a data folder and its logs. Takes as long as the disk needs: call it in a blocking job. Works beside running programs.
pub fn examine(data: &Path, logs: &Path, options: DoctorOptions, now: Timestamp) -> Vec<Check> {
    let mut checks = vec![folder(data), disk(data)];
    for (schema, ids) in [(LEDGER, LEDGER_IDS), (SAMPLES, SAMPLES_IDS)] {
        checks.extend(database(data, schema, ids, options));
    }
    checks.extend(ledger(data, logs, options, now));
    checks.push(half_written(data, logs, options));
    checks.push(put_aside(data));
    checks
}

/// The same of everything that a home holds: the settings too.
pub fn examine_home(dirs: &Dirs, options: DoctorOptions, now: Timestamp) -> Vec<Check> {
    let mut checks = home::settings(&dirs.settings.join(settings_file::FILE_NAME));
    checks.extend(home::tools(&dirs.settings.join(settings_file::FILE_NAME)));
    checks.push(home::trust(&dirs.data));
    checks.extend(examine(&dirs.data, &dirs.logs, options, now));
    checks
}

fn folder(data: &Path) -> Check {
    let title = msg!("doctor-folder", path = data);
    let meta = match std::fs::metadata(data) {
        Ok(meta) if meta.is_dir() => meta,
        Ok(_) => return Check::new("folder", title, State::Failed, msg!("doctor-folder-no-folder")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Check::new("folder", title, State::Skipped, msg!("doctor-folder-missing"));
        }
        Err(error) => return Check::failed_by("folder", title, Fault::io(data)(error).into()),
    };
    let probe = data.join(format!(".doctor-{}.tmp", std::process::id()));
    let written = std::fs::write(&probe, b"x").and_then(|()| std::fs::remove_file(&probe));
    if let Err(error) = written {
        // A full disk takes the name and not the byte.
        drop(std::fs::remove_file(&probe));
        return Check::new("folder", title, State::Failed, msg!("doctor-folder-read-only"))
            .with(vec![error.to_string()])
            .hint(msg!("store-memory-only-hint"));
    }
    match too_open(&meta) {
        Some(mode) => Check::new("folder", title, State::Degraded, msg!("doctor-folder-open", mode = mode))
            .hint(msg!("doctor-folder-open-hint")),
        None => Check::done("folder", title),
    }
}

/// The mode when others may write into the folder or read it.
#[cfg(unix)]
fn too_open(meta: &std::fs::Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = meta.mode() & 0o777;
    (mode & 0o027 != 0).then(|| format!("{mode:o}"))
}

#[cfg(not(unix))]
fn too_open(_meta: &std::fs::Metadata) -> Option<String> {
    None
}

fn disk(data: &Path) -> Check {
    let title = msg!("doctor-disk");
    match free_bytes(data) {
        Some(free) => {
            let state = match free {
                free if free < TOO_LITTLE_BYTES => State::Failed,
                free if free < LITTLE_BYTES => State::Degraded,
                _ => State::Done,
            };
            let check = Check::new("disk", title, state, msg!("doctor-disk-free", mb = free / 1_000_000));
            if state == State::Done {
                check
            } else {
                check.hint(msg!("store-full-hint"))
            }
        }
        None => Check::new("disk", title, State::Skipped, msg!("doctor-unknown")),
    }
}

#[cfg(unix)]
fn free_bytes(path: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(path).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_path: &Path) -> Option<u64> {
    None
}

/// The words of a database's checks: format, structure, rows.
type Ids = [&'static str; 3];
const LEDGER_IDS: Ids = ["ledger-format", "ledger-structure", "ledger-rows"];
const SAMPLES_IDS: Ids = ["samples-format", "samples-structure", "samples-rows"];

fn database(data: &Path, schema: Schema, ids: Ids, options: DoctorOptions) -> Vec<Check> {
    let format_title = msg!("doctor-format", file = schema.file);
    if !data.join(schema.file).exists() {
        return vec![Check::new(ids[0], format_title, State::Skipped, msg!("doctor-no-file"))];
    }
    let patient = match Patient::open(data, schema) {
        Ok(patient) => patient,
        Err(fault) => return vec![Check::failed_by(ids[0], format_title, fault.into())],
    };
    let mut checks = vec![match patient.version() {
        Ok((found, known)) if found == known => Check::done(ids[0], format_title),
        Ok((found, known)) => Check::new(
            ids[0],
            format_title,
            State::Degraded,
            msg!("doctor-format-old", found = found, known = known),
        )
        .hint(msg!("doctor-format-old-hint")),
        Err(fault) => return vec![Check::failed_by(ids[0], format_title, fault.into())],
    }];
    let structure_title = msg!("doctor-structure", file = schema.file);
    let found = patient.structure(options.read_data).and_then(|mut lines| {
        lines.extend(patient.dangling()?);
        Ok(lines)
    });
    checks.push(match found {
        Ok(lines) if lines.is_empty() => Check::done(ids[1], structure_title),
        Ok(lines) => Check::new(ids[1], structure_title, State::Failed, msg!("doctor-damaged"))
            .with(lines)
            .hint(msg!("doctor-damaged-hint")),
        Err(fault) => Check::failed_by(ids[1], structure_title, fault.into()),
    });
    if options.read_data {
        let rows_title = msg!("doctor-rows", file = schema.file);
        checks.push(match patient.rows() {
            Ok((n, damaged)) if damaged.is_empty() => Check::new(ids[2], rows_title, State::Done, msg!("doctor-rows-ok", n = n)),
            Ok((_, damaged)) => Check::new(
                ids[2],
                rows_title,
                State::Failed,
                msg!("store-rows-damaged", n = damaged.len()),
            )
            .with(damaged)
            .hint(msg!("doctor-rows-hint")),
            Err(fault) => Check::failed_by(ids[2], rows_title, fault.into()),
        });
    }
    checks
}

fn ledger(data: &Path, logs: &Path, options: DoctorOptions, now: Timestamp) -> Vec<Check> {
    if !data.join(LEDGER.file).exists() {
        return Vec::new();
    }
    // What is wrong with the file is told by the check of its format.
    let Ok(patient) = Patient::open(data, LEDGER) else {
        return Vec::new();
    };
    if !patient.version().is_ok_and(|(found, known)| found == known) {
        return Vec::new();
    }
    let mut checks = vec![
        audit(&patient),
        log_files(&patient, logs, options.read_data),
        kept::files(&patient, options.read_data),
    ];
    checks.push(orphans(options));
    let repaired = options.repair
        && Patient::open_for_repair(data, LEDGER)
            .and_then(|patient| patient.repair(now))
            .is_ok();
    let left = [
        (
            "locks",
            msg!("doctor-locks"),
            // The next start takes them over: nothing is held by them.
            patient.dead_locks(),
            State::Degraded,
            msg!("doctor-repair-hint"),
        ),
        (
            "jobs",
            msg!("doctor-jobs"),
            patient.dead_jobs(),
            State::Degraded,
            msg!("doctor-repair-hint"),
        ),
        (
            "instances",
            msg!("doctor-instances"),
            patient.dead_instances(),
            State::Degraded,
            msg!("doctor-repair-hint"),
        ),
        (
            "deployments",
            msg!("doctor-deployments"),
            patient.dead_deployments(),
            State::Degraded,
            msg!("doctor-deployments-hint"),
        ),
        (
            "processes",
            msg!("doctor-processes"),
            patient.left_processes(),
            State::Failed,
            msg!("doctor-processes-hint"),
        ),
    ];
    for (id, title, found, state, hint) in left {
        checks.push(match found {
            Ok(found) if found.is_empty() => {
                let mut check = Check::done(id, title);
                check.repaired = repaired;
                check
            }
            Ok(found) => {
                let lines = found
                    .iter()
                    .map(|Left { what, holder }| format!("{what}: pid {}", holder.pid))
                    .collect();
                Check::new(id, title, state, msg!("doctor-left", n = found.len()))
                    .with(lines)
                    .hint(hint)
            }
            Err(fault) => Check::failed_by(id, title, fault.into()),
        });
    }
    checks
}

/// What a program that was killed had started and what goes on without it.
fn orphans(options: DoctorOptions) -> Check {
    let title = msg!("doctor-orphans");
    let repaired = options.repair && !process::orphans::orphans().is_empty() && process::orphans::end_orphans();
    let left = process::orphans::orphans();
    let mut check = if left.is_empty() {
        Check::done("orphans", title)
    } else {
        let lines = left.iter().map(|(pid, command)| format!("pid {pid}: {command}")).collect();
        Check::new("orphans", title, State::Degraded, msg!("doctor-left", n = left.len()))
            .with(lines)
            .hint(msg!("doctor-repair-hint"))
    };
    check.repaired = repaired;
    check
}

fn audit(patient: &Patient) -> Check {
    let title = msg!("doctor-audit");
    match patient.audit() {
        Ok((n, None)) => Check::new("audit", title, State::Done, msg!("doctor-audit-ok", n = n)),
        Ok((_, Some(at))) => {
            Check::new("audit", title, State::Failed, msg!("doctor-audit-broken", n = at)).hint(msg!("doctor-audit-hint"))
        }
        Err(fault) => Check::failed_by("audit", title, fault.into()),
    }
}

fn log_files(patient: &Patient, logs: &Path, read_data: bool) -> Check {
    let title = msg!("doctor-logs");
    let files = match patient.log_files() {
        Ok(files) => files,
        Err(fault) => return Check::failed_by("logs", title, fault.into()),
    };
    let mut lines = Vec::new();
    for (job, name) in &files {
        if !logs::is_there(logs, name) {
            lines.push(format!("{job}: {name}"));
        } else if read_data && let Err(error) = logs::verify(logs, name) {
            lines.push(format!("{job}: {name}: {error}"));
        }
    }
    if lines.is_empty() {
        return Check::new("logs", title, State::Done, msg!("doctor-logs-ok", n = files.len()));
    }
    let outcome = msg!("doctor-logs-missing", n = lines.len());
    lines.truncate(100);
    Check::new("logs", title, State::Degraded, outcome)
        .with(lines)
        .hint(msg!("doctor-logs-hint"))
}

/// Files that a killed program left half-written.
fn half_written(data: &Path, logs: &Path, options: DoctorOptions) -> Check {
    let title = msg!("doctor-half-written");
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in [data, logs] {
        found.extend(files_of(folder).into_iter().filter(|path| is_half_written(path)));
        for below in folders_of(folder) {
            found.extend(files_of(&below).into_iter().filter(|path| is_half_written(path)));
        }
    }
    found.sort();
    found.dedup();
    if options.repair {
        let n = found.len();
        found.retain(|path| is_young(path) || std::fs::remove_file(path).is_err());
        if n > 0 && found.is_empty() {
            let mut check = Check::new("half-written", title, State::Done, msg!("doctor-removed", n = n));
            check.repaired = true;
            return check;
        }
    }
    if found.is_empty() {
        return Check::done("half-written", title);
    }
    let lines = found.iter().take(100).map(|path| path.display().to_string()).collect();
    Check::new("half-written", title, State::Degraded, msg!("doctor-left", n = found.len()))
        .with(lines)
        .hint(msg!("doctor-repair-hint"))
}

fn is_half_written(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.ends_with(".tmp") || name.ends_with(".backup-unfinished") || name.ends_with(".sqlite.new")
}

/// A program may be writing it now.
fn is_young(path: &Path) -> bool {
    let age = std::fs::metadata(path)
        .and_then(|meta| meta.modified())
        .ok()
        .and_then(|at| at.elapsed().ok());
    age.is_some_and(|age| age.as_secs() < 60)
}

fn put_aside(data: &Path) -> Check {
    let title = msg!("doctor-put-aside");
    let is_kept = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.contains(".sqlite.damaged-") && !name.ends_with("-wal") && !name.ends_with("-shm")
    };
    let kept: Vec<PathBuf> = files_of(data).into_iter().filter(is_kept).collect();
    if kept.is_empty() {
        return Check::done("put-aside", title);
    }
    let lines = kept.iter().map(|path| path.display().to_string()).collect();
    Check::new("put-aside", title, State::Degraded, msg!("doctor-left", n = kept.len()))
        .with(lines)
        .hint(msg!("store-put-aside-hint"))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.is_file()).collect()
}

fn folders_of(folder: &Path) -> Vec<PathBuf> {
    entries(folder)
        .into_iter()
        .filter(|path| path.is_dir() && !path.is_symlink())
        .collect()
}

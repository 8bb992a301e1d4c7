//! What the doctor says of a home beside its data: the settings, the programs that they name, and whom the user trusts.

use super::Check;
use crate::base::{Clock, Problem, State};
use crate::msg;
use crate::process::{ProcessConfig, Processes};
use crate::settings_file::{SettingsFile, UNKNOWN_KEY};
use crate::{masks::Masks, trust::Trust};
use std::path::Path;

/// Whether every line of the settings is in force: one check for each that is not.
pub(super) fn settings(path: &Path) -> Vec<Check> {
    let title = msg!("doctor-settings", path = path);
    let (_, problems) = SettingsFile::new(path.to_path_buf()).load();
    if problems.is_empty() {
        return vec![Check::new("settings", title, State::Done, msg!("doctor-settings-good"))];
    }
    let told = |problem: Problem| {
        // A key of another version does no harm.
        let is_harmless = problem.code == UNKNOWN_KEY;
        let line = problem.place.as_ref().and_then(|place| place.line).filter(|line| *line > 0);
        let title = line.map_or_else(|| title.clone(), |line| msg!("doctor-setting", line = line));
        let mut check = Check::failed_by("settings", title, problem);
        if is_harmless {
            check.state = State::Degraded;
        }
        check
    };
    problems.into_iter().map(told).collect()
}

/// Whether git and the programs that the settings name are there: one check for each that is not.
pub(super) fn tools(path: &Path) -> Vec<Check> {
    let title = msg!("doctor-tools");
    let set = SettingsFile::new(path.to_path_buf()).load().0.tools.paths;
    let config = ProcessConfig {
        uses_groups: false,
        ..ProcessConfig::default()
    };
    let grace = config.grace;
    let processes = Processes::new(config, Masks::new(), Clock::system());
    processes.configure(grace, set.clone(), &[]);
    let names = set
        .keys()
        .map(String::as_str)
        .chain((!set.contains_key("git")).then_some("git"));
    let told = |name: &str| {
        let problem = processes.resolve(name, None).err()?;
        let mut check = Check::failed_by("tools", title.clone(), problem.into());
        // Much can be looked at without git.
        if !set.contains_key(name) {
            check.state = State::Degraded;
        }
        Some(check)
    };
    let missing: Vec<Check> = names.filter_map(told).collect();
    if missing.is_empty() {
        vec![Check::done("tools", title)]
    } else {
        missing
    }
}

/// A file of trust that can not be read trusts nobody.
pub(super) fn trust(data: &Path) -> Check {
    let title = msg!("doctor-trust");
    match Trust::new(data).list() {
        Ok(trusted) => Check::new("trust", title, State::Done, msg!("doctor-trust-ok", n = trusted.len())),
        Err(problem) => Check::failed_by("trust", title, problem),
    }
}

//! Where settings, data, cache and logs of this user stand: the platform's folders, or all below one given folder.

use super::files;
use crate::base::Problem;
use crate::msg;
use rustix::fs::{Access, access};
use std::path::{Path, PathBuf};

/// The four folders. They exist and can be written once `open` has succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dirs {
    pub settings: PathBuf,
    pub data: PathBuf,
    pub cache: PathBuf,
    pub logs: PathBuf,
}

impl Dirs {
    /// All below `home` (`--home`, `CHANTIER_HOME`), else the platform's folders. Makes them, for the user alone.
    pub fn open(home: Option<&Path>) -> Result<Self, Problem> {
        let dirs = Self::locate(home)?;
        for dir in [&dirs.settings, &dirs.data, &dirs.cache, &dirs.logs] {
            files::create_private_dir(dir).map_err(|problem| unusable(dir, &problem, home))?;
            access(dir, Access::WRITE_OK | Access::EXEC_OK)
                .map_err(|error| unusable(dir, &files::write_problem(dir, &error.into()), home))?;
        }
        Ok(dirs)
    }

    /// Where they stand; nothing is made.
    pub fn locate(home: Option<&Path>) -> Result<Self, Problem> {
        match home {
            Some(home) => Self::below(home),
            None => Self::of_platform(),
        }
    }

    /// The folders below `home`, which may be relative; nothing is made.
    pub fn below(home: &Path) -> Result<Self, Problem> {
        let home = std::path::absolute(home).map_err(|error| files::read_problem(home, &error))?;
        Ok(Self {
            settings: home.join("settings"),
            data: home.join("data"),
            cache: home.join("cache"),
            logs: home.join("logs"),
        })
    }

    fn of_platform() -> Result<Self, Problem> {
        let dirs = directories::ProjectDirs::from("", "", "chantier")
            .ok_or_else(|| Problem::environment(msg!("files-no-home")).hint(msg!("files-no-home-hint")))?;
        let data = dirs.data_local_dir().to_path_buf();
        let logs = dirs.state_dir().map_or_else(|| data.join("logs"), |state| state.join("logs"));
        Ok(Self {
            settings: dirs.config_dir().to_path_buf(),
            data,
            cache: dirs.cache_dir().to_path_buf(),
            logs,
        })
    }
}

/// One clear line instead of a failure somewhere later.
fn unusable(dir: &Path, cause: &Problem, home: Option<&Path>) -> Problem {
    let mut problem = Problem::environment(msg!("files-home-unusable", path = dir, why = cause.code.as_str()));
    problem = problem.hint(match home {
        Some(_) => msg!("files-home-other-hint"),
        None => msg!("files-no-home-hint"),
    });
    problem.code.clone_from(&cause.code);
    problem.details.clone_from(&cause.details);
    problem
}

//! Why a program could not be started, in words that say what can be done.

use crate::base::Problem;
use crate::msg;
use std::path::PathBuf;

/// A child that never ran.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    #[error("{0}: not found")]
    Missing(PathBuf),
    /// The user's settings say where it is, and it is not there.
    #[error("tools.paths.{name}: {path} not found")]
    MissingTool { name: String, path: PathBuf },
    #[error("{0}: a relative path")]
    RelativeProgram(PathBuf),
    #[error("{0}: not executable")]
    NotExecutable(PathBuf),
    #[error("{program}: its interpreter {interpreter} is missing")]
    MissingInterpreter { program: PathBuf, interpreter: PathBuf },
    #[error("arguments of {bytes} bytes")]
    ArgvTooLong { bytes: usize },
    #[error("{0}: not a folder")]
    BadFolder(PathBuf),
    #[error("{program}: {source}")]
    Spawn { program: PathBuf, source: std::io::Error },
    #[error("{path}: {source}")]
    Log { path: PathBuf, source: std::io::Error },
    #[error("the program is ending")]
    Ending,
}

impl From<ProcessError> for Problem {
    fn from(error: ProcessError) -> Self {
        match error {
            ProcessError::Missing(program) => {
                let is_name = program.components().count() == 1;
                let problem = Self::environment(msg!("process-missing", program = &program)).code("not-found");
                problem.hint(if is_name {
                    msg!("process-missing-hint", program = &program)
                } else {
                    msg!("process-install-hint")
                })
            }
            ProcessError::MissingTool { name, path } => {
                Self::config(msg!("process-missing-tool", name = name.as_str(), path = &path))
                    .code("not-found")
                    .hint(msg!("process-missing-tool-hint", name = name))
            }
            ProcessError::RelativeProgram(program) => Self::config(msg!("process-relative", program = &program))
                .code("relative-program")
                .hint(msg!("process-relative-hint")),
            ProcessError::NotExecutable(program) => Self::environment(msg!("process-not-executable", program = &program))
                .code("not-executable")
                .hint(msg!("process-not-executable-hint")),
            ProcessError::MissingInterpreter { program, interpreter } => {
                Self::environment(msg!("process-no-interpreter", program = &program, interpreter = &interpreter))
                    .code("not-found")
                    .hint(msg!("process-install-hint"))
            }
            ProcessError::ArgvTooLong { bytes } => Self::user(msg!("process-argv-too-long", size = bytes))
                .code("argv-too-long")
                .hint(msg!("process-argv-too-long-hint")),
            ProcessError::BadFolder(path) => Self::environment(msg!("process-bad-folder", path = &path))
                .code("not-found")
                .hint(msg!("process-bad-folder-hint")),
            ProcessError::Spawn { program, source } => {
                Self::environment(msg!("process-spawn", program = &program)).details(source)
            }
            ProcessError::Log { path, source } => Self::environment(msg!("process-log", path = &path)).details(source),
            ProcessError::Ending => Self::cancelled(),
        }
    }
}

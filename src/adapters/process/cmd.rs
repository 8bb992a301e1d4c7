//! What shall run: program, arguments, environment and limits as plain data, and the search for the program's file.

use super::ProcessError;
use crate::base::SafeText;
use crate::masks::Masks;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest single argument that the kernel takes: 32 pages (`MAX_ARG_STRLEN`, execve(2)).
const MAX_ARG_BYTES: usize = 128 * 1024 - 1;
/// Arguments and environment together: a quarter of the usual stack limit, less some room for what the kernel adds (execve(2)).
const MAX_ARGV_BYTES: usize = 2 * 1024 * 1024 - 16 * 1024;

/// What the child reads. It is never the terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stdin {
    #[default]
    Null,
    Bytes(Vec<u8>),
    /// What is in this file.
    File(PathBuf),
    /// What the caller sends through the child's terminal.
    Keys,
}

/// What happens when the reader of the lines is slower than the child.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// The child waits.
    #[default]
    Wait,
    /// Lines that nobody takes are counted and left out; the log sink still gets every byte.
    Drop,
}

/// Upper limits of a child and all its descendants, kept where control groups allow it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub max_pids: Option<u64>,
    pub max_memory_bytes: Option<u64>,
}

impl Limits {
    pub fn is_none(&self) -> bool {
        self.max_pids.is_none() && self.max_memory_bytes.is_none()
    }
}

/// Takes the exact bytes of a child's output, secrets masked, in the order of arrival. A failure is the sink's to remember.
pub trait LogSink: Send {
    fn write(&mut self, bytes: &[u8]);
}

impl<F: FnMut(&[u8]) + Send> LogSink for F {
    fn write(&mut self, bytes: &[u8]) {
        self(bytes);
    }
}

/// One command to run: argv, never a shell string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cmd {
    pub program: OsString,
    pub args: Vec<OsString>,
    /// None is the user's home folder.
    pub cwd: Option<PathBuf>,
    pub env: BTreeMap<OsString, OsString>,
    pub env_removed: Vec<OsString>,
    pub stdin: Stdin,
    /// Counted only while the child is not stopped (SIGSTOP).
    pub timeout: Option<Duration>,
    /// Between TERM and KILL; None is the setting.
    pub grace: Option<Duration>,
    pub limits: Limits,
    pub flow: Flow,
    /// A terminal of its own, of so many columns and rows, instead of pipes; what it prints counts as standard output.
    pub terminal: Option<(u16, u16)>,
    /// Programs are never taken from PATH folders below this folder; None means below `cwd`.
    pub workspace: Option<PathBuf>,
    /// Its output is wanted as bytes (`Batch::bytes`), not as lines.
    pub is_raw: bool,
    /// Held by its process group and its tag alone: to enter a control group takes longer than most small tools run.
    pub is_small: bool,
    /// Variables that are told of processes which outlive it.
    pub tells_env: &'static [&'static str],
}

impl Cmd {
    /// A program by bare name (looked for on PATH) or absolute path.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            cwd: None,
            env: BTreeMap::new(),
            env_removed: Vec::new(),
            stdin: Stdin::Null,
            timeout: None,
            grace: None,
            limits: Limits::default(),
            flow: Flow::Wait,
            terminal: None,
            is_raw: false,
            is_small: false,
            workspace: None,
            tells_env: &[],
        }
    }

    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    pub fn args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    pub fn cwd(mut self, cwd: impl Into<PathBuf>) -> Self {
        self.cwd = Some(cwd.into());
        self
    }

    /// The folder that it runs in, when one was named.
    pub fn folder(&self) -> Option<&Path> {
        self.cwd.as_deref()
    }

    /// Runs in this workspace folder, and takes no program from below it.
    pub fn workspace(mut self, root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        self.cwd.get_or_insert_with(|| root.clone());
        self.workspace = Some(root);
        self
    }

    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.env.remove(name.as_ref());
        self.env_removed.push(name.as_ref().to_owned());
        self
    }

    /// Of processes that outlive it these variables are told.
    pub fn tells_env(mut self, names: &'static [&'static str]) -> Self {
        self.tells_env = names;
        self
    }

    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Stdin::Bytes(bytes.into());
        self
    }

    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = Some(grace);
        self
    }

    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Keys come through the terminal; without this its input is at its end from the beginning.
    pub fn keys(mut self) -> Self {
        self.stdin = Stdin::Keys;
        self
    }

    /// A tool that leaves nothing behind and needs no limits.
    pub fn small(mut self) -> Self {
        self.is_small = true;
        self
    }

    pub fn raw(mut self) -> Self {
        self.is_raw = true;
        self
    }

    pub fn terminal(mut self, size: (u16, u16)) -> Self {
        self.terminal = Some(size);
        self
    }

    pub fn flow(mut self, flow: Flow) -> Self {
        self.flow = flow;
        self
    }

    /// The argv as it may be shown and stored: secrets masked, foreign text made safe.
    pub fn argv(&self, masks: &Masks) -> Vec<String> {
        std::iter::once(&self.program)
            .chain(&self.args)
            .map(|arg| SafeText::from_bytes(&masks.mask_bytes(arg.as_encoded_bytes())).into_string())
            .collect()
    }

    /// The argv on one line, quoted as a shell would read it.
    pub fn display(&self, masks: &Masks) -> String {
        self.argv(masks)
            .iter()
            .map(|arg| shell_quoted(arg))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// One word as a POSIX shell reads it back, whatever is in it but NUL.
pub fn shell_quoted(arg: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !arg.is_empty() && arg.chars().all(plain) {
        arg.to_owned()
    } else {
        format!("'{}'", arg.replace('\'', r"'\''"))
    }
}

/// The file of a program. A bare name is looked for in the absolute entries of `path` that are not below `never_below`.
pub(super) fn resolve(program: &OsStr, path: &OsStr, never_below: Option<&Path>) -> Result<PathBuf, ProcessError> {
    let as_path = Path::new(program);
    if as_path.is_absolute() {
        return check_executable(as_path).map(|()| as_path.to_path_buf());
    }
    if program.is_empty() || program.as_encoded_bytes().contains(&0) {
        return Err(ProcessError::Missing(as_path.to_path_buf()));
    }
    if as_path.components().count() != 1 || program.as_encoded_bytes().contains(&b'/') {
        return Err(ProcessError::RelativeProgram(as_path.to_path_buf()));
    }
    let mut not_executable = None;
    for entry in std::env::split_paths(path).filter(|entry| entry.is_absolute()) {
        let file = entry.join(program);
        let Ok(real) = file.canonicalize() else { continue };
        if never_below.is_some_and(|root| real.starts_with(root) || file.starts_with(root)) {
            continue;
        }
        match check_executable(&file) {
            Ok(()) => return Ok(file),
            Err(ProcessError::Missing(_)) => {}
            Err(problem) => not_executable = not_executable.or(Some(problem)),
        }
    }
    Err(not_executable.unwrap_or_else(|| ProcessError::Missing(as_path.to_path_buf())))
}

fn check_executable(file: &Path) -> Result<(), ProcessError> {
    match std::fs::metadata(file) {
        Ok(meta) if meta.is_file() && rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok() => missing_interpreter(file)
            .map_or(Ok(()), |interpreter| {
                Err(ProcessError::MissingInterpreter {
                    program: file.to_path_buf(),
                    interpreter,
                })
            }),
        Ok(_) => Err(ProcessError::NotExecutable(file.to_path_buf())),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Err(ProcessError::NotExecutable(file.to_path_buf()))
        }
        Err(_) => Err(ProcessError::Missing(file.to_path_buf())),
    }
}

/// The interpreter that a script's first line names, when there is no such file: the kernel would only say "not found".
fn missing_interpreter(file: &Path) -> Option<PathBuf> {
    use std::io::Read as _;
    let mut head = Vec::with_capacity(256);
    std::fs::File::open(file).ok()?.take(256).read_to_end(&mut head).ok()?;
    let line = head.strip_prefix(b"#!")?.split(|b| *b == b'\n').next()?;
    let name = line.split(|b| b.is_ascii_whitespace()).find(|word| !word.is_empty())?;
    let interpreter = PathBuf::from(std::str::from_utf8(name).ok()?);
    (interpreter.is_absolute() && !interpreter.exists()).then_some(interpreter)
}

/// Fails before the kernel would, with words.
pub(super) fn check_size<'a>(strings: impl Iterator<Item = &'a OsStr>) -> Result<(), ProcessError> {
    let mut total = 0;
    for string in strings {
        total += string.len() + 1 + size_of::<usize>();
        if string.len() > MAX_ARG_BYTES || total > MAX_ARGV_BYTES {
            return Err(ProcessError::ArgvTooLong {
                bytes: total.max(string.len()),
            });
        }
    }
    Ok(())
}

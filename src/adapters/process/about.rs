//! What the system tells of a process that Chantier did not start (proc(5)). What is another user's is not told.

use super::group::{parent_of, stat_fields};
use crate::user;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Who a process is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Program and arguments, as they were handed over.
    pub argv: Vec<String>,
    pub folder: Option<PathBuf>,
    pub user: Option<String>,
    /// The process that started it, with its name.
    pub parent: Option<(u32, String)>,
}

impl About {
    /// Empty when there is no such process any more.
    pub fn of(pid: u32) -> Self {
        let parent = parent_of(pid).filter(|parent| *parent > 0);
        let owner = std::fs::metadata(format!("/proc/{pid}")).map(|meta| meta.uid()).ok();
        Self {
            argv: argv_of(pid),
            folder: std::fs::read_link(format!("/proc/{pid}/cwd")).ok(),
            user: owner.map(user::name_of),
            parent: parent.map(|parent| (parent, name_of(parent))),
        }
    }
}

/// Program and arguments of a process; nothing for one of the kernel's own.
pub fn argv_of(pid: u32) -> Vec<String> {
    let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let bytes = bytes.strip_suffix(b"\0").unwrap_or(&bytes);
    if bytes.is_empty() {
        return Vec::new();
    }
    let words = bytes.split(|byte| *byte == 0);
    words.map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

/// What a process calls itself.
pub fn name_of(pid: u32) -> String {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.trim_end().to_owned()
}

/// The plain file that its output goes to, or else its errors; None where that is a terminal, a pipe or nothing.
pub fn output_of(pid: u32) -> Option<PathBuf> {
    [1, 2].into_iter().find_map(|fd| {
        let open = format!("/proc/{pid}/fd/{fd}");
        let path = std::fs::read_link(&open).ok()?;
        let (there, open) = (std::fs::metadata(&path).ok()?, std::fs::metadata(Path::new(&open)).ok()?);
        // One that was taken away or replaced since is no more what it is called.
        let is_same = (there.dev(), there.ino()) == (open.dev(), open.ino());
        (there.is_file() && is_same).then_some(path)
    })
}

/// A signal stopped it, and it gets no processor time until another one lets it go on.
pub fn is_suspended(pid: u32) -> bool {
    stat_fields(pid).is_some_and(|fields| fields.first().is_some_and(|state| state == "T"))
}

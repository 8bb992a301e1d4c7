//! Which hook of a repository said no: git's own trace (`GIT_TRACE2_EVENT`) tells the hooks that it ran and how each of them ended.

use crate::base::SafeText;
use crate::process::Cmd;
use serde::Deserialize;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// A hook may call git as often as it likes, which is traced too: what stands further behind is not read.
const MAX_BYTES: u64 = 64 << 20;

/// The trace of one command of git's, removed when this is dropped.
pub struct HookTrace {
    file: PathBuf,
}

#[derive(Deserialize)]
struct Event<'a> {
    event: &'a str,
    sid: &'a str,
    child_id: Option<i64>,
    hook_name: Option<String>,
    code: Option<i64>,
}

impl HookTrace {
    /// `file` belongs to this command alone.
    pub fn begin(file: PathBuf, cmd: Cmd) -> (Self, Cmd) {
        let cmd = cmd.env("GIT_TRACE2_EVENT", &file);
        (Self { file }, cmd)
    }

    /// The name of the hook that ended with a failure: the last one did, if any, as git stops there.
    pub fn refusing(&self) -> Option<String> {
        refusing(&self.file)
    }
}

impl Drop for HookTrace {
    fn drop(&mut self) {
        fs::remove_file(&self.file).ok();
    }
}

fn refusing(file: &Path) -> Option<String> {
    let lines = BufReader::new(fs::File::open(file).ok()?.take(MAX_BYTES)).split(b'\n');
    let (mut begun, mut refused): (Option<(i64, String)>, _) = (None, None);
    for line in lines.map_while(Result::ok) {
        let Ok(event) = serde_json::from_slice::<Event<'_>>(&line) else {
            continue;
        };
        // A git that a hook called stands below the first one's id.
        if event.sid.contains('/') {
            continue;
        }
        match (event.event, event.child_id, event.hook_name) {
            ("child_start", Some(id), Some(hook)) => begun = Some((id, hook)),
            ("child_exit", Some(id), _) if event.code != Some(0) => {
                refused = begun.take().filter(|(of, _)| *of == id).map(|(_, hook)| hook).or(refused);
            }
            _ => {}
        }
    }
    refused.map(|hook| SafeText::new(&hook).into_string())
}

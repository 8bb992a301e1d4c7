//! What a Chantier that was itself killed had started, and what goes on without it.

use super::group;
use rustix::process::Pid;

/// Whether the tag is of a Chantier that is gone. A pid of another namespace says nothing here.
pub(super) fn is_of_gone(tag: &str, namespace: u64) -> bool {
    let mut fields = tag.split('-').map(str::parse::<u64>);
    let (pid, ticks, of) = (fields.next(), fields.next(), fields.next());
    matches!((pid, ticks, of), (Some(Ok(pid)), Some(Ok(ticks)), Some(Ok(of)))
        if of == namespace && group::start_ticks(pid as u32) != Some(ticks))
}

/// Living processes that a Chantier started which was itself killed, each with its command line.
pub fn orphans() -> Vec<(u32, String)> {
    let namespace = group::pid_namespace();
    let found = group::tagged(|tag| is_of_gone(tag, namespace));
    let with_command = |pid: Pid| {
        let pid = pid.as_raw_nonzero().get() as u32;
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words: Vec<String> = line
            .split(|byte| *byte == 0)
            .filter(|word| !word.is_empty())
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect();
        (pid, words.join(" "))
    };
    found.into_iter().map(with_command).collect()
}

/// Ends them, and whatever they started. False when some are left.
pub fn end_orphans() -> bool {
    let namespace = group::pid_namespace();
    group::kill_tagged(|tag| is_of_gone(tag, namespace))
}

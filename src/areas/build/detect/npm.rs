//! Scripts of `package.json`, run by npm, pnpm or yarn, whichever wrote the lock file.

use super::{Detected, Kind, Source, Task, dir_of, id_of};
use crate::adapters::scan::Found;
use crate::areas::test::frameworks::scripts::manager;
use crate::base::{Place, Problem, SafeText};
use crate::msg;

/// Adds the scripts of every `package.json`.
pub(super) fn tasks(files: &[Found], detected: &mut Detected) {
    for file in files
        .iter()
        .filter(|file| file.path.file_name().is_some_and(|name| name == "package.json"))
    {
        let Some(text) = &file.text else { continue };
        let json: serde_json::Value = match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
            Ok(json) => json,
            Err(error) => {
                let problem = Problem::config(msg!("build-manifest-broken", file = &file.path, why = error.to_string()));
                detected
                    .problems
                    .push(problem.at_place(&file.path, error.line() as u32, error.column() as u32));
                continue;
            }
        };
        let dir = dir_of(&file.path);
        let program = manager(&json, &dir, files);
        let Some(scripts) = json.get("scripts").and_then(serde_json::Value::as_object) else {
            continue;
        };
        for (name, script) in scripts {
            // npm runs these itself around the script they belong to.
            let is_hook = ["pre", "post"]
                .iter()
                .any(|hook| name.strip_prefix(hook).is_some_and(|rest| scripts.contains_key(rest)));
            if is_hook {
                continue;
            }
            let name = SafeText::new(name).into_string();
            detected.tasks.push(Task {
                id: id_of(program, &dir, &name),
                name: format!("{program} run {name}"),
                source: Source::Npm,
                kind: Kind::of_name(&name),
                argv: [program, "run", &name].map(str::to_owned).to_vec(),
                dir: dir.clone(),
                place: Place {
                    path: file.path.clone(),
                    line: line_of(text, &name),
                    column: None,
                },
                env: std::collections::BTreeMap::new(),
                timeout_ms: None,
                has_pty: false,
                note: SafeText::new(script.as_str().unwrap_or_default()).into_string(),
            });
        }
    }
}

/// The line of a script inside the `scripts` object.
fn line_of(text: &str, name: &str) -> Option<u32> {
    let start = text.find("\"scripts\"")?;
    let quoted = serde_json::to_string(name).ok()?;
    let at = text[start..]
        .match_indices(&quoted)
        .find(|(at, _)| text[start + at + quoted.len()..].trim_start().starts_with(':'))?
        .0;
    Some(text[..start + at].matches('\n').count() as u32 + 1)
}

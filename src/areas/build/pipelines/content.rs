//! Keys of content: what a job's result depends on, and what a kept folder was made of. Pure but for the hash.

use super::plan::Planned;
use crate::adapters::files::sha256_of;
use crate::adapters::git::CommitFile;
use crate::adapters::scan::Wanted;
use crate::adapters::store::pipelines::Given;
use crate::areas::build::detect;
use crate::areas::devops::project::pipeline::FolderCache;
use crate::areas::devops::project::{Pipeline, ProjectFile, fill_known};
use ignore::gitignore::GitignoreBuilder;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The files of a commit that patterns as in `.gitignore` choose, as text that changes with any of them. `inside` is where the
/// patterns start.
pub fn chosen(files: &[CommitFile], inside: &Path, patterns: &[String]) -> String {
    let mut builder = GitignoreBuilder::new("/");
    for pattern in patterns {
        // A pattern that can not be read chooses nothing; the file's check tells it.
        drop(builder.add_line(None, pattern));
    }
    let Ok(matcher) = builder.build() else { return String::new() };
    let mut out = String::new();
    for file in files {
        let Ok(path) = file.path.strip_prefix(inside) else { continue };
        if matcher
            .matched_path_or_any_parents(Path::new("/").join(path), false)
            .is_ignore()
        {
            out.push_str(&format!("{}\0{}\n", path.display(), file.content));
        }
    }
    out
}

/// What the commit's own files make of the steps that only name a task or tests.
fn meant(
    pipeline: &Pipeline,
    planned: &Planned,
    files: &[CommitFile],
    (project, inside): (&ProjectFile, &Path),
    commit: &str,
) -> Vec<Value> {
    let words = planned.words(&pipeline.name, commit);
    // A task of another tool: the files that tools read their tasks from.
    let of_tools = || {
        let paths = files
            .iter()
            .filter_map(|file| Some((file, file.path.strip_prefix(inside).ok()?)));
        let read = paths.filter_map(|(file, path)| match detect::wanted(path) {
            Wanted::Text => Some(json!([path, file.content])),
            Wanted::Path => Some(json!([path])),
            Wanted::No => None,
        });
        Value::Array(read.collect())
    };
    let of_step = |step: crate::areas::devops::project::pipeline::Step| match (&step.task, &step.test) {
        (Some(word), _) => match project.task(detect::said(&fill_known(word, &words))) {
            Some(task) => json!(task),
            None => of_tools(),
        },
        (None, Some(_)) => json!(project.test),
        (None, None) => Value::Null,
    };
    planned.steps().into_iter().map(of_step).collect()
}

/// The key of a job's result, where the job says what it depends on: its words, what they mean in that commit, those files, what it was
/// given, this kind of machine.
pub fn of_job(
    pipeline: &Pipeline,
    planned: &Planned,
    files: &[CommitFile],
    (project, inside): (&ProjectFile, &Path),
    given: &[Given],
    commit: &str,
) -> Option<String> {
    if planned.job.inputs.is_empty() {
        return None;
    }
    let words = json!({
        "env": pipeline.env,
        "job": planned.job,
        "cell": planned.cell,
        "meant": meant(pipeline, planned, files, (project, inside), commit),
        "files": sha256_of(chosen(files, inside, &planned.job.inputs).as_bytes()),
        "given": given,
        "machine": [std::env::consts::OS, std::env::consts::ARCH],
    });
    Some(sha256_of(words.to_string().as_bytes()))
}

/// A kept folder as it is asked for: name, key and paths.
pub struct Kept {
    pub name: String,
    pub key: String,
    pub paths: Vec<PathBuf>,
}

pub fn of_cache(
    workspace: &str,
    pipeline: &Pipeline,
    planned: &Planned,
    cache: &FolderCache,
    files: &[CommitFile],
    inside: &Path,
    commit: &str,
) -> Kept {
    let words = planned.words(&pipeline.name, commit);
    let fill = |text: &String| fill_known(text, &words);
    let paths: Vec<PathBuf> = cache
        .paths
        .iter()
        .map(|path| {
            path.to_str()
                .map_or_else(|| path.clone(), |path| fill_known(path, &words).into())
        })
        .collect();
    let own = || format!("{}/{}", pipeline.name, planned.key);
    let name = cache.name.as_ref().map_or_else(own, fill);
    let patterns: Vec<String> = cache.key.iter().map(fill).collect();
    let machine = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
    let key = json!([paths, patterns, chosen(files, inside, &patterns), machine]);
    Kept {
        name: sha256_of(json!([workspace, name, paths]).to_string().as_bytes())[..32].to_owned(),
        key: sha256_of(key.to_string().as_bytes())[..32].to_owned(),
        paths,
    }
}

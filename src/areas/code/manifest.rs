//! Manifests of Google's Repo, read and written: `manifest`, `default`, `remote`, `project`, `include`, `extend-project` and
//! `remove-project`; what is not understood is told and passed over. Also frozen states as TOML.
//! Format: <https://gerrit.googlesource.com/git-repo/+/HEAD/docs/manifest-format.md>.

use crate::base::repos::{Frozen, Manifest, ManifestFile, Project};
use crate::base::{Problem, SafeText};
use crate::msg;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Manifests that include each other.
const MAX_INCLUDED: usize = 64;
const MAX_PROJECTS: usize = 10_000;
const MAX_PROBLEMS: usize = 50;
/// Elements that say nothing about where repositories stand.
const SILENT: [&str; 7] = [
    "notice",
    "manifest-server",
    "repo-hooks",
    "superproject",
    "contactinfo",
    "annotation",
    "manifest",
];

#[derive(Clone, Default)]
struct Remote {
    fetch: String,
    revision: String,
}

#[derive(Default)]
struct Reading {
    remotes: BTreeMap<String, Remote>,
    default: BTreeMap<String, String>,
    /// By path; attributes as they were written, and the file.
    projects: Vec<(BTreeMap<String, String>, Vec<ManifestFile>)>,
    seen: BTreeSet<PathBuf>,
    problems: Vec<Problem>,
}

/// Reads a manifest with those that it includes; `text_of` gives the text of a file. Paths of includes count from the folder of the
/// file, or from `manifests` beside it, as Repo has it in `.repo`.
pub fn read(path: &Path, text_of: &dyn Fn(&Path) -> Result<String, Problem>) -> (Manifest, Vec<Problem>) {
    let mut reading = Reading::default();
    reading.file(path, text_of);
    reading.finish(path)
}

impl Reading {
    fn tell(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    fn file(&mut self, path: &Path, text_of: &dyn Fn(&Path) -> Result<String, Problem>) {
        if !self.seen.insert(path.to_path_buf()) || self.seen.len() > MAX_INCLUDED {
            return;
        }
        let text = match text_of(path) {
            Ok(text) => text,
            Err(problem) => return self.tell(problem),
        };
        let mut reader = Reader::from_str(&text);
        // Open projects, by their place in the list: projects may stand in projects.
        let mut open: Vec<Option<usize>> = Vec::new();
        loop {
            let line = |reader: &Reader<&[u8]>| {
                let end = (reader.buffer_position() as usize).min(text.len());
                1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..end]).count() as u32
            };
            match reader.read_event() {
                Ok(Event::Eof) => {
                    if !open.is_empty() {
                        let at = line(&reader);
                        self.tell(Problem::config(msg!("code-manifest-truncated")).at_place(path, at, 0));
                    }
                    return;
                }
                Ok(Event::Start(start)) => {
                    let at = line(&reader);
                    let inside = self.element(&start, path, at, &open, text_of);
                    open.push(inside);
                }
                Ok(Event::Empty(start)) => {
                    let at = line(&reader);
                    self.element(&start, path, at, &open, text_of);
                }
                Ok(Event::End(_)) => drop(open.pop()),
                Ok(_) => {}
                Err(error) => {
                    let at = line(&reader);
                    let problem = Problem::config(msg!("code-manifest-broken"))
                        .details(error)
                        .at_place(path, at, 0);
                    return self.tell(problem);
                }
            }
        }
    }

    /// The place of the project, when it is one.
    fn element(
        &mut self,
        start: &BytesStart<'_>,
        path: &Path,
        line: u32,
        open: &[Option<usize>],
        text_of: &dyn Fn(&Path) -> Result<String, Problem>,
    ) -> Option<usize> {
        let name = String::from_utf8_lossy(start.name().as_ref().as_ref()).into_owned();
        let mut attributes = BTreeMap::new();
        for attribute in start.attributes().with_checks(false).flatten() {
            let key = String::from_utf8_lossy(attribute.key.as_ref().as_ref()).into_owned();
            if let Ok(value) = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0) {
                attributes.entry(key).or_insert_with(|| SafeText::new(&value).into_string());
            }
        }
        let outer = open.iter().rev().find_map(|project| *project);
        let wrong = |summary| Problem::config(summary).at_place(path, line, 0);
        let get = |key: &str| attributes.get(key).cloned().unwrap_or_default();
        match name.as_str() {
            "remote" => {
                let (fetch, revision) = (get("fetch"), get("revision"));
                self.remotes.insert(get("name"), Remote { fetch, revision });
            }
            "default" => self.default.extend(attributes),
            "project" if get("name").is_empty() => self.tell(wrong(msg!("code-manifest-no-name", element = name))),
            "project" => return self.project(attributes, outer, path, line),
            "copyfile" | "linkfile" => match outer.and_then(|outer| self.projects.get_mut(outer)) {
                Some((_, files)) if is_inside(&get("dest")) => files.push(ManifestFile {
                    src: get("src"),
                    dest: get("dest"),
                    is_link: name == "linkfile",
                }),
                Some(_) => self.tell(wrong(msg!("code-manifest-outside", path = get("dest")))),
                None => self.tell(wrong(msg!("code-manifest-misplaced", element = name))),
            },
            "include" => {
                let included = get("name");
                if !is_inside(&included) {
                    self.tell(wrong(msg!("code-manifest-outside", path = included)));
                } else {
                    let folder = path.parent().unwrap_or(path);
                    let beside = folder.join(&included);
                    let below = folder.join("manifests").join(&included);
                    let file = if text_of(&beside).is_err() && text_of(&below).is_ok() {
                        below
                    } else {
                        beside
                    };
                    self.file(&file, text_of);
                }
            }
            "remove-project" => {
                let (named, at) = (attributes.get("name").cloned(), attributes.get("path").cloned());
                let n = self.projects.len();
                self.projects.retain(|(project, _)| {
                    let is_named = named.as_ref().is_none_or(|name| project.get("name") == Some(name));
                    let is_at = at.as_ref().is_none_or(|path| project.get("path") == Some(path));
                    !(is_named && is_at)
                });
                if n == self.projects.len() && get("optional") != "true" {
                    let what = named.or(at).unwrap_or_default();
                    self.tell(wrong(msg!("code-manifest-no-project", name = what)));
                }
            }
            "extend-project" => {
                let (named, at) = (get("name"), attributes.get("path").cloned());
                let mut n = 0;
                for (project, _) in &mut self.projects {
                    let is_at = at.as_ref().is_none_or(|path| project.get("path") == Some(path));
                    if project.get("name") == Some(&named) && is_at {
                        n += 1;
                        for key in ["revision", "remote", "groups", "upstream"] {
                            if let Some(value) = attributes.get(key) {
                                project.insert(key.to_owned(), value.clone());
                            }
                        }
                    }
                }
                if n == 0 {
                    self.tell(wrong(msg!("code-manifest-no-project", name = named)));
                }
            }
            _ if SILENT.contains(&name.as_str()) => {}
            _ => self.tell(wrong(msg!("code-manifest-unknown", element = SafeText::new(&name)))),
        }
        None
    }

    /// A project in a project stands below it, and takes its remote and revision over.
    fn project(
        &mut self,
        mut attributes: BTreeMap<String, String>,
        outer: Option<usize>,
        path: &Path,
        line: u32,
    ) -> Option<usize> {
        let get = |attributes: &BTreeMap<String, String>, key: &str| attributes.get(key).cloned().unwrap_or_default();
        let name = get(&attributes, "name");
        let mut at = get(&attributes, "path").trim_end_matches('/').to_owned();
        if at.is_empty() {
            at.clone_from(&name);
        }
        if let Some((parent, _)) = outer.and_then(|outer| self.projects.get(outer)) {
            at = format!("{}/{at}", get(parent, "path"));
            attributes.insert("name".to_owned(), format!("{}/{name}", get(parent, "name")));
            for key in ["remote", "revision"] {
                attributes.entry(key.to_owned()).or_insert_with(|| get(parent, key));
            }
        }
        let wrong = |summary| Some(Problem::config(summary).at_place(path, line, 0));
        let problem = if !is_inside(&at) {
            wrong(msg!("code-manifest-outside", path = at.as_str()))
        } else if self.projects.iter().any(|(known, _)| known.get("path") == Some(&at)) {
            wrong(msg!("code-manifest-twice", path = at.as_str()))
        } else {
            None
        };
        if let Some(problem) = problem {
            self.tell(problem);
            return None;
        }
        if self.projects.len() >= MAX_PROJECTS {
            return None;
        }
        let parts = Path::new(&at)
            .components()
            .filter(|part| matches!(part, Component::Normal(_)));
        let at: PathBuf = parts.collect();
        let at = at.to_string_lossy().into_owned();
        attributes.insert("path".to_owned(), if at.is_empty() { ".".to_owned() } else { at });
        attributes.retain(|_, value| !value.is_empty());
        self.projects.push((attributes, Vec::new()));
        Some(self.projects.len() - 1)
    }

    fn finish(mut self, path: &Path) -> (Manifest, Vec<Problem>) {
        let of_default = |key: &str| self.default.get(key).cloned().unwrap_or_default();
        let (default_remote, default_revision) = (of_default("remote"), of_default("revision"));
        let mut projects = Vec::new();
        for (attributes, files) in std::mem::take(&mut self.projects) {
            let get = |key: &str| attributes.get(key).cloned().unwrap_or_default();
            let first = |values: [String; 3]| values.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
            let remote_name = first([get("remote"), default_remote.clone(), String::new()]);
            let remote = self.remotes.get(&remote_name).cloned();
            if remote.is_none() {
                let problem = msg!("code-manifest-no-remote", path = get("path"), remote = remote_name.as_str());
                self.tell(Problem::config(problem).at_place(path, 0, 0));
            }
            let remote = remote.unwrap_or_default();
            let url = if remote.fetch.is_empty() {
                get("name")
            } else {
                format!("{}/{}", remote.fetch.trim_end_matches('/'), get("name"))
            };
            projects.push(Project {
                name: get("name"),
                path: get("path"),
                remote: remote_name,
                url,
                revision: first([get("revision"), remote.revision, default_revision.clone()]),
                upstream: get("upstream"),
                groups: get("groups"),
                files,
            });
        }
        projects.sort_by(|a, b| a.path.cmp(&b.path));
        (Manifest { projects }, self.problems)
    }
}

/// Below the folder of all repositories, and in no repository's own folder.
fn is_inside(path: &str) -> bool {
    let plain = |part: Component<'_>| match part {
        Component::Normal(name) => !name.eq_ignore_ascii_case(".git"),
        Component::CurDir => true,
        _ => false,
    };
    !path.is_empty() && Path::new(path).components().all(plain)
}

/// A manifest with exact commits.
pub fn write_xml(repositories: &[Frozen]) -> String {
    let mut bases: Vec<&str> = Vec::new();
    let split = |url: &'_ str| {
        url.rfind('/').map_or((String::new(), url.to_owned()), |at| {
            (url[..at].to_owned(), url[at + 1..].to_owned())
        })
    };
    for frozen in repositories {
        let base = frozen.url.rfind('/').map_or("", |at| &frozen.url[..at]);
        if !bases.contains(&base) {
            bases.push(base);
        }
    }
    let remote = |n: usize| {
        if n == 0 {
            "origin".to_owned()
        } else {
            format!("origin-{}", n + 1)
        }
    };
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<manifest>\n");
    for (n, base) in bases.iter().enumerate() {
        out.push_str(&format!("  <remote name=\"{}\" fetch=\"{}\"/>\n", remote(n), escaped(base)));
    }
    for frozen in repositories {
        let (base, name) = split(&frozen.url);
        let n = bases.iter().position(|known| *known == base).unwrap_or(0);
        let name = if name.is_empty() { frozen.path.clone() } else { name };
        let upstream = if frozen.upstream.is_empty() {
            String::new()
        } else {
            format!(" upstream=\"{}\"", escaped(&frozen.upstream))
        };
        out.push_str(&format!(
            "  <project name=\"{}\" path=\"{}\" remote=\"{}\" revision=\"{}\"{upstream}/>\n",
            escaped(&name),
            escaped(&frozen.path),
            remote(n),
            escaped(&frozen.commit)
        ));
    }
    out.push_str("</manifest>\n");
    out
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

#[derive(serde::Serialize, serde::Deserialize)]
struct TomlState {
    #[serde(default, rename = "repository")]
    repositories: Vec<Frozen>,
}

/// The same as TOML: `[[repository]]` with `path`, `url`, `commit`, `upstream`.
pub fn write_toml(repositories: &[Frozen]) -> String {
    let state = TomlState {
        repositories: repositories.to_vec(),
    };
    toml::to_string(&state).expect("plain text fields are always TOML")
}

pub fn read_toml(path: &Path, text: &str) -> Result<Vec<Frozen>, Problem> {
    toml::from_str::<TomlState>(text)
        .map(|state| state.repositories)
        .map_err(|error| {
            Problem::config(msg!("code-frozen-broken"))
                .code("bad-state")
                .details(error)
                .at_place(path, 0, 0)
        })
}

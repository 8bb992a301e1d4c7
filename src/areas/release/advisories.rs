//! What is known of vulnerable crates, from a copy of the RustSec database that is on this machine already. Nothing is fetched.
//! An advisory is a Markdown file that begins with a block of TOML (`EXAMPLE_ADVISORY.md` of the database).

use super::locks::Package;
use crate::adapters::World;
use crate::adapters::files;
use crate::base::Problem;
use semver::{Version, VersionReq};
use serde::Deserialize;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Advisories are a page at most.
const MAX_BYTES: u64 = 1 << 20;

/// One that holds for a package of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advisory {
    /// `RUSTSEC-2026-0001`
    pub id: String,
    pub package: String,
    pub version: String,
    pub title: String,
    /// No vulnerability: nobody maintains the crate any more, and the like.
    pub is_notice: bool,
}

#[derive(Deserialize)]
struct Document {
    advisory: Head,
    #[serde(default)]
    versions: Versions,
}

#[derive(Deserialize)]
struct Head {
    id: String,
    package: String,
    withdrawn: Option<toml::Value>,
    informational: Option<String>,
    title: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Versions {
    patched: Vec<String>,
    unaffected: Vec<String>,
}

/// The folder that the project names, else where cargo audit and cargo deny keep theirs.
pub fn database(world: &World, named: Option<&Path>) -> Option<PathBuf> {
    let env = world.processes().base_env();
    let home = env.get(OsStr::new("HOME")).map(PathBuf::from);
    let has = |folder: &PathBuf| folder.join("crates").is_dir();
    if let Some(named) = named {
        let named = match (named.strip_prefix("~"), &home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => named.to_path_buf(),
        };
        return Some(named).filter(has);
    }
    let cargo = world.processes().cargo_home()?;
    let mut places = vec![cargo.join("advisory-db")];
    let more = files::list_dir(&cargo.join("advisory-dbs")).unwrap_or_default();
    places.extend(more.into_iter().map(|entry| entry.path));
    places.into_iter().find(has)
}

/// Every advisory for a crate of the project in the version that it has.
pub fn look(database: &Path, packages: &[Package]) -> Result<Vec<Advisory>, Problem> {
    let mut out = Vec::new();
    for package in packages.iter().filter(|package| package.kind == "cargo" && !package.is_own) {
        let Ok(version) = Version::parse(&package.version) else {
            continue;
        };
        let folder = database.join("crates").join(&package.name);
        if !folder.is_dir() {
            continue;
        }
        for entry in files::list_dir(&folder)? {
            let is_text = entry.path.extension().is_some_and(|end| end == "md");
            let text = if is_text {
                files::read_text(&entry.path, MAX_BYTES).ok()
            } else {
                None
            };
            out.extend(text.and_then(|text| read(&text, &package.name, &version)));
        }
    }
    out.sort_by(|a, b| (a.is_notice, &a.id).cmp(&(b.is_notice, &b.id)));
    Ok(out)
}

/// The advisory, when it is about this version.
fn read(text: &str, package: &str, version: &Version) -> Option<Advisory> {
    let rest = text.trim_start().strip_prefix("```toml")?;
    let (head, body) = rest.split_once("\n```")?;
    let document: Document = toml::from_str(head).ok()?;
    let advisory = document.advisory;
    let takes = |wanted: &Vec<String>| {
        let mut wanted = wanted.iter().filter_map(|wanted| VersionReq::parse(wanted).ok());
        wanted.any(|wanted| wanted.matches(version))
    };
    let is_safe = takes(&document.versions.patched) || takes(&document.versions.unaffected);
    if is_safe || advisory.withdrawn.is_some() || advisory.package != package {
        return None;
    }
    let title = body.lines().find_map(|line| line.strip_prefix("# ")).map(str::trim);
    Some(Advisory {
        id: advisory.id,
        package: advisory.package,
        version: version.to_string(),
        title: advisory.title.or(title.map(str::to_owned)).unwrap_or_default(),
        is_notice: advisory.informational.is_some(),
    })
}

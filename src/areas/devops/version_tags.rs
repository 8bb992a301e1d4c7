//! What tags of versions look like, and the versions that only a tag tells of: made on another machine, or before the ledger.

use super::packages::{self, Package};
use super::{project, version_words};
use crate::adapters::World;
use crate::adapters::git::TagRow;
use crate::adapters::git::program::Repo;
use crate::adapters::store::releases::ReleaseRow;
use crate::adapters::store::thread::ThreadRows;
use crate::base::{Problem, Workspace};
use semver::Version;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// How a version is tagged where nothing else is said or seen.
pub const USUAL_TAG: &str = "v{version}";
/// Commits that git is asked about at once.
const MAX_ASKED: usize = 1000;
/// Words in front of a version in a tag that say nothing but that it is one.
const TAG_WORDS: [&str; 8] = ["", "v", "ver", "version", "r", "rel", "release", "releases"];

/// The tags of a workspace that name its versions, in the order of their commits.
#[derive(Debug)]
pub struct VersionTags {
    workspace: Workspace,
    series: Vec<Series>,
    words: version_words::Words,
}

/// Versions of the whole, or of one of its packages.
#[derive(Debug)]
struct Series {
    /// The folder of the package: only commits that touch it are in its versions.
    below: Option<PathBuf>,
    /// What a version is called, and its tag.
    rows: Vec<(String, Version, TagRow)>,
}

impl Series {
    fn of(tags: &[TagRow], pattern: &str, package: Option<&Package>) -> Self {
        let name = package.map(|package| package.name.as_str());
        let row = |tag: &TagRow| {
            let version = of_tag(&tag.name, pattern)?;
            Some((packages::label(name, &version.to_string()), version, tag.clone()))
        };
        Self {
            below: package.map(|package| package.path.clone()),
            rows: tags.iter().filter_map(row).collect(),
        }
    }
}

impl VersionTags {
    /// As the repository has them now.
    pub async fn of(world: &World, workspace: &Workspace) -> Result<Self, Problem> {
        let all = world.git().tag_rows(&workspace.root).await?;
        let rules = project::read(&workspace.root)?.0.release;
        let packages = packages::find(&workspace.root, &rules).unwrap_or_default();
        let names: Vec<String> = all.iter().map(|tag| tag.name.clone()).collect();
        // A tag of one of the packages is none of the whole's.
        let mut of_whole = names.clone();
        of_whole.retain(|tag| packages.iter().all(|package| !packages::owns(package, tag)));
        let in_front = packages::series(&workspace.root);
        let pattern = rules
            .tag
            .or_else(|| pattern_in(&of_whole, &workspace.name, in_front.as_deref()));
        let mut series = vec![Series::of(&all, pattern.as_deref().unwrap_or(USUAL_TAG), None)];
        for package in &packages {
            let pattern = package.tag.clone().or_else(|| packages::pattern_among(&names, package));
            series.extend(pattern.map(|pattern| Series::of(&all, &pattern, Some(package))));
        }
        series.retain(|series| !series.rows.is_empty());
        Ok(Self {
            workspace: workspace.clone(),
            series,
            words: version_words::all(world, &workspace.id).await?,
        })
    }

    /// Adds to a thread the versions that hold its commits and that the ledger does not know, of each commit the first one.
    pub async fn complete(&self, world: &World, rows: &mut ThreadRows) -> Result<(), Problem> {
        if rows.commits.is_empty() {
            return Ok(());
        }
        let n_known = rows.releases.len();
        for series in &self.series {
            let commits = match &series.below {
                None => rows.commits.clone(),
                Some(below) => self.touching(world, &rows.commits, below).await?,
            };
            let tags = series.rows.iter().map(|(.., tag)| tag.clone()).collect();
            let found = world.git().first_holding(&self.workspace.root, tags, commits).await?;
            let wanted: BTreeSet<&str> = found.values().map(|tag| tag.name.as_str()).collect();
            for (label, version, tag) in series.rows.iter().filter(|(.., tag)| wanted.contains(tag.name.as_str())) {
                if rows.releases.iter().all(|known| known.version != *label) {
                    rows.releases.push(self.release(label, version, tag));
                }
            }
        }
        if rows.releases.len() > n_known {
            rows.releases.sort_by_key(|row| std::cmp::Reverse(row.released_at));
        }
        Ok(())
    }

    fn release(&self, label: &str, version: &Version, tag: &TagRow) -> ReleaseRow {
        ReleaseRow {
            id: 0,
            workspace: self.workspace.id.clone(),
            withdrawn: version_words::reason(&self.words, label),
            channel: if version.pre.is_empty() {
                "stable"
            } else {
                version.pre.as_str()
            }
            .to_owned(),
            version: label.to_owned(),
            commit: tag.commit.clone(),
            tag: Some(tag.name.clone()),
            previous: None,
            notes: String::new(),
            job: None,
            released_at: tag.at,
        }
    }

    /// Those of the commits that change something in the folder.
    async fn touching(&self, world: &World, commits: &[String], below: &Path) -> Result<Vec<String>, Problem> {
        let repo = Repo {
            root: &self.workspace.root,
            is_trusted: world.trust().check(&self.workspace).is_ok(),
        };
        let place = format!(":(literal){}", below.display());
        let mut found = Vec::new();
        for some in commits.chunks(MAX_ASKED) {
            let mut args = vec!["log", "--no-walk=unsorted", "--ignore-missing", "--format=%H"];
            args.extend(some.iter().map(String::as_str));
            args.extend(["--", &place]);
            let answer = world.git_program().read(repo, &args, &CancellationToken::new()).await?;
            found.extend(String::from_utf8_lossy(&answer).lines().map(str::to_owned));
        }
        Ok(found)
    }
}

/// The version a tag names under a pattern such as `v{version}`; None when the tag does not follow it.
pub fn of_tag(tag: &str, pattern: &str) -> Option<Version> {
    let (before, after) = pattern.split_once("{version}").unwrap_or((pattern, ""));
    Version::parse(tag.strip_prefix(before)?.strip_suffix(after)?).ok()
}

/// The version that a text begins, and how many bytes of Odoo's series stand in front of it: `18.0.` of `18.0.1.2.3`.
pub fn behind_series(text: &str) -> Option<(usize, Version)> {
    if let Ok(version) = Version::parse(text) {
        return Some((0, version));
    }
    let parts: Vec<&str> = text.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() != 5 || !parts.iter().all(is_number) {
        return None;
    }
    let len = parts[0].len() + parts[1].len() + 2;
    Some((len, Version::parse(&text[len..]).ok()?))
}

/// What is in front of the highest version among tags that are the whole project's; None when none of them names a version.
/// Behind a `series` of Odoo's only those of that series count, if there are any.
pub fn pattern_in(tags: &[String], project: &str, series: Option<&str>) -> Option<String> {
    let is_ours = |before: &str| {
        let mut words = before.split(['-', '_', '/', '@', '.']);
        words.all(|word| {
            let word = word.to_ascii_lowercase();
            TAG_WORDS.contains(&word.as_str()) || word == project.to_ascii_lowercase()
        })
    };
    let project_len = |tag: &str| {
        tag.to_ascii_lowercase()
            .starts_with(&project.to_ascii_lowercase())
            .then_some(project.len())
    };
    let versions = tags.iter().filter_map(|tag| {
        // A name may have digits of its own.
        let behind_name = project_len(tag).filter(|len| tag.is_char_boundary(*len)).unwrap_or(0);
        let digit = behind_name + tag[behind_name..].find(|c: char| c.is_ascii_digit())?;
        let (word, after) = tag.split_at(digit);
        let (len, version) = behind_series(after)?;
        is_ours(word).then_some((version, &tag[..digit + len], &after[..len]))
    });
    let versions: Vec<(Version, &str, &str)> = versions.collect();
    let of = |wanted: &str| versions.iter().any(|(.., found)| *found == wanted);
    let wanted = series.filter(|series| of(series)).or(of("").then_some(""));
    let number = |series: &str| series.split('.').next().and_then(|n| n.parse::<u64>().ok());
    let (_, before, _) = versions
        .iter()
        .filter(|(.., found)| wanted.is_none_or(|wanted| *found == wanted))
        .max_by(|(a, before_a, series_a), (b, before_b, series_b)| {
            let of_series = number(series_a).cmp(&number(series_b));
            let is_usual = || (*before_a == "v").cmp(&(*before_b == "v"));
            of_series.then(a.cmp(b)).then_with(is_usual)
        })?;
    Some(format!("{before}{{version}}"))
}

/// The tag of a version.
pub fn tag_for(version: &Version, pattern: &str) -> String {
    if pattern.contains("{version}") {
        pattern.replace("{version}", &version.to_string())
    } else {
        format!("{pattern}{version}")
    }
}

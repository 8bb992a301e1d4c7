//! What tags of versions look like, and the versions that only a tag tells of: made on another machine, or before the ledger.

use super::{project, version_words};
use crate::adapters::git::TagRow;
use crate::adapters::store::releases::ReleaseRow;
use crate::adapters::store::thread::ThreadRows;
use crate::adapters::{World, files};
use crate::base::{Problem, Workspace};
use semver::Version;
use std::collections::BTreeSet;

/// How a version is tagged where nothing else is said or seen.
pub const USUAL_TAG: &str = "v{version}";
/// Words in front of a version in a tag that say nothing but that it is one.
const TAG_WORDS: [&str; 8] = ["", "v", "ver", "version", "r", "rel", "release", "releases"];

/// The tags of a workspace that name its versions, in the order of their commits.
#[derive(Debug)]
pub struct VersionTags {
    workspace: Workspace,
    rows: Vec<(Version, TagRow)>,
    words: version_words::Words,
}

impl VersionTags {
    /// As the repository has them now.
    pub async fn of(world: &World, workspace: &Workspace) -> Result<Self, Problem> {
        let all = world.git().tag_rows(&workspace.root).await?;
        let names: Vec<String> = all.iter().map(|tag| tag.name.clone()).collect();
        let path = workspace.root.join(project::FILE_NAME);
        let text = files::read_text_if_there(&path, files::MAX_TEXT_BYTES)?;
        let told = text.and_then(|text| project::parse(&text, &path).0.release.tag);
        let pattern = told.or_else(|| pattern_in(&names, &workspace.name, None));
        let pattern = pattern.unwrap_or_else(|| USUAL_TAG.to_owned());
        let version = |tag: TagRow| Some((of_tag(&tag.name, &pattern)?, tag));
        Ok(Self {
            workspace: workspace.clone(),
            rows: all.into_iter().filter_map(version).collect(),
            words: version_words::all(world, &workspace.id).await?,
        })
    }

    /// Adds to a thread the versions that hold its commits and that the ledger does not know, of each commit the first one.
    pub async fn complete(&self, world: &World, rows: &mut ThreadRows) -> Result<(), Problem> {
        if rows.commits.is_empty() || self.rows.is_empty() {
            return Ok(());
        }
        let tags = self.rows.iter().map(|(_, tag)| tag.clone()).collect();
        let git = world.git();
        let found = git.first_holding(&self.workspace.root, tags, rows.commits.clone()).await?;
        let wanted: BTreeSet<&str> = found.values().map(|tag| tag.name.as_str()).collect();
        let is_known = |label: &str| rows.releases.iter().any(|known| known.version == label);
        let found = self.rows.iter().filter(|(_, tag)| wanted.contains(tag.name.as_str()));
        let found = found.map(|(version, tag)| (version, version.to_string(), tag));
        let new: Vec<_> = found.filter(|(_, label, _)| !is_known(label)).collect();
        if new.is_empty() {
            return Ok(());
        }
        for (version, label, tag) in new {
            rows.releases.push(ReleaseRow {
                id: 0,
                workspace: self.workspace.id.clone(),
                withdrawn: version_words::reason(&self.words, &label),
                channel: if version.pre.is_empty() {
                    "stable"
                } else {
                    version.pre.as_str()
                }
                .to_owned(),
                version: label,
                commit: tag.commit.clone(),
                tag: Some(tag.name.clone()),
                previous: None,
                notes: String::new(),
                job: None,
                released_at: tag.at,
            });
        }
        rows.releases.sort_by_key(|row| std::cmp::Reverse(row.released_at));
        Ok(())
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

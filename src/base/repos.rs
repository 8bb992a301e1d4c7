//! Several repositories in one folder: what a manifest wants of each, how each stands, and states frozen to exact commits. Plain data.

use super::diff::SubmoduleCommit;
use super::{GitPath, Problem, RepoSummary};
use serde::{Deserialize, Serialize};

/// A file that comes out of a project's checkout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// In the project.
    pub src: String,
    /// In the folder of all repositories.
    pub dest: String,
    /// A link instead of a copy.
    pub is_link: bool,
}

/// A repository that a manifest wants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    pub name: String,
    /// Below the folder of all repositories, with `/`.
    pub path: String,
    pub remote: String,
    /// The whole address.
    pub url: String,
    /// A branch, a tag or a commit; empty when nothing names one.
    pub revision: String,
    /// The branch that a frozen commit came from.
    #[serde(default)]
    pub upstream: String,
    #[serde(default)]
    pub groups: String,
    #[serde(default)]
    pub files: Vec<ManifestFile>,
}

/// What a manifest and everything that it includes say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub projects: Vec<Project>,
}

/// How a repository's HEAD stands to what the manifest wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "drift", rename_all = "snake_case")]
pub enum Drift {
    /// No manifest names the repository.
    NotInManifest,
    /// The manifest names it, and it is not here.
    NotHere,
    InStep,
    /// Commits that HEAD has more, and that it lacks.
    Apart {
        n_ahead: u32,
        n_behind: u32,
    },
    /// The wanted revision is not in the repository: it may have to be fetched.
    NoSuchRevision,
}

/// One repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepoRow {
    /// Below the workspace; `.` is the workspace itself.
    pub path: GitPath,
    /// The same, absolute.
    pub folder: GitPath,
    pub project: Option<Project>,
    pub drift: Drift,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Box<RepoSummary>>,
    /// Why it could not be read, or fetched the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_fetching: bool,
}

/// The repositories of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RepoList {
    /// The manifest's path below the workspace.
    pub manifest: Option<String>,
    /// By path.
    pub rows: Vec<RepoRow>,
    /// Of the manifest.
    pub problems: Vec<Problem>,
    /// The search for repositories was ended before everything was seen.
    pub is_cut: bool,
}

/// A repository at an exact commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    pub path: String,
    pub url: String,
    pub commit: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub upstream: String,
    /// Files that are in no commit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_dirty: bool,
    /// No remote branch has the commit: nobody else could check it out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_unpushed: bool,
}

/// What was frozen, as text of the wanted form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenState {
    pub repositories: Vec<Frozen>,
    /// A manifest, or TOML.
    pub text: String,
    /// The file that was written.
    pub file: Option<String>,
}

/// How one repository differs between two states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepoDiff {
    pub path: String,
    /// None: only the new state has it.
    pub from: Option<String>,
    pub to: Option<String>,
    /// Those that only one side has, where the repository is here and has them.
    pub commits: Vec<SubmoduleCommit>,
    pub n_unlisted: u32,
}

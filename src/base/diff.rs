//! A difference between two versions of a file, as plain data: hunks, lines, and the words that changed.

use super::picture::PictureFacts;
use super::{Change, GitPath};
use serde::{Deserialize, Serialize};

/// Which side a line stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    Context,
    Added,
    Removed,
}

/// Changed words: byte offsets into the line's text, on character borders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

/// How a line ends, where it is not a plain line feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    #[default]
    Lf,
    CrLf,
    /// The file ends here without a line break.
    None,
}

/// One line. The text is safe to show and has no line break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    pub kind: LineKind,
    pub old_no: Option<u32>,
    pub new_no: Option<u32>,
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
    #[serde(default)]
    pub end: LineEnd,
    /// The line's number in the index, in a `DiffOf::Both`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index_no: Option<u32>,
}

impl DiffLine {
    /// In a `DiffOf::Both`: whether the index has this change already. A removed line is staged when the index has not got it, an
    /// added one when it has.
    pub fn is_staged(&self) -> bool {
        match self.kind {
            LineKind::Context => false,
            LineKind::Removed => self.index_no.is_none(),
            LineKind::Added => self.index_no.is_some(),
        }
    }
}

/// How a difference is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DiffLook {
    /// Unchanged lines around each change.
    pub context: u32,
    /// White space does not count.
    pub ignores_space: bool,
}

impl Default for DiffLook {
    fn default() -> Self {
        Self {
            context: 3,
            ignores_space: false,
        }
    }
}

impl DiffLook {
    /// So many lines around a change are the whole file.
    pub const WHOLE: u32 = 100_000;

    /// As git shows it where nothing else is asked for.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Names a hunk by its place and content, so that an act on it fails when the file has changed meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HunkId {
    pub old_start: u32,
    pub old_lines: u32,
    pub new_start: u32,
    pub new_lines: u32,
    /// FNV-1a over the lines with their kinds.
    pub digest: u32,
}

/// Lines that changed together, with context around them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hunk {
    pub id: HunkId,
    /// What git prints after the second `@@`: the function around, or nothing.
    pub header: String,
    pub lines: Vec<DiffLine>,
}

impl Hunk {
    /// `@@ -38,3 +38,3 @@`
    pub fn range(&self) -> String {
        let part = |start: u32, lines: u32| {
            if lines == 1 {
                start.to_string()
            } else {
                format!("{start},{lines}")
            }
        };
        format!(
            "@@ -{} +{} @@",
            part(self.id.old_start, self.id.old_lines),
            part(self.id.new_start, self.id.new_lines)
        )
    }
}

/// What can be shown of a file's difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "content", rename_all = "snake_case")]
pub enum DiffContent {
    Text {
        hunks: Vec<Hunk>,
    },
    Binary {
        old_size: u64,
        new_size: u64,
    },
    /// A picture; None is where there is no file.
    Picture {
        old: Option<PictureFacts>,
        new: Option<PictureFacts>,
    },
    /// Not computed, or cut off: the user may ask for it all the same.
    TooLarge {
        bytes: u64,
        lines: u64,
        /// Too large even when asked for.
        is_hopeless: bool,
    },
    /// Another repository's commit, before and after.
    Submodule {
        old: Option<String>,
        new: Option<String>,
        /// What came in and what went, the newest first, where the submodule's repository has the commits.
        #[serde(default)]
        commits: Vec<SubmoduleCommit>,
        /// Commits beyond those that are listed.
        #[serde(default)]
        n_unlisted: u32,
    },
}

/// A commit of a submodule that only one of two sides has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmoduleCommit {
    pub oid: String,
    pub summary: String,
    /// The old side has it.
    pub is_removed: bool,
}

/// The difference of one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiffFile {
    pub path: GitPath,
    /// The former path of a renamed or copied file.
    pub old_path: Option<GitPath>,
    pub change: Change,
    /// Octal file modes, 0 where there is no file.
    pub old_mode: u32,
    pub new_mode: u32,
    pub n_added: u32,
    pub n_removed: u32,
    pub content: DiffContent,
}

impl DiffFile {
    pub fn hunks(&self) -> &[Hunk] {
        match &self.content {
            DiffContent::Text { hunks } => hunks,
            _ => &[],
        }
    }

    /// A text on both sides with nothing that is shown: only white space differs, where that does not count.
    pub fn says_nothing(&self) -> bool {
        let is_equal = matches!(&self.content, DiffContent::Text { hunks } if hunks.is_empty());
        let is_there = self.old_mode != 0 && self.old_mode == self.new_mode;
        is_equal && is_there && self.old_path.is_none()
    }

    /// Both sides exist and only the permission to execute or the kind of file differs.
    pub fn is_mode_changed(&self) -> bool {
        self.old_mode != 0 && self.new_mode != 0 && self.old_mode != self.new_mode
    }
}

/// Which two sides are compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum DiffOf {
    /// The index and the files.
    Unstaged,
    /// HEAD and the index.
    Staged,
    /// HEAD, index and files in one: each line says whether it is staged.
    Both,
    /// A commit and its first parent.
    Commit { oid: String },
    /// Two revisions, or one and the files.
    Between { from: String, to: Option<String> },
}

/// Names a hunk of a difference that was shown, or the n-th one (from 1) of the difference as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HunkRef {
    Number(u32),
    Exact(HunkId),
}

/// Names changed lines of one file: on the old side the removed ones, on the new side the added ones. Which two versions the sides
/// are, the act says: index and file for staging and discarding, HEAD and index for unstaging.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineRef {
    /// Every changed line from `first` to `last`, both counted from 1 and included.
    Range { side: LineSide, first: u32, last: u32 },
    /// One line that was shown; an act on it fails when another text stands there meanwhile.
    Exact { side: LineSide, no: u32, digest: u32 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineSide {
    Old,
    New,
}

impl LineRef {
    /// The line as staging it (when it is not staged) or unstaging it (when it is) names it. None for a line that did not change.
    pub fn of(line: &DiffLine) -> Option<Self> {
        let (side, no) = match (line.kind, line.is_staged()) {
            (LineKind::Context, _) => return None,
            (LineKind::Removed, true) => (LineSide::Old, line.old_no),
            (LineKind::Removed, false) => (LineSide::Old, line.index_no),
            (LineKind::Added, true) => (LineSide::New, line.index_no),
            (LineKind::Added, false) => (LineSide::New, line.new_no),
        };
        let digest = line_digest(&line.text, line.end);
        Some(Self::Exact { side, no: no?, digest })
    }
}

/// FNV-1a over a line's text as it is shown, and how it ends.
pub fn line_digest(text: &str, end: LineEnd) -> u32 {
    let bytes = text.bytes().chain([end as u8]);
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

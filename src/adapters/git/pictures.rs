//! Pictures in differences: looked at by their headers first, decoded only within limits, so that a small file that claims to be
//! enormous is refused with a line.

use super::{GitError, diff, open, worktree};
use crate::base::diff::{DiffContent, DiffFile, DiffLook, DiffOf};
use crate::base::picture::{Picture, PictureFacts, Pictures, Pixels};
use crate::base::{GitPath, Problem};
use crate::msg;
use git2::Repository;
use image::{ImageFormat, ImageReader, Limits};
use std::io::Cursor;
use std::path::Path;

/// Larger files are not read.
const MAX_BYTES: u64 = 32 * 1024 * 1024;
/// Pictures with more pixels are not decoded.
const MAX_PIXELS: u64 = 64 * 1024 * 1024;
const MAX_SIDE: u32 = 32_768;
/// Memory that a decoder may take.
const MAX_ALLOC: u64 = 512 * 1024 * 1024;
/// Longer sides are made shorter for the screen.
const SHOWN_SIDE: u32 = 1_024;
const ENDINGS: [&str; 6] = ["png", "jpg", "jpeg", "gif", "webp", "bmp"];

pub(super) fn is_picture(path: &GitPath) -> bool {
    let name = path.file_name().to_lowercase();
    name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// Says dimensions and sizes of both sides in place of "binary".
pub(super) fn fill(root: &Path, of: &DiffOf, old_path: Option<&GitPath>, file: &mut DiffFile) {
    let is_opaque = matches!(file.content, DiffContent::Binary { .. } | DiffContent::TooLarge { .. });
    if !is_opaque || !is_picture(&file.path) {
        return;
    }
    if let Ok((old, new)) = sides(root, of, &file.path, old_path) {
        file.content = DiffContent::Picture {
            old: old.map(|side| side.facts()),
            new: new.map(|side| side.facts()),
        };
    }
}

impl super::Git {
    /// Both sides of a picture's difference, decoded within limits and small enough for the screen.
    pub fn pictures(
        &self,
        root: &Path,
        of: &DiffOf,
        path: &GitPath,
        old_path: Option<&GitPath>,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Pictures, Problem> {
        let (old, new) = sides(root, of, path, old_path)?;
        let decoded = |side: Option<Side>| side.map(|side| side.decoded()).filter(|_| !is_cancelled());
        Ok(Pictures {
            old: decoded(old),
            new: decoded(new),
        })
    }
}

/// The content of one side, unless it is too long.
struct Side {
    bytes: u64,
    content: Option<Vec<u8>>,
}

impl Side {
    fn facts(&self) -> PictureFacts {
        let mut facts = PictureFacts {
            format: String::new(),
            width: 0,
            height: 0,
            bytes: self.bytes,
            refused: None,
        };
        let Some(content) = &self.content else {
            facts.refused = Some(msg!("git-picture-too-long", limit = MAX_BYTES));
            return facts;
        };
        let reader = ImageReader::new(Cursor::new(content)).with_guessed_format().ok();
        let format = reader.as_ref().and_then(ImageReader::format);
        facts.format = format.map_or_else(String::new, name_of);
        let size = reader.filter(|_| !facts.format.is_empty()).map(|mut reader| {
            // The header alone is read.
            reader.no_limits();
            reader.into_dimensions()
        });
        match size {
            Some(Ok((width, height))) => {
                (facts.width, facts.height) = (width, height);
                if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
                    facts.refused = Some(msg!("git-picture-too-large", width = width, height = height));
                }
            }
            Some(Err(_)) | None => facts.refused = Some(msg!("git-picture-unreadable")),
        }
        facts
    }

    fn decoded(self) -> Picture {
        let mut facts = self.facts();
        let mut pixels = None;
        if let (None, Some(content)) = (&facts.refused, &self.content) {
            match decode(content) {
                Some(decoded) => pixels = Some(decoded),
                None => facts.refused = Some(msg!("git-picture-unreadable")),
            }
        }
        Picture { facts, pixels }
    }
}

fn name_of(format: ImageFormat) -> String {
    match format {
        ImageFormat::Png => "png",
        ImageFormat::Jpeg => "jpeg",
        ImageFormat::Gif => "gif",
        ImageFormat::WebP => "webp",
        ImageFormat::Bmp => "bmp",
        _ => "",
    }
    .to_owned()
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOC);
    limits
}

fn decode(content: &[u8]) -> Option<Pixels> {
    let mut reader = ImageReader::new(Cursor::new(content)).with_guessed_format().ok()?;
    reader.limits(limits());
    let whole = reader.decode().ok()?;
    let is_large = whole.width() > SHOWN_SIDE || whole.height() > SHOWN_SIDE;
    let shown = if is_large {
        whole.thumbnail(SHOWN_SIDE, SHOWN_SIDE)
    } else {
        whole
    };
    let rgba = shown.to_rgba8();
    Some(Pixels {
        width: rgba.width(),
        height: rgba.height(),
        rgba: std::sync::Arc::new(rgba.into_raw()),
    })
}

fn sides(root: &Path, of: &DiffOf, path: &GitPath, old_path: Option<&GitPath>) -> Result<(Option<Side>, Option<Side>), GitError> {
    let repo = open::open(root)?;
    let diff = diff::compare(&repo, root, of, path, old_path, DiffLook::default())?;
    let missing = || GitError::NoSuchChange(path.display());
    let at = diff::find(&diff, path).ok_or_else(missing)?;
    let delta = diff.get_delta(at).ok_or_else(missing)?;
    Ok((side(&repo, &delta.old_file()), side(&repo, &delta.new_file())))
}

fn side(repo: &Repository, file: &git2::DiffFile<'_>) -> Option<Side> {
    if !file.exists() {
        return None;
    }
    let in_store = || {
        let odb = repo.odb().ok()?;
        let (size, _) = odb.read_header(file.id()).ok()?;
        let is_short = size as u64 <= MAX_BYTES;
        Some(Side {
            bytes: size as u64,
            content: is_short
                .then(|| odb.read(file.id()).ok().map(|object| object.data().to_vec()))
                .flatten(),
        })
    };
    let on_disk = || {
        let path = GitPath::new(file.path_bytes()?);
        let at = worktree::locate(repo.workdir()?, &path).ok()?;
        let meta = at.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
        let is_short = meta.len() <= MAX_BYTES;
        Some(Side {
            bytes: meta.len(),
            content: is_short.then(|| std::fs::read(at).ok()).flatten(),
        })
    };
    if file.id().is_zero() {
        on_disk()
    } else {
        in_store().or_else(on_disk)
    }
}

//! Pictures in a difference: what is known of each side without decoding it, and the pixels once they are looked at. Plain data.

use super::Msg;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One side of a picture's difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PictureFacts {
    /// `png`, `jpeg` ...; empty when it is none that can be shown.
    pub format: String,
    /// In pixels, as the file says.
    pub width: u32,
    pub height: u32,
    pub bytes: u64,
    /// Why it is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Msg>,
}

/// Red, green, blue and alpha of each pixel, row by row. Not written to recordings.
#[derive(Clone, Default, PartialEq)]
pub struct Pixels {
    pub width: u32,
    pub height: u32,
    pub rgba: Arc<Vec<u8>>,
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} by {} pixels", self.width, self.height)
    }
}

/// A decoded side, made small enough to be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    pub facts: PictureFacts,
    #[serde(skip)]
    pub pixels: Option<Pixels>,
}

/// Both sides; None is where there is no file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pictures {
    pub old: Option<Picture>,
    pub new: Option<Picture>,
}

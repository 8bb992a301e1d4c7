//! What a terminal shows, as plain data: lines of runs of cells, the cursor, and what a person does to it.

use serde::{Deserialize, Serialize};

/// A colour of a cell as the program asked for it; which one is drawn is the toolkit's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ink {
    #[default]
    Default,
    /// An entry of the table of 256.
    Table(u8),
    Rgb(u8, u8, u8),
}

/// How cells are drawn besides their colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Style {
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
    pub strike: bool,
    pub inverse: bool,
    pub hidden: bool,
    pub selected: bool,
    /// A hit of the search.
    pub found: bool,
    /// The hit that the search stands on.
    pub current: bool,
}

/// Cells beside each other that look alike. Each character takes one cell; one that takes two is a run of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its first cell.
    pub column: u16,
    /// Cells that it takes.
    pub width: u16,
    pub text: String,
    pub ink: Ink,
    pub ground: Ink,
    pub style: Style,
    /// Which of the links of the screen it is a part of.
    pub link: Option<u16>,
}

/// How the cursor looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CursorShape {
    #[default]
    Block,
    Underline,
    Bar,
}

/// Where the cursor is, in what is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub row: u16,
    pub column: u16,
    pub shape: CursorShape,
}

/// What a program wants to hear of the pointer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MouseWish {
    #[default]
    Nothing,
    Clicks,
    /// Also movement while a button is held.
    Drags,
    Motion,
}

/// What the program has set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Modes {
    /// Arrows are sent in their application form.
    pub app_cursor: bool,
    pub bracketed_paste: bool,
    pub mouse: MouseWish,
    pub sgr_mouse: bool,
    /// The wheel is sent as arrows: a program fills the screen.
    pub wheel_arrows: bool,
    pub focus_events: bool,
    /// A program fills the screen: nothing is kept above it.
    pub full_screen: bool,
}

/// Everything of a terminal that is in sight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    pub columns: u16,
    pub rows: u16,
    /// From the top; what is empty at the end of a line is left out.
    pub lines: Vec<Vec<Run>>,
    pub cursor: Option<Cursor>,
    /// How many lines above the newest it is scrolled to.
    pub offset: u32,
    /// Lines that are kept above.
    pub n_above: u32,
    pub modes: Modes,
    /// Targets of links, http and https only.
    pub links: Vec<String>,
    pub has_selection: bool,
    /// Whether the words that are searched for were found; None without a search.
    pub search: Option<bool>,
}

impl Screen {
    /// The words of one line.
    pub fn line(&self, row: usize) -> String {
        let mut text = String::new();
        let mut column = 0;
        for run in self.lines.get(row).map_or(&[][..], Vec::as_slice) {
            text.extend(std::iter::repeat_n(' ', usize::from(run.column.saturating_sub(column))));
            text.push_str(&run.text);
            column = run.column + run.width;
        }
        text.trim_end().to_owned()
    }

    /// All lines, for tests and for readers of the screen.
    pub fn text(&self) -> String {
        let lines: Vec<String> = (0..self.lines.len()).map(|row| self.line(row)).collect();
        lines.join("\n").trim_end().to_owned()
    }
}

/// How much one step of a selection takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelectBy {
    #[default]
    Cell,
    Word,
    Line,
    /// A rectangle.
    Block,
}

/// A cell in sight, and which half of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellAt {
    pub row: u16,
    pub column: u16,
    pub is_right_half: bool,
}

/// What a person does to a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScreenInput {
    /// Keys and what a program asked to hear of the pointer, as they are sent.
    Keys(Vec<u8>),
    /// Foreign text: nothing in it acts as a key but line ends.
    Paste(String),
    Resize {
        columns: u16,
        rows: u16,
    },
    /// Lines towards what is older; below zero towards the newest.
    Scroll(i32),
    ScrollToEnd,
    Select {
        at: CellAt,
        by: SelectBy,
    },
    /// The selection goes on to here.
    SelectTo(CellAt),
    SelectNothing,
    Copy,
    /// Finds words in everything that is kept, from the newest up; no words end the search.
    Search {
        words: String,
        towards_newer: bool,
    },
}

/// Longest paste that is sent.
pub const MAX_PASTE: usize = 8 * 1024 * 1024;

/// Foreign text as a terminal sends it: line ends as Enter, no other control character, so that it can not end its own brackets.
pub fn pasted(text: &str, is_bracketed: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + 12);
    if is_bracketed {
        bytes.extend_from_slice(b"\x1b[200~");
    }
    let mut before = '\0';
    for c in text.chars() {
        if bytes.len() > MAX_PASTE {
            break;
        }
        match c {
            '\n' if before == '\r' => {}
            '\n' | '\r' => bytes.push(b'\r'),
            '\t' => bytes.push(b'\t'),
            c if c.is_control() => {}
            c => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        before = c;
    }
    if is_bracketed {
        bytes.extend_from_slice(b"\x1b[201~");
    }
    bytes
}

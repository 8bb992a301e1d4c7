//! The look as data: two tables of colours and one of measures. No other file holds a colour.
#![expect(clippy::unreadable_literal, reason = "a colour reads best as its six digits")]

use egui::{Color32, Context, Ui};

/// No colour at all.
pub const CLEAR: Color32 = Color32::TRANSPARENT;

/// A picture in its own colours.
pub const UNTINTED: Color32 = Color32::WHITE;

/// One meaning in its three strengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tone {
    /// For words, on any surface and on its own weak fill.
    pub text: Color32,
    /// For shapes and bars on plain surfaces, never for words.
    pub mark: Color32,
    /// Behind a chip or a message.
    pub weak: Color32,
}

/// Colours of source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Syntax {
    pub keyword: Color32,
    pub string: Color32,
    pub number: Color32,
    pub type_name: Color32,
    pub comment: Color32,
}

/// Fills of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiffColours {
    pub added: Color32,
    pub added_word: Color32,
    pub removed: Color32,
    pub removed_word: Color32,
}

/// All colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokens {
    pub dark: bool,
    /// Sidebar, top bar, status bar.
    pub surface_0: Color32,
    /// Page, tables, detail, inputs.
    pub surface_1: Color32,
    /// Group rows, hovered row, hunk header, buttons, board columns, popups.
    pub surface_2: Color32,
    /// Selected sidebar entry, selected segment, track of a bar, avatar.
    pub surface_3: Color32,
    /// Separators and borders of cards.
    pub line: Color32,
    /// Borders of inputs, buttons, tags, popups.
    pub line_strong: Color32,
    pub text: Color32,
    pub text_weak: Color32,
    /// Primary button, ticked box.
    pub accent_fill: Color32,
    pub on_accent: Color32,
    /// Over the window, under a palette or dialog; already see-through.
    pub scrim: Color32,
    pub shadow: Color32,
    pub accent: Tone,
    pub success: Tone,
    pub warning: Tone,
    pub danger: Tone,
    pub info: Tone,
    pub neutral: Tone,
    pub diff: DiffColours,
    pub syntax: Syntax,
    /// Graph lanes and chart series: lines and fills, never text.
    pub lanes: [Color32; 8],
}

#[expect(clippy::disallowed_methods, reason = "this is the table of colours")]
const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// `rgb` at `percent` opacity.
#[expect(clippy::disallowed_methods, reason = "this is the table of colours")]
const fn veil(rgb: u32, percent: u32) -> Color32 {
    Color32::from_rgba_unmultiplied_const((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8, (percent * 255 / 100) as u8)
}

const fn tone(text: u32, mark: u32, weak: u32) -> Tone {
    Tone {
        text: hex(text),
        mark: hex(mark),
        weak: hex(weak),
    }
}

static DARK: Tokens = Tokens {
    dark: true,
    surface_0: hex(0x0e1013),
    surface_1: hex(0x14171b),
    surface_2: hex(0x1b1f25),
    surface_3: hex(0x262b33),
    line: hex(0x272c34),
    line_strong: hex(0x3b424d),
    text: hex(0xe4e7eb),
    text_weak: hex(0x9ea7b3),
    accent_fill: hex(0x4b5fd3),
    on_accent: hex(0xffffff),
    scrim: veil(0x08090b, 55),
    shadow: veil(0x000000, 40),
    accent: tone(0x93a5ff, 0x93a5ff, 0x232a4a),
    success: tone(0x56bd8f, 0x56bd8f, 0x15281f),
    warning: tone(0xdfab48, 0xdfab48, 0x2d2413),
    danger: tone(0xf08079, 0xf08079, 0x351c1c),
    info: tone(0x62bbe3, 0x62bbe3, 0x132934),
    neutral: tone(0x9ea7b3, 0x9ea7b3, 0x21262d),
    diff: DiffColours {
        added: hex(0x12261e),
        added_word: hex(0x1f5a43),
        removed: hex(0x2e1b19),
        removed_word: hex(0x70302a),
    },
    syntax: Syntax {
        keyword: hex(0xb9a3f5),
        string: hex(0x8fc9a3),
        number: hex(0xe3b172),
        type_name: hex(0x7fc4dd),
        comment: hex(0x8b95a2),
    },
    lanes: [
        hex(0x6aa5ff),
        hex(0xe8973a),
        hex(0x1fae8a),
        hex(0xd987c4),
        hex(0xece06a),
        hex(0x8fdcf5),
        hex(0xd4553a),
        hex(0x6d7580),
    ],
};

static LIGHT: Tokens = Tokens {
    dark: false,
    surface_0: hex(0xeef0f3),
    surface_1: hex(0xfbfbfc),
    surface_2: hex(0xf2f4f6),
    surface_3: hex(0xe4e8ed),
    line: hex(0xdde1e6),
    line_strong: hex(0xc2c9d2),
    text: hex(0x1b2027),
    text_weak: hex(0x57616e),
    accent_fill: hex(0x4257cf),
    on_accent: hex(0xffffff),
    scrim: veil(0xaeb4bc, 55),
    shadow: veil(0x000000, 40),
    accent: tone(0x3b4fc4, 0x4257cf, 0xe3e7fb),
    success: tone(0x136b47, 0x178c5b, 0xdcf1e6),
    warning: tone(0x7f5200, 0xb06f00, 0xfaecc9),
    danger: tone(0xb3261e, 0xd5362b, 0xfbe3e0),
    info: tone(0x0d6185, 0x2489b5, 0xdbeff8),
    neutral: tone(0x57616e, 0x6f7a88, 0xe8ebef),
    diff: DiffColours {
        added: hex(0xe2f5ea),
        added_word: hex(0xa9dfc2),
        removed: hex(0xfdebe8),
        removed_word: hex(0xf6c0b8),
    },
    syntax: Syntax {
        keyword: hex(0x6a3fc0),
        string: hex(0x23703f),
        number: hex(0x8f5000),
        type_name: hex(0x0d6185),
        comment: hex(0x616b78),
    },
    lanes: [
        hex(0x2463d1),
        hex(0xe2730e),
        hex(0x02a398),
        hex(0x8c0084),
        hex(0x644700),
        hex(0x7c9b6c),
        hex(0xf20343),
        hex(0x3d444e),
    ],
};

impl Tokens {
    /// The table that this part of the window is drawn with.
    pub fn of(ui: &Ui) -> &'static Self {
        Self::table(ui.visuals().dark_mode)
    }

    /// The table of the window's theme.
    pub fn of_ctx(ctx: &Context) -> &'static Self {
        Self::table(ctx.theme() == egui::Theme::Dark)
    }

    pub fn table(dark: bool) -> &'static Self {
        if dark { &DARK } else { &LIGHT }
    }

    /// A lane or series colour; the list starts again after the eighth.
    pub fn lane(&self, index: usize) -> Color32 {
        self.lanes[index % self.lanes.len()]
    }

    /// The readable colour nearest to one of a terminal's 16: 0 to 7 normal, 8 to 15 bright.
    pub fn ansi(&self, index: u8) -> Color32 {
        match index % 8 {
            0 => self.text_weak,
            1 => self.danger.text,
            2 => self.success.text,
            3 => self.warning.text,
            4 => self.accent.text,
            5 => self.syntax.keyword,
            6 => self.info.text,
            _ => self.text,
        }
    }

    /// A foreign colour moved towards the text until it can be read on the page.
    pub fn readable(&self, r: u8, g: u8, b: u8) -> Color32 {
        let wanted = self.exact(r, g, b);
        let mut colour = wanted;
        for step in 1..=10 {
            if contrast(colour, self.surface_1) >= 4.5 {
                break;
            }
            colour = mix(wanted, self.text, step as f32 / 10.0);
        }
        colour
    }

    /// A foreign colour as it is, for the ground of a cell.
    pub fn exact(&self, r: u8, g: u8, b: u8) -> Color32 {
        hex(u32::from(r) << 16 | u32::from(g) << 8 | u32::from(b))
    }

    /// An entry of a terminal's table of 256 above the first 16 as it is, for the ground of a cell.
    pub fn exact_256(&self, index: u8) -> Color32 {
        let (r, g, b) = of_256(index);
        self.exact(r, g, b)
    }

    /// The readable colour for an entry of a terminal's table of 256.
    pub fn ansi_256(&self, index: u8) -> Color32 {
        match index {
            0..=15 => self.ansi(index),
            _ => {
                let (r, g, b) = of_256(index);
                self.readable(r, g, b)
            }
        }
    }
}

/// The cube of 216 colours and the ramp of 24 greys (xterm's).
fn of_256(index: u8) -> (u8, u8, u8) {
    let level = |n: u8| if n == 0 { 0 } else { 55 + n * 40 };
    if index >= 232 {
        let grey = 8 + (index - 232) * 10;
        return (grey, grey, grey);
    }
    let n = index.saturating_sub(16);
    (level(n / 36), level(n / 6 % 6), level(n % 6))
}

/// Both colours in sRGB, `share` of the second.
pub fn mix(a: Color32, b: Color32, share: f32) -> Color32 {
    a.lerp_to_gamma(b, share.clamp(0.0, 1.0))
}

/// Contrast of two opaque colours by WCAG 2.
pub fn contrast(a: Color32, b: Color32) -> f32 {
    let luminance = |colour: Color32| {
        let linear = |byte: u8| {
            let c = f32::from(byte) / 255.0;
            if c <= 0.040_45 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Measures in points.
pub mod measure {
    pub const SPACE_4: f32 = 4.0;
    pub const SPACE_8: f32 = 8.0;
    pub const SPACE_12: f32 = 12.0;
    pub const SPACE_16: f32 = 16.0;
    pub const SPACE_24: f32 = 24.0;
    /// Left and right of a page.
    pub const GUTTER: f32 = 16.0;
    /// Between an icon and its word.
    pub const ICON_GAP: f32 = 6.0;

    /// Buttons, inputs, cards, popups.
    pub const RADIUS: u8 = 6;
    /// Chips, tags, key caps.
    pub const RADIUS_CHIP: u8 = 4;
    /// Bars and swatches.
    pub const RADIUS_BAR: u8 = 2;

    pub const ROW: f32 = 26.0;
    pub const ROW_DENSE: f32 = 22.0;
    /// Commit graph, test tree, thread.
    pub const ROW_GRAPH: f32 = 24.0;
    /// Workspaces.
    pub const ROW_TALL: f32 = 28.0;
    pub const ROW_HEADER: f32 = 28.0;
    /// A line of a difference or of a log.
    pub const ROW_CODE: f32 = 19.0;
    pub const ROW_PALETTE: f32 = 34.0;

    pub const TEXT_CHART: f32 = 11.0;
    pub const TEXT_LOG: f32 = 11.5;
    pub const TEXT_SMALL: f32 = 12.0;
    pub const TEXT_MONO: f32 = 12.0;
    pub const TEXT_BODY: f32 = 13.0;
    pub const TEXT_STRONG: f32 = 14.0;
    pub const TEXT_TITLE: f32 = 18.0;
    pub const TEXT_NUMBER: f32 = 22.0;

    /// Icons in the sidebar and in headers.
    pub const ICON: f32 = 16.0;
    /// Icons in rows and small buttons.
    pub const ICON_SMALL: f32 = 14.0;

    pub const SIDEBAR: f32 = 152.0;
    pub const SIDEBAR_ICONS: f32 = 44.0;
    pub const SIDEBAR_ENTRY: f32 = 30.0;
    pub const TOP_BAR: f32 = 44.0;
    pub const PAGE_HEADER: f32 = 48.0;
    pub const TABS: f32 = 32.0;
    pub const STATUS_BAR: f32 = 24.0;
    pub const SEARCH: f32 = 340.0;
    pub const DETAIL: f32 = 288.0;
    pub const ACTIVITY_CLOSED: f32 = 28.0;
    pub const ACTIVITY_OPEN: f32 = 160.0;
    pub const ACTIVITY_LIST: f32 = 560.0;
    pub const BUTTON: f32 = 28.0;
    pub const BUTTON_SMALL: f32 = 22.0;
    pub const INPUT: f32 = 28.0;
    /// Chips and tags.
    pub const CHIP: f32 = 18.0;
    pub const PALETTE: f32 = 600.0;
    pub const PALETTE_TOP: f32 = 72.0;
    pub const LANE: f32 = 14.0;
    /// The label of a fact.
    pub const FACT_LABEL: f32 = 92.0;
    /// How wide it becomes where a word needs it.
    pub const FACT_LABEL_MOST: f32 = 140.0;
    /// The kind of a step of a thread.
    pub const THREAD_KIND: f32 = 78.0;
    /// The box that a state's shape is drawn in.
    pub const MARK: f32 = 10.0;
}

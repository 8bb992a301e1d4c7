//! The cells of a terminal: what a program prints goes in, what is in sight comes out. Nothing that is printed acts outside of it: no
//! title, no clipboard, no colours or sizes told, no link but http and https.

use crate::base::screen::{
    CellAt, Cursor, CursorShape, Ink, Modes, MouseWish, Run, Screen, ScreenInput, SelectBy, Style, pasted,
};
use alacritty_terminal::event::{Event, EventListener};
use alacritty_terminal::grid::{Dimensions, Scroll};
use alacritty_terminal::index::{Column, Direction, Line, Point, Side};
use alacritty_terminal::selection::{Selection, SelectionRange, SelectionType};
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::term::search::{Match, RegexIter, RegexSearch};
use alacritty_terminal::term::{Config, Osc52, Term, TermMode, viewport_to_point};
use alacritty_terminal::vte::ansi::{self, Color, NamedColor, Processor};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Lines that are kept above what is in sight.
pub const KEPT: usize = 10_000;
/// Answers to questions of a program that wait to be sent: a flood of questions is not answered whole.
const MAX_REPLIES: usize = 16 * 1024;
/// A selection that is copied.
const MAX_COPY: usize = 4 * 1024 * 1024;
/// Links of one screen, and the longest of them.
const MAX_LINKS: usize = 256;
const MAX_LINK: usize = 2048;
const MIN_SIZE: (u16, u16) = (2, 1);
const MAX_SIZE: (u16, u16) = (1000, 500);
/// What counts as a link in plain words; the end of a sentence is not part of it.
const LINK: &str = "https?://[^\\x00-\\x20\\x7f-\\u{a0}<>\"'`{}|\\\\^]*[^\\x00-\\x20\\x7f-\\u{a0}<>\"'`{}|\\\\^.,:;!?)\\]]";

/// Hears what a program asks of the terminal around the cells, and lets through the answers of fixed form alone (CSI c, n, $p): nothing
/// a program printed before is ever given back to it.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<u8>>>);

impl EventListener for Listener {
    fn send_event(&self, event: Event) {
        if let Event::PtyWrite(answer) = event {
            let mut held = lock(&self.0);
            if held.len() + answer.len() <= MAX_REPLIES {
                held.extend_from_slice(answer.as_bytes());
            }
        }
    }
}

/// What the search stands on.
struct Search {
    words: String,
    regex: RegexSearch,
    at: Option<Match>,
}

/// A terminal.
pub struct Grid {
    term: Term<Listener>,
    parser: Processor,
    replies: Listener,
    link: Option<RegexSearch>,
    search: Option<Search>,
}

struct Size(u16, u16);

impl Dimensions for Size {
    fn total_lines(&self) -> usize {
        self.screen_lines()
    }

    fn screen_lines(&self) -> usize {
        usize::from(self.1)
    }

    fn columns(&self) -> usize {
        usize::from(self.0)
    }
}

impl Grid {
    /// Columns and rows.
    pub fn new(size: (u16, u16)) -> Self {
        let (columns, rows) = within(size);
        let replies = Listener::default();
        let config = Config {
            scrolling_history: KEPT,
            osc52: Osc52::Disabled,
            kitty_keyboard: false,
            ..Config::default()
        };
        Self {
            term: Term::new(config, &Size(columns, rows), replies.clone()),
            parser: Processor::new(),
            replies,
            link: RegexSearch::new(LINK).ok(),
            search: None,
        }
    }

    /// Takes in what a program printed.
    pub fn feed(&mut self, bytes: &[u8]) {
        let n_before = self.term.history_size();
        self.parser.advance(&mut self.term, bytes);
        let n_more = self.term.history_size().saturating_sub(n_before) as i32;
        if let Some(search) = &mut self.search {
            // What was found moves up with its line; where that can not be told any more, the search begins anew.
            let is_full = self.term.history_size() >= KEPT;
            search.at = search.at.take().filter(|_| !is_full).map(|at| {
                let moved = |point: &Point| Point::new(Line(point.line.0 - n_more), point.column);
                moved(at.start())..=moved(at.end())
            });
        }
    }

    /// What is to be sent to the program because of what it printed.
    pub fn take_replies(&mut self) -> Vec<u8> {
        std::mem::take(&mut *lock(&self.replies.0))
    }

    /// A program that began to draw as a whole (mode 2026) has until then.
    pub fn waits_until(&self) -> Option<Instant> {
        self.parser.sync_timeout().sync_timeout()
    }

    /// It did not end in time: what it drew is shown.
    pub fn stop_waiting(&mut self) {
        self.parser.stop_sync(&mut self.term);
    }

    pub fn size(&self) -> (u16, u16) {
        (self.term.columns() as u16, self.term.screen_lines() as u16)
    }

    /// Does what a person did. Gives what is to be sent to the program.
    pub fn take_in(&mut self, input: ScreenInput) -> Vec<u8> {
        match input {
            ScreenInput::Keys(bytes) => {
                self.term.scroll_display(Scroll::Bottom);
                return bytes;
            }
            ScreenInput::Paste(text) => {
                self.term.scroll_display(Scroll::Bottom);
                return pasted(&text, self.term.mode().contains(TermMode::BRACKETED_PASTE));
            }
            ScreenInput::Resize { columns, rows } => {
                let (columns, rows) = within((columns, rows));
                self.term.resize(Size(columns, rows));
                self.search = None;
            }
            ScreenInput::Scroll(lines) => self.term.scroll_display(Scroll::Delta(lines)),
            ScreenInput::ScrollToEnd => self.term.scroll_display(Scroll::Bottom),
            ScreenInput::Select { at, by } => {
                let (point, side) = self.point(at);
                let kind = match by {
                    SelectBy::Cell => SelectionType::Simple,
                    SelectBy::Word => SelectionType::Semantic,
                    SelectBy::Line => SelectionType::Lines,
                    SelectBy::Block => SelectionType::Block,
                };
                self.term.selection = Some(Selection::new(kind, point, side));
            }
            ScreenInput::SelectTo(at) => {
                let (point, side) = self.point(at);
                if let Some(selection) = &mut self.term.selection {
                    selection.update(point, side);
                }
            }
            ScreenInput::SelectNothing => self.term.selection = None,
            // Copying is told, not sent.
            ScreenInput::Copy => {}
            ScreenInput::Search { words, towards_newer } => self.find(words, towards_newer),
        }
        Vec::new()
    }

    /// The words that are selected.
    pub fn selected(&self) -> Option<String> {
        let mut text = self.term.selection_to_string().filter(|text| !text.is_empty())?;
        let end = text.floor_char_boundary(MAX_COPY);
        text.truncate(end);
        Some(text)
    }

    /// Searches for words as they are; capital letters count when there are some.
    fn find(&mut self, words: String, towards_newer: bool) {
        if words.is_empty() {
            self.search = None;
            return;
        }
        let is_same = self.search.as_ref().is_some_and(|search| search.words == words);
        if !is_same {
            let Ok(regex) = RegexSearch::new(&regex::escape(&words)) else {
                self.search = None;
                return;
            };
            self.search = Some(Search { words, regex, at: None });
        }
        let Some(search) = &mut self.search else { return };
        let direction = if towards_newer { Direction::Right } else { Direction::Left };
        let newest = Point::new(self.term.bottommost_line(), self.term.last_column());
        let origin = match (&search.at, towards_newer) {
            (Some(at), true) => after(&self.term, *at.end()),
            (Some(at), false) => before(&self.term, *at.start()),
            (None, _) => newest,
        };
        let side = if towards_newer { Side::Left } else { Side::Right };
        search.at = self.term.search_next(&mut search.regex, origin, direction, side, None);
        if let Some(at) = &search.at {
            let point = *at.start();
            self.term.scroll_to_point(point);
        }
    }

    fn point(&self, at: CellAt) -> (Point, Side) {
        let row = usize::from(at.row).min(self.term.screen_lines() - 1);
        let column = Column(usize::from(at.column).min(self.term.columns() - 1));
        let point = viewport_to_point(self.term.grid().display_offset(), Point::new(row, column));
        let side = if at.is_right_half { Side::Right } else { Side::Left };
        (point, side)
    }

    /// What is in sight now.
    pub fn screen(&mut self) -> Screen {
        let offset = self.term.grid().display_offset();
        let top = Line(-(offset as i32));
        let bottom = Line(top.0 + self.term.screen_lines() as i32 - 1);
        let seen = Point::new(top, Column(0))..=Point::new(bottom, self.term.last_column());
        let mut marks = Marks {
            found: Vec::new(),
            current: None,
            links: Vec::new(),
            targets: Vec::new(),
        };
        if let Some(search) = &mut self.search {
            marks.current.clone_from(&search.at);
            marks.found = matches_in(&self.term, &mut search.regex, &seen);
        }
        if let Some(link) = &mut self.link {
            for found in matches_in(&self.term, link, &seen) {
                let target = self.term.bounds_to_string(*found.start(), *found.end());
                marks.link(found, target);
            }
        }
        let selection = self
            .term
            .selection
            .as_ref()
            .and_then(|selection| selection.to_range(&self.term));
        let lines = (top.0..=bottom.0)
            .map(|line| self.line(Line(line), selection.as_ref(), &mut marks))
            .collect();
        let mode = *self.term.mode();
        Screen {
            columns: self.term.columns() as u16,
            rows: self.term.screen_lines() as u16,
            lines,
            cursor: self.cursor(offset),
            offset: offset as u32,
            n_above: self.term.history_size() as u32,
            modes: modes(mode),
            links: marks.targets,
            has_selection: selection.is_some(),
            search: self.search.as_ref().map(|search| search.at.is_some()),
        }
    }

    fn cursor(&self, offset: usize) -> Option<Cursor> {
        let cursor = self.term.renderable_content().cursor;
        let shape = match cursor.shape {
            ansi::CursorShape::Hidden => return None,
            ansi::CursorShape::Underline => CursorShape::Underline,
            ansi::CursorShape::Beam => CursorShape::Bar,
            ansi::CursorShape::Block | ansi::CursorShape::HollowBlock => CursorShape::Block,
        };
        let row = cursor.point.line.0 + offset as i32;
        let row = u16::try_from(row)
            .ok()
            .filter(|row| usize::from(*row) < self.term.screen_lines())?;
        Some(Cursor {
            row,
            column: cursor.point.column.0 as u16,
            shape,
        })
    }

    fn line(&self, line: Line, selection: Option<&SelectionRange>, marks: &mut Marks) -> Vec<Run> {
        let row = &self.term.grid()[line];
        let mut runs: Vec<Run> = Vec::new();
        for column in 0..self.term.columns() {
            let cell = &row[Column(column)];
            if cell
                .flags
                .intersects(Flags::WIDE_CHAR_SPACER | Flags::LEADING_WIDE_CHAR_SPACER)
            {
                continue;
            }
            let point = Point::new(line, Column(column));
            let is_wide = cell.flags.contains(Flags::WIDE_CHAR);
            let mut style = style(cell.flags);
            style.selected = selection.is_some_and(|range| range.contains(point));
            style.found = marks.found.iter().any(|found| found.contains(&point));
            style.current = marks.current.as_ref().is_some_and(|found| found.contains(&point));
            let new = Run {
                column: column as u16,
                width: if is_wide { 2 } else { 1 },
                text: shown(cell),
                ink: ink(cell.fg),
                ground: ink(cell.bg),
                style,
                link: marks.of(cell, point),
            };
            match runs.last_mut().filter(|run| goes_on(run, &new)) {
                Some(run) => {
                    run.text.push_str(&new.text);
                    run.width += 1;
                }
                None => runs.push(new),
            }
        }
        while runs.last().is_some_and(is_empty) {
            runs.pop();
        }
        runs
    }
}

/// What lies over the cells.
struct Marks {
    found: Vec<Match>,
    current: Option<Match>,
    links: Vec<(u16, Match)>,
    targets: Vec<String>,
}

impl Marks {
    /// The number of a target; None when it is none that is ever opened.
    fn target(&mut self, target: &str) -> Option<u16> {
        let is_web = target.starts_with("http://") || target.starts_with("https://");
        let is_plain = target.len() <= MAX_LINK && target.chars().all(|c| !c.is_control() && !c.is_whitespace());
        if !is_web || !is_plain {
            return None;
        }
        let known = self.targets.iter().position(|known| known == target);
        let at = known.or_else(|| {
            (self.targets.len() < MAX_LINKS).then(|| {
                self.targets.push(target.to_owned());
                self.targets.len() - 1
            })
        });
        at.map(|at| at as u16)
    }

    fn link(&mut self, cells: Match, target: String) {
        if let Some(at) = self.target(&target) {
            self.links.push((at, cells));
        }
    }

    fn of(&mut self, cell: &Cell, point: Point) -> Option<u16> {
        if let Some(link) = cell.hyperlink() {
            return self.target(link.uri());
        }
        self.links.iter().find(|(_, cells)| cells.contains(&point)).map(|(at, _)| *at)
    }
}

fn matches_in(term: &Term<Listener>, regex: &mut RegexSearch, seen: &RangeInclusive<Point>) -> Vec<Match> {
    let all = RegexIter::new(*seen.start(), *seen.end(), Direction::Right, term, regex);
    all.take_while(|found| seen.contains(found.start())).take(MAX_LINKS).collect()
}

fn after(term: &Term<Listener>, point: Point) -> Point {
    point.add(term, alacritty_terminal::index::Boundary::None, 1)
}

fn before(term: &Term<Listener>, point: Point) -> Point {
    point.sub(term, alacritty_terminal::index::Boundary::None, 1)
}

/// Text that is drawn cell by cell goes alone: a font may draw it wider or narrower than a cell.
fn goes_on(run: &Run, new: &Run) -> bool {
    run.column + run.width == new.column
        && new.width == 1
        && run.text.is_ascii()
        && new.text.is_ascii()
        && run.ink == new.ink
        && run.ground == new.ground
        && run.style == new.style
        && run.link == new.link
}

fn is_empty(run: &Run) -> bool {
    run.ground == Ink::Default
        && run.text.bytes().all(|byte| byte == b' ')
        && !(run.style.inverse || run.style.selected || run.style.underline || run.style.strike || run.style.found)
}

fn shown(cell: &Cell) -> String {
    let mut text = String::new();
    text.push(if cell.c.is_control() { ' ' } else { cell.c });
    for c in cell.zerowidth().unwrap_or_default().iter().take(4) {
        text.push(*c);
    }
    text
}

fn style(flags: Flags) -> Style {
    Style {
        bold: flags.contains(Flags::BOLD),
        dim: flags.contains(Flags::DIM),
        italic: flags.contains(Flags::ITALIC),
        underline: flags.intersects(Flags::ALL_UNDERLINES),
        strike: flags.contains(Flags::STRIKEOUT),
        inverse: flags.contains(Flags::INVERSE),
        hidden: flags.contains(Flags::HIDDEN),
        ..Style::default()
    }
}

fn ink(colour: Color) -> Ink {
    match colour {
        Color::Spec(rgb) => Ink::Rgb(rgb.r, rgb.g, rgb.b),
        Color::Indexed(index) => Ink::Table(index),
        Color::Named(name) => match name as usize {
            index @ 0..=15 => Ink::Table(index as u8),
            index if (NamedColor::DimBlack as usize..=NamedColor::DimWhite as usize).contains(&index) => {
                Ink::Table((index - NamedColor::DimBlack as usize) as u8)
            }
            _ => Ink::Default,
        },
    }
}

fn modes(mode: TermMode) -> Modes {
    let mouse = if mode.contains(TermMode::MOUSE_MOTION) {
        MouseWish::Motion
    } else if mode.contains(TermMode::MOUSE_DRAG) {
        MouseWish::Drags
    } else if mode.contains(TermMode::MOUSE_REPORT_CLICK) {
        MouseWish::Clicks
    } else {
        MouseWish::Nothing
    };
    Modes {
        app_cursor: mode.contains(TermMode::APP_CURSOR),
        bracketed_paste: mode.contains(TermMode::BRACKETED_PASTE),
        mouse,
        sgr_mouse: mode.contains(TermMode::SGR_MOUSE),
        wheel_arrows: mode.contains(TermMode::ALT_SCREEN | TermMode::ALTERNATE_SCROLL),
        focus_events: mode.contains(TermMode::FOCUS_IN_OUT),
        full_screen: mode.contains(TermMode::ALT_SCREEN),
    }
}

fn within((columns, rows): (u16, u16)) -> (u16, u16) {
    (columns.clamp(MIN_SIZE.0, MAX_SIZE.0), rows.clamp(MIN_SIZE.1, MAX_SIZE.1))
}

fn lock(held: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

//! The command palette: everything that can be done or gone to, found by a few letters.

use super::finding::{BEGINS_WORD, is_run, words};
pub use super::finding::{fuzzy, is_found, nearly};
use super::icons::{self, Icon};
use super::text::{self, Cut, Look};
use super::theme::{self, font};
use super::tokens::{Tokens, measure};
use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Context, Id, Key, Layout, Margin, Modifiers, Rect, Role, ScrollArea, Sense, Ui, UiBuilder};
use egui::{TextEdit, WidgetInfo, pos2, vec2};

/// One thing that can be chosen.
#[derive(Clone, Debug)]
pub struct PaletteEntry<T> {
    /// Groups stand in the order in which they first appear.
    pub group: String,
    pub icon: Option<Icon>,
    pub title: String,
    /// Weak words behind the title: what it is about.
    pub context: String,
    pub shortcut: Option<String>,
    pub disabled_because: Option<String>,
    /// Looks for the words that are typed, whatever they are; offered once there are some.
    pub searches: bool,
    pub value: T,
}

impl<T> PaletteEntry<T> {
    pub fn new(group: impl Into<String>, title: impl Into<String>, value: T) -> Self {
        Self {
            group: group.into(),
            icon: None,
            title: title.into(),
            context: String::new(),
            shortcut: None,
            disabled_because: None,
            searches: false,
            value,
        }
    }

    pub fn searching(mut self) -> Self {
        self.searches = true;
        self
    }

    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.context = context.into();
        self
    }

    pub fn shortcut(mut self, shortcut: Option<String>) -> Self {
        self.shortcut = shortcut;
        self
    }

    pub fn disabled_because(mut self, why: Option<String>) -> Self {
        self.disabled_because = why;
        self
    }
}

/// What the palette remembers while it is open.
#[derive(Clone, Debug, Default)]
pub struct PaletteState {
    pub open: bool,
    pub query: String,
    cursor: usize,
    /// Group and title of the entry at the cursor: it stays there while other entries come.
    held: Option<(String, String)>,
    just_opened: bool,
}

impl PaletteState {
    pub fn open(&mut self) {
        *self = Self {
            open: true,
            just_opened: true,
            ..Self::default()
        };
    }
}

struct Hit {
    entry: usize,
    score: i32,
    title: Vec<usize>,
    context: Vec<usize>,
}

impl Hit {
    fn begins_title(&self) -> bool {
        self.begins_word() && self.title.first() == Some(&0)
    }

    fn begins_word(&self) -> bool {
        self.score >= BEGINS_WORD && !self.title.is_empty()
    }

    fn is_strewn(&self) -> bool {
        self.score < BEGINS_WORD && !(is_run(&self.title) && is_run(&self.context))
    }
}

/// Draws the palette while it is open; the entry that was chosen. Esc and a click outside close it.
pub fn palette_ui<T: Clone>(ctx: &Context, state: &mut PaletteState, entries: &[PaletteEntry<T>]) -> Option<T> {
    if !state.open {
        return None;
    }
    let t = Tokens::of_ctx(ctx);
    let screen = ctx.content_rect();
    let hits = find(&state.query, entries);
    let is_held = |hit: &Hit| {
        let entry = &entries[hit.entry];
        state
            .held
            .as_ref()
            .is_some_and(|(group, title)| *group == entry.group && *title == entry.title)
    };
    state.cursor = hits.iter().position(is_held).unwrap_or(state.cursor);
    state.cursor = state.cursor.min(hits.len().saturating_sub(1));
    let mut chosen = None;
    move_cursor(ctx, state, hits.len());
    let at_cursor = hits.get(state.cursor).map(|hit| &entries[hit.entry]);
    // What only searches elsewhere gives its place to what is found.
    let is_kept = |entry: &&PaletteEntry<T>| state.cursor > 0 || !entry.searches;
    state.held = at_cursor
        .filter(is_kept)
        .map(|entry| (entry.group.clone(), entry.title.clone()));
    if ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
        chosen = hits.get(state.cursor).map(|hit| hit.entry);
    }
    let mut close = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    let id = Id::unique("ui-palette");
    let width = measure::PALETTE.min(screen.width() - 32.0).max(100.0);
    let area = egui::Modal::default_area(id).anchor(
        egui::Align2::CENTER_TOP,
        vec2(0.0, measure::PALETTE_TOP.min(screen.height() * 0.2)),
    );
    let frame = theme::popup_frame(t).inner_margin(Margin::ZERO);
    let modal = egui::Modal::new(id)
        .area(area)
        .backdrop_color(t.scrim)
        .frame(frame)
        .show(ctx, |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
            query_ui(ui, state);
            let list_height = (screen.height() - 72.0 - 44.0 - 32.0 - 40.0).clamp(40.0, 400.0);
            if let Some(entry) = list_ui(ui, state, entries, &hits, list_height) {
                chosen = Some(entry);
            }
            foot_ui(ui, hits.len(), entries.len());
        });
    close |= modal.backdrop_response.clicked();
    let chosen = chosen.filter(|entry| entries[*entry].disabled_because.is_none());
    if chosen.is_some() || close {
        state.open = false;
        ctx.request_repaint();
    }
    chosen.map(|entry| entries[entry].value.clone())
}

fn move_cursor(ctx: &Context, state: &mut PaletteState, n_hits: usize) {
    let last = n_hits.saturating_sub(1);
    ctx.input_mut(|input| {
        if input.consume_key(Modifiers::NONE, Key::ArrowDown) {
            state.cursor = if state.cursor >= last { 0 } else { state.cursor + 1 };
        }
        if input.consume_key(Modifiers::NONE, Key::ArrowUp) {
            state.cursor = if state.cursor == 0 { last } else { state.cursor - 1 };
        }
        if input.consume_key(Modifiers::NONE, Key::PageDown) {
            state.cursor = (state.cursor + 8).min(last);
        }
        if input.consume_key(Modifiers::NONE, Key::PageUp) {
            state.cursor = state.cursor.saturating_sub(8);
        }
    });
}

fn query_ui(ui: &mut Ui, state: &mut PaletteState) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 44.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, (1.0, t.line));
    icons::paint(
        ui.painter(),
        pos2(rect.left() + 20.0, rect.center().y),
        icons::SEARCH,
        measure::ICON,
        t.text,
    );
    let inner = Rect::from_min_max(pos2(rect.left() + 36.0, rect.top()), pos2(rect.right() - 12.0, rect.bottom()));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)));
    let escape = text::tr(ui, "ui-key-escape");
    text::key_cap(&mut child, &escape);
    let name = text::tr(ui, "ui-palette-hint");
    let before = state.query.clone();
    let response = child.add(
        TextEdit::singleline(&mut state.query)
            .id(Id::unique("ui-palette-query"))
            .hint_text(egui::RichText::new(&name).color(t.text_weak))
            .font(font::regular(measure::TEXT_STRONG))
            .frame(egui::Frame::NONE)
            .margin(Margin::ZERO)
            .align(egui::Align2::LEFT_CENTER)
            .min_size(vec2(40.0, 28.0))
            .desired_width(child.available_width()),
    );
    response.widget_info(|| {
        let mut info = WidgetInfo::text_edit(true, &before, &state.query, &name);
        info.label = Some(name.clone());
        info
    });
    if state.just_opened || !response.has_focus() {
        response.request_focus();
        state.just_opened = false;
    }
    if response.changed() {
        state.cursor = 0;
        state.held = None;
    }
}

fn list_ui<T>(ui: &mut Ui, state: &mut PaletteState, entries: &[PaletteEntry<T>], hits: &[Hit], height: f32) -> Option<usize> {
    let t = Tokens::of(ui);
    let mut chosen = None;
    let moved = ui.input(|input| {
        input
            .events
            .iter()
            .any(|event| matches!(event, egui::Event::Key { pressed: true, .. }))
    });
    ScrollArea::vertical()
        .max_height(height)
        .auto_shrink([false, true])
        .id_salt("palette-list")
        .animated(false)
        .show(ui, |ui| {
            if hits.is_empty() {
                let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 48.0), Sense::hover());
                let words = text::tr(ui, "ui-palette-nothing");
                let look = Look {
                    font: font::body(),
                    colour: t.text_weak,
                    cut: Cut::End,
                };
                text::paint_line(ui, rect.shrink2(vec2(13.0, 0.0)), &words, &look, Align::Min);
            }
            let mut group = "";
            for (row, hit) in hits.iter().enumerate() {
                let entry = &entries[hit.entry];
                if entry.group != group {
                    group = &entry.group;
                    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::hover());
                    let look = Look {
                        font: font::medium(measure::TEXT_SMALL),
                        colour: t.text_weak,
                        cut: Cut::End,
                    };
                    text::paint_line(
                        ui,
                        rect.shrink2(vec2(13.0, 0.0)).translate(vec2(0.0, 3.0)),
                        group,
                        &look,
                        Align::Min,
                    );
                }
                let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), measure::ROW_PALETTE), Sense::CLICK);
                let enabled = entry.disabled_because.is_none();
                response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, enabled, row == state.cursor, &entry.title));
                if row == state.cursor {
                    ui.painter().rect_filled(rect, 0.0, t.accent.weak);
                    ui.painter()
                        .rect_filled(Rect::from_min_size(rect.min, vec2(2.0, rect.height())), 0.0, t.accent.mark);
                    if moved {
                        ui.scroll_to_rect(rect.expand2(vec2(0.0, 4.0)), None);
                    }
                } else if response.hovered() {
                    ui.painter().rect_filled(rect, 0.0, t.surface_3);
                }
                if ui.is_rect_visible(rect) {
                    let context = if entry.searches { state.query.trim() } else { &entry.context };
                    entry_ui(ui, rect, entry, (context, hit), row == state.cursor);
                }
                let response = if let Some(why) = &entry.disabled_because {
                    response.on_hover_text(why)
                } else {
                    response
                };
                if response.clicked() {
                    state.cursor = row;
                    chosen = Some(hit.entry);
                }
            }
            ui.add_space(4.0);
        });
    chosen
}

fn entry_ui<T>(ui: &Ui, rect: Rect, entry: &PaletteEntry<T>, (context, hit): (&str, &Hit), at_cursor: bool) {
    let t = Tokens::of(ui);
    let enabled = entry.disabled_because.is_none();
    let colour = if enabled { t.text } else { t.text_weak };
    if let Some(icon) = entry.icon {
        let icon_colour = if at_cursor { t.accent.text } else { t.text_weak };
        icons::paint(
            ui.painter(),
            pos2(rect.left() + 20.0, rect.center().y),
            icon,
            measure::ICON,
            icon_colour,
        );
    }
    let mut right = rect.right() - 12.0;
    if let Some(shortcut) = &entry.shortcut {
        let galley = ui
            .painter()
            .layout_no_wrap(shortcut.clone(), font::regular(measure::TEXT_CHART), t.text_weak);
        let cap = Rect::from_min_size(
            pos2(right - galley.size().x - 10.0, rect.center().y - 9.0),
            vec2(galley.size().x + 10.0, 18.0),
        );
        ui.painter()
            .rect_stroke(cap, measure::RADIUS_CHIP, (1.0, t.line_strong), egui::StrokeKind::Inside);
        ui.painter().galley(cap.center() - galley.size() / 2.0, galley, t.text_weak);
        right = cap.left() - 8.0;
    }
    let mut job = LayoutJob::default();
    let looks = (font::body(), font::semibold(measure::TEXT_BODY));
    highlight(&mut job, &entry.title, &hit.title, &looks, colour, t.accent.text);
    if !context.is_empty() {
        let small = (font::small(), font::semibold(measure::TEXT_SMALL));
        job.append("   ", 0.0, TextFormat::simple(font::body(), t.text_weak));
        highlight(&mut job, context, &hit.context, &small, t.text_weak, t.accent.text);
    }
    job.wrap.max_width = (right - rect.left() - 41.0).max(0.0);
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(
        pos2(rect.left() + 41.0, rect.center().y - galley.size().y / 2.0),
        galley,
        colour,
    );
}

fn highlight(
    job: &mut LayoutJob,
    text: &str,
    matched: &[usize],
    fonts: &(egui::FontId, egui::FontId),
    plain: egui::Color32,
    accent: egui::Color32,
) {
    let mut run = String::new();
    let mut run_matched = false;
    let mut flush = |run: &mut String, is_match: bool| {
        if !run.is_empty() {
            let (font, colour) = if is_match {
                (fonts.1.clone(), accent)
            } else {
                (fonts.0.clone(), plain)
            };
            let format = TextFormat {
                font_id: font,
                color: colour,
                valign: Align::Center,
                ..TextFormat::default()
            };
            job.append(run, 0.0, format);
            run.clear();
        }
    };
    for (i, c) in text.chars().enumerate() {
        let is_match = matched.binary_search(&i).is_ok();
        if is_match != run_matched {
            flush(&mut run, run_matched);
            run_matched = is_match;
        }
        run.push(c);
    }
    flush(&mut run, run_matched);
}

fn foot_ui(ui: &mut Ui, n_hits: usize, n_entries: usize) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, (1.0, t.line));
    let inner = rect.shrink2(vec2(12.0, 0.0));
    let mut left = ui.new_child(
        UiBuilder::new()
            .max_rect(inner)
            .layout(Layout::left_to_right(Align::Center))
            .id_salt("keys"),
    );
    for (key, word) in [("↑ ↓", "ui-palette-choose"), ("", "ui-palette-run")] {
        let enter = text::tr(ui, "ui-key-enter");
        text::key_cap(&mut left, if key.is_empty() { &enter } else { key });
        let word = text::tr(ui, word);
        text::small(&mut left, &word);
        left.add_space(4.0);
    }
    let mut right = ui.new_child(
        UiBuilder::new()
            .max_rect(inner)
            .layout(Layout::right_to_left(Align::Center))
            .id_salt("count"),
    );
    let words = text::say(ui, &crate::msg!("ui-palette-count", n = n_hits, total = n_entries));
    text::small(&mut right, &words);
}

/// The entries that match, best first inside each group; groups in their order of appearance, those before that have a title which
/// begins with what was typed.
fn find<T>(query: &str, entries: &[PaletteEntry<T>]) -> Vec<Hit> {
    const MAX_HITS: usize = 200;
    const MIN_SEARCH: usize = 2;
    let mut hits: Vec<Hit> = Vec::new();
    for (i, entry) in entries.iter().enumerate() {
        if entry.searches && query.trim().chars().count() < MIN_SEARCH {
            continue;
        }
        let (score, title, context) = match in_entry(query, entry) {
            Some(found) => found,
            None if entry.searches => (0, Vec::new(), Vec::new()),
            None => continue,
        };
        let entry = i;
        hits.push(Hit {
            entry,
            score,
            title,
            context,
        });
    }
    // Slips are forgiven where nothing is what was typed.
    if hits.iter().all(|hit| entries[hit.entry].searches) {
        let slips = entries.iter().enumerate().filter(|(_, entry)| !entry.searches);
        hits.extend(slips.filter_map(|(entry, of)| {
            let (score, title) = nearly(query, &of.title)?;
            Some(Hit {
                entry,
                score,
                title,
                context: Vec::new(),
            })
        }));
    }
    // Letters here and there are what was meant only where nothing has the word itself.
    if hits.iter().any(|hit| hit.begins_word()) {
        hits.retain(|hit| entries[hit.entry].searches || !hit.is_strewn());
    }
    let mut groups: Vec<(&str, Vec<Hit>)> = Vec::new();
    hits.sort_by_key(|hit| hit.entry);
    for hit in hits {
        let group = entries[hit.entry].group.as_str();
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, hits)) => hits.push(hit),
            None => groups.push((group, vec![hit])),
        }
    }
    for (_, hits) in &mut groups {
        hits.sort_by_key(|hit| std::cmp::Reverse(hit.score));
    }
    groups.sort_by_key(|(_, hits)| !hits.iter().any(Hit::begins_title));
    // What searches stands last and is never cut off.
    let (found, searching): (Vec<Hit>, Vec<Hit>) = groups
        .into_iter()
        .flat_map(|(_, hits)| hits)
        .partition(|hit| !entries[hit.entry].searches);
    found.into_iter().take(MAX_HITS).chain(searching).collect()
}

/// A score, and the positions in the title or in the context.
fn in_entry<T>(query: &str, entry: &PaletteEntry<T>) -> Option<(i32, Vec<usize>, Vec<usize>)> {
    let in_title = fuzzy(query, &entry.title).map(|(score, title)| (score + 20, title, Vec::new()));
    if entry.searches {
        return in_title;
    }
    // Words of both: the area, and the act in it.
    let in_both = words(query, &entry.title, &entry.context);
    let best = in_title.into_iter().chain(in_both).max_by_key(|(score, ..)| *score);
    best.or_else(|| {
        // Scattered letters in a long context are chance, not a match.
        let (score, context) = fuzzy(query, &entry.context).filter(|(score, _)| *score > 0)?;
        Some((score, Vec::new(), context))
    })
}

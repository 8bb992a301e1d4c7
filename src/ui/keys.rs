//! The keys of the window, named once for the sheet, the configuration and the palette; and the list that a key leads to.

use super::text;
use super::tokens::{Tokens, measure};
use crate::base::Catalog;
use egui::{Align, Context, Id, Key, KeyboardShortcut, Layout, Modifiers, Sense, Ui, UiBuilder};

const fn shortcut(modifiers: Modifiers, key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(modifiers, key)
}

pub const PALETTE: KeyboardShortcut = shortcut(Modifiers::COMMAND, Key::K);
/// What the page is for.
pub const PRIMARY: KeyboardShortcut = shortcut(Modifiers::COMMAND, Key::Enter);
pub const ACTIVITY: KeyboardShortcut = shortcut(Modifiers::COMMAND, Key::J);
pub const FILTER: KeyboardShortcut = shortcut(Modifiers::COMMAND, Key::F);
pub const SIDEBAR: KeyboardShortcut = shortcut(Modifiers::COMMAND, Key::B);
pub const LIST: KeyboardShortcut = shortcut(Modifiers::NONE, Key::F6);
pub const HELP: KeyboardShortcut = shortcut(Modifiers::NONE, Key::F1);
pub const REFRESH: KeyboardShortcut = shortcut(Modifiers::NONE, Key::F5);
pub const BACK: KeyboardShortcut = shortcut(Modifiers::ALT, Key::ArrowLeft);
pub const FORWARD: KeyboardShortcut = shortcut(Modifiers::ALT, Key::ArrowRight);
pub const PROBLEMS: KeyboardShortcut = shortcut(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::M);
pub const SETTINGS: KeyboardShortcut = shortcut(Modifiers::COMMAND, Key::Num0);
pub const LARGER: KeyboardShortcut = shortcut(Modifiers::COMMAND, Key::Plus);
/// Where the plus needs Shift, people press the key without it.
pub const LARGER_TOO: KeyboardShortcut = shortcut(Modifiers::COMMAND, Key::Equals);
pub const SMALLER: KeyboardShortcut = shortcut(Modifiers::COMMAND, Key::Minus);
/// Outside of text fields, which have it for their own words.
pub const UNDO: KeyboardShortcut = shortcut(Modifiers::COMMAND, Key::Z);
pub const REDO: KeyboardShortcut = shortcut(Modifiers::COMMAND, Key::Y);
pub const MENU: KeyboardShortcut = shortcut(Modifiers::SHIFT, Key::F10);
pub const QUIT: KeyboardShortcut = shortcut(Modifiers::COMMAND, Key::Q);

/// The window's keys with the key of the text that says what each does.
pub const WINDOW: [(KeyboardShortcut, &str); 15] = [
    (PALETTE, "shell-shortcut-palette"),
    (FILTER, "shell-shortcut-filter"),
    (LIST, "shell-shortcut-list"),
    (HELP, "shell-shortcut-page-help"),
    (REFRESH, "shell-shortcut-refresh"),
    (ACTIVITY, "shell-shortcut-activity"),
    (SIDEBAR, "shell-shortcut-sidebar"),
    (PROBLEMS, "shell-shortcut-problems"),
    (BACK, "shell-shortcut-back"),
    (FORWARD, "shell-shortcut-forward"),
    (UNDO, "shell-shortcut-undo"),
    (SETTINGS, "shell-shortcut-config"),
    (LARGER, "shell-shortcut-larger"),
    (SMALLER, "shell-shortcut-smaller"),
    (QUIT, "shell-shortcut-quit"),
];

/// The digits open the pages in their order.
pub const DIGITS: [Key; 10] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
    Key::Num0,
];

/// The key of the page at this place of the sidebar.
pub fn of_page(at: usize) -> KeyboardShortcut {
    shortcut(Modifiers::COMMAND, DIGITS[at % DIGITS.len()])
}

/// A title, and its rows of keys and what they do.
pub type Group = (String, Vec<(String, String)>);

/// The keys that hold everywhere; `pages` are the names in the sidebar.
pub fn groups(ctx: &Context, texts: &Catalog, pages: &[String]) -> Vec<Group> {
    let say = |key: &str| texts.t(key).into_owned();
    let window = WINDOW
        .iter()
        .map(|(shortcut, key)| (text::shortcut_text(ctx, shortcut), say(key)));
    let help = ("?".to_owned(), say("shell-shortcut-help"));
    let pages = pages
        .iter()
        .enumerate()
        .map(|(at, name)| (text::shortcut_text(ctx, &of_page(at)), name.clone()));
    let pair = |modifiers: Modifiers, first: Key, second: Key| {
        let text = |key: Key| text::shortcut_text(ctx, &shortcut(modifiers, key));
        format!("{} {}", text(first), text(second))
    };
    let lists = vec![
        ("↑ ↓".to_owned(), say("shell-shortcut-move")),
        (pair(Modifiers::NONE, Key::Home, Key::End), say("shell-shortcut-ends")),
        (
            pair(Modifiers::SHIFT, Key::ArrowUp, Key::ArrowDown),
            say("shell-shortcut-extend"),
        ),
        (
            text::shortcut_text(ctx, &shortcut(Modifiers::COMMAND, Key::A)),
            say("shell-shortcut-all"),
        ),
        (say("ui-key-enter"), say("shell-shortcut-open")),
        (text::shortcut_text(ctx, &MENU), say("shell-shortcut-menu")),
        (text::shortcut_text(ctx, &PRIMARY), say("shell-shortcut-primary")),
        (
            text::shortcut_text(ctx, &shortcut(Modifiers::COMMAND, Key::C)),
            say("shell-shortcut-copy"),
        ),
        (say("ui-key-escape"), say("shell-shortcut-close")),
    ];
    vec![
        (say("shell-shortcuts-window"), window.chain([help]).collect()),
        (say("shell-shortcuts-pages"), pages.collect()),
        (say("shell-shortcuts-lists"), lists),
    ]
}

/// What a key does, and at the right the key.
pub fn row_ui(ui: &mut Ui, keys: &str, what: &str) {
    // The scroll bar stands at the right.
    let width = ui.available_width() - measure::SPACE_12;
    let (rect, _) = ui.allocate_exact_size(egui::vec2(width, measure::ROW_GRAPH), Sense::hover());
    let part = |salt: &str, layout| UiBuilder::new().id_salt((salt, what)).max_rect(rect).layout(layout);
    let mut left = ui.new_child(part("what", Layout::left_to_right(Align::Center)));
    text::body(&mut left, what);
    let mut right = ui.new_child(part("keys", Layout::right_to_left(Align::Center)));
    text::key_cap(&mut right, keys);
}

/// The list of the page that is drawn: the first one that offers itself.
#[derive(Clone, Copy, Default)]
struct Lists {
    is_page: bool,
    first: Option<Id>,
    asked: bool,
}

fn lists(ctx: &Context, change: impl FnOnce(&mut Lists)) {
    let id = Id::unique("ui-keys-lists");
    ctx.data_mut(|data| change(data.get_temp_mut_or_default(id)));
}

/// The body of a page is drawn from here on, until `end_page`.
pub fn begin_page(ctx: &Context) {
    lists(ctx, |lists| {
        lists.is_page = true;
        lists.first = None;
    });
}

pub fn end_page(ctx: &Context) {
    lists(ctx, |lists| {
        lists.is_page = false;
        lists.asked = false;
    });
}

/// The list of the page gets the keys when it is drawn next.
pub fn go_to_list(ctx: &Context) {
    lists(ctx, |lists| lists.asked = true);
    ctx.request_repaint();
}

/// The arrow that was pressed over the focused `id`, as a step to the right and down; the arrows stay with it.
pub fn arrow(ui: &Ui, id: Id, modifiers: Modifiers) -> Option<(i32, i32)> {
    let filter = egui::EventFilter {
        vertical_arrows: true,
        horizontal_arrows: true,
        ..Default::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    let steps = [
        (Key::ArrowUp, (0, -1)),
        (Key::ArrowDown, (0, 1)),
        (Key::ArrowLeft, (-1, 0)),
        (Key::ArrowRight, (1, 0)),
    ];
    let mut pressed = steps
        .into_iter()
        .filter(|(key, _)| ui.input_mut(|input| input.consume_key(modifiers, *key)));
    pressed.next().map(|(_, step)| step)
}

/// Whether the menu of what has the keys is asked for.
pub fn asks_for_menu(ui: &Ui) -> bool {
    ui.input_mut(|input| input.consume_shortcut(&MENU))
}

/// The ring around what has the keys, outside its border.
pub fn ring(ui: &Ui, rect: egui::Rect) {
    let t = Tokens::of(ui);
    ui.painter().rect_stroke(
        rect,
        measure::RADIUS,
        egui::Stroke::new(1.5, t.accent.mark),
        egui::StrokeKind::Outside,
    );
}

/// A list that can take the keys; the first of a page is the one that `go_to_list` means.
pub fn offer_list(ui: &Ui, id: Id) {
    let mut takes = false;
    lists(ui.ctx(), |lists| {
        if lists.is_page && lists.first.is_none() {
            lists.first = Some(id);
            takes = std::mem::take(&mut lists.asked);
        }
    });
    if takes {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
}

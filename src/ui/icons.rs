//! The icons that pages use, by what they mean; drawn from the icon font, never filled.

use super::theme::font;
use egui::{Align2, Color32, Painter, Pos2, Response, Role, Sense, Ui, Vec2, WidgetInfo};
use egui_material_icons::icons as glyph;

/// One glyph of the icon font.
pub type Icon = &'static str;

macro_rules! icons {
    ($($name:ident = $glyph:ident),* $(,)?) => { $(pub const $name: Icon = glyph::$glyph.codepoint;)* };
}

icons! {
    // the areas, in the order of the sidebar
    GRID = ICON_GRID_VIEW, BOARD = ICON_VIEW_KANBAN, CODE = ICON_CODE, BOX = ICON_DEPLOYED_CODE, FLASK = ICON_SCIENCE,
    TAG = ICON_SELL, UPLOAD = ICON_UPLOAD, SERVER = ICON_DNS, PULSE = ICON_VITAL_SIGNS, SLIDERS = ICON_TUNE,
    // things
    FOLDER = ICON_FOLDER, FOLDER_OPEN = ICON_FOLDER_OPEN, FILE = ICON_DRAFT, TEXT = ICON_DESCRIPTION, BRANCH = ICON_FORK_RIGHT,
    COMMIT = ICON_COMMIT, MERGE = ICON_MERGE, MACHINE = ICON_COMPUTER, CONTAINER = ICON_INVENTORY_2, PACKAGE = ICON_PACKAGE_2,
    DATABASE = ICON_DATABASE, MODEL = ICON_HEXAGON, LAYERS = ICON_LAYERS, TREE = ICON_ACCOUNT_TREE, PERSON = ICON_PERSON,
    CALENDAR = ICON_CALENDAR_TODAY, CLOCK = ICON_SCHEDULE, FLAG = ICON_FLAG, STAR = ICON_STAR, BUG = ICON_BUG_REPORT,
    SPEED = ICON_SPEED, TOOL = ICON_BUILD, IDEA = ICON_LIGHTBULB, KEY = ICON_KEY, LOCK = ICON_LOCK, SHIELD = ICON_SHIELD,
    LINK = ICON_LINK, GLOBE = ICON_LANGUAGE, TERMINAL = ICON_TERMINAL, LOG = ICON_NOTES, BELL = ICON_NOTIFICATIONS, KEYBOARD = ICON_KEYBOARD,
    CHART = ICON_SHOW_CHART, BOOKMARK = ICON_BOOKMARK, MEMORY = ICON_MEMORY, DISK = ICON_HARD_DRIVE,
    // acts
    SEARCH = ICON_SEARCH, FILTER = ICON_FILTER_ALT, ADD = ICON_ADD, REMOVE = ICON_REMOVE, DELETE = ICON_DELETE, EDIT = ICON_EDIT,
    SAVE = ICON_SAVE, COPY = ICON_CONTENT_COPY, UNDO = ICON_UNDO, REDO = ICON_REDO, REFRESH = ICON_REFRESH, RUN = ICON_PLAY_ARROW,
    STOP = ICON_STOP, PAUSE = ICON_PAUSE, OPEN = ICON_OPEN_IN_NEW, DOWNLOAD = ICON_DOWNLOAD, HISTORY = ICON_HISTORY,
    EYE = ICON_VISIBILITY, SETTINGS = ICON_SETTINGS, HELP = ICON_HELP, MORE = ICON_MORE_HORIZ, CLOSE = ICON_CLOSE,
    CHECK = ICON_CHECK, WARNING = ICON_WARNING, ERROR = ICON_ERROR, INFO = ICON_INFO, DRAG = ICON_DRAG_INDICATOR, BOLT = ICON_BOLT,
    // directions
    UP = ICON_ARROW_UPWARD, DOWN = ICON_ARROW_DOWNWARD, RIGHT = ICON_ARROW_FORWARD, LEFT = ICON_ARROW_BACK,
    CHEVRON_DOWN = ICON_KEYBOARD_ARROW_DOWN, CHEVRON_RIGHT = ICON_CHEVRON_RIGHT, CHEVRON_LEFT = ICON_CHEVRON_LEFT,
    CHEVRON_UP = ICON_KEYBOARD_ARROW_UP,
}

/// Paints the icon around a point.
pub fn paint(painter: &Painter, center: Pos2, icon: Icon, size: f32, colour: Color32) {
    painter.text(center, Align2::CENTER_CENTER, icon, font::icon(size), colour);
}

/// Puts the icon into the layout; with a name it is an image to a screen reader, without one it is only ornament.
pub fn icon_ui(ui: &mut Ui, icon: Icon, size: f32, colour: Color32, name: Option<&str>) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
    if ui.is_rect_visible(rect) {
        paint(ui.painter(), rect.center(), icon, size, colour);
    }
    if let Some(name) = name {
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
        return response.on_hover_text(name);
    }
    response
}

//! The frame around every page: where each part stands, and the page itself between header and activity panel.

use super::app::App;
use super::banner::is_of_the_folder;
use super::front::Front;
use crate::areas::AreaId;
use crate::areas::page::{Cx, Intent, Page, UiIntent};
use crate::ui::keys;
use crate::ui::page_frame::{Header, Tab, filter_id, tabs_ui};
use crate::ui::text;
use crate::ui::theme::font;
use crate::ui::tokens::{Tokens, measure};
use egui::{Align, CursorIcon, Id, Layout, Rect, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

const BANNER: f32 = 34.0;
const TIMELINE: f32 = 34.0;
/// A page keeps at least this much beside its detail.
const BODY_MIN: f32 = 260.0;
const DETAIL_MIN: f32 = 180.0;

/// A part of the window as a `Ui` of its own: drawn there and nowhere else.
pub(super) fn region(ui: &mut Ui, rect: Rect, salt: &str, layout: Layout) -> Ui {
    let mut child = ui.new_child(UiBuilder::new().id_salt(salt).max_rect(rect).layout(layout));
    child.set_clip_rect(rect.intersect(ui.clip_rect()));
    child
}

/// A line between two parts that can be dragged; how far it was dragged in this frame.
pub(super) fn splitter_ui(ui: &mut Ui, line: Rect, salt: &str, name: &str) -> f32 {
    let t = Tokens::of(ui);
    let is_upright = line.height() > line.width();
    let grab = if is_upright {
        line.expand2(vec2(3.0, 0.0))
    } else {
        line.expand2(vec2(0.0, 3.0))
    };
    let response = ui.interact(grab, Id::unique(("shell-splitter", salt)), Sense::drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, name));
    let active = response.hovered() || response.dragged();
    let stroke = if active {
        Stroke::new(2.0, t.accent.mark)
    } else {
        Stroke::new(1.0, t.line)
    };
    if is_upright {
        ui.painter().vline(line.center().x, line.y_range(), stroke);
    } else {
        ui.painter().hline(line.x_range(), line.center().y, stroke);
    }
    if active {
        ui.set_cursor_icon(if is_upright {
            CursorIcon::ResizeHorizontal
        } else {
            CursorIcon::ResizeVertical
        });
    }
    if !response.dragged() {
        return 0.0;
    }
    if is_upright {
        response.drag_delta().x
    } else {
        response.drag_delta().y
    }
}

impl<F: Front> App<F> {
    /// One frame, from the sidebar to what lies over the window, then everything that was asked.
    pub fn frame_ui(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        self.keys(&ctx);
        self.drops(&ctx);
        let t = Tokens::of(ui);
        let whole = ui.max_rect();
        ui.painter().rect_filled(whole, 0.0, t.surface_1);
        ui.spacing_mut().item_spacing = vec2(measure::SPACE_8, 0.0);

        let sidebar_width = self.sidebar_width(whole.width());
        let (side, right) = whole.split_left_right_at_x(whole.left() + sidebar_width);
        let column = Layout::top_down(Align::Min);
        let mut part = region(ui, side, "sidebar", column);
        self.sidebar_ui(&mut part, side, whole.width());

        let (top, mut rest) = right.split_top_bottom_at_y(right.top() + measure::TOP_BAR);
        let mut part = region(ui, top, "top", column);
        self.top_bar_ui(&mut part, top);

        if self.front.timeline().is_some() {
            let (bar, below) = rest.split_top_bottom_at_y(rest.top() + TIMELINE);
            let mut part = region(ui, bar, "timeline", column);
            self.timeline_ui(&mut part, bar);
            rest = below;
        }
        for (i, banner) in self.banners().iter().enumerate() {
            let (bar, below) = rest.split_top_bottom_at_y(rest.top() + BANNER);
            let mut part = region(ui, bar, &format!("banner {i}"), column);
            self.banner_ui(&mut part, bar, banner);
            rest = below;
        }
        let (rest, status) = rest.split_top_bottom_at_y(rest.bottom() - measure::STATUS_BAR);
        let (page, activity) = rest.split_top_bottom_at_y(rest.bottom() - self.activity_height(whole.height()));
        let mut part = region(ui, page, "page", column);
        self.page_ui(&mut part, page);
        let mut part = region(ui, activity, "activity", column);
        self.activity_ui(&mut part, activity);
        let mut part = region(ui, status, "status", column);
        self.status_bar_ui(&mut part, status);

        self.palette_ui(&ctx);
        self.overlays_ui(&ctx);
        self.drop_hint_ui(&ctx);
        ui.advance_cursor_after_rect(whole);
        // Ages go on while nothing else happens, at most once a second.
        if let Some(secs) = self.texts.take_change_secs() {
            ctx.request_repaint_after_secs((secs as f32).max(1.0));
        }
        self.carry_out(&ctx);
    }

    /// Header, tabs, body and detail of the open page.
    fn page_ui(&mut self, ui: &mut Ui, rect: Rect) {
        let area = self.view.area;
        let title = self.t(area.key());
        let tabs = self.with_page(area, |page, cx| page.tabs(cx));
        // A tab that is not there any more gives way to the first one.
        if let Some(first) = tabs.first()
            && !tabs.iter().any(|tab| tab.id == self.view.tab(area))
        {
            self.view.set_tab(area, first.id);
        }
        let actions = self.actions_of(area);
        let (subtitle, hint) = self.with_page(area, |page, cx| (page.subtitle(cx), page.filter_hint(cx)));
        let mut filter = self.view.filter(area).to_owned();
        let offers = if ui.memory(|memory| memory.has_focus(filter_id())) {
            self.with_page(area, |page, cx| page.filter_offers(cx))
        } else {
            Vec::new()
        };
        let mut header = Header::new(&title).subtitle(&subtitle).offers(&offers);
        if let Some(hint) = &hint {
            header = header.filter(&mut filter, hint);
        }
        let response = header.show(ui, &actions);
        self.intents.borrow_mut().extend(response.asked);
        if response.filter_changed {
            self.view.set_filter(area, filter);
        }
        let line_y = if tabs.is_empty() {
            let y = ui.cursor().top();
            ui.painter()
                .hline(rect.x_range(), y - 0.5, Stroke::new(1.0, Tokens::of(ui).line));
            y
        } else {
            let shown: Vec<Tab<&'static str>> = tabs
                .iter()
                .map(|tab| Tab {
                    id: tab.id,
                    label: tab.label.clone(),
                    count: tab.count,
                    state: None,
                })
                .collect();
            let current = self.view.tab(area).to_owned();
            let mut chosen = tabs.iter().map(|tab| tab.id).find(|id| *id == current).unwrap_or_default();
            if tabs_ui(ui, &mut chosen, &shown) {
                self.go(area, Some(chosen), None);
                self.with_page(area, |page, cx| page.on_open(cx));
                ui.ctx().request_repaint();
            }
            ui.cursor().top()
        };
        let below = Rect::from_min_max(pos2(rect.left(), line_y), rect.max);
        self.body_ui(ui, below, area);
    }

    fn body_ui(&mut self, ui: &mut Ui, rect: Rect, area: AreaId) {
        let column = Layout::top_down(Align::Min);
        if self.is_gone() && is_of_the_folder(area) {
            return self.gone_ui(&mut region(ui, rect, area.word(), column));
        }
        let has_detail = self.with_page(area, |page, cx| page.has_detail(cx)) && rect.width() >= BODY_MIN + DETAIL_MIN;
        let widest = (rect.width() - BODY_MIN).max(DETAIL_MIN);
        let width = if has_detail {
            self.view.detail_width(area, rect.width()).clamp(DETAIL_MIN, widest)
        } else {
            0.0
        };
        let (body, mut detail) = rect.split_left_right_at_x(rect.right() - width);
        // The card of the tour stands below it, not on it.
        if let Some(top) = self.guide.as_ref().and_then(|guide| guide.top) {
            detail.set_bottom(detail.bottom().min(top - 8.0).max(detail.top()));
        }
        let mut part = region(ui, body, area.word(), column);
        part.spacing_mut().item_spacing.y = 0.0;
        let tab = self.view.tab(area).to_owned();
        let filter = self.view.filter(area).to_owned();
        let mut draw =
            |act: &mut dyn FnMut(&mut dyn Page, &Cx<'_>)| self.with_page_at(area, &tab, &filter, |page, cx| act(page, cx));
        // Each tab has its own memory of scrolling and sizes.
        keys::begin_page(ui.ctx());
        part.push_id(&tab, |ui| draw(&mut |page, cx| page.body_ui(ui, cx)));
        keys::end_page(ui.ctx());
        if !has_detail {
            return;
        }
        let mut part = region(ui, detail, "detail", column);
        egui::ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt((area.word(), &tab))
            .show(&mut part, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                draw(&mut |page, cx| page.detail_ui(ui, cx));
            });
        let line = Rect::from_min_max(detail.left_top(), pos2(detail.left() + 1.0, detail.bottom()));
        let name = self.t("shell-resize-detail");
        let moved = splitter_ui(ui, line, "detail", &name);
        if moved != 0.0 {
            self.view
                .detail_widths
                .insert(area.word().to_owned(), (width - moved).clamp(DETAIL_MIN, widest));
            ui.ctx().request_repaint();
        }
    }

    /// Folders dropped on the window become workspaces.
    fn drops(&mut self, ctx: &egui::Context) {
        let paths: Vec<_> = ctx.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect());
        if paths.is_empty() {
            return;
        }
        if self.view.area != AreaId::DevOps {
            self.go(AreaId::DevOps, None, None);
        }
        for path in paths {
            self.with_page(AreaId::DevOps, |page, cx| page.on_picked("drop", path, cx));
        }
    }

    /// While a file hovers over the window: what a drop would do.
    fn drop_hint_ui(&self, ctx: &egui::Context) {
        if ctx.input(|input| input.raw.hovered_files.is_empty()) {
            return;
        }
        let t = Tokens::of_ctx(ctx);
        let layer = egui::LayerId::new(egui::Order::Tooltip, Id::unique("shell-drop"));
        let painter = ctx.layer_painter(layer);
        let screen = ctx.content_rect();
        painter.rect_filled(screen, 0.0, t.scrim);
        let around = screen.shrink(12.0);
        painter.rect_stroke(
            around,
            measure::RADIUS,
            Stroke::new(2.0, t.accent.mark),
            egui::StrokeKind::Inside,
        );
        painter.text(
            screen.center(),
            egui::Align2::CENTER_CENTER,
            self.t("shell-drop"),
            font::title(),
            t.text,
        );
    }

    /// The bar of a recording: play, step, place.
    fn timeline_ui(&mut self, ui: &mut Ui, rect: Rect) {
        let t = Tokens::of(ui);
        ui.painter().rect_filled(rect, 0.0, t.info.weak);
        ui.painter()
            .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
        let inner = rect.shrink2(vec2(measure::GUTTER, 0.0));
        let names = [
            "shell-replay-play",
            "shell-replay-pause",
            "shell-replay-step",
            "shell-replay-position",
        ]
        .map(|key| self.t(key));
        let Some(timeline) = self.front.timeline() else { return };
        let mut left = region(ui, inner, "play", Layout::left_to_right(Align::Center));
        let (icon, name) = if timeline.is_playing() {
            (crate::ui::icons::PAUSE, &names[1])
        } else {
            (crate::ui::icons::RUN, &names[0])
        };
        if crate::ui::button::icon_button_small(&mut left, icon, name).clicked() {
            timeline.toggle();
        }
        if crate::ui::button::icon_button_small(&mut left, crate::ui::icons::CHEVRON_RIGHT, &names[2]).clicked() {
            timeline.step();
        }
        let (at_secs, span_secs) = (timeline.at_secs(), timeline.span_secs());
        let times = crate::msg!(
            "shell-replay-time",
            at = crate::base::format::duration_secs(at_secs, &self.texts),
            span = crate::base::format::duration_secs(span_secs, &self.texts),
            n = timeline.at(),
            total = timeline.len()
        );
        let words = self.texts.msg(&times);
        let mut right = region(ui, inner, "time", Layout::right_to_left(Align::Center));
        text::small(&mut right, &words);
        let track = Rect::from_min_max(
            pos2(left.min_rect().right() + 12.0, inner.top()),
            pos2(right.min_rect().left() - 12.0, inner.bottom()),
        );
        if track.width() < 20.0 {
            return;
        }
        let response = ui.interact(track, Id::unique("shell-timeline"), Sense::click_and_drag());
        let share = timeline.at() as f32 / timeline.len().max(1) as f32;
        response.widget_info(|| WidgetInfo::slider(true, f64::from(share), &names[3]));
        if let Some(at) = response.interact_pointer_pos() {
            let wanted = ((at.x - track.left()) / track.width()).clamp(0.0, 1.0) * timeline.len() as f32;
            timeline.seek(wanted.round() as usize);
            ui.ctx().request_repaint();
        }
        let bar = Rect::from_center_size(track.center(), vec2(track.width(), 4.0));
        ui.painter().rect_filled(bar, measure::RADIUS_BAR, t.surface_3);
        let done = Rect::from_min_size(bar.min, vec2(bar.width() * share, bar.height()));
        ui.painter().rect_filled(done, measure::RADIUS_BAR, t.info.mark);
        ui.painter()
            .circle_filled(pos2(done.right(), bar.center().y), 5.0, t.info.mark);
    }

    pub(super) fn ask_ui(&self, intent: UiIntent) {
        self.ask(Intent::Ui(intent));
    }
}

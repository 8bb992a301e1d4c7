//! The timeline: a bar per item on an axis of days, arrows to what needs it, the critical path, today; bars are moved with the pointer.

use super::{Page, words};
use crate::areas::page::Cx;
use crate::areas::plan::links::Links;
use crate::areas::plan::model::Plan;
use crate::areas::plan::timeline::{Bar, Schedule, Shape, shift};
use crate::areas::plan::{Change, Command, Item};
use crate::base::Workspace;
use crate::msg;
use crate::ui::button::segments_ui;
use crate::ui::form;
use crate::ui::text::{self, Cut, Look};
use crate::ui::theme::font;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{Ui, icons, page_frame};
use egui::{
    Align, CursorIcon, Id, Pos2, Rect, Role, ScrollArea, Sense, Shape as Paint, Stroke, StrokeKind, UiBuilder, WidgetInfo, pos2,
    vec2,
};
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

const ROW: f32 = 28.0;
const HEAD: f32 = 34.0;
const NAMES: f32 = 236.0;
/// At the ends of a bar: there it is resized.
const GRIP: f32 = 6.0;
/// Days before and after what there is.
const MARGIN_DAYS: i32 = 3;

/// What the timeline remembers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct TimelineState {
    /// Points per day.
    scale: f32,
    /// What waits for a moved bar moves along.
    with_followers: bool,
    #[serde(skip)]
    drag: Option<Drag>,
    /// It was scrolled to today once.
    #[serde(skip)]
    is_placed: bool,
}

impl Default for TimelineState {
    fn default() -> Self {
        Self {
            scale: 18.0,
            with_followers: true,
            drag: None,
            is_placed: false,
        }
    }
}

/// A bar that is being pulled.
#[derive(Clone, Debug)]
struct Drag {
    id: String,
    from: f32,
    is_resize: bool,
}

/// Where days and rows stand.
struct Axis {
    first: Date,
    left: f32,
    top: f32,
    scale: f32,
}

impl Axis {
    fn x(&self, day: Date) -> f32 {
        self.left + (day - self.first).get_days() as f32 * self.scale
    }

    fn bar(&self, row: usize, start: Date, end: Date) -> Rect {
        let y = self.top + row as f32 * ROW;
        Rect::from_min_max(pos2(self.x(start), y + 6.0), pos2(self.x(end) + self.scale, y + ROW - 6.0))
    }
}

impl Page {
    pub(super) fn timeline_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan) {
        let context = self.context(cx);
        // What is over is looked at when it is asked for; else it would push away what is to come.
        let filter = if cx.filter.trim().is_empty() {
            "is:open"
        } else {
            cx.filter.trim()
        };
        let schedule = self.shown.schedule(plan, filter, &context);
        self.timeline_bar_ui(ui, cx, &schedule);
        let (Some(first), Some(last)) = (schedule.first, schedule.last) else {
            page_frame::empty_ui(ui, icons::CALENDAR, &cx.t("plan-timeline-none"), None);
            return;
        };
        let today = words::today(cx);
        let first = first.min(today).checked_sub(MARGIN_DAYS.days()).unwrap_or(first);
        let last = last.max(today).checked_add((MARGIN_DAYS * 4).days()).unwrap_or(last);
        let room = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(room);
        let zoom = ui.input(|input| input.zoom_delta());
        if zoom != 1.0 && ui.rect_contains_pointer(room) {
            self.timeline.scale = (self.timeline.scale * zoom).clamp(2.0, 60.0);
        }
        let names = Rect::from_min_max(room.min, pos2(room.left() + NAMES, room.bottom()));
        let chart = Rect::from_min_max(pos2(names.right(), room.top()), room.max);
        let t = Tokens::of(ui);
        let scale = self.timeline.scale;
        let n_days = (last - first).get_days() + 1;
        let size = vec2(n_days as f32 * scale, schedule.bars.len() as f32 * ROW + measure::SPACE_24);
        let mut area_ui = ui.new_child(
            UiBuilder::new()
                .max_rect(chart.with_min_y(chart.top() + HEAD))
                .id_salt("plan-timeline"),
        );
        let mut area = ScrollArea::both().auto_shrink([false, false]).id_salt("bars").animated(false);
        if !std::mem::replace(&mut self.timeline.is_placed, true) {
            let at = (today - first).get_days() as f32 * scale - chart.width() * 0.25;
            area = area.horizontal_scroll_offset(at.max(0.0));
        }
        let mut rows = 0..0;
        let output = area.show_viewport(&mut area_ui, |ui, viewport| {
            ui.set_min_size(size);
            let axis = Axis {
                first,
                left: ui.min_rect().left(),
                top: ui.min_rect().top(),
                scale,
            };
            let from = (viewport.min.y / ROW).floor().max(0.0) as usize;
            let to = ((viewport.max.y / ROW).ceil().max(0.0) as usize).min(schedule.bars.len());
            rows = from.min(to)..to;
            let days = day_range(first, viewport.min.x, viewport.max.x, scale, n_days);
            grid_ui(ui, &axis, days, today);
            arrows_ui(ui, &axis, &schedule, &rows);
            for row in rows.clone() {
                self.bar_ui(ui, cx, workspace, plan, &schedule, &axis, row);
            }
        });
        let offset = output.state.clamped_offset();
        head_ui(
            ui,
            cx,
            chart.with_max_y(chart.top() + HEAD),
            first,
            offset.x,
            scale,
            n_days,
            today,
        );
        ui.painter().vline(names.right(), room.y_range(), Stroke::new(1.0, t.line));
        self.names_ui(ui, cx, plan, &schedule, names, offset.y, rows);
    }

    fn timeline_bar_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, schedule: &Schedule) {
        let (days, weeks, months) = (
            cx.t("plan-timeline-day"),
            cx.t("plan-timeline-week"),
            cx.t("plan-timeline-month"),
        );
        page_frame::bar_ui(ui, 40.0, |ui| {
            ui.spacing_mut().item_spacing.x = measure::SPACE_16;
            self.view_choice_ui(ui, cx);
            let mut scale = match self.timeline.scale {
                scale if scale >= 26.0 => 36_u8,
                scale if scale >= 9.0 => 18,
                _ => 5,
            };
            if segments_ui(ui, &mut scale, &[(36, &days), (18, &weeks), (5, &months)]) {
                self.timeline.scale = f32::from(scale);
                self.timeline.is_placed = false;
            }
            crate::ui::button::tick_ui(
                ui,
                &mut self.timeline.with_followers,
                &cx.t("plan-timeline-followers"),
                &cx.t("plan-timeline-followers"),
            );
            if let Some(ends) = schedule.ends {
                let n = schedule.bars.iter().filter(|bar| bar.is_critical).count();
                let day = words::day(cx, ends);
                let words = match schedule.planned_end().filter(|planned| *planned > ends) {
                    Some(planned) => msg!("plan-timeline-planned", planned = words::day(cx, planned), day = day, n = n),
                    None => msg!("plan-timeline-summary", day = day, n = n),
                };
                text::weak(ui, &cx.msg(&words));
            }
        });
    }

    fn names_ui(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        plan: &Plan,
        schedule: &Schedule,
        rect: Rect,
        offset: f32,
        rows: std::ops::Range<usize>,
    ) {
        let t = Tokens::of(ui);
        let body = rect.with_min_y(rect.top() + HEAD);
        let mut list = ui.new_child(UiBuilder::new().max_rect(body).id_salt("plan-timeline-names"));
        list.set_clip_rect(list.clip_rect().intersect(body));
        for row in rows {
            let bar = &schedule.bars[row];
            let Some(item) = plan.items.get(&bar.file) else { continue };
            let top = body.top() + row as f32 * ROW - offset;
            let line = Rect::from_min_size(pos2(body.left(), top), vec2(body.width(), ROW));
            let response = list.interact(line, Id::unique(("plan-timeline-name", row)), Sense::click());
            let is_selected = self.selected.as_ref() == Some(&bar.file);
            if is_selected || response.hovered() {
                let fill = if is_selected { t.accent.weak } else { t.surface_2 };
                list.painter().rect_filled(line, 0.0, fill);
            }
            let said = said(cx, bar);
            response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, is_selected, &said));
            let left = line.left() + measure::GUTTER + bar.depth.min(5) as f32 * 14.0;
            icons::paint(
                list.painter(),
                pos2(left + 7.0, line.center().y),
                words::icon_of(&item.kind),
                14.0,
                words::colour_of(t, &item.kind),
            );
            let look = Look {
                font: if bar.is_critical { font::medium(13.0) } else { font::body() },
                colour: if bar.is_done { t.text_weak } else { t.text },
                cut: Cut::End,
            };
            let place = Rect::from_min_max(pos2(left + 20.0, line.top()), pos2(line.right() - 8.0, line.bottom()));
            text::paint_line(&list, place, &bar.title, &look, Align::Min);
            if response.clicked() {
                self.select(item);
            }
        }
    }

    fn bar_ui(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        workspace: &Workspace,
        plan: &Plan,
        schedule: &Schedule,
        axis: &Axis,
        row: usize,
    ) {
        let bar = &schedule.bars[row];
        let t = Tokens::of(ui);
        let drag = self.timeline.drag.clone().filter(|drag| drag.id == bar.id);
        let pointer = ui.ctx().pointer_latest_pos();
        let pulled = |drag: &Drag| pointer.map_or(0, |at| ((at.x - drag.from) / axis.scale).round() as i32);
        let (start, end) = match &drag {
            Some(drag) if drag.is_resize => shift::resized(bar, pulled(drag)),
            Some(drag) => shift::moved(bar, pulled(drag)),
            None => (bar.start, bar.end),
        };
        let rect = axis.bar(row, start, end);
        let id = Id::unique(("plan-bar", bar.file.to_string_lossy().into_owned()));
        let sense = if bar.shape == Shape::Work {
            Sense::click_and_drag()
        } else {
            Sense::click()
        };
        let touch = rect.expand2(vec2(if bar.shape == Shape::Milestone { 6.0 } else { 0.0 }, 2.0));
        let response = ui.interact(touch, id, sense);
        let said = said(cx, bar);
        let is_selected = self.selected.as_ref() == Some(&bar.file);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_selected, &said));
        paint_bar(ui, t, bar, rect, is_selected || response.has_focus(), drag.is_some());
        if let Some(at) = response.hover_pos().or(pointer.filter(|_| drag.is_some()))
            && bar.shape == Shape::Work
        {
            let is_grip = drag.as_ref().map_or(at.x > rect.right() - GRIP, |drag| drag.is_resize);
            ui.ctx().set_cursor_icon(if is_grip {
                CursorIcon::ResizeHorizontal
            } else {
                CursorIcon::Grab
            });
        }
        if response.drag_started()
            && let Some(at) = ui.input(|input| input.pointer.press_origin())
        {
            self.timeline.drag = Some(Drag {
                id: bar.id.clone(),
                from: at.x,
                is_resize: at.x > rect.right() - GRIP,
            });
        }
        if response.clicked()
            && let Some(item) = plan.items.get(&bar.file)
        {
            self.select(item);
        }
        let keys = if response.has_focus() { keyboard(ui, id) } else { None };
        if let Some((days, is_resize)) = keys {
            let (start, end) = if is_resize {
                shift::resized(bar, days)
            } else {
                shift::moved(bar, days)
            };
            self.reschedule(cx, workspace, plan, schedule, bar, start, end);
        }
        if drag.is_some() && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Escape)) {
            self.timeline.drag = None;
        } else if response.drag_stopped() && drag.is_some() {
            self.timeline.drag = None;
            self.reschedule(cx, workspace, plan, schedule, bar, start, end);
        }
        if drag.is_none() {
            response.on_hover_text(said);
        }
    }

    /// Asks for new days, and tells how they are taken back.
    fn reschedule(
        &mut self,
        cx: &Cx<'_>,
        workspace: &Workspace,
        plan: &Plan,
        schedule: &Schedule,
        bar: &Bar,
        start: Date,
        end: Date,
    ) {
        let Some(item) = plan.items.get(&bar.file) else { return };
        self.select(item);
        if (start, end) == (bar.start, bar.end) {
            return;
        }
        let links = Links::of(plan);
        let mut moved: Vec<(&Item, Date, Date)> = vec![(item, start, end)];
        if self.timeline.with_followers {
            moved.extend(shift::followers(plan, &links, schedule, item, end));
        }
        let mut edits: Vec<(String, Vec<Change>)> = moved
            .iter()
            .map(|(item, start, end)| (item.id.clone(), shift::dated(*start, *end)))
            .collect();
        edits[0].1 = shift::days_of(bar, start, end);
        cx.ask(Command::EditMany {
            workspace: workspace.clone(),
            edits,
        });
        let words = msg!(
            "plan-moved-to",
            id = item.id.as_str(),
            start = words::day(cx, start),
            end = words::day(cx, end)
        );
        let back = moved
            .iter()
            .map(|(item, ..)| (*item, vec![Change::Start(item.start), Change::Due(item.due)]));
        self.promise(cx, back, Some(words));
    }

    /// Saved views, in every bar.
    pub(super) fn view_choice_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(beside) = cx.workspace.and_then(|workspace| cx.model.plan.beside(&workspace.id)) else {
            return;
        };
        if beside.views.is_empty() {
            return;
        }
        let mut choices = vec![(String::new(), cx.t("plan-view-none"))];
        choices.extend(beside.views.iter().map(|view| (view.name.clone(), view.name.clone())));
        let mut chosen = self.view.clone();
        if form::choice_button_ui(ui, icons::BOOKMARK, &mut chosen, &choices) {
            self.take_view(cx, &chosen);
        }
    }
}

/// Arrows move a bar by days, with Shift they pull its end.
fn keyboard(ui: &Ui, id: Id) -> Option<(i32, bool)> {
    let filter = egui::EventFilter {
        horizontal_arrows: true,
        ..Default::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    [(egui::Key::ArrowLeft, -1), (egui::Key::ArrowRight, 1)]
        .into_iter()
        .find_map(|(key, days)| {
            let pressed = |modifiers| ui.input_mut(|input| input.consume_key(modifiers, key));
            if pressed(egui::Modifiers::SHIFT) {
                Some((days, true))
            } else if pressed(egui::Modifiers::NONE) {
                Some((days, false))
            } else {
                None
            }
        })
}

fn said(cx: &Cx<'_>, bar: &Bar) -> String {
    let words = msg!(
        "plan-timeline-said",
        id = bar.id.as_str(),
        title = bar.title.as_str(),
        start = words::day(cx, bar.start),
        end = words::day(cx, bar.end)
    );
    let mut text = cx.msg(&words);
    if bar.is_critical {
        text.push_str(&format!(", {}", cx.t("plan-timeline-critical")));
    } else if !bar.is_done && bar.shape == Shape::Work {
        text.push_str(&format!(", {}", cx.msg(&msg!("plan-timeline-slack", n = bar.slack))));
    }
    if bar.is_late {
        text.push_str(&format!(", {}", cx.t("plan-late")));
    }
    text
}

fn day_range(first: Date, from: f32, to: f32, scale: f32, n_days: i32) -> Vec<Date> {
    let start = (from / scale).floor().max(0.0) as i32;
    let end = ((to / scale).ceil() as i32).min(n_days);
    (start..end).filter_map(|day| first.checked_add(day.days()).ok()).collect()
}

fn grid_ui(ui: &Ui, axis: &Axis, days: Vec<Date>, today: Date) {
    let t = Tokens::of(ui);
    let clip = ui.clip_rect();
    for day in days {
        let x = axis.x(day);
        let is_weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        if is_weekend && axis.scale >= 5.0 {
            let rect = Rect::from_min_max(pos2(x, clip.top()), pos2(x + axis.scale, clip.bottom()));
            ui.painter().rect_filled(rect, 0.0, t.surface_2);
        }
        if day.day() == 1 || day.weekday() == Weekday::Monday && axis.scale >= 5.0 {
            ui.painter().vline(x, clip.y_range(), Stroke::new(1.0, t.line));
        }
    }
    let x = axis.x(today) + axis.scale / 2.0;
    ui.painter().vline(x, clip.y_range(), Stroke::new(1.5, t.accent.mark));
}

fn head_ui(ui: &Ui, cx: &Cx<'_>, rect: Rect, first: Date, offset: f32, scale: f32, n_days: i32, today: Date) {
    let t = Tokens::of(ui);
    let painter = ui.painter_at(rect);
    painter.hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
    let mut free = f32::NEG_INFINITY;
    for day in day_range(first, offset, offset + rect.width(), scale, n_days) {
        let is_tick = if scale >= 26.0 {
            true
        } else if scale >= 9.0 {
            day.weekday() == Weekday::Monday
        } else {
            day.day() == 1
        };
        let x = rect.left() + (day - first).get_days() as f32 * scale - offset;
        if !is_tick || x < free {
            continue;
        }
        let is_short = scale >= 26.0 && day.day() != 1 && day.weekday() != Weekday::Monday;
        let words = if is_short {
            day.day().to_string()
        } else {
            words::day(cx, day)
        };
        let colour = if day == today { t.accent.text } else { t.text_weak };
        let galley = painter.layout_no_wrap(words, font::regular(measure::TEXT_CHART), colour);
        free = x + galley.size().x + 8.0;
        painter.galley(pos2(x + 3.0, rect.bottom() - 8.0 - galley.size().y), galley, colour);
    }
}

fn paint_bar(ui: &Ui, t: &Tokens, bar: &Bar, rect: Rect, is_selected: bool, is_pulled: bool) {
    let painter = ui.painter();
    let (fill, line) = match bar.shape {
        _ if bar.is_late && !bar.is_critical => (t.danger.weak, t.danger.mark),
        _ if bar.is_done => (t.surface_3, t.line_strong),
        _ if bar.is_critical => (t.accent.mark, t.accent.mark),
        _ => (t.accent.weak, t.line_strong),
    };
    let outline = if bar.is_late { t.danger.mark } else { line };
    match bar.shape {
        Shape::Milestone => {
            let c = pos2(rect.center().x, rect.center().y);
            let r = 7.0;
            let points = vec![pos2(c.x, c.y - r), pos2(c.x + r, c.y), pos2(c.x, c.y + r), pos2(c.x - r, c.y)];
            let fill = if bar.is_done { t.surface_3 } else { t.info.mark };
            let stroke = Stroke::new(1.5, if bar.is_late { t.danger.mark } else { t.info.mark });
            painter.add(Paint::convex_polygon(points, fill, stroke));
        }
        Shape::Parent => {
            let y = rect.center().y - 2.0;
            painter.line_segment([pos2(rect.left(), y), pos2(rect.right(), y)], Stroke::new(4.0, t.text_weak));
            for x in [rect.left() + 1.0, rect.right() - 1.0] {
                painter.line_segment([pos2(x, y), pos2(x, y + 8.0)], Stroke::new(2.0, t.text_weak));
            }
        }
        Shape::Work => {
            painter.rect(rect, 4.0, fill, Stroke::new(1.0, outline), StrokeKind::Inside);
            if bar.is_late {
                // Not by colour alone.
                let at = pos2(rect.left() - 9.0, rect.center().y);
                crate::ui::state_mark::paint(painter, t, at, measure::MARK, crate::base::State::Degraded);
            }
            if !bar.is_dated && !bar.is_done {
                // Worked out, not said: a dashed line below.
                let ends = [
                    pos2(rect.left() + 3.0, rect.bottom() - 3.0),
                    pos2(rect.right() - 3.0, rect.bottom() - 3.0),
                ];
                let stroke = Stroke::new(1.0, if bar.is_critical { t.on_accent } else { t.text_weak });
                painter.extend(Paint::dashed_line(&ends, stroke, 3.0, 3.0));
            }
        }
    }
    if is_selected || is_pulled {
        painter.rect_stroke(rect.expand(2.0), 5.0, Stroke::new(1.5, t.text), StrokeKind::Outside);
    }
}

fn arrows_ui(ui: &Ui, axis: &Axis, schedule: &Schedule, rows: &std::ops::Range<usize>) {
    let t = Tokens::of(ui);
    let clip = ui.clip_rect();
    for (row, bar) in schedule.bars.iter().enumerate() {
        let to = axis.bar(row, bar.start, bar.end);
        for need in &bar.needs {
            if !rows.contains(&row) && !rows.contains(need) {
                continue;
            }
            let other = &schedule.bars[*need];
            let from = axis.bar(*need, other.start, other.end);
            let is_broken = !bar.is_done && other.end >= bar.start && !other.is_done;
            let is_critical = bar.is_critical && other.is_critical;
            let colour = if is_broken {
                t.danger.mark
            } else if is_critical {
                t.accent.mark
            } else {
                t.line_strong
            };
            let stroke = Stroke::new(if is_critical || is_broken { 1.5 } else { 1.0 }, colour);
            arrow(ui, clip, from, to, stroke);
        }
    }
}

/// Out of the end, down, into the start.
fn arrow(ui: &Ui, clip: Rect, from: Rect, to: Rect, stroke: Stroke) {
    let (start, end) = (from.right_center(), to.left_center());
    let below = if end.y > start.y {
        from.bottom() + 6.0
    } else {
        from.top() - 6.0
    };
    let out = start.x + 6.0;
    let points: Vec<Pos2> = if end.x > out + 4.0 {
        vec![start, pos2(out, start.y), pos2(out, end.y), end]
    } else {
        vec![
            start,
            pos2(out, start.y),
            pos2(out, below),
            pos2(end.x - 8.0, below),
            pos2(end.x - 8.0, end.y),
            end,
        ]
    };
    if !Rect::from_points(&points).expand(4.0).intersects(clip) {
        return;
    }
    ui.painter().add(Paint::line(points, stroke));
    let head = vec![end, pos2(end.x - 5.0, end.y - 3.5), pos2(end.x - 5.0, end.y + 3.5)];
    ui.painter().add(Paint::convex_polygon(head, stroke.color, Stroke::NONE));
}

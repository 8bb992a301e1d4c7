//! What the palette offers: every action of every page, the pages, the workspaces, things by name, and what the window can do.

use super::app::App;
use super::banner::BannerAct;
use super::front::Front;
use super::sidebar;
use super::{overlays::Overlay, shortcuts};
use crate::areas::AreaId;
use crate::areas::page::{Action, Intent, UiIntent};
use crate::base::{Target, WorkspaceId};
use crate::ui::palette::{PaletteEntry, palette_ui};
use crate::ui::{action, icons, keys, text};
use egui::{Context, KeyboardShortcut};

/// What was chosen.
#[derive(Clone, Debug)]
pub(super) enum Choice {
    Act(AreaId, Box<Action>),
    Area(AreaId),
    Tab(AreaId, &'static str),
    Workspace(Option<WorkspaceId>),
    Thing(Target),
    /// Look for what was typed, in this tab of this page.
    Search(AreaId, &'static str),
    Frame(FrameAct),
}

/// What the window itself can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum FrameAct {
    Refresh,
    Activity,
    Sidebar,
    Problems,
    Shortcuts,
    Help,
    Trust,
    Quit,
}

impl<F: Front> App<F> {
    pub(super) fn open_palette(&mut self) {
        self.palette.open();
        self.palette_entries.clear();
        // What no page has shown yet is found too; the entries follow what is learnt.
        for area in AreaId::ALL {
            self.with_page(area, |page, cx| page.learn(cx));
        }
    }

    pub(super) fn palette_ui(&mut self, ctx: &Context) {
        if !self.palette.open {
            return;
        }
        if self.palette_entries.is_empty() {
            self.palette_entries = self.palette_offer(ctx);
        }
        let entries = std::mem::take(&mut self.palette_entries);
        let chosen = palette_ui(ctx, &mut self.palette, &entries);
        if self.palette.open {
            self.palette_entries = entries;
        }
        match chosen {
            None => {}
            Some(Choice::Act(area, act)) => {
                if area != self.view.area {
                    self.go(area, None, None);
                }
                let asked = action::press(ctx, &act);
                self.intents.borrow_mut().extend(asked);
            }
            Some(Choice::Area(area)) => self.go(area, None, None),
            Some(Choice::Tab(area, tab)) => {
                self.go(area, Some(tab), None);
                self.with_page(area, |page, cx| page.on_open(cx));
            }
            Some(Choice::Workspace(id)) => self.select_workspace(id),
            Some(Choice::Thing(target)) => self.ask(Intent::Go(target)),
            Some(Choice::Search(area, tab)) => {
                let words = self.palette.query.trim().to_owned();
                self.go(area, Some(tab), None);
                self.ask(Intent::Ui(UiIntent::Filter(words)));
            }
            Some(Choice::Frame(act)) => self.frame_act(ctx, act),
        }
    }

    fn frame_act(&mut self, ctx: &Context, act: FrameAct) {
        match act {
            FrameAct::Refresh => {
                let area = self.view.area;
                self.with_page(area, |page, cx| page.on_open(cx));
            }
            FrameAct::Activity => self.view.activity_open = !self.view.activity_open,
            FrameAct::Sidebar => self.toggle_sidebar(ctx.content_rect().width()),
            FrameAct::Problems => self.open_problems(),
            FrameAct::Shortcuts => self.overlay = Overlay::Shortcuts,
            FrameAct::Help => self.overlay = Overlay::Help,
            FrameAct::Trust => self.open_trust(self.workspace.clone()),
            FrameAct::Quit => self.ask(Intent::Ui(UiIntent::Quit)),
        }
    }

    /// Everything that can be chosen now: the open page first.
    fn palette_offer(&mut self, ctx: &Context) -> Vec<PaletteEntry<Choice>> {
        let mut entries = Vec::new();
        let here = self.view.area;
        let words = self.t("shell-palette-actions");
        let others = AreaId::ALL.into_iter().filter(|area| *area != here);
        for area in std::iter::once(here).chain(others) {
            let name = self.t(area.key());
            for act in self.actions_of(area) {
                let shortcut = act.shortcut.map(|shortcut| text::shortcut_text(ctx, &shortcut));
                let title = act
                    .of
                    .as_ref()
                    .map_or_else(|| act.label.clone(), |of| format!("{} · {of}", act.label));
                let mut entry = PaletteEntry::new(&words, title, Choice::Act(area, Box::new(act.clone())))
                    .icon(act.icon.unwrap_or_else(|| sidebar::icon(area)))
                    .disabled_because(act.disabled_because.clone())
                    .context(name.clone());
                if area == here {
                    entry = entry.shortcut(shortcut);
                }
                entries.push(entry);
            }
        }
        let words = self.t("shell-palette-pages");
        for area in AreaId::ALL {
            let shortcut = text::shortcut_text(ctx, &shortcuts::of_area(area));
            let about = self.with_page(area, |page, cx| page.subtitle(cx));
            let entry = PaletteEntry::new(&words, self.t(area.key()), Choice::Area(area))
                .icon(sidebar::icon(area))
                .context(about);
            entries.push(entry.shortcut(Some(shortcut)));
        }
        for area in AreaId::ALL {
            let name = self.t(area.key());
            for tab in self.with_page(area, |page, cx| page.tabs(cx)) {
                let entry = PaletteEntry::new(&words, tab.label, Choice::Tab(area, tab.id));
                entries.push(entry.icon(sidebar::icon(area)).context(name.clone()));
            }
        }
        self.offer_workspaces(&mut entries);
        let words = self.t("shell-palette-things");
        for area in std::iter::once(here).chain(AreaId::ALL.into_iter().filter(|area| *area != here)) {
            let name = self.t(area.key());
            for (title, target) in self.with_page(area, |page, cx| page.things(cx)) {
                let entry = PaletteEntry::new(&words, title, Choice::Thing(target)).icon(sidebar::icon(area));
                entries.push(entry.context(name.clone()));
            }
        }
        self.offer_frame(ctx, &mut entries);
        let words = self.t("shell-palette-search");
        for area in AreaId::ALL {
            for (tab, key) in self.with_page(area, |page, cx| page.searches(cx)) {
                let entry = PaletteEntry::new(&words, self.t(key), Choice::Search(area, tab));
                entries.push(entry.icon(icons::SEARCH).searching());
            }
        }
        entries
    }

    fn offer_workspaces(&self, entries: &mut Vec<PaletteEntry<Choice>>) {
        let words = self.t("shell-palette-workspaces");
        if self.view.workspace.is_some() {
            let all = self.t("shell-all-workspaces");
            entries.push(PaletteEntry::new(&words, all, Choice::Workspace(None)).icon(icons::LAYERS));
        }
        for info in self.model.devops.infos() {
            let choice = Choice::Workspace(Some(info.workspace.id.clone()));
            let root = info.workspace.root.display().to_string();
            entries.push(
                PaletteEntry::new(&words, info.workspace.name.clone(), choice)
                    .icon(icons::FOLDER)
                    .context(root),
            );
        }
    }

    fn offer_frame(&self, ctx: &Context, entries: &mut Vec<PaletteEntry<Choice>>) {
        let words = self.t("shell-palette-window");
        let is_untrusted = self.banners().iter().any(|banner| banner.act == Some(BannerAct::Trust));
        let acts: [(FrameAct, &str, icons::Icon, Option<KeyboardShortcut>); 8] = [
            (
                FrameAct::Refresh,
                "shell-shortcut-refresh",
                icons::REFRESH,
                Some(keys::REFRESH),
            ),
            (
                FrameAct::Activity,
                "shell-shortcut-activity",
                icons::LOG,
                Some(keys::ACTIVITY),
            ),
            (
                FrameAct::Sidebar,
                "shell-shortcut-sidebar",
                icons::LAYERS,
                Some(keys::SIDEBAR),
            ),
            (
                FrameAct::Problems,
                "shell-shortcut-problems",
                icons::WARNING,
                Some(keys::PROBLEMS),
            ),
            (FrameAct::Shortcuts, "shell-shortcut-help", icons::HELP, None),
            (FrameAct::Help, "shell-shortcut-page-help", icons::HELP, Some(keys::HELP)),
            (FrameAct::Trust, "shell-trust-button", icons::SHIELD, None),
            (FrameAct::Quit, "shell-shortcut-quit", icons::CLOSE, Some(keys::QUIT)),
        ];
        for (act, key, icon, shortcut) in acts {
            if act == FrameAct::Trust && !is_untrusted {
                continue;
            }
            let shortcut = shortcut.map(|shortcut| text::shortcut_text(ctx, &shortcut));
            entries.push(
                PaletteEntry::new(&words, self.t(key), Choice::Frame(act))
                    .icon(icon)
                    .shortcut(shortcut),
            );
        }
    }
}

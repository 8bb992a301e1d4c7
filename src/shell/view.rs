//! What the user chose about the window itself, kept over restarts, and the way back and forward.

use crate::areas::AreaId;
use crate::base::{Target, WorkspaceId};
use crate::ui::tokens::measure;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Filters that are remembered, of all pages and workspaces.
const FILTERS_KEPT: usize = 200;

/// Steps back that are remembered.
const HISTORY_KEPT: usize = 100;

/// Size and place of the window on the screen, in points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Geometry {
    pub width: f32,
    pub height: f32,
    pub position: Option<(f32, f32)>,
    pub is_maximized: bool,
}

impl Default for Geometry {
    fn default() -> Self {
        Self {
            width: 1280.0,
            height: 800.0,
            position: None,
            is_maximized: false,
        }
    }
}

/// Everything about the window that survives a restart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    pub geometry: Geometry,
    pub area: AreaId,
    /// By the area's word.
    pub tabs: BTreeMap<String, String>,
    /// By the area's word, and the workspace.
    pub filters: BTreeMap<String, String>,
    pub detail_widths: BTreeMap<String, f32>,
    /// None follows the width of the window.
    pub sidebar_collapsed: Option<bool>,
    pub activity_open: bool,
    pub activity_height: f32,
    pub activity_list_width: f32,
    pub shows_quiet_jobs: bool,
    pub workspace: Option<WorkspaceId>,
    pub environment: Option<String>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            geometry: Geometry::default(),
            area: AreaId::DevOps,
            tabs: BTreeMap::new(),
            filters: BTreeMap::new(),
            detail_widths: BTreeMap::new(),
            sidebar_collapsed: None,
            activity_open: false,
            activity_height: measure::ACTIVITY_OPEN,
            activity_list_width: measure::ACTIVITY_LIST,
            shows_quiet_jobs: false,
            workspace: None,
            environment: None,
        }
    }
}

impl View {
    pub fn tab(&self, area: AreaId) -> &str {
        self.tabs.get(area.word()).map_or("", String::as_str)
    }

    pub fn set_tab(&mut self, area: AreaId, tab: &str) {
        self.tabs.insert(area.word().to_owned(), tab.to_owned());
    }

    pub fn filter(&self, area: AreaId) -> &str {
        self.filters.get(&self.filter_key(area)).map_or("", String::as_str)
    }

    pub fn set_filter(&mut self, area: AreaId, words: String) {
        let key = self.filter_key(area);
        if words.is_empty() {
            self.filters.remove(&key);
            return;
        }
        if self.filters.len() >= FILTERS_KEPT {
            self.filters.clear();
        }
        self.filters.insert(key, words);
    }

    /// What is looked for in one workspace is not looked for in another one; the board and the settings are those of all. Each tab of
    /// Operate lists things of its own kind.
    fn filter_key(&self, area: AreaId) -> String {
        let of_area = self.filter_key_of_area(area);
        match self.tab(area) {
            tab if area == AreaId::Operate && !tab.is_empty() => format!("{of_area} {tab}"),
            _ => of_area,
        }
    }

    fn filter_key_of_area(&self, area: AreaId) -> String {
        match &self.workspace {
            Some(id) if !matches!(area, AreaId::DevOps | AreaId::Config) => format!("{} {id}", area.word()),
            _ => area.word().to_owned(),
        }
    }

    /// How wide the detail of this area is in so much room; at first as wide as its pages want it, as long as what it is about keeps
    /// the greater part.
    pub fn detail_width(&self, area: AreaId, room: f32) -> f32 {
        let wanted: f32 = match area {
            AreaId::Code => 264.0,
            AreaId::Operate => 268.0,
            AreaId::Test => 444.0,
            _ => measure::DETAIL,
        };
        let at_first = wanted.min(room * 0.42);
        self.detail_widths
            .get(area.word())
            .copied()
            .filter(|width| width.is_finite())
            .unwrap_or(at_first)
    }
}

/// One place that the user was at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stop {
    pub area: AreaId,
    pub tab: String,
    pub target: Option<Target>,
}

/// Back and forward, like in a browser.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    stops: Vec<Stop>,
    at: usize,
}

impl History {
    /// The user went somewhere: what was ahead is forgotten.
    pub(super) fn push(&mut self, stop: Stop) {
        if self.stops.get(self.at) == Some(&stop) {
            return;
        }
        self.stops.truncate(self.at + 1);
        self.stops.push(stop);
        if self.stops.len() > HISTORY_KEPT {
            self.stops.remove(0);
        }
        self.at = self.stops.len() - 1;
    }

    pub(super) fn back(&mut self) -> Option<Stop> {
        self.at = self.at.checked_sub(1)?;
        self.stops.get(self.at).cloned()
    }

    pub(super) fn forward(&mut self) -> Option<Stop> {
        let stop = self.stops.get(self.at + 1).cloned()?;
        self.at += 1;
        Some(stop)
    }
}

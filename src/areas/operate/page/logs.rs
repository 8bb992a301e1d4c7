//! The tab of logs: a file of any length page by page, or the logs of a folder merged by time.

use crate::areas::AreaId;
use crate::areas::operate::Command;
use crate::areas::operate::logs::LogOrder;
use crate::areas::operate::logs::file::PAGE;
use crate::areas::operate::model::OpenFile;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::log::LogFilter;
use crate::base::{JobId, Timestamp, format, time};
use crate::msg;
use crate::ui::log_view::{LogResponse, LogSource, LogState, lines_of, log_ui};
use crate::ui::page_frame;
use crate::ui::table::row_key;
use crate::ui::{Ui, icons};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A page that did not come is asked for again after so long.
const ASK_AGAIN_SECS: f64 = 1.0;
/// Lines of each file of a folder.
const FOLDER_LINES: u32 = 2000;

/// What the user has open.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Logs {
    file: Option<PathBuf>,
    /// The run whose log is open.
    run: Option<JobId>,
    folder: Option<PathBuf>,
    state: LogState,
    /// It was asked for since the program started.
    #[serde(skip)]
    is_asked: bool,
    #[serde(skip)]
    pages: BTreeMap<u64, Timestamp>,
    #[serde(skip)]
    searched: Option<LogFilter>,
    /// The lines that shall be written to the folder that is picked now.
    #[serde(skip)]
    exporting: Vec<String>,
}

impl Logs {
    pub(super) fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let file = Intent::Ui(UiIntent::PickFile(AreaId::Operate, "log-file".to_owned()));
        let folder = Intent::Ui(UiIntent::PickFolder(AreaId::Operate, "log-folder".to_owned()));
        let mut actions = vec![
            Action::new("operate-log-file", cx.t("operate-log-file"), file)
                .icon(icons::FOLDER_OPEN)
                .primary(),
            Action::new("operate-log-folder", cx.t("operate-log-folder"), folder).icon(icons::FOLDER),
        ];
        if self.file.is_some() || self.run.is_some() || self.folder.is_some() {
            let close = Intent::Ui(UiIntent::PageAction(AreaId::Operate, "log-close".to_owned()));
            actions.push(Action::new("operate-log-close", cx.t("operate-log-close"), close).icon(icons::CLOSE));
        }
        actions
    }

    pub(super) fn open_file(&mut self, path: PathBuf) {
        *self = Self {
            file: Some(path),
            ..Self::default()
        };
    }

    pub(super) fn open_run(&mut self, job: JobId) {
        *self = Self {
            run: Some(job),
            ..Self::default()
        };
    }

    pub(super) fn open_folder(&mut self, path: PathBuf) {
        *self = Self {
            folder: Some(path),
            ..Self::default()
        };
    }

    pub(super) fn close(&mut self, cx: &Cx<'_>) {
        cx.ask(Command::CloseLogFile);
        *self = Self::default();
    }

    /// The folder for the lines that were asked to be written.
    pub(super) fn export_to(&mut self, folder: PathBuf, cx: &Cx<'_>) {
        let lines = std::mem::take(&mut self.exporting);
        if !lines.is_empty() {
            let to = folder.join(export_name(cx));
            cx.ask(Command::ExportLines { to, lines });
        }
    }

    pub(super) fn subtitle(&self, cx: &Cx<'_>) -> String {
        let Some(file) = self.opened(cx) else {
            return String::new();
        };
        let mut words = vec![
            format::bytes(file.bytes, cx.texts),
            cx.msg(&msg!("operate-n-lines", n = file.n_lines)),
        ];
        let hits = file.hits.as_ref().filter(|_| self.searched.is_some());
        if let Some(hits) = hits {
            let n = hits.n_hits.unwrap_or(hits.lines.len() as u64);
            words.push(cx.msg(&msg!("operate-n-hits", n = n)));
            if hits.n_hits.is_none() {
                words.push(format::percent(hits.fraction, cx.texts));
            }
        }
        if let Some(note) = &file.note {
            words.push(cx.msg(note));
        }
        words.join(", ")
    }

    /// What the model has of the file, or of the log of the run, that is open here.
    fn opened<'a>(&self, cx: &Cx<'a>) -> Option<&'a OpenFile> {
        let file = cx.model.operate.file.as_ref()?;
        let is_it = match self.run {
            Some(run) => file.job == Some(run),
            None => self.file.as_ref() == Some(&file.path),
        };
        is_it.then_some(file)
    }

    fn order(&self) -> LogOrder {
        LogOrder {
            files: self.folder.iter().cloned().collect(),
            n_lines: Some(FOLDER_LINES),
            follow: true,
            ..LogOrder::default()
        }
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> LogResponse {
        if self.file.is_some() || self.run.is_some() {
            return self.file_ui(ui, cx);
        }
        if self.folder.is_some() {
            return self.folder_ui(ui, cx);
        }
        let open = cx.t("operate-log-file");
        if page_frame::empty_ui(ui, icons::LOG, &cx.t("operate-logs-empty"), Some(&open)) {
            cx.ask(Intent::Ui(UiIntent::PickFile(AreaId::Operate, "log-file".to_owned())));
        }
        LogResponse::default()
    }

    fn file_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> LogResponse {
        if !std::mem::replace(&mut self.is_asked, true) {
            match (self.run, &self.file) {
                (Some(job), _) => cx.ask(Command::OpenRunLog { job }),
                (None, Some(path)) => cx.ask(Command::OpenLogFile { path: path.clone() }),
                (None, None) => {}
            }
        }
        let Some(file) = self.opened(cx) else {
            page_frame::loading_ui(ui, None);
            return LogResponse::default();
        };
        let path = file.path.as_path();
        self.search(cx, path, file.is_counted);
        let hits = file.hits.as_ref().filter(|hits| self.searched.as_ref() == Some(&hits.filter));
        let nothing: &[u64] = &[];
        let shown = self
            .searched
            .as_ref()
            .map(|_| hits.map_or(nothing, |hits| hits.lines.as_slice()));
        let name = match self.run {
            Some(run) => cx.msg(&msg!("operate-run-log", run = run.to_string())),
            None => path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
        };
        let key = row_key(&format!("{} {}", path.display(), file.life));
        let source = LogSource::paged(key, file.n_lines, shown, |number| file.line(number))
            .exported()
            .with_code();
        let response = log_ui(ui, "operate-file", &name, &mut self.state, &source);
        if let Some((from, until)) = response.missing {
            self.ask_pages(cx, path, from, until, shown);
        }
        if response.export {
            self.exporting = lines_of(&self.state, &source);
            pick_export(cx);
        }
        response
    }

    /// Another filter is another search; without one every line is shown.
    fn search(&mut self, cx: &Cx<'_>, path: &std::path::Path, is_counted: bool) {
        let filter = LogFilter {
            level: self.state.level,
            // Of an error its stack trace says more than its first line.
            whole: self.state.level.is_some(),
            ..LogFilter::default()
        };
        // What is no expression is taken as it is, as in every other log.
        let typed = self.state.filter.trim();
        let mut filter = LogFilter {
            pattern: (!typed.is_empty()).then(|| format!("(?i){typed}")),
            ..filter
        };
        if filter.sieve().is_err() {
            filter.pattern = None;
            filter.text = Some(typed.to_owned());
        }
        let wanted = (!filter.is_empty()).then_some(filter);
        if wanted != self.searched && is_counted {
            if let Some(filter) = &wanted {
                cx.ask(Command::SearchLogFile {
                    path: path.to_path_buf(),
                    filter: filter.clone(),
                });
            }
            self.searched = wanted;
        }
    }

    fn ask_pages(&mut self, cx: &Cx<'_>, path: &std::path::Path, from: u64, until: u64, hits: Option<&[u64]>) {
        self.pages.retain(|_, at| time::secs_between(*at, cx.now) < ASK_AGAIN_SECS);
        let numbers: Vec<u64> = match hits {
            Some(hits) => {
                let first = hits.partition_point(|hit| *hit < from);
                hits[first..].iter().copied().take_while(|hit| *hit < until).collect()
            }
            None => (from / PAGE * PAGE..until).step_by(PAGE as usize).collect(),
        };
        let mut pages: Vec<u64> = numbers.iter().map(|number| number / PAGE * PAGE).collect();
        pages.dedup();
        for page in pages {
            if self.pages.insert(page, cx.now).is_none() {
                cx.ask(Command::ReadLogFile {
                    path: path.to_path_buf(),
                    from: page,
                });
            }
        }
    }

    fn folder_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> LogResponse {
        let order = self.order();
        let name = order.name();
        let log = cx.model.operate.log.as_ref().filter(|log| log.log == name);
        if !std::mem::replace(&mut self.is_asked, true) {
            cx.ask(Command::ShowLogs { order });
        }
        let Some(log) = log else {
            page_frame::loading_ui(ui, None);
            return LogResponse::default();
        };
        let title = self
            .folder
            .as_ref()
            .map(|folder| folder.display().to_string())
            .unwrap_or_default();
        let key = row_key(&format!("{name} {}", log.life));
        let source = LogSource::ring(key, log.n_dropped, &log.lines)
            .origin(&log.sources, |i| usize::from(log.origins.get(i).copied().unwrap_or(0)))
            .exported()
            .with_code();
        let response = log_ui(ui, "operate-folder", &title, &mut self.state, &source);
        if response.export {
            self.exporting = lines_of(&self.state, &source);
            pick_export(cx);
        }
        response
    }

    /// Another log has taken the place of the folder's: it is asked for again when it is looked at.
    pub(super) fn forget(&mut self) {
        if self.folder.is_some() {
            self.is_asked = false;
        }
    }

    pub(super) fn export(&mut self, lines: Vec<String>, cx: &Cx<'_>) {
        self.exporting = lines;
        pick_export(cx);
    }
}

fn pick_export(cx: &Cx<'_>) {
    cx.ask(Intent::Ui(UiIntent::PickFolder(AreaId::Operate, "log-export".to_owned())));
}

/// `chantier-log-20261126-174233.log`
fn export_name(cx: &Cx<'_>) -> String {
    let at = format::local(cx.now);
    format!("chantier-log-{}.log", at.strftime("%Y%m%d-%H%M%S"))
}

//! `chantier operate logs`: what is typed, and how lines are printed.

use crate::areas::cli::Here;
use crate::areas::operate::logs::lives::Lives;
use crate::areas::operate::logs::{LogOrder, LogsTo, Shape, stamp};
use crate::areas::operate::{Instance, Update};
use crate::base::log::{LogFilter, LogForm};
use crate::base::time::{parse_duration, parse_moment};
use crate::base::{JobId, Level, Problem, Timestamp, WorkspaceId, WriteTo};
use crate::msg;
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};

/// The name of what is piped in.
const PIPE: &str = "-";
/// Lines before, where nothing else is said.
const N_LINES: u32 = 100;

/// The output of instances and log files, merged by time
#[derive(Clone, Debug, clap::Args)]
pub struct LogArgs {
    /// Instances, by name, number or part of the name
    pub names: Vec<String>,
    /// A log file (also .gz and .zst), a folder of them, a pattern ('app.log*'), or - for what is piped in
    #[arg(long, value_name = "PATH")]
    pub file: Vec<PathBuf>,
    /// What a run wrote, by its number, and those below it
    #[arg(long, value_name = "NUMBER")]
    pub run: Vec<u64>,
    /// Go on with what comes, until it is stopped
    #[arg(short, long)]
    pub follow: bool,
    /// The last lines of each source: 100, or all when they are written to a file; 0 is all
    #[arg(short, long)]
    pub n: Option<u32>,
    /// Only lines that this regular expression finds
    #[arg(long, value_name = "REGEX")]
    pub grep: Option<String>,
    /// Only lines that hold these words, whatever their case
    #[arg(long, value_name = "WORDS")]
    pub text: Option<String>,
    /// Only lines of this severity and above
    #[arg(long, value_enum)]
    pub level: Option<LevelWord>,
    /// Only from sources whose name holds this
    #[arg(long, value_name = "NAME")]
    pub source: Vec<String>,
    /// Only from this time on: 10m or 1w (ago), 14:02, yesterday, 2026-11-26T14:02
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only up to this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Each line by itself: without this a stack trace is taken with the line that it belongs to
    #[arg(long)]
    pub single: bool,
    /// A stack trace is one line: its first
    #[arg(long)]
    pub fold: bool,
    /// How JSON lines and key=value lines are shown
    #[arg(long, value_enum, default_value = "raw")]
    pub form: FormWord,
    /// The life before the one that runs, or that ran last
    #[arg(long, conflicts_with = "follow")]
    pub previous: bool,
    /// Also what instances wrote that run no more, in any version
    #[arg(long, conflicts_with_all = ["follow", "previous"])]
    pub lives: bool,
    /// Only lives in this environment
    #[arg(long, requires = "lives")]
    pub environment: Option<String>,
    /// Only lives of this version
    #[arg(long = "version", value_name = "VERSION", requires = "lives")]
    pub of_version: Option<String>,
    /// How many lines there were in each part of the time, instead of the lines: 10m, 1h, 1d
    #[arg(long, value_name = "SPAN", conflicts_with_all = ["follow", "to"])]
    pub count: Option<String>,
    /// With the time of each line
    #[arg(long)]
    pub times: bool,
    /// Write the lines into this new file
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long, requires = "to")]
    pub force: bool,
    /// Also instances that belong to no workspace
    #[arg(long)]
    pub all: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LevelWord {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl LevelWord {
    fn level(self) -> Level {
        match self {
            Self::Trace => Level::Trace,
            Self::Debug => Level::Debug,
            Self::Info => Level::Info,
            Self::Warn => Level::Warn,
            Self::Error => Level::Error,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FormWord {
    Raw,
    Message,
    Columns,
}

impl FormWord {
    fn form(self) -> LogForm {
        match self {
            Self::Raw => LogForm::Raw,
            Self::Message => LogForm::Message,
            Self::Columns => LogForm::Columns,
        }
    }
}

impl LogArgs {
    /// Everything that can be found out before anything is looked at.
    pub fn check(&self) -> Result<(), Problem> {
        if self.names.is_empty() && self.file.is_empty() && self.run.is_empty() && !self.lives {
            let problem = Problem::user(msg!("log-nothing-named")).code("nothing-named");
            return Err(problem.hint(msg!("log-nothing-named-hint")));
        }
        self.count_secs()?;
        self.filter()?.sieve().map(drop)
    }

    fn count_secs(&self) -> Result<Option<u32>, Problem> {
        let secs = self.count.as_deref().map(|text| {
            let span = parse_duration(text).filter(|span| span.as_secs() > 0);
            span.map(|span| span.as_secs().min(u64::from(u32::MAX)) as u32)
                .ok_or_else(|| Problem::user(msg!("log-bad-span", text = text)).hint(msg!("log-bad-span-hint")))
        });
        secs.transpose()
    }

    /// The lives that are meant, where those that are over are too.
    pub fn lives(&self, workspace: &WorkspaceId) -> Option<Lives> {
        self.lives.then(|| Lives {
            workspace: workspace.clone(),
            environment: self.environment.clone(),
            version: self.of_version.clone(),
            names: self.names.clone(),
        })
    }

    fn filter(&self) -> Result<LogFilter, Problem> {
        Ok(LogFilter {
            text: self.text.clone(),
            pattern: self.grep.clone(),
            level: self.level.map(LevelWord::level),
            sources: self.source.clone(),
            since: self.since.as_deref().map(moment).transpose()?,
            until: self.until.as_deref().map(moment).transpose()?,
            whole: !self.single,
        })
    }

    pub fn order(&self, instances: Vec<Instance>, here: &Here) -> Result<LogOrder, Problem> {
        let cwd = &here.cwd;
        let n_lines = match (self.n, &self.to) {
            (Some(0), _) | (None, Some(_)) => None,
            (None, None) if self.count.is_some() => None,
            (n, _) => Some(n.unwrap_or(N_LINES)),
        };
        let count_secs = self.count_secs()?;
        if self.follow && self.file.iter().any(|file| file == Path::new(PIPE)) {
            let problem = Problem::user(msg!("log-pipe-follow")).code("not-possible");
            return Err(problem.hint(msg!("log-pipe-follow-hint")));
        }
        Ok(LogOrder {
            instances,
            files: self.file.iter().map(|file| place_of(cwd, file)).collect(),
            runs: self.run.iter().map(|run| JobId(*run)).collect(),
            n_lines,
            follow: self.follow,
            previous: self.previous,
            lives: None,
            count_secs,
            only_counts: count_secs.is_some(),
            filter: self.filter()?,
            shape: Shape {
                fold: self.fold,
                form: self.form.form(),
            },
            to: match &self.to {
                Some(to) => LogsTo::File(WriteTo::new(cwd.join(to), self.force)),
                None if here.hands_out => LogsTo::Output { times: self.times },
                None if here.is_document => LogsTo::Told,
                None => LogsTo::Shown,
            },
        })
    }

    /// What came, with the name of its source where there are several.
    pub fn lines(&self, update: &Update, sources: &[String]) -> Option<String> {
        let Update::LogLines { lines, origins, .. } = update else {
            return None;
        };
        let widest = sources.iter().map(|name| name.chars().count()).max().unwrap_or(0).min(30);
        let shown = lines.iter().zip(origins).map(|(line, origin)| {
            let at = self.times.then(|| stamp(line.at));
            let name = sources.get(usize::from(*origin)).filter(|_| sources.len() > 1);
            let name = name.map(|name| format!("{name:<widest$} | "));
            format!("{}{}{}", at.unwrap_or_default(), name.unwrap_or_default(), line.text)
        });
        Some(shown.collect::<Vec<_>>().join("\n")).filter(|_| !lines.is_empty())
    }
}

/// What is piped in has a name in the system too.
fn place_of(cwd: &Path, file: &Path) -> PathBuf {
    if file == Path::new(PIPE) {
        PathBuf::from("/dev/stdin")
    } else {
        cwd.join(file)
    }
}

fn moment(text: &str) -> Result<Timestamp, Problem> {
    parse_moment(text, Timestamp::now(), &TimeZone::system()).ok_or_else(|| {
        let problem = Problem::user(msg!("log-bad-time", text = text)).code("bad-time");
        problem.hint(msg!("log-bad-time-hint"))
    })
}

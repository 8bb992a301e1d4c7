//! What can be typed: options of the whole program, one subcommand per area, and a few for the program itself.

use super::help;
use crate::areas;
use crate::areas::cli::Verb;
use crate::areas::plan::filter;
use crate::base::{Catalog, Lang};
use clap::builder::{OsStringValueParser, PossibleValuesParser, TypedValueParser as _};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;

/// A desktop DevOps workbench: plan, code, build, test, release, deploy, operate and monitor the projects on this machine
#[derive(Clone, Debug, Parser)]
#[command(
    name = "chantier",
    version,
    subcommand_precedence_over_arg = true,
    disable_help_subcommand = true
)]
pub struct Args {
    /// Open the window on this folder
    pub path: Option<PathBuf>,

    #[command(flatten)]
    pub common: Common,

    #[command(subcommand)]
    pub command: Option<Top>,
}

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Options of the whole program")]
pub struct Common {
    /// Keep settings, data and cache below this folder
    #[arg(long, global = true, env = "CHANTIER_HOME", value_name = "DIR", value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub home: Option<PathBuf>,

    /// Work in this workspace (its name or its folder) instead of the one that holds the current folder
    #[arg(short, long, global = true, value_name = "WORKSPACE")]
    pub workspace: Option<String>,

    /// Work in this repository inside the workspace (its path from there)
    #[arg(long, global = true, value_name = "PATH")]
    pub repo: Option<PathBuf>,

    /// Print the result as one JSON document
    #[arg(long, global = true)]
    pub json: bool,

    /// Print the event stream as JSON lines
    #[arg(long, global = true, conflicts_with = "json")]
    pub events: bool,

    /// Write the event stream to this file, for `chantier replay`
    #[arg(long, global = true, value_name = "FILE")]
    pub record: Option<PathBuf>,

    /// Trust the workspace: its programs may run
    #[arg(long, global = true)]
    pub trust: bool,

    /// The language of what is said
    #[arg(long, global = true, value_name = "LANGUAGE", value_parser = PossibleValuesParser::new(["en", "fr"]).try_map(|text| parse_lang(&text)))]
    pub lang: Option<Lang>,
}

fn parse_lang(text: &str) -> Result<Lang, String> {
    match text {
        "en" => Ok(Lang::En),
        "fr" => Ok(Lang::Fr),
        _ => Err("en, fr".to_owned()),
    }
}

#[derive(Clone, Debug, Subcommand)]
pub enum Top {
    /// Workspaces, machines, runs and the thread
    #[command(subcommand, name = "devops")]
    DevOps(areas::devops::cli::Verb),
    /// Items of work
    #[command(subcommand)]
    Plan(areas::plan::cli::Verb),
    /// Follow and change the sources with git
    #[command(subcommand)]
    Code(areas::code::cli::Verb),
    /// Tasks, pipelines, artifacts, and the container engine
    #[command(subcommand)]
    Build(areas::build::cli::Verb),
    /// Tests and their history
    #[command(subcommand)]
    Test(areas::test::cli::Verb),
    /// Versions and what is delivered
    #[command(subcommand)]
    Release(areas::release::cli::Verb),
    /// Versions to environments, and back
    #[command(subcommand)]
    Deploy(areas::deploy::cli::Verb),
    /// Instances now
    #[command(subcommand)]
    Operate(areas::operate::cli::Verb),
    /// Instances over time
    #[command(subcommand)]
    Monitor(areas::monitor::cli::Verb),
    /// Settings and tools
    #[command(subcommand)]
    Config(areas::config::cli::Verb),

    /// Take the sample project through the whole life cycle and prove each step
    Tour {
        /// Unpack the sample project into this new folder and keep it, instead of a temporary one
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Play a recording: in the window, or as text with --json or --events
    Replay { file: PathBuf },
    /// Check the store, the logs, the locks and what was left running
    Doctor {
        /// Read every byte of the data
        #[arg(long)]
        read_data: bool,
        /// Clear what is certainly left over: locks and leases of programs that are gone, half-written files
        #[arg(long)]
        repair: bool,
    },
    /// Watch every workspace without a window: checks, samples, alerts
    Watch(areas::monitor::cli::watch::Watch),
    /// Start again what an environment should hold and does not, in the version that runs there by the journal
    Recover(areas::deploy::rebuild::cli::Recover),
    /// Write a chantier.toml from what is found in a project, with comments
    Init(areas::config::cli::Init),
    /// Print the completions for a shell
    Completions { shell: clap_complete::Shell },
    /// Print the manual page, for man(1)
    Man,
    /// Ask the gates on standard input in this program's own network, and print each try
    #[command(hide = true)]
    Probe,
    /// Write standard input to a log without the secrets that it begins with
    #[command(hide = true)]
    Filter { log: PathBuf },
}

impl Top {
    /// The area's verb, when it is one.
    pub fn verb(&self) -> Option<&dyn Verb> {
        Some(match self {
            Self::DevOps(verb) => verb,
            Self::Plan(verb) => verb,
            Self::Code(verb) => verb,
            Self::Build(verb) => verb,
            Self::Test(verb) => verb,
            Self::Release(verb) => verb,
            Self::Deploy(verb) => verb,
            Self::Operate(verb) => verb,
            Self::Monitor(verb) => verb,
            Self::Config(verb) => verb,
            Self::Init(verb) => verb,
            Self::Recover(verb) => verb,
            Self::Watch(verb) => verb,
            Self::Tour { .. }
            | Self::Doctor { .. }
            | Self::Replay { .. }
            | Self::Completions { .. }
            | Self::Man
            | Self::Probe
            | Self::Filter { .. } => {
                return None;
            }
        })
    }
}

/// The language of what is said before anything was understood: `--lang`, the settings, the system.
fn language_of(args: impl Iterator<Item = OsString>) -> Lang {
    let args: Vec<String> = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
    let value = |name: &str| {
        args.iter()
            .zip(args.iter().skip(1).map(Some).chain([None]))
            .find_map(|(arg, next)| {
                let rest = arg.strip_prefix(name)?;
                match rest.strip_prefix('=') {
                    Some(value) => Some(value.to_owned()),
                    None if rest.is_empty() => next.cloned(),
                    None => None,
                }
            })
    };
    let asked = value("--lang").and_then(|word| parse_lang(&word).ok());
    let home = value("--home").map(PathBuf::from);
    let home = home.or_else(|| std::env::var_os("CHANTIER_HOME").map(PathBuf::from));
    let home = home.filter(|home| !home.as_os_str().is_empty());
    crate::session::language(asked, home.as_deref())
}

/// Terms of the plan's filters that say what must not be, `-label:api` or `-hidden`: a space in front keeps them from being taken for `-l` or `-h`.
fn with_terms(args: Vec<OsString>) -> Vec<OsString> {
    let is_term = |text: &str| {
        let Some(rest) = text.strip_prefix('-') else { return false };
        let end = rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len());
        let is_key = filter::KEYS.contains(&&rest[..end]) || matches!(&rest[..end], "is" | "no" | "labels");
        // Nothing can stand behind `-h`: more than that is a word.
        is_key && rest[end..].starts_with([':', '<', '>']) || rest.starts_with('h') && rest.chars().nth(1).is_some()
    };
    let Some(plan) = args.iter().position(|arg| arg == "plan") else {
        return args;
    };
    let is_plain = |index: usize| index > plan && !args[..index].iter().any(|arg| arg == "--");
    let spaced = |(index, arg): (usize, &OsString)| match arg.to_str() {
        Some(text) if is_plain(index) && is_term(text) => OsString::from(format!(" {text}")),
        _ => arg.clone(),
    };
    args.iter().enumerate().map(spaced).collect()
}

/// The long name of an option of the whole program that takes a value, as it was typed before it.
fn named(root: &clap::Command, word: &str) -> Option<String> {
    let is_named = |arg: &&clap::Arg| match word.strip_prefix("--") {
        Some(long) => arg.get_long() == Some(long),
        None => word.strip_prefix('-').is_some_and(|short| short.chars().eq(arg.get_short())),
    };
    let arg = root
        .get_arguments()
        .filter(|arg| arg.get_action().takes_values())
        .find(is_named)?;
    arg.get_long().map(str::to_owned)
}

/// `-w test code status` is `--workspace=test code status`: the word behind an option is its value, also where it is called like a command.
fn with_values(args: Vec<OsString>) -> Vec<OsString> {
    let root = Args::command();
    let mut args = args.into_iter().peekable();
    let mut read: Vec<OsString> = args.next().into_iter().collect();
    let is_option = |arg: &OsString| arg.to_string_lossy().starts_with('-');
    while let Some(arg) = args.next_if(|arg| is_option(arg) && arg != "--") {
        let name = named(&root, &arg.to_string_lossy());
        match name.and_then(|name| Some((name, args.next_if(|value| !is_option(value))?))) {
            Some((name, value)) => {
                let mut whole = OsString::from(format!("--{name}="));
                whole.push(value);
                read.push(whole);
            }
            None => read.push(arg),
        }
    }
    read.extend(args);
    read
}

/// `help devops add` and `devops help add` are `devops add --help`. What `help` is asked of must be a command.
fn with_help(args: Vec<OsString>) -> Vec<OsString> {
    let root = Args::command();
    let mut at = &root;
    let mut asked = None;
    let mut is_value = false;
    for (index, arg) in args.iter().enumerate().skip(1) {
        let word = arg.to_string_lossy();
        if std::mem::take(&mut is_value) {
            continue;
        }
        if word.starts_with('-') {
            is_value = named(&root, &word).is_some();
        } else if asked.is_none() && at.has_subcommands() && word == "help" {
            asked = Some(index);
        } else if let Some(below) = at.find_subcommand(word.as_ref()) {
            at = below;
        } else if asked.is_some() && !at.has_subcommands() {
            // A word of the verb's own, such as the name of a task: its help is meant.
        } else {
            // Not understood, or the verb's own: told as such.
            return match asked {
                Some(help) => without(args, help),
                None => args,
            };
        }
    }
    match asked {
        Some(help) => {
            let mut args = without(args, help);
            args.push("--help".into());
            args
        }
        None => args,
    }
}

fn without(mut args: Vec<OsString>, index: usize) -> Vec<OsString> {
    args.remove(index);
    args
}

/// Ends the program with what clap says: help and version to stdout, complaints to stderr.
fn say(error: &clap::Error, texts: &Catalog) -> ! {
    let said = error.print().and_then(|()| std::io::stdout().flush());
    if let Err(error) = said
        && super::print::is_loss(&error)
    {
        super::Printer::new(super::Mode::People, Catalog::new(texts.lang())).problem(&super::print::lost(&error));
        std::process::exit(super::exit::FAILED.into())
    }
    std::process::exit(error.exit_code())
}

impl Args {
    /// Reads the command line; wrong words end the program with code 2.
    pub fn read() -> Self {
        let texts = Catalog::new(language_of(std::env::args_os().skip(1)));
        let args = with_help(with_terms(with_values(std::env::args_os().collect())));
        let matches = help::localised(Self::command(), &texts).try_get_matches_from(args);
        let read = matches.and_then(|matches| Self::from_arg_matches(&matches));
        let error = match read {
            Ok(Self {
                path: Some(_),
                command: Some(_),
                ..
            }) => Self::command().error(
                clap::error::ErrorKind::ArgumentConflict,
                "PATH opens the window; an area takes --workspace",
            ),
            Ok(mut args) => {
                let is_empty = args.common.home.as_ref().is_some_and(|home| home.as_os_str().is_empty());
                let is_typed = std::env::args_os().any(|arg| arg.to_string_lossy().starts_with("--home"));
                if !is_empty {
                    return args;
                }
                // A variable that is set and empty says nothing, as everywhere.
                if !is_typed {
                    args.common.home = None;
                    return args;
                }
                Self::command().error(clap::error::ErrorKind::InvalidValue, "--home <DIR>")
            }
            Err(error) => error,
        };
        let is_json = std::env::args_os().any(|arg| arg == "--json") && error.use_stderr();
        match help::complaint(&error, &texts) {
            Some(text) => super::print::usage(&text, is_json),
            None if is_json => super::print::usage(&error.to_string(), true),
            None => say(&error, &texts),
        }
    }

    /// Without an area it is the window that opens, also for a recording that nobody wants as text.
    pub fn wants_window(&self) -> bool {
        let as_text = self.common.json || self.common.events;
        !as_text && matches!(self.command, None | Some(Top::Replay { .. }))
    }

    /// The recording to play, if one was named.
    pub fn replay(&self) -> Option<&std::path::Path> {
        match &self.command {
            Some(Top::Replay { file }) => Some(file),
            _ => None,
        }
    }
}

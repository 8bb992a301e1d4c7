//! The user's own editor, opened at a file and a line: the one from the settings, VISUAL, EDITOR, or one that is installed. An editor
//! that needs a terminal gets one where a terminal program and a display are there; else the problem says what to type.

use super::process::{Cmd, Processes};
use crate::base::Problem;
use crate::base::text::split_words;
use crate::msg;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An editor that ends as early as this did not come up.
const EARLY: Duration = Duration::from_millis(700);

/// Where to open a file; line and column count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub file: PathBuf,
    pub line: u32,
    pub column: u32,
}

/// How an editor takes a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// `--goto file:line:column`
    Goto,
    /// `file:line:column`
    Colons,
    /// `--line N --column C file`
    LineColumn,
    /// `-l N -c C file`
    ShortFlags,
    /// `+N:C file`
    PlusColumn,
    /// `+N file`
    Plus,
    /// `file`
    FileOnly,
}

/// Editors with a window of their own, the most capable first: that is the order in which an unset editor is looked for.
const WINDOWED: &[(&str, Style)] = &[
    ("code", Style::Goto),
    ("codium", Style::Goto),
    ("code-insiders", Style::Goto),
    ("cursor", Style::Goto),
    ("windsurf", Style::Goto),
    ("zed", Style::Colons),
    ("zeditor", Style::Colons),
    ("subl", Style::Colons),
    ("sublime_text", Style::Colons),
    ("rustrover", Style::LineColumn),
    ("idea", Style::LineColumn),
    ("pycharm", Style::LineColumn),
    ("clion", Style::LineColumn),
    ("webstorm", Style::LineColumn),
    ("goland", Style::LineColumn),
    ("phpstorm", Style::LineColumn),
    ("rubymine", Style::LineColumn),
    ("rider", Style::LineColumn),
    ("fleet", Style::FileOnly),
    ("kate", Style::ShortFlags),
    ("gvim", Style::Plus),
    ("neovide", Style::Plus),
    ("emacs", Style::PlusColumn),
    ("gedit", Style::Plus),
    ("gnome-text-editor", Style::Plus),
    ("geany", Style::Colons),
    ("mousepad", Style::FileOnly),
    ("xed", Style::Plus),
];

/// Editors that live in a terminal.
const TERMINAL: &[(&str, Style)] = &[
    ("vim", Style::Plus),
    ("nvim", Style::Plus),
    ("vi", Style::Plus),
    ("nano", Style::Plus),
    ("pico", Style::Plus),
    ("hx", Style::Colons),
    ("helix", Style::Colons),
    ("micro", Style::PlusColumn),
    ("kak", Style::PlusColumn),
    ("joe", Style::Plus),
    ("ne", Style::Plus),
    ("mg", Style::Plus),
    ("emacsclient", Style::PlusColumn),
    ("editor", Style::Plus),
    ("sensible-editor", Style::Plus),
];

/// Programs that show a terminal, with what stands before the command in it.
const TERMINALS: &[(&str, &[&str])] = &[
    ("x-terminal-emulator", &["-e"]),
    ("gnome-terminal", &["--"]),
    ("konsole", &["-e"]),
    ("kitty", &[]),
    ("alacritty", &["-e"]),
    ("foot", &[]),
    ("wezterm", &["start", "--"]),
    ("xfce4-terminal", &["-x"]),
    ("xterm", &["-e"]),
];

/// What the user's surroundings say.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub visual: Option<String>,
    pub editor: Option<String>,
    pub has_display: bool,
}

impl Surroundings {
    pub fn of_process() -> Self {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        Self {
            visual: set("VISUAL"),
            editor: set("EDITOR"),
            has_display: set("DISPLAY").is_some() || set("WAYLAND_DISPLAY").is_some(),
        }
    }
}

/// The user's editor for this place, if it is one that lives in a terminal: for a caller who sits at one and starts it there.
pub fn at_terminal(
    processes: &Processes,
    configured: &[String],
    workspace: &Path,
    place: &Place,
) -> Result<Option<Vec<String>>, Problem> {
    check_file(place)?;
    let is_there = |name: &str| processes.resolve(name, Some(workspace)).is_ok();
    let words = words(configured, &Surroundings::of_process(), is_there)?;
    Ok(wants_terminal(&words).then(|| shown(&placed(&words, place))))
}

fn check_file(place: &Place) -> Result<(), Problem> {
    if place.file.is_file() {
        return Ok(());
    }
    Err(Problem::user(msg!("editor-no-file", path = &place.file)).code("not-found"))
}

fn shown(argv: &[OsString]) -> Vec<String> {
    argv.iter().map(|word| word.to_string_lossy().into_owned()).collect()
}

/// The editor of the user's settings, of the surroundings, or the first one that is there.
fn words(configured: &[String], surroundings: &Surroundings, is_there: impl Fn(&str) -> bool) -> Result<Vec<String>, Problem> {
    let from_env = [&surroundings.visual, &surroundings.editor].into_iter().flatten().next();
    let words: Vec<String> = match (configured, from_env) {
        ([_, ..], _) => configured.to_vec(),
        ([], Some(words)) => split_words(words),
        ([], None) => WINDOWED
            .iter()
            .find(|(name, _)| is_there(name))
            .map(|(name, _)| vec![(*name).to_owned()])
            .unwrap_or_default(),
    };
    if words.is_empty() {
        return Err(Problem::config(msg!("editor-none"))
            .code("no-editor")
            .hint(msg!("editor-none-hint")));
    }
    Ok(words)
}

fn wants_terminal(words: &[String]) -> bool {
    let name = base_name(&words[0]);
    let lives_there = TERMINAL.iter().any(|(known, _)| *known == name) || words.iter().any(|word| word == "-nw");
    lives_there && !(name == "emacsclient" && words.iter().any(|word| word == "-c" || word == "-n"))
}

/// The command that opens the place. `configured` is the setting: words with `{file}`, `{line}` and `{column}`; empty follows the
/// surroundings. `is_there` says whether a program can be found.
pub fn command(
    configured: &[String],
    surroundings: &Surroundings,
    place: &Place,
    is_there: impl Fn(&str) -> bool,
) -> Result<Vec<OsString>, Problem> {
    let words = words(configured, surroundings, &is_there)?;
    let argv = placed(&words, place);
    if !wants_terminal(&words) {
        return Ok(argv);
    }
    let terminal = TERMINALS.iter().find(|(name, _)| surroundings.has_display && is_there(name));
    let Some((terminal, before)) = terminal else {
        return Err(Problem::config(msg!("editor-needs-terminal", name = base_name(&words[0])))
            .code("needs-terminal")
            .hint(msg!("editor-needs-terminal-hint", command = shown(&argv).join(" "))));
    };
    let mut whole: Vec<OsString> = vec![OsString::from(terminal)];
    whole.extend(before.iter().map(OsString::from));
    whole.extend(argv);
    Ok(whole)
}

/// The words with the place in them: in the place holders, else as the editor of that name takes it.
fn placed(words: &[String], place: &Place) -> Vec<OsString> {
    let (line, column) = (place.line.max(1), place.column.max(1));
    if words.iter().any(|word| word.contains("{file}")) {
        let fill = |word: &String| {
            let word = word
                .replace("{line}", &line.to_string())
                .replace("{column}", &column.to_string());
            let mut filled = OsString::new();
            for (n, part) in word.split("{file}").enumerate() {
                if n > 0 {
                    filled.push(&place.file);
                }
                filled.push(part);
            }
            filled
        };
        return words.iter().map(fill).collect();
    }
    let name = base_name(&words[0]);
    let style = WINDOWED.iter().chain(TERMINAL).find(|(known, _)| *known == name);
    let file = place.file.clone().into_os_string();
    let mut with_colons = file.clone();
    with_colons.push(format!(":{line}:{column}"));
    let mut argv: Vec<OsString> = words.iter().map(OsString::from).collect();
    match style.map_or(Style::FileOnly, |(_, style)| *style) {
        Style::Goto => argv.extend(["--goto".into(), with_colons]),
        Style::Colons => argv.push(with_colons),
        Style::LineColumn => {
            argv.extend([
                "--line".into(),
                line.to_string().into(),
                "--column".into(),
                column.to_string().into(),
                file,
            ]);
        }
        Style::ShortFlags => argv.extend([
            "-l".into(),
            line.to_string().into(),
            "-c".into(),
            column.to_string().into(),
            file,
        ]),
        Style::PlusColumn => argv.extend([format!("+{line}:{column}").into(), file]),
        Style::Plus => argv.extend([format!("+{line}").into(), file]),
        Style::FileOnly => argv.push(file),
    }
    argv
}

fn base_name(program: &str) -> String {
    let name = Path::new(program)
        .file_name()
        .map_or(program.into(), |name| name.to_string_lossy());
    name.strip_suffix(".sh").unwrap_or(&name).to_owned()
}

/// An error where no editor is chosen and none is found.
pub fn is_there(processes: &Processes, configured: &[String], workspace: &Path) -> Result<(), Problem> {
    let nowhere = Place {
        file: workspace.to_owned(),
        line: 1,
        column: 1,
    };
    let is_there = |name: &str| processes.resolve(name, Some(workspace)).is_ok();
    command(configured, &Surroundings::of_process(), &nowhere, is_there).map(drop)
}

/// Opens the file in the user's editor, which goes on when this program ends. `log` gets what it prints. Returns the command that ran.
pub async fn open(
    processes: &Processes,
    configured: &[String],
    workspace: &Path,
    log: &Path,
    place: &Place,
) -> Result<Vec<String>, Problem> {
    check_file(place)?;
    let is_there = |name: &str| processes.resolve(name, Some(workspace)).is_ok();
    let argv = command(configured, &Surroundings::of_process(), place, is_there)?;
    let cmd = Cmd::new(&argv[0]).args(&argv[1..]).workspace(workspace);
    let started = processes
        .start_detached(cmd, log)
        .map_err(|error| Problem::from(error).hint(msg!("editor-none-hint")))?;
    let ended = tokio::time::timeout(EARLY, processes.wait_detached(&started)).await;
    let shown = shown(&argv);
    match ended {
        Ok(Some(end)) if end.code != Some(0) => Err(Problem::environment(msg!("editor-failed", command = shown.join(" ")))
            .code("editor-failed")
            .hint(msg!("editor-none-hint"))
            .at_place(log, 0, 0)),
        _ => Ok(shown),
    }
}

//! The page for man(1): the whole command line, every area with its verbs and what they take, in troff with the macros of man(7).

use crate::base::Catalog;
use clap::{Arg, Command};
use std::fmt::Write as _;

/// The page of a command that speaks the language of the catalog.
pub(super) fn page(command: &Command, texts: &Catalog) -> String {
    let name = command.get_name();
    let version = command.get_version().unwrap_or_default();
    let mut out = format!(".TH {} 1 \"\" \"{name} {version}\"\n", name.to_uppercase());
    let mut section = |key: &str, text: String| {
        writeln!(out, ".SH {}\n{text}", escaped(&texts.t(key))).ok();
    };
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    section("man-name", format!("{} \\- {}", escaped(name), escaped(&about)));
    let window = format!(
        ".B {}\n[\\fIPATH\\fR]\n.br\n.B {}\n\\fIAREA VERB\\fR",
        escaped(name),
        escaped(name)
    );
    section("man-synopsis", window);
    section("man-options", options(command, true));
    let mut verbs = String::new();
    for area in shown(command) {
        writeln!(verbs, ".SS {}", escaped(&format!("{name} {}", area.get_name()))).ok();
        let about = area.get_about().map(ToString::to_string).unwrap_or_default();
        writeln!(verbs, "{}", escaped(&about)).ok();
        verbs.push_str(&options(area, false));
        below(area, &format!("{name} {}", area.get_name()), &mut verbs);
    }
    section("man-commands", verbs);
    out
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|verb| !verb.is_hide_set())
}

/// The verbs of a group and those of the groups in it, each with what it takes.
fn below(group: &Command, path: &str, out: &mut String) {
    for verb in shown(group) {
        let path = format!("{path} {}", verb.get_name());
        let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
        let mut taken = String::new();
        for arg in verb.get_positionals().filter(|arg| !arg.is_hide_set()) {
            write!(taken, " \\fI{}\\fR", escaped(&value_of(arg))).ok();
        }
        writeln!(out, ".TP\n\\fB{}\\fR{taken}\n{}", escaped(&path), escaped(&about)).ok();
        let options = options(verb, false);
        if !options.is_empty() {
            writeln!(out, ".RS\n{options}.RE").ok();
        }
        below(verb, &path, out);
    }
}

/// Its options; those that every verb takes only where they are asked for.
fn options(command: &Command, with_global: bool) -> String {
    let mut out = String::new();
    let options = command
        .get_arguments()
        .filter(|arg| !arg.is_positional() && !arg.is_hide_set() && (with_global || !arg.is_global_set()));
    for arg in options {
        let names = [
            arg.get_short().map(|short| format!("-{short}")),
            arg.get_long().map(|long| format!("--{long}")),
        ];
        let names: Vec<String> = names
            .into_iter()
            .flatten()
            .map(|name| format!("\\fB{}\\fR", escaped(&name)))
            .collect();
        let value = if arg.get_action().takes_values() {
            format!(" \\fI{}\\fR", escaped(&value_of(arg)))
        } else {
            String::new()
        };
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        writeln!(out, ".TP\n{}{value}\n{}", names.join(", "), escaped(&help)).ok();
    }
    out
}

fn value_of(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    names.join(" ")
}

/// Text in which nothing is taken for an order of troff's.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if !out.is_empty() {
            out.push('\n');
        }
        if line.starts_with(['.', '\'']) {
            out.push_str("\\&");
        }
        for letter in line.chars() {
            match letter {
                '\\' => out.push_str("\\e"),
                '-' => out.push_str("\\-"),
                letter => out.push(letter),
            }
        }
    }
    out
}

//! Help and complaints of the command line in the reader's language: one walk over every verb and argument.
//! English stands with the arguments themselves; other languages in `resources/locales/<language>/help.ftl`, by the path
//! of the words: `help-code-log` for the verb, `help-code-log_limit` for its argument.

use crate::base::{Catalog, Lang, SafeText};
use crate::msg;
use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};

/// The same commands with their texts in the catalog's language.
pub fn localised(command: Command, texts: &Catalog) -> Command {
    if texts.lang() == Lang::En {
        return command;
    }
    walk(command, "help", texts)
}

fn walk(command: Command, path: &str, texts: &Catalog) -> Command {
    let t = |key: &str| texts.t(key).into_owned();
    let template = format!(
        "{{before-help}}{{about-with-newline}}\n{} {{usage}}\n\n{{all-args}}{{after-help}}",
        t("cli-help-usage")
    );
    let key = if path == "help" { "help-chantier" } else { path };
    let mut command = command
        .help_template(template)
        .subcommand_help_heading(t("cli-help-commands"))
        .disable_help_flag(true)
        .disable_version_flag(true);
    if texts.has(key) {
        command = command.about(t(key)).long_about(Resettable::Reset);
    }
    command = command.mut_args(|arg| {
        let key = format!("{path}_{}", arg.get_id());
        let heading = match (arg.is_global_set(), arg.is_positional()) {
            (true, _) => "cli-help-globals",
            (_, true) => "cli-help-arguments",
            _ => "cli-help-options",
        };
        let arg = arg.help_heading(t(heading));
        // An argument without a text says everything with its name and its values.
        let own = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let mut help = if texts.has(&key) { t(&key) } else { own };
        let values: Vec<String> = arg
            .get_possible_values()
            .iter()
            .map(|value| value.get_name().to_owned())
            .filter(|value| value != "true" && value != "false")
            .collect();
        if !values.is_empty() && arg.get_action().takes_values() {
            help = format!("{help} {}", texts.msg(&msg!("cli-help-values", values = values.join(", "))));
        }
        let defaults: Vec<String> = arg
            .get_default_values()
            .iter()
            .map(|value| value.to_string_lossy().into_owned())
            .collect();
        if !defaults.is_empty() && arg.get_action().takes_values() {
            help = format!("{help} {}", texts.msg(&msg!("cli-help-default", value = defaults.join(" "))));
        }
        let named = arg.get_env().map(|name| name.to_string_lossy().into_owned());
        if let Some(name) = named {
            help = format!("{help} {}", texts.msg(&msg!("cli-help-env", name = name)));
        }
        let takes_values = arg.get_action().takes_values();
        arg.help(help.trim().to_owned())
            .long_help(Resettable::Reset)
            .hide_default_value(takes_values)
            .hide_possible_values(takes_values)
            .hide_env(takes_values)
    });
    command = command.arg(
        Arg::new("help")
            .short('h')
            .long("help")
            .action(ArgAction::Help)
            .help(t("cli-help-help"))
            .help_heading(t("cli-help-options")),
    );
    if path == "help" {
        command = command.arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help(t("cli-help-version"))
                .help_heading(t("cli-help-options")),
        );
    }
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(&name, |sub| walk(sub, &format!("{path}-{name}"), texts))
    })
}

/// What was wrong on the command line, in words of the catalog; None where clap's own are as good.
pub(super) fn complaint(error: &clap::Error, texts: &Catalog) -> Option<String> {
    if texts.lang() == Lang::En {
        return None;
    }
    let word = |kind: ContextKind| {
        Some(match error.get(kind)? {
            ContextValue::String(text) => SafeText::new(text).into_string(),
            ContextValue::Strings(list) => SafeText::new(&list.join(", ")).into_string(),
            other => SafeText::new(&other.to_string()).into_string(),
        })
    };
    let arg = || word(ContextKind::InvalidArg).unwrap_or_default();
    let said = match error.kind() {
        ErrorKind::UnknownArgument => msg!("cli-wrong-unknown", arg = arg()),
        ErrorKind::InvalidSubcommand => msg!(
            "cli-wrong-verb",
            verb = word(ContextKind::InvalidSubcommand).unwrap_or_default()
        ),
        ErrorKind::MissingRequiredArgument => msg!("cli-wrong-missing", arg = arg()),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = word(ContextKind::InvalidValue).unwrap_or_default();
            if value.is_empty() {
                msg!("cli-wrong-no-value", arg = arg())
            } else {
                msg!("cli-wrong-value", value = value, arg = arg())
            }
        }
        ErrorKind::ArgumentConflict => {
            let Some(other) = word(ContextKind::PriorArg) else {
                return Some(error_text(texts.t("cli-wrong-path").as_ref(), None, None, texts));
            };
            msg!("cli-wrong-conflict", arg = arg(), other = other)
        }
        ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues | ErrorKind::TooFewValues => {
            msg!("cli-wrong-count", arg = arg())
        }
        ErrorKind::MissingSubcommand => msg!("cli-wrong-no-verb"),
        ErrorKind::InvalidUtf8 => msg!("cli-wrong-utf8"),
        _ => return None,
    };
    let near = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ]
    .into_iter()
    .find_map(word);
    let values = word(ContextKind::ValidValue).filter(|values| !values.is_empty());
    Some(error_text(&texts.msg(&said), near, values, texts))
}

fn error_text(said: &str, near: Option<String>, values: Option<String>, texts: &Catalog) -> String {
    let mut text = format!("{} {said}\n", texts.t("cli-problem"));
    if let Some(near) = near {
        text.push_str(&format!("  → {}\n", texts.msg(&msg!("cli-wrong-near", near = near))));
    } else if let Some(values) = values {
        text.push_str(&format!("  → {}\n", texts.msg(&msg!("cli-help-values", values = values))));
    }
    text.push_str(&format!("  → {}\n", texts.t("cli-wrong-hint")));
    text
}

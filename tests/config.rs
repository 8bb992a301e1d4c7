//! Configuration: every setting is in the registry, and the file, the model and the command line agree.

use crate::support::cli::Home;
use chantier::adapters::settings_file::SettingsFile;
use chantier::areas::cli::{Here, Verb as _};
use chantier::areas::config::cli::Verb;
use chantier::areas::config::registry::{self, Kind, Section};
use chantier::areas::config::{Row, Update};
use chantier::areas::{self, Model};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Catalog, Lang, Workspace};

fn file() -> (tempfile::TempDir, SettingsFile) {
    let temp = tempfile::tempdir().expect("a temporary folder");
    let file = SettingsFile::new(temp.path().join("settings.toml"));
    (temp, file)
}

fn loaded(file: &SettingsFile) -> Model {
    let (settings, problems) = file.load();
    let rows = file.rows().into_iter().map(|row| Row {
        key: row.key,
        value: row.value,
        default: row.default,
        is_set: row.is_set,
    });
    let mut model = Model::default();
    let update = Update::Loaded {
        file: file.path().to_path_buf(),
        settings: Box::new(settings),
        rows: rows.collect(),
        problems,
    };
    model.apply(areas::Event::Update(update.into()));
    model
}

#[test]
fn the_registry_and_the_settings_file_know_the_same_keys() {
    let (_temp, file) = file();
    let rows = file.rows();
    for row in &rows {
        assert!(registry::find(&row.key).is_some(), "{} is in no section", row.key);
    }
    for setting in registry::settings() {
        let is_known = setting.kind == Kind::Paths || rows.iter().any(|row| row.key == setting.key);
        assert!(is_known, "{} is not in the settings", setting.key);
        for lang in Lang::ALL {
            let texts = Catalog::new(lang);
            assert!(
                texts.has(setting.label) && texts.has(setting.help),
                "{} has no words",
                setting.key
            );
        }
    }
    for section in Section::ALL {
        assert!(
            registry::settings().iter().any(|setting| setting.section == section),
            "{section:?} is empty"
        );
    }
    assert_eq!(
        registry::find("tools.paths.git").map(|setting| setting.key),
        Some("tools.paths")
    );
    assert_eq!(registry::find("tools.paths."), None);
    assert_eq!(registry::find("no.such"), None);
}

#[test]
fn limits_and_choices_of_the_registry_are_those_of_the_file() {
    let (_temp, file) = file();
    for setting in registry::settings() {
        let takes = |text: String| file.set_text(setting.key, &text).is_ok();
        match setting.kind {
            Kind::Whole { min, max, .. } => {
                assert!(takes(min.to_string()) && takes(max.to_string()), "{}", setting.key);
                assert!(
                    !takes((min - 1).to_string()) && !takes((max + 1).to_string()),
                    "{}",
                    setting.key
                );
            }
            Kind::Decimal { min, max, .. } => {
                assert!(takes(format!("{min:?}")) && takes(format!("{max:?}")), "{}", setting.key);
                assert!(
                    !takes(format!("{:?}", min - 0.01)) && !takes(format!("{:?}", max + 0.01)),
                    "{}",
                    setting.key
                );
            }
            Kind::Choice(words) => {
                for (word, _) in words.iter().filter(|(word, _)| !word.is_empty()) {
                    assert!(takes((*word).to_owned()), "{} = {word}", setting.key);
                }
                assert!(!takes("no-such-word".to_owned()), "{}", setting.key);
            }
            Kind::Yes => assert!(takes("true".to_owned()) && !takes("perhaps".to_owned()), "{}", setting.key),
            Kind::Words => assert!(takes("[\"vim\", \"+{line}\", \"{file}\"]".to_owned()), "{}", setting.key),
            Kind::Folders => assert!(takes("[\"/src\"]".to_owned()), "{}", setting.key),
            Kind::Paths => {
                assert!(
                    file.set_text(&format!("{}.git", setting.key), "/usr/bin/git").is_ok(),
                    "{}",
                    setting.key
                );
            }
        }
    }
}

#[test]
fn a_change_keeps_comments_and_the_model_tells_where_a_value_comes_from() {
    let (_temp, file) = file();
    std::fs::write(
        file.path(),
        "# mine\n[appearance]\ntheme = \"dark\" # at night\nno_such = 1\n",
    )
    .expect("it can be written");
    file.set_text("appearance.scale", "1.25").expect("within the limits");
    let text = std::fs::read_to_string(file.path()).expect("it is there");
    assert!(
        text.starts_with("# mine\n[appearance]\ntheme = \"dark\" # at night\nno_such = 1\n"),
        "{text}"
    );
    let model = loaded(&file).config;
    assert_eq!(
        (model.settings.appearance.theme, model.settings.appearance.scale),
        (ThemeChoice::Dark, 1.25)
    );
    assert_eq!(model.problems.len(), 1);
    let theme = model.row("appearance.theme").expect("it is a setting");
    assert_eq!(
        (theme.value.as_str(), theme.default.as_str(), theme.is_set),
        ("\"dark\"", "\"system\"", true)
    );
    assert!(model.row("appearance.dense").is_some_and(|row| !row.is_set));
    file.reset("appearance.theme").expect("it can be taken out");
    assert_eq!(loaded(&file).config.settings.appearance.theme, ThemeChoice::System);
}

#[test]
fn the_command_line_finds_settings_by_words_and_refuses_unknown_keys() {
    let (temp, file) = file();
    std::fs::write(file.path(), "[general]\nlanguage = \"fr\"\n").expect("it can be written");
    let model = loaded(&file);
    let here = Here {
        has_terminal: false,
        hands_out: false,
        is_document: false,
        named: Vec::new(),
        workspace: Workspace::at(temp.path()),
        cwd: temp.path().to_path_buf(),
        lang: Lang::En,
    };
    let texts = Catalog::new(Lang::En);
    let keys = |verb: Verb| -> Vec<String> {
        let answer = verb.answer(&here, &model, &texts);
        let rows = answer.data["settings"].as_array().cloned().unwrap_or_default();
        rows.iter().filter_map(|row| row["key"].as_str().map(str::to_owned)).collect()
    };
    let all = keys(Verb::Show {
        words: Vec::new(),
        set: false,
    });
    assert_eq!(all.len(), registry::settings().len() - 1, "{all:?}");
    assert_eq!(
        keys(Verb::Show {
            words: Vec::new(),
            set: true
        }),
        ["general.language"]
    );
    assert_eq!(
        keys(Verb::Show {
            words: vec!["Theme".into()],
            set: false
        }),
        ["appearance.theme"]
    );
    let get = Verb::Get {
        key: "general.language".into(),
    };
    let answer = get.answer(&here, &model, &texts);
    assert_eq!(
        (answer.data["value"].as_str(), answer.data["source"].as_str()),
        (Some("fr"), Some("file"))
    );
    let unknown = Verb::Get {
        key: "general.langage".into(),
    }
    .commands(&here)
    .expect_err("no such key");
    assert_eq!(unknown.code, "not-found");
}

#[test]
fn a_bracket_that_is_not_closed_spoils_its_own_table_and_is_told_where_it_begins() {
    use chantier::areas::devops::project;
    let target = "[environment.target]\nkind = \"process\"\nrun = [\"shop\"]\n";
    let text = format!(
        "[project]\nname = \"shop\"\nx = [ \n\n[[task]]\nname = \"one\"\nrun = [\"true\"]\n\n[[task]]\nname = \"two\"\nrun = [\"true\"\n\n\
         [[environment]]\nname = \"staging\"\n{target}"
    );
    let (file, problems) = project::parse(&text, std::path::Path::new("chantier.toml"));
    assert_eq!(file.project.name.as_deref(), Some("shop"), "{problems:#?}");
    assert_eq!(file.tasks.iter().map(|task| task.name.as_str()).collect::<Vec<_>>(), ["one"]);
    assert_eq!(file.environments.len(), 1, "{problems:#?}");
    let lines: Vec<u32> = problems
        .iter()
        .map(|problem| problem.place.as_ref().unwrap().line.unwrap())
        .collect();
    assert_eq!(lines[..2], [3, 11], "{problems:#?}");
    assert!(lines.len() <= 3, "{problems:#?}");
}

/// Wherever a value of `env` may stand; `db` is not found in the reference to `db_password`.
#[test]
fn a_secret_that_nobody_has_set_is_told_by_the_check() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir(&dir).expect("made");
    let file = "[[task]]\nname = \"a\"\nrun = [\"true\"]\nenv = { A = \"secret:db_password\" }\n\
                [test]\nenv = { B = \"secret:db\" }\n\
                [[pipeline]]\nname = \"ci\"\nenv = { C = \"secret:of_pipeline\" }\n\
                [[pipeline.job]]\nname = \"one\"\nenv = { D = \"secret:of_job\" }\n\
                steps = [{ run = [\"true\"], env = { E = \"secret:of_step\" } }]\n";
    std::fs::write(dir.join("chantier.toml"), file).expect("written");
    let checked = home.call_in(&dir, &["config", "check"]);
    assert_eq!(checked.code, 1, "{}", checked.out);
    let told = format!("{}{}", checked.out, checked.err);
    for (name, line) in [
        ("db_password", 4),
        ("db", 6),
        ("of_pipeline", 9),
        ("of_job", 12),
        ("of_step", 13),
    ] {
        let is_it = |text: &str| text.contains(&format!("chantier.toml:{line}:")) && text.ends_with(&format!("called {name}"));
        assert!(told.lines().any(is_it), "{name} in line {line}: {told}");
    }
}

#[test]
fn a_plan_of_tests_that_is_no_text_is_told() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir_all(dir.join(".chantier/tests")).expect("made");
    std::fs::write(dir.join(".chantier/tests/smoke.md"), b"# Pl\xe9n\n\n## [ ] a: b\n- step\n").expect("written");
    let listed = home.call_in(&dir, &["test", "plan", "list"]);
    let told = format!("{}{}", listed.out, listed.err);
    assert!(told.contains("smoke.md:1:5"), "{told}");
}

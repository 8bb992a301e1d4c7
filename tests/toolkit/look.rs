//! Contrast, marks and measures of both tables of tokens.

use chantier::base::Catalog;
use chantier::base::{Lang, State};
use chantier::ui::chart_scale::{ticks, time_ticks, value_text};
use chantier::ui::palette::fuzzy;
use chantier::ui::state_mark;
use chantier::ui::theme::font;
use chantier::ui::tokens::{Tokens, contrast};
use egui::Color32;

fn check(least: f32, what: &str, front: Color32, back: Color32) {
    let found = contrast(front, back);
    assert!(found >= least, "{what}: {found:.2} is below {least}");
}

/// Every sign of the texts is in the fonts that they are drawn with: one that is not is a grey box.
#[test]
fn every_sign_of_the_texts_can_be_drawn() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/locales");
    let mut signs = std::collections::BTreeSet::new();
    for lang in ["en", "fr"] {
        for entry in std::fs::read_dir(folder.join(lang)).unwrap() {
            signs.extend(
                std::fs::read_to_string(entry.unwrap().path())
                    .unwrap()
                    .chars()
                    .filter(|sign| !sign.is_control()),
            );
        }
    }
    assert!(signs.contains(&'é') && signs.len() > 90);
    // What tools of tests and builds write into their logs.
    signs.extend("✔✖✓✗✘⚠ℹ▶●○◆⏳⏱⚡❌✅❗★☆⠋⣾🚀📦✨🔖🎉💥🔥🟢🔴📝🔧→└─│".chars());
    let mut harness = super::plain((), |_, ()| {});
    harness.run();
    let fonts = [font::body(), font::medium(13.0), font::mono(13.0)];
    let missing: Vec<char> = harness.ctx.fonts_mut(|view| {
        let is_missing = |sign: &char| !fonts.iter().all(|font| view.has_glyph(font, *sign));
        signs.iter().copied().filter(is_missing).collect()
    });
    assert_eq!(missing, Vec::<char>::new());
}

#[test]
fn words_can_be_read_on_every_surface() {
    for dark in [true, false] {
        let t = Tokens::table(dark);
        let surfaces = [t.surface_0, t.surface_1, t.surface_2, t.surface_3];
        let tones = [t.accent, t.success, t.warning, t.danger, t.info, t.neutral];
        for (i, surface) in surfaces.into_iter().enumerate() {
            check(4.5, &format!("text on {i}, dark {dark}"), t.text, surface);
            check(4.5, &format!("weak text on {i}, dark {dark}"), t.text_weak, surface);
            for (n, tone) in tones.iter().enumerate() {
                check(4.5, &format!("tone {n} on {i}, dark {dark}"), tone.text, surface);
                check(3.0, &format!("mark {n} on {i}, dark {dark}"), tone.mark, surface);
            }
        }
        for (n, tone) in tones.iter().enumerate() {
            check(4.5, &format!("tone {n} on its fill, dark {dark}"), tone.text, tone.weak);
            check(4.5, &format!("text on fill {n}, dark {dark}"), t.text, tone.weak);
        }
        for tone in [t.success, t.warning, t.danger, t.accent] {
            check(4.5, "a state in a selected row", tone.text, t.accent.weak);
        }
        check(4.5, "the primary button", t.on_accent, t.accent_fill);
        for fill in [t.diff.added, t.diff.removed, t.surface_1] {
            for colour in [
                t.syntax.keyword,
                t.syntax.string,
                t.syntax.number,
                t.syntax.type_name,
                t.syntax.comment,
                t.text,
            ] {
                check(4.5, &format!("source text, dark {dark}"), colour, fill);
            }
        }
        for fill in [t.diff.added_word, t.diff.removed_word] {
            check(4.5, "a changed word", t.text, fill);
        }
        for lane in t.lanes {
            check(2.95, "a lane", lane, t.surface_1);
        }
    }
}

/// What a primary button would do can be read before it is allowed, whichever way it is disabled.
#[test]
fn the_words_of_a_primary_button_that_rests_can_be_read() {
    use chantier::base::settings::ThemeChoice;
    use chantier::ui::button::Button;
    for choice in [ThemeChoice::Dark, ThemeChoice::Light] {
        let mut harness = super::window([400.0, 200.0], choice, Lang::En, (), |ui, ()| {
            ui.add(
                Button::new("Commit")
                    .primary()
                    .note("Ctrl+Enter")
                    .disabled_because(Some("no message")),
            );
            ui.add_enabled(false, Button::new("Deploy").primary());
        });
        harness.run();
        let fill = Tokens::table(choice == ThemeChoice::Dark).surface_3;
        let mut n_found = 0;
        for shape in &harness.output().shapes {
            let egui::Shape::Text(text) = &shape.shape else { continue };
            if !["Commit", "Ctrl+Enter", "Deploy"].contains(&text.galley.text()) {
                continue;
            }
            let colour = text.galley.rows[0].visuals.mesh.vertices[0].color;
            check(4.5, text.galley.text(), fill.blend(colour), fill);
            n_found += 1;
        }
        assert_eq!(n_found, 3, "{choice:?}");
    }
}

#[test]
fn a_terminals_colours_can_be_read() {
    for dark in [true, false] {
        let t = Tokens::table(dark);
        for index in 0..=255_u8 {
            check(4.49, &format!("colour {index}, dark {dark}"), t.ansi_256(index), t.surface_1);
        }
        for r in (0..=255_u8).step_by(51) {
            for g in (0..=255_u8).step_by(51) {
                for b in (0..=255_u8).step_by(51) {
                    check(4.49, &format!("{r} {g} {b}, dark {dark}"), t.readable(r, g, b), t.surface_1);
                }
            }
        }
    }
}

#[test]
fn only_states_that_need_a_look_have_a_coloured_word() {
    let t = Tokens::table(true);
    for state in [State::Running, State::Done] {
        assert_eq!(state_mark::word_colour(t, state), t.text);
        assert_eq!(state_mark::mark_colour(t, state), t.success.mark);
    }
    for state in [State::Failed, State::Degraded, State::Interrupted] {
        assert!(state.needs_attention());
        assert_ne!(state_mark::word_colour(t, state), t.text);
    }
}

#[test]
fn axes_have_round_numbers() {
    let (step, marks) = ticks(0.0, 431.0, 4);
    assert!((step - 200.0).abs() < 1e-9, "{step}");
    assert_eq!(marks.len(), 4);
    let en = Catalog::new(Lang::En);
    let fr = Catalog::new(Lang::Fr);
    let said: Vec<String> = ticks(0.0, 0.61, 3).1.iter().map(|v| value_text(*v, 0.25, &en)).collect();
    assert_eq!(said, ["0", "0.25", "0.50", "0.75"]);
    assert_eq!(value_text(2.5, 2.5, &fr), "2,5");
    assert_eq!(value_text(12_500.0, 2500.0, &en), "12,500");
    // A flat or upside-down range has ticks all the same.
    assert!(!ticks(5.0, 5.0, 4).1.is_empty());
    assert!(!ticks(9.0, 2.0, 4).1.is_empty());
}

#[test]
fn times_stand_on_whole_steps() {
    let from = 1_795_000_123.0;
    let marks = time_ticks(from, from + 1200.0, 5, &Catalog::new(Lang::En));
    assert!((3..=5).contains(&marks.len()), "{marks:?}");
    assert!(
        marks.iter().all(|(at, words)| at % 300.0 == 0.0 && words.len() == 5),
        "{marks:?}"
    );
    assert!(time_ticks(from, from, 5, &Catalog::new(Lang::En)).len() <= 2);
    // Days are said as everywhere else: 12-03 is another day in French than in English.
    for (lang, month) in [(Lang::En, " Nov"), (Lang::Fr, " nov.")] {
        let days = time_ticks(from, from + 3.0 * 86_400.0, 5, &Catalog::new(lang));
        assert!(days.iter().any(|(_, words)| words.ends_with(month)), "{days:?}");
    }
}

#[test]
fn the_palette_finds_what_people_mean() {
    let (score, at) = fuzzy("depl", "Déployer une version…").unwrap();
    assert_eq!(at, [0, 1, 2, 3]);
    assert!(score > fuzzy("depl", "Promouvoir le déploiement").unwrap().0);
    assert_eq!(fuzzy("rft", "Run failed tests").unwrap().1, [0, 4, 11]);
    assert!(fuzzy("xyz", "Run failed tests").is_none());
    assert!(fuzzy("", "anything").is_some());
}

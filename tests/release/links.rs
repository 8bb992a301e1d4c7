//! The addresses of a changelog are kept up in the form that they have; the headings look as those of the file do.

use super::Bench;
use chantier::areas::release::Wish;
use chantier::areas::release::changelog::{notes, sections, unreleased, with_section};
use chantier::areas::release::changelog_links::kept_up;
use chantier::base::State;
use chantier::engine::Outcome;

fn released(text: &str, version: &str, tag: &str) -> String {
    kept_up(&with_section(Some(text), version, "2026-03-04", "- B"), version, tag)
}

#[test]
fn the_list_at_the_foot_gets_the_new_version_and_unreleased_moves() {
    let text = "# Changelog\n\n## [Unreleased]\n\n## [0.3.1] - 2026-01-01\n\n- A\n\n[Unreleased]: https://example.org/compare/v0.3.1...HEAD\n[0.3.1]: https://example.org/compare/v0.3.0...v0.3.1\n[0.3.0]: https://example.org/releases/tag/v0.3.0\n";
    let after = released(text, "0.4.0", "v0.4.0");
    assert_eq!(
        after,
        "# Changelog\n\n## [Unreleased]\n\n## [0.4.0] - 2026-03-04\n\n- B\n\n## [0.3.1] - 2026-01-01\n\n- A\n\n[Unreleased]: https://example.org/compare/v0.4.0...HEAD\n[0.4.0]: https://example.org/compare/v0.3.1...v0.4.0\n[0.3.1]: https://example.org/compare/v0.3.0...v0.3.1\n[0.3.0]: https://example.org/releases/tag/v0.3.0\n"
    );
    assert_eq!(kept_up(&after, "0.4.0", "v0.4.0"), after, "once is enough");
    let windows = text.replace('\n', "\r\n");
    let after = released(&windows, "0.4.0", "v0.4.0");
    assert!(
        after.contains("...HEAD\r\n[0.4.0]: https://example.org/compare/v0.3.1...v0.4.0\r\n"),
        "{after}"
    );
    assert!(!after.replace("\r\n", "").contains('\n'));
}

#[test]
fn other_forms_of_addresses_are_followed_and_none_is_made_up() {
    let pages = "## [1.0.0] - 2026-01-01\n\n- A\n\n[1.0.0]: https://example.org/releases/tag/app-1.0.0\n";
    let after = released(pages, "1.1.0", "app-1.1.0");
    let foot = "[1.1.0]: https://example.org/releases/tag/app-1.1.0\n[1.0.0]: https://example.org/releases/tag/app-1.0.0\n";
    assert!(after.ends_with(foot), "{after}");
    let first = "## [Unreleased]\n\n- A\n\n[unreleased]: https://example.org/-/compare/v1.0.0...main\n";
    let after = released(first, "1.1.0", "v1.1.0");
    let foot =
        "[unreleased]: https://example.org/-/compare/v1.1.0...main\n[1.1.0]: https://example.org/-/compare/v1.0.0...v1.1.0\n";
    assert!(after.ends_with(foot), "{after}");
    // The newer one may stand first.
    let turned = "## [1.0.0] (2026-01-01)\n\n- A\n\n[1.0.0]: https://example.org/compare/v1.0.0...v0.9.3\n";
    let after = released(turned, "1.0.1", "v1.0.1");
    let foot = "[1.0.1]: https://example.org/compare/v1.0.1...v1.0.0\n[1.0.0]: https://example.org/compare/v1.0.0...v0.9.3\n";
    assert!(after.ends_with(foot), "{after}");
    for plain in [
        "# Changelog\n\n## [1.0.0] - 2026-01-01\n\n- A\n",
        "# Changelog\n\n## 1.0.0\n\n- see [it]\n\n[it]: https://example.org/x\n",
    ] {
        let with = with_section(Some(plain), "1.1.0", "2026-03-04", "- B");
        assert_eq!(kept_up(&with, "1.1.0", "v1.1.0"), with);
    }
}

#[test]
fn a_heading_with_an_address_has_one_again() {
    let text = "# Changelog\n\n## [2.13.1](https://example.org/compare/v2.13.0..v2.13.1) - 2026-01-01\n\n- A\n";
    let after = released(text, "2.14.0", "v2.14.0");
    assert!(
        after.contains("## [2.14.0](https://example.org/compare/v2.13.1..v2.14.0) - 2026-03-04\n\n- B\n"),
        "{after}"
    );
    let text = "# Changelog\n\n## [v1.0.0](https://example.org/compare/v0.9.0...v1.0.0) (2026-01-01)\n\n- A\n";
    let after = released(text, "1.1.0", "v1.1.0");
    assert!(
        after.contains("## [v1.1.0](https://example.org/compare/v1.0.0...v1.1.0) (2026-03-04)\n"),
        "{after}"
    );
}

#[test]
fn underlined_headings_are_followed_and_told_apart() {
    let text = "unreleased\n==========\n\n- hand\n\n1.4.0 / 2026-01-01\n==================\n\n- A\n";
    let after = with_section(Some(text), "2.0.0", "2026-03-04", "- B");
    assert_eq!(
        after,
        "unreleased\n==========\n\n2.0.0 / 2026-03-04\n==================\n\n- B\n\n1.4.0 / 2026-01-01\n==================\n\n- A\n"
    );
    let mixed = "# Changes\n\n## Unreleased\n\n- hand\n\n1.4.0 / 2026-01-01\n==================\n\n- A\n";
    assert_eq!(unreleased(mixed), Some("- hand"));
    assert_eq!(notes(mixed, "1.4.0"), Some("- A"));
    let after = with_section(Some(mixed), "2.0.0", "2026-03-04", "- hand\n- B");
    let names: Vec<String> = sections(&after).into_iter().map(|section| section.version).collect();
    assert_eq!(names, ["Unreleased", "2.0.0", "1.4.0"], "{after}");
    assert_eq!(notes(&after, "1.4.0"), Some("- A"));
}

/// The log that a project keeps is the one that is written, and beside one in another format no second one is begun.
#[test]
fn the_log_that_a_project_keeps_is_the_one_that_is_written() {
    let mut bench = Bench::new();
    bench.git(&["mv", "CHANGELOG.md", "Changes.md"]);
    bench.commit("chore: another name");
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    assert!(bench.read("Changes.md").contains("## [0.3.0]"));
    assert!(!bench.root().join("CHANGELOG.md").exists());

    bench.git(&["mv", "Changes.md", "CHANGES.rst"]);
    bench.commit("fix: another format");
    let checks = bench.prepare(Wish::Commits).checks;
    let check = checks
        .iter()
        .find(|check| check.name.key == "release-check-changelog")
        .unwrap();
    assert_eq!(
        (check.state, check.found.key.as_ref()),
        (State::Degraded, "release-check-changelog-foreign")
    );
    let before = bench.read("CHANGES.rst");
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    assert_eq!(bench.read("CHANGES.rst"), before);
    assert!(!bench.root().join("CHANGELOG.md").exists());
    assert!(
        bench
            .git(&["tag", "-l", "--format=%(contents)", "v0.3.1"])
            .contains("Another format")
    );
}

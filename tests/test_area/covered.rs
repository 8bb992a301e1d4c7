//! Coverage of go and coverage.py, and runs that learn it.

use super::projects::{call, copy};
use super::real::{has, put};
use crate::support::cli::Home;
use chantier::areas::test::coverage;
use std::path::{Path, PathBuf};

#[test]
fn profiles_of_go_and_reports_of_coverage_py_are_read() {
    let profile = "mode: atomic\nexample.com/calc/calc.go:4.28,6.2 1 3\nexample.com/calc/calc.go:6.2,8.3 2 0\nbroken\nexample.com/calc/a b.go:1.1,1.9 1 0\n";
    let (read, problems) = coverage::parse(profile, Path::new("c.out")).expect("a profile");
    let calc: Vec<(u32, u64)> = read.files[Path::new("example.com/calc/calc.go")]
        .clone()
        .into_iter()
        .collect();
    assert_eq!(calc, [(4, 3), (5, 3), (6, 3), (7, 0), (8, 0)]);
    assert_eq!((read.files.len(), problems.len()), (2, 1));
    let named = coverage::of_module(read, "example.com/calc", Path::new("svc"));
    assert!(named.files.contains_key(&PathBuf::from("svc/calc.go")), "{named:?}");
    let json =
        r#"{"meta":{"version":"7.6.1"},"files":{"a.py":{"executed_lines":[1,3],"missing_lines":[2],"summary":{}}},"totals":{}}"#;
    let (read, _) = coverage::parse(json, Path::new("c.json")).expect("a report");
    let lines: Vec<(u32, u64)> = read.files[Path::new("a.py")].clone().into_iter().collect();
    assert_eq!(lines, [(1, 1), (2, 0), (3, 1)]);
}

#[test]
fn a_run_of_go_tells_which_lines_it_ran_and_another_tool_says_that_it_does_not() {
    let home = Home::new();
    if has("go", &["version"]) {
        let dir = copy(&home, "go");
        std::fs::remove_dir_all(dir.join("hang")).expect("it was there");
        put(&dir, &[("more.go", "package calc\n\nfunc Never() int {\n\treturn 1\n}\n")]);
        let run = call(&home, &dir, &["test", "run", "--coverage", "--trust", "--json"]);
        let files = run["result"]["coverage"]["files"]
            .as_array()
            .unwrap_or_else(|| panic!("{run:#}"));
        let of = |name: &str| {
            files
                .iter()
                .find(|row| row["path"] == name)
                .unwrap_or_else(|| panic!("{name}: {run:#}"))
        };
        assert_eq!(of("more.go")["missed"], serde_json::json!([3, 4, 5]), "{run:#}");
        assert_eq!(of("calc.go")["percent"], 100.0, "{run:#}");
        let shown = call(&home, &dir, &["test", "coverage", "show", "--json"]);
        assert_eq!(shown["result"]["lines"], run["result"]["coverage"]["lines"], "{shown:#}");
    }
    let dir = copy(&home, "tap");
    let run = call(&home, &dir, &["test", "run", "--coverage", "--json", "--trust"]);
    assert_eq!(run["problems"][0]["code"], "not-supported", "{run:#}");
}

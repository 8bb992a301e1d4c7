//! What is heard in the output of real tools, and with problem matchers in the words of VS Code.

use super::fixture;
use crate::support::cli::Home;
use chantier::areas::build::matchers::{Diagnostic, Listener, read, read_only};
use chantier::areas::devops::project;
use chantier::areas::devops::project::matcher::{of_text, to_toml};
use chantier::base::Stream;
use std::path::Path;

fn words(diagnostics: &[Diagnostic]) -> Vec<String> {
    let word = |diagnostic: &Diagnostic| {
        let place = diagnostic.place.as_ref().map(|place| {
            let column = place.column.map(|column| format!(":{column}")).unwrap_or_default();
            format!("{}:{}{column} ", place.path.display(), place.line.unwrap_or(0))
        });
        let code = diagnostic.code.as_ref().map(|code| format!(" [{code}]")).unwrap_or_default();
        format!(
            "{} {}{}{code}",
            diagnostic.severity.word(),
            place.unwrap_or_default(),
            diagnostic.message
        )
    };
    diagnostics.iter().map(word).collect()
}

fn check(root: &str, name: &str, wanted: &[&str]) {
    let told = read(Path::new(root), Vec::new(), &fixture(name), Vec::new());
    assert_eq!(words(&told.diagnostics), wanted, "{name}");
}

#[test]
fn real_tools_are_heard() {
    check(
        "/home/dev",
        "go-1.19-build.out",
        &[
            "error main.go:6:7 undefined: undefinedThing",
            "error main.go:7:14 undefined: y",
        ],
    );
    check(
        "/home/dev",
        "go-1.19-vet.out",
        &[
            "error main.go:6:2 fmt.Printf format %d has arg \"x\" of wrong type string",
            "error main.go:8:2 unreachable code",
        ],
    );
    check(
        "/home/dev",
        "javac-17.0.15.out",
        &[
            "error A.java:2 incompatible types: String cannot be converted to int",
            "error A.java:3 cannot find symbol",
        ],
    );
    check(
        "/home/dev/py",
        "pytest-7.2.1.out",
        &[
            "error test_a.py:3 assert 2 == 3 [AssertionError]",
            "error test_a.py:6 ValueError: no [ValueError]",
        ],
    );
    let eslint = [
        "error src/a.js:3:7 'x' is not defined [no-undef]",
        "error src/a.js:3:9 Expected '===' and instead saw '==' [eqeqeq]",
        "error src/a.js:3:24 'y' is not defined [no-undef]",
        "warning src/a.js:1:5 'unused' is assigned a value but never used [no-unused-vars]",
        "warning src/a.js:2:10 'f' is defined but never used [no-unused-vars]",
    ];
    check("/home/dev/js", "eslint-8.57.1-stylish.out", &eslint);
    // SARIF says the same, with full stops.
    let sarif = read(
        Path::new("/home/dev/js"),
        Vec::new(),
        &fixture("eslint-8.57.1.sarif"),
        Vec::new(),
    );
    let plain: Vec<String> = words(&sarif.diagnostics)
        .iter()
        .map(|words| words.replace(". [", " ["))
        .collect();
    assert_eq!(plain, eslint);
    let typescript = [
        "error src/b.ts:1:7 Type 'string' is not assignable to type 'number'. [TS2322]",
        "error src/b.ts:2:38 Cannot find name 'missing'. [TS2304]",
    ];
    check("/home/dev/js", "tsc-7.0.2.out", &typescript);
    check("/home/dev/js", "tsc-7.0.2-pretty.out", &typescript);
}

#[test]
fn a_sarif_document_in_one_line_is_data_and_its_messages_are_the_log() {
    let text: serde_json::Value = serde_json::from_slice(&fixture("eslint-8.57.1.sarif")).expect("json");
    let mut listener = Listener::new("/home/dev/js", "");
    let shown = listener.line(Stream::Err, text.to_string().as_bytes(), false);
    assert!(
        format!("{shown:?}").contains("src/a.js:3: error: 'x' is not defined."),
        "{shown:?}"
    );
    assert_eq!((listener.n_errors, listener.n_warnings), (3, 2));
}

#[test]
fn the_rest_of_python_and_maven() {
    let text = b"Traceback (most recent call last):\n  File \"/p/setup.py\", line 3, in <module>\n    boom()\n  File \"/p/lib/b.py\", line 9, in boom\n    raise KeyError(1)\nKeyError: 1\n[ERROR] /p/src/A.java:[3,10] cannot find symbol\n";
    let told = read(Path::new("/p"), Vec::new(), text, Vec::new());
    assert_eq!(
        words(&told.diagnostics),
        [
            "error lib/b.py:9 KeyError: 1 [KeyError]",
            "error src/A.java:3:10 cannot find symbol"
        ]
    );
}

fn heard(output: &str) -> Vec<String> {
    words(&read(Path::new("/p"), Vec::new(), output.as_bytes(), Vec::new()).diagnostics)
}

#[test]
fn kotlin_msbuild_esbuild_webpack_linters_php_and_cmake_are_heard() {
    assert_eq!(
        heard(
            "e: file:///p/A.kt:3:5 Unresolved reference: foo\ne: /p/B.kt: (4, 7): Type mismatch\nw: file:///p/C.kts:1:1 Unused\n"
        ),
        [
            "error A.kt:3:5 Unresolved reference: foo",
            "error B.kt:4:7 Type mismatch",
            "warning C.kts:1:1 Unused",
        ]
    );
    // MSBuild says each once more at its end.
    let twice = "  Program.cs(5,13): error CS0103: The name 'x' does not exist [/p/p.csproj]\n";
    assert_eq!(
        heard(&format!(
            "{twice}1>src\\main.cpp(10): fatal error C1083: no such file\nmain.cpp(3): warning C4101: unused\n{twice}"
        )),
        [
            "error Program.cs:5:13 The name 'x' does not exist [CS0103]",
            "error src/main.cpp:10 no such file [C1083]",
            "warning main.cpp:3 unused [C4101]",
        ]
    );
    assert_eq!(
        heard(
            "✘ [ERROR] Could not resolve \"./x\"\n\n    src/a.ts:1:7:\n      1 │ import \"./x\"\n\n▲ [WARNING] Odd [odd]\n\n✘ [ERROR] Alone\n\n\n\nend\n"
        ),
        [
            "error src/a.ts:1:7 Could not resolve \"./x\"",
            "error Alone",
            "warning Odd [odd]"
        ]
    );
    assert_eq!(
        heard(
            "ERROR in ./src/index.js 3:4-7\nModule parse failed: Unexpected token (3:4)\n\nERROR in src/b.ts:7:2\nTS2322: no\nERROR in main\nother\n"
        ),
        [
            "error src/index.js:3:4 Module parse failed: Unexpected token (3:4)",
            "error src/b.ts:7:2 TS2322: no",
        ]
    );
    assert_eq!(
        heard(
            "a.py:4:5: F401 `os` imported but unused\n./b.py:1:80: W291 trailing whitespace\nc.py:3:0: C0114: Missing docstring (missing)\nW292 No newline at end of file\n --> d.py:9:1\n  |\nF841 nothing\nno place\n"
        ),
        [
            "error a.py:4:5 `os` imported but unused [F401]",
            "warning b.py:1:80 trailing whitespace [W291]",
            "warning c.py:3:0 Missing docstring (missing) [C0114]",
            "warning d.py:9:1 No newline at end of file [W292]",
        ]
    );
    assert_eq!(
        heard(
            "PHP Parse error:  syntax error, unexpected end of file in /p/y.php on line 9\nParse error: syntax error, unexpected end of file in /p/y.php on line 9\nWarning: Undefined variable $a in /p/x.php on line 3\n"
        ),
        [
            "error y.php:9 syntax error, unexpected end of file [Parse error]",
            "warning x.php:3 Undefined variable $a [Warning]",
        ]
    );
    assert_eq!(
        heard(
            "CMake Error at CMakeLists.txt:3 (find_package):\n  By not providing \"FindFoo.cmake\" in CMAKE_MODULE_PATH\n  this fails.\n\nCall Stack (most recent call first):\n  a.cmake:3 (x)\n\nCMake Warning (dev) at sub/CMakeLists.txt:7 (message):\n  hello\n\nCMake Error: The source directory does not exist.\n-- Configuring incomplete\n"
        ),
        [
            "error CMakeLists.txt:3 By not providing \"FindFoo.cmake\" in CMAKE_MODULE_PATH this fails. [find_package]",
            "error The source directory does not exist.",
            "warning sub/CMakeLists.txt:7 hello [message]",
        ]
    );
}

/// Words of Maven without a place are told only where it says nothing better.
#[test]
fn what_maven_could_not_do_is_its_error() {
    let resolved = "[ERROR] Plugin org.apache:x:1 or one of its dependencies could not be resolved: Unknown host repo -> [Help 1]\n[ERROR] \n[ERROR] Re-run Maven using the -X switch\n";
    assert_eq!(
        heard(resolved),
        ["error Plugin org.apache:x:1 or one of its dependencies could not be resolved: Unknown host repo"]
    );
    let placed = "[ERROR] /p/A.java:[3,10] cannot find symbol\n[ERROR]   symbol:   variable x\n[ERROR] Failed to execute goal org.apache: Compilation failure -> [Help 1]\n";
    assert_eq!(heard(placed), ["error A.java:3:10 cannot find symbol"]);
    assert_eq!(heard("[ERROR] a test of the log prints this\n"), Vec::<String>::new());
}

fn with(matcher: &str, output: &str) -> Vec<String> {
    let (matchers, wrongs) = of_text(matcher);
    assert!(wrongs.is_empty(), "{wrongs:?}");
    words(&read_only(Path::new("/p"), matchers, output.as_bytes(), Vec::new()).diagnostics)
}

#[test]
fn problem_matchers_of_vs_code_are_understood() {
    // From VS Code's own documentation: eslint-stylish, with a loop.
    let stylish = r#"{
        // comments and trailing commas are fine
        "owner": "javascript",
        "fileLocation": ["relative", "${workspaceFolder}"],
        "pattern": [
            { "regexp": "^([^\\s].*)$", "file": 1 },
            { "regexp": "^\\s+(\\d+):(\\d+)\\s+(error|warning|info)\\s+(.*)\\s\\s+(.*)$",
              "line": 1, "column": 2, "severity": 3, "message": 4, "code": 5, "loop": true, },
        ],
    }"#;
    let output = "test.js\n  1:0   error  Missing \"use strict\" statement                 strict\n  1:9   warning  foo is defined but never used  no-unused-vars\nother.js\n  2:1  error  x  y\n";
    assert_eq!(
        with(stylish, output),
        [
            "error test.js:1:0 Missing \"use strict\" statement [strict]",
            "error other.js:2:1 x [y]",
            "warning test.js:1:9 foo is defined but never used [no-unused-vars]",
        ]
    );
    // A whole tasks.json, a name, a location, a map of severities.
    let tasks = r#"{"version": "2.0.0", "tasks": [
        {"label": "a", "problemMatcher": ["$msCompile"]},
        {"label": "b", "problemMatcher": {"severityMap": {"C": "warning"}, "fileLocation": "absolute",
          "pattern": {"regexp": "^(\\w): (.*?):(\\d+,\\d+) (.*)$", "severity": 1, "file": 2, "location": 3, "message": 4}}}]}"#;
    assert_eq!(
        with(tasks, "app.cs(4,8): error CS0103: no such name\nC: /q/r.rb:5,2 bad style\n"),
        ["error app.cs:4:8 no such name [CS0103]", "warning /q/r.rb:5:2 bad style",]
    );
    // Blocks of several lines go with their message.
    let block =
        r#"{"pattern": {"regexp": "^FAIL (.*):(\\d+) (.*)$", "file": 1, "line": 2, "message": 3}, "block": {"while": "^\\s"}}"#;
    let (matchers, _) = of_text(block);
    let told = read_only(
        Path::new("/p"),
        matchers,
        b"FAIL a.x:1 one\n  because\n  of this\nother\nFAIL a.x:2 two\n",
        Vec::new(),
    );
    assert_eq!(told.diagnostics.len(), 2);
    assert_eq!(told.diagnostics[0].rendered, "FAIL a.x:1 one\n  because\n  of this");
    // What has no effect is told, what is wrong too.
    let (matchers, notes) = of_text(r#"{"pattern": "$gcc", "background": {"activeOnStart": true}}"#);
    assert_eq!((matchers.len(), notes.len()), (1, 1));
    for (text, word) in [
        (r#"{"pattern": {"regexp": "a(b", "file": 1}}"#, "unclosed group"),
        (r#"{"pattern": {"regexp": "a", "file": 1}}"#, "group 1"),
        (r#"{"pattern": "$nope"}"#, "$nope"),
        (r#"{"pattern": {"regexp": "a", "fiel": 1}}"#, "fiel"),
        ("{\n  \"pattern\": nope\n}", "line 2"),
        ("{}", "pattern"),
    ] {
        let (matchers, wrongs) = of_text(text);
        assert!(
            matchers.is_empty() && wrongs.iter().any(|wrong| wrong.contains(word)),
            "{text}: {wrongs:?}"
        );
    }
}

/// The words of `chantier.toml` do in the box and on the command line as well, and what was tried as JSON is copied in them.
#[test]
fn problem_matchers_are_tried_as_the_project_file_has_them() {
    let own = "[[matcher]]\nname = \"lint\"\nseverity = \"warning\"\npattern = { regexp = '^(\\S+):(\\d+): (.*)$', file = 1, line = 2, message = 3 }\n\
               block = { while = '^ +' }\n";
    let output = "main.c:3: never used\n    int x;\ndone\n";
    assert_eq!(with(own, output), ["warning main.c:3 never used"]);
    let json = r#"{"owner": "lint", "severity": "warning", "block": {"while": "^ +"},
        "pattern": {"regexp": "^(\\S+):(\\d+): (.*)$", "file": 1, "line": 2, "message": 3}}"#;
    for text in [own, json] {
        let copied = to_toml(text).unwrap_or_else(|| panic!("{text}"));
        assert!(copied.starts_with("[[matcher]]"), "{copied}");
        let (project, problems) = project::parse(&copied, Path::new("chantier.toml"));
        assert!(problems.is_empty(), "{problems:?}\n{copied}");
        assert_eq!((project.matchers.len(), project.matchers[0].name.as_str()), (1, "lint"));
        assert_eq!(with(&copied, output), ["warning main.c:3 never used"], "{copied}");
    }
    // A pattern that stood beside it under a name comes with it.
    let package = r#"{"problemPatterns": [{"name": "mine", "regexp": "^(x)$", "message": 1}],
        "problemMatchers": [{"name": "m", "pattern": "$mine"}]}"#;
    let copied = to_toml(package).expect("it can be written");
    assert_eq!(with(&copied, "x\n"), ["error x"], "{copied}");
    let (_, wrongs) = of_text("[[matcher]]\npattern = { regexp = 'a(' }\n");
    assert!(wrongs[0].contains("unclosed group"), "{wrongs:?}");
    let (_, wrongs) = of_text("[[matcher]]\npattern = nope\n");
    assert!(wrongs[0].contains("line 2"), "{wrongs:?}");
    assert_eq!(to_toml("{}"), None);
}

#[test]
fn matchers_of_the_project_read_its_tasks() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir(&dir).expect("made");
    let file = "[[task]]\nname = \"lint\"\nkind = \"check\"\nrun = [\"sh\", \"-c\", \"echo 'L7 in conf.x says: no good'; exit 1\"]\n\
        [[matcher]]\nname = \"own\"\ntasks = [\"lint\"]\nseverity = \"error\"\npattern = { regexp = '^L(\\d+) in (\\S+) says: (.*)$', line = 1, file = 2, message = 3 }\n";
    std::fs::write(dir.join("chantier.toml"), file).expect("written");
    let answer = home.call_in(&dir, &["build", "run", "lint", "--trust", "--json"]).json();
    let why = &answer["result"]["why"];
    assert_eq!(
        (why["message"].as_str(), why["place"]["line"].as_u64()),
        (Some("no good"), Some(7)),
        "{answer:#}"
    );
    std::fs::write(dir.join("out"), "L1 in a says: x\nmain.c:3:5: error: nope\n").expect("written");
    let answer = home.call_in(&dir, &["build", "match", "out", "--json"]).ok().json();
    assert_eq!(
        answer["result"]["diagnostics"].as_array().map(Vec::len),
        Some(2),
        "{answer:#}"
    );
    std::fs::write(dir.join("m.json"), r#"{"pattern": {"regexp": "nope"}}"#).expect("written");
    let answer = home
        .call_in(&dir, &["build", "match", "--matcher", "m.json", "out", "--json"])
        .ok()
        .json();
    assert_eq!(answer["result"]["diagnostics"].as_array().map(Vec::len), Some(1));
    let (_, problems) = project::parse(&file.replace("line = 1", "line = 9"), Path::new("chantier.toml"));
    let problem = problems.first().expect("told");
    assert_eq!(problem.place.as_ref().and_then(|place| place.line), Some(6), "{problem:?}");
}

//! What tests leave behind, with real processes, files and ports.

use super::projects::call;
use super::real::{has, put};
use crate::support::cli::Home;
use serde_json::Value;
use std::path::Path;

const PY: &str = "import socket, subprocess, sys, tempfile, time\n\n\
def test_clean():\n    with tempfile.TemporaryFile() as file:\n        file.write(b'x')\n\n\
def test_leaves_a_file():\n    time.sleep(0.05)\n    tempfile.mkstemp(prefix='lost-')\n    time.sleep(0.05)\n\n\
def test_leaves_a_server():\n    code = 'import socket, time; s = socket.create_server((\"127.0.0.1\", 0)); print(s.getsockname()[1], flush=True); time.sleep(600)'\n    \
child = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)\n    \
assert int(child.stdout.readline()) > 0\n";

fn leak<'a>(answer: &'a Value, id: &str) -> &'a Value {
    let leaks = answer["result"]["leaks"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
    let row = leaks.iter().find(|row| row["id"] == id);
    &row.unwrap_or_else(|| panic!("{id}: {answer:#}"))["leak"]
}

fn check_python(home: &Home, dir: &Path, suite: &str) {
    let run = call(home, dir, &["test", "run", "--trust", "--json"]);
    assert_eq!(super::real::counts(&run), [3, 3, 0, 0], "{run:#}");
    let file = leak(&run, &format!("{suite}test_leaves_a_file"));
    assert_eq!((&file["n_files"], &file["n_processes"]), (&1.into(), &0.into()), "{run:#}");
    let name = file["files"][0].as_str().unwrap_or_default();
    assert!(name.starts_with("lost-"), "{run:#}");
    let server = leak(&run, &format!("{suite}test_leaves_a_server"));
    assert_eq!(server["n_processes"], 1, "{run:#}");
    assert_eq!(server["ports"].as_array().map_or(0, Vec::len), 1, "{run:#}");
    assert!(
        server["processes"][0]
            .as_str()
            .is_some_and(|words| words.contains("create_server")),
        "{run:#}"
    );
    assert_eq!(
        run["result"]["leaks"].as_array().map_or(0, Vec::len),
        2,
        "nobody else: {run:#}"
    );
    let port = server["ports"][0].as_u64().expect("a number") as u16;
    let is_free = std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    assert!(is_free, "what was left behind is ended");
}

#[test]
fn python_tests_that_leave_something_behind_are_named() {
    if !has("pytest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("py");
    put(&dir, &[("pytest.ini", "[pytest]\n"), ("tests/test_x.py", PY)]);
    let temp = home.path("temp");
    std::fs::create_dir(&temp).expect("made");
    check_python(&home, &dir, "pytest/tests/test_x.py ");
    let shown = call(&home, &dir, &["test", "show", "leaves_a_server", "--json"]);
    assert_eq!(shown["result"]["leak"]["n_processes"], 1, "{shown:#}");
    let slow = call(&home, &dir, &["test", "slow", "--json"]);
    // A test that took no time to speak of is not among the slow ones.
    let slowest = slow["result"]["slowest"].as_array().expect("a list");
    let names: Vec<&str> = slowest.iter().filter_map(|row| row["id"].as_str()).collect();
    assert!(names.contains(&"pytest/tests/test_x.py test_leaves_a_file"), "{slow:#}");
    let times: Vec<u64> = slowest.iter().filter_map(|row| row["duration_ms"].as_u64()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{slow:#}");
    assert_eq!(slow["result"]["leaks"].as_array().map_or(0, Vec::len), 2, "{slow:#}");
    let words = home.call_in(&dir, &["test", "show", "leaves_a_file"]).ok();
    assert!(words.out.contains("leaves one file behind"), "{}", words.out);
    // Mended, it leaks no more.
    put(
        &dir,
        &[("tests/test_x.py", &PY.replace("tempfile.mkstemp(prefix='lost-')", "pass"))],
    );
    let run = call(&home, &dir, &["test", "run", "--json"]);
    assert_eq!(run["result"]["leaks"].as_array().map_or(0, Vec::len), 1, "{run:#}");
    let shown = call(&home, &dir, &["test", "show", "leaves_a_file", "--json"]);
    assert_eq!(shown["result"]["leak"], Value::Null, "{shown:#}");

    let dir = home.path("un");
    let body = PY.split_once("\n\n").expect("imports first").1;
    let methods: String = body
        .lines()
        .map(|line| {
            if line.is_empty() {
                "\n".to_owned()
            } else {
                format!("    {line}\n")
            }
        })
        .collect();
    let source = format!(
        "import socket, subprocess, sys, tempfile, time, unittest\n\nclass T(unittest.TestCase):\n{}",
        methods.replace("():", "(self):")
    );
    put(&dir, &[("test_x.py", &source)]);
    check_python(&home, &dir, "unittest/test_x.py T::");
}

#[test]
fn what_go_and_nextest_leave_behind_is_put_down_to_its_test() {
    let home = Home::new();
    if has("go", &["version"]) {
        let dir = home.path("go");
        let test = "package leak\n\nimport (\n\t\"os\"\n\t\"os/exec\"\n\t\"testing\"\n\t\"time\"\n)\n\n\
             func TestClean(t *testing.T) { t.TempDir() }\n\n\
             func TestFile(t *testing.T) {\n\ttime.Sleep(50 * time.Millisecond)\n\tf, _ := os.CreateTemp(\"\", \"lost-\")\n\tf.Close()\n\ttime.Sleep(50 * time.Millisecond)\n}\n\n\
             func TestProcess(t *testing.T) {\n\ttime.Sleep(50 * time.Millisecond)\n\tif err := exec.Command(\"sleep\", \"600\").Start(); err != nil {\n\t\tt.Fatal(err)\n\t}\n\ttime.Sleep(50 * time.Millisecond)\n}\n";
        put(
            &dir,
            &[("go.mod", "module example.com/leak\n\ngo 1.19\n"), ("leak_test.go", test)],
        );
        let run = call(&home, &dir, &["test", "run", "--trust", "--json"]);
        assert_eq!(super::real::counts(&run), [3, 3, 0, 0], "{run:#}");
        let file = leak(&run, "go/example.com/leak TestFile");
        assert_eq!(file["n_files"], 1, "{run:#}");
        let process = leak(&run, "go/example.com/leak TestProcess");
        assert_eq!(process["processes"][0], "sleep 600", "{run:#}");
    }
    if has("cargo", &["nextest", "--version"]) {
        let dir = home.path("rust");
        let lib = "#[test]\nfn clean() {}\n#[test]\nfn leaks() {\n    std::process::Command::new(\"sleep\").arg(\"600\").spawn().unwrap();\n}\n";
        put(
            &dir,
            &[
                (
                    "Cargo.toml",
                    "[package]\nname = \"leak\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
                ),
                ("src/lib.rs", lib),
                (".config/nextest.toml", ""),
            ],
        );
        let run = call(&home, &dir, &["test", "run", "--trust", "--json"]);
        assert_eq!(super::real::counts(&run), [2, 2, 0, 0], "{run:#}");
        let leak = leak(&run, "cargo/leak leaks");
        assert_eq!(
            (&leak["is_told"], &leak["processes"][0]),
            (&true.into(), &"sleep 600".into()),
            "{run:#}"
        );
    }
}

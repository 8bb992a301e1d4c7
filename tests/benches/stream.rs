//! P-RUN-3 and P-RUN-4: a report of half a million test cases, and a child that floods its output.

#![allow(clippy::print_stdout, reason = "a benchmark prints its lines")]

mod measure;

use chantier::areas::test::frameworks::junit;
use measure::{Took, alternate, chantier, command, head, line, note, run, skip, status_number, thread_cpu_ms};
use quick_xml::events::Event;
use quick_xml::{Reader, XmlVersion};
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const N_CASES: usize = 500_000;
const FLOOD_BYTES: u64 = 1 << 30;

fn main() {
    // `cargo bench --bench stream -- flood` measures the flood alone.
    let wanted = std::env::args()
        .skip(1)
        .find(|word| !word.starts_with('-'))
        .unwrap_or_default();
    head();
    let place = tempfile::tempdir().expect("a temporary folder can be made");
    if "report".contains(&wanted) {
        report(place.path());
    }
    if "flood".contains(&wanted) {
        flood(place.path());
    }
}

fn timed(work: impl FnOnce() -> usize) -> Took {
    let (cpu, since) = (thread_cpu_ms(), Instant::now());
    let n = work();
    assert_eq!(n, N_CASES, "every case is read");
    Took {
        wall: since.elapsed().as_secs_f64() * 1e3,
        cpu: thread_cpu_ms() - cpu,
    }
}

/// Ours makes cases that are safe to show; the peer reads the elements and the values of their attributes.
fn report(place: &Path) {
    let file = place.join("report.xml");
    let mut text = String::from("<?xml version=\"1.0\"?>\n<testsuites>\n");
    for i in 0..N_CASES {
        if i % 1000 == 0 {
            let end = if i > 0 { "</testsuite>\n" } else { "" };
            writeln!(text, "{end}<testsuite name=\"suite{:03}\" tests=\"1000\">", i / 1000).expect("a string takes everything");
        }
        let case = format!(
            "<testcase classname=\"tests.module{:03}.Case\" name=\"test_case_{i:06}_keeps_the_order\" time=\"0.0{:02}\"",
            i / 1000,
            i % 100
        );
        if i % 100 == 7 {
            writeln!(
                text,
                "{case}><failure message=\"1 &lt; 2\">assert 1 &gt; 2\n  at line {i}</failure></testcase>"
            )
            .expect("a string takes everything");
        } else {
            writeln!(text, "{case}/>").expect("a string takes everything");
        }
    }
    text.push_str("</testsuite>\n</testsuites>\n");
    std::fs::write(&file, &text).expect("a file can be written");
    let open = || BufReader::with_capacity(256 << 10, std::fs::File::open(&file).expect("it was written"));
    let (a, b) = alternate(
        || {
            timed(|| {
                let mut n = 0;
                let problems = junit::read(open(), &file, &|| false, &mut |_| n += 1);
                assert!(problems.is_empty(), "{problems:?}");
                n
            })
        },
        || {
            timed(|| {
                let mut reader = Reader::from_reader(open());
                let (mut buffer, mut n) = (Vec::new(), 0);
                loop {
                    buffer.clear();
                    match reader.read_event_into(&mut buffer).expect("it is well-formed") {
                        Event::Eof => return n,
                        Event::Start(start) | Event::Empty(start) => {
                            n += usize::from(start.local_name().as_ref() == "testcase");
                            for attribute in start.attributes() {
                                let attribute = attribute.expect("it is well-formed");
                                black_box(
                                    attribute
                                        .normalized_value(XmlVersion::Explicit1_0)
                                        .expect("it is well-formed"),
                                );
                            }
                        }
                        _ => {}
                    }
                }
            })
        },
    );
    let name = format!("P-RUN-3 JUnit, 500,000 cases, {:.1} MB", text.len() as f64 / 1e6);
    line(&format!("{name}, wall"), (a.wall, b.wall), "ms", "<= 1.3 of quick-xml");
    line(&format!("{name}, cpu"), (a.cpu, b.cpu), "ms", "<= 1.3 of quick-xml");
}

/// A task that writes a gigabyte, beside a pipe that is only emptied.
fn flood(place: &Path) {
    let dir = place.join("flood");
    std::fs::create_dir_all(&dir).expect("a folder can be made");
    let task = |name: &str, n: u64| {
        let words = format!("yes 'Compiling a line of ordinary length, as tools write them' | head -c {n}");
        format!("[[task]]\nname = \"{name}\"\nrun = [\"sh\", \"-c\", \"{words}\"]\n")
    };
    let project = format!("{}{}", task("flood", FLOOD_BYTES), task("drop", 1000));
    std::fs::write(dir.join("chantier.toml"), project).expect("a file can be written");
    let ours = |name: &str| {
        let mut command = command(chantier(), &dir);
        command.arg("--home").arg(place.join("home"));
        command.args(["--trust", "build", "run", name]);
        command
    };
    if run(&mut ours("drop")).is_none() {
        skip("P-RUN-4", "the task does not run");
        return;
    }
    let small = watched(&mut ours("drop"));
    let (took, most) = watched(&mut ours("flood"));
    let since = Instant::now();
    let words = format!("yes 'Compiling a line of ordinary length, as tools write them' | head -c {FLOOD_BYTES}");
    let mut child = Command::new("sh")
        .args(["-c", &words])
        .stdout(Stdio::piped())
        .spawn()
        .expect("sh runs");
    let mut pipe = child.stdout.take().expect("a pipe");
    let mut buffer = vec![0; 256 << 10];
    while pipe.read(&mut buffer).expect("it can be read") > 0 {}
    child.wait().expect("it ends");
    let peer = since.elapsed();
    let rate = |took: Duration| FLOOD_BYTES as f64 / took.as_secs_f64() / 1e9;
    line(
        "P-RUN-4 a flood of 1 GiB",
        (rate(took), rate(peer)),
        "GB/s",
        ">= 0.5 GB/s, or the child waits",
    );
    line("P-RUN-4 growth of RSS", (most - small.1, 0.0), "MiB", "<= 64 MiB");
    note(&format!(
        "P-RUN-4: RSS at most {most:.1} MiB, {:.1} MiB with a task of one line",
        small.1
    ));
}

/// How long it ran, and its largest RSS in MiB.
fn watched(command: &mut Command) -> (Duration, f64) {
    let since = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("it starts");
    let mut most = 0.0_f64;
    while child.try_wait().expect("it can be asked").is_none() {
        most = most.max(status_number(child.id(), "VmHWM") / 1024.0);
        std::thread::sleep(Duration::from_millis(5));
    }
    (since.elapsed(), most)
}

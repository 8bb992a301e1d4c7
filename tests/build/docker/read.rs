//! The builder's words as steps, instructions with their lines, names that mean one thing, and the model.

use chantier::areas::build::docker::dockerfile::{instructions, line_in};
use chantier::areas::build::docker::model::{Model, pick, projects};
use chantier::areas::build::docker::steps::{Said, Steps};
use chantier::areas::build::docker::{Shown, Update};
use chantier::base::docker::{ContainerRow, Holdings, Kind, Stats, StepState};
use chantier::base::{Problem, Timestamp};
use chantier::msg;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + secs).unwrap()
}

#[test]
fn instructions_keep_their_lines_through_comments_and_continuations() {
    let text = "# syntax=docker/dockerfile:1\n# escape=`\n\nFROM base AS one\nRUN echo a `\n  # inside\n\n  && echo b\ncopy . /\n\n# end\nCMD [\"x\"]\n";
    let found: Vec<(u32, String)> = instructions(text).into_iter().map(|one| (one.line, one.word)).collect();
    let wanted = [(4, "FROM"), (5, "RUN"), (9, "COPY"), (12, "CMD")];
    assert_eq!(found, wanted.map(|(line, word)| (line, word.to_owned())));
    assert_eq!(line_in("dockerfile parse error line 3: unknown instruction: FETCH"), Some(3));
    assert_eq!(line_in("Dockerfile parse error on line 12: nope"), Some(12));
    assert_eq!(line_in("COPY failed: line 4 of nothing"), None);
}

#[test]
fn the_builders_words_become_steps_whatever_pieces_they_come_in() {
    // As Docker Engine 20.10.24 said it.
    let words = "Step 1/3 : FROM base\n ---> 0123456789ab\nStep 2/3 : RUN echo hi\n ---> Using cache\n ---> ba9876543210\nStep 3/3 : RUN make\n ---> Running in 1111\nStep 9/9 : of the program itself\nhi\nRemoving intermediate container 1111\n ---> cccccccccccc\nSuccessfully built cccccccccccc\n";
    let text = "FROM base\nRUN echo hi\nRUN make\n";
    for size in [1, 7, 4096] {
        let mut steps = Steps::new(instructions(text));
        let mut told = Vec::new();
        let mut lines = Vec::new();
        let bytes: Vec<char> = words.chars().collect();
        for (i, piece) in bytes.chunks(size).enumerate() {
            let piece: String = piece.iter().collect();
            for (line, said) in steps.take(&piece, at(i as i64)) {
                lines.push(line);
                told.extend(said.into_iter().filter_map(|said| match said {
                    Said::Step(step) => Some(*step),
                    Said::Line => None,
                }));
            }
        }
        assert_eq!(lines.join("\n") + "\n", words, "nothing is lost");
        let last = |number: u32| told.iter().rev().find(|step| step.number == number).unwrap();
        assert_eq!((last(1).state, last(1).line), (StepState::Done, Some(1)));
        assert_eq!((last(2).state, last(2).image.as_str()), (StepState::Cached, "ba9876543210"));
        assert_eq!((last(3).state, last(3).line), (StepState::Done, Some(3)));
        assert_eq!(steps.image, "cccccccccccc");
        assert!(steps.finish().is_none());
    }
    // A build that breaks off leaves its step as the one that failed.
    let mut steps = Steps::new(instructions(text));
    steps.take("Step 1/3 : FROM base\nStep 2/3 : RUN echo hi\n ---> Running in 1\n", at(0));
    let failed = steps.end(StepState::Failed, at(3)).unwrap();
    assert_eq!(
        (failed.number, failed.state, failed.duration_ms),
        (2, StepState::Failed, 3000)
    );
}

fn container(name: &str, id: &str, state: &str, labels: &[(&str, &str)]) -> ContainerRow {
    ContainerRow {
        id: id.to_owned(),
        name: name.to_owned(),
        state: state.to_owned(),
        labels: labels
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        ..ContainerRow::default()
    }
}

#[test]
fn a_word_means_one_thing_or_is_refused() {
    let all = [
        container("abc", "1111aaaa", "running", &[]),
        container("web", "abc22222", "running", &[]),
        container("db", "abc33333", "running", &[]),
    ];
    let find = |word: &str| pick(&all, word, |row| &row.id, |row| row.name == word).map(|row| row.name.clone());
    assert_eq!(
        find("abc"),
        Ok("abc".to_owned()),
        "a name comes before the beginning of an id"
    );
    assert_eq!(find("abc2"), Ok("web".to_owned()));
    assert_eq!(find("ab"), Err(2));
    assert_eq!(find("we"), Err(0), "half a name is no name");
    assert_eq!(find("zz"), Err(0));
}

#[test]
fn projects_are_told_from_labels_and_a_lost_engine_leaves_what_was_known() {
    let labels = [
        ("com.docker.compose.project", "shop"),
        ("com.docker.compose.service", "web"),
        ("com.docker.compose.project.working_dir", "/srv/shop"),
        ("com.docker.compose.project.config_files", "/srv/shop/a.yml,/srv/shop/b.yml"),
    ];
    let rows = vec![
        container("shop-web-1", "11", "running", &labels),
        container("shop-web-2", "22", "exited", &labels),
        container("other", "33", "running", &[]),
    ];
    let found = projects(&rows);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].n_running, found[0].n_containers, found[0].files.len()), (1, 2, 2));
    assert_eq!(found[0].services, ["web"]);

    let mut model = Model::default();
    let held = Holdings {
        containers: rows,
        ..Holdings::default()
    };
    let seen = |held: &Holdings| Update::Seen {
        at: at(0),
        held: Box::new(held.clone()),
    };
    model.apply(seen(&held));
    let sample = |id: &str| Stats {
        container: id.to_owned(),
        ..Stats::default()
    };
    for _ in 0..500 {
        model.apply(Update::Sampled {
            stats: vec![sample("11"), sample("22")],
        });
    }
    assert!(model.stats["11"].len() <= 120);
    model.apply(seen(&held));
    assert!(!model.stats.contains_key("22"), "what has ended needs nothing");
    let problem = Problem::environment(msg!("docker-away")).code("no-engine");
    model.apply(Update::Lost { problem });
    assert_eq!(model.containers().len(), 3, "unknown, not gone");
    assert!(model.lost.is_some() && model.stats.is_empty());
    model.apply(seen(&held));
    assert!(model.lost.is_none());
    for n in 0..100 {
        model.apply(Update::Shown(Box::new(Shown {
            kind: Kind::Image,
            id: n.to_string(),
            raw: serde_json::Value::Null,
            text: String::new(),
            history: Vec::new(),
        })));
    }
    assert!(model.shown(Kind::Image, "99").is_some() && model.shown(Kind::Image, "1").is_none());
}

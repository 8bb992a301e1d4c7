//! Plan: the front matter editor changes one value and no other byte, or refuses.

use crate::support::random::{first_seed, given_seed};
use chantier::areas::plan::edit::Value;
use chantier::areas::plan::front::{Document, Field};

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn list(values: &[&str]) -> Value {
    Value::List(values.iter().map(|value| (*value).to_owned()).collect())
}

/// One edit: the text before and after, exactly.
#[track_caller]
fn check_edit(before: &str, key: &str, value: &Value, after: &str) {
    let doc = Document::parse(before.as_bytes()).expect("the text before is an item");
    let new = doc.set(key, value).expect("the edit is possible");
    assert_eq!(new.text(), after, "{key} = {value:?}");
}

#[test]
fn an_edit_changes_the_value_and_no_other_byte() {
    let item = "---\nid: A-1\ntitle: Old # why\n# a comment\nx-custom:   {a: [1, 2]}   # kept\n---\n\nBody  \n";
    check_edit(item, "title", &text("New"), &item.replace("Old", "New"));
    check_edit(item, "title", &text("Old"), item);
    check_edit(item, "state", &text("done"), &item.replace("# why\n", "# why\nstate: done\n"));
    check_edit(
        item,
        "title",
        &Value::Nothing,
        &item.replace("title: Old # why", "title: # why"),
    );
    check_edit(item, "id", &Value::Nothing, &item.replace("id: A-1\n", ""));
    // Quotes keep their kind, and are added where YAML would read something else.
    check_edit("---\na: 'x'\n---\n", "a", &text("it's"), "---\na: 'it''s'\n---\n");
    check_edit(
        "---\na: \"x\"\n---\n",
        "a",
        &text("say \"y\""),
        "---\na: \"say \\\"y\\\"\"\n---\n",
    );
    check_edit("---\na: x\n---\n", "a", &text("k: v"), "---\na: \"k: v\"\n---\n");
    check_edit("---\na: x\n---\n", "a", &text("true"), "---\na: \"true\"\n---\n");
    check_edit("---\na: x\n---\n", "a", &text("1.10"), "---\na: \"1.10\"\n---\n");
    check_edit("---\na: x\n---\n", "a", &text("0.3.0"), "---\na: 0.3.0\n---\n");
    check_edit("---\na: x\n---\n", "a", &text("C# #1"), "---\na: \"C# #1\"\n---\n");
    check_edit(
        "---\na: x\n---\n",
        "a",
        &text("tab\tand \u{1}"),
        "---\na: \"tab\\tand \\x01\"\n---\n",
    );
    check_edit("---\na:\nb: 1\n---\n", "a", &text("x"), "---\na: x\nb: 1\n---\n");
    check_edit(
        "---\na:   # empty\nb: 1\n---\n",
        "a",
        &text("x"),
        "---\na: x   # empty\nb: 1\n---\n",
    );
    check_edit(
        "---\na: |\n  one\n  two\nb: 1\n---\n",
        "a",
        &text("x"),
        "---\na: x\nb: 1\n---\n",
    );
    check_edit("---\na: one\n  two\nb: 1\n---\n", "a", &text("x"), "---\na: x\nb: 1\n---\n");
    check_edit(
        "---\r\na: 1\r\n---\r\nB\r\n",
        "b",
        &text("x"),
        "---\r\na: 1\r\nb: x\r\n---\r\nB\r\n",
    );
    check_edit(
        "\u{feff}---\na: 1\n---",
        "a",
        &Value::Plain("2".into()),
        "\u{feff}---\na: 2\n---",
    );
    check_edit("---\n---\n", "a", &text("x"), "---\na: x\n---\n");
    check_edit("---\n\"a\": x\n---\n", "a", &text("z"), "---\n\"a\": z\n---\n");
}

#[test]
fn lists_keep_their_style_and_their_other_items() {
    let flow = "---\nl: [ a,  'b' , c ] # three\n---\n";
    check_edit(flow, "l", &list(&["a", "b", "c", "d"]), &flow.replace("c ]", "c, d ]"));
    check_edit(flow, "l", &list(&["b", "c"]), "---\nl: [ 'b' , c ] # three\n---\n");
    check_edit(flow, "l", &list(&["a", "b"]), "---\nl: [ a,  'b' ] # three\n---\n");
    check_edit(flow, "l", &list(&["a", "c", "x y"]), "---\nl: [ a,  c, x y ] # three\n---\n");
    check_edit(flow, "l", &list(&["c", "b", "a"]), "---\nl: [c, 'b', a] # three\n---\n");
    check_edit(flow, "l", &list(&[]), "---\nl: [] # three\n---\n");
    let block = "---\nl: # three\n  - a   # first\n  # between\n  - 'b'\n  - c\nz: 1\n---\n";
    check_edit(
        block,
        "l",
        &list(&["a", "b", "c", "d"]),
        &block.replace("  - c\n", "  - c\n  - d\n"),
    );
    check_edit(block, "l", &list(&["a", "c"]), &block.replace("  - 'b'\n", ""));
    check_edit(block, "l", &list(&[]), "---\nl: [] # three\nz: 1\n---\n");
    check_edit(
        "---\nl:\n- a\n- b\nz: 1\n---\n",
        "l",
        &list(&["b", "x: y"]),
        "---\nl:\n- b\n- \"x: y\"\nz: 1\n---\n",
    );
    check_edit("---\nl: a\n---\n", "l", &list(&["a", "b"]), "---\nl: [a, b]\n---\n");
    check_edit("---\nl:\n---\n", "l", &list(&["a,b", "c"]), "---\nl: [\"a,b\", c]\n---\n");
    check_edit(
        "---\nl: [\n  a,\n  b,\n]\n---\n",
        "l",
        &list(&["a", "b", "c"]),
        "---\nl: [\n  a,\n  b, c,\n]\n---\n",
    );
    check_edit("---\na: 1\n---\n", "l", &list(&["x"]), "---\na: 1\nl: [x]\n---\n");
    check_edit("---\na: 1\n---\n", "l", &list(&[]), "---\na: 1\n---\n");
}

#[test]
fn what_is_no_item_is_told_with_its_place_and_never_edited() {
    #[track_caller]
    fn flaw(bytes: &[u8], key: &str, line: u32) {
        let flaw = Document::parse(bytes).expect_err("this is no item");
        assert_eq!((flaw.why.key.as_ref(), flaw.line), (key, line));
    }
    flaw(b"", "plan-flaw-no-front-matter", 1);
    flaw(b"# Title\n---\na: 1\n---\n", "plan-flaw-no-front-matter", 1);
    flaw(b"---\na: 1\n", "plan-flaw-not-closed", 1);
    flaw(b"---\na: 1\nb: [1\n---\n", "plan-flaw-yaml", 3);
    flaw(b"---\na: 1\na: 2\n---\n", "plan-flaw-key-twice", 3);
    flaw(b"---\na: \"x\n---\n", "plan-flaw-yaml", 3);
    flaw(b"---\na: 1\n\tb: 2\n---\n", "plan-flaw-yaml", 2);
    flaw(b"---\n- a\n---\n", "plan-flaw-yaml", 2);
    flaw(b"---\na: 1\nb: \xff\n---\n", "plan-flaw-utf8", 3);
    let conflict = "---\nid: A\n<<<<<<< ours\nstate: ready\n=======\nstate: done\n>>>>>>> theirs\n---\n";
    flaw(conflict.as_bytes(), "plan-flaw-conflict", 3);
    flaw(&vec![b'x'; 2 << 20], "plan-flaw-too-large", 0);
    // Valid, but only a hand should touch it: the edit is refused.
    for (before, key) in [
        ("---\n{a: 1, b: 2}\n---\n", "a"),
        ("---\na: &x one\nb: *x\n---\n", "a"),
        ("---\na: &x one\nb: *x\n---\n", "b"),
        ("---\n? a\n: 1\n---\n", "a"),
        ("---\na: !!str 1\n---\n", "a"),
    ] {
        let doc = Document::parse(before.as_bytes()).expect("valid YAML");
        let refused = doc.set(key, &text("new")).expect_err(before);
        assert_eq!(refused.why.key, "plan-flaw-odd-layout", "{before}");
    }
    // Another key of such a file can be changed, when that is certain to be safe.
    check_edit(
        "---\na: &x one\nb: *x\nc: 1\n---\n",
        "c",
        &text("z"),
        "---\na: &x one\nb: *x\nc: z\n---\n",
    );
}

/// A random item made of segments, so that it is known which bytes may change.
struct RandomItem {
    segments: Vec<(Option<String>, String)>,
    eol: &'static str,
}

impl RandomItem {
    fn new(rng: &mut fastrand::Rng) -> Self {
        let eol = if rng.u8(..4) == 0 { "\r\n" } else { "\n" };
        let mut segments = vec![(None, format!("{}---{eol}", if rng.u8(..5) == 0 { "\u{feff}" } else { "" }))];
        for index in 0..rng.usize(1..8) {
            for _ in 0..rng.usize(..3) {
                let between = ["# note: not a key", "", "#", "   # set in"][rng.usize(..4)];
                segments.push((None, format!("{between}{eol}")));
            }
            let key = format!("{}{index}", ["key", "x-key", "Key_", "clé"][rng.usize(..4)]);
            let value = Self::value(rng, eol);
            let colon = ["", " "][usize::from(rng.u8(..6) == 0)];
            segments.push((Some(key.clone()), format!("{key}{colon}:{value}{eol}")));
        }
        segments.push((
            None,
            format!("---{}", if rng.u8(..8) == 0 { String::new() } else { eol.to_owned() }),
        ));
        if segments.last().is_some_and(|(_, last)| last.ends_with('\n')) {
            let body = ["", "\nBody: x\n---\nmore\n", "text without end", "\n- [ ] a: b\n# h\n"][rng.usize(..4)];
            segments.push((None, body.replace('\n', eol)));
        }
        Self { segments, eol }
    }

    fn word(rng: &mut fastrand::Rng) -> String {
        let words = [
            "a",
            "été",
            "two words",
            "0.1.0",
            "x-y",
            "日本",
            "v#1",
            "http://x/y",
            "it's",
            "a\\b",
            "12",
            "yes",
        ];
        words[rng.usize(..words.len())].to_owned()
    }

    fn value(rng: &mut fastrand::Rng, eol: &str) -> String {
        let comment = ["", " # why", "   #", "\t# tab"][rng.usize(..4)];
        let word = Self::word(rng);
        match rng.u8(..11) {
            0 => String::new(),
            1 => format!(" {comment}"),
            2 => format!(" '{}'{comment}", word.replace('\'', "''")),
            3 => format!(" \"{}\"{comment}", word.replace('\\', "\\\\")),
            4 => format!(" [{}, \"b\", 'c d' ]{comment}", word.replace(':', "")),
            5 => format!(" []{comment}"),
            6 => format!("{comment}{eol}  - one{comment}{eol}  - \"two\""),
            7 => format!("{eol}- one{eol}- {word}"),
            8 => format!(" |{eol}  # text{eol}{eol}  more: {word}"),
            9 => format!(" {word}{eol}   goes on"),
            _ => format!("  {word}{comment}"),
        }
    }

    fn text(&self) -> String {
        self.segments.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// What stands before and behind a key; behind the last key when it is new.
    fn around(&self, key: &str) -> (String, String) {
        let end = self
            .segments
            .iter()
            .rposition(|(_, text)| text.starts_with("---") && text.trim_end() == "---");
        let found = self.segments.iter().position(|(name, _)| name.as_deref() == Some(key));
        let (before, after) = match found {
            Some(at) => (&self.segments[..at], &self.segments[at + 1..]),
            None => {
                // The closing fence is the last segment, or the one before the body.
                let at = end.filter(|at| at + 2 >= self.segments.len()).expect("every item is closed");
                (&self.segments[..at], &self.segments[at..])
            }
        };
        let join = |segments: &[(Option<String>, String)]| segments.iter().map(|(_, text)| text.as_str()).collect();
        (join(before), join(after))
    }
}

#[test]
fn random_edits_of_random_items_touch_one_key_only() {
    let seed = given_seed().unwrap_or_else(first_seed);
    println!("CHANTIER_SEED={seed}");
    let mut rng = fastrand::Rng::with_seed(seed);
    let (mut n_edits, mut n_refused) = (0, 0);
    for round in 0..4000 {
        let item = RandomItem::new(&mut rng);
        let before = item.text();
        let what = |message: &str| format!("CHANTIER_SEED={seed} round {round}: {message}\n{before}");
        let doc = match Document::parse(before.as_bytes()) {
            Ok(doc) => doc,
            Err(flaw) => panic!("{}", what(&format!("{flaw:?}"))),
        };
        assert_eq!(doc.eol(), item.eol, "{}", what("line break"));
        let keys: Vec<String> = item.segments.iter().filter_map(|(key, _)| key.clone()).collect();
        assert_eq!(
            doc.fields().iter().map(|(key, _)| key.clone()).collect::<Vec<_>>(),
            keys,
            "{}",
            what("keys")
        );
        let key = if rng.u8(..4) == 0 {
            "new".to_owned()
        } else {
            keys[rng.usize(..keys.len())].clone()
        };
        let value = match rng.u8(..6) {
            0 => Value::Nothing,
            1 => Value::Plain(rng.u32(..).to_string()),
            2 => Value::List((0..rng.usize(..4)).map(|_| RandomItem::word(&mut rng)).collect()),
            3 => {
                // A small change of the list that stands there.
                let mut list = match doc.field(&key) {
                    Some(Field::List(list)) => list.clone(),
                    _ => Vec::new(),
                };
                if !list.is_empty() && rng.bool() {
                    list.remove(rng.usize(..list.len()));
                }
                if rng.bool() {
                    list.push(RandomItem::word(&mut rng));
                }
                Value::List(list)
            }
            _ => Value::Text(format!(
                "{}{}",
                RandomItem::word(&mut rng),
                [" ", ": ", "\n", "#", ""][rng.usize(..5)]
            )),
        };
        n_edits += 1;
        let new = match doc.set(&key, &value) {
            Ok(new) => new,
            Err(flaw) => {
                assert_eq!(flaw.why.key, "plan-flaw-odd-layout");
                n_refused += 1;
                println!("refused {key} = {value:?} in\n{before}");
                continue;
            }
        };
        let (head, tail) = item.around(&key);
        let after = new.text();
        assert!(
            after.starts_with(&head) && after.ends_with(&tail) && after.len() >= head.len() + tail.len(),
            "{}",
            what(&format!("{key} = {value:?} gave\n{after}"))
        );
        let inside = &after[head.len()..after.len() - tail.len()];
        assert_eq!(
            inside.matches('\n').count(),
            inside.matches(item.eol).count(),
            "{}",
            what("line breaks")
        );
        // Back again: the document can be edited any number of times.
        let again = Document::parse(after.as_bytes()).expect("what was written can be read");
        assert_eq!(again.fields(), new.fields());
    }
    assert!(
        n_refused * 50 < n_edits,
        "CHANTIER_SEED={seed}: {n_refused} of {n_edits} edits were refused"
    );
}

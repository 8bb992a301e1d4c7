//! Lanes of the graph, drawn with letters, and what the model makes of updates.

use chantier::adapters::git::graph::{LaneIndex, Lanes};
use chantier::areas::code::history::search::Wanted;
use chantier::areas::code::model::Model;
use chantier::areas::code::{HistoryQuery, Update};
use chantier::base::repo::{CommitRow, HistoryOutline};
use chantier::base::{GraphRow, Timestamp, WorkspaceId};

/// `child: parent parent`, one commit a line: the node of each row, and the parents of every node.
struct Drawing {
    names: Vec<String>,
    order: Vec<u32>,
    parents: Vec<Vec<u32>>,
}

impl Drawing {
    fn of(text: &str) -> Self {
        let mut drawing = Self {
            names: Vec::new(),
            order: Vec::new(),
            parents: Vec::new(),
        };
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let (oid, parents) = line.trim().split_once(':').unwrap();
            let node = drawing.node(oid);
            let parents = parents.split_whitespace().map(|parent| drawing.node(parent)).collect();
            drawing.order.push(node);
            drawing.parents[node as usize] = parents;
        }
        drawing
    }

    fn node(&mut self, name: &str) -> u32 {
        if let Some(at) = self.names.iter().position(|known| known == name) {
            return at as u32;
        }
        self.names.push(name.to_owned());
        self.parents.push(Vec::new());
        self.names.len() as u32 - 1
    }

    fn parents(&self, node: u32) -> &[u32] {
        &self.parents[node as usize]
    }

    fn rows(&self) -> Vec<GraphRow> {
        let mut lanes: Lanes = Lanes::default();
        let row = |node: &u32| lanes.row(*node, self.parents(*node));
        self.order.iter().map(row).collect()
    }

    /// A line of text for a row: node and passing lines, then where each line below goes.
    fn text(&self) -> String {
        let mut out = String::new();
        for (node, graph) in self.order.iter().zip(self.rows()) {
            let up: Vec<String> = graph.upper.iter().map(|line| format!("{}>{}", line.from, line.to)).collect();
            let down: Vec<String> = graph.lower.iter().map(|line| format!("{}>{}", line.from, line.to)).collect();
            let sign = if graph.is_merge { 'M' } else { 'o' };
            out.push_str(&format!(
                "{} {sign}{} [{}] [{}]\n",
                self.names[*node as usize],
                graph.lane,
                up.join(" "),
                down.join(" ")
            ));
        }
        out
    }
}

#[test]
fn a_merge_opens_a_lane_and_the_fork_closes_it() {
    let drawing = Drawing::of("e: d b\nd: c\nb: a\nc: a\na:");
    assert_eq!(
        drawing.text(),
        "e M0 [] [0>0 0>1]\n\
         d o0 [0>0 1>1] [1>1 0>0]\n\
         b o1 [0>0 1>1] [0>0 1>1]\n\
         c o0 [0>0 1>1] [1>1 0>0]\n\
         a o0 [0>0 1>0] []\n"
    );
}

/// A random history; long ones have several marks, wide ones wide ones.
fn random(rng: &mut fastrand::Rng, n: usize, reach: usize) -> Drawing {
    let text: String = (0..n)
        .map(|at| {
            let mut parents: Vec<String> = (0..rng.usize(..4).min(n - 1 - at))
                .map(|_| (at + 1 + rng.usize(..(n - 1 - at).min(reach))).to_string())
                .collect();
            parents.sort();
            parents.dedup();
            format!("{at}: {}\n", parents.join(" "))
        })
        .collect();
    Drawing::of(&text)
}

#[test]
fn any_rows_are_drawn_as_in_the_whole() {
    super::fixture::cases(12, |rng| {
        let reach = if rng.bool() { 9 } else { 900 };
        let drawing = random(rng, 3000, reach);
        let whole = drawing.rows();
        let index = LaneIndex::build(&drawing.order, |node| drawing.parents(node), &|| false).unwrap();
        let widest = whole.iter().map(GraphRow::n_lanes).max().unwrap();
        assert!(index.n_lanes >= usize::from(widest) - 1);
        for _ in 0..20 {
            let first = rng.usize(..whole.len());
            let last = (first + rng.usize(..200)).min(whole.len());
            let some = index.rows(&drawing.order, first..last, |node| drawing.parents(node));
            assert!(some == whole[first..last], "rows {first} to {last}");
        }
    });
}

/// Every line that goes down at the bottom of a row comes in at the top of the next one, in random histories.
#[test]
fn lines_never_break() {
    super::fixture::cases(40, |rng| {
        let n = rng.usize(2..80);
        let drawing = random(rng, n, 9);
        let rows = drawing.rows();
        for pair in rows.windows(2) {
            let mut below: Vec<(u16, u16)> = pair[0].lower.iter().map(|line| (line.to, line.color)).collect();
            let mut above: Vec<(u16, u16)> = pair[1].upper.iter().map(|line| (line.from, line.color)).collect();
            below.sort_unstable();
            below.dedup();
            above.sort_unstable();
            assert_eq!(below, above, "{}", drawing.text());
        }
        for graph in &rows {
            assert!(graph.upper.iter().all(|line| line.to == line.from || line.to == graph.lane));
            assert!(graph.lower.iter().all(|line| line.to == line.from || line.from == graph.lane));
        }
    });
}

fn rows(text: &str) -> Vec<CommitRow> {
    let row = |oid: &str| CommitRow {
        oid: oid.to_owned(),
        parents: Vec::new(),
        summary: String::new(),
        author: String::new(),
        authored: Timestamp::UNIX_EPOCH,
        committed: Timestamp::UNIX_EPOCH,
        refs: Vec::new(),
        graph: GraphRow::default(),
    };
    text.split_whitespace().map(row).collect()
}

#[test]
fn the_model_keeps_the_rows_that_are_seen_and_the_newest_status() {
    let workspace = WorkspaceId("w".into());
    let mut model = Model::default();
    let query = HistoryQuery {
        is_all: true,
        ..HistoryQuery::default()
    };
    let outline = |stamp: &str, n_rows| HistoryOutline {
        stamp: stamp.into(),
        n_rows,
        is_whole: true,
        ..HistoryOutline::default()
    };
    let outlined = |query: &HistoryQuery, outline, first, text: &str| Update::HistoryOutlined {
        workspace: workspace.clone(),
        query: query.clone(),
        outline,
        first,
        rows: rows(text),
    };
    let read = |stamp: &str, first, rows| Update::HistoryRead {
        workspace: workspace.clone(),
        stamp: stamp.into(),
        first,
        rows,
    };
    let started = |query: &HistoryQuery| Update::HistoryStarted {
        workspace: workspace.clone(),
        query: query.clone(),
    };
    model.apply(started(&query));
    assert!(model.repo(&workspace).unwrap().history.outline.is_loading());
    model.apply(outlined(&query, outline("one", 1_000_000), 0, "c b"));
    model.apply(read("one", 2, rows("a")));
    model.apply(read("another", 3, rows("wrong")));
    model.apply(read("one", 900_000, rows("far")));
    let oid = |model: &Model, at| model.repo(&workspace).unwrap().history.row(at).map(|row| row.oid.clone());
    assert_eq!(oid(&model, 2).as_deref(), Some("a"));
    assert_eq!((oid(&model, 3), oid(&model, 900_000).as_deref()), (None, Some("far")));
    // Only so many rows are kept, those nearest to what was read last.
    for page in 0..60 {
        let some: Vec<String> = (0..1_000).map(|n| format!("{page}-{n}")).collect();
        model.apply(read("one", 100_000 + page * 1_000, rows(&some.join(" "))));
    }
    assert_eq!(oid(&model, 159_999).as_deref(), Some("59-999"));
    assert_eq!((oid(&model, 900_000), oid(&model, 0)), (None, None));
    // Another history: nothing of the one before stays, and late rows of it are not taken.
    model.apply(outlined(&query, outline("two", 3), 0, "x y z"));
    model.apply(read("one", 1, rows("late")));
    assert_eq!(oid(&model, 1).as_deref(), Some("y"));
    let other = HistoryQuery {
        wanted: Wanted::parse("x"),
        ..HistoryQuery::default()
    };
    model.apply(started(&other));
    model.apply(outlined(&query, outline("two", 3), 0, "late"));
    assert_eq!(model.repo(&workspace).unwrap().history.n_rows(), 0);
    let problem = chantier::base::Problem::internal(chantier::msg!("code-clean"));
    model.apply(Update::StatusFailed {
        workspace: workspace.clone(),
        number: 7,
        problem: problem.clone(),
    });
    model.apply(Update::StatusFailed {
        workspace: workspace.clone(),
        number: 3,
        problem: problem.code("late"),
    });
    let status = &model.repo(&workspace).unwrap().status;
    assert_eq!(status.problem().unwrap().code, "");
}

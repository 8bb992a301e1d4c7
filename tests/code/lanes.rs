//! Lanes of the graph, drawn with letters, and what the model makes of updates.

use chantier::areas::code::history::lanes::Lanes;
use chantier::areas::code::model::Model;
use chantier::areas::code::{HistoryQuery, Update};
use chantier::base::repo::CommitRow;
use chantier::base::{GraphRow, Timestamp, WorkspaceId};

/// `child: parent parent`, one commit a line.
fn rows(text: &str) -> Vec<CommitRow> {
    let row = |line: &str| {
        let (oid, parents) = line.trim().split_once(':').unwrap();
        CommitRow {
            oid: oid.to_owned(),
            parents: parents.split_whitespace().map(str::to_owned).collect(),
            summary: String::new(),
            author: String::new(),
            authored: Timestamp::UNIX_EPOCH,
            committed: Timestamp::UNIX_EPOCH,
            refs: Vec::new(),
            graph: GraphRow::default(),
        }
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(row).collect()
}

/// Two lines of text for a row: node and passing lines, then where each line below goes.
fn draw(rows: &[CommitRow]) -> String {
    let mut out = String::new();
    for row in rows {
        let graph = &row.graph;
        let up: Vec<String> = graph.upper.iter().map(|line| format!("{}>{}", line.from, line.to)).collect();
        let down: Vec<String> = graph.lower.iter().map(|line| format!("{}>{}", line.from, line.to)).collect();
        let sign = if graph.is_merge { 'M' } else { 'o' };
        out.push_str(&format!(
            "{} {sign}{} [{}] [{}]\n",
            row.oid,
            graph.lane,
            up.join(" "),
            down.join(" ")
        ));
    }
    out
}

#[test]
fn a_merge_opens_a_lane_and_the_fork_closes_it() {
    let mut commits = rows("e: d b\nd: c\nb: a\nc: a\na:");
    let mut lanes = Lanes::default();
    lanes.lay(&mut commits);
    assert_eq!(
        draw(&commits),
        "e M0 [] [0>0 0>1]\n\
         d o0 [0>0 1>1] [1>1 0>0]\n\
         b o1 [0>0 1>1] [0>0 1>1]\n\
         c o0 [0>0 1>1] [1>1 0>0]\n\
         a o0 [0>0 1>0] []\n"
    );
    assert_eq!(lanes, Lanes::default_after(2), "every line has ended");
}

trait DefaultAfter {
    fn default_after(n_colors: u16) -> Lanes;
}

impl DefaultAfter for Lanes {
    /// No line is open, and so many colours were used.
    fn default_after(n_colors: u16) -> Lanes {
        serde_json::from_value(serde_json::json!({ "slots": [], "next_color": n_colors })).unwrap()
    }
}

#[test]
fn pages_continue_each_other() {
    let text = "h: g\nx: f\ng: f e\nf: d\ne: d c\nd: b\nc: b\nb: a\nz: a\na:";
    let mut whole = rows(text);
    Lanes::default().lay(&mut whole);
    for cut in 1..whole.len() {
        let mut commits = rows(text);
        let mut lanes = Lanes::default();
        let (first, second) = commits.split_at_mut(cut);
        lanes.lay(first);
        let json = serde_json::to_string(&lanes).unwrap();
        let mut again: Lanes = serde_json::from_str(&json).unwrap();
        again.lay(second);
        assert_eq!(draw(&commits), draw(&whole));
    }
}

/// Every line that goes down at the bottom of a row comes in at the top of the next one, in random histories.
#[test]
fn lines_never_break() {
    super::fixture::cases(40, |rng| {
        let n = rng.usize(2..80);
        let text: String = (0..n)
            .map(|at| {
                let parents: Vec<String> = (0..rng.usize(..4).min(n - 1 - at))
                    .map(|_| (at + 1 + rng.usize(..(n - 1 - at).min(9))).to_string())
                    .collect();
                let mut parents = parents;
                parents.dedup();
                format!("{at}: {}\n", parents.join(" "))
            })
            .collect();
        let mut commits = rows(&text);
        let mut lanes = Lanes::default();
        lanes.lay(&mut commits);
        for pair in commits.windows(2) {
            let mut below: Vec<(u16, u16)> = pair[0].graph.lower.iter().map(|line| (line.to, line.color)).collect();
            let mut above: Vec<(u16, u16)> = pair[1].graph.upper.iter().map(|line| (line.from, line.color)).collect();
            below.sort_unstable();
            below.dedup();
            above.sort_unstable();
            assert_eq!(below, above, "{text}");
        }
        for row in &commits {
            let graph = &row.graph;
            assert!(graph.upper.iter().all(|line| line.to == line.from || line.to == graph.lane));
            assert!(graph.lower.iter().all(|line| line.to == line.from || line.from == graph.lane));
        }
    });
}

#[test]
fn the_model_keeps_pages_in_order_and_the_newest_status() {
    let workspace = WorkspaceId("w".into());
    let mut model = Model::default();
    let query = HistoryQuery {
        is_all: true,
        ..HistoryQuery::default()
    };
    let read = |n_skip: u64, text: &str, is_end| Update::HistoryRead {
        workspace: workspace.clone(),
        query: query.clone(),
        n_skip,
        rows: rows(text),
        lanes: Lanes::default(),
        is_end,
    };
    model.apply(Update::HistoryStarted {
        workspace: workspace.clone(),
        query: query.clone(),
        n_skip: 0,
    });
    assert!(model.repo(&workspace).unwrap().history.page.is_loading());
    model.apply(read(0, "c: b", false));
    model.apply(read(5, "x:", false));
    model.apply(read(1, "b: a\na:", true));
    let history = &model.repo(&workspace).unwrap().history;
    let oids: Vec<&str> = history.rows.iter().map(|row| row.oid.as_str()).collect();
    assert_eq!((oids, history.is_end), (vec!["c", "b", "a"], true));
    // Another question: the old answer is gone, and a late page of it is not taken.
    let other = HistoryQuery {
        words: Some("x".into()),
        ..HistoryQuery::default()
    };
    model.apply(Update::HistoryStarted {
        workspace: workspace.clone(),
        query: other,
        n_skip: 0,
    });
    model.apply(read(3, "late:", true));
    assert!(model.repo(&workspace).unwrap().history.rows.is_empty());
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

//! Rights that hands wrote: rows are found by model and group, and written in the columns that the file has.

use super::Open;

/// A value with the name of its column.
type Cell = (String, String);
type Row = Vec<Cell>;

pub(super) fn carry(base: &str, theirs: &str, lines: &mut Vec<String>) -> Vec<Open> {
    let (before, after) = (rows(base), rows(theirs));
    let heads = lines.first().map(|line| cells(line)).unwrap_or_default();
    let mut open = Vec::new();
    let mut leave = |old: Option<&Row>, new: Option<&Row>| {
        let text = |row: Option<&Row>| row.map(|row| format!("{}\n", written(row))).into_iter().collect();
        open.push((text(old), text(new)));
    };
    let same = |row: &Row, other: &Row| cell(row, "id") == cell(other, "id");
    for row in &after {
        let old = before.iter().find(|known| same(known, row));
        if old == Some(row) {
            continue;
        }
        let here = places(old.unwrap_or(row), &heads, lines);
        match here.as_slice() {
            [] if old.is_none() && !heads.is_empty() => lines.push(line_of(&heads, row, None)),
            [at] => lines[*at] = line_of(&heads, row, Some(&cells(&lines[*at]))),
            _ => leave(old, Some(row)),
        }
    }
    for row in before.iter().filter(|row| !after.iter().any(|other| same(row, other))) {
        match places(row, &heads, lines).as_slice() {
            [at] => drop(lines.remove(*at)),
            _ => leave(Some(row), None),
        }
    }
    open
}

fn cells(line: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(line.as_bytes());
    let row = reader.records().find_map(Result::ok);
    row.map(|row| row.iter().map(str::to_owned).collect()).unwrap_or_default()
}

/// `model_id/id` and `model_id:id` are one column.
fn column(head: &str) -> String {
    head.trim().replace('/', ":")
}

fn rows(text: &str) -> Vec<Row> {
    let mut lines = text.lines();
    let heads: Vec<String> = lines.next().map(cells).unwrap_or_default();
    let row = |line: &str| heads.iter().map(|head| column(head)).zip(cells(line)).collect();
    lines.filter(|line| !line.trim().is_empty()).map(row).collect()
}

fn cell<'r>(row: &'r [Cell], head: &str) -> &'r str {
    row.iter().find(|(known, _)| known == head).map_or("", |(_, value)| value)
}

/// The rows of hands for the model and the group of this one.
fn places(row: &[Cell], heads: &[String], lines: &[String]) -> Vec<usize> {
    let is_same = |own: &str, other: &str| {
        let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
        own == other || own.contains('.') != other.contains('.') && last(own) == last(other)
    };
    let is_here = |at: &usize| {
        let own: Row = heads.iter().map(|head| column(head)).zip(cells(&lines[*at])).collect();
        ["model_id:id", "group_id:id"]
            .iter()
            .all(|head| is_same(cell(&own, head).trim(), cell(row, head)))
    };
    (1..lines.len())
        .filter(|at| !lines[*at].trim().is_empty())
        .filter(is_here)
        .collect()
}

/// A row in the columns of the file; one that is there keeps what is no right.
fn line_of(heads: &[String], row: &[Cell], known: Option<&[String]>) -> String {
    let values = heads.iter().enumerate().map(|(index, head)| {
        let head = column(head);
        let own = known
            .and_then(|known| known.get(index))
            .filter(|_| !head.starts_with("perm_"));
        (head.clone(), own.cloned().unwrap_or_else(|| cell(row, &head).to_owned()))
    });
    format!("{}\n", written(&values.collect::<Row>()))
}

fn written(row: &[Cell]) -> String {
    let quoted = |value: &String| {
        if value.contains([',', '"', '\n']) {
            format!("\"{}\"", value.replace('"', "\"\""))
        } else {
            value.clone()
        }
    };
    let values: Vec<String> = row.iter().map(|(_, value)| quoted(value)).collect();
    values.join(",")
}

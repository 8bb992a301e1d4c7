//! Tables, trees and boards: what is laid out, and what clicks and keys do.

use super::{CTRL, click, copied, has, plain};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Lang, State};
use chantier::ui::board::{BoardColumn, BoardState, Moved, board_ui};
use chantier::ui::table::{Column, GroupRow, Table, TableResponse, TableState, row_key};
use chantier::ui::tree::{TreeState, flatten, tree_ui};
use chantier::ui::{action, state_mark, text};
use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

const NAMES: [&str; 5] = ["meteo-api", "boutique-web", "facturation", "alertes-crue", "erplibre"];

#[derive(Default)]
struct Page {
    table: TableState,
    /// Everything that happened, in order.
    log: Vec<TableResponse>,
    n_cells: usize,
    asked: Vec<&'static str>,
}

impl Page {
    fn keep(&mut self, response: TableResponse) {
        let quiet = TableResponse {
            hovered: response.hovered,
            ..TableResponse::default()
        };
        if response != quiet {
            self.log.push(response);
        }
    }

    fn selected(&self) -> Vec<&'static str> {
        NAMES
            .into_iter()
            .filter(|name| self.table.selected.contains(&row_key(name)))
            .collect()
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("name", "Workspace", 160.0).always(),
        Column::new("branch", "Branch", 120.0),
        Column::new("count", "Count", 80.0).right(),
    ]
}

fn names_page() -> egui_kittest::Harness<'static, Page> {
    plain(Page::default(), |ui, page| {
        let columns = columns();
        let asked = &mut page.asked;
        let response = Table::new("names", "Workspaces", &columns, NAMES.len())
            .key(|row| row_key(NAMES[row]))
            .label(|row| format!("row {}", NAMES[row]))
            .menu(|ui, _| {
                let open = action::Action::new("open", "Open", "open");
                if let Some(intent) = action::menu_ui(ui, [&open]) {
                    asked.push(intent);
                }
            })
            .show(ui, &mut page.table, |ui, row, column| {
                page.n_cells += 1;
                text::body(ui, if column == 0 { NAMES[row] } else { "–" });
            });
        page.keep(response);
    })
}

#[test]
fn a_million_rows_cost_what_is_visible() {
    let mut harness = plain(Page::default(), |ui, page: &mut Page| {
        let columns = columns();
        page.n_cells = 0;
        let response = Table::new("big", "Big", &columns, 1_000_000)
            .label(|row| format!("row {row}"))
            .show(ui, &mut page.table, |ui, row, column| {
                page.n_cells += 1;
                text::body(ui, &format!("{row} {column}"));
            });
        page.keep(response);
    });
    assert!(harness.state().n_cells <= 3 * 28, "{} cells", harness.state().n_cells);
    harness.get_by_label("row 0").click();
    harness.run();
    harness.key_press(Key::End);
    harness.run();
    assert!(has(&harness, "row 999999"));
    assert_eq!(harness.state().table.single(), Some(999_999));
    assert!(harness.state().n_cells <= 3 * 28);
    harness.key_press(Key::PageUp);
    harness.run();
    assert!(
        harness
            .state()
            .table
            .single()
            .is_some_and(|row| (999_900..999_999).contains(&row))
    );
}

#[test]
fn clicks_and_keys_select() {
    let mut harness = names_page();
    click(&mut harness, "row boutique-web");
    assert_eq!(harness.state().selected(), ["boutique-web"]);
    harness.get_by_label("row alertes-crue").click_modifiers(Modifiers::SHIFT);
    harness.run();
    assert_eq!(harness.state().selected(), ["boutique-web", "facturation", "alertes-crue"]);
    harness.get_by_label("row facturation").click_modifiers(CTRL);
    harness.run();
    assert_eq!(harness.state().selected(), ["boutique-web", "alertes-crue"]);
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert_eq!(harness.state().selected(), ["alertes-crue"]);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    harness.run();
    assert_eq!(harness.state().selected(), ["alertes-crue", "erplibre"]);
    harness.key_press_modifiers(CTRL, Key::A);
    harness.run();
    assert_eq!(harness.state().selected().len(), 5);
    harness.event(egui::Event::Copy);
    harness.step();
    let text = copied(&harness).expect("rows are copied as text");
    assert_eq!(text.lines().count(), 5);
    harness.key_press(Key::Home);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().log.last().and_then(|response| response.activated), Some(0));
    let node = harness.get_by_label("row meteo-api");
    assert_eq!(node.accesskit_node().role(), Role::Row);
}

#[test]
fn headers_sort_and_hide() {
    let mut harness = names_page();
    click(&mut harness, "Branch");
    assert_eq!(harness.state().table.sort.as_ref().map(|sort| sort.descending), Some(false));
    click(&mut harness, "Branch");
    assert_eq!(harness.state().table.sort.as_ref().map(|sort| sort.descending), Some(true));
    assert!(harness.state().log.iter().filter(|response| response.sort_changed).count() == 2);
    harness.get_by_label("Workspace").click_secondary();
    harness.run();
    harness.get_by_role_and_label(Role::MenuItemCheckBox, "Count").click();
    harness.run();
    assert_eq!(harness.state().table.hidden.get("count"), Some(&true));
    assert!(harness.query_by_role_and_label(Role::ColumnHeader, "Count").is_none());
    assert!(
        harness.query_by_role_and_label(Role::MenuItemCheckBox, "Workspace").is_none(),
        "the name stays"
    );
    click(&mut harness, "Reset columns");
    assert!(harness.query_by_role_and_label(Role::ColumnHeader, "Count").is_some());
}

#[test]
fn the_columns_of_text_share_all_the_room_that_is_there() {
    let mut harness = names_page();
    harness.set_size(egui::vec2(1600.0, 400.0));
    harness.run();
    let row = harness.get_by_label("row meteo-api").rect();
    let last = harness.get_by_label("Count").rect();
    assert!(row.right() - last.right() < 40.0, "{row:?} {last:?}");
    let [name, branch] = ["Workspace", "Branch"].map(|label| harness.get_by_label(label).rect().width());
    assert!(name < 1000.0 && branch > 300.0, "{name} {branch}");
}

#[test]
fn a_row_has_its_actions_under_the_right_button() {
    let mut harness = names_page();
    harness.get_by_label("row facturation").click_secondary();
    harness.run();
    assert_eq!(harness.state().selected(), ["facturation"]);
    click(&mut harness, "Open");
    assert_eq!(harness.state().asked, ["open"]);
    assert!(!has(&harness, "Open"), "the menu is closed");
}

#[test]
fn group_rows_fold_and_are_not_selected() {
    let mut harness = plain(Page::default(), |ui, page: &mut Page| {
        let columns = columns();
        let group = |row: usize| {
            (row == 0 || row == 3).then(|| GroupRow {
                label: format!("Group {row}"),
                count: "2".to_owned(),
                open: true,
                state: Some((State::Failed, "1 failed".to_owned())),
            })
        };
        let response = Table::new("groups", "Groups", &columns, 6)
            .groups(group)
            .label(|row| format!("row {row}"))
            .show(ui, &mut page.table, |ui, row, _| {
                text::body(ui, &row.to_string());
            });
        page.keep(response);
    });
    click(&mut harness, "Group 3");
    assert_eq!(harness.state().log.last().and_then(|response| response.toggled), Some(3));
    assert!(harness.state().table.selected.is_empty());
    click(&mut harness, "row 2");
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert_eq!(harness.state().table.single(), Some(4), "the group row is passed over");
    harness.key_press_modifiers(CTRL, Key::A);
    harness.run();
    assert_eq!(harness.state().table.selected.len(), 4);
}

#[test]
fn a_tree_unfolds_with_the_arrows() {
    let names = ["root", "branch", "leaf", "other"];
    let children = |node: usize| match node {
        0 => vec![1],
        1 => vec![2],
        _ => Vec::new(),
    };
    let mut harness = plain(TreeState::default(), move |ui, state: &mut TreeState| {
        let flat = flatten([0_usize, 3], state, |node| node as u64 + 1, children, |depth| depth == 0);
        let rows: Vec<_> = flat.iter().map(|(row, _)| *row).collect();
        let columns = [Column::new("name", "Name", 200.0).fill().always()];
        let table = Table::new("tree", "Tree", &columns, rows.len()).label(|row| format!("row {}", names[flat[row].1]));
        tree_ui(ui, table, &rows, state, |ui, row, _| {
            text::body(ui, names[flat[row].1]);
        });
    });
    assert!(has(&harness, "row branch") && !has(&harness, "row leaf"));
    click(&mut harness, "row branch");
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert!(has(&harness, "row leaf"));
    harness.key_press(Key::ArrowLeft);
    harness.run();
    assert!(!has(&harness, "row leaf"));
    harness.key_press(Key::ArrowLeft);
    harness.run();
    assert_eq!(
        harness.state().table.single(),
        Some(1),
        "left on a closed node goes to its parent"
    );
    harness.get_all_by_label("Fold").next().expect("a chevron").click();
    harness.run();
    assert!(!has(&harness, "row branch"));
}

#[derive(Default)]
struct Board {
    state: BoardState,
    moved: Vec<Moved>,
    activated: Option<u64>,
    add: Option<usize>,
}

#[test]
fn cards_move_with_the_keyboard_and_the_pointer() {
    let mut harness = plain(Board::default(), |ui, board: &mut Board| {
        let column = |title: &str, cards: &[u64]| BoardColumn {
            title: title.to_owned(),
            cards: cards.into(),
            add: Some(format!("Add to {title}")),
            ..BoardColumn::default()
        };
        let columns = [column("Ready", &[1, 2, 3]), column("Done", &[4])];
        let response = board_ui(
            ui,
            "board",
            &mut board.state,
            &columns,
            |card| format!("card {card}"),
            |_, _| {},
            |ui, card| {
                text::body(ui, &format!("Item {card}"));
            },
        );
        board.moved.extend(response.moved);
        board.activated = response.activated.or(board.activated);
        board.add = response.add.or(board.add);
    });
    click(&mut harness, "card 2");
    assert_eq!(harness.state().state.selected, Some(2));
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run();
    assert_eq!(
        harness.state().moved.last(),
        Some(&Moved {
            card: 2,
            column: 1,
            index: 1
        })
    );
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowUp);
    harness.run();
    assert_eq!(
        harness.state().moved.last(),
        Some(&Moved {
            card: 2,
            column: 0,
            index: 0
        })
    );
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().activated, Some(3));
    click(&mut harness, "Add to Done");
    assert_eq!(harness.state().add, Some(1));
    let from = harness.get_by_label("card 1").rect().center();
    let to = harness.get_by_label("card 4").rect();
    harness.hover_at(from);
    harness.step();
    harness.drag_at(from);
    harness.step();
    harness.hover_at(from + egui::vec2(30.0, 10.0));
    harness.step();
    harness.hover_at(egui::pos2(to.center().x, to.bottom() + 30.0));
    harness.step();
    harness.step();
    harness.drop_at(egui::pos2(to.center().x, to.bottom() + 30.0));
    harness.run();
    assert_eq!(
        harness.state().moved.last(),
        Some(&Moved {
            card: 1,
            column: 1,
            index: 1
        })
    );
}

/// A column of so many cards, every tenth of them higher.
struct Tall {
    state: BoardState,
    cards: std::rc::Rc<[u64]>,
    n_drawn: usize,
    moved: Option<Moved>,
}

#[test]
fn a_hundred_thousand_cards_cost_what_is_visible() {
    let tall = Tall {
        state: BoardState::default(),
        cards: (0..100_000).collect(),
        n_drawn: 0,
        moved: None,
    };
    let mut harness = plain(tall, |ui, board: &mut Tall| {
        let column = |cards| BoardColumn {
            cards,
            ..BoardColumn::default()
        };
        let columns = [column(std::rc::Rc::clone(&board.cards)), column([].into())];
        board.n_drawn = 0;
        let n_drawn = &mut board.n_drawn;
        let response = board_ui(
            ui,
            "board",
            &mut board.state,
            &columns,
            |card| format!("card {card}"),
            |_, _| {},
            |ui, card| {
                *n_drawn += 1;
                let n_lines = if card.is_multiple_of(10) { 6 } else { 1 };
                for _ in 0..n_lines {
                    text::body(ui, &format!("Item {card}"));
                }
            },
        );
        board.moved = response.moved.or(board.moved);
    });
    harness.run();
    let n_drawn = harness.state().n_drawn;
    assert!((5..60).contains(&n_drawn), "{n_drawn} cards were laid out");
    // Far down, after cards of unknown height, each stands below the other and the keyboard goes on from card to card.
    click(&mut harness, "card 3");
    for _ in 0..40 {
        harness.key_press(Key::ArrowDown);
        harness.run();
    }
    assert_eq!(harness.state().state.selected, Some(43));
    let rect = |harness: &egui_kittest::Harness<'_, Tall>, card: u64| harness.get_by_label(&format!("card {card}")).rect();
    let (above, shown) = (rect(&harness, 42), rect(&harness, 43));
    assert!((shown.top() - above.bottom() - 8.0).abs() < 1.0, "{above:?} {shown:?}");
    assert!(shown.bottom() < 700.0, "{shown:?}");
    assert!(harness.state().n_drawn < 60);
    // What is not in sight counts where a card is put.
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    harness.run();
    assert_eq!(
        harness.state().moved,
        Some(Moved {
            card: 43,
            column: 0,
            index: 44
        })
    );
}

/// A name is what one looks for: where there is little room, the other columns and at last the scroll bar give it its own.
#[test]
fn the_column_of_names_keeps_its_room() {
    let mut harness = super::window(
        [420.0, 200.0],
        ThemeChoice::Dark,
        Lang::En,
        TableState::default(),
        |ui, state| {
            let columns = [
                Column::new("name", "Name", 260.0).fill().always(),
                Column::new("state", "State", 136.0),
                Column::new("history", "History", 154.0),
                Column::new("time", "Time", 64.0).right(),
            ];
            Table::new("narrow", "Tests", &columns, 1)
                .label(|_| "row".to_owned())
                .show(ui, state, |ui, _, column| {
                    if column == 2 {
                        state_mark::strip_ui(ui, &[State::Failed; 30], "30 of 30");
                    } else {
                        text::body(ui, "balance::weights_sum");
                    }
                });
        },
    );
    harness.run();
    let name = harness.get_by_role_and_label(Role::ColumnHeader, "Name").rect();
    assert!(name.width() >= 140.0, "{name:?}");
    let history = harness.get_by_role_and_label(Role::ColumnHeader, "History").rect();
    let strip = harness.get_by_label("30 of 30").rect();
    assert!(
        strip.right() <= history.right() + 1.0,
        "its newest end is seen: {strip:?} {history:?}"
    );
}

/// Rings around rows that are painted.
fn n_rings(harness: &egui_kittest::Harness<'_, Page>) -> usize {
    let rings = harness.output().shapes.iter().filter(|shape| match &shape.shape {
        egui::Shape::Rect(rect) => {
            rect.fill == egui::Color32::TRANSPARENT && rect.stroke.width > 0.0 && rect.rect.width() > 300.0
        }
        _ => false,
    });
    rings.count()
}

#[test]
fn the_chosen_row_has_a_ring_as_long_as_the_list_has_the_keys() {
    let mut harness = names_page();
    harness.run();
    assert_eq!(n_rings(&harness), 0);
    click(&mut harness, "row facturation");
    harness.run();
    assert_eq!(n_rings(&harness), 1);
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert_eq!((n_rings(&harness), harness.state().selected()), (1, vec!["alertes-crue"]));
    harness.ctx.memory_mut(|memory| {
        if let Some(id) = memory.focused() {
            memory.surrender_focus(id);
        }
    });
    harness.run();
    assert_eq!(
        (n_rings(&harness), harness.state().selected()),
        (0, vec!["alertes-crue"]),
        "it is only chosen"
    );
}

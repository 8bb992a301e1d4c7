//! What is looked at in the window stays so while it is made anew.

use crate::support::window::{Collected, now, three_workspaces, window, workspace};
use chantier::areas::page::Intent;
use chantier::areas::{Command, operate};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Lang, State, Target};
use chantier::shell::App;
use egui_kittest::Harness;

fn container(id: &str, name: &str) -> operate::Instance {
    operate::Instance {
        id: format!("container:{id}"),
        name: name.to_owned(),
        kind: operate::InstanceKind::Container,
        workspace: Some(workspace("boutique-web").id),
        container: Some(id.to_owned()),
        state: State::Running,
        ..operate::Instance::default()
    }
}

fn see(harness: &mut Harness<'static, App<Collected>>, instances: Vec<operate::Instance>) {
    harness.state_mut().front().tell(operate::Update::Seen {
        at: now(),
        instances,
        problems: Vec::new(),
    });
    harness.run();
}

/// Compose gives the old container another name, makes the new one, and takes the old one away.
#[test]
fn a_service_that_compose_makes_anew_is_still_the_one_that_is_looked_at() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let mut harness = window(front);
    harness.run();
    see(
        &mut harness,
        vec![container("aaa", "shop_web_1"), container("ddd", "shop_db_1")],
    );
    let id = "container:aaa".to_owned();
    harness.state_mut().ask(Intent::Go(Target::Instance { id }));
    harness.run();
    let read = |harness: &mut Harness<'static, App<Collected>>| {
        let commands = &harness.state_mut().front().commands;
        let mut orders = commands.iter().filter_map(|command| match command {
            Command::Operate(operate::Command::ShowLogs { order }) => Some(order.instances[0].id.clone()),
            _ => None,
        });
        orders.next_back()
    };
    assert_eq!(read(&mut harness).as_deref(), Some("container:aaa"));
    see(
        &mut harness,
        vec![container("aaa", "0123456789ab_shop_web_1"), container("ddd", "shop_db_1")],
    );
    see(&mut harness, vec![container("ddd", "shop_db_1")]);
    see(
        &mut harness,
        vec![container("bbb", "shop_web_1"), container("ddd", "shop_db_1")],
    );
    assert_eq!(read(&mut harness).as_deref(), Some("container:bbb"));
}

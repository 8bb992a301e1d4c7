//! Which container engine is asked, and in which way: sockets, TCP, contexts of the `docker` command.

use super::fake_engine;
use chantier::adapters::docker::{Engine, Memory};
use chantier::areas::operate::containers::of_service;
use chantier::areas::operate::find::Scope;
use chantier::base::State;
use chantier::base::docker::ServiceNow;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn the_engine_is_the_one_that_the_docker_command_would_ask() {
    let home = tempfile::tempdir().unwrap();
    let docker = home.path().join(".docker");
    let meta = |name: &str| {
        let key = chantier::adapters::files::sha256_of(name.as_bytes());
        let folder = docker.join("contexts/meta").join(key);
        std::fs::create_dir_all(&folder).unwrap();
        folder.join("meta.json")
    };
    let context = |name: &str, host: &str| {
        let text =
            format!(r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":false}}}}}}"#);
        std::fs::write(meta(name), text).unwrap();
    };
    context("remote", "tcp://127.0.0.1:23750");
    context("far", "ssh://ops@pont-02");
    std::fs::write(docker.join("config.json"), r#"{"currentContext":"remote"}"#).unwrap();
    let with = |vars: &[(&str, &str)]| {
        let vars: Vec<(String, String)> = vars
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let home = home.path().as_os_str().to_owned();
        Engine::from_vars(move |name| {
            let found = vars.iter().find(|(known, _)| known == name).map(|(_, value)| value.into());
            found.or_else(|| (name == "HOME").then(|| home.clone()))
        })
    };
    assert_eq!(with(&[]).host(), Some("tcp://127.0.0.1:23750"));
    assert_eq!(
        with(&[("DOCKER_CONTEXT", "default")]).host(),
        Some("unix:///var/run/docker.sock")
    );
    assert_eq!(
        with(&[("DOCKER_HOST", "unix:///x.sock"), ("DOCKER_CONTEXT", "far")]).host(),
        Some("unix:///x.sock")
    );
    for vars in [
        [("DOCKER_CONTEXT", "far")],
        [("DOCKER_CONTEXT", "nowhere")],
        [("DOCKER_HOST", "ssh://ops@pont-02")],
    ] {
        let fault = with(&vars).containers(&mut Memory::default()).await.unwrap_err();
        assert_eq!(fault.problem().code, "engine-unsupported", "{vars:?}: {fault:?}");
    }
    let tls = with(&[("DOCKER_HOST", "tcp://127.0.0.1:1"), ("DOCKER_TLS_VERIFY", "1")]);
    let fault = tls.containers(&mut Memory::default()).await.unwrap_err();
    assert_eq!(fault.problem().code, "engine-unsupported");
}

#[tokio::test]
async fn an_engine_over_tcp_is_asked_as_one_behind_a_socket() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("engine.sock");
    fake_engine(&socket, Arc::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (mut from, mut to) = (
                stream.try_clone().unwrap(),
                std::os::unix::net::UnixStream::connect(&socket).unwrap(),
            );
            let (mut back, mut out) = (to.try_clone().unwrap(), stream);
            std::thread::spawn(move || std::io::copy(&mut from, &mut to).ok());
            std::thread::spawn(move || {
                std::io::copy(&mut back, &mut out).ok();
                out.shutdown(std::net::Shutdown::Both).ok();
            });
        }
    });
    let engine = Engine::at(&format!("tcp://{address}"));
    let found = engine.containers(&mut Memory::default()).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].name, "web");
}

#[test]
fn a_service_without_a_container_here_is_an_instance_of_its_own() {
    let scope = |is_all| Scope {
        workspaces: &[],
        is_all,
        patience: Duration::ZERO,
    };
    let service = |n_running, n_wanted, error: &str| ServiceNow {
        name: "shop_web".to_owned(),
        image: "registry:5000/web:1.4.0@sha256:0011".to_owned(),
        labels: [("com.docker.stack.namespace".to_owned(), "shop".to_owned())].into(),
        n_running,
        n_wanted,
        error: error.to_owned(),
    };
    for (running, wanted, error, state, why) in [
        (0, 2, "no suitable node", State::Failed, "operate-why-service-says"),
        (1, 2, "", State::Degraded, "operate-why-service"),
        (2, 2, "", State::Running, ""),
        (0, 0, "", State::None, ""),
    ] {
        let seen = of_service(&service(running, wanted, error), &scope(true), "here").unwrap();
        assert_eq!((seen.id.as_str(), seen.state), ("service:shop_web", state));
        assert_eq!(seen.why.map_or(String::new(), |why| why.key.into_owned()), why);
        assert_eq!(
            (seen.version.as_deref(), seen.project.as_deref()),
            (Some("1.4.0"), Some("shop"))
        );
    }
    // One of nobody's is shown where all is, and one that was deployed from here is known already.
    assert!(of_service(&service(0, 1, ""), &scope(false), "here").is_none());
    let mut own = service(0, 1, "");
    own.labels.insert("chantier.environment".to_owned(), "x".to_owned());
    assert!(of_service(&own, &scope(true), "here").is_none());
}

//! One e-mail to a mail server (SMTP): in the clear, by STARTTLS, or encrypted from the first byte; certificates are verified.

use crate::base::{Problem, SafeText};
use crate::files;
use crate::msg;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{SmtpTransport, Transport as _};
use std::path::PathBuf;
use std::time::Duration;

const MAX_PEM_BYTES: u64 = 4 * 1024 * 1024;

/// How the connection is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    StartTls,
    Tls,
    Clear,
}

/// Where it is handed in.
#[derive(Clone)]
pub struct Server {
    pub host: String,
    pub port: Option<u16>,
    pub security: Security,
    /// User and password.
    pub login: Option<(String, String)>,
    /// Trusted instead of the well-known certificates (PEM).
    pub ca: Option<PathBuf>,
    pub timeout: Duration,
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Told again with the same id it is known as the same mail: `chantier-7@host`.
    pub id: String,
    pub from: String,
    pub to: Vec<String>,
    pub subject: String,
    pub text: String,
}

/// Hands a mail to the server; back when the server has taken it over.
pub async fn send(server: Server, mail: Mail) -> Result<(), Problem> {
    let host = server.host.clone();
    let sent = tokio::task::spawn_blocking(move || send_now(&server, &mail)).await;
    sent.unwrap_or_else(|error| Err(failed(&host, &error)))
}

fn failed(host: &str, why: &dyn std::fmt::Display) -> Problem {
    Problem::environment(msg!("mail-failed", server = host))
        .code("mail")
        .details(SafeText::new(&why.to_string()))
}

fn address(text: &str) -> Result<Mailbox, Problem> {
    text.parse()
        .map_err(|_| Problem::config(msg!("devops-mail-address", address = text)))
}

fn send_now(server: &Server, mail: &Mail) -> Result<(), Problem> {
    let host = server.host.as_str();
    let mut builder = Message::builder()
        .from(address(&mail.from)?)
        .subject(mail.subject.replace(['\r', '\n'], " "))
        .message_id(Some(format!("<{}>", mail.id)))
        .date_now()
        .header(ContentType::TEXT_PLAIN);
    for to in &mail.to {
        builder = builder.to(address(to)?);
    }
    // Nobody's holiday answers to a machine (RFC 3834).
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    builder = builder.raw_header(HeaderValue::new(name, "auto-generated".to_owned()));
    let message = builder.body(mail.text.clone()).map_err(|error| failed(host, &error))?;

    let tls = match server.security {
        Security::Clear => Tls::None,
        Security::StartTls => Tls::Required(parameters(server)?),
        Security::Tls => Tls::Wrapper(parameters(server)?),
    };
    let port = server.port.unwrap_or(match server.security {
        Security::Clear => 25,
        Security::StartTls => 587,
        Security::Tls => 465,
    });
    let mut transport = SmtpTransport::builder_dangerous(host)
        .port(port)
        .tls(tls)
        .hello_name(ClientId::Domain("localhost".to_owned()))
        .timeout(Some(server.timeout));
    if let Some((user, password)) = &server.login {
        transport = transport
            .credentials(Credentials::new(user.clone(), password.clone()))
            .authentication(vec![Mechanism::Plain, Mechanism::Login]);
    }
    transport.build().send(&message).map(drop).map_err(|error| {
        let mut why = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            let text = inner.to_string();
            if !why.contains(&text) {
                why = format!("{why}: {text}");
            }
            source = inner.source();
        }
        let problem = failed(host, &why);
        // What the server refuses for good is not tried again.
        if error.is_permanent() || error.is_client() {
            problem.code("mail-refused")
        } else {
            problem
        }
    })
}

fn parameters(server: &Server) -> Result<TlsParameters, Problem> {
    let host = server.host.as_str();
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = &server.ca {
        let pem = files::read(path, MAX_PEM_BYTES)?;
        let certificate = Certificate::from_pem(&pem).map_err(|error| failed(host, &error))?;
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(certificate);
    }
    builder.build().map_err(|error| failed(host, &error))
}

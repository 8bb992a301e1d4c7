//! The certificate of a server: until when it is good, and why it would be refused. Nothing is sent behind the handshake.

use super::http::{Fault, Refusal};
use crate::files;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::io::Read as _;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use x509_parser::extensions::GeneralName;

const DAY_SECS: u64 = 86_400;
const MAX_PEM_BYTES: u64 = 4 * 1024 * 1024;

/// What a server showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Seconds since 1970; None when it could not be read.
    pub good_until: Option<i64>,
    /// Why it is refused; None when it is trusted.
    pub problem: Option<Fault>,
    /// Until the handshake was over.
    pub took: Duration,
}

/// Connects, and looks at the certificate. `name` is whom it has to be for, `ca` what is trusted instead of the well-known.
pub async fn look(
    address: &str,
    name: &str,
    ca: Option<&Path>,
    timeout: Duration,
    give_up: &CancellationToken,
) -> Result<Shown, Fault> {
    let (address, name, ca) = (address.to_owned(), name.to_owned(), ca.map(Path::to_path_buf));
    super::http::off_thread(timeout, give_up, move || look_now(&address, &name, ca, timeout)).await
}

/// The certificates of a PEM file.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let wrong = |why: String| Fault::Other { why };
    let text = files::read(path, MAX_PEM_BYTES).map_err(|problem| wrong(problem.details))?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(all),
        _ => Err(wrong(format!("{}: no PEM certificate", path.display()))),
    }
}

fn look_now(address: &str, name: &str, ca: Option<PathBuf>, timeout: Duration) -> Result<Shown, Fault> {
    let other = |why: String| Fault::Other { why };
    let started = Instant::now();
    let (config, seen) = config_with(ca.as_deref())?;
    let server = ServerName::try_from(name.to_owned()).map_err(|_| Fault::BadAddress { text: name.to_owned() })?;
    let mut connection = ClientConnection::new(config, server).map_err(|error| other(error.to_string()))?;
    let mut stream = connect(address, timeout, started)?;
    let mut problem = None;
    while connection.is_handshaking() {
        if let Err(error) = connection.complete_io(&mut stream) {
            let is_late = matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut);
            if is_late || started.elapsed() >= timeout {
                return Err(Fault::TimedOut {
                    after_ms: timeout.as_millis() as u64,
                });
            }
            let fault = handshake_fault(&error).unwrap_or_else(|| other(error.to_string()));
            problem = Some(fault);
            break;
        }
    }
    let took = started.elapsed();
    let certificate: Option<Vec<u8>> = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(certificate) = certificate else {
        return Err(problem.unwrap_or_else(|| other(String::new())));
    };
    let problem = problem.map(|problem| with_certificate(problem, &certificate));
    // A server that waits for more must not wait for us.
    connection.send_close_notify();
    drop(connection.complete_io(&mut stream));
    drop(stream.read(&mut [0; 1]));
    let good_until = x509_parser::parse_x509_certificate(&certificate)
        .ok()
        .map(|(_, certificate)| certificate.validity().not_after.timestamp());
    Ok(Shown {
        good_until,
        problem,
        took,
    })
}

fn connect(address: &str, timeout: Duration, started: Instant) -> Result<TcpStream, Fault> {
    let timed_out = Fault::TimedOut {
        after_ms: timeout.as_millis() as u64,
    };
    let all = address.to_socket_addrs().map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidInput => Fault::BadAddress {
            text: address.to_owned(),
        },
        _ => Fault::NoSuchHost,
    })?;
    let mut last = Fault::NoSuchHost;
    for one in all {
        let left = timeout.saturating_sub(started.elapsed());
        if left.is_zero() {
            return Err(timed_out);
        }
        match TcpStream::connect_timeout(&one, left) {
            Ok(stream) => {
                stream.set_read_timeout(Some(left)).ok();
                stream.set_write_timeout(Some(left)).ok();
                return Ok(stream);
            }
            Err(error) => last = super::http::io_fault(&error, timed_out.clone()),
        }
    }
    Err(last)
}

/// How a server is judged: by the certificates of a file (PEM), else by the well-known ones.
pub fn config(ca: Option<&Path>) -> Result<Arc<ClientConfig>, Fault> {
    config_with(ca).map(|(config, _)| config)
}

type Seen = Arc<Mutex<Option<Vec<u8>>>>;

fn config_with(ca: Option<&Path>) -> Result<(Arc<ClientConfig>, Seen), Fault> {
    let other = |why: String| Fault::Other { why };
    let mut roots = RootCertStore::empty();
    let mut own = Vec::new();
    match ca {
        Some(path) => {
            for certificate in certificates(path)? {
                own.push(certificate.to_vec());
                roots.add(certificate).map_err(|error| other(error.to_string()))?;
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .build()
        .map_err(|error| other(error.to_string()))?;
    let seen = Seen::default();
    let verifier = Arc::new(Noting {
        inner,
        own,
        seen: Arc::clone(&seen),
    });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| other(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok((Arc::new(config), seen))
}

/// Why a handshake failed; None when that is no matter of it.
pub fn handshake_fault(error: &std::io::Error) -> Option<Fault> {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(error) => Some(fault(error)),
        None if error.kind() == std::io::ErrorKind::UnexpectedEof => Some(Fault::Tls {
            why: error.to_string(),
            refusal: Some(Refusal::NotSpoken),
        }),
        None => None,
    }
}

/// What rustls says, without the words around it, and what that means.
pub fn fault(error: &rustls::Error) -> Fault {
    use rustls::{CertificateError as Wrong, Error};
    let refusal = match error {
        Error::InvalidMessage(_) => Some(Refusal::NotSpoken),
        Error::InvalidCertificate(wrong) => match wrong {
            Wrong::ExpiredContext { time, not_after } => Some(Refusal::Ended {
                at: not_after.as_secs() as i64,
                days: time.as_secs().saturating_sub(not_after.as_secs()) / DAY_SECS,
            }),
            Wrong::NotValidYetContext { not_before, .. } => Some(Refusal::NotYet {
                at: not_before.as_secs() as i64,
            }),
            Wrong::NotValidForNameContext { expected, presented } => Some(Refusal::OtherName {
                asked: expected.to_str().into_owned(),
                names: presented.iter().map(|name| bare(name)).collect::<Vec<_>>().join(", "),
            }),
            Wrong::UnknownIssuer => Some(Refusal::UnknownIssuer),
            Wrong::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => Some(Refusal::BySelf),
            _ => None,
        },
        _ => None,
    };
    let text = error.to_string();
    let why = text.strip_prefix("invalid peer certificate: ").unwrap_or(&text).to_owned();
    Fault::Tls { why, refusal }
}

/// `DnsName("shop.example")` is `shop.example`.
fn bare(name: &str) -> String {
    let inner = name.split_once('"').and_then(|(_, rest)| rest.split_once('"'));
    let inner = inner.or_else(|| Some((name.split_once('(')?.1.strip_suffix(')')?, "")));
    inner.map_or(name, |(inner, _)| inner).to_owned()
}

/// Nobody known signed it: whether it was signed by itself stands in it.
fn with_certificate(problem: Fault, certificate: &[u8]) -> Fault {
    let is_own = x509_parser::parse_x509_certificate(certificate)
        .is_ok_and(|(_, certificate)| certificate.issuer().as_raw() == certificate.subject().as_raw());
    match problem {
        Fault::Tls {
            why,
            refusal: Some(Refusal::UnknownIssuer),
        } if is_own => Fault::Tls {
            why,
            refusal: Some(Refusal::BySelf),
        },
        other => other,
    }
}

/// A certificate that is trusted by itself has to be good now and for this name, as any other.
fn judge_own(certificate: &CertificateDer<'_>, name: &ServerName<'_>, now: UnixTime) -> Result<(), rustls::Error> {
    use rustls::CertificateError as Wrong;
    let unreadable = || rustls::Error::InvalidCertificate(Wrong::BadEncoding);
    let (_, read) = x509_parser::parse_x509_certificate(certificate).map_err(|_| unreadable())?;
    let at = |secs: i64| UnixTime::since_unix_epoch(Duration::from_secs(secs.max(0) as u64));
    let (not_before, not_after) = (
        at(read.validity().not_before.timestamp()),
        at(read.validity().not_after.timestamp()),
    );
    if now < not_before {
        return Err(Wrong::NotValidYetContext { time: now, not_before }.into());
    }
    if now > not_after {
        return Err(Wrong::ExpiredContext { time: now, not_after }.into());
    }
    let names = read.subject_alternative_name().ok().flatten();
    let names = names.map_or(&[][..], |names| &names.value.general_names[..]);
    let asked = name.to_str().to_lowercase();
    let is_for = |one: &GeneralName<'_>| match (one, name) {
        (GeneralName::DNSName(one), ServerName::DnsName(_)) => {
            let one = one.to_lowercase();
            let below = one.strip_prefix("*.").zip(asked.split_once('.'));
            one == asked || below.is_some_and(|(domain, (_, rest))| domain == rest)
        }
        (GeneralName::IPAddress(bytes), ServerName::IpAddress(address)) => match std::net::IpAddr::from(*address) {
            std::net::IpAddr::V4(address) => address.octets() == **bytes,
            std::net::IpAddr::V6(address) => address.octets() == **bytes,
        },
        _ => false,
    };
    if names.iter().any(is_for) {
        return Ok(());
    }
    Err(Wrong::NotValidForNameContext {
        expected: name.to_owned(),
        presented: names.iter().map(ToString::to_string).collect(),
    }
    .into())
}

/// The usual judge, which also keeps what it judged.
#[derive(Debug)]
struct Noting {
    inner: Arc<WebPkiServerVerifier>,
    /// Certificates that are trusted by themselves, whoever signed them.
    own: Vec<Vec<u8>>,
    seen: Arc<Mutex<Option<Vec<u8>>>>,
}

impl ServerCertVerifier for Noting {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(end_entity.to_vec());
        if self.own.iter().any(|own| own.as_slice() == end_entity.as_ref()) {
            judge_own(end_entity, server_name, now)?;
            return Ok(ServerCertVerified::assertion());
        }
        self.inner
            .verify_server_cert(end_entity, intermediates, server_name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

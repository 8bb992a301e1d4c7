//! The certificate of a server: until when it is good, and why it would be refused. Nothing is sent behind the handshake.

use super::http::Fault;
use crate::adapters::files;
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

const MAX_PEM_BYTES: u64 = 4 * 1024 * 1024;

/// What a server showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Seconds since 1970; None when it could not be read.
    pub good_until: Option<i64>,
    /// Why it is refused; None when it is trusted.
    pub problem: Option<String>,
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
    let mut roots = RootCertStore::empty();
    match ca {
        Some(path) => {
            for certificate in certificates(&path)? {
                roots.add(certificate).map_err(|error| other(error.to_string()))?;
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .build()
        .map_err(|error| other(error.to_string()))?;
    let seen = Arc::new(Mutex::new(None));
    let verifier = Arc::new(Noting {
        inner,
        seen: Arc::clone(&seen),
    });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| other(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    let server = ServerName::try_from(name.to_owned()).map_err(|_| Fault::BadAddress { text: name.to_owned() })?;
    let mut connection = ClientConnection::new(Arc::new(config), server).map_err(|error| other(error.to_string()))?;
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
            problem = Some(words(&error));
            break;
        }
    }
    let took = started.elapsed();
    let certificate: Option<Vec<u8>> = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(certificate) = certificate else {
        return Err(Fault::Tls {
            why: problem.unwrap_or_default(),
        });
    };
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

/// What rustls says, without the words around it.
fn words(error: &std::io::Error) -> String {
    let text = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .map_or_else(|| error.to_string(), ToString::to_string);
    text.strip_prefix("invalid peer certificate: ").unwrap_or(&text).to_owned()
}

/// The usual judge, which also keeps what it judged.
#[derive(Debug)]
struct Noting {
    inner: Arc<WebPkiServerVerifier>,
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

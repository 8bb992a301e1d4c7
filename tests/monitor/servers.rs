//! Real services on loopback: HTTP that says what it is told to, TLS with certificates made by openssl, DNS, a mail server, a webhook.

use crate::support::engine::missing;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use simple_dns::rdata::{A, RData};
use simple_dns::{CLASS, Packet, PacketFlag, RCODE, ResourceRecord};
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Waits until it holds, generously: the machine may be slow.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_mins(2), "{what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// A listener whose connections are served each by itself, until it is dropped.
pub(crate) struct Served {
    pub(crate) port: u16,
    is_over: Arc<AtomicBool>,
}

impl Served {
    pub(crate) fn start(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_over = Arc::new(AtomicBool::new(false));
        let (flag, serve) = (Arc::clone(&is_over), Arc::new(serve));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if flag.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                stream.set_read_timeout(Some(Duration::from_secs(30))).ok();
                let serve = Arc::clone(&serve);
                std::thread::spawn(move || serve(stream));
            }
        });
        Self { port, is_over }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        TcpStream::connect(("127.0.0.1", self.port)).ok();
    }
}

/// One request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: String,
}

fn read_request(stream: &mut impl Read) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut one = [0_u8; 1];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut one).ok()? == 0 {
            return None;
        }
        bytes.push(one[0]);
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let length = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0_usize);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Request {
        head,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

/// What an HTTP server answers, changeable while it runs.
#[derive(Clone, Debug)]
pub(crate) struct Says {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) wait: Duration,
}

/// An HTTP server that remembers what it was asked.
pub(crate) struct Web {
    pub(crate) served: Served,
    pub(crate) says: Arc<Mutex<Says>>,
    pub(crate) seen: Arc<Mutex<Vec<Request>>>,
}

impl Web {
    pub(crate) fn start(status: u16, body: &str) -> Self {
        Self::with_tls(status, body, None)
    }

    pub(crate) fn with_tls(status: u16, body: &str, config: Option<Arc<ServerConfig>>) -> Self {
        let says = Arc::new(Mutex::new(Says {
            status,
            body: body.to_owned(),
            wait: Duration::ZERO,
        }));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answers, log) = (Arc::clone(&says), Arc::clone(&seen));
        let served = Served::start(move |mut stream| {
            if let Some(config) = &config {
                let Ok(connection) = ServerConnection::new(Arc::clone(config)) else {
                    return;
                };
                answer(&mut StreamOwned::new(connection, stream), &answers, &log);
            } else {
                answer(&mut stream, &answers, &log);
            }
        });
        Self { served, says, seen }
    }

    pub(crate) fn port(&self) -> u16 {
        self.served.port
    }

    pub(crate) fn say(&self, status: u16, body: &str) {
        let mut says = self.says.lock().unwrap();
        says.status = status;
        body.clone_into(&mut says.body);
    }

    pub(crate) fn bodies(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|one| one.body.clone()).collect()
    }
}

fn answer(stream: &mut (impl Read + Write), says: &Mutex<Says>, seen: &Mutex<Vec<Request>>) {
    let Some(request) = read_request(stream) else { return };
    seen.lock().unwrap().push(request);
    let says = says.lock().unwrap().clone();
    std::thread::park_timeout(says.wait);
    let text = format!(
        "HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
        says.status,
        says.body.len(),
        says.body
    );
    stream.write_all(text.as_bytes()).ok();
    stream.flush().ok();
}

/// A certificate for `localhost` and 127.0.0.1, good for so many days, of an authority of its own.
pub(crate) struct Certificate {
    pub(crate) ca: PathBuf,
    pub(crate) config: Arc<ServerConfig>,
}

pub(crate) fn openssl(folder: &Path, args: &[&str]) -> bool {
    let output = Command::new("openssl").args(args).current_dir(folder).output();
    output.is_ok_and(|output| output.status.success())
}

/// How a server shows a certificate.
pub(crate) fn server_config(chain: &Path, key: &Path) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(chain).unwrap();
    let chain: Vec<_> = chain.map(|one| one.unwrap()).collect();
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    Arc::new(config)
}

impl Certificate {
    /// None, loudly, where there is no openssl.
    pub(crate) fn make(folder: &Path, days: u32) -> Option<Self> {
        std::fs::write(
            folder.join("leaf.ext"),
            "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n",
        )
        .unwrap();
        let days = days.to_string();
        let ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        let mut ca = vec!["req", "-x509"];
        ca.extend(ec);
        ca.extend([
            "-days",
            "3650",
            "-subj",
            "/CN=Test authority",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
        ]);
        let mut leaf = vec!["req", "-new"];
        leaf.extend(ec);
        leaf.extend(["-subj", "/CN=localhost", "-keyout", "leaf.key", "-out", "leaf.csr"]);
        let sign = [
            "x509",
            "-req",
            "-in",
            "leaf.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            &days,
            "-extfile",
            "leaf.ext",
            "-out",
            "leaf.pem",
        ];
        if !(openssl(folder, &ca) && openssl(folder, &leaf) && openssl(folder, &sign)) {
            missing("openssl", "there is no openssl that makes certificates");
            return None;
        }
        let config = server_config(&folder.join("leaf.pem"), &folder.join("leaf.key"));
        Some(Self {
            ca: folder.join("ca.pem"),
            config,
        })
    }
}

/// A name server that knows one name, `shop.example`; ends with the test.
pub(crate) fn name_server(addresses: &[[u8; 4]]) -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let addresses = addresses.to_vec();
    std::thread::spawn(move || {
        let mut bytes = [0; 1500];
        while let Ok((n, from)) = socket.recv_from(&mut bytes) {
            let Ok(asked) = Packet::parse(&bytes[..n]) else { continue };
            let question = asked.questions[0].clone();
            let mut reply = asked.into_reply();
            reply.set_flags(PacketFlag::RESPONSE);
            if question.qname.to_string() == "shop.example" {
                for address in &addresses {
                    let a = RData::A(A {
                        address: u32::from_be_bytes(*address),
                    });
                    reply
                        .answers
                        .push(ResourceRecord::new(question.qname.clone(), CLASS::IN, 60, a));
                }
            } else {
                *reply.rcode_mut() = RCODE::NameError;
            }
            // Somebody else's answer comes first: it must not be taken.
            socket.send_to(b"rubbish", from).ok();
            socket.send_to(&reply.build_bytes_vec().unwrap(), from).ok();
        }
    });
    port
}

/// What a mail server took over.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Taken {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) data: String,
    pub(crate) login: String,
    pub(crate) was_encrypted: bool,
}

/// A mail server (RFC 5321) with STARTTLS where it has a certificate, and AUTH PLAIN and LOGIN behind it.
pub(crate) struct MailServer {
    pub(crate) served: Served,
    pub(crate) taken: Arc<Mutex<Vec<Taken>>>,
    /// What RCPT is answered with instead of 250.
    pub(crate) refuses: Arc<Mutex<Option<String>>>,
}

impl MailServer {
    pub(crate) fn start(config: Option<Arc<ServerConfig>>) -> Self {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let refuses = Arc::new(Mutex::new(None));
        let (mails, no) = (Arc::clone(&taken), Arc::clone(&refuses));
        let served = Served::start(move |stream| {
            let mut clear = BufReader::new(stream);
            clear.get_mut().write_all(b"220 sink ESMTP\r\n").ok();
            if !talk(&mut clear, config.is_some(), false, &mails, &no) {
                return;
            }
            let Some(config) = &config else { return };
            let stream = clear.into_inner();
            let connection = ServerConnection::new(Arc::clone(config)).unwrap();
            talk(
                &mut BufReader::new(StreamOwned::new(connection, stream)),
                false,
                true,
                &mails,
                &no,
            );
        });
        Self { served, taken, refuses }
    }

    pub(crate) fn mails(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }
}

/// True when the client wants to go on encrypted.
fn talk<S: Read + Write>(
    stream: &mut BufReader<S>,
    offers_tls: bool,
    is_encrypted: bool,
    mails: &Mutex<Vec<Taken>>,
    refuses: &Mutex<Option<String>>,
) -> bool {
    let mut mail = Taken {
        was_encrypted: is_encrypted,
        ..Taken::default()
    };
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return false;
        }
        let words = line.trim_end().to_owned();
        let verb = words.split(' ').next().unwrap_or_default().to_uppercase();
        let mut say = |text: &str| {
            stream.get_mut().write_all(text.as_bytes()).ok();
            stream.get_mut().flush().ok();
        };
        match verb.as_str() {
            "EHLO" if offers_tls => say("250-sink\r\n250 STARTTLS\r\n"),
            "EHLO" if is_encrypted => say("250-sink\r\n250 AUTH PLAIN LOGIN\r\n"),
            "EHLO" => say("250 sink\r\n"),
            "STARTTLS" if offers_tls => {
                say("220 go on\r\n");
                return true;
            }
            "AUTH" => {
                mail.login = words;
                say("235 welcome\r\n");
            }
            "MAIL" => {
                mail.from = words;
                mail.to.clear();
                say("250 ok\r\n");
            }
            "RCPT" => {
                let no = refuses.lock().unwrap().clone();
                if let Some(no) = no {
                    say(&format!("{no}\r\n"));
                    continue;
                }
                mail.to.push(words);
                say("250 ok\r\n");
            }
            "DATA" => {
                say("354 go on\r\n");
                mail.data.clear();
                loop {
                    line.clear();
                    if stream.read_line(&mut line).unwrap_or(0) == 0 {
                        return false;
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    mail.data.push_str(&line);
                }
                mails.lock().unwrap().push(mail.clone());
                stream.get_mut().write_all(b"250 taken\r\n").ok();
                stream.get_mut().flush().ok();
            }
            "QUIT" => {
                say("221 bye\r\n");
                return false;
            }
            _ => say("250 ok\r\n"),
        }
    }
}

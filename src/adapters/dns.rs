//! One question to a name server, over UDP and, where the answer is cut, over TCP. Nothing is remembered.

use super::http::{Fault, io_fault, off_thread};
use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// The largest answer over UDP that is asked for (DNS flag day 2020).
const MAX_UDP: usize = 4096;

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// As they are written in a zone file; sorted, without repetitions.
    Records(Vec<String>),
    /// There is no such name, or the server refuses: its word, `NXDOMAIN`.
    Refused(String),
}

/// The first name server of this machine.
pub fn own_server() -> Option<String> {
    let text = std::fs::read_to_string("/etc/resolv.conf").ok()?;
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("nameserver"))
        .map(|rest| rest.trim().to_owned())
        .find(|server| !server.is_empty())
}

/// Asks `server` (an address, with or without a port) for the records of this kind (`A`, `AAAA`, `CNAME`, `MX`, `NS`, `TXT`).
pub async fn ask(
    server: &str,
    host: &str,
    record: &str,
    timeout: Duration,
    give_up: &CancellationToken,
) -> Result<(Said, Duration), Fault> {
    let (server, host, record) = (server.to_owned(), host.to_owned(), record.to_owned());
    off_thread(timeout, give_up, move || ask_now(&server, &host, &record, timeout)).await
}

fn address(server: &str) -> Option<SocketAddr> {
    let bare = server.trim_matches(['[', ']']);
    let alone = bare.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, 53));
    server.parse().ok().or(alone)
}

fn ask_now(server: &str, host: &str, record: &str, timeout: Duration) -> Result<(Said, Duration), Fault> {
    let bad = |text: &str| Fault::BadAddress { text: text.to_owned() };
    let at = address(server).ok_or_else(|| bad(server))?;
    let kind = match record {
        "AAAA" => TYPE::AAAA,
        "CNAME" => TYPE::CNAME,
        "MX" => TYPE::MX,
        "NS" => TYPE::NS,
        "TXT" => TYPE::TXT,
        _ => TYPE::A,
    };
    let id = fastrand::u16(..);
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(host.trim_end_matches('.')).map_err(|_| bad(host))?;
    packet
        .questions
        .push(Question::new(name, QTYPE::TYPE(kind), QCLASS::CLASS(CLASS::IN), false));
    let question = packet.build_bytes_vec().map_err(|_| bad(host))?;
    let started = Instant::now();
    let timed_out = Fault::TimedOut {
        after_ms: timeout.as_millis() as u64,
    };
    let fault = |error: std::io::Error| io_fault(&error, timed_out.clone());
    let left = || timeout.saturating_sub(started.elapsed()).max(Duration::from_millis(1));

    let local: IpAddr = if at.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        Ipv6Addr::UNSPECIFIED.into()
    };
    let socket = UdpSocket::bind((local, 0)).map_err(fault)?;
    // Of nobody else an answer is taken.
    socket.connect(at).map_err(fault)?;
    socket.send(&question).map_err(fault)?;
    let mut answer = vec![0; MAX_UDP];
    loop {
        if started.elapsed() >= timeout {
            return Err(timed_out);
        }
        socket.set_read_timeout(Some(left())).map_err(fault)?;
        let n = socket.recv(&mut answer).map_err(fault)?;
        match read(&answer[..n], id, kind, host) {
            Some(Answered::Said(said)) => return Ok((said, started.elapsed())),
            Some(Answered::Cut) => break,
            // Somebody else's, or broken: the right one may still come.
            None => {}
        }
    }
    let mut stream = TcpStream::connect_timeout(&at, left()).map_err(fault)?;
    stream.set_read_timeout(Some(left())).map_err(fault)?;
    let len = (question.len() as u16).to_be_bytes();
    stream
        .write_all(&len)
        .and_then(|()| stream.write_all(&question))
        .map_err(fault)?;
    let mut len = [0; 2];
    stream.read_exact(&mut len).map_err(fault)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(len))];
    stream.read_exact(&mut answer).map_err(fault)?;
    match read(&answer, id, kind, host) {
        Some(Answered::Said(said)) => Ok((said, started.elapsed())),
        _ => Err(Fault::Other {
            why: "the answer is no DNS message".to_owned(),
        }),
    }
}

enum Answered {
    Said(Said),
    Cut,
}

/// None when it is not the answer to this question.
fn read(bytes: &[u8], id: u16, kind: TYPE, host: &str) -> Option<Answered> {
    let packet = Packet::parse(bytes).ok()?;
    let asked = packet.questions.first()?;
    let is_ours = packet.id() == id
        && packet.has_flags(PacketFlag::RESPONSE)
        && asked.qname.to_string().eq_ignore_ascii_case(host.trim_end_matches('.'));
    if !is_ours {
        return None;
    }
    if packet.has_flags(PacketFlag::TRUNCATION) {
        return Some(Answered::Cut);
    }
    let refused = match packet.rcode() {
        RCODE::NoError => None,
        RCODE::NameError => Some("NXDOMAIN".to_owned()),
        RCODE::ServerFailure => Some("SERVFAIL".to_owned()),
        RCODE::Refused => Some("REFUSED".to_owned()),
        other => Some(format!("{other:?}")),
    };
    if let Some(word) = refused {
        return Some(Answered::Said(Said::Refused(word)));
    }
    let mut records: Vec<String> = packet
        .answers
        .iter()
        .filter(|answer| answer.rdata.type_code() == kind)
        .filter_map(|answer| text(&answer.rdata))
        .collect();
    records.sort();
    records.dedup();
    Some(Answered::Said(Said::Records(records)))
}

fn text(data: &RData<'_>) -> Option<String> {
    Some(match data {
        RData::A(a) => Ipv4Addr::from(a.address).to_string(),
        RData::AAAA(a) => Ipv6Addr::from(a.address).to_string(),
        RData::CNAME(name) => name.0.to_string(),
        RData::NS(name) => name.0.to_string(),
        RData::MX(mx) => format!("{} {}", mx.preference, mx.exchange),
        RData::TXT(txt) => {
            let mut bytes = Vec::new();
            for (key, value) in txt.iter_raw() {
                bytes.extend_from_slice(key);
                if let Some(value) = value {
                    bytes.push(b'=');
                    bytes.extend_from_slice(value);
                }
            }
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => return None,
    })
}

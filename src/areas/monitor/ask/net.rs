//! Questions over the network: HTTP, TCP, TLS, DNS.

use super::compare::json_wrong;
use super::{Finding, Verdict, headers};
use crate::adapters::http::{self, Fault, Request, raw};
use crate::adapters::{World, dns, tls};
use crate::areas::devops::project::ExpectVersion;
use crate::areas::devops::project::checks::{DnsCheck, HttpCheck, TlsCheck};
use crate::areas::monitor::Metric;
use crate::base::SafeText;
use crate::msg;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Of an answer that is looked through.
const MAX_BODY_BYTES: u64 = 4 << 20;
const DAY_SECS: f64 = 86_400.0;

fn no_answer(fault: &Fault) -> Finding {
    match fault {
        // A server is there and speaks: with a certificate that nobody can trust.
        Fault::Tls {
            refusal: Some(refusal), ..
        } if refusal.is_of_certificate() => Finding::wrong(fault.msg()),
        _ => Finding::down(fault.msg()),
    }
}

fn below(root: &Path, path: Option<&PathBuf>) -> Option<PathBuf> {
    path.map(|path| root.join(path))
}

pub(super) async fn tcp(address: &str, timeout: Duration, cancel: &CancellationToken) -> Finding {
    match http::connect(address, timeout, cancel).await {
        Ok(took) => Finding::good(msg!("probe-good"), took),
        Err(fault) => no_answer(&fault),
    }
}

pub(super) async fn http(
    world: &World,
    check: &HttpCheck,
    root: &Path,
    timeout: Duration,
    cancel: &CancellationToken,
) -> Finding {
    let sent = match headers(world, &check.headers).await {
        Ok(sent) => sent,
        Err(problem) => return Finding::unasked(&problem),
    };
    let ca = below(root, check.ca.as_ref());
    let mut days = None;
    if check.tls_days.is_some() || check.expect_tls_problem.is_some() {
        let Some((host, port)) = place(&check.url) else {
            let text = check.url.clone();
            return no_answer(&Fault::BadAddress { text });
        };
        let address = format!("{host}:{port}");
        let looked = certificate(
            world,
            &address,
            host.trim_matches(['[', ']']),
            ca.as_deref(),
            check.tls_days.unwrap_or(0),
            check.expect_tls_problem.as_deref(),
            timeout,
            cancel,
        );
        let looked = looked.await;
        // Behind a certificate that has to be refused nothing is asked.
        if looked.verdict != Verdict::Good || check.expect_tls_problem.is_some() {
            return looked;
        }
        days = looked.values.first().copied();
    }
    let request = Request {
        url: check.url.clone(),
        method: check.method.clone(),
        headers: sent,
        body: check.body.clone().map(String::into_bytes),
        ca,
        max_body_bytes: MAX_BODY_BYTES,
        max_redirects: check.redirects,
    };
    let answer = match http::ask(request, timeout, cancel).await {
        Ok(answer) => answer,
        Err(fault) => return no_answer(&fault),
    };
    let wrong = judge(check, &answer);
    let mut finding = match wrong {
        Some(wrong) => Finding::wrong(wrong).took(answer.took),
        None => Finding::good(msg!("probe-good-status", status = u32::from(answer.status)), answer.took),
    };
    finding.values.extend(days);
    finding
}

/// The body as UTF-8 without a mark before it.
fn text_of(answer: &http::Answer) -> Cow<'_, [u8]> {
    let body = answer.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&answer.body);
    match answer.charset.as_deref() {
        // Every byte is the character of its number.
        Some("iso-8859-1" | "latin1" | "windows-1252") => {
            let text: String = body.iter().map(|byte| char::from(*byte)).collect();
            Cow::Owned(text.into_bytes())
        }
        _ => Cow::Borrowed(body),
    }
}

fn judge(check: &HttpCheck, answer: &http::Answer) -> Option<crate::base::Msg> {
    if !check.expect_status.holds(answer.status) {
        if let Some(location) = answer
            .location
            .as_ref()
            .filter(|_| check.redirects > 0 && answer.is_redirect())
        {
            return Some(msg!(
                "ask-redirected-on",
                status = answer.status.to_string(),
                n = check.redirects,
                location = SafeText::url(location)
            ));
        }
        if let Some(location) = &answer.location {
            return Some(msg!(
                "ask-redirected",
                status = answer.status.to_string(),
                expected = check.expect_status.words(),
                location = SafeText::url(location)
            ));
        }
        return Some(msg!(
            "probe-wrong-status",
            status = answer.status.to_string(),
            expected = check.expect_status.words()
        ));
    }
    let body = text_of(answer);
    let has = |text: &str| memchr::memmem::find(&body, text.as_bytes()).is_some();
    if let Some(text) = check.expect_text.as_deref().filter(|text| !has(text)) {
        if answer.is_cut {
            let megabytes = MAX_BODY_BYTES >> 20;
            return Some(msg!("ask-text-missing-in", text = SafeText::new(text), megabytes = megabytes));
        }
        return Some(msg!("probe-text-missing", text = SafeText::new(text)));
    }
    if let Some(text) = check.absent_text.as_deref().filter(|text| has(text)) {
        return Some(msg!("ask-text-there", text = SafeText::new(text)));
    }
    if !check.json.is_empty() {
        let Ok(json) = serde_json::from_slice(&body) else {
            return Some(msg!("ask-no-json"));
        };
        if let Some(wrong) = check.json.iter().find_map(|rule| json_wrong(&json, rule)) {
            return Some(wrong);
        }
    }
    if let Some(ExpectVersion::Filled { field, version }) = &check.expect_version {
        let found = ExpectVersion::find(field.as_deref(), &body);
        if found.as_ref() != Some(version) {
            let found: String = found.unwrap_or_default().chars().take(60).collect();
            return Some(msg!(
                "probe-wrong-version",
                found = SafeText::new(&found),
                expected = SafeText::new(version)
            ));
        }
    }
    None
}

/// Host (with its brackets) and port of an address.
fn place(url: &str) -> Option<(String, u16)> {
    let question = raw::question(&url.replacen("https://", "http://", 1)).ok()?;
    let host = if question.host.contains(':') {
        format!("[{}]", question.host)
    } else {
        question.host
    };
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let has_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    Some((host, if has_port { question.port } else { 443 }))
}

pub(super) async fn tls(world: &World, check: &TlsCheck, root: &Path, timeout: Duration, cancel: &CancellationToken) -> Finding {
    let host = check
        .address
        .rsplit_once(':')
        .map_or(check.address.as_str(), |(host, _)| host);
    let name = check.server_name.as_deref().unwrap_or(host).trim_matches(['[', ']']);
    certificate(
        world,
        &check.address,
        name,
        below(root, check.ca.as_ref()).as_deref(),
        check.tls_days,
        check.expect_tls_problem.as_deref(),
        timeout,
        cancel,
    )
    .await
}

async fn certificate(
    world: &World,
    address: &str,
    name: &str,
    ca: Option<&Path>,
    min_days: u32,
    expected: Option<&str>,
    timeout: Duration,
    cancel: &CancellationToken,
) -> Finding {
    let shown = match tls::look(address, name, ca, timeout, cancel).await {
        Ok(shown) => shown,
        Err(fault) => return no_answer(&fault),
    };
    let now = world.clock().now().as_second();
    let days = shown.good_until.map(|until| (until - now) as f64 / DAY_SECS);
    // In the words of the reader, and in those of the library, which do not change with the language.
    let said = |problem: &Fault| world.texts().msg(&problem.msg());
    let has = |problem: &Fault, words: &str| {
        let library = match problem {
            Fault::Tls { why, .. } => why.as_str(),
            _ => "",
        };
        let told = said(problem);
        [library, &told]
            .iter()
            .any(|text| text.to_lowercase().contains(&words.to_lowercase()))
    };
    let finding = match (&shown.problem, expected) {
        (Some(problem), Some(words)) if has(problem, words) => {
            Finding::good(msg!("ask-tls-refused-as-wanted", why = said(problem)), shown.took)
        }
        (Some(problem), Some(words)) => Finding::wrong(msg!(
            "ask-tls-other-problem",
            why = said(problem),
            wanted = SafeText::new(words)
        )),
        (None, Some(words)) => Finding::wrong(msg!("ask-tls-trusted", wanted = SafeText::new(words))),
        (Some(problem), None) => no_answer(problem),
        (None, None) => match days {
            Some(left) if left < f64::from(min_days) => {
                Finding::wrong(msg!("ask-tls-ends", days = left.floor().max(0.0), wanted = min_days))
            }
            Some(left) => Finding::good(msg!("ask-tls-good", days = left.floor()), shown.took),
            None => Finding::good(msg!("probe-good"), shown.took),
        },
    };
    match days {
        Some(days) => finding.value(Metric::Days, days),
        None => finding,
    }
}

pub(super) async fn dns(check: &DnsCheck, timeout: Duration, cancel: &CancellationToken) -> Finding {
    let Some(server) = check.server.clone().or_else(dns::own_server) else {
        return Finding::down(msg!("ask-dns-no-server"));
    };
    let (said, took) = match dns::ask(&server, &check.host, check.record.word(), timeout, cancel).await {
        Ok(answer) => answer,
        Err(fault) => return no_answer(&fault),
    };
    let records = match said {
        dns::Said::Refused(word) if check.server.is_none() => {
            return Finding::wrong(msg!("ask-dns-refused-own", server = SafeText::new(&server), word = word)).took(took);
        }
        dns::Said::Refused(word) => return Finding::wrong(msg!("ask-dns-refused", word = word)).took(took),
        dns::Said::Records(records) => records,
    };
    let found = SafeText::new(&records.join(", "));
    if records.is_empty() {
        return Finding::wrong(msg!("ask-dns-none", record = check.record.word())).took(took);
    }
    // An address has several ways to be written, a name has not.
    let plain = |name: &str| match name.parse::<std::net::IpAddr>() {
        Ok(address) => address.to_string(),
        Err(_) => name.trim_end_matches('.').to_lowercase(),
    };
    let mut wanted: Vec<String> = check.equals.iter().map(|one| plain(one)).collect();
    let mut there: Vec<String> = records.iter().map(|one| plain(one)).collect();
    wanted.sort();
    wanted.dedup();
    there.sort();
    if !wanted.is_empty() && wanted != there {
        return Finding::wrong(msg!(
            "ask-value-differs",
            name = SafeText::new(&check.host),
            found = found,
            wanted = SafeText::new(&check.equals.join(", "))
        ))
        .took(took);
    }
    if let Some(part) = check
        .contains
        .as_deref()
        .filter(|part| !records.iter().any(|record| record.contains(*part)))
    {
        return Finding::wrong(msg!("ask-dns-without", found = found, part = SafeText::new(part))).took(took);
    }
    Finding::good(msg!("ask-found", found = found), took)
}

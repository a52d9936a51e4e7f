//! One file over HTTP: resumed where it broke off, compared with its checksum, put in its place whole.

use crate::failure::{Failure, finding, usage};
use crate::output::note;
use crate::progress::bar;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;
use ureq::tls::{RootCerts, TlsConfig};

/// A file that is known.
pub(super) struct Remote {
    /// Its name, here and there.
    pub(super) name: &'static str,
    pub(super) bytes: u64,
    /// In hexadecimal digits.
    pub(super) sha256: &'static str,
}

impl Remote {
    /// The name of what has come of it so far.
    pub(super) fn part(&self) -> String {
        format!("{}.part", self.name)
    }

    /// Whether it is this file that lies there.
    pub(super) fn is(&self, path: &Path) -> io::Result<bool> {
        let mut hash = Sha256::new();
        io::copy(&mut File::open(path)?, &mut hash)?;
        Ok(format!("{:x}", hash.finalize()) == self.sha256)
    }
}

/// What asks servers. It goes through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` names, and trusts whom
/// the system trusts.
pub(super) struct Client(ureq::Agent);

impl Client {
    pub(super) fn new() -> Client {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
        // A server that says nothing for so long has gone.
        let patience = Some(Duration::from_secs(60));
        let config = ureq::Agent::config_builder()
            .tls_config(tls.build())
            .http_status_as_error(false)
            .timeout_connect(patience)
            .timeout_recv_response(patience)
            .timeout_per_read(patience);
        Client(config.build().into())
    }
}

/// Fetches a file from the first of the places that has it. What came of it stays in `NAME.part`, where the next attempt
/// goes on.
pub(super) fn file(
    client: &Client,
    remote: &Remote,
    places: &[&str],
    folder: &Path,
) -> Result<(), Failure> {
    let path = folder.join(remote.part());
    let unwritten = |error: io::Error| usage(format!("cannot write {}: {error}", path.display()));
    let options = File::options().read(true).append(true).create(true).clone();
    let mut part = options.open(&path).map_err(unwritten)?;
    if part.try_lock().is_err() {
        let path = path.display();
        return Err(usage(format!(
            "another spidec is fetching {path}; wait for it"
        )));
    }
    // As long as the file and another: nothing to go on from, and no place's fault.
    let length = part.metadata().map_err(unwritten)?.len();
    if length == remote.bytes && !remote.is(&path).map_err(unwritten)? {
        part.set_len(0).map_err(unwritten)?;
    }
    let mut failures = Vec::new();
    for place in places {
        let url = format!("{place}{}", remote.name);
        match rest(client, remote, &url, &mut part) {
            Ok(()) if remote.is(&path).map_err(unwritten)? => {
                part.sync_all().map_err(unwritten)?;
                let whole = folder.join(remote.name);
                return fs::rename(&path, whole).map_err(unwritten);
            }
            // Wrong bytes are nothing to go on from.
            Ok(()) => {
                part.set_len(0).map_err(unwritten)?;
                let text = format!(
                    "{url} gave another file: its SHA-256 is not {}",
                    remote.sha256
                );
                failures.push(finding(text));
            }
            Err(Broken::Here(error)) => return Err(unwritten(error)),
            Err(Broken::There(what)) => failures.push(usage(format!("{url}: {what}"))),
        }
    }
    let came = part.metadata().map_err(unwritten)?.len();
    if came == 0 {
        fs::remove_file(&path).map_err(unwritten)?;
    }
    let last = failures.pop();
    for failure in &failures {
        note!("spidec: {}", failure.text());
    }
    let hint = match came {
        0 => String::new(),
        came => format!(
            "; {came} of {} bytes are there, the same command goes on from them",
            remote.bytes
        ),
    };
    Err(match last {
        Some(Failure::Findings(text)) => finding(text),
        Some(failure) => usage(format!("{}{hint}", failure.text())),
        None => usage("no place to fetch from"),
    })
}

/// Where it broke.
enum Broken {
    /// The file could not be written.
    Here(io::Error),
    /// The server or the way to it.
    There(String),
}

/// Appends what is missing.
fn rest(client: &Client, remote: &Remote, url: &str, part: &mut File) -> Result<(), Broken> {
    let mut came = part.seek(SeekFrom::End(0)).map_err(Broken::Here)?;
    if came > remote.bytes {
        part.set_len(0).map_err(Broken::Here)?;
        came = 0;
    }
    if came == remote.bytes {
        return Ok(());
    }
    let mut request = client.0.get(url);
    if came > 0 {
        request = request.header("Range", format!("bytes={came}-"));
    }
    let response = request.call().map_err(|e| Broken::There(e.to_string()))?;
    let range = response.headers().get("content-range");
    let range = range.and_then(|value| value.to_str().ok()).unwrap_or("");
    match response.status().as_u16() {
        206 if range.starts_with(&format!("bytes {came}-")) => {}
        // Not every server goes on where one asks it to.
        200 => {
            part.set_len(0).map_err(Broken::Here)?;
            came = 0;
        }
        206 => return Err(Broken::There(format!("answers with the range `{range}`"))),
        code => return Err(Broken::There(format!("answers {code}"))),
    }
    let length = response.headers().get("content-length");
    let length: Option<u64> = length.and_then(|value| value.to_str().ok()?.parse().ok());
    if let Some(offered) = length.map(|length| length.saturating_add(came))
        && offered != remote.bytes
    {
        let text = format!("offers {offered} bytes, the file has {}", remote.bytes);
        return Err(Broken::There(text));
    }
    // One byte more tells a file that is too long.
    let mut body = response
        .into_body()
        .into_reader()
        .take(remote.bytes - came + 1);
    let bar = bar(remote.bytes as usize, remote.name);
    let mut buffer = vec![0; 1 << 16];
    while came <= remote.bytes {
        bar.set_position(came);
        let count = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) => return Err(Broken::There(format!("broke off: {error}"))),
        };
        part.write_all(&buffer[..count]).map_err(Broken::Here)?;
        came += count as u64;
    }
    bar.finish_and_clear();
    match came < remote.bytes {
        true => Err(Broken::There("broke off".into())),
        false => Ok(()),
    }
}

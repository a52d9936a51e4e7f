//! Fetching from a server that does what it is told, on this machine.

use super::download::Remote;
use super::fetch::all;
use crate::failure::Failure;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

/// 3,000 bytes, and their SHA-256 as sha256sum tells it.
const FILE: Remote = Remote {
    name: "numbers.bin",
    bytes: 3000,
    sha256: "e8ca4bf83f56152c01649f88bd7c91b15ae8137d9a709572e04fae55894ea75e",
};

fn content() -> Vec<u8> {
    (0..3000u32).map(|k| (k % 251) as u8).collect()
}

/// What the server does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Sends what is asked for.
    Good,
    /// Sends the whole file, whatever is asked for.
    Whole,
    /// Closes after 1,000 bytes.
    Breaks,
    /// Sends other bytes.
    Lies,
    /// Sends one byte more, without a length.
    TooLong,
    /// Sends another file, of 9 bytes.
    Other,
    /// Sends another part than the one asked for.
    OtherPart,
    Missing,
}

/// A server, and what it was asked for: the paths, with the ranges.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

fn server(manner: Manner) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/data/", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = asked.clone();
    // It ends with the test's process.
    thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = answer(stream.unwrap(), manner, &log);
        }
    });
    Server { url, asked }
}

fn answer(mut stream: TcpStream, manner: Manner, log: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let (mut path, mut start) = (String::new(), None);
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?;
        if let Some(rest) = line.strip_prefix("GET ") {
            path = rest.split(' ').next().unwrap().to_string();
        }
        if let Some(range) = line.to_lowercase().strip_prefix("range: bytes=") {
            start = range.strip_suffix('-').map(|n| n.parse::<usize>().unwrap());
        }
        if line.is_empty() {
            break;
        }
    }
    log.lock().unwrap().push(format!("{path} {start:?}"));
    let mut bytes = content();
    let head = "Connection: close\r\n";
    match (manner, start) {
        (Manner::Missing, _) => {
            return write!(
                stream,
                "HTTP/1.1 404 Not Found\r\n{head}Content-Length: 0\r\n\r\n"
            );
        }
        (Manner::Other, _) => {
            return write!(
                stream,
                "HTTP/1.1 200 OK\r\n{head}Content-Length: 9\r\n\r\nno longer"
            );
        }
        (Manner::Lies, _) => bytes[7] ^= 1,
        (Manner::TooLong, _) => {
            bytes.push(0);
            write!(stream, "HTTP/1.1 200 OK\r\n{head}\r\n")?;
            return stream.write_all(&bytes);
        }
        _ => {}
    }
    let start = start.filter(|_| manner != Manner::Whole);
    let from = start.unwrap_or(0);
    match start {
        Some(from) => {
            let told = from + usize::from(manner == Manner::OtherPart);
            write!(
                stream,
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {told}-2999/3000\r\n"
            )?;
        }
        None => write!(stream, "HTTP/1.1 200 OK\r\n")?,
    }
    write!(
        stream,
        "{head}Content-Length: {}\r\n\r\n",
        bytes.len() - from
    )?;
    let end = match manner {
        Manner::Breaks => (from + 1000).min(bytes.len()),
        _ => bytes.len(),
    };
    stream.write_all(&bytes[from..end])
}

fn fetch(folder: &Path, places: &[&Server]) -> Result<(), Failure> {
    let places: Vec<&str> = places.iter().map(|server| server.url.as_str()).collect();
    all(&[FILE], &places, folder)
}

/// The exit code and the text of a failure.
fn failed(result: Result<(), Failure>) -> (u8, String) {
    let failure = result.expect_err("it fails");
    (failure.code(), failure.text().to_string())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().unwrap();
    let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
    names.collect()
}

fn is_whole(folder: &Path) -> bool {
    names(folder) == ["numbers.bin"] && fs::read(folder.join("numbers.bin")).unwrap() == content()
}

#[test]
fn a_file_is_fetched_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("new");
    let good = server(Manner::Good);
    assert!(fetch(&folder, &[&good]).is_ok());
    assert!(is_whole(&folder));
    assert!(fetch(&folder, &[&good]).is_ok());
    assert_eq!(*good.asked.lock().unwrap(), ["/data/numbers.bin None"]);
    // What lies there under the name is not overwritten.
    fs::write(folder.join("numbers.bin"), b"mine").unwrap();
    let (code, text) = failed(fetch(&folder, &[&good]));
    assert!(
        code == 1 && text.contains("not the file of this dataset"),
        "{text}"
    );
    assert_eq!(fs::read(folder.join("numbers.bin")).unwrap(), b"mine");
    fs::write(folder.join("train.csv"), b"1,2,0").unwrap();
    let (code, text) = failed(fetch(&folder, &[&good]));
    assert!(
        code == 2 && text.contains("holds train.csv already"),
        "{text}"
    );
}

#[test]
fn what_broke_off_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let breaks = server(Manner::Breaks);
    for came in [1000, 2000] {
        let (code, text) = failed(fetch(folder, &[&breaks]));
        let hint = format!("{came} of 3000 bytes are there, the same command goes on");
        assert!(
            code == 2 && text.contains("broke off") && text.contains(&hint),
            "{text}"
        );
        assert_eq!(names(folder), ["numbers.bin.part"]);
    }
    let good = server(Manner::Good);
    assert!(fetch(folder, &[&good]).is_ok());
    assert!(is_whole(folder));
    assert_eq!(
        *good.asked.lock().unwrap(),
        ["/data/numbers.bin Some(2000)"]
    );
    let wanted = ["/data/numbers.bin None", "/data/numbers.bin Some(1000)"];
    assert_eq!(*breaks.asked.lock().unwrap(), wanted);
}

#[test]
fn a_server_that_cannot_go_on_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let part = folder.join("numbers.bin.part");
    fs::write(&part, &content()[..1500]).unwrap();
    let (code, text) = failed(fetch(folder, &[&server(Manner::OtherPart)]));
    assert!(
        code == 2 && text.contains("answers with the range `bytes 1501-"),
        "{text}"
    );
    assert_eq!(fs::read(&part).unwrap().len(), 1500);
    assert!(fetch(folder, &[&server(Manner::Whole)]).is_ok());
    assert!(is_whole(folder));

    // A part that is longer than the file, and one that is whole.
    for length in [4000, 3000] {
        fs::remove_file(folder.join("numbers.bin")).unwrap();
        let mut bytes = content();
        bytes.resize(length, 1);
        fs::write(&part, bytes).unwrap();
        let good = server(Manner::Good);
        assert!(fetch(folder, &[&good]).is_ok());
        assert!(is_whole(folder));
        assert_eq!(good.asked.lock().unwrap().len(), usize::from(length > 3000));
    }
}

#[test]
fn wrong_bytes_are_not_kept() {
    for manner in [Manner::Lies, Manner::TooLong] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let (code, text) = failed(fetch(folder, &[&server(manner)]));
        assert!(code == 1 && text.contains("gave another file"), "{text}");
        assert!(names(folder).is_empty());
        // The wrong start of a file is found out at its end, and the next attempt begins anew.
        fs::write(folder.join("numbers.bin.part"), [9; 100]).unwrap();
        assert_eq!(failed(fetch(folder, &[&server(Manner::Good)])).0, 1);
        assert!(fetch(folder, &[&server(Manner::Good)]).is_ok());
        assert!(is_whole(folder));
    }
    // As long as the file, it is found out before any place is blamed.
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("numbers.bin.part"), [9; 3000]).unwrap();
    assert!(fetch(folder, &[&server(Manner::Good)]).is_ok());
    assert!(is_whole(folder));
}

#[test]
fn the_next_place_is_asked_where_one_fails() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let missing = server(Manner::Missing);
    let (code, text) = failed(fetch(folder, &[&missing]));
    assert!(
        code == 2 && text.contains("/data/numbers.bin: answers 404"),
        "{text}"
    );
    assert!(names(folder).is_empty());
    let (code, text) = failed(fetch(folder, &[&server(Manner::Other)]));
    assert!(
        code == 2 && text.contains("offers 9 bytes, the file has 3000"),
        "{text}"
    );
    assert!(names(folder).is_empty());
    let others = [&missing, &server(Manner::Lies), &server(Manner::Breaks)];
    assert_eq!(failed(fetch(folder, &others)).0, 2);
    assert!(fetch(folder, &[&missing, &server(Manner::Good)]).is_ok());
    assert!(is_whole(folder));
    let nobody = Server {
        url: "http://127.0.0.1:1/".into(),
        asked: Arc::default(),
    };
    fs::remove_file(folder.join("numbers.bin")).unwrap();
    assert_eq!(failed(fetch(folder, &[&nobody])).0, 2);
}

#[test]
fn two_do_not_fetch_the_same_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let part = fs::File::create(folder.path().join("numbers.bin.part")).unwrap();
    part.lock().unwrap();
    let (code, text) = failed(fetch(folder.path(), &[&server(Manner::Good)]));
    assert!(
        code == 2 && text.contains("another spidec is fetching"),
        "{text}"
    );
}

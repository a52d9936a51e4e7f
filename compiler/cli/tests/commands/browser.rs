//! The page of `spidec report` in a real browser, without a network.

use crate::run::*;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Added to a copy of a page: looks at what the browser made of it and leaves that as text.
const PROBE: &str = r#"<script>
const pictures = [...document.querySelectorAll("svg.spidec")].map(svg => {
  const box = svg.getBoundingClientRect();
  const written = [...svg.querySelectorAll("text")].filter(text => text.textContent.trim());
  const texts = written.map(text => [text.textContent, text.getBoundingClientRect()]);
  const out = texts.filter(([, t]) => t.left < box.left - 1 || t.right > box.right + 1 ||
                                      t.top < box.top - 1 || t.bottom > box.bottom + 1);
  const meet = [];
  texts.forEach(([a, s], i) => texts.slice(i + 1).forEach(([b, t]) => {
    const wide = Math.min(s.right, t.right) - Math.max(s.left, t.left);
    const high = Math.min(s.bottom, t.bottom) - Math.max(s.top, t.top);
    if (wide > 2 && high > 4) meet.push(a + " | " + b);
  }));
  return {name: svg.id, width: box.width, height: box.height, texts: texts.length,
          out: out.map(([text]) => text), meet, ground: getComputedStyle(svg.querySelector("rect")).fill};
});
// Words in tables that stand on two lines.
const broken = [...document.querySelectorAll("th,td")].flatMap(cell => {
  const text = cell.firstChild;
  return [...(text ? text.textContent : "").matchAll(/\S+/g)].filter(word => {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return range.getClientRects().length > 1;
  }).map(word => word[0]);
});
const files = [...document.querySelectorAll("img")].map(img => [img.naturalWidth, img.naturalHeight]);
const asked = performance.getEntriesByType("resource").map(entry => entry.name);
const probe = document.createElement("pre");
probe.id = "probe";
probe.textContent = JSON.stringify({pictures, broken, files, asked, ground: getComputedStyle(document.body).backgroundColor});
document.body.append(probe);
</script>"#;

/// The probe, looking when all that the page asks for has come, or has failed.
fn loaded() -> String {
    let probe = PROBE.replace("<script>", "<script>\nonload = () => {");
    probe.replace("</script>", "}\n</script>")
}

/// A browser: `$CHROMIUM`, or from the path. `None`, loudly, where there is none; in CI that is an error.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let folders: Vec<PathBuf> = match std::env::var_os("PATH") {
        Some(path) => std::env::split_paths(&path).collect(),
        None => Vec::new(),
    };
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let all = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let found = named.into_iter().chain(all).find(|path| path.is_file());
    if found.is_none() {
        skip("no chromium (Debian: apt-get install chromium)");
    }
    found
}

/// What a browser made of a page: its document and what it said on its console.
struct Opened {
    document: String,
    console: Vec<String>,
}

impl Opened {
    /// What the probe found.
    fn probe(&self) -> Value {
        let (_, found) = self
            .document
            .split_once("<pre id=\"probe\">")
            .expect("a probe");
        let found = found.split("</pre>").next().unwrap();
        let text = found
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&");
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }
}

/// Opens a page with no network: every name is unknown, and there is no proxy where one is said to be.
fn open(browser: &Path, folder: &Path, page: &Path, dark: bool) -> Opened {
    let mut command = Command::new(browser);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]);
    command.args([
        "--enable-logging=stderr",
        "--window-size=1200,900",
        "--allow-file-access-from-files",
    ]);
    command.args([
        "--proxy-server=127.0.0.1:9",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ]);
    command.args([
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
    ]);
    command.arg(format!(
        "--blink-settings=preferredColorScheme={}",
        i32::from(!dark)
    ));
    command.arg(format!(
        "--user-data-dir={}",
        folder.join("profile").display()
    ));
    command.arg(format!("file://{}", page.canonicalize().unwrap().display()));
    let opened = finish(command).code(OK);
    let console = opened.err.lines().filter(|line| line.contains("CONSOLE"));
    Opened {
        console: console.map(str::to_string).collect(),
        document: opened.out,
    }
}

/// A copy of a page beside it, with something at the end of its body.
fn with(page: &Path, name: &str, added: &str) -> PathBuf {
    let html = fs::read_to_string(page).unwrap();
    assert_eq!(html.matches("</body>").count(), 1);
    let copy = page.with_file_name(name);
    fs::write(&copy, html.replace("</body>", &format!("{added}</body>"))).unwrap();
    copy
}

#[test]
fn the_page_opens_offline_with_every_picture() {
    let Some(browser) = chromium() else {
        return;
    };
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("three.fsnn"), example("three.fsnn")).unwrap();
    spidec(
        path,
        "train net.fsnn --data data --engine fixed --epochs 3 -o s --log l",
    )
    .code(OK);
    for (line, count) in [
        ("report net.fsnn --data data --state s --log l -o out", 9),
        ("report three.fsnn -o three", 6),
    ] {
        spidec(path, line).code(OK);
        let out = path.join(line.split(' ').next_back().unwrap());
        let page = out.join("report.html");
        let plain = open(&browser, path, &page, false);
        assert_eq!(plain.console, Vec::<String>::new());
        assert!(plain.document.contains("</svg>"));

        let mut grounds = Vec::new();
        // A window has a least width, which is more than a phone's.
        let narrow = format!("<style>body{{max-width:358px}}</style>{PROBE}");
        for (dark, probe) in [(false, PROBE), (true, PROBE), (false, &narrow)] {
            let probed = with(&page, "probed.html", probe);
            let found = open(&browser, path, &probed, dark);
            assert_eq!(found.console, Vec::<String>::new());
            let found = found.probe();
            assert_eq!(found["broken"], serde_json::json!([]), "words in two lines");
            assert_eq!(
                found["asked"],
                serde_json::json!([]),
                "it asks for other files"
            );
            let pictures = found["pictures"].as_array().unwrap();
            assert_eq!(pictures.len(), count);
            for picture in pictures {
                let size = |key: &str| picture[key].as_f64().unwrap();
                assert!(size("width") > 300.0 && size("height") > 80.0, "{picture}");
                assert!(size("texts") > 5.0, "{picture}");
                assert_eq!(
                    picture["out"],
                    serde_json::json!([]),
                    "cut off in {}",
                    picture["name"]
                );
                assert_eq!(
                    picture["meet"],
                    serde_json::json!([]),
                    "overlap in {}",
                    picture["name"]
                );
                // A picture's ground is the page's.
                assert_eq!(picture["ground"], found["ground"]);
            }
            grounds.push(found["ground"].clone());
        }
        let (light, dark) = ("rgb(255, 255, 255)", "rgb(20, 24, 28)");
        assert_eq!(grounds, [light, dark, light]);

        // As files: each is a picture by itself. They are read before the probe looks.
        let files = fs::read_dir(&out)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap());
        let images = files.filter(|name| name.ends_with(".svg"));
        let images: String = images
            .map(|name| format!("<img src=\"{name}\"/>"))
            .collect();
        let found = open(
            &browser,
            path,
            &with(&page, "files.html", &(images + &loaded())),
            false,
        )
        .probe();
        let files = found["files"].as_array().unwrap();
        assert_eq!(files.len(), count);
        for size in files {
            assert!(size[0].as_f64().unwrap() > 300.0, "{size}");
        }
    }
}

#[test]
fn a_broken_page_is_seen() {
    let Some(browser) = chromium() else {
        return;
    };
    let folder = folder();
    let path = folder.path();
    spidec(path, "report net.fsnn -o out").code(OK);
    let page = path.join("out/report.html");
    let opened = |added: &str| {
        let page = with(&page, "broken.html", added);
        open(&browser, path, &page, false)
    };
    assert!(!opened("<script>missing.call()</script>").console.is_empty());
    // The console says nothing of what does not load; the probe does.
    let outside = "http://example.org/x.png";
    let found = opened(&format!("<img src=\"{outside}\"/>{}", loaded())).probe();
    assert_eq!(found["asked"], serde_json::json!([outside]));
    let small = "<svg class=\"spidec\" id=\"x\" width=\"9\" height=\"9\"><rect/><text y=\"5\">far too long</text>\
                 <text y=\"6\">too</text></svg>";
    let narrow = "<table style=\"width:9px;overflow-wrap:anywhere\"><tr><td></td><td>divided</td></tr></table>";
    let found = opened(&format!("{small}{narrow}{PROBE}")).probe();
    assert_eq!(found["broken"], serde_json::json!(["divided"]));
    let last = found["pictures"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert!(
        !last["out"].as_array().unwrap().is_empty() && !last["meet"].as_array().unwrap().is_empty(),
        "{last}"
    );
}

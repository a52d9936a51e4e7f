use super::*;
use std::path::{Path, PathBuf};

#[test]
fn published_numbers_come_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/golden");
    let mut dirs: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
        .collect();
    dirs.sort();
    for dir in dirs {
        let t = std::time::Instant::now();
        match Case::read(&dir) {
            Err(e) => println!("{} {e}", e.code()),
            Ok(case) => match case.run() {
                Err(e) => println!("{} {e}", e.code()),
                Ok(row) => {
                    println!(
                        "{:?}",
                        case.run_fixed()
                            .map(|r| r.map(|r| (r.tallies, r.silent, r.first)))
                    );
                    print!("{} {:?} ", row.case, t.elapsed());
                    for kind in Kind::ALL {
                        let t = row.tally(kind);
                        print!(
                            "{} {}/{} {:.1e} | ",
                            kind.name(),
                            t.differing,
                            t.compared,
                            t.error
                        );
                    }
                    println!(
                        "taken {} unread {:?} {}",
                        row.masks_taken,
                        row.unread,
                        row.first.map_or(String::new(), |d| d.to_string())
                    );
                }
            },
        }
    }
}

//! `docs/API.md`: its examples, run by a shell against the program with its demo, say what the page says that they do.
//!
//! Blocks of `sh` run one after another in one shell. A block of `json` or `text` behind one is what it prints: of JSON what the page shows, the rest may be
//! there too; `…` stands for anything.

use crate::support::Program;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Stands between what two blocks print.
const CUT: &str = "--8<-- the next block";

struct Example {
    script: String,
    /// Of which language, and what.
    shown: Option<(String, String)>,
}

fn examples(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for part in page.split("\n```").skip(1).step_by(2) {
        let (language, text) = part.split_once('\n').unwrap();
        match language {
            "sh" => examples.push(Example { script: text.to_owned(), shown: None }),
            "json" | "text" => examples.last_mut().expect("something printed it").shown = Some((language.to_owned(), text.to_owned())),
            other => panic!("a block of {other:?} is neither run nor compared"),
        }
    }
    examples
}

#[test]
fn the_examples_of_the_page_do_what_it_says() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/API.md")).unwrap();
    let examples = examples(&page);
    assert!(examples.len() > 10);
    let folder = super::cli::folder();
    let program = Program::serve(folder.path(), &["--demo"]);
    let scripts: Vec<&str> = examples.iter().map(|example| example.script.as_str()).collect();
    let script = format!("set -eu\n{}", scripts.join(&format!("\necho; echo '{CUT}'\n")));
    let work = tempfile::tempdir().unwrap();
    let output = Command::new("sh").args(["-c", &script]).current_dir(work.path()).env("HOLDFAST", &program.url).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    let printed: Vec<&str> = printed.split(CUT).map(str::trim).collect();
    assert_eq!(printed.len(), examples.len());
    for (example, printed) in examples.iter().zip(printed) {
        let holds = match &example.shown {
            None => true,
            Some((language, shown)) if language == "json" => {
                let value = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{error}: {text}\nof {}", example.script));
                is_shown(&value(shown), &value(printed))
            }
            Some((_, shown)) => shown.lines().all(|line| printed.lines().any(|printed| matches_line(line, printed))),
        };
        assert!(holds, "{}\nprints\n{printed}\nand the page says\n{}", example.script, example.shown.as_ref().unwrap().1);
    }
}

/// Whether what is printed holds what is shown.
fn is_shown(shown: &Value, printed: &Value) -> bool {
    match (shown, printed) {
        (Value::String(text), _) if text == "…" => true,
        (Value::String(text), Value::String(printed)) => matches_line(text, printed),
        (Value::Object(shown), Value::Object(printed)) => {
            shown.iter().all(|(name, value)| printed.get(name).is_some_and(|printed| is_shown(value, printed)))
        }
        (Value::Array(shown), Value::Array(printed)) => match shown.split_last() {
            Some((Value::String(more), first)) if more == "…" => {
                printed.len() >= first.len() && first.iter().zip(printed).all(|(shown, printed)| is_shown(shown, printed))
            }
            _ => shown.len() == printed.len() && shown.iter().zip(printed).all(|(shown, printed)| is_shown(shown, printed)),
        },
        _ => shown == printed,
    }
}

/// `…` stands for anything.
fn matches_line(shown: &str, printed: &str) -> bool {
    let mut rest = printed.trim_end();
    let parts: Vec<&str> = shown.trim_end().split('…').collect();
    for (n, part) in parts.iter().enumerate() {
        let at = if n == 0 { rest.starts_with(part).then_some(0) } else { rest.find(part) };
        let Some(at) = at else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty() || parts.last() == Some(&"")
}

#[test]
fn a_page_that_says_otherwise_is_found_out() {
    assert!(matches_line("HTTP/1.1 412 …", "HTTP/1.1 412 Precondition Failed") && !matches_line("etag: \"3\"", "etag: \"4\""));
    let printed = serde_json::json!({ "code": "version_stale", "status": 412, "list": [1, 2] });
    assert!(is_shown(&serde_json::json!({ "code": "version_stale", "list": [1, "…"] }), &printed));
    assert!(!is_shown(&serde_json::json!({ "list": [1] }), &printed) && !is_shown(&serde_json::json!({ "gone": "…" }), &printed));
}

//! `docs/errors.md`, which the docs include, is what the UI tests show: written anew by `TASKWEAVE_WRITE=1 cargo test --test errors_page`.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The compiler's own messages depend on no text of ours, so of others the test says what helps.
const OURS: &[&str] = &["error:", "error[E0277]:"];

/// How a sentence begins, or goes on, that says what to do. A message has one, or its test ends with `// Remedy: …`.
const REMEDIES: &[&str] = &[
    "await",
    "borrow",
    "call",
    "collect",
    "declare",
    "derive",
    "did you mean",
    "drop",
    "give",
    "implement",
    "instead",
    "leave",
    "lend",
    "let",
    "make",
    "move",
    "need",
    "pass",
    "put",
    "remove",
    "return",
    "say",
    "take",
    "use",
    "wait",
    "write",
];

/// One mistake is one message, but for these. The first two are two mistakes, each with its message, the second of them to show that a broken line of `graph!` does not
/// keep the others from being checked. Of the others the compiler speaks twice:
/// - of a name that is no item's, where `graph!` looks whether it is delayed, and where it is called: the second message is the better one,
///   and the first is the lookup's, which cannot do without the name.
const SEVERAL: &[&str] = &[
    "two mistakes in one signature",
    "two mistakes a broken line and a wrong type",
    "captured closure",
    "misspelt function",
];

/// Where the wrong programs are: without arrays, with arrays, with both those and tasks.
const FOLDERS: &[&str] = &["tests/ui", "collections/array/tests/ui", "tests/features/tests/ui"];

/// What the compiler adds of its own to a note or a help.
const ADDED: &[&str] = &[
    "originates in",
    "is not implemented for",
    "is not satisfied",
    "on by default",
    "the following other types",
    "the full",
    "note: required for `",
    "in format strings you may",
    "items from traits can only",
    "implicitly performs a conversion",
];

/// A mistake, as its test shows it.
struct Mistake {
    name: String,
    lines: Vec<String>,
    remedy: Option<String>,
}

fn mistake(program: &Path) -> Mistake {
    let name = program.file_stem().unwrap().to_str().unwrap().replace('_', " ");
    let source = fs::read_to_string(program).unwrap();
    let remedy =
        source.lines().find_map(|line| line.strip_prefix("// Remedy: ")).map(str::to_owned);
    let printed = fs::read_to_string(program.with_extension("stderr")).unwrap();
    let messages = printed.lines().filter(|line| line.starts_with("error")).count();
    assert_eq!(messages > 1, SEVERAL.contains(&&*name), "{name}: {messages} messages");
    Mistake { name, lines: shown(&printed), remedy }
}

/// The first error without where it stands, and without what the compiler adds of its own: a note of ours may stand behind an aside of the compiler's.
fn shown(printed: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut is_code = false;
    let mut skips = false;
    for line in printed.lines().take_while(|line| !line.is_empty()) {
        let text = line.trim_start();
        if line.starts_with("note:") || line.starts_with("help:") {
            // An aside, up to the next note.
            skips = true;
        } else if let Some(note) = text.strip_prefix("= ") {
            skips = ADDED.iter().any(|added| note.contains(added));
            if !skips {
                lines.push(format!("   = {note}"));
            }
        } else if text.starts_with("--> ") {
            is_code = true;
        } else if skips {
            // The rest of what is skipped.
        } else if is_code && (line.contains(" | ") || line.trim_end().ends_with('|')) {
            let (_, code) = line.split_once('|').unwrap();
            if !code.trim().is_empty() && code.trim() != "|" {
                lines.push(format!("   |{}", code.trim_end()));
            }
        } else if text != "..." {
            lines.push(line.trim_end().to_owned());
        }
    }
    lines
}

/// Whether a message of ours says what to do: in its second line, which is there for that, in a further clause of its first, or in a note. What stands beside the
/// code is no remedy.
fn says_what_to_do(lines: &[String]) -> bool {
    let (notes, message): (Vec<&String>, Vec<&String>) = lines
        .iter()
        .filter(|line| !line.starts_with("   |"))
        .partition(|line| line.starts_with("   = "));
    let (_, first) = message[0].split_once(": ").unwrap();
    let clauses: Vec<&str> = first.split(": ").flat_map(|part| part.split("; ")).collect();
    message.len() > 1
        // `call the function itself`
        || REMEDIES.iter().any(|remedy| clauses[0].starts_with(&format!("{remedy} ")))
        // `retries` is a number: `retries = 3`
        || clauses[1..].iter().any(|clause| clause.starts_with('`') || has_remedy(clause))
        || notes.iter().any(|note| has_remedy(note))
}

fn has_remedy(text: &str) -> bool {
    let words = format!(" {} ", text.replace(|c: char| !c.is_alphanumeric(), " "));
    REMEDIES.iter().any(|remedy| words.contains(&format!(" {remedy} ")))
}

/// The wrong programs in a folder, in the order of their names.
fn programs(folder: &str) -> Vec<PathBuf> {
    let mut programs: Vec<_> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    programs.sort();
    programs
}

fn page() -> String {
    let mut page = String::from(
        "Every mistake that taskweave's tests make, what the compiler says, and what helps. In the order of the mistakes' names, those with arrays at the end, and last those with arrays as arguments of tasks.\n\n\
         Of what the compiler prints this is the first message, in full but for the place in the source, line numbers, and what it adds of its own: asides (`note:`, `help:`) and notes such as lists of implementations. \
         To find a message, search this page for a part of its text that has no name and no type of yours in it.\n",
    );
    for program in FOLDERS.iter().flat_map(|folder| programs(folder)) {
        let Mistake { name, lines, remedy } = mistake(&program);
        let is_ours = OURS.iter().any(|start| lines[0].starts_with(start));
        let helps = remedy.is_some() || (is_ours && says_what_to_do(&lines));
        assert!(helps, "{name}: the message says no remedy; end the program with `// Remedy: …`");
        writeln!(page, "\n# {name}\n\n```text\n{}\n```", lines.join("\n")).unwrap();
        if let Some(remedy) = remedy {
            writeln!(page, "\n**What helps:** {remedy}").unwrap();
        }
    }
    page
}

#[test]
fn errors_of_the_docs_are_those_of_the_compiler() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
    let page = page();
    if std::env::var_os("TASKWEAVE_WRITE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/errors.md is out of date: TASKWEAVE_WRITE=1 cargo test --test errors_page"
    );
}

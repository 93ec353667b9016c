//! The child process with the baselines: a line to it, a line from it.

use crate::job::{Input, Sample, THREADS, threads};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A Python that runs `baseline.py`.
pub struct Python {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// Which Python it is.
pub fn program() -> String {
    std::env::var("TASKWEAVE_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

impl Python {
    /// Starts it, if there is one.
    pub fn start() -> Option<Python> {
        let threads = THREADS.to_string();
        let mut child = Command::new(program())
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/arrays/baseline.py"))
            .env("OPENBLAS_NUM_THREADS", &threads)
            .env("OMP_NUM_THREADS", &threads)
            .env("NUMEXPR_NUM_THREADS", &threads)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let (questions, answers) = (child.stdin.take(), BufReader::new(child.stdout.take()?));
        Some(Python { child, questions, answers })
    }

    /// The libraries that it has, with their versions.
    pub fn libraries(&mut self) -> Vec<(String, String)> {
        let answer = self.ask("has");
        let pairs = answer.split_whitespace().filter_map(|word| word.split_once('='));
        pairs.map(|(name, version)| (name.to_owned(), version.to_owned())).collect()
    }

    /// Gives it an array, by way of a file that is removed again.
    pub fn load(&mut self, name: &str, input: &Input) {
        let path: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("arrays-{}-{name}.npy", std::process::id()));
        input.store_npy_on(&path, threads()).expect("target/tmp has room for an array");
        let answer = self.ask(&format!("load {name} {}", path.display()));
        // If it cannot be removed, it is in nobody's way: `target` may be removed at any time.
        let _ = std::fs::remove_file(&path);
        assert_eq!(answer, "loaded");
    }

    /// Runs a job of a library.
    pub fn run(&mut self, library: &str, job: &str) -> Sample {
        self.sample(&format!("run {library} {job}"))
    }

    /// What is compared before anything is timed, where it is not the result.
    pub fn check(&mut self, library: &str, job: &str) -> Sample {
        self.sample(&format!("run {library} check_{job}"))
    }

    /// The peak of its resident memory, in KiB.
    pub fn peak_kib(&mut self) -> u64 {
        self.ask("peak").parse().expect("a number of KiB")
    }

    fn sample(&mut self, question: &str) -> Sample {
        let answer = self.ask(question);
        let mut numbers = answer.split(' ').map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(seconds)), Some(Ok(value))) => Sample { seconds, value },
            _ => panic!("the baseline says to `{question}`: {answer}"),
        }
    }

    fn ask(&mut self, question: &str) -> String {
        let questions = self.questions.as_mut().expect("it is open until the end");
        let mut answer = String::new();
        let asked = writeln!(questions, "{question}").and_then(|()| questions.flush());
        let read = asked.and_then(|()| self.answers.read_line(&mut answer));
        assert!(read.is_ok_and(|bytes| bytes > 0), "the baseline ended at `{question}`");
        answer.trim_end().to_owned()
    }
}

impl Drop for Python {
    /// Ends it, as its input ends.
    fn drop(&mut self) {
        self.questions = None;
        if let Err(error) = self.child.wait() {
            eprintln!("the baseline does not end: {error}");
        }
    }
}

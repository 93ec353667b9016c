//! Parts give the rows of the whole, wherever their borders and those of pieces are, in any order, from any number of threads.

use crate::oracle::{Dialect, TOKENS, expected, random_file};
use crate::support::{Folder, Random, fold_all, read_all, rows, whole};
use std::ops::ControlFlow;
use std::path::Path;
use taskweave_csv::{DataType, Options, Part, Source};

/// Files in which borders are hard to find.
pub const HARD: &[&str] = &[
    "a,b,c\n1,2,3\n4,5,6\n",
    "a,b,c\r\n1,2,3\r\n\r\n4,5,6",
    "a,b,c\n\"x\ny,z\",\"1\n,2\n\",3\n\"\"\"\n\"\"\",,\n4,5,6\n",
    // Rows within a field, with as many fields as the file has.
    "a,b,c\n1,\"x\n4,5,6\n7,8,9\n\",3\n1,\"\n\"\"4\"\",5,6\n\",\"\"\n",
    "a,b,c\n5\" x,\"y\n\",6\" z\n7\",\"\n\"\"\n\",\n",
    "a,b,c\n1,2,3\n# x, \"y\n4,\"5\n#\n\",6\n#\n#\"\n7,8,9",
    "\"a\",b,\"c\"\n\n\n1,2,\"\n\n\"\n\n",
    // What is within the field is rows, to the end.
    "a,b,c\n1,x,\"y\n4,5,6\n7,8,z\"\n9,10,11\n12,13,14\n",
];

fn open(path: &Path, options: Options) -> Source {
    Source::open([path], options).unwrap()
}

fn hard_options() -> Options {
    Options::new().comment_prefix("#").sample_rows(0)
}

#[test]
fn a_border_at_each_byte() {
    let folder = Folder::new();
    for text in HARD {
        let path = folder.write("x.csv", text);
        let all = read_all(&open(&path, hard_options())).unwrap();
        let length = text.len() as u64;
        for pieces in [1, 2, 5, 16, 1 << 18] {
            for border in 0..=length {
                let source = open(&path, hard_options().piece_bytes(pieces));
                // The second first: nothing is known then.
                let second = fold_all(&source, &Part::new(0, border, length)).unwrap();
                let mut both = fold_all(&source, &Part::new(0, 0, border)).unwrap();
                both.extend(second);
                assert_eq!(both, all, "{text:?} at {border} in pieces of {pieces}");
            }
        }
    }
}

#[test]
fn a_part_for_each_byte() {
    let folder = Folder::new();
    for text in HARD {
        let path = folder.write("x.csv", text);
        let names = ["b", "c", "a"];
        let source = open(&path, hard_options().piece_bytes(3));
        let all = rows(&source.read(&whole(&source, 0), &names).unwrap());
        let source = open(&path, hard_options().piece_bytes(3));
        let mut found = vec![Vec::new(); text.len()];
        // 7 is prime to each length, or the order is short and misses some: then they come in a row.
        let order =
            (0..text.len()).map(|at| if text.len() % 7 == 0 { at } else { at * 7 % text.len() });
        for at in order {
            let part = Part::new(0, at as u64, at as u64 + 1);
            found[at] = rows(&source.read(&part, &names).unwrap());
        }
        assert_eq!(found.concat(), all, "{text:?}");
    }
}

#[test]
fn random_files_in_random_parts() {
    let folder = Folder::new();
    for seed in 0..400_u64 {
        let mut random = Random::new(1_000_000 + seed);
        let tokens = TOKENS[random.below(TOKENS.len())];
        let mut text = random_file(&mut random, tokens, 400);
        let dialect = Dialect { delimiter: b',', quote: Some(b'"'), comment: None };
        let path = folder.write("x.csv", &text);
        let mut options = dialect.options();
        if Source::open([&path], options.clone()).and_then(|source| read_all(&source)).is_err() {
            text.push('"');
            folder.write("x.csv", &text);
        }
        let expected = expected(text.as_bytes(), &dialect, 3);
        options = options.piece_bytes(1 + random.below(100));
        let source = open(&path, options);
        let mut borders: Vec<u64> =
            (0..random.below(10)).map(|_| random.below(text.len() + 1) as u64).collect();
        borders.extend([0, text.len() as u64]);
        borders.sort_unstable();
        let parts: Vec<Part> =
            borders.windows(2).map(|pair| Part::new(0, pair[0], pair[1])).collect();
        let mut found = vec![Vec::new(); parts.len()];
        let mut order: Vec<usize> = (0..parts.len()).collect();
        for at in (1..order.len()).rev() {
            order.swap(at, random.below(at + 1));
        }
        for at in order {
            let part = &parts[at];
            found[at] = match random.below(3) {
                0 => fold_all(&source, part).unwrap(),
                1 => rows(&source.read(part, &["a", "b", "c"]).unwrap()),
                _ => {
                    let mut found = Vec::new();
                    let each = |columns: &taskweave_csv::Columns| {
                        found.extend(rows(columns));
                        ControlFlow::Continue(())
                    };
                    source.read_pieces(part, &["a", "b", "c"], each).unwrap();
                    found
                }
            };
        }
        assert_eq!(found.concat(), expected, "seed {seed}: {text:?}");
    }
}

#[test]
fn threads_that_share_a_source() {
    let folder = Folder::new();
    let mut text = "a,b,c\n".to_owned();
    let mut random = Random::new(5);
    for row in 0..30_000 {
        let field = random.pick(&["x", "\"y\n1,2,3\n4,5\"", "5\"", "\"\"\"\"", ""]);
        text += &format!("{row},{field},{}\n", row % 7);
    }
    let path = folder.write("x.csv", &text);
    let options = || Options::new().piece_bytes(1000).declare("a", DataType::Int64);
    let source = open(&path, options());
    let names = source.schema().names();
    let all = rows(&source.read(&whole(&source, 0), &names).unwrap());
    assert_eq!(all.len(), 30_000);
    for threads in [2, 5] {
        let source = open(&path, options());
        let length = text.len() as u64;
        let parts: Vec<Part> =
            (0..40).map(|at| Part::new(0, length * at / 40, length * (at + 1) / 40)).collect();
        let next = std::sync::atomic::AtomicUsize::new(0);
        let found = std::sync::Mutex::new(vec![Vec::new(); parts.len()]);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    // Relaxed: each part is taken once, and that is all.
                    while let Some(part) =
                        parts.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                    {
                        let rows = fold_all(&source, part).unwrap();
                        let at = parts.iter().position(|known| known == part).unwrap();
                        found.lock().unwrap()[at] = rows;
                    }
                });
            }
        });
        assert_eq!(found.into_inner().unwrap().concat(), all);
    }
}

#[test]
fn a_guess_that_is_wrong_leaves_nothing_behind() {
    let folder = Folder::new();
    // The border is in quotes, where what follows looks like a row of the same types.
    let text = format!("a,b\n1,\"{}\"\n2,y\n", "\n7,8".repeat(20));
    let path = folder.write("x.csv", &text);
    let options = Options::new().piece_bytes(8).declare("a", DataType::Int64);
    let source = open(&path, options.declare("b", DataType::String));
    let length = text.len() as u64;
    let part = Part::new(0, length / 2, length);
    let columns = source.read(&part, &["a"]).unwrap();
    assert_eq!(columns.column(0).as_int64().unwrap().values(), [2]);
    let mut begun = 0;
    let fresh = open(&path, Options::new().piece_bytes(8).sample_rows(0));
    let init = || {
        begun += 1;
        0
    };
    let count = fresh.fold(&part, &["a"], init, |count, columns| {
        *count += columns.rows();
        ControlFlow::Continue(())
    });
    assert_eq!(count.unwrap(), 1);
    assert_eq!(begun, 2);
}

#[test]
fn rows_that_are_chosen_are_those_of_all_that_would_be() {
    // Whether a text is wanted: those of an even number of bytes, and no nulls.
    fn is_wanted(text: Option<&str>) -> bool {
        text.is_some_and(|text| text.len().is_multiple_of(2))
    }
    let folder = Folder::new();
    for text in HARD {
        let path = folder.write("x.csv", text);
        let source = open(&path, hard_options());
        let looked_at: Vec<bool> = source
            .read(&whole(&source, 0), &["b"])
            .unwrap()
            .column(0)
            .as_string()
            .unwrap()
            .iter()
            .map(is_wanted)
            .collect();
        let all = read_all(&source).unwrap();
        let kept =
            all.iter().zip(&looked_at).filter(|(_, keeps)| **keeps).map(|(row, _)| row.clone());
        let kept: Vec<_> = kept.collect();
        let length = text.len() as u64;
        for pieces in [1, 2, 5, 16, 1 << 18] {
            for border in 0..=length {
                let source = open(&path, hard_options().piece_bytes(pieces));
                let mut found = Vec::new();
                for part in [Part::new(0, 0, border), Part::new(0, border, length)] {
                    let choose = |columns: &taskweave_csv::Columns| {
                        Some(columns.column(0).as_string().unwrap().iter().map(is_wanted).collect())
                    };
                    let each = |seen: &mut Vec<_>, columns: &taskweave_csv::Columns| {
                        // What is not chosen from is looked at here, as a filter behind it does.
                        let b = columns.by_name("b").unwrap().as_string().unwrap();
                        let keeps: Vec<bool> = b.iter().map(is_wanted).collect();
                        let some = rows(columns).into_iter().zip(keeps);
                        seen.extend(some.filter(|(_, keeps)| *keeps).map(|(row, _)| row));
                        ControlFlow::Continue(())
                    };
                    let names = source.schema().names();
                    found.extend(
                        source.fold_chosen(&part, &["b"], &names, choose, Vec::new, each).unwrap(),
                    );
                }
                assert_eq!(found, kept, "{text:?} at {border} in pieces of {pieces}");
            }
        }
    }
}

#[test]
fn what_is_wrong_with_rows_that_are_not_chosen_is_not_seen() {
    let folder = Folder::new();
    let path = folder.write("x.csv", "a,b\n1,2\nx,3\n4,5\n6,7\n");
    let options = || Options::new().declare("a", DataType::Int64).declare("b", DataType::Int64);
    let source = open(&path, options());
    assert!(source.read(&whole(&source, 0), &["a"]).is_err());
    let sum = |wanted: fn(i64) -> bool| {
        let choose = move |columns: &taskweave_csv::Columns| {
            Some(columns.column(0).as_int64().unwrap().iter().flatten().map(wanted).collect())
        };
        source.fold_chosen(
            &whole(&source, 0),
            &["b"],
            &["a"],
            choose,
            || 0,
            |sum, columns| {
                *sum += columns.column(0).as_int64().unwrap().iter().flatten().sum::<i64>();
                ControlFlow::Continue(())
            },
        )
    };
    assert_eq!(sum(|b| b > 4).unwrap(), 10);
    // The third line, as ever.
    let error = sum(|b| b < 4).unwrap_err();
    assert!(error.to_string().contains(":3:") || error.line() == Some(3), "{error}");
}

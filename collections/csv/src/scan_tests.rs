//! The pass over blocks against the machine that defines it, on each instruction set.
//!
//! In: random bytes in which quotes, delimiters, newlines and comments are frequent. Out: the same positions.

use super::{BEFORE, Index, Marks, Scan, State, scan, step_by_byte};
use crate::lanes::{Walk, Words};

type Found = (Vec<u32>, Vec<u32>, bool);

fn found(index: &Index) -> Found {
    (index.positions().to_vec(), index.ends.clone(), index.is_open)
}

/// By the machine alone.
fn expected(data: &[u8], marks: &Marks, is_last: bool) -> Found {
    let mut index = Index::default();
    index.clear();
    let state = step_by_byte(data, 0, data.len(), marks, State::Record, &mut index);
    if is_last && index.start(index.ends.len()) < data.len() {
        index.push(data.len(), true);
    }
    index.is_open = state == State::Quoted;
    found(&index)
}

fn check(data: &[u8], marks: &Marks) {
    for is_last in [false, true] {
        let expected = expected(data, marks, is_last);
        let mut index = Index::default();
        scan(data, marks, is_last, &mut index);
        assert_eq!(found(&index), expected, "{:?}", data.escape_ascii().to_string());
        Scan { data, marks, is_last, index: &mut index }.walk(Words);
        assert_eq!(found(&index), expected, "{:?}", data.escape_ascii().to_string());
        #[cfg(target_arch = "x86_64")]
        if let Some(lanes) = pulp::x86::V3::try_new() {
            Scan { data, marks, is_last, index: &mut index }.walk(lanes);
            assert_eq!(found(&index), expected, "{:?}", data.escape_ascii().to_string());
        }
    }
}

fn marks(quote: Option<u8>, comment: Option<&str>) -> Marks {
    Marks { delimiter: b',', quote, comment: comment.map(|text| text.as_bytes().to_vec()) }
}

#[test]
fn blocks_give_what_the_machine_gives() {
    let alphabets: [&[u8]; 4] =
        [b"ab,,\n\"\"", b"aaaaaaaaaaaaaaa,,,\n\"", b"a,\n\"\"\"\"\"\"", b"#a,\n\"# x\r"];
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (state >> 33) as usize % below
    };
    let all = [
        marks(Some(b'"'), None),
        marks(None, None),
        marks(Some(b'"'), Some("#")),
        marks(Some(b'"'), Some("#a")),
    ];
    for round in 0..3000 {
        let alphabet = alphabets[round % alphabets.len()];
        let data: Vec<u8> = (0..random(300)).map(|_| alphabet[random(alphabet.len())]).collect();
        for marks in &all {
            check(&data, marks);
        }
    }
}

#[test]
fn well_formed_quotes_at_each_place_of_a_block() {
    for before in 0..130 {
        let mut data = vec![b'x'; before];
        data.extend_from_slice(b"\n\"a,\n\"\"\"\"b\",\"\",\"\"\"\"\nlast,\"one\"");
        check(&data, &marks(Some(b'"'), None));
    }
}

#[test]
fn the_first_position_stands_before_the_first_byte() {
    let mut index = Index::default();
    scan(b"a,b\nc,d", &marks(Some(b'"'), None), true, &mut index);
    assert_eq!(index.positions(), [BEFORE, 1, 3, 5, 7]);
    assert_eq!(index.ends, [2, 4]);
    assert_eq!((index.start(0), index.start(1), index.start(2)), (0, 4, 8));
}

//! Files that are not what they should be: every beginning of a small file, every bit of it turned, and
//! headers that claim too much. Each gives an error that names the file, or the values that are there.

use std::path::Path;

use lazuli_array::{AnyArray, ChunkedArray, open_npy_any};
use ndarray::{ArrayD, IxDyn, ShapeBuilder};

use crate::allocations::largest_of;
use crate::support::{Sample, compute, npy, write};

/// What a file says in plain words, if it is one: a slow reader of what the tests write, which looks for
/// words and knows nothing of Python.
struct Plain {
    descr: String,
    fortran: bool,
    shape: Vec<usize>,
    elements: Vec<u8>,
}

fn plain(file: &[u8]) -> Option<Plain> {
    let (before, len) = match *file {
        [0x93, b'N', b'U', b'M', b'P', b'Y', 1, 0, a, b, ..] => {
            (10, usize::from(a) | usize::from(b) << 8)
        }
        [0x93, b'N', b'U', b'M', b'P', b'Y', 2 | 3, 0, a, b, c, d, ..] => {
            (12, u32::from_le_bytes([a, b, c, d]) as usize)
        }
        _ => return None,
    };
    let text: String =
        file.get(before..before + len)?.iter().map(|&byte| char::from(byte)).collect();
    let between = |after: &str, end: &str| {
        let (_, rest) = text.split_once(after)?;
        rest.split_once(end).map(|(found, _)| found.trim().to_owned())
    };
    let descr = between("'descr':", ", 'fortran_order'")?;
    let descr = descr.trim_matches('\'').to_owned();
    let fortran = between("'fortran_order':", ",")? == "True";
    let shape = between("'shape': (", ")")?;
    let shape = shape.split(',').map(str::trim).filter(|len| !len.is_empty());
    let shape =
        shape.map(|len| len.trim_end_matches('L').parse()).collect::<Result<_, _>>().ok()?;
    Some(Plain { descr, fortran, shape, elements: file[before + len..].to_vec() })
}

impl Plain {
    fn array<A: Sample>(&self) -> ArrayD<A> {
        let size = size_of::<A>();
        let count = self.shape.iter().product::<usize>();
        let mut bytes = self.elements[..count * size].to_vec();
        if self.descr.starts_with('>') && A::DESCR != "b1" {
            let number = if A::DESCR.starts_with('c') { size / 2 } else { size };
            bytes.chunks_mut(number).for_each(<[u8]>::reverse);
        }
        let mut bytes = &bytes[..];
        let mut values = vec![A::default(); count];
        for value in &mut values {
            let (own, rest) = bytes.split_at(size);
            A::fill(std::slice::from_mut(value), false, &mut |out| {
                out.copy_from_slice(own);
                Ok(())
            })
            .unwrap();
            bytes = rest;
        }
        let shape = IxDyn(&self.shape).set_f(self.fortran);
        ArrayD::from_shape_vec(shape, values).unwrap()
    }
}

fn bits<A: Sample>(array: &ArrayD<A>) -> Vec<u8> {
    array.iter().flat_map(|value| value.bytes(false)).collect()
}

fn check_array<A: Sample>(array: &ChunkedArray<A, IxDyn>, plain: &Plain, what: &str) {
    let found = compute(array).unwrap_or_else(|error| panic!("{what}: {error}"));
    let expected: ArrayD<A> = plain.array();
    assert_eq!(found.shape(), expected.shape(), "{what}");
    assert_eq!(bits(&found), bits(&expected), "{what}");
}

fn check_values(any: &AnyArray, plain: &Plain, what: &str) {
    macro_rules! check {
        ($($variant:ident),*) => {
            match any {
                $(AnyArray::$variant(array) => check_array(array, plain, what),)*
                _ => panic!("{what}: an unknown type"),
            }
        };
    }
    check!(F64, F32, F16, I64, I32, I16, I8, U64, U32, U16, U8, Bool, C64, C32);
}

/// Opens a file and computes all of it: right, or an error that names it; and no large allocation.
fn check(path: &Path, file: &[u8], what: &str) -> bool {
    write(path, file);
    let (opened, largest) = largest_of(|| {
        let any = open_npy_any(path);
        if let Ok(any) = &any {
            let plain = plain(file).unwrap_or_else(|| panic!("{what}: this is no file"));
            check_values(any, &plain, what);
        }
        any
    });
    assert!(largest < 1 << 20, "{what}: {largest} bytes at once");
    match opened {
        Ok(_) => true,
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains(&path.display().to_string()), "{what}: {text}");
            false
        }
    }
}

fn corpus() -> Vec<Vec<u8>> {
    let bytes: Vec<u8> = (0..48).map(|byte| byte * 5).collect();
    vec![
        npy(1, "<f8", false, "(3, 2)", &bytes),
        npy(2, ">i4", true, "(2, 2, 3)", &bytes),
        npy(3, "|b1", false, "(48,)", &bytes),
        npy(1, "<c8", true, "(6,)", &bytes),
        npy(1, "<f2", false, "(0, 5)", &[]),
        npy(2, "<u8", false, "()", &bytes[..8]),
    ]
}

#[test]
fn every_beginning_of_a_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    for (number, file) in corpus().iter().enumerate() {
        for len in 0..file.len() {
            let whole = check(&path, &file[..len], &format!("{len} bytes of file {number}"));
            assert!(!whole, "{len} bytes of file {number} are not all of it");
        }
        assert!(check(&path, file, &format!("file {number}")));
    }
}

#[test]
fn every_turned_bit_is_an_error_or_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let mut readable = 0;
    for (number, file) in corpus().into_iter().enumerate() {
        for bit in 0..8 * file.len() {
            let mut turned = file.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            readable += usize::from(check(&path, &turned, &format!("bit {bit} of file {number}")));
        }
    }
    assert!(readable > 1000, "bits of elements only change values: {readable}");
}

#[test]
fn claims_are_checked_before_they_are_allocated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let mut long = npy(2, "<f8", false, "(1,)", &[0; 8]);
    long[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    let deep = format!("{{'descr': {}", "[".repeat(60_000));
    let mut nested = b"\x93NUMPY\x01\x00".to_vec();
    nested.extend((deep.len() as u16).to_le_bytes());
    nested.extend(deep.as_bytes());
    let claims = [
        ("a header of 4 GB", long),
        ("brackets", nested),
        ("a petabyte", npy(1, "<f8", false, "(1000000, 125000000)", &[0; 64])),
        ("more than can be counted", npy(1, "<f8", false, "(99999999999, 99999999999)", &[])),
        ("bytes that wrap", npy(1, "<f8", false, "(2305843009213693952,)", &[0; 64])),
        ("an axis beyond u64", npy(1, "<f8", false, "(99999999999999999999999,)", &[])),
        ("no elements of much", npy(1, "<f8", false, "(0, 99999999999, 99999999999)", &[])),
        ("a negative length", npy(1, "<f8", false, "(-1,)", &[0; 64])),
    ];
    for (what, file) in claims {
        assert!(!check(&path, &file, what), "{what}");
    }
}

//! `.npy` files, written by hand as the format's description says.

use std::fs;
use std::path::Path;

use lazuli::array::{ArrayError, open_npy_any};
use lazuli::prelude::*;
use ndarray::{Ix1, Ix2, IxDyn};

/// Writes version 1.0 of the format: magic, header length, a Python dictionary, the elements.
fn write(path: &Path, descr: &str, fortran: bool, shape: &str, elements: &[u8]) {
    let order = if fortran { "True" } else { "False" };
    let mut header =
        format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(elements);
    fs::write(path, file).unwrap();
}

fn bytes<const N: usize, A: Copy>(
    values: impl IntoIterator<Item = A>,
    to_bytes: fn(A) -> [u8; N],
) -> Vec<u8> {
    values.into_iter().flat_map(to_bytes).collect()
}

#[test]
fn elements_are_read_in_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.npy");
    let c_order = bytes((0..6).map(f64::from), f64::to_le_bytes);
    write(&path, "<f8", false, "(2, 3)", &c_order);
    let x = open_npy::<f64, Ix2>(&path).unwrap();
    let expected = ndarray::array![[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]];
    assert_eq!(compute(&x).unwrap(), expected);
    assert_eq!(compute(x.rechunk([1, 2])).unwrap(), expected);

    write(&path, "<f8", true, "(2, 3)", &bytes([0.0, 3.0, 1.0, 4.0, 2.0, 5.0], f64::to_le_bytes));
    let x = open_npy::<f64, Ix2>(&path).unwrap();
    assert_eq!(compute(x.rechunk([2, 2])).unwrap(), expected);
}

#[test]
fn any_element_type_is_found_from_the_header() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.npy");
    let cases: [(&str, &str, Vec<u8>); 4] = [
        ("<i4", "int32", bytes([-5, 7], i32::to_le_bytes)),
        ("<f4", "float32", bytes([-5.0, 7.0], f32::to_le_bytes)),
        ("|i1", "int8", bytes([-5, 7], i8::to_le_bytes)),
        ("<u8", "uint64", bytes([3, 7], u64::to_le_bytes)),
    ];
    for (descr, dtype, elements) in cases {
        write(&path, descr, false, "(2,)", &elements);
        let x = open_npy_any(&path).unwrap();
        assert_eq!((x.dtype(), x.shape()), (dtype, &[2][..]));
        let stats = compute(x.stats(1)).unwrap();
        assert_eq!((stats.count, stats.ddof), (2, 1));
        assert!(stats.mean == 1.0 || dtype == "uint64" && stats.mean == 5.0);
    }
}

#[test]
fn what_is_wrong_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.npy");
    let reports = |what: &str| {
        let text = open_npy::<f64, IxDyn>(&path).unwrap_err().to_string();
        assert!(text.contains(&path.display().to_string()) && text.contains(what), "{text}");
    };
    reports("No such file");
    fs::write(&path, "").unwrap();
    reports("empty");
    fs::write(&path, "a,b\n1,2\n").unwrap();
    reports("not an .npy file");
    write(&path, "<f8", false, "(3,)", &bytes([1.0, 2.0], f64::to_le_bytes));
    reports("cut short");
    write(&path, "<i8", false, "(2,)", &bytes([1, 2], i64::to_le_bytes));
    reports("not float64");
    write(&path, "<f8", false, "(99999999999, 999)", &[]);
    reports("cut short");
    write(&path, "<f8", false, "(99999999999, 99999999999)", &[]);
    reports("more elements than can be counted");
    write(&path, "<f8", false, "(0, 99999999999, 99999999999)", &[]);
    reports("more elements than can be counted");
    fs::create_dir(dir.path().join("folder.npy")).unwrap();
    assert!(
        open_npy_any(dir.path().join("folder.npy")).unwrap_err().to_string().contains("folder.npy")
    );

    write(&path, "<f8", false, "(2,)", &bytes([1.0, 2.0], f64::to_le_bytes));
    let error = open_npy::<f64, Ix2>(&path).unwrap_err();
    assert!(matches!(error.find(), Some(ArrayError::AxesMismatch { expected: 2, found: 1, .. })));
    assert!(open_npy::<f64, Ix1>(&path).is_ok());
}

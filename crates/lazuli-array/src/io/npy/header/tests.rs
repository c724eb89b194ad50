//! Headers as NumPy and others write them, and texts that are none.

use super::*;

#[test]
fn dictionaries_are_read_as_numpy_and_others_write_them() {
    let cases = [
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }   \n",
            "'<f8'",
            false,
            vec![3, 4],
        ),
        ("{\"shape\":(7,),\"descr\":\"|b1\",\"fortran_order\":True}", "\"|b1\"", true, vec![7]),
        (" { 'descr' : '>i2' , 'fortran_order' : False , 'shape' : ( ) } ", "'>i2'", false, vec![]),
        (
            "{'descr': [('a', '<f8'), ('b}', '<i4', (2, 3))], 'fortran_order': False, 'shape': (2L, 1L), }",
            "[('a', '<f8'), ('b}', '<i4', (2, 3))]",
            false,
            vec![2, 1],
        ),
    ];
    for (text, descr, is_fortran, shape) in cases {
        assert_eq!(dictionary(text), Ok((descr.to_owned(), is_fortran, shape)), "{text}");
    }
}

#[test]
fn other_texts_are_refused_with_a_reason() {
    let cases = [
        ("", "`{` is expected"),
        ("{'descr': '<f8', 'fortran_order': False}", "'shape' is missing"),
        ("{'descr': '<f8', 'descr': '<f8'}", "twice"),
        ("{'descr': '<f8', 'fortran_order': 1, 'shape': ()}", "not True or False"),
        ("{'descr': '<f8', 'fortran_order': True, 'shape': (3)}", "not a tuple"),
        ("{'descr': '<f8', 'fortran_order': True, 'shape': (-3,)}", "not a tuple"),
        ("{'descr': '<f8', 'fortran_order': True, 'shape': (99999999999999999999,)}", "too large"),
        ("{'descr': '<f8', 'fortran_order': True, 'shape': (3,,)}", "not a tuple"),
        ("{'descr': '<f8', 'order': True}", "unknown"),
        ("{'descr': '<f8}", "does not end"),
        ("{'descr': , }", "a value is missing"),
        ("{'descr': '<f8', 'fortran_order': True, 'shape': ()} x", "behind its end"),
    ];
    for (text, reason) in cases {
        let error = dictionary(text).expect_err(text);
        assert!(error.contains(reason), "{text}: {error}");
    }
    let deep = format!("{{'descr': {}", "[".repeat(1 << 20));
    assert!(dictionary(&deep).is_err());
}

#[test]
fn a_written_header_is_read_again() {
    for shape in [vec![], vec![7], vec![2, 0, 5], vec![1; 40_000]] {
        let bytes = header_of::<f64>(&shape);
        assert_eq!(bytes.len() % ALIGNMENT, 0);
        assert_eq!(bytes[6], if shape.len() > 20_000 { 2 } else { 1 });
        let before = if bytes[6] == 2 { 12 } else { 10 };
        let text = std::str::from_utf8(&bytes[before..]).expect("ASCII");
        let (descr, is_fortran, found) = dictionary(text).expect("a dictionary");
        assert_eq!((is_fortran, found), (false, shape));
        let header = Header { descr, is_fortran, shape: vec![], start: 0 };
        assert_eq!(header.swaps::<f64>(), Some(false));
        assert_eq!(header.swaps::<f32>(), None);
        assert_eq!(header.swaps::<i64>(), None);
    }
}

#[test]
fn element_types_are_known_by_kind_size_and_order() {
    let swaps =
        |descr: &str| Header { descr: descr.into(), is_fortran: false, shape: vec![], start: 0 };
    let big = cfg!(target_endian = "big");
    assert_eq!(swaps("'>f8'").swaps::<f64>(), Some(!big));
    assert_eq!(swaps("'<c16'").swaps::<num_complex::Complex<f64>>(), Some(big));
    assert_eq!(swaps("'f2'").swaps::<half::f16>(), Some(false));
    assert_eq!(swaps("'|b1'").swaps::<bool>(), Some(false));
    assert_eq!(swaps("'?'").swaps::<bool>(), Some(false));
    for foreign in
        ["'<M8[ns]'", "'|S7'", "'<f'", "''", "'", "[('a', '<f8')]", "'<f99999999999999999999'"]
    {
        assert_eq!(swaps(foreign).swaps::<f64>(), None, "{foreign}");
    }
}

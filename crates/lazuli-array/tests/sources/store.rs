//! Writing arrays to sinks.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use lazuli_array::{ArrayError, ChunkedArray, Sink, open_npy};
use lazuli_core::{Executor, compute as compute_shared};
use ndarray::{Array, Array1, Dimension as _, Ix1, Ix2, IxDyn};
use num_complex::Complex;

use crate::support::{compute, npy};

fn files(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_stored_array_has_the_bytes_of_the_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let x = Array::from_shape_fn((7, 5), |(i, j)| (10 * i + j) as i16);
    let lazy = ChunkedArray::from_array(x.clone(), [3, 2]);
    compute(lazy.store_npy(&path)).unwrap();
    let order = if cfg!(target_endian = "big") { '>' } else { '<' };
    let elements: Vec<u8> = x.iter().flat_map(|value| value.to_ne_bytes()).collect();
    assert_eq!(fs::read(&path).unwrap(), npy(1, &format!("{order}i2"), false, "(7, 5)", &elements));
    assert_eq!(files(folder.path()), ["x.npy"], "nothing else is left");

    let flags = ChunkedArray::from_array(x.mapv(|value| value % 3 == 0), [7, 5]);
    compute(flags.store_npy(&path)).unwrap();
    let elements: Vec<u8> = x.iter().map(|value| u8::from(value % 3 == 0)).collect();
    assert_eq!(fs::read(&path).unwrap(), npy(1, "|b1", false, "(7, 5)", &elements));
}

#[test]
fn any_shape_in_any_blocks_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let cases: [(&[usize], &[usize]); 7] = [
        (&[], &[]),
        (&[0], &[4]),
        (&[3, 0], &[1, 1]),
        (&[100_000], &[33_333]),
        (&[30, 40, 50], &[7, 40, 50]),
        (&[30, 40, 50], &[30, 11, 7]),
        (&[5, 9000], &[2, 5000]),
    ];
    for (shape, chunks) in cases {
        let x = Array::from_shape_fn(IxDyn(shape), |index| {
            let number =
                index.slice().iter().fold(0.0, |number, &index| number * 64.0 + index as f64);
            Complex::new(number, -number)
        });
        let lazy = ChunkedArray::from_array(x.clone(), chunks);
        Executor::threaded(3).unwrap().compute(lazy.store_npy(&path)).unwrap();
        let back = open_npy::<Complex<f64>, IxDyn>(&path).unwrap();
        assert_eq!(compute(back).unwrap(), x, "{shape:?} {chunks:?}");
    }
}

/// The function of an element is called once for all that is asked.
#[test]
fn storing_shares_the_pass_of_statistics() {
    let folder = tempfile::tempdir().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let x = ChunkedArray::from_fn([20_000], [3_000], move |[i]| {
        counted.fetch_add(1, SeqCst);
        (i as f64).sqrt()
    });
    let (one, two) = (folder.path().join("1.npy"), folder.path().join("2.npy"));
    let doubled = &x * 2.0;
    let asked = (x.store_npy(&one), doubled.store_npy(&two), x.mean(), &x);
    let ((), (), mean, values) = compute_shared(asked).unwrap();
    assert_eq!(calls.load(SeqCst), 20_000);
    let one = compute(open_npy::<f64, Ix1>(&one).unwrap()).unwrap();
    let two = compute(open_npy::<f64, Ix1>(&two).unwrap()).unwrap();
    assert_eq!((&one, &two), (&values, &(&values * 2.0)));
    assert!((mean - one.mean().unwrap()).abs() < 1e-12 * mean);
}

#[test]
fn a_file_may_be_replaced_by_what_is_made_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let x = Array1::from_iter((0..50_000).map(f64::from));
    compute(ChunkedArray::from_array(x.clone(), [7_000]).store_npy(&path)).unwrap();
    for times in 1..4 {
        let y = open_npy::<f64, Ix1>(&path).unwrap().rechunk(11_000) + 1.0;
        compute_shared(y.store_npy(&path)).unwrap();
        let found = compute(open_npy::<f64, Ix1>(&path).unwrap()).unwrap();
        assert_eq!(found, &x + f64::from(times));
    }
}

#[test]
fn what_fails_leaves_the_old_file_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    fs::write(&path, "old").unwrap();
    let x = ChunkedArray::from_fn([10_000], [1_000], |[i]| {
        assert!(i < 7_777, "no such element");
        i as f64
    });
    for executor in [Executor::sync(), Executor::threaded(2).unwrap()] {
        let error = executor.compute(x.store_npy(&path)).unwrap_err();
        assert!(error.to_string().contains("no such element"), "{error}");
        assert_eq!(files(folder.path()), ["x.npy"]);
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }
    let nowhere = folder.path().join("none").join("x.npy");
    let zeros = ChunkedArray::<f64, Ix2>::zeros([2, 2], [1, 1]);
    let error = compute(zeros.store_npy(&nowhere)).unwrap_err();
    let file = error.find::<ArrayError>().expect("an error of arrays").to_string();
    assert!(file.contains("none"), "{file}");
    let error = compute(zeros.store_npy(folder.path())).unwrap_err();
    assert!(error.to_string().contains("is a folder"), "{error}");
    assert_eq!(files(folder.path()), ["x.npy"]);
}

#[test]
#[cfg(unix)]
fn a_new_file_has_the_permissions_of_new_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
    fs::write(folder.path().join("plain"), "").unwrap();
    let zeros = ChunkedArray::<f64, Ix1>::zeros([2], [1]);
    compute(zeros.store_npy(folder.path().join("x.npy"))).unwrap();
    assert_eq!(mode("x.npy"), mode("plain"));
}

/// What is called, in order.
#[derive(Clone, Default)]
struct Protocol(Arc<Mutex<Vec<String>>>);

impl Protocol {
    fn note(&self, text: String) -> Result<(), ArrayError> {
        self.0.lock().unwrap().push(text);
        Ok(())
    }
}

struct Dropped(Protocol);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.note("drop".into()).unwrap();
    }
}

impl Sink<u8> for Protocol {
    type Open = Dropped;
    type Block = Vec<u8>;
    type Output = &'static str;
    type Error = ArrayError;

    fn open(&self, shape: &[usize], chunks: &[Vec<usize>]) -> Result<Dropped, ArrayError> {
        self.note(format!("open {shape:?} {chunks:?}"))?;
        Ok(Dropped(self.clone()))
    }

    fn begin(&self, _: &Dropped, start: &[usize], shape: &[usize]) -> Result<Vec<u8>, ArrayError> {
        self.note(format!("begin {start:?} {shape:?}"))?;
        Ok(Vec::new())
    }

    fn write(&self, _: &Dropped, block: &mut Vec<u8>, elements: &[u8]) -> Result<(), ArrayError> {
        block.extend(elements);
        Ok(())
    }

    fn end(&self, _: &Dropped, block: Vec<u8>) -> Result<(), ArrayError> {
        if block.contains(&200) {
            return Err(ArrayError::Stopped);
        }
        self.note(format!("end {block:?}"))
    }

    fn commit(&self, _: &Dropped) -> Result<&'static str, ArrayError> {
        self.note("commit".into())?;
        Ok("done")
    }
}

#[test]
fn a_sink_is_opened_written_and_committed_in_order() {
    let protocol = Protocol::default();
    let x = ChunkedArray::from_fn([2, 3], [2, 2], |[i, j]| (3 * i + j) as u8);
    assert_eq!(compute(x.store(protocol.clone())).unwrap(), "done");
    let noted = protocol.0.lock().unwrap().clone();
    assert_eq!(
        noted,
        [
            "open [2, 3] [[2], [2, 1]]",
            "begin [0, 0] [2, 2]",
            "end [0, 1, 3, 4]",
            "begin [0, 2] [2, 1]",
            "end [2, 5]",
            "commit",
            "drop"
        ]
    );

    let protocol = Protocol::default();
    let x = ChunkedArray::from_fn([300], [100], |[i]| i as u8);
    assert!(compute(x.store(protocol.clone())).is_err());
    let noted = protocol.0.lock().unwrap().clone();
    assert!(noted.last().is_some_and(|last| last == "drop"), "{noted:?}");
    assert!(!noted.contains(&"commit".to_owned()), "{noted:?}");

    let protocol = Protocol::default();
    let none = ChunkedArray::<u8, Ix1>::zeros([0], [5]);
    assert_eq!(compute(none.store(protocol.clone())).unwrap(), "done");
    assert_eq!(*protocol.0.lock().unwrap(), ["open [0] [[]]", "commit", "drop"]);
}

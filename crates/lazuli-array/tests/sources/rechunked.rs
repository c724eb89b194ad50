//! Files whose blocks are asked for in other sizes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lazuli_array::{ChunkedArray, open_npy, open_zarr};
use lazuli_core::{Event, Executor, Observer};
use ndarray::{Array2, Ix2};

#[derive(Default)]
struct Loads(AtomicUsize);

impl Observer for Loads {
    fn event(&self, event: &Event<'_>) {
        if let Event::Loaded { .. } = event {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Rows that become columns would be read once for each column; so they are read once, and cut.
#[test]
fn blocks_of_files_are_read_once_whatever_they_become() {
    let folder = tempfile::tempdir().unwrap();
    let values = Array2::from_shape_fn((40, 30), |(i, j)| (i * 30 + j) as f64);
    let x = ChunkedArray::from_array(values.clone(), [1, 30]);
    let (npy, zarr) = (folder.path().join("x.npy"), folder.path().join("x.zarr"));
    lazuli_core::compute((x.store_npy(&npy), x.store_zarr(&zarr))).unwrap();
    let files: [ChunkedArray<f64, Ix2>; 2] =
        [open_npy(&npy).unwrap().rechunk([1, 30]), open_zarr(&zarr).unwrap()];
    for file in files {
        let loads = Arc::new(Loads::default());
        let executor = Executor::sync().with_observer(Arc::clone(&loads) as Arc<dyn Observer>);
        let columns = file.rechunk([40, 1]);
        assert_eq!(executor.compute(&columns).unwrap(), values);
        assert_eq!(loads.0.load(Ordering::Relaxed), 40);
        // A few parts of each are not worth it.
        assert_eq!(executor.compute(file.rechunk([3, 15])).unwrap(), values);
        assert_eq!(loads.0.load(Ordering::Relaxed), 40 + 28);
    }
}

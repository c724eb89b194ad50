//! Writing Zarr arrays so that `zarrs` reads them, whole or not at all, and in groups.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use half::f16;
use lazuli_array::{
    ChunkedArray, Sink, StoredElement, ZarrArray, ZarrCodec, list_zarr, open_zarr, open_zarr_any,
};
use lazuli_core::{Executor, compute as compute_shared};
use ndarray::{Array, ArrayD, Axis, Ix1, Ix2, IxDyn};
use num_complex::Complex;
use zarrs::storage::store::MemoryStore;
use zarrs::storage::{StoreKey, WritableStorageTraits as _};

use crate::support::{Sample, compute};
use crate::zarr::numbered;

/// The files of a folder, as a store in memory.
fn take(folder: &Path) -> Arc<MemoryStore> {
    let store = MemoryStore::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let key = path.strip_prefix(folder).unwrap().to_str().unwrap();
                let key = StoreKey::new(key).unwrap();
                store.set(&key, fs::read(&path).unwrap().into()).unwrap();
            }
        }
    }
    Arc::new(store)
}

fn read_by_zarrs(path: &Path) -> ArrayD<f64> {
    let array = zarrs::array::Array::open(take(path), "/").unwrap();
    let shape: Vec<usize> = array.shape().iter().map(|&len| len as usize).collect();
    let values = array.retrieve_array_subset(&array.subset_all()).unwrap();
    ArrayD::from_shape_vec(shape, values).unwrap()
}

#[test]
fn stored_arrays_are_read_by_zarrs_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&[usize], &[usize]); 6] = [
        (&[], &[]),
        (&[0], &[4]),
        (&[3, 0], &[1, 1]),
        (&[10_000], &[3_333]),
        (&[13, 40, 5], &[7, 40, 5]),
        (&[13, 40, 5], &[13, 11, 2]),
    ];
    let codecs = [ZarrCodec::None, ZarrCodec::Gzip(5), ZarrCodec::Zstd(3), ZarrCodec::Blosc(5)];
    for (number, (shape, chunks)) in cases.into_iter().enumerate() {
        for (index, codec) in codecs.into_iter().enumerate() {
            for v2 in [false, true] {
                let path = folder.path().join(format!("{number}-{index}-{v2}.zarr"));
                let x = numbered(shape);
                let lazy = ChunkedArray::from_array(x.clone(), chunks);
                let sink = ZarrArray::new(&path).codec(codec);
                let sink = if v2 { sink.v2() } else { sink };
                Executor::threaded(3).unwrap().compute(lazy.store(sink)).unwrap();
                let what = format!("{shape:?} {codec:?} v2: {v2}");
                let back = open_zarr::<f64, IxDyn>(&path).unwrap();
                assert_eq!(compute(&back).unwrap(), x, "{what}");
                if !shape.contains(&0) {
                    assert_eq!(read_by_zarrs(&path), x, "{what}");
                    assert_eq!(back.chunks(), lazy.chunks(), "{what}");
                }
            }
        }
    }
}

#[test]
fn every_type_is_stored_and_read() {
    fn check<A: Sample>(folder: &Path)
    where
        ZarrArray: Sink<A, Output = ()>,
    {
        let x = Array::from_shape_vec(17, (0..17).map(A::sample).collect()).unwrap();
        for (version, sink) in [
            ("v2", ZarrArray::new(folder.join(A::NAME).with_extension("v2")).v2()),
            ("v3", ZarrArray::new(folder.join(A::NAME).with_extension("v3"))),
        ] {
            let lazy = ChunkedArray::from_array(x.clone(), [5]);
            compute(lazy.store(sink)).unwrap();
            let path = folder.join(A::NAME).with_extension(version);
            assert!(
                compute(open_zarr::<A, Ix1>(&path).unwrap()).unwrap() == x,
                "{version} {}",
                A::NAME
            );
            assert_eq!(open_zarr_any(&path).unwrap().dtype(), <A as StoredElement>::NAME);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    check::<i8>(folder);
    check::<i16>(folder);
    check::<i32>(folder);
    check::<i64>(folder);
    check::<u8>(folder);
    check::<u16>(folder);
    check::<u32>(folder);
    check::<u64>(folder);
    check::<f16>(folder);
    check::<f32>(folder);
    check::<f64>(folder);
    check::<bool>(folder);
    check::<Complex<f32>>(folder);
    check::<Complex<f64>>(folder);
}

#[test]
fn shards_are_one_file_of_many_chunks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zarr");
    let x = numbered(&[20, 30]);
    let lazy = ChunkedArray::from_array(x.clone(), [10, 15]);
    compute(lazy.store(ZarrArray::new(&path).shards_of([5, 5]))).unwrap();
    assert_eq!(fs::read_dir(path.join("c/0")).unwrap().count(), 2);
    assert_eq!(read_by_zarrs(&path), x);
    let back = open_zarr::<f64, IxDyn>(&path).unwrap();
    assert_eq!(back.chunksize(), [10, 15]);
    assert_eq!(compute(back.rechunk([5, 5])).unwrap(), x);

    let misfit = |sink: ZarrArray, what: &str| {
        let error = compute(lazy.store(sink)).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    };
    let other = ZarrArray::new(folder.path().join("y.zarr"));
    misfit(other.clone().shards_of([4, 5]), "do not divide");
    misfit(other.clone().shards_of([5]), "do not divide");
    misfit(other.shards_of([5, 5]).v2(), "version 3");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
}

/// Chunks of zeros are not written; those of -0.0 are.
#[test]
fn chunks_of_the_fill_value_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zarr");
    let x = Array::from_iter((0..40).map(|i| if i < 20 { 0.0 } else { -0.0_f64 }));
    compute(ChunkedArray::from_array(x.clone(), [10]).store_zarr(&path)).unwrap();
    let chunks = |at: &str| path.join("c").join(at).exists();
    assert_eq!(["0", "1", "2", "3"].map(chunks), [false, false, true, true]);
    let back = compute(open_zarr::<f64, Ix1>(&path).unwrap()).unwrap();
    assert_eq!(back.mapv(f64::to_bits), x.mapv(f64::to_bits));
}

#[test]
fn arrays_of_a_group_are_made_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store.zarr");
    let x = ChunkedArray::from_fn([30], [10], |[i]| i as f64);
    let asked = (
        x.store_zarr(store.join("day/wind")),
        (&x * 2.0).store_zarr(store.join("day/rain")),
        x.store_zarr(store.join("all")),
        x.mean(),
    );
    let ((), (), (), mean) = compute_shared(asked).unwrap();
    assert_eq!(mean, 14.5);
    assert_eq!(list_zarr(&store).unwrap(), ["all", "day/rain", "day/wind"]);
    assert_eq!(list_zarr(store.join("day")).unwrap(), ["rain", "wind"]);
    let rain = open_zarr::<f64, Ix1>(store.join("day/rain")).unwrap();
    assert_eq!(compute(rain.mean()).unwrap(), 29.0);
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");

    let error = open_zarr::<f64, Ix1>(&store).unwrap_err().to_string();
    assert!(error.contains("group") && error.contains("all, day/rain, day/wind"), "{error}");
    let error = list_zarr(store.join("all")).unwrap_err().to_string();
    assert!(error.contains("not a Zarr group"), "{error}");
    let refused = |path: &Path, sink: ZarrArray, what: &str| {
        let error = compute(x.store(sink)).unwrap_err().to_string();
        assert!(error.contains(what) && error.contains(&path.display().to_string()), "{error}");
    };
    let inside = store.join("all/inside");
    refused(&inside, ZarrArray::new(&inside), "is an array");
    let group = store.join("day");
    refused(&group, ZarrArray::new(&group).replace(), "is a group");
    let other = store.join("day/old");
    refused(&other, ZarrArray::new(&other).v2(), "another version");
    let nowhere = folder.path().join("none/x.zarr");
    refused(&folder.path().join("none"), ZarrArray::new(&nowhere), "No such file");
}

#[test]
fn an_array_is_replaced_only_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zarr");
    let x = ChunkedArray::from_fn([30], [10], |[i]| i as f64);
    compute(x.store_zarr(&path)).unwrap();
    let error = compute((&x + 1.0).store_zarr(&path)).unwrap_err().to_string();
    assert!(error.contains("is there already") && error.contains("x.zarr"), "{error}");
    // By what is made of itself.
    for times in 1..4 {
        let again = open_zarr::<f64, Ix1>(&path).unwrap() + 1.0;
        compute(again.store(ZarrArray::new(&path).replace())).unwrap();
        let sum = compute(open_zarr::<f64, Ix1>(&path).unwrap().sum()).unwrap();
        assert_eq!(sum, 435.0 + 30.0 * f64::from(times));
    }
    let fails = x.map(|value| {
        assert!(value < 25.0, "no such value");
        value
    });
    assert!(compute(fails.store(ZarrArray::new(&path).replace())).is_err());
    assert_eq!(compute(open_zarr::<f64, Ix1>(&path).unwrap().sum()).unwrap(), 525.0);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");

    let irregular = x.rechunk([vec![10, 5, 15]]);
    let error = compute(irregular.store_zarr(folder.path().join("y.zarr"))).unwrap_err();
    assert!(error.to_string().contains("rechunk"), "{error}");
    fs::write(folder.path().join("z.zarr"), "text").unwrap();
    let error = compute(x.store(ZarrArray::new(folder.path().join("z.zarr")).replace()));
    assert!(error.unwrap_err().to_string().contains("no Zarr array"));
}

#[test]
fn rows_become_columns_in_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (rows, columns) = (folder.path().join("rows.zarr"), folder.path().join("columns.zarr"));
    let x = ChunkedArray::from_fn([400, 600], [20, 600], |[i, j]| (i * 1000 + j) as f64);
    compute(x.store_zarr(&rows)).unwrap();
    let limited = Executor::threaded(2).unwrap().with_memory_limit(1_500_000);
    let by_column = open_zarr::<f64, Ix2>(&rows).unwrap().rechunk([400, 30]);
    limited.compute(by_column.store_zarr(&columns)).unwrap();
    let back = open_zarr::<f64, Ix2>(&columns).unwrap();
    assert_eq!(back.chunksize(), [400, 30]);
    assert_eq!(compute(back.flip(Axis(0))).unwrap()[[399, 599]], 599.0);
    assert_eq!(compute(&back).unwrap(), compute(&x).unwrap());
}

#[test]
fn what_is_asked_for_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zarr");
    let x = ChunkedArray::from_fn([30], [10], |[i]| i as f64);
    compute(x.store_zarr(&path)).unwrap();
    let refused = |error: lazuli_core::Error, what: &str| {
        let text = error.to_string();
        assert!(
            text.contains(what) && text.contains(&folder.path().display().to_string()),
            "{text}"
        );
    };
    refused(open_zarr::<f32, Ix1>(&path).unwrap_err(), "float64, not float32");
    refused(open_zarr::<f64, Ix2>(&path).unwrap_err(), "1 axes, not 2");
    refused(open_zarr::<f64, Ix1>(folder.path()).unwrap_err(), "not a Zarr array");
    refused(open_zarr_any(folder.path().join("none.zarr")).unwrap_err(), "not a Zarr array");
    let error =
        compute(x.store(ZarrArray::new(folder.path().join("y.zarr")).codec(ZarrCodec::Gzip(11))));
    refused(error.unwrap_err(), "y.zarr");
}

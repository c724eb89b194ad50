//! Zarr arrays: read as `zarrs` and hand-written bytes have them, and written so that `zarrs` reads them.

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
use zarrs::array::codec::{
    BloscCodec, BloscCompressionLevel, BloscCompressor, BloscShuffleMode, Crc32cCodec, GzipCodec,
    TransposeCodec, TransposeOrder, ZstdCodec,
};
use zarrs::array::{ArrayBuilder, BytesToBytesCodecTraits, data_type};
use zarrs::storage::store::MemoryStore;
use zarrs::storage::{
    ListableStorageTraits as _, ReadableStorageTraits as _, StoreKey, WritableStorageTraits as _,
};

use crate::support::{Sample, compute};

/// The files of a store in memory, put into a folder.
pub(crate) fn put(store: &MemoryStore, folder: &Path) {
    for key in store.list().unwrap() {
        let path = folder.join(key.as_str());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, store.get(&key).unwrap().unwrap()).unwrap();
    }
}

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

fn numbered(shape: &[usize]) -> ArrayD<f64> {
    let mut number = -3.0;
    Array::from_shape_simple_fn(IxDyn(shape), || {
        number += 1.25;
        number
    })
}

/// The codecs of bytes that stores are tested with.
fn codecs() -> Vec<(&'static str, Vec<Arc<dyn BytesToBytesCodecTraits>>)> {
    let level = BloscCompressionLevel::try_from(5).unwrap();
    let blosc = |compressor, shuffle| {
        BloscCodec::new(compressor, level, None, shuffle, Some(8)).map(Arc::new).unwrap()
    };
    vec![
        ("none", vec![]),
        ("gzip", vec![Arc::new(GzipCodec::new(5).unwrap())]),
        ("zstd", vec![Arc::new(ZstdCodec::new(3, true))]),
        ("blosc lz4", vec![blosc(BloscCompressor::LZ4, BloscShuffleMode::Shuffle)]),
        ("blosc zstd", vec![blosc(BloscCompressor::Zstd, BloscShuffleMode::BitShuffle)]),
        ("crc32c", vec![Arc::new(Crc32cCodec::new())]),
    ]
}

#[test]
fn stores_written_by_zarrs_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let x = numbered(&[11, 7, 5]);
    for (name, codecs) in codecs() {
        for shards in [None, Some(vec![2, 3, 1])] {
            let store = Arc::new(MemoryStore::new());
            let chunks = if shards.is_some() { vec![4, 6, 5] } else { vec![4, 3, 5] };
            let mut builder =
                ArrayBuilder::new(vec![11, 7, 5], chunks.clone(), data_type::float64(), 0.0_f64);
            builder.bytes_to_bytes_codecs(codecs.clone()).subchunk_shape(shards.clone());
            if name == "zstd" {
                let order = TransposeOrder::new(&[2, 0, 1]).unwrap();
                builder.array_to_array_codecs(vec![Arc::new(TransposeCodec::new(order))]);
            }
            let array = builder.build(Arc::clone(&store), "/").unwrap();
            array.store_metadata().unwrap();
            array.store_array_subset(&array.subset_all(), x.as_slice().unwrap()).unwrap();
            let path = folder.path().join(format!("{name}-{}", shards.is_some()));
            put(&store, &path);

            let lazy = open_zarr::<f64, IxDyn>(&path).unwrap();
            let chunks: Vec<usize> = chunks.iter().map(|&len| len as usize).collect();
            assert_eq!(lazy.chunksize(), chunks, "{name}");
            for lazy in [lazy.clone(), lazy.rechunk([11, 7, 5]), lazy.rechunk([3, 2, 2])] {
                assert_eq!(compute(&lazy).unwrap(), x, "{name} {shards:?}");
                assert_eq!(compute(lazy.t()).unwrap(), x.t(), "{name} {shards:?}");
                let part = lazy.slice(ndarray::s![2..9;-3, 1.., 2]);
                assert_eq!(compute(part).unwrap(), x.slice(ndarray::s![2..9;-3, 1.., 2]), "{name}");
            }
        }
    }
}

#[test]
fn hand_written_stores_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v2");
    fs::create_dir(&path).unwrap();
    let metadata = |order: &str| {
        format!(
            r#"{{"zarr_format": 2, "shape": [3, 3], "chunks": [2, 2], "dtype": ">i2", "compressor": null,
                "fill_value": -7, "order": "{order}", "filters": null}}"#
        )
    };
    let chunk = |values: [i16; 4]| values.map(i16::to_be_bytes).concat();
    // The chunk 0.1 is not there; chunks at the ends are padded.
    fs::write(path.join("0.0"), chunk([1, 2, 4, 5])).unwrap();
    fs::write(path.join("1.0"), chunk([7, 8, 0, 0])).unwrap();
    fs::write(path.join("1.1"), chunk([9, 0, 0, 0])).unwrap();
    fs::write(path.join(".zarray"), metadata("C")).unwrap();
    let x = open_zarr::<i16, Ix2>(&path).unwrap();
    assert_eq!(compute(&x).unwrap(), ndarray::array![[1, 2, -7], [4, 5, -7], [7, 8, 9]]);
    fs::write(path.join(".zarray"), metadata("F")).unwrap();
    let x = open_zarr::<i16, Ix2>(&path).unwrap();
    assert_eq!(compute(&x).unwrap(), ndarray::array![[1, 4, -7], [2, 5, -7], [7, 0, 9]]);

    let path = folder.path().join("v3");
    fs::create_dir_all(path.join("c")).unwrap();
    let metadata = r#"{"zarr_format": 3, "node_type": "array", "shape": [5], "data_type": "float32",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2]}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": "NaN", "codecs": [{"name": "bytes", "configuration": {"endian": "big"}}]}"#;
    fs::write(path.join("zarr.json"), metadata).unwrap();
    fs::write(path.join("c/0"), [1.5_f32, -2.0].map(f32::to_be_bytes).concat()).unwrap();
    fs::write(path.join("c/2"), [3.0_f32, 0.0].map(f32::to_be_bytes).concat()).unwrap();
    let x = open_zarr::<f32, Ix1>(&path).unwrap();
    let found = compute(&x).unwrap().mapv(f32::to_bits);
    assert_eq!(found.to_vec(), [1.5, -2.0, f32::NAN, f32::NAN, 3.0].map(f32::to_bits));
    assert_eq!(compute(x.nansum()).unwrap(), 2.5);
}

/// Irregular chunks, which the extension `rectangular` has.
#[test]
fn chunks_of_many_sizes_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let x = numbered(&[8, 6]);
    let store = Arc::new(MemoryStore::new());
    let grid = r#"{"name":"rectangular","configuration":{"chunk_shape": [[1, 2, 5], 4]}}"#;
    let array = ArrayBuilder::new([8, 6], grid, "float64", 0.0_f64).build(Arc::clone(&store), "/");
    let array = array.unwrap();
    array.store_metadata().unwrap();
    array.store_array_subset(&array.subset_all(), x.as_slice().unwrap()).unwrap();
    put(&store, folder.path());
    let lazy = open_zarr::<f64, IxDyn>(folder.path()).unwrap();
    assert_eq!(lazy.chunks(), [vec![1, 2, 5], vec![4, 2]]);
    assert_eq!(compute(&lazy).unwrap(), x);
    assert_eq!(compute(lazy.rechunk([3, 5])).unwrap(), x);
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

//! Reading Zarr arrays as `zarrs` wrote them, and as bytes written by hand have them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use lazuli_array::open_zarr;
use ndarray::{Array, ArrayD, Ix1, Ix2, IxDyn};
use zarrs::array::codec::{
    BloscCodec, BloscCompressionLevel, BloscCompressor, BloscShuffleMode, Crc32cCodec, GzipCodec,
    TransposeCodec, TransposeOrder, ZstdCodec,
};
use zarrs::array::{ArrayBuilder, BytesToBytesCodecTraits, data_type};
use zarrs::storage::store::MemoryStore;
use zarrs::storage::{ListableStorageTraits as _, ReadableStorageTraits as _};

use crate::support::compute;

/// The files of a store in memory, put into a folder.
pub(crate) fn put(store: &MemoryStore, folder: &Path) {
    for key in store.list().unwrap() {
        let path = folder.join(key.as_str());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, store.get(&key).unwrap().unwrap()).unwrap();
    }
}

pub(crate) fn numbered(shape: &[usize]) -> ArrayD<f64> {
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

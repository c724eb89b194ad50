//! Zarr arrays that are not what they should be: chunks and metadata cut short and with turned bits, and
//! metadata that claim too much. Each gives an error that names the file, or values; what a checksum guards,
//! the right ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lazuli_array::{ChunkedArray, ZarrArray, ZarrCodec, open_zarr, open_zarr_any};
use ndarray::{Array1, Ix1};
use zarrs::array::codec::Crc32cCodec;
use zarrs::array::{ArrayBuilder, data_type};
use zarrs::storage::store::MemoryStore;

use crate::allocations::largest_of;
use crate::support::{compute, write};
use crate::zarr::put;

fn values() -> Array1<f64> {
    Array1::from_iter((1..13).map(|i| f64::from(i) / 3.0))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// Opens and computes all: values, or an error that names a file of the array; and no large allocation.
fn read(folder: &Path, what: &str) -> Option<Array1<f64>> {
    values_or_error(folder, what, MOST, || compute(open_zarr::<f64, Ix1>(folder)?))
}

/// Bytes that may be allocated at once.
const MOST: usize = 1 << 20;

fn values_or_error(
    folder: &Path,
    what: &str,
    most: usize,
    read: impl FnOnce() -> lazuli_core::Result<Array1<f64>>,
) -> Option<Array1<f64>> {
    let (found, largest) = largest_of(read);
    assert!(largest < most, "{what}: {largest} bytes at once");
    match found {
        Ok(values) => Some(values),
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains(&folder.display().to_string()), "{what}: {text}");
            None
        }
    }
}

/// Every beginning and every turned bit of each chunk.
fn check_chunks(folder: &Path, is_guarded: bool) {
    // A shard of Blosc's chunks is not looked into before it is decoded: 32 bits are what these can claim.
    let most = if folder.ends_with("blosc in shards") { usize::MAX } else { MOST };
    let array = open_zarr::<f64, Ix1>(folder).unwrap();
    let read = |folder: &Path, what: &str| values_or_error(folder, what, most, || compute(&array));
    for file in files(folder) {
        if file.file_name().is_some_and(|name| name == "zarr.json" || name == ".zarray") {
            continue;
        }
        let whole = fs::read(&file).unwrap();
        for len in 0..whole.len() {
            write(&file, &whole[..len]);
            let what = format!("{len} bytes of {}", file.display());
            let found = read(folder, &what);
            assert!(found.is_none_or(|found| found == values()), "{what}");
        }
        for bit in 0..8 * whole.len() {
            let mut turned = whole.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            write(&file, &turned);
            let what = format!("bit {bit} of {}", file.display());
            let found = read(folder, &what);
            assert!(!is_guarded || found.is_none_or(|found| found == values()), "{what}");
        }
        write(&file, &whole);
    }
    assert_eq!(read(folder, "all"), Some(values()));
}

#[test]
fn damaged_chunks_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let x = ChunkedArray::from_array(values(), [6]);
    // Only gzip has a checksum of what is compressed.
    for (name, codec, is_guarded) in [
        ("none", ZarrCodec::None, false),
        ("gzip", ZarrCodec::Gzip(5), true),
        ("zstd", ZarrCodec::Zstd(1), false),
        ("blosc", ZarrCodec::Blosc(5), false),
    ] {
        let path = folder.path().join(name);
        compute(x.store(ZarrArray::new(&path).codec(codec))).unwrap();
        check_chunks(&path, is_guarded);
        let path = folder.path().join(format!("{name} in shards"));
        compute(x.store(ZarrArray::new(&path).codec(codec).shards_of([3]))).unwrap();
        check_chunks(&path, false);
        let path = folder.path().join(format!("{name} in version 2"));
        compute(x.store(ZarrArray::new(&path).codec(codec).v2())).unwrap();
        check_chunks(&path, is_guarded);
    }
}

#[test]
fn a_checksum_finds_every_turned_bit() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(MemoryStore::new());
    let mut builder = ArrayBuilder::new([12], [6], data_type::float64(), 0.0_f64);
    builder.bytes_to_bytes_codecs(vec![Arc::new(Crc32cCodec::new())]);
    let array = builder.build(Arc::clone(&store), "/").unwrap();
    array.store_metadata().unwrap();
    array.store_array_subset(&array.subset_all(), values().as_slice().unwrap()).unwrap();
    put(&store, folder.path());
    check_chunks(folder.path(), true);
}

/// Metadata is text: most of what turns a bit is an error, the rest is what it says then.
#[test]
fn damaged_metadata_is_an_error_or_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let x = ChunkedArray::from_array(values(), [6]);
    for (name, sink) in [
        ("zarr.json", ZarrArray::new(folder.path().join("v3"))),
        (".zarray", ZarrArray::new(folder.path().join("v2")).v2()),
    ] {
        compute(x.store(sink.codec(ZarrCodec::None))).unwrap();
        let path = folder.path().join(if name == "zarr.json" { "v3" } else { "v2" });
        let file = path.join(name);
        let whole = fs::read(&file).unwrap();
        for len in 0..whole.len() {
            write(&file, &whole[..len]);
            assert_eq!(
                read(&path, &format!("{len} bytes of {name}")),
                None,
                "{len} bytes of {name}"
            );
        }
        for bit in 0..8 * whole.len() {
            let mut turned = whole.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            write(&file, &turned);
            read(&path, &format!("bit {bit} of {name}"));
        }
    }
}

#[test]
fn claims_are_checked_before_they_are_allocated() {
    let folder = tempfile::tempdir().unwrap();
    let metadata = |shape: &str, chunk: &str| {
        format!(
            r#"{{"zarr_format": 2, "shape": {shape}, "chunks": {chunk}, "dtype": "<f8", "compressor": null,
                "fill_value": 0, "order": "C", "filters": null}}"#
        )
    };
    for (shape, chunk) in [
        ("[4000000000, 4000000000, 4000000000]", "[1000, 1000, 1000]"),
        ("[1000000000000]", "[1]"),
        ("[1152921504606846976]", "[1152921504606846976]"),
        ("[4]", "[18446744073709551615]"),
        ("[4, 4]", "[4294967296, 4294967296]"),
        ("[4]", "[0]"),
        ("[4]", "[2, 2]"),
        ("[-4]", "[2]"),
    ] {
        fs::write(folder.path().join(".zarray"), metadata(shape, chunk)).unwrap();
        fs::write(folder.path().join("0"), [0; 16]).unwrap();
        let (found, largest) = largest_of(|| {
            let any = open_zarr_any(folder.path())?;
            compute(any.stats(0))
        });
        let text = found.expect_err(shape).to_string();
        assert!(text.contains(&folder.path().display().to_string()), "{shape} {chunk}: {text}");
        assert!(largest < 1 << 20, "{shape} {chunk}: {largest}");
    }
}

//! The metadata of Zarr arrays and groups as text.
//!
//! Source: the specifications of Zarr, versions 2 and 3, and of the codec `sharding_indexed`.

use serde_json::{Value, json};

use super::{ZarrArray, ZarrCodec};
use crate::error::ArrayError;
use crate::io::zarr::NodeVersion;
use crate::io::{ElementKind, StoredElement};

/// The name of the file and its text.
pub(super) type File = (&'static str, Vec<u8>);

/// The metadata of a group.
pub(super) fn of_group(version: NodeVersion) -> File {
    match version {
        NodeVersion::V2 => (".zgroup", text(&json!({ "zarr_format": 2 }))),
        NodeVersion::V3 => (
            "zarr.json",
            text(&json!({ "zarr_format": 3, "node_type": "group", "attributes": {} })),
        ),
    }
}

/// The metadata of an array of elements `A`, of this shape, in chunks of this shape.
pub(super) fn of_array<A: StoredElement>(
    array: &ZarrArray,
    shape: &[usize],
    chunk: &[usize],
) -> Result<File, ArrayError> {
    let fill = match A::KIND {
        ElementKind::Bool => json!(false),
        ElementKind::Int | ElementKind::Uint => json!(0),
        ElementKind::Float => json!(0.0),
        ElementKind::Complex => json!([0.0, 0.0]),
    };
    match (array.version, &array.inner) {
        (NodeVersion::V2, Some(_)) => Err(array.error("shards are of version 3 of Zarr")),
        (NodeVersion::V2, None) => {
            let dtype = crate::io::npy::descr_of::<A>();
            Ok((".zarray", text(&of_v2(array.codec, &dtype, &fill, shape, chunk))))
        }
        (NodeVersion::V3, inner) => {
            if let Some(inner) = inner {
                let divides = |(inner, outer): (&usize, &usize)| *inner > 0 && outer % inner == 0;
                if inner.len() != chunk.len() || !inner.iter().zip(chunk).all(divides) {
                    return Err(array.error(format!(
                        "chunks of {inner:?} do not divide shards, which are the blocks, of {chunk:?}"
                    )));
                }
            }
            let codecs = codecs::<A>(array.codec);
            let codecs = match inner {
                None => codecs,
                Some(inner) => json!([{
                    "name": "sharding_indexed",
                    "configuration": {
                        "chunk_shape": inner,
                        "codecs": codecs,
                        "index_codecs": [bytes(8), { "name": "crc32c" }],
                        "index_location": "end",
                    },
                }]),
            };
            let metadata = json!({
                "zarr_format": 3,
                "node_type": "array",
                "shape": shape,
                "data_type": A::NAME,
                "chunk_grid": { "name": "regular", "configuration": { "chunk_shape": chunk } },
                "chunk_key_encoding": { "name": "default", "configuration": { "separator": "/" } },
                "fill_value": fill,
                "codecs": codecs,
                "attributes": {},
            });
            Ok(("zarr.json", text(&metadata)))
        }
    }
}

fn of_v2(codec: ZarrCodec, dtype: &str, fill: &Value, shape: &[usize], chunk: &[usize]) -> Value {
    let compressor = match codec {
        ZarrCodec::None => Value::Null,
        ZarrCodec::Gzip(level) => json!({ "id": "gzip", "level": level }),
        ZarrCodec::Zstd(level) => json!({ "id": "zstd", "level": level }),
        ZarrCodec::Blosc(level) => json!({
            "id": "blosc", "cname": "lz4", "clevel": level, "shuffle": 1, "blocksize": 0,
        }),
    };
    json!({
        "zarr_format": 2,
        "shape": shape,
        "chunks": chunk,
        "dtype": dtype,
        "compressor": compressor,
        "fill_value": fill,
        "order": "C",
        "filters": null,
    })
}

/// From elements to bytes, and those compressed.
fn codecs<A: StoredElement>(codec: ZarrCodec) -> Value {
    let compressor = match codec {
        ZarrCodec::None => return json!([bytes(size_of::<A>())]),
        ZarrCodec::Gzip(level) => json!({ "name": "gzip", "configuration": { "level": level } }),
        ZarrCodec::Zstd(level) => {
            json!({ "name": "zstd", "configuration": { "level": level, "checksum": false } })
        }
        ZarrCodec::Blosc(level) => json!({
            "name": "blosc",
            "configuration": {
                "cname": "lz4", "clevel": level, "shuffle": "shuffle",
                "typesize": size_of::<A>(), "blocksize": 0,
            },
        }),
    };
    json!([bytes(size_of::<A>()), compressor])
}

fn bytes(size: usize) -> Value {
    if size == 1 {
        json!({ "name": "bytes" })
    } else {
        json!({ "name": "bytes", "configuration": { "endian": "little" } })
    }
}

fn text(metadata: &Value) -> Vec<u8> {
    format!("{metadata:#}").into_bytes()
}

//! [`AnyBlock`]: a computed block of an array, whose element type the graph does not know.
//!
//! All stages have parts of this one type, so that a task can take blocks of many element types. A block of
//! numbers can be written to scratch files and read back: its bytes begin with a tag of its element type.

use std::any::{Any, TypeId};
use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;

use lazuli_core::Portable;

use crate::array::Element;
use crate::chunks::Axes;
use crate::source::Memory;

/// The elements of one block, in C order.
pub(crate) struct Block<A> {
    pub(crate) shape: Axes,
    pub(crate) elements: Vec<A>,
}

impl<A: Element> Memory<A> for Block<A> {
    fn elements(&self) -> &[A] {
        &self.elements
    }
}

/// A [`Block`] of elements of any type. Clones share its memory.
#[derive(Clone)]
pub(crate) struct AnyBlock(Arc<dyn Any + Send + Sync>);

impl AnyBlock {
    pub(crate) fn new<A: Element>(shape: Axes, elements: Vec<A>) -> Self {
        debug_assert_eq!(shape.iter().product::<usize>(), elements.len());
        Self(Arc::new(Block { shape, elements }))
    }

    /// The block, of the type that its stage has.
    pub(crate) fn get<A: Element>(&self) -> Arc<Block<A>> {
        let block = Arc::clone(&self.0).downcast();
        block.unwrap_or_else(|_| unreachable!("a stage yields blocks of its own element type"))
    }

    /// The elements of the block, of the type that its stage has: its own memory, where nobody else has it.
    pub(crate) fn into_elements<A: Element>(self) -> Vec<A> {
        let block = self.get::<A>();
        drop(self);
        Arc::try_unwrap(block).map_or_else(|shared| shared.elements.clone(), |own| own.elements)
    }

    /// The block, if it is of this type.
    pub(crate) fn is<A: Element>(&self) -> Option<&Block<A>> {
        self.0.downcast_ref()
    }
}

/// Whether blocks of this element type can be written.
pub(crate) fn is_portable<A: 'static>() -> bool {
    TAGS.iter().any(|(_, element)| *element == TypeId::of::<A>())
}

macro_rules! tags {
    ($($tag:literal $element:ty,)*) => {
        const TAGS: &[(u8, TypeId)] = &[$(($tag, TypeId::of::<$element>()),)*];

        impl Portable for AnyBlock {
            fn write(&self, to: &mut dyn Write) -> io::Result<()> {
                $(if let Some(block) = self.is::<$element>() {
                    $tag.write(to)?;
                    return write_block(block, to);
                })*
                Err(ErrorKind::Unsupported.into())
            }

            fn read(from: &mut dyn Read) -> io::Result<Self> {
                match u8::read(from)? {
                    $($tag => read_block::<$element>(from),)*
                    tag => Err(invalid(format!("no block of elements has the tag {tag}"))),
                }
            }
        }
    };
}

tags! {
    0_u8 bool,
    1_u8 i8,
    2_u8 i16,
    3_u8 i32,
    4_u8 i64,
    5_u8 u8,
    6_u8 u16,
    7_u8 u32,
    8_u8 u64,
    9_u8 f32,
    10_u8 f64,
}

fn write_block<A: Element + Portable>(block: &Block<A>, to: &mut dyn Write) -> io::Result<()> {
    let shape: Vec<u64> = block.shape.iter().map(|&len| len as u64).collect();
    shape.write(to)?;
    (block.elements.len() as u64).write(to)?;
    A::write_all(&block.elements, to)
}

fn read_block<A: Element + Portable>(from: &mut dyn Read) -> io::Result<AnyBlock> {
    let shape = Vec::<u64>::read(from)?;
    let count = u64::read(from)?;
    let elements = A::read_all(count, from)?;
    let product = shape.iter().try_fold(1_u64, |product, &len| product.checked_mul(len));
    if product != Some(elements.len() as u64) {
        return Err(invalid(format!("{} elements make no block of {shape:?}", elements.len())));
    }
    Ok(AnyBlock::new(shape.into_iter().map(|len| len as usize).collect(), elements))
}

fn invalid(message: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use smallvec::smallvec;

    use super::*;

    #[test]
    fn a_block_of_numbers_is_read_as_it_was_written() {
        let block = AnyBlock::new::<f32>(smallvec![2, 3], vec![0.5, -0.0, 2.0, 3.0, 4.0, 1e30]);
        let mut bytes = Vec::new();
        block.write(&mut bytes).unwrap();
        let read = AnyBlock::read(&mut &bytes[..]).unwrap().get::<f32>();
        assert_eq!(read.shape[..], [2, 3]);
        let bits =
            |block: &Block<f32>| block.elements.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&read), bits(&block.get::<f32>()));
        assert!(is_portable::<f32>() && is_portable::<bool>() && !is_portable::<[f32; 2]>());
    }

    #[test]
    fn other_bytes_are_refused() {
        let mut bytes = Vec::new();
        AnyBlock::new::<u8>(smallvec![4], vec![1, 2, 3, 4]).write(&mut bytes).unwrap();
        for end in 0..bytes.len() {
            assert!(AnyBlock::read(&mut &bytes[..end]).is_err(), "{end} bytes");
        }
        for tag in [11, 255] {
            bytes[0] = tag;
            assert!(AnyBlock::read(&mut &bytes[..]).is_err());
        }
        let elements = AnyBlock::new::<[u8; 2]>(smallvec![1], vec![[1, 2]]);
        assert_eq!(elements.write(&mut Vec::new()).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

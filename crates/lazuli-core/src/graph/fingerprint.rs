//! What a node is, as a number that is the same in every run of the same program.

use std::collections::HashMap;
use std::fmt;

use super::{AnyDelayed, Node, Role};

impl fmt::Debug for AnyDelayed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let node = self.node();
        write!(formatter, "Delayed({}-{:08x})", node.label.name, node.fingerprint() as u32)
    }
}

impl Node {
    /// A hash of what the node is: its name, its part and the same of everything below it.
    /// O(nodes below).
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut done: HashMap<*const (), u64> = HashMap::new();
        let mut stack: Vec<(&Self, bool)> = vec![(self, false)];
        while let Some((node, inputs_done)) = stack.pop() {
            let key = std::ptr::from_ref(node).cast::<()>();
            if done.contains_key(&key) {
                continue;
            }
            let inputs = node.inputs();
            if !inputs_done {
                stack.push((node, true));
                stack.extend(inputs.iter().map(|input| (input.node(), false)));
                continue;
            }
            let below = inputs.iter().map(|input| done[&input.address()]);
            done.insert(key, node.fingerprint_over(below));
        }
        done[&std::ptr::from_ref(self).cast::<()>()]
    }

    /// As [`fingerprint`](Self::fingerprint), where those of the inputs are known.
    pub(crate) fn fingerprint_over(&self, inputs: impl Iterator<Item = u64>) -> u64 {
        let mut hash = Fnv::default();
        hash.bytes(self.label.name.as_bytes());
        hash.bytes(self.label.part().unwrap_or_default().as_bytes());
        for below in inputs {
            hash.bytes(&below.to_le_bytes());
        }
        if let Role::Output(index) = self.body.role() {
            hash.bytes(&index.to_le_bytes());
        }
        hash.0
    }
}

/// FNV-1a, 64 bits: small, and the same on every machine, which the standard hasher does not promise.
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    /// The text with its length: texts one after another are told from others with the same letters.
    #[cfg(feature = "portable")]
    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(&(text.len() as u64).to_le_bytes());
        self.bytes(text.as_bytes());
    }

    #[cfg(feature = "portable")]
    pub(crate) fn finish(&self) -> u64 {
        self.0
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

use lazuli_core::delayed;

struct Counter(u64);

impl Counter {
    #[delayed(crate = lazuli_core)]
    fn count(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

fn main() {}

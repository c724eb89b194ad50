use lazuli_core::{compute, delayed};

type Parsed = Result<i64, std::num::ParseIntError>;

#[derive(Clone)]
struct Reader;

impl Reader {
    #[delayed(crate = lazuli_core)]
    fn parse(&self, text: &str) -> Parsed {
        text.parse()
    }
}

fn main() {
    let _ = compute(Reader::parse(Reader, "1"));
}

//! Six requests at once: one fails now and then and is tried again, one fails for good and costs no other.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use lazuli::prelude::*;

static TRIES: AtomicU32 = AtomicU32::new(0);

/// A shop that loses every price of lapis twice, and has no obsidian.
#[delayed(blocking, retries = 3, delay_ms = 1, part = stone)]
fn price(stone: &str) -> Result<u32, String> {
    match stone {
        "obsidian" => Err(format!("there is no {stone}")),
        "lapis" if TRIES.fetch_add(1, Relaxed) < 2 => Err("the line is busy".into()),
        _ => Ok(100 * stone.len() as u32),
    }
}

/// Asks for six prices and adds up those that there are.
pub fn main() -> lazuli::Result<()> {
    let stones = ["lapis", "pyrite", "calcite", "obsidian", "sodalite", "diopside"];

    // As it is, one failure fails the whole, and says which request it was.
    let error = compute(stones.map(price)).expect_err("one of them has no price");
    assert_eq!(error.part(), Some("obsidian"));
    println!("{error}");

    // An attempt is a value, whatever comes of it.
    let prices = compute(stones.map(|stone| price(stone).attempt()))?;
    let total: u32 = prices.iter().flatten().sum();
    assert_eq!(prices.iter().filter(|price| price.is_err()).count(), 1);
    assert_eq!(total, 100 * (5 + 6 + 7 + 8 + 8));
    println!("five stones for {total}");
    Ok(())
}

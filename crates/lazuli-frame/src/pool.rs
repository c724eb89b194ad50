//! One pool for polars and for us: the only file that names polars' pool.
//!
//! polars runs its parallel operations on a static pool of its own. The shared pool of the process
//! becomes that very pool, so that a partition's task and the polars operations inside it never keep
//! more threads busy than the pool has. polars fixes its size at first use, from `POLARS_MAX_THREADS`
//! or the number of cores; where the size asked of lazuli is another, our tasks run on a pool of the
//! size asked for, and polars' parallel operations cross over to polars' own.

use std::sync::Once;

use lazuli_core::{Result, pool};
use polars_core::runtime::THREAD_POOL;

/// Makes polars' pool the shared pool, once, where it has the size that is asked for.
pub(crate) fn share() -> Result<()> {
    static SHARED: Once = Once::new();
    let threads = pool::num_threads()?;
    SHARED.call_once(|| {
        if THREAD_POOL.current_num_threads() == threads {
            pool::adopt(&THREAD_POOL);
        }
    });
    Ok(())
}

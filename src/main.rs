//! The `windlass` binary.

/// Planning makes and drops many small values.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    windlass::cli::main(std::env::args_os().collect())
}

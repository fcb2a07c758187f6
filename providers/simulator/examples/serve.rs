//! Serves a simulated cloud until it is ended: `serve [PORT] [FOLDER]`. Prints url, access key and secret key.

use std::net::SocketAddr;
use std::path::PathBuf;

use windlass_simulator::{Options, Simulator, SimulatorError};

fn main() -> Result<(), SimulatorError> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let folder = arguments.next().map(PathBuf::from);
    let handle = Simulator::open(folder, Options::default())?.serve(SocketAddr::from(([127, 0, 0, 1], port)))?;
    println!("{} {} {}", handle.url, handle.access_key, handle.secret_key);
    handle.wait();
    Ok(())
}

//! Command line of the bare relay.
#![forbid(unsafe_code)]

use std::error::Error;
use std::net::TcpListener;
use std::process::ExitCode;

use heddle_load::arguments::{Arguments, UsageError};
use heddle_load::events::raise_open_file_limit;
use heddle_load::relay::{Protocol, relay};

fn main() -> ExitCode {
    heddle_load::arguments::exit_with(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse(std::env::args().skip(1), &["port", "upstream", "mode"])?;
    raise_open_file_limit()?;
    let protocol = match arguments.get_or("mode", "http".to_owned())?.as_str() {
        "http" => Protocol::Http,
        "tcp" => Protocol::Tcp,
        other => return Err(UsageError(format!("--mode cannot be `{other}`")).into()),
    };
    let port: u16 = arguments.required("port")?;
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    Ok(relay(&listener, arguments.required("upstream")?, protocol)?)
}

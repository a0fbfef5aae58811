//! Command line of the measuring upstream.
#![forbid(unsafe_code)]

use std::error::Error;
use std::net::TcpListener;
use std::process::ExitCode;

use heddle_load::arguments::{Arguments, UsageError};
use heddle_load::events::raise_open_file_limit;
use heddle_load::upstream::{Service, serve};

fn main() -> ExitCode {
    heddle_load::arguments::exit_with(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse(std::env::args().skip(1), &["port", "body-bytes", "mode"])?;
    raise_open_file_limit()?;
    let body_bytes = arguments.get_or("body-bytes", 100)?;
    let service = match arguments.get_or("mode", "http".to_owned())?.as_str() {
        "http" => Service::Http { body_bytes },
        "tcp" => Service::Raw { body_bytes },
        other => return Err(UsageError(format!("--mode cannot be `{other}`")).into()),
    };
    let port: u16 = arguments.required("port")?;
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    Ok(serve(&listener, service)?)
}

//! Command line of the closed-loop generator; prints one JSON line per event or result.
#![forbid(unsafe_code)]

use std::error::Error;
use std::fs;
use std::process::ExitCode;

use heddle_load::arguments::{Arguments, UsageError};
use heddle_load::events::raise_open_file_limit;
use heddle_load::generator::{Generator, Until};
use heddle_load::idle::open_idle_connections;
use heddle_load::plan::{Exchange, Plan, Requests};
use heddle_load::report::{announce_and_wait, wait_for_line, write_line};

fn main() -> ExitCode {
    heddle_load::arguments::exit_with(run())
}

/// With `--handshake` the program says `ready` after its warm-up and waits for a line before the
/// measured interval, and waits again after the result, so that the caller can read counters of a
/// proxy that is connected and at rest.
fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse(std::env::args().skip(1), OPTIONS)?;
    raise_open_file_limit()?;
    let plan = plan_of(&arguments)?;
    if arguments.required::<String>("mode")? == "idle" {
        let connections = open_idle_connections(plan)?;
        announce_and_wait("ready")?;
        drop(connections);
        return Ok(());
    }
    let until = match arguments.get("requests")? {
        Some(count) => Until::Answered(count),
        None => Until::Elapsed(nanoseconds(arguments.get_or("duration", 10.0)?)),
    };
    let warmup_seconds = arguments.get_or("warmup", 1.0)?;
    let handshake = arguments.has("handshake");
    let mut generator = Generator::connect(plan)?;
    if warmup_seconds > 0.0 {
        generator.run(Until::Elapsed(nanoseconds(warmup_seconds)))?;
    }
    if handshake {
        announce_and_wait("ready")?;
    }
    write_line(&generator.run(until)?)?;
    if handshake {
        wait_for_line()?;
    }
    Ok(())
}

fn plan_of(arguments: &Arguments) -> Result<Plan, Box<dyn Error>> {
    let mode: String = arguments.required("mode")?;
    let (exchange, requests) = match mode.as_str() {
        "http" | "idle" => (Exchange::Http, http_requests(arguments)?),
        "tcp-download" => {
            let answer_bytes = arguments.get_or("body-bytes", 1_000_000)?;
            (Exchange::Download { answer_bytes }, Requests::download())
        }
        other => return Err(UsageError(format!("--mode cannot be `{other}`")).into()),
    };
    Ok(Plan {
        address: arguments.required("address")?,
        connections: arguments.get_or("connections", 64)?,
        requests,
        exchange,
    })
}

fn http_requests(arguments: &Arguments) -> Result<Requests, Box<dyn Error>> {
    let paths = match arguments.get::<String>("paths-file")? {
        Some(file) => fs::read_to_string(file)?
            .lines()
            .map(str::to_owned)
            .collect(),
        None => vec![arguments.get_or("path", "/".to_owned())?],
    };
    let host: String = arguments.get_or("host", "localhost".to_owned())?;
    let headers: Vec<&str> = arguments.all("header").collect();
    Ok(Requests::http(&paths, &host, &headers))
}

#[expect(
    clippy::cast_sign_loss,
    reason = "a negative duration becomes none, as `as` saturates"
)]
fn nanoseconds(seconds: f64) -> u64 {
    (seconds * 1e9) as u64
}

const OPTIONS: &[&str] = &[
    "mode",
    "address",
    "connections",
    "duration",
    "requests",
    "warmup",
    "path",
    "paths-file",
    "host",
    "header",
    "body-bytes",
    "handshake!",
];

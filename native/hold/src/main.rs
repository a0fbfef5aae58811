//! `heddle-hold COMMAND...`: runs a process, holds its listening sockets across its death, and starts it again.
//!
//! It knows nothing of traffic or configuration. What it does is in `hold`, the words it has with the process in
//! `message`, when to start again in `restarts`.
#![forbid(unsafe_code)]

mod hold;
mod message;
mod process;
mod restarts;
mod signals;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::hold::Hold;

fn main() -> ExitCode {
    let command: Vec<OsString> = std::env::args_os().skip(1).collect();
    if command.is_empty() {
        eprintln!("usage: heddle-hold COMMAND [ARGUMENT...]");
        return ExitCode::from(2);
    }
    match Hold::new(command).and_then(Hold::run) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("heddle-hold: {error}");
            ExitCode::from(70)
        }
    }
}

//! Many keep-alive connections that each made one request and then stay idle: what memory per
//! connection is measured with.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::plan::{Answers, Plan};

/// Opens the plan's connections one after the other, exchanges once on each, and keeps them.
pub fn open_idle_connections(mut plan: Plan) -> io::Result<Vec<TcpStream>> {
    let mut connections = Vec::with_capacity(plan.connections);
    for _ in 0..plan.connections {
        let mut stream = TcpStream::connect(plan.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
        stream.write_all(plan.requests.take())?;
        read_one_answer(&mut stream, Answers::new(plan.exchange))?;
        connections.push(stream);
    }
    Ok(connections)
}

fn read_one_answer(stream: &mut TcpStream, mut answers: Answers) -> io::Result<()> {
    let mut buffer = [0; 16_384];
    loop {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut at = 0;
        while at < length {
            let step = answers.feed(&buffer[at..length]);
            let (used, answer) = step.map_err(|_| io::ErrorKind::InvalidData)?;
            at += used;
            match answer {
                Some(answer) if answer.refused.is_some() || answer.close => {
                    return Err(io::Error::other(format!("not kept open: {answer:?}")));
                }
                Some(_) => return Ok(()),
                None => {}
            }
        }
    }
}

/// A proxy that lets a connection wait longer than this does not hold so many.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);

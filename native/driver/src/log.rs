//! The access log: a thread that takes the shards' records out of their rings, formats them and writes them in batches.
//! No shard ever waits for it; what it cannot take or write is counted.

#![allow(clippy::disallowed_types)] // the lock is taken by control calls and by the writer, never by a shard

mod ring;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use snapshot::{AccessLog, AccessLogFormat};
use stats::access::{LogFormat, write_line};

pub(crate) use ring::Producer;
use ring::{Consumer, RECORDS_MAX, ring};

use crate::clock::monotonic_ns;

/// How long records may wait for the writer: it comes more often while the rings fill faster.
const PAUSE_MAX: Duration = Duration::from_millis(50);
const PAUSE_MIN: Duration = Duration::from_millis(1);
/// Text that is gathered before it is written.
const BATCH_BYTES_MAX: usize = 64 * 1024;
/// How often the writer looks whether its file was moved away.
const LOOK: Duration = Duration::from_secs(1);
/// How long the end of a process waits for the last lines.
const FLUSH: Duration = Duration::from_secs(1);

/// The writer as other threads see it.
pub(crate) struct Log {
    shared: Arc<Shared>,
}

struct Shared {
    wishes: Mutex<Wishes>,
    changed: Condvar,
    /// Records that found a full ring, or could not be written.
    lost: Arc<AtomicU64>,
}

struct Wishes {
    target: Target,
    reopen: bool,
    /// Passes over all rings that are asked for, and that are done.
    asked: u64,
    done: u64,
}

#[derive(Clone)]
struct Target {
    path: PathBuf,
    format: LogFormat,
}

impl Log {
    /// Opens the file and starts the writer; the shards' ends of the rings, one for each of `shards`.
    pub fn start(settings: &AccessLog, shards: usize) -> std::io::Result<(Self, Vec<Producer>)> {
        let target = Target::of(settings);
        let output = Output::open(&target)?;
        let lost = Arc::default();
        let (producers, consumers) = (0..shards).map(|_| ring(&lost)).unzip();
        let shared = Arc::new(Shared {
            wishes: Mutex::new(Wishes {
                target,
                reopen: false,
                asked: 0,
                done: 0,
            }),
            changed: Condvar::new(),
            lost,
        });
        let writer = Writer {
            shared: Arc::clone(&shared),
            consumers,
            output: Some(output),
            text: String::with_capacity(BATCH_BYTES_MAX * 2),
        };
        let thread = std::thread::Builder::new().name("heddle-log".to_owned());
        thread.spawn(move || writer.run())?;
        Ok((Self { shared }, producers))
    }

    /// Changes file or format, when the new file can be opened.
    pub fn change(&self, settings: &AccessLog) -> std::io::Result<()> {
        let target = Target::of(settings);
        open(&target.path)?;
        let mut wishes = self.shared.lock();
        wishes.target = target;
        wishes.reopen = true;
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Opens the file anew.
    pub fn reopen(&self) {
        self.shared.lock().reopen = true;
        self.shared.changed.notify_all();
    }

    /// Waits until what the shards have given is written, but not for long.
    pub fn flush(&self) {
        let mut wishes = self.shared.lock();
        wishes.asked += 1;
        let wanted = wishes.asked;
        self.shared.changed.notify_all();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(wishes, FLUSH, |wishes| wishes.done < wanted);
        drop(waited);
    }

    /// Records that found a full ring, or could not be written.
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Wishes> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Target {
    fn of(settings: &AccessLog) -> Self {
        Self {
            path: PathBuf::from(&settings.path),
            format: match settings.format {
                AccessLogFormat::Json => LogFormat::Json,
                AccessLogFormat::Envoy => LogFormat::Envoy,
                AccessLogFormat::Apache => LogFormat::Apache,
            },
        }
    }
}

/// The open file.
struct Output {
    file: File,
    target: Target,
    /// Device and number, to see when the path leads to another file.
    identity: (u64, u64),
    looked_ns: u64,
}

impl Output {
    fn open(target: &Target) -> std::io::Result<Self> {
        let file = open(&target.path)?;
        let metadata = file.metadata()?;
        Ok(Self {
            file,
            target: target.clone(),
            identity: (metadata.dev(), metadata.ino()),
            looked_ns: monotonic_ns(),
        })
    }

    /// True when the path leads elsewhere, as after a rotation; looked at once in a while.
    fn was_moved(&mut self) -> bool {
        let now = monotonic_ns();
        if u128::from(now - self.looked_ns) < LOOK.as_nanos() {
            return false;
        }
        self.looked_ns = now;
        let there = std::fs::metadata(&self.target.path);
        there.map_or(true, |there| (there.dev(), there.ino()) != self.identity)
    }
}

fn open(path: &PathBuf) -> std::io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

struct Writer {
    shared: Arc<Shared>,
    consumers: Vec<Consumer>,
    /// Absent while the file cannot be opened.
    output: Option<Output>,
    text: String,
}

impl Writer {
    fn run(mut self) {
        let mut pause = PAUSE_MAX;
        loop {
            let asked = self.follow_wishes();
            pause = pause_after(pause, self.pass());
            let mut wishes = self.shared.lock();
            wishes.done = asked;
            self.shared.changed.notify_all();
            let idle = |wishes: &mut Wishes| wishes.asked == asked && !wishes.reopen;
            let waited = self.shared.changed.wait_timeout_while(wishes, pause, idle);
            drop(waited);
        }
    }

    /// Opens what is to be opened; returns the passes that were asked for.
    fn follow_wishes(&mut self) -> u64 {
        let moved = self.output.as_mut().is_none_or(Output::was_moved);
        let mut wishes = self.shared.lock();
        if std::mem::take(&mut wishes.reopen) || moved {
            let target = wishes.target.clone();
            let asked = wishes.asked;
            drop(wishes);
            self.output = Output::open(&target).ok();
            return asked;
        }
        wishes.asked
    }

    /// Takes what is in the rings, one batch after the other. Returns the most records that one of them held.
    fn pass(&mut self) -> usize {
        // Wall time of the monotonic clock's zero; steps of the wall clock show from the next pass on.
        let since_epoch = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let zero_ns = (since_epoch.as_nanos() as u64).saturating_sub(monotonic_ns());
        let format = self.shared.lock().target.format;
        let mut most = 0;
        for index in 0..self.consumers.len() {
            most = most.max(self.consumers[index].len());
            let mut count = 0;
            loop {
                let text = &mut self.text;
                let taken = self.consumers[index].take(|record| {
                    write_line(record, zero_ns + record.started_ns, format, text);
                });
                count += u64::from(taken);
                if !taken || self.text.len() >= BATCH_BYTES_MAX {
                    self.write(count);
                    count = 0;
                }
                if !taken {
                    break;
                }
            }
        }
        most
    }

    fn write(&mut self, count: u64) {
        if count > 0 {
            let written = self
                .output
                .as_mut()
                .is_some_and(|output| output.file.write_all(self.text.as_bytes()).is_ok());
            if !written {
                self.shared.lost.fetch_add(count, Ordering::Relaxed);
            }
        }
        self.text.clear();
    }
}

/// The next pause, after a pass that found so many records in the fullest ring: short enough that a ring is a quarter full.
fn pause_after(pause: Duration, found: usize) -> Duration {
    let next = match found {
        _ if found > RECORDS_MAX / 2 => pause / 4,
        _ if found > RECORDS_MAX / 4 => pause / 2,
        _ if found < RECORDS_MAX / 8 => pause * 2,
        _ => pause,
    };
    next.clamp(PAUSE_MIN, PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stats::access::AccessRecord;

    #[test]
    fn the_writer_comes_so_often_that_a_ring_never_fills_at_a_steady_rate() {
        let per_second = 90_000;
        let mut pause = PAUSE_MAX;
        for _ in 0..10 {
            let found = pause.as_micros() as usize * per_second / 1_000_000;
            pause = pause_after(pause, found.min(RECORDS_MAX));
        }
        assert!(pause.as_micros() as usize * per_second / 1_000_000 <= RECORDS_MAX / 4);
        for _ in 0..10 {
            pause = pause_after(pause, 0);
        }
        assert_eq!(pause, PAUSE_MAX);
    }

    #[test]
    fn lines_follow_the_path_when_the_file_is_moved_away() {
        let folder = std::env::temp_dir().join(format!("heddle-log-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("access.log");
        let settings = AccessLog {
            path: path.to_str().unwrap().to_owned(),
            format: AccessLogFormat::Json,
            sample: 1,
        };
        let (log, mut producers) = Log::start(&settings, 1).unwrap();
        assert!(producers[0].push(&AccessRecord::EMPTY));
        log.flush();
        std::fs::rename(&path, folder.join("access.log.1")).unwrap();
        log.reopen();
        assert!(producers[0].push(&AccessRecord::EMPTY));
        log.flush();

        let lines = |name: &str| {
            std::fs::read_to_string(folder.join(name))
                .unwrap()
                .lines()
                .count()
        };
        assert_eq!((lines("access.log.1"), lines("access.log")), (1, 1));
        assert_eq!(log.lost(), 0);
        std::fs::remove_dir_all(folder).unwrap();
    }
}

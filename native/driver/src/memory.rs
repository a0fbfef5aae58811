//! What the kernel counts as the memory of this process, for the account of the shards: sockets, tables of the kernel and
//! JavaScript are in it, which no shard can count. A thread of its own looks, because reading it takes the kernel long.

use std::fs::read_to_string;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use stats::Account;

/// Between two looks; what a shard takes meanwhile it counts itself.
const INTERVAL: Duration = Duration::from_millis(100);

/// Takes down what the process holds before it has a connection, and from then on what it holds, for as long as there is
/// an account. Without a thread to spare the shards' own count is what there is.
pub(crate) fn measure(account: &Arc<Account>) {
    let source = Source::find(account.budget_bytes());
    account.set_base_bytes(source.used_bytes());
    let thread = std::thread::Builder::new().name("heddle-memory".to_owned());
    let account = Arc::downgrade(account);
    let _ = thread.spawn(move || keep_measuring(&account, &source));
}

#[expect(clippy::disallowed_methods, reason = "it is no data thread")]
fn keep_measuring(account: &Weak<Account>, source: &Source) {
    while let Some(account) = account.upgrade() {
        let mut used_bytes = source.used_bytes();
        if used_bytes / 4 * 5 >= account.budget_bytes() {
            return_free_pages();
            used_bytes = source.used_bytes();
        }
        account.set_measured_bytes(used_bytes);
        drop(account);
        std::thread::sleep(INTERVAL);
    }
}

/// The allocator keeps what was freed between what is in use; the kernel may have those pages back before a connection is
/// given up for them.
fn return_free_pages() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it takes the allocator's own locks and touches no memory that is in use (malloc_trim(3)).
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Where it stands.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    /// A control group whose limit the budget is, or is above: beyond it the kernel kills.
    Group { usage: PathBuf, stat: PathBuf },
    /// The process alone.
    Process,
}

impl Source {
    fn find(budget_bytes: u64) -> Self {
        let groups = read_to_string("/proc/self/cgroup").unwrap_or_default();
        Self::of(&groups, Path::new("/sys/fs/cgroup"), budget_bytes)
    }

    /// In a container the group's path may be that outside; then the root that the container sees is the group.
    fn of(groups: &str, root: &Path, budget_bytes: u64) -> Self {
        for line in groups.lines() {
            let mut parts = line.splitn(3, ':').skip(1);
            let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
                continue;
            };
            let (root, usage, limit) = match controllers {
                "" => (root.to_owned(), "memory.current", "memory.max"),
                "memory" => (
                    root.join("memory"),
                    "memory.usage_in_bytes",
                    "memory.limit_in_bytes",
                ),
                _ => continue,
            };
            for folder in [root.join(path.trim_start_matches('/')), root] {
                if number(&folder.join(limit)).is_some_and(|limit| limit <= budget_bytes) {
                    return Self::Group {
                        usage: folder.join(usage),
                        stat: folder.join("memory.stat"),
                    };
                }
            }
        }
        Self::Process
    }

    /// 0 where the kernel does not say. Cached files that nobody uses do not count: the kernel takes them back first.
    fn used_bytes(&self) -> u64 {
        match self {
            Self::Group { usage, stat } => {
                let stat = read_to_string(stat).unwrap_or_default();
                let cached = ["total_inactive_file ", "inactive_file "]
                    .iter()
                    .find_map(|name| stat.lines().find_map(|line| line.strip_prefix(name)));
                let cached_bytes = cached.and_then(|bytes| bytes.parse().ok()).unwrap_or(0);
                number(usage).unwrap_or(0).saturating_sub(cached_bytes)
            }
            Self::Process => {
                let status = read_to_string("/proc/self/status").unwrap_or_default();
                let line = status
                    .lines()
                    .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
                line.and_then(|kilobytes| kilobytes.parse().ok())
                    .map_or(0, |kilobytes: u64| kilobytes * 1024)
            }
        }
    }
}

/// The number that a file consists of; `None` where there is no limit (`max`) or no file.
fn number(path: &Path) -> Option<u64> {
    read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    /// A folder with such files, removed with it.
    struct Files(PathBuf);

    impl Files {
        fn of(name: &str, files: &[(&str, &str)]) -> Self {
            let folder = std::env::temp_dir().join(format!("heddle-{name}-{}", std::process::id()));
            for (path, text) in files {
                let path = folder.join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            Self(folder)
        }
    }

    impl Drop for Files {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_group_of_the_second_version_counts_without_the_files_it_caches() {
        let files = Files::of(
            "group-2",
            &[
                ("pod/memory.max", "128000000\n"),
                ("pod/memory.current", "90000000\n"),
                ("pod/memory.stat", "anon 1\ninactive_file 20000000\n"),
            ],
        );
        let source = Source::of("0::/pod\n", &files.0, 128 * MB);
        assert_eq!(source.used_bytes(), 70 * MB);
    }

    #[test]
    fn a_group_of_the_first_version_is_found_at_the_root_that_a_container_sees() {
        let files = Files::of(
            "group-1",
            &[
                ("memory/memory.limit_in_bytes", "128000000\n"),
                ("memory/memory.usage_in_bytes", "90000000\n"),
                ("memory/memory.stat", "total_inactive_file 5000000\n"),
            ],
        );
        let groups = "5:cpu:/\n4:memory:/outside/only\n0::/\n";
        let source = Source::of(groups, &files.0, 128 * MB);
        assert_eq!(source.used_bytes(), 85 * MB);
    }

    #[test]
    fn a_group_without_a_limit_or_with_more_than_the_budget_does_not_count() {
        let files = Files::of(
            "group-0",
            &[("memory.max", "max\n"), ("wide/memory.max", "256000000\n")],
        );
        assert_eq!(Source::of("0::/\n", &files.0, MB), Source::Process);
        assert_eq!(Source::of("0::/wide\n", &files.0, MB), Source::Process);
    }

    #[test]
    fn this_process_holds_something() {
        assert!(Source::Process.used_bytes() > MB);
    }
}

// Tells when the content of files or folders has changed. Events of the file system are hints: what counts is a digest
// of what is there, taken when things are quiet again, so that editors that replace a file cause one change and a file
// that is missing for a moment causes none.
import { type FSWatcher, statSync, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type Clock, systemClock } from "../lib/clock.ts";
import { Latest } from "../lib/latest.ts";
import { filesOf } from "../lib/source-files.ts";

/** What a test puts in place of the file system and of time. */
export interface WatchSeams {
  /** Calls back after anything has happened in the folder that holds the target, until closed. */
  notify(target: string, onEvent: () => void): { close(): void };
  /** Stands for the content; undefined while it cannot be read. */
  digest(target: string): Promise<string | undefined>;
  clock: Clock;
}

/** Yields the targets (files or folders) whose content differs from the last time, until the signal is aborted. */
export async function* watchFiles(
  targets: readonly string[],
  signal: AbortSignal,
  seams: WatchSeams = fileSystem,
): AsyncGenerator<string[], void, undefined> {
  const { notify, digest, clock } = seams;
  const events = new Latest<"event">();
  const watchers = targets.map((target) => notify(target, () => events.put("event")));
  const reader = events.values(signal);
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  void remind(events, clock, either);
  try {
    const known = new Map<string, string | undefined>();
    for (const target of targets) known.set(target, await digest(target));
    // A change between the start and the first digest is part of what was there at first.
    while ((await reader.next()).done !== true) {
      await clock.sleep(debounceMs, either);
      const changed: string[] = [];
      for (const target of targets) {
        const content = await digest(target);
        if (content === undefined || content === known.get(target)) continue;
        known.set(target, content);
        changed.push(target);
      }
      if (changed.length > 0 && !signal.aborted) yield changed;
    }
  } finally {
    ended.abort();
    await reader.return();
    for (const watcher of watchers) watcher.close();
  }
}

/** Looks from time to time even without an event: network file systems and replaced folders send none. */
async function remind(events: Latest<"event">, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(remindMs, signal);
    if (!signal.aborted) events.put("event");
  }
}

const fileSystem: WatchSeams = { notify: notifyOf, digest: digestOf, clock: systemClock };

/** Watches the folder and not the file: an editor that replaces the file would take the watched inode away. */
function notifyOf(target: string, onEvent: () => void): { close(): void } {
  const folder = statSync(target, { throwIfNoEntry: false })?.isDirectory()
    ? target
    : dirname(target);
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, onEvent);
    // The folder itself went away: the reminder takes over.
    watcher.on("error", () => watcher?.close());
  } catch {
    // No watch to be had (no such folder, or the system's limit): the reminder takes over.
  }
  return { close: () => watcher?.close() };
}

/** Names, inodes, sizes and times: no file is read, and the compiler finds out whether the content differs. */
async function digestOf(target: string): Promise<string | undefined> {
  try {
    const paths = (await stat(target)).isDirectory() ? await filesOf(target) : [target];
    const states = paths.map(async (path) => {
      const { ino, size, mtimeNs } = await stat(path, { bigint: true });
      return `${path} ${ino} ${size} ${mtimeNs}`;
    });
    return (await Promise.all(states)).join("\n");
  } catch {
    return undefined;
  }
}

/** Editors write in several steps; this is longer than their pauses and shorter than anybody notices. */
const debounceMs = 50;
const remindMs = 2_000;

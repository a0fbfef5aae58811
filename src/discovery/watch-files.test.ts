import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "tap";
import { FakeClock } from "../lib/fake-clock.ts";
import { watchFiles } from "./watch-files.ts";

/** Files in memory, a clock that stands still, and what the watch has told so far. */
async function watched(contents: Record<string, string | undefined>) {
  const clock = new FakeClock();
  const controller = new AbortController();
  const listeners = new Set<() => void>();
  const seen: string[][] = [];
  const notify = (_target: string, onEvent: () => void) => {
    listeners.add(onEvent);
    return { close: () => listeners.delete(onEvent) };
  };
  const digest = async (target: string) => contents[target];
  const changes = watchFiles(Object.keys(contents), controller.signal, { notify, digest, clock });
  const reading = (async () => {
    for await (const changed of changes) seen.push(changed);
  })();
  await clock.advance(0);
  const event = (): void => listeners.forEach((listener) => listener());
  return { clock, controller, contents, event, listeners, reading, seen };
}

test("several events in a row are one change, told when it is quiet", async (t) => {
  const { clock, contents, event, seen, controller } = await watched({ a: "1", b: "1" });
  contents["a"] = "2";
  event();
  await clock.advance(20);
  contents["a"] = "3";
  event();
  t.strictSame(seen, []);
  await clock.advance(100);
  t.strictSame(seen, [["a"]]);
  controller.abort();
});

test("an event without another content is no change", async (t) => {
  const { clock, contents, event, seen, controller } = await watched({ a: "1" });
  contents["a"] = "1";
  event();
  await clock.advance(100);
  t.strictSame(seen, []);
  controller.abort();
});

test("a file that is missing for a moment is no change, and its new content is one", async (t) => {
  const { clock, contents, event, seen, controller } = await watched({ a: "1" });
  contents["a"] = undefined;
  event();
  await clock.advance(100);
  contents["a"] = "1";
  event();
  await clock.advance(100);
  t.strictSame(seen, []);
  contents["a"] = undefined;
  event();
  await clock.advance(100);
  contents["a"] = "2";
  event();
  await clock.advance(100);
  t.strictSame(seen, [["a"]]);
  controller.abort();
});

test("a change without an event is found after a while", async (t) => {
  const { clock, contents, seen, controller } = await watched({ a: "1" });
  contents["a"] = "2";
  await clock.advance(2_100);
  t.strictSame(seen, [["a"]]);
  controller.abort();
});

test("the watch ends and lets go when it is told to", async (t) => {
  const { controller, listeners, reading } = await watched({ a: "1" });
  t.equal(listeners.size, 1);
  controller.abort();
  await reading;
  t.equal(listeners.size, 0);
});

test("files that are written, replaced and removed again on a real disk", async (t) => {
  const folder = t.testdir({ "mesh.yaml": "one" });
  const file = join(folder, "mesh.yaml");
  const controller = new AbortController();
  const changes = watchFiles([file, folder], controller.signal);
  const first = changes.next();
  // The digest of the beginning is taken by then: what follows is a change.
  await new Promise((resolve) => setImmediate(resolve));
  const writing = (async () => {
    for (let round = 0; round < 1_000 && !controller.signal.aborted; round += 1) {
      await writeFile(`${file}.new`, `two ${round}`);
      await rename(`${file}.new`, file);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const { value } = await first;
  t.ok(value?.includes(file), "an editor's rename is a change of the file");
  controller.abort();
  await writing;
  await rm(file);
  t.equal((await changes.next()).done, true);
});

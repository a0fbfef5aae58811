import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type Test } from "tap";
import { SnapshotStore, type Stored } from "./snapshot-store.ts";

function stored(version: number, endpoints?: string): Stored {
  return {
    compiled: {
      kind: "compiled",
      change: "configuration",
      versions: {
        configuration: version,
        endpoints: 1,
        configurationDigest: "c",
        endpointsDigest: "e",
      },
      mesh: "m",
      listeners: [],
      namespaces: [],
      names: [],
      dnsServers: [],
      edges: [],
      workloads: [],
      diagnostics: [],
      kept: [],
    },
    ports: [["web->api", 15_101]],
    addresses: [["api.local", ["10.0.0.1:80"]]],
    files: [{ path: "mesh.yaml", text: "mesh: m\n" }],
    endpointFiles: [{ path: "api.yaml", text: "endpoints: []\n" }],
    snapshot: Buffer.from(`{"version":${version}}`),
    ...(endpoints === undefined ? {} : { endpoints: Buffer.from(endpoints) }),
  };
}

interface Opened {
  store: SnapshotStore;
  folder: string;
  reports: string[];
}

function opened(t: Test, folder: string = join(t.testdir({}), ".heddle")): Opened {
  const reports: string[] = [];
  const report = (cause: Error | undefined): void => void reports.push(cause?.message ?? "works");
  return { store: new SnapshotStore(folder, "mesh.yaml", report), folder, reports };
}

async function written(t: Test, ...all: Stored[]): Promise<Opened> {
  const result = opened(t);
  for (const one of all) {
    result.store.put(one);
    await result.store.settled();
  }
  return result;
}

test("what is put is loaded, and only its user can read it", async (t) => {
  const { store, folder } = await written(t, stored(3, '{"version":9}'));
  t.same((await store.load()).stored, stored(3, '{"version":9}'));
  t.equal(statSync(store.path).mode & 0o777, 0o600);
  t.equal(statSync(folder).mode & 0o777, 0o700);
  t.same(readdirSync(folder), ["mesh.yaml.snapshot"], "nothing else is left");
});

test("without a file nothing is loaded and nothing is wrong", async (t) => {
  t.same(await opened(t).store.load(), { stored: undefined, refused: [] });
});

test("a torn file is refused, and the one before it is used", async (t) => {
  const { store } = await written(t, stored(1), stored(2));
  writeFileSync(store.path, readFileSync(store.path).subarray(0, -1));
  const { stored: found, refused } = await store.load();
  t.equal(found?.compiled.versions.configuration, 1);
  t.match(refused, [{ path: store.path, reason: "its checksum is wrong" }]);
});

test("a start between the two renames finds the one before", async (t) => {
  const { store } = await written(t, stored(1), stored(2));
  writeFileSync(store.path, "");
  const { stored: found, refused } = await store.load();
  t.equal(found?.compiled.versions.configuration, 1);
  t.match(refused, [{ reason: "it is cut short" }]);
});

test("a changed byte is refused", async (t) => {
  const { store } = await written(t, stored(1));
  const bytes = readFileSync(store.path);
  bytes[bytes.length - 3] = 0x39;
  writeFileSync(store.path, bytes);
  t.match(await store.load(), {
    stored: undefined,
    refused: [{ reason: "its checksum is wrong" }],
  });
});

test("another format is refused by name", async (t) => {
  const { store } = await written(t, stored(1));
  writeFileSync(store.path, '{"heddleSnapshot":0,"sha256":""}\n');
  t.match(await store.load(), { refused: [{ reason: /^its format is 0, not \d+$/ }] });
});

test("of several that are put while one is written, the newest is stored", async (t) => {
  const { store } = opened(t);
  for (const version of [1, 2, 3]) store.put(stored(version));
  await store.settled();
  t.equal((await store.load()).stored?.compiled.versions.configuration, 3);
});

test("a folder that cannot be made is reported once, and its end too", async (t) => {
  const root = t.testdir({ file: "" });
  const { store, reports } = opened(t, join(root, "file", ".heddle"));
  store.put(stored(1));
  await store.settled();
  store.put(stored(2));
  await store.settled();
  t.equal(reports.length, 1);
  t.match(reports[0], "ENOTDIR");
  t.notOk(existsSync(store.path));
});

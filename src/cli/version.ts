// The version of this package, and the `version` command.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Invocation } from "./command.ts";
import type { Terminal } from "./terminal.ts";

export function run({ values, terminal }: Invocation): Promise<number> {
  const version = packageVersion();
  const { platform, arch } = process;
  if (values["output"] === "json") {
    const facts = { schemaVersion: 1, version, node: process.versions.node, platform, arch };
    terminal.out(`${JSON.stringify(facts, null, 2)}\n`);
  } else {
    terminal.out(`heddle ${version} (node ${process.versions.node}, ${platform}-${arch})\n`);
  }
  return Promise.resolve(0);
}

export function printNumber(terminal: Terminal): number {
  terminal.out(`${packageVersion()}\n`);
  return 0;
}

export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
    version: string;
  };
  return manifest.version;
}

/** The nearest folder above with a package.json: the same for sources and for `dist/`. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder)
    folder = dirname(folder);
  return folder;
}

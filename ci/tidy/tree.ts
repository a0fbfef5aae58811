/** What a rule of `ci/tidy` sees and says: the files of the repository, and what is wrong with them. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Tree {
  /** Paths from the root: all that git knows or would add, without generated files and data. */
  sources: readonly string[];
  /** The same with generated files and data. */
  files: readonly string[];
  read(path: string): string;
  sizeBytes(path: string): number;
}

export interface Finding {
  path: string;
  line?: number;
  message: string;
}

export interface Rule {
  /** What holds when the rule finds nothing. */
  name: string;
  check(tree: Tree): Finding[];
}

export function treeOnDisk(root: string): Tree {
  const list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const files = execFileSync("git", list, { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 })
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)));
  return treeOf(files, (path) => readFileSync(join(root, path)));
}

/** For tests of rules: a tree that exists in memory only. */
export function treeInMemory(contents: Readonly<Record<string, string>>): Tree {
  return treeOf(Object.keys(contents), (path) => Buffer.from(contents[path] ?? ""));
}

function treeOf(files: readonly string[], read: (path: string) => Buffer): Tree {
  return {
    files,
    sources: files.filter((path) => !NOT_WRITTEN_BY_HAND.test(path)),
    read: (path) => read(path).toString("utf8"),
    sizeBytes: (path) => read(path).length,
  };
}

const NOT_WRITTEN_BY_HAND =
  /(^|\/)(generated|vendor|results|corpus)\/|\.d\.ts$|\.lock$|^package-lock\.json$/;

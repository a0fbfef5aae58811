/** Lock files name no source but the public registries, hold no banned crate and no registry's address. */
import type { Finding, Rule, Tree } from "./tree.ts";

export const lockSources: Rule = {
  name: "lock files hold allowed sources only",
  check: (tree) => [
    ...tree.files.flatMap((path) =>
      /(^|\/)Cargo\.lock$/.test(path) ? cargoFindings(tree, path) : [],
    ),
    ...npmFindings(tree, "package-lock.json"),
  ],
};

function cargoFindings(tree: Tree, path: string): Finding[] {
  const packages = tree.read(path).split("[[package]]").slice(1);
  return packages.flatMap((text) => {
    const name = /^name = "(.*)"$/m.exec(text)?.[1] ?? "";
    const source = /^source = "(.*)"$/m.exec(text)?.[1] ?? CRATES;
    const findings: Finding[] = [];
    if (source !== CRATES) findings.push({ path, message: `${name} comes from ${source}` });
    const reason = BANNED.get(name);
    if (reason !== undefined) findings.push({ path, message: `${name} is banned: ${reason}` });
    return findings;
  });
}

function npmFindings(tree: Tree, path: string): Finding[] {
  const lock = JSON.parse(tree.read(path)) as { packages: Record<string, LockedPackage> };
  return Object.entries(lock.packages).flatMap(([name, entry]) => {
    if (name === "") return [];
    const findings: Finding[] = [];
    if (entry.resolved !== undefined) findings.push({ path, message: `${name} names its address` });
    if (entry.integrity === undefined && entry.inBundle !== true) {
      findings.push({ path, message: `${name} has no integrity hash` });
    }
    for (const optional of Object.keys(entry.optionalDependencies ?? {})) {
      if (!isLocked(Object.keys(lock.packages), optional)) {
        findings.push({ path, message: `${optional} is not locked: npm ci refuses the file` });
      }
    }
    return findings;
  });
}

function isLocked(paths: readonly string[], name: string): boolean {
  return paths.some((path) => path.endsWith(`node_modules/${name}`));
}

interface LockedPackage {
  optionalDependencies?: Record<string, string>;
  resolved?: string;
  integrity?: string;
  inBundle?: boolean;
}

const CRATES = "reg" + "istry+https://github.com/rust-lang/crates.io-index";

const BANNED: ReadonlyMap<string, string> = new Map([
  ["ring", "aws-lc-rs is the one cryptography library of a default build"],
  ["webpki", "unmaintained; rustls-webpki took its place"],
  ["openssl-sys", "rustls is the one TLS library"],
]);

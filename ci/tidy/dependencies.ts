/** Dependencies are few, exact and explained: each has a line in src/dependencies.md. */
import { cargoDependencies } from "./toml.ts";
import type { Finding, Rule, Tree } from "./tree.ts";

export const dependencies: Rule = {
  name: "dependencies are few, exact and explained",
  check: (tree) => [...npmFindings(tree), ...cargoFindings(tree)],
};

function npmFindings(tree: Tree): Finding[] {
  const path = "package.json";
  const manifest = JSON.parse(tree.read(path)) as Manifest;
  const runtime = Object.keys(manifest.dependencies ?? {});
  const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  const findings: Finding[] = [];
  if (runtime.length > RUNTIME_COUNT_MAX) {
    const message = `${runtime.length} runtime dependencies; at most ${RUNTIME_COUNT_MAX}`;
    findings.push({ path, message });
  }
  for (const [name, version] of all) {
    if (!/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version)) {
      findings.push({ path, message: `${name} is "${version}"; name one exact version` });
    }
  }
  return [
    ...findings,
    ...unexplained(
      tree,
      path,
      all.map(([name]) => name),
    ),
  ];
}

function cargoFindings(tree: Tree): Finding[] {
  const path = "native/Cargo.toml";
  const outside = cargoDependencies(tree.read(path)).filter(
    ({ value }) => !/\bpath *=/.test(value),
  );
  const inexact = outside
    .filter(({ value }) => !/^(\{ *version *= *)?"=\d/.test(value))
    .map(({ name, line }): Finding => ({
      path,
      line,
      message: `${name} has no exact version ("=1.2.3")`,
    }));
  const strays = tree.files.flatMap((file) =>
    /^native\/[\w-]+\/Cargo\.toml$/.test(file) ? strayIn(tree, file) : [],
  );
  return [
    ...inexact,
    ...strays,
    ...unexplained(
      tree,
      path,
      outside.map(({ name }) => name),
    ),
  ];
}

/** Fuzzing is a workspace of its own; its versions are exact where they stand. */
function strayIn(tree: Tree, path: string): Finding[] {
  return cargoDependencies(tree.read(path))
    .filter(({ value }) => /^"|\bversion *=/.test(value) && !/"=\d/.test(value))
    .map(({ name, line }) => ({ path, line, message: `${name} has no exact version ("=1.2.3")` }));
}

function unexplained(tree: Tree, path: string, names: readonly string[]): Finding[] {
  const reasons = tree.files.includes(REASONS) ? tree.read(REASONS) : "";
  return names
    .filter((name) => !new RegExp(`(?<![\\w@/-])${name}(?![\\w/-])`).test(reasons))
    .map((name) => ({ path, message: `${name} has no line in ${REASONS} that gives its reason` }));
}

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const REASONS = "src/dependencies.md";
const RUNTIME_COUNT_MAX = 10;

/** The linter's configuration lets TypeScript rooms enter the rooms below them only, and only by the door. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "tap";

const root = join(import.meta.dirname, "..", "..");

const levels = [
  ["lib"],
  ["identity", "snapshot", "api"],
  ["resources", "telemetry"],
  ["compile", "discovery", "ca", "shard"],
  ["control", "agent"],
  ["cli", "dashboard", "harness"],
];
const rooms = levels.flat();

test("an import of a higher room is refused, for each pair of rooms", (t) => {
  const files = rooms.map((room) => [`src/${room}/x.ts`, imports(rooms, room)] as const);
  const expected = rooms.flatMap((room) =>
    rooms
      .filter((other) => other !== room && !mayEnter(room, other))
      .map((other) => `src/${room}/x.ts ../${other}/index.ts`),
  );
  t.ok(expected.includes("src/compile/x.ts ../cli/index.ts"));
  t.strictSame(refused(files), expected.sort());
  t.end();
});

test("an import that goes around the door is refused", (t) => {
  const files = [
    ["src/cli/a.ts", 'import { a } from "../agent/start.ts";\n'],
    ["src/cli/deep/b.ts", 'import { b } from "../../resources/kinds/mesh.ts";\n'],
    ["src/cli/c.ts", 'import { c } from "../agent/index.ts";\n'],
    ["src/cli/d.ts", 'import { d } from "../lib/deadline.ts";\n'],
    ["bench/e.ts", 'import { e } from "../src/shard/supervisor.ts";\n'],
    ["bench/f.ts", 'import { f } from "../src/shard/index.ts";\n'],
  ] as const;
  t.strictSame(refused(files), [
    "bench/e.ts ../src/shard/supervisor.ts",
    "src/cli/a.ts ../agent/start.ts",
    "src/cli/deep/b.ts ../../resources/kinds/mesh.ts",
  ]);
  t.end();
});

test("a dynamic import and a re-export are imports", (t) => {
  const files = [
    ["src/snapshot/a.ts", 'export { a } from "../cli/index.ts";\n'],
    ["src/shard/b.ts", 'export const b = await import("../agent/index.ts");\n'],
  ] as const;
  t.strictSame(refused(files), [
    "src/shard/b.ts ../agent/index.ts",
    "src/snapshot/a.ts ../cli/index.ts",
  ]);
  t.end();
});

test("the compiler is pure and rooms do not know what tests and measures them", (t) => {
  const files = [
    ["src/compile/a.ts", 'import { b } from "node:fs";\n'],
    ["src/agent/b.ts", 'import { b } from "../../bench/run.ts";\n'],
  ] as const;
  t.strictSame(refused(files), ["src/agent/b.ts ../../bench/run.ts", "src/compile/a.ts node:fs"]);
  t.end();
});

function mayEnter(room: string, other: string): boolean {
  if (room === "compile") return ["lib", "identity", "resources", "snapshot"].includes(other);
  return levelOf(other) <= levelOf(room);
}

function levelOf(room: string): number {
  return levels.findIndex((level) => level.includes(room));
}

function imports(others: readonly string[], room: string): string {
  const names = others.filter((other) => other !== room);
  return names.map((other) => `import { ${other} } from "../${other}/index.ts";\n`).join("");
}

/** `file specifier` of each import that the project's configuration refuses, sorted. */
function refused(files: readonly (readonly [path: string, text: string])[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "heddle-lint-"));
  try {
    cpSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const oxlint = join(root, "node_modules", "oxlint", "bin", "oxlint");
    const run = spawnSync(process.execPath, [oxlint, "--format", "json"], {
      cwd: folder,
      encoding: "utf8",
    });
    const report = JSON.parse(run.stdout) as { diagnostics: Diagnostic[] };
    return report.diagnostics
      .filter(({ code }) => code === "eslint(no-restricted-imports)")
      .map(({ filename, message }) => `${filename} ${/'([^']+)'/.exec(message)?.[1]}`)
      .sort();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Diagnostic {
  code: string;
  filename: string;
  message: string;
}

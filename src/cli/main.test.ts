import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test, type Test } from "tap";
import { commands } from "./commands.ts";
import { packageVersion } from "./version.ts";

interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command in an empty folder, without a terminal. */
function heddle(t: Test, words: readonly string[], environment: NodeJS.ProcessEnv = {}): Result {
  const main = fileURLToPath(new URL("main.js", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    cwd: t.testdir({ empty: {}, "good.yaml": goodMesh, "bad.yaml": "mesh: m\nservises: {}\n" }),
    env: { PATH: process.env["PATH"], LANG: "C.UTF-8", ...environment },
    encoding: "utf8",
    timeout: 20_000,
  });
  return { code: status, stdout, stderr };
}

const goodMesh = "mesh: m\nservices:\n  web: { port: 9001 }\n";

test("help names every command", (t) => {
  const { code, stdout, stderr } = heddle(t, ["--help"]);
  t.equal(code, 0);
  t.equal(stderr, "");
  t.same(
    commands.filter(({ name }) => !stdout.includes(`  ${name}`)),
    [],
  );
  t.end();
});

test("the help of each command has three examples, its options and its exit codes", (t) => {
  const wrong = commands.filter((command) => {
    const { code, stdout } = heddle(t, [...command.name.split(" "), "--help"]);
    const examples = command.examples.filter(({ line }) => stdout.includes(`  ${line}\n`));
    const options = command.options.filter(({ name }) => stdout.includes(`--${name}`));
    const complete = examples.length >= 3 && options.length === command.options.length;
    return code !== 0 || !complete || !stdout.includes("exit codes");
  });
  t.same(
    wrong.map(({ name }) => name),
    [],
  );
  t.end();
});

test("without a command help is printed, and the exit code says that one is missing", (t) => {
  const { code, stdout } = heddle(t, []);
  t.equal(code, 2);
  t.match(stdout, "usage: heddle COMMAND");
  t.end();
});

test("an unknown command is a usage error with a guess", (t) => {
  const { code, stdout, stderr } = heddle(t, ["stta"]);
  t.equal(code, 2);
  t.equal(stdout, "");
  t.match(stderr, "did you mean stat?");
  t.end();
});

test("an unknown option is a usage error with a guess", (t) => {
  const { code, stderr } = heddle(t, ["run", "--shard", "2"]);
  t.equal(code, 2);
  t.match(stderr, "did you mean --shards?");
  t.match(stderr, "heddle help run", "and names the page that helps");
  t.end();
});

test("a value that cannot be read is a usage error that shows how to write it", (t) => {
  const wrong = [
    ["stat", "-o", "tabel"],
    ["stat", "--window", "soon"],
    ["run", "--shards", "many"],
    ["run", "--shards", "0"],
    ["run", "--file"],
    ["dev", "--once=yes"],
    ["version", "extra"],
    ["config"],
    ["completion", "tcsh"],
  ].filter((words) => heddle(t, words).code !== 2);
  t.same(wrong, []);
  t.end();
});

test("an option can come from the environment, and the flag wins", (t) => {
  const json = heddle(t, ["version"], { HEDDLE_OUTPUT: "json" });
  t.match(JSON.parse(json.stdout), { schemaVersion: 1, version: packageVersion() });
  const flag = heddle(t, ["version", "-o", "table"], { HEDDLE_OUTPUT: "json" });
  t.match(flag.stdout, /^heddle \d/);
  t.end();
});

test("stat without an agent ends with 3", (t) => {
  const { code, stderr } = heddle(t, ["stat"]);
  t.equal(code, 3);
  t.match(stderr, "HED5201");
  t.end();
});

test("lint ends with 4 for errors and with 0 for a good file", (t) => {
  const bad = heddle(t, ["lint", "bad.yaml"]);
  t.equal(bad.code, 4);
  t.match(bad.stdout, /bad\.yaml:2:1 {2}error HED/);
  const json = heddle(t, ["lint", "-o", "json", "bad.yaml"]);
  t.equal(json.code, 4);
  t.match(JSON.parse(json.stdout), { schemaVersion: 1, errors: Number });
  t.equal(heddle(t, ["lint", "good.yaml"]).code, 0);
  t.end();
});

test("explain knows errors of traffic and mistakes in files, by code and by name", (t) => {
  const refused = heddle(t, ["explain", "hed1204"]);
  t.equal(refused.code, 0);
  t.match(refused.stdout, /^HED1204 connection_refused: .*\n {2}seen .*\n {2}look .*\n {2}fix /);
  t.equal(heddle(t, ["explain", "connection_refused"]).stdout, refused.stdout);
  t.match(heddle(t, ["explain", "HED2010"]).stdout, /^HED2010: A field is not known\.\n/);
  const json = JSON.parse(heddle(t, ["explain", "no_route", "-o", "json"]).stdout) as unknown;
  t.match(json, { schemaVersion: 1, codes: [{ code: "HED1201", traffic: { grpcStatus: 12 } }] });
  const unknown = heddle(t, ["explain", "conection_refused"]);
  t.equal(unknown.code, 2);
  t.match(unknown.stderr, "did you mean connection_refused?");
  t.end();
});

test("config view prints the file, and resolved what it means", (t) => {
  t.equal(heddle(t, ["config", "view", "-f", "good.yaml"]).stdout, goodMesh);
  const resolved = heddle(t, ["config", "view", "--resolved", "-f", "good.yaml", "-o", "json"]);
  t.match(JSON.parse(resolved.stdout), { services: { web: { port: 9001, balancer: String } } });
  t.equal(heddle(t, ["config", "view", "--resolved", "-f", "bad.yaml"]).code, 4);
  t.end();
});

test("run does not start with a bad file, and says why", (t) => {
  const { code, stdout, stderr } = heddle(t, ["run", "-f", "bad.yaml"]);
  t.equal(code, 78);
  t.equal(stdout, "");
  t.match(stderr, /error\[HED\d+\].*\n {2}--> bad\.yaml:2:1\n {2}fix: /);
  t.end();
});

test("colour appears only where it is asked for", (t) => {
  t.notMatch(heddle(t, ["--help"]).stdout, "\u001b[");
  t.match(heddle(t, ["--help"], { FORCE_COLOR: "1" }).stdout, "\u001b[");
  t.notMatch(heddle(t, ["--help"], { FORCE_COLOR: "1", NO_COLOR: "1" }).stdout, "\u001b[");
  t.match(heddle(t, ["run", "--help", "--color", "always"], { NO_COLOR: "1" }).stdout, "\u001b[");
  t.end();
});

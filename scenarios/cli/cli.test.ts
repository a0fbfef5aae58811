// The command line as scripts and people without a terminal meet it: texts, streams, exit codes.
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import type { Test } from "tap";
import { freePorts } from "../support/free-ports.ts";
import { percentile } from "../support/percentile.ts";
import { runCli } from "../support/run-cli.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { brokenMeshes } from "./broken-meshes.ts";

scenario(
  "lint says of ten broken files what is wrong, where, and what to write instead",
  async (t) => {
    for (const { name, text, said } of brokenMeshes) {
      await t.test(name, async (row) => {
        const folder = await folderWith(row, { "mesh.yaml": text });
        const { code, stdout, stderr } = await runCli(row, ["lint"], { folder });
        row.equal(code, 4);
        row.equal(stdout, said);
        row.match(stderr, /^\d errors?, \d warnings? in 1 file\n$/);
        row.notMatch(stdout + stderr, ANSI);
      });
    }
  },
);

scenario("lint reads standard input and folders", async (t) => {
  const route = routeTo("nobody");
  const folder = await folderWith(t, {
    "config/10-mesh.yaml": `${mesh(8080)}  web: { prot: 1 }\n`,
    "config/20-route.yml": route,
    "config/note.txt": "{",
  });

  const stdin = await runCli(t, ["lint", "-"], {
    folder,
    stdin: `${mesh(8080)}  web: { port: x }\n`,
  });
  const whole = await runCli(t, ["lint", "config"], { folder });
  const byOption = await runCli(t, ["lint", "-f", "config"], { folder });
  const json = await runCli(t, ["lint", "config", "-o", "json"], { folder });

  t.equal(stdin.code, 4);
  t.match(stdin.stdout, /^<stdin>:5:16 {2}error HED2013 /);
  t.equal(whole.code, 4);
  t.match(whole.stdout, /^config\/10-mesh\.yaml:5:10 {2}error HED2010 /m);
  t.match(whole.stdout, /^config\/20-route\.yml:7:29 {2}error HED2104 /m);
  t.match(whole.stderr, "in 2 files");
  t.equal(byOption.stdout, whole.stdout);
  const { errors, diagnostics } = JSON.parse(json.stdout) as {
    errors: number;
    diagnostics: { code: string }[];
  };
  t.equal(errors, diagnostics.length);
  t.ok(diagnostics.some(({ code }) => code === "HED2104"));
});

scenario(
  "data goes to standard output and messages beside it, so that JSON parses while warnings print",
  async (t) => {
    const [edge = 0] = await freePorts(1);
    const text = `${mesh(edge)}  web: { port: 80, endpoints: ["127.0.0.1:9"] }\n---\n${routeTo("web").replace("80 }", "80, weight: 0 }")}`;
    const agent = await startAgent(t, { mesh: text });
    const { folder } = agent;
    await (await fetch(`http://127.0.0.1:${edge}/`)).text();

    const stat = await runCli(t, ["stat", "-o", "json", "-t", "100ms"], { folder });
    const table = await runCli(t, ["stat", "-t", "100ms"], { folder });
    const view = await runCli(t, ["config", "view", "--resolved", "-o", "json"], { folder });

    t.equal(stat.code, 0);
    const { schemaVersion, services } = JSON.parse(stat.stdout) as {
      schemaVersion: number;
      services: { name: string }[];
    };
    t.equal(schemaVersion, 1);
    t.strictSame(
      services.map(({ name }) => name),
      ["web"],
    );
    t.match(table.stdout, /^NAME +SUCCESS +RPS +P50 +P95 +P99 +P99\.9 +CONN\nweb /);
    t.equal(view.code, 0);
    t.match(JSON.parse(view.stdout), { mesh: "shop" });
    t.match(view.stderr, /^mesh\.yaml:\d+:\d+ {2}warn {2}HED2201 /);
    t.match(agent.stderr, "warn[HED2201]");
    t.equal(agent.stdout, "", "run has no data to print");
    t.notMatch(agent.stderr + stat.stdout + table.stdout + view.stderr, ANSI);
  },
);

scenario("get routes says of each parent whether the route is accepted, and why not", async (t) => {
  const folder = await folderWith(t, {
    "good/mesh.yaml": `${mesh(8080)}  web: { port: 80 }\n---\n${routeTo("web")}`,
    "bad/mesh.yaml": `${mesh(8080)}  web: { port: 80 }\n---\n${routeTo("nobody")}`,
  });

  const good = await runCli(t, ["get", "routes", "good"], { folder });
  const bad = await runCli(t, ["get", "routes", "-f", "bad", "-o", "wide"], { folder });
  const json = await runCli(t, ["get", "routes", "bad", "-o", "json"], { folder });
  const yaml = await runCli(t, ["get", "routes", "good", "-o", "yaml"], { folder });

  t.equal(good.code, 0);
  t.equal(
    good.stdout,
    "NAMESPACE  NAME  PARENT       ACCEPTED  RESOLVEDREFS\ndefault    shop  Service/web  True      True\n",
  );
  t.equal(bad.code, 4);
  t.match(
    bad.stdout,
    /^default +shop +Service\/web +True +BackendNotFound +bad\/mesh\.yaml:9 +route 'shop' backend 'nobody' does not exist$/m,
  );
  t.match(bad.stderr, "nothing of these files would be applied");
  t.match(JSON.parse(json.stdout), {
    schemaVersion: 1,
    routes: [
      {
        kind: "HTTPRoute",
        status: {
          parents: [
            {
              controllerName: "heddle.dev/controller",
              conditions: [{ type: "Accepted", status: "True" }, { reason: "BackendNotFound" }],
            },
          ],
        },
      },
    ],
  });
  t.match(yaml.stdout, /^ {12}- type: Accepted\n {14}status: "True"$/m);
});

scenario("what cannot be done ends with the exit code of its cause", async (t) => {
  const folder = await folderWith(t, { "mesh.yaml": `${mesh(8080)}  web: { prot: 9001 }\n` });

  const nobody = await runCli(t, ["stat"], { folder });
  const bad = await runCli(t, ["run", "-f", "mesh.yaml"], { folder });
  const missing = await runCli(t, ["run", "-f", "absent.yaml"], { folder });
  const usage = await runCli(t, ["rnu"], { folder });

  t.equal(nobody.code, 3);
  t.match(nobody.stderr, /^error\[HED5201\]: .*\n {2}fix: /);
  t.equal(bad.code, 78);
  t.match(bad.stderr, /^error\[HED2010\]: .*\n {2}--> mesh\.yaml:5:10\n {2}fix: /);
  t.equal(missing.code, 78);
  t.match(missing.stderr, "absent.yaml");
  t.equal(usage.code, 2);
  t.match(usage.stderr, "did you mean run?");
  t.strictSame(
    [nobody, bad, missing, usage].map(({ stdout }) => stdout),
    ["", "", "", ""],
  );
  t.notMatch(nobody.stderr + bad.stderr + missing.stderr + usage.stderr, ANSI);
});

scenario("a port that another process has is named, and ends the start", async (t) => {
  const [edge = 0, metrics = 0, health = 0] = await freePorts(3);
  const holder = createServer().listen(edge, "127.0.0.1");
  await once(holder, "listening");
  t.teardown(() => holder.close());
  const folder = await folderWith(t, {
    "mesh.yaml": `${mesh(edge)}  web: { port: 80, endpoints: ["127.0.0.1:9"] }\n`,
  });
  const words = [
    "run",
    "-f",
    "mesh.yaml",
    "--metrics-port",
    String(metrics),
    "--health-port",
    String(health),
  ];

  const plain = await runCli(t, words, { folder });
  const sharing = await runCli(t, [...words, "--reuse-port"], { folder });

  t.equal(plain.code, 5);
  t.match(plain.stderr, `127.0.0.1:${edge}`);
  t.match(plain.stderr, /^error\[HED5101\]: .*\n {2}fix: /);
  t.equal(sharing.code, 5, "a process that does not share its port is in the way in any case");
});

scenario(
  "taken ports of metrics and health give way to free ones, which are printed",
  async (t) => {
    const [edge = 0] = await freePorts(1);
    const text = `${mesh(edge)}  web: { port: 80, endpoints: ["127.0.0.1:9"] }\n`;
    const first = await startAgent(t, { mesh: text });
    const [other = 0] = await freePorts(1);
    const words = ["--metrics-port", String(first.metricsPort)];

    const second = await startAgent(t, { mesh: text.replace(String(edge), String(other)), words });

    t.match(
      second.stderr,
      new RegExp(`metrics: port ${first.metricsPort} is taken, using 127\\.0\\.0\\.1:\\d+`),
    );
    const { metricsAddress } = await second.status();
    t.match(
      await (await fetch(`http://${metricsAddress}/metrics`)).text(),
      "heddle_config_version",
    );
  },
);

scenario("help comes at once", async (t) => {
  const folder = await temporaryFolder(t);
  const durationsMs: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const fromMs = performance.now();
    const { code } = await runCli(t, ["--help"], { folder });
    durationsMs.push(performance.now() - fromMs);
    t.equal(code, 0);
  }
  t.comment(
    `heddle --help: fastest ${Math.min(...durationsMs).toFixed(0)} ms, median ${percentile(durationsMs, 50).toFixed(0)} ms`,
  );
  t.ok(Math.min(...durationsMs) < 150, "within 150 ms where the machine has nothing else to do");
});

async function folderWith(t: Test, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** Without its services. */
function mesh(edge: number): string {
  return `mesh: shop
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
`;
}

function routeTo(service: string): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:
    - backendRefs: [{ name: ${service}, port: 80 }]
`;
}

// oxlint-disable-next-line no-control-regex -- escape sequences are what must not appear
const ANSI = /\u001b\[/;

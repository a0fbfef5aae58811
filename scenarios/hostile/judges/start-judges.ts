// The other parsers: each one started, or left out with the reason why this machine cannot have it.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Test } from "tap";
import { ensureDebian } from "../../../bench/peers/debian.ts";
import { fill } from "../../../bench/peers/template.ts";
import { runCommand, type Command } from "../../../bench/process/command.ts";
import { waitUntilAnswering } from "../../../bench/process/port.ts";
import { startServer } from "../../../bench/process/server.ts";
import { cacheFolder } from "../../../bench/project.ts";
import { freePorts } from "../../support/free-ports.ts";
import { projectRoot } from "../../support/project-root.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import type { Judge, Seen } from "../judge.ts";

export interface Judges {
  running: Judge[];
  /** Name and reason. */
  missing: string[];
}

export async function startJudges(t: Test): Promise<Judges> {
  const node = await startNode(t);
  const judges: Judges = { running: [node], missing: [] };
  for (const { name, prepare } of programs) {
    const folder = await temporaryFolder(t);
    const [port = 0] = await freePorts(1);
    try {
      const command = await prepare({ folder, port, backend: node.port });
      const server = startServer(command, { name });
      t.teardown(() => server.stop());
      const request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
      await waitUntilAnswering(server, port, { request, answer: "HTTP/1.1 200" });
      judges.running.push({ name, port });
    } catch (error) {
      judges.missing.push(`${name}: ${String(error).split("\n")[0]}`);
    }
  }
  return judges;
}

interface Place {
  /** An empty folder of its own. */
  folder: string;
  port: number;
  /** Of the Node server, which says what a proxy passed on to it. */
  backend: number;
}

interface Program {
  name: string;
  /** Installs what is missing; gives the command that serves in the foreground. */
  prepare(place: Place): Promise<Command>;
}

const programs: readonly Program[] = [
  {
    name: "Go net/http",
    prepare: async ({ folder, port }) => {
      const program = join(folder, "echo");
      await runCommand({ file: "go", args: ["build", "-o", program, source("echo.go")] });
      return { file: program, args: [String(port)] };
    },
  },
  {
    name: "Python h11",
    prepare: async ({ port }) => {
      const environment = join(cacheFolder, `h11-${H11_VERSION}`);
      if (!existsSync(join(environment, "installed"))) {
        await mkdir(cacheFolder, { recursive: true });
        await runCommand({ file: "python3", args: ["-m", "venv", environment] });
        const args = ["install", "--quiet", `h11==${H11_VERSION}`];
        await runCommand({ file: join(environment, "bin", "pip"), args });
        await writeFile(join(environment, "installed"), "");
      }
      return { file: join(environment, "bin", "python3"), args: [source("echo.py"), String(port)] };
    },
  },
  {
    name: "nginx",
    prepare: async (place) => {
      await ensureDebian({ program: "nginx", packages: ["nginx"] }, silent);
      const path = await configuration("nginx.conf", place);
      return {
        file: "nginx",
        args: ["-p", place.folder, "-e", join(place.folder, "e"), "-c", path],
      };
    },
  },
  {
    name: "HAProxy",
    prepare: async (place) => {
      await ensureDebian({ program: "haproxy", packages: ["haproxy"] }, silent);
      return { file: "haproxy", args: ["-db", "-f", await configuration("haproxy.cfg", place)] };
    },
  },
  {
    name: "Apache httpd",
    prepare: async (place) => {
      await ensureDebian({ program: "apache2", packages: ["apache2"] }, silent);
      const path = await configuration("apache.conf", place);
      return { file: "apache2", args: ["-f", path, "-D", "FOREGROUND"] };
    },
  },
];

/** Node itself, which is also what stands behind the proxies. */
async function startNode(t: Test): Promise<Judge> {
  const server = createServer({ maxHeaderSize: 131_072 }, (request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const seen = seenBy(request, Buffer.concat(parts));
      const body = JSON.stringify(seen);
      response.writeHead(200, { "content-length": body.length }).end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { name: "Node http", port: (server.address() as AddressInfo).port };
}

/** A proxy may say beside the request how it read its first line. */
function seenBy(request: IncomingMessage, body: Buffer): Seen {
  const { method = "", url = "", rawHeaders } = request;
  const line = request.headers["x-seen-line"];
  const target = typeof line === "string" ? (line.split(" ")[1] ?? "") : url;
  const fields = rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 && name !== "X-Seen-Line"
      ? [[hex(name), hex(rawHeaders[index + 1] ?? "")]]
      : [],
  );
  return { method: hex(method), target: hex(target), fields, body: body.toString("hex") };
}

function hex(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}

function source(name: string): string {
  return join(projectRoot, "scenarios", "hostile", "judges", name);
}

async function configuration(name: string, place: Place): Promise<string> {
  const text = await readFile(source(name), "utf8");
  const path = join(place.folder, name);
  await writeFile(path, fill(text, new Map(Object.entries(place))));
  return path;
}

function silent(): void {
  // What is installed stands in the table of the judges.
}

const H11_VERSION = "0.16.0";

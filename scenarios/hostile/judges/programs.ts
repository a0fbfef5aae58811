// The other parsers as programs: how each is installed, and the command that serves with it.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureDebian } from "../../../bench/peers/debian.ts";
import { fill } from "../../../bench/peers/template.ts";
import { runCommand, type Command } from "../../../bench/process/command.ts";
import { cacheFolder } from "../../../bench/project.ts";
import { projectRoot } from "../../support/project-root.ts";

export interface Place {
  /** An empty folder of its own. */
  folder: string;
  port: number;
  /** Of the Node server, which says what a proxy passed on to it. */
  backend: number;
}

export interface Program {
  name: string;
  /** Does nothing when it is there; rejects where this machine cannot have it. */
  install(say: (line: string) => void): Promise<void>;
  /** Gives the command that serves in the foreground. */
  configure(place: Place): Promise<Command> | Command;
}

const goEcho = join(cacheFolder, "hostile-echo");
const h11Version = "0.16.0";
const h11Folder = join(cacheFolder, `h11-${h11Version}`);

export const programs: readonly Program[] = [
  {
    name: "Go net/http",
    install: async () => {
      await mkdir(cacheFolder, { recursive: true });
      await runCommand({ file: "go", args: ["build", "-o", goEcho, source("echo.go")] });
    },
    configure: ({ port }) => ({ file: goEcho, args: [String(port)] }),
  },
  {
    name: "Python h11",
    install: async (say) => {
      if (existsSync(join(h11Folder, "installed"))) return;
      say(`installing h11 ${h11Version} from PyPI into ${h11Folder}`);
      await mkdir(cacheFolder, { recursive: true });
      await runCommand({ file: "python3", args: ["-m", "venv", h11Folder] });
      const args = ["install", "--quiet", `h11==${h11Version}`];
      await runCommand({ file: join(h11Folder, "bin", "pip"), args });
      await writeFile(join(h11Folder, "installed"), "");
    },
    configure: ({ port }) => ({
      file: join(h11Folder, "bin", "python3"),
      args: [source("echo.py"), String(port)],
    }),
  },
  {
    name: "nginx",
    install: (say) => ensureDebian({ program: "nginx", packages: ["nginx"] }, say),
    configure: async (place) => {
      const path = await configuration("nginx.conf", place);
      const log = join(place.folder, "start.log");
      return { file: "nginx", args: ["-p", place.folder, "-e", log, "-c", path] };
    },
  },
  {
    name: "HAProxy",
    install: (say) => ensureDebian({ program: "haproxy", packages: ["haproxy"] }, say),
    configure: async (place) => ({
      file: "haproxy",
      args: ["-db", "-f", await configuration("haproxy.cfg", place)],
    }),
  },
  {
    name: "Apache httpd",
    install: (say) => ensureDebian({ program: "apache2", packages: ["apache2"] }, say),
    configure: async (place) => ({
      file: "apache2",
      args: ["-f", await configuration("apache.conf", place), "-D", "FOREGROUND"],
    }),
  },
];

function source(name: string): string {
  return join(projectRoot, "scenarios", "hostile", "judges", name);
}

async function configuration(name: string, place: Place): Promise<string> {
  const text = await readFile(source(name), "utf8");
  const path = join(place.folder, name);
  await writeFile(path, fill(text, new Map(Object.entries(place))));
  return path;
}

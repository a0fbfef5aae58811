// A proxy written in JavaScript on the fastest parts to be had: what heddle's callers would
// otherwise write themselves.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { distFolder, projectRoot } from "../../project.ts";
import { UnavailableError } from "../peer.ts";
import type { Peer } from "../peer.ts";

export const js: Peer = {
  name: "js",
  install: () => Promise.resolve(),
  version: async () => {
    const versions = await Promise.all(PACKAGES.map(versionOf));
    return PACKAGES.map((name, index) => `${name} ${versions[index]}`).join(", ");
  },
  configure: ({ protocol, port, upstreamPort, threads }) => {
    if (protocol !== "http" || threads > 1)
      return Promise.reject(new UnavailableError("the JavaScript proxy does HTTP on one thread"));
    const program = join(distFolder, "bench", "peers", "js", "proxy.js");
    const args = [program, String(port), String(upstreamPort)];
    return Promise.resolve({ file: process.execPath, args });
  },
  errors: () => Promise.resolve({}),
};

async function versionOf(name: string): Promise<string> {
  const path = join(projectRoot, "node_modules", name, "package.json");
  const { version } = JSON.parse(await readFile(path, "utf8")) as { version: string };
  return version;
}

const PACKAGES = ["@trufflesuite/uws-js-unofficial", "undici"];

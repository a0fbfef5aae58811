// nginx from Debian. Guides followed: its documentation of upstream keepalive and reuseport.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../process/command.ts";
import { ensureDebian } from "../debian.ts";
import { UnavailableError } from "../peer.ts";
import type { ErrorCounts, Peer } from "../peer.ts";
import { writeConfiguration } from "../template.ts";

export const nginx: Peer = {
  name: "nginx",
  install: (say) =>
    ensureDebian({ program: "nginx", packages: ["nginx", "libnginx-mod-stream"] }, say),
  version: async () => {
    const { stderr } = await runCommand({ file: "nginx", args: ["-V"] });
    const tls = stderr.match(/(?:built|running) with (OpenSSL \S+)/)?.[1] ?? "no OpenSSL";
    return `${stderr.match(/nginx\/(\S+)/)?.[1]}, ${tls}`;
  },
  configure: async (assignment) => {
    const { protocol, folder } = assignment;
    if (protocol === "tcp" && !existsSync(join(MODULES, "ngx_stream_module.so")))
      throw new UnavailableError("nginx is here without its stream module (libnginx-mod-stream)");
    const values = { ...assignment, modules: MODULES };
    const path = await writeConfiguration(`nginx/${protocol}.conf`, values, folder);
    return { file: "nginx", args: ["-p", folder, "-e", errorLog(folder), "-c", path] };
  },
  errors: async ({ folder }) => errorsOfLog(await readFile(errorLog(folder), "utf8")),
};

/** Lines of the error log from level error on, by level. */
export function errorsOfLog(log: string): ErrorCounts {
  const counts: ErrorCounts = {};
  for (const [, level = ""] of log.matchAll(/^\S+ \S+ \[(error|crit|alert|emerg)\]/gm))
    counts[`log_${level}`] = (counts[`log_${level}`] ?? 0) + 1;
  return counts;
}

function errorLog(folder: string): string {
  return join(folder, "error.log");
}

const MODULES = "/usr/lib/nginx/modules";

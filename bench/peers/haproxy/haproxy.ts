// HAProxy from Debian. Guides followed: its configuration manual on nbthread, http-reuse,
// pool-low-conn and splicing.
import { runCommand } from "../../process/command.ts";
import { ensureDebian } from "../debian.ts";
import type { ErrorCounts, Peer } from "../peer.ts";
import { writeConfiguration } from "../template.ts";

export const haproxy: Peer = {
  name: "haproxy",
  install: (say) => ensureDebian({ program: "haproxy", packages: ["haproxy"] }, say),
  version: async () => {
    const { stdout } = await runCommand({ file: "haproxy", args: ["-vv"] });
    const tls = stdout.match(/Running on OpenSSL version : (.*)/)?.[1] ?? "no OpenSSL";
    return `${stdout.match(/version (\S+)/)?.[1]}, ${tls}`;
  },
  configure: async (assignment) => {
    const template = `haproxy/${assignment.protocol}.cfg`;
    const path = await writeConfiguration(template, assignment, assignment.folder);
    return { file: "haproxy", args: ["-db", "-f", path] };
  },
  errors: async ({ adminPort }) => {
    const response = await fetch(`http://127.0.0.1:${adminPort}/;csv`);
    return errorsOfCsv(await response.text());
  },
};

/** Sums the error columns of the statistics over the measured sections. */
export function errorsOfCsv(csv: string): ErrorCounts {
  const [head = "", ...lines] = csv.replace(/^# /, "").trim().split("\n");
  const columns = head.split(",");
  const rows = lines.map((line) => line.split(",")).filter(([name]) => name !== "statistics");
  const sum = (column: string): number =>
    rows.reduce((total, row) => total + Number(row[columns.indexOf(column)] ?? 0), 0);
  const counts = ERROR_COLUMNS.map((column) => [column, sum(column)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** Request, connect, response errors; retries; redispatches; answers 5xx. */
const ERROR_COLUMNS = ["ereq", "econ", "eresp", "wretr", "wredis", "hrsp_5xx"];

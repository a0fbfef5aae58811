// Runs a test file once more in a network namespace of its own, where it may filter packets without touching the machine.
import { spawnSync } from "node:child_process";

/** Whether the file runs in such a network; where it may have one and does not, it is started again in it. */
export function enterOwnNetwork(file: string): boolean {
  if (process.env[INSIDE] !== undefined) return true;
  const probe = spawnSync("unshare", ["-n", "sh", "-c", `${UP} && iptables -S >&2`]);
  if (probe.status !== 0) return false;
  const inside = spawnSync(
    "unshare",
    ["-n", "sh", "-c", `${UP} && exec "$@"`, "sh", process.execPath, ...process.execArgv, file],
    { stdio: "inherit", env: { ...process.env, [INSIDE]: "1" } },
  );
  process.exit(inside.status ?? 1);
}

const INSIDE = "HEDDLE_OWN_NETWORK";
const UP = "ip link set lo up";

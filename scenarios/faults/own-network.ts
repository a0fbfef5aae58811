// Runs a test file once more in a network namespace of its own, where it may filter packets without touching the machine.
import { spawnSync } from "node:child_process";
import { ensureDebian } from "../../bench/peers/debian.ts";

/** Whether the file runs in such a network; where it may have one and does not, it is started again in it. */
export async function enterOwnNetwork(file: string): Promise<boolean> {
  if (process.env[INSIDE] !== undefined) return true;
  const iptables = { program: "iptables", packages: ["iptables", "iproute2"] };
  const isThere = ensureDebian(iptables, (line) => process.stderr.write(`${line}\n`));
  if (
    !(await isThere.then(
      () => true,
      () => false,
    ))
  )
    return false;
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

// Installs Debian packages that a measurement needs, without letting them start services.
import { access, chmod, rm, writeFile } from "node:fs/promises";
import { isInstalled, runCommand } from "../process/command.ts";
import { UnavailableError } from "./peer.ts";

export interface DebianProgram {
  program: string;
  packages: readonly string[];
}

/** Does nothing when the program is there. */
export async function ensureDebian(
  wanted: DebianProgram,
  say: (line: string) => void,
): Promise<void> {
  if (await isInstalled(wanted.program)) return;
  const command = `apt-get install -y --no-install-recommends ${wanted.packages.join(" ")}`;
  if (process.getuid?.() !== 0 || !(await isInstalled("apt-get")))
    throw new UnavailableError(`${wanted.program} is missing; install it with: ${command}`);
  say(`installing ${wanted.packages.join(", ")} (${command}), not started as a service`);
  await withoutServices(async () => {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    const [file = "", ...args] = command.split(" ");
    const install = (): Promise<unknown> => runCommand({ file, args }, env);
    await install().catch(async () => {
      say("fetching the package lists (apt-get update)");
      await runCommand({ file: "apt-get", args: ["update"] }, env);
      await install();
    });
  }).catch((error: unknown) => {
    throw new UnavailableError(`${wanted.program} cannot be installed`, { cause: error });
  });
}

/** invoke-rc.d(8) asks this file before it starts anything; 101 forbids it. */
async function withoutServices(install: () => Promise<void>): Promise<void> {
  const hadPolicy = await access(POLICY).then(
    () => true,
    () => false,
  );
  if (hadPolicy) return install();
  await writeFile(POLICY, "#!/bin/sh\nexit 101\n");
  await chmod(POLICY, 0o755);
  try {
    await install();
  } finally {
    await rm(POLICY);
  }
}

const POLICY = "/usr/sbin/policy-rc.d";

// Installs the programs of others that scenarios use where they are there. A scenario itself installs nothing: it leaves out
// what it does not find, and says so.
import { ensureDebian } from "../bench/peers/debian.ts";
import { gatewayApiExamples } from "./gateway-api/examples.ts";
import { programs } from "./hostile/judges/programs.ts";

/** What this machine cannot have is said, and is no error. */
export async function installTools(say: (line: string) => void): Promise<void> {
  const iptables = {
    name: "iptables",
    install: () => ensureDebian({ program: "iptables", packages: ["iptables", "iproute2"] }, say),
  };
  for (const { name, install } of [...programs, iptables, gatewayApiExamples]) {
    await install(say).catch((error: unknown) => {
      say(`left out: ${name}: ${String(error).split("\n")[0]}`);
    });
  }
}

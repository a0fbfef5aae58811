/** Makes a machine ready for the whole of the scenarios. Usage: node dist/scenarios/install.js */
import { installTools } from "./install-tools.ts";

await installTools((line) => process.stdout.write(`${line}\n`));

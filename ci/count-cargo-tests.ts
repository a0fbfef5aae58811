/** Passes the output of `cargo test` on from standard input and ends with its count line. */
import { cargoCounts } from "./cargo-counts.ts";
import { countLine } from "./tap-counts.ts";

let output = "";
for await (const chunk of process.stdin.setEncoding("utf8")) {
  output += String(chunk);
  process.stdout.write(String(chunk));
}
process.stdout.write(`${countLine(cargoCounts(output))}\n`);

/**
 * Writes the declarations of the addon to standard output, from what napi-derive noted while it expanded macros.
 * Usage: node dist/ci/native-declarations.js FILE
 */
import { readFileSync } from "node:fs";
import { declarationsOf } from "./declarations.ts";

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: native-declarations.js FILE");
process.stdout.write(declarationsOf(readFileSync(file, "utf8")));

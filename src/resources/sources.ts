// The files that resources are read from.
export { readSources, type SourceFile } from "../lib/source-files.ts";

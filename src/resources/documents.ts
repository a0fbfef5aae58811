// Files to documents: YAML with its positions (JSON is read as YAML), several documents to a file, `List` objects taken
// apart. A document with a syntax error is reported and left out.
import { type Document, LineCounter, type ParsedNode, parseAllDocuments, visit } from "yaml";
import { pointerTo } from "../lib/json-pointer.ts";
import type { SourceFile } from "../lib/source-files.ts";
import { type Diagnostic, type Position, diagnose } from "./diagnostic.ts";
import { type Part, offsetOf } from "./locate.ts";
import { yamlHint } from "./yaml-problems.ts";

/** One object as it was written. */
export interface SourceDocument {
  value: Record<string, unknown>;
  /** Where a value or its key stands; for a value that is missing, where what should hold it stands. */
  locate(pointer: string, part: Part): Position;
}

export interface Documents {
  documents: SourceDocument[];
  diagnostics: Diagnostic[];
  /** A document could not be read, so that nothing can be said of what is missing. */
  incomplete: boolean;
}

/** `hint`: what to write in place of a document that is no map. */
export function readDocuments(file: SourceFile, hint: string = objectHint): Documents {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(file.text, { lineCounter: lines, prettyErrors: false });
  const result: Documents = { documents: [], diagnostics: [], incomplete: false };
  if (!Array.isArray(parsed)) return result;
  for (const document of parsed) {
    const positionAt = (offset: number): Position => {
      const { line, col } = lines.linePos(offset);
      return { file: file.path, line: Math.max(line, 1), column: Math.max(col, 1) };
    };
    const broken = reportSyntax(document, { file, positionAt }, result.diagnostics);
    if (broken) result.incomplete = true;
    else addDocuments(document, { positionAt, hint }, result);
  }
  return result;
}

type PositionAt = (offset: number) => Position;
type YamlDocument = Document.Parsed<ParsedNode, true>;

/** Reports duplicate keys, and of other errors the first: what follows is mostly its echo. Tells if one was found. */
function reportSyntax(
  document: YamlDocument,
  { file, positionAt }: { file: SourceFile; positionAt: PositionAt },
  diagnostics: Diagnostic[],
): boolean {
  const add = (code: "HED2002" | "HED2003" | "HED2009", offset: number, words: Words): void => {
    const origin = { resource: "document", path: "", position: positionAt(offset) };
    diagnostics.push(diagnose(origin, code, words));
  };
  for (const { message, pos } of document.warnings) {
    add("HED2009", pos[0], { message, hint: "remove the tag" });
  }
  for (const { pos } of document.errors.filter(({ code }) => code === "DUPLICATE_KEY")) {
    const [, key = ""] = /^["']?([^"':\s]*)/.exec(file.text.slice(pos[0])) ?? [];
    add("HED2003", pos[0], {
      message: `the key '${key}' stands twice in one map`,
      hint: yamlHint("DUPLICATE_KEY"),
    });
  }
  const [first] = document.errors.filter(({ code }) => code !== "DUPLICATE_KEY");
  if (first) {
    add("HED2002", first.pos[0], {
      message: `not valid YAML: ${lowerFirst(first.message)}`,
      hint: yamlHint(first.code),
    });
    return true;
  }
  const alias = unresolvedAlias(document);
  if (alias)
    add("HED2002", alias.offset, {
      message: `not valid YAML: no anchor '${alias.name}'`,
      hint: yamlHint("BAD_ALIAS"),
    });
  return alias !== undefined;
}

interface Words {
  message: string;
  hint: string;
}

function addDocuments(
  document: YamlDocument,
  { positionAt, hint }: { positionAt: PositionAt; hint: string },
  result: Documents,
): void {
  if (document.contents === null) return;
  const locate = (pointer: string, part: Part): Position =>
    positionAt(offsetOf(document, pointer, part));
  const refuse = (pointer: string, code: "HED2002" | "HED2004", words: Words): void => {
    const origin = { resource: "document", path: pointer, position: locate(pointer, "value") };
    result.diagnostics.push(diagnose(origin, code, words));
    result.incomplete = true;
  };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: aliasCountMax });
  } catch (error) {
    refuse("", "HED2002", {
      message: `not usable YAML: ${String(error)}`,
      hint: "write the repeated parts out",
    });
    return;
  }
  if (value === null) return;
  const list = isRecord(value) && isList(value) ? value["items"] : undefined;
  const items =
    list === undefined
      ? [["", value] as const]
      : list.map((item, index) => [pointerTo("", "items", index), item] as const);
  for (const [base, item] of items) {
    if (isRecord(item)) {
      result.documents.push({
        value: item,
        locate: (pointer, part) => locate(base + pointer, part),
      });
    } else {
      refuse(base, "HED2004", { message: "the document is not a map of fields", hint });
    }
  }
}

function unresolvedAlias(document: YamlDocument): { name: string; offset: number } | undefined {
  let found: { name: string; offset: number } | undefined;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      found = { name: alias.source, offset: alias.range?.[0] ?? 0 };
      return visit.BREAK;
    },
  });
  return found;
}

function isList(
  value: Record<string, unknown>,
): value is Record<string, unknown> & { items: unknown[] } {
  return (
    typeof value["kind"] === "string" &&
    value["kind"].endsWith("List") &&
    Array.isArray(value["items"])
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

const objectHint = "write 'mesh: NAME' and 'services:', or apiVersion, kind, metadata and spec";
/** Aliases that expand to more than this many values are an attack or a slip (the parser's default). */
const aliasCountMax = 100;

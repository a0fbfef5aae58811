// JSON Pointers (RFC 6901): the address of a value inside a document.

/** The pointer of a member of the value at `parent`. */
export function pointerTo(parent: string, ...keys: readonly (string | number)[]): string {
  return (
    parent +
    keys.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")
  );
}

/** The keys on the way from the root; none for the root itself. */
export function pointerKeys(pointer: string): string[] {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Whether `pointer` is `ancestor` or lies inside it. */
export function isWithin(pointer: string, ancestor: string): boolean {
  return pointer === ancestor || pointer.startsWith(`${ancestor}/`);
}

/** The pointer as people write it: `spec.rules[0].name`. */
export function readablePointer(pointer: string): string {
  const text = pointerKeys(pointer).map((key) => (/^[0-9]+$/.test(key) ? `[${key}]` : `.${key}`));
  return text.join("").replace(/^\./, "");
}

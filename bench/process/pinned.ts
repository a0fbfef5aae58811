// Commands bound to a core by taskset, which replaces itself: the process id stays.

export function pinned(words: readonly string[], core: number | undefined): string[] {
  return core === undefined ? [...words] : ["taskset", "-c", String(core), ...words];
}

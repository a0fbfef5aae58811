// The corpus: every mutation of a rule with every valid neighbour that it fits, in both places. Always the same.
import { neighbours, writeDraft, type Draft, type Place } from "./draft.ts";
import { framingMutations } from "./framing-mutations.ts";
import { headMutations } from "./head-mutations.ts";
import type { Mutation } from "./mutation.ts";

export interface HostileCase {
  /** Stands in the field `X-Case` of the request. */
  id: string;
  name: string;
  rule: string;
  expect: Mutation["expect"];
  /** latin1. */
  text: string;
}

export function hostileCorpus(): HostileCase[] {
  const written = new Set<string>();
  const cases: HostileCase[] = [];
  for (const mutation of [...framingMutations, ...headMutations, ...untouched]) {
    for (const neighbour of neighbours.filter((each) => mutation.fits?.(each) ?? true)) {
      for (const place of ["first", "last"] as const) {
        const text = mutated(neighbour, mutation, place);
        if (written.has(text)) continue;
        written.add(text);
        const { rule, expect } = mutation;
        const id = `c${cases.length}`;
        const name = `${rule} ${mutation.name}, ${place}, ${neighbour.name}`;
        cases.push({ id, name, rule, expect, text: text.replaceAll(MARK, id) });
      }
    }
  }
  return cases;
}

/** A smaller one, with each rule and mutation still in it: every `step`th case, another neighbour each time. */
export function everyNth(cases: readonly HostileCase[], step: number): HostileCase[] {
  return cases.filter((_, index) => index % step === 0);
}

function mutated(neighbour: Draft, mutation: Mutation, place: Place): string {
  const changed = { ...neighbour, ...mutation.change?.(neighbour) };
  const named = { ...changed, lines: [...changed.lines, `X-Case: ${MARK}`] };
  const text = writeDraft(named, mutation.lines ?? [], place);
  return mutation.rewrite?.(text) ?? text;
}

const untouched: readonly Mutation[] = [{ rule: "none", name: "nothing", expect: "accepted" }];
const MARK = "{{case}}";

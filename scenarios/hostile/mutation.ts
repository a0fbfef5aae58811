// One change to a valid request, with the rule that it is about and what has to become of it.
import type { Draft } from "./draft.ts";

export interface Mutation {
  /** As in the list of rules for HTTP/1.x. */
  rule: string;
  name: string;
  /** `either`: the rule leaves it open, or another part of the proxy decides. */
  expect: "refused" | "accepted" | "either";
  /** Field lines to add, before or behind the others. */
  lines?: readonly string[];
  /** Other parts of the request. */
  change?(draft: Draft): Partial<Draft>;
  /** A change to the written text. */
  rewrite?(text: string): string;
  /** Requests that it makes sense for; all when absent. */
  fits?(draft: Draft): boolean;
}

export const hasLength = ({ kind }: Draft): boolean => kind === "length";
export const hasChunks = ({ kind }: Draft): boolean => kind === "chunked";
export const hasNoBody = ({ kind, framing }: Draft): boolean =>
  kind === "none" && framing.length === 0;

/** One mutation of a rule for each value, named by it. */
export function each(
  values: readonly string[],
  make: (value: string) => Omit<Mutation, "name"> & { about: string },
): Mutation[] {
  return values.map((value) => {
    const { about, ...mutation } = make(value);
    return { ...mutation, name: `${about} ${JSON.stringify(value.slice(0, 40))}` };
  });
}

// Every way in which the proxy itself ends a request, with its spellings. The rows come from the data plane, which owns
// them (native/stats); each is also a row of docs/errors.md.
import { errors } from "./generated/errors.ts";

export interface ErrorSpelling {
  name: string;
  /** What `heddle explain` is asked for. */
  code: string;
  /** HTTP statuses it may come with; the first is the usual one. */
  statuses: readonly number[];
  /** `error` of `Proxy-Status` (RFC 9209); absent where no response can carry one. */
  proxyStatus?: string;
  /** Envoy's response flag; absent where Envoy has none. */
  flag?: string;
  /** Absent where the HTTP status decides. */
  grpcStatus?: number;
  /** What happened, where to look, how to end it: sentences. */
  means: string;
  look: string;
  fix: string;
}

export const errorVocabulary: readonly ErrorSpelling[] = errors;

/** Envoy's flag for an error name; `-` when there is none or the upstream answered, as Envoy writes it. */
export function responseFlag(error: string | undefined): string {
  return errorVocabulary.find(({ name }) => name === error)?.flag ?? "-";
}

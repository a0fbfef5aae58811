// The door of telemetry: metric names and profiles, histogram arithmetic, and the vocabulary of errors.
export {
  bucketIndex,
  bucketStartNs,
  countUpToNs,
  mergeDurations,
  percentileNs,
  subtractDurations,
} from "./duration-histogram.ts";
export { errorVocabulary, responseFlag } from "./error-vocabulary.ts";
export type { ErrorSpelling } from "./error-vocabulary.ts";
export { writeExposition } from "./exposition.ts";
export type { Family } from "./exposition.ts";
export { istioProfile } from "./istio-profile.ts";
export type { ProfileContext } from "./istio-profile.ts";
export { connectionBytes, limitRows, memoryLadder } from "./limits.ts";
export type { LimitRow } from "./limits.ts";
export { nativeProfile } from "./native-profile.ts";
export { processProfile } from "./process-profile.ts";
export { summarizeServices } from "./service-summary.ts";
export type { ServiceSummary } from "./service-summary.ts";

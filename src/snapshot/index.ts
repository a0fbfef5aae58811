// The contract with the data plane: the types that Rust owns, their one encoding, and what must hold in them.

export type { AccessLog } from "./generated/AccessLog.ts";
export type { Backend } from "./generated/Backend.ts";
export type { Balancer } from "./generated/Balancer.ts";
export type { Endpoint } from "./generated/Endpoint.ts";
export type { Endpoints } from "./generated/Endpoints.ts";
export type { Errors } from "./generated/Errors.ts";
export type { Header } from "./generated/Header.ts";
export type { HeaderEdit } from "./generated/HeaderEdit.ts";
export type { HealthCheck } from "./generated/HealthCheck.ts";
export type { Listener } from "./generated/Listener.ts";
export type { ListenerBounds } from "./generated/ListenerBounds.ts";
export type { Match } from "./generated/Match.ts";
export type { Origin } from "./generated/Origin.ts";
export type { PathChange } from "./generated/PathChange.ts";
export type { PathMatch } from "./generated/PathMatch.ts";
export type { Protocol } from "./generated/Protocol.ts";
export type { RequestIds } from "./generated/RequestIds.ts";
export type { Rule } from "./generated/Rule.ts";
export type { Service } from "./generated/Service.ts";
export type { Snapshot } from "./generated/Snapshot.ts";
export type { StatusRange } from "./generated/StatusRange.ts";
export type { Target } from "./generated/Target.ts";
export type { Timeouts } from "./generated/Timeouts.ts";
export type { ValueMatch } from "./generated/ValueMatch.ts";
export { decode, encode, encodeEndpoints } from "./codec.ts";
export { consistent, consistentEndpoints, type Inconsistency } from "./consistent.ts";
export { diff, type Change, type SnapshotDiff } from "./diff.ts";

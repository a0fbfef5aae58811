// The door of the control API: the shapes of its answers and the one client.
export { agentsFolder, agentSocketPath, findAgents } from "./agents.ts";
export { agentClient } from "./client.ts";
export type { AgentClient } from "./client.ts";
export type {
  Cell,
  ClassDuration,
  DurationHistogram,
  RequestCount,
  ShardStats,
  SizeHistogram,
  Stats,
  StatusClass,
} from "./stats.ts";
export type { AgentStatus, StatusDiagnostic } from "./status.ts";

// The door of the agent: start a proxy process from files, and end it well.
export { beHeld, isHeld } from "../shard/index.ts";
export { startAgent } from "./agent.ts";
export type { Agent } from "./agent.ts";
export { StartError } from "./options.ts";
export type { AgentEvent, AgentOptions } from "./options.ts";
export { untilSignalled } from "./shutdown.ts";

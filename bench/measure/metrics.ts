// What is compared between sides: one number of each slice, smaller is better.
import type { Slice } from "./slice.ts";

export interface Metric {
  name: string;
  unit: string;
  of(slice: Slice): number;
}

export const cpuPerRequest: Metric = {
  name: "cpu_per_request",
  unit: "us",
  of: (slice) => slice.cpuNs.proxy / 1_000 / slice.requests,
};

export const cpuPerKilobyte: Metric = {
  name: "cpu_per_kilobyte",
  unit: "ns/kB",
  of: (slice) => slice.cpuNs.proxy / (slice.bytes / 1_000),
};

// The families that Prometheus clients export about their own process, under the customary names.
import type { Family } from "./exposition.ts";

export interface ProcessReading {
  cpuSeconds: number;
  residentBytes: number;
  startTimeSeconds: number;
}

export function processProfile(reading: ProcessReading): Family[] {
  return [
    single(
      "process_cpu_seconds_total",
      "counter",
      "User and system CPU time of the process.",
      reading.cpuSeconds,
    ),
    single(
      "process_resident_memory_bytes",
      "gauge",
      "Resident memory of the process.",
      reading.residentBytes,
    ),
    single(
      "process_start_time_seconds",
      "gauge",
      "Start of the process since the epoch.",
      reading.startTimeSeconds,
    ),
  ];
}

function single(name: string, type: "counter" | "gauge", help: string, value: number): Family {
  return { name, type, help, samples: [{ labels: {}, value }] };
}

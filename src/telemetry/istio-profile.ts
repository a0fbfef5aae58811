// The istio profile: the metric names, labels and bounds that Istio's dashboards, Kiali, Flagger and Argo read.
// Histograms are kept per class of status, so their `response_code` names the class; counters carry the exact status.
import type { Cell, Stats, StatusClass } from "../api/index.ts";
import { countUpToNs } from "./duration-histogram.ts";
import { responseFlag } from "./error-vocabulary.ts";
import { histogramSamples, type Family, type Labels, type Sample } from "./exposition.ts";
import { countUpToBytes } from "./size-histogram.ts";

/** What the profile needs beside the counters. */
export interface ProfileContext {
  /** Of this build, for `istio_build`. */
  version: string;
  /** Namespace of a workload that calls; undefined where it is not known. */
  namespaceOf(workload: string): string | undefined;
}

export function istioProfile(stats: Stats, context: ProfileContext): Family[] {
  const http = stats.cells.filter((cell) => cell.protocol === "http");
  const tcp = stats.cells.filter((cell) => cell.protocol === "tcp");
  return [
    {
      name: "istio_build",
      type: "gauge",
      help: "Build of this proxy.",
      samples: [{ labels: { component: "proxy", tag: context.version }, value: 1 }],
    },
    counter(
      "istio_requests_total",
      "Requests.",
      http.flatMap((cell) => requestSamples(cell, context)),
    ),
    histogram(
      "istio_request_duration_milliseconds",
      "Request head in to last response byte out; response_code is the class, 2xx is all below 400.",
      http.flatMap((cell) => durationSamples(cell, context)),
    ),
    histogram(
      "istio_request_bytes",
      "Size of request bodies.",
      http.flatMap((cell) => sizes(cell, context, "requestBytes")),
    ),
    histogram(
      "istio_response_bytes",
      "Size of response bodies.",
      http.flatMap((cell) => sizes(cell, context, "responseBytes")),
    ),
    ...tcpCounters.map(({ name, help, field }) =>
      counter(
        name,
        help,
        tcp.map((cell) => ({ labels: cellLabels(cell, context), value: cell[field] })),
      ),
    ),
  ];
}

function requestSamples(cell: Cell, context: ProfileContext): Sample[] {
  return cell.requests.map(({ status, error, count }) => ({
    labels: httpLabels(cell, context, {
      response_code: String(status),
      response_flags: responseFlag(error),
    }),
    value: count,
  }));
}

function durationSamples(cell: Cell, context: ProfileContext): Sample[] {
  return cell.duration.flatMap((part) =>
    histogramSamples(httpLabels(cell, context, { response_code: classNames[part.class] }), {
      bounds,
      cumulative: bounds.map((boundMs) => countUpToNs(part, boundMs * 1e6)),
      sum: part.sumNs / 1e6,
      count: part.count,
    }),
  );
}

function sizes(
  cell: Cell,
  context: ProfileContext,
  field: "requestBytes" | "responseBytes",
): Sample[] {
  const values = cell[field];
  return histogramSamples(httpLabels(cell, context, {}), {
    bounds,
    cumulative: bounds.map((bound) => countUpToBytes(values, bound)),
    sum: values.sum,
    count: values.count,
  });
}

function httpLabels(cell: Cell, context: ProfileContext, response: Labels): Labels {
  return {
    ...cellLabels(cell, context),
    response_code: unknown,
    response_flags: unknown,
    ...response,
    grpc_response_status: "",
  };
}

function cellLabels(cell: Cell, context: ProfileContext): Labels {
  const known = cell.source !== unknown;
  return {
    reporter: "source",
    ...party(
      "source",
      cell.source,
      known ? (context.namespaceOf(cell.source) ?? unknown) : unknown,
    ),
    ...party("destination", cell.service, cell.namespace),
    destination_service: cell.service,
    destination_service_name: cell.service,
    destination_service_namespace: cell.namespace,
    request_protocol: cell.protocol,
    connection_security_policy: "none",
  };
}

/** Labels of one side. Identity, version and cluster are not known to a mesh that is written in one file. */
function party(side: "source" | "destination", name: string, namespace: string): Labels {
  return {
    [`${side}_workload`]: name,
    [`${side}_workload_namespace`]: namespace,
    [`${side}_principal`]: unknown,
    [`${side}_app`]: name,
    [`${side}_version`]: unknown,
    [`${side}_cluster`]: unknown,
    [`${side}_canonical_service`]: name,
    [`${side}_canonical_revision`]: unknown,
  };
}

function counter(name: string, help: string, samples: Sample[]): Family {
  return { name, type: "counter", help, samples };
}

function histogram(name: string, help: string, samples: Sample[]): Family {
  return { name, type: "histogram", help, samples };
}

const unknown = "unknown";
const classNames: Record<StatusClass, string> = {
  success: "2xx",
  clientError: "4xx",
  serverError: "5xx",
};
const tcpCounters = [
  { name: "istio_tcp_sent_bytes_total", help: "Bytes sent to downstream.", field: "sentBytes" },
  {
    name: "istio_tcp_received_bytes_total",
    help: "Bytes received from downstream.",
    field: "receivedBytes",
  },
  {
    name: "istio_tcp_connections_opened_total",
    help: "Relayed connections opened.",
    field: "connectionsOpened",
  },
  {
    name: "istio_tcp_connections_closed_total",
    help: "Relayed connections closed.",
    field: "connectionsClosed",
  },
] as const;
/** Milliseconds and bytes alike, as Istio has them. */
const bounds: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
  600_000, 1_800_000, 3_600_000,
];

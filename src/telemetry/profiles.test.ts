import { test } from "tap";
import { errorVocabulary, responseFlag } from "./error-vocabulary.ts";
import { writeExposition } from "./exposition.ts";
import { istioProfile } from "./istio-profile.ts";
import { nativeProfile } from "./native-profile.ts";
import { httpCell, sampleStats } from "./sample-stats.ts";

const context = {
  version: "1.2.3",
  namespaceOf: (name: string): string | undefined => (name === "web" ? "shop" : undefined),
};

function linesOf(text: string, start: string): string[] {
  return text.split("\n").filter((line) => line.startsWith(start));
}

const sides =
  'reporter="source",source_workload="web",source_workload_namespace="shop",source_principal="unknown",' +
  'source_app="web",source_version="unknown",source_cluster="unknown",source_canonical_service="web",' +
  'source_canonical_revision="unknown",destination_workload="api",destination_workload_namespace="default",' +
  'destination_principal="unknown",destination_app="api",destination_version="unknown",' +
  'destination_cluster="unknown",destination_canonical_service="api",destination_canonical_revision="unknown",' +
  'destination_service="api",destination_service_name="api",destination_service_namespace="default",' +
  'request_protocol="http",connection_security_policy="none"';

test("requests carry all of Istio's labels, the exact status and the flag of the error", (t) => {
  const text = writeExposition(istioProfile(sampleStats(), context));
  t.same(linesOf(text, "istio_requests_total"), [
    `istio_requests_total{${sides},response_code="200",response_flags="-",grpc_response_status=""} 84`,
    `istio_requests_total{${sides},response_code="404",response_flags="-",grpc_response_status=""} 6`,
    `istio_requests_total{${sides},response_code="503",response_flags="UF",grpc_response_status=""} 10`,
  ]);
  t.end();
});

test("durations are cumulative at Istio's bounds, in milliseconds", (t) => {
  const text = writeExposition(istioProfile(sampleStats(), context));
  const success = linesOf(text, "istio_request_duration_milliseconds").filter((line) =>
    line.includes('response_code="2xx"'),
  );
  const bounds = success
    .map((line) => /le="([^"]*)"/.exec(line)?.[1])
    .filter((le) => le !== undefined);
  t.same(
    bounds.join(" "),
    "0.5 1 5 10 25 50 100 250 500 1000 2500 5000 10000 30000 60000 300000 600000 1800000 3600000 +Inf",
  );
  t.match(success[0], /le="0.5"} 0$/);
  t.match(success[2], /le="5"} 84$/);
  t.match(success.at(-2), /_sum\{.*} 84$/);
  t.match(success.at(-1), /_count\{.*} 84$/);
  t.end();
});

test("sizes are counted in bytes at the same bounds", (t) => {
  const text = writeExposition(istioProfile(sampleStats(), context));
  const sizes = linesOf(text, "istio_response_bytes_bucket").map((line) => line.split(" ").at(-1));
  t.same(
    sizes.slice(6, 9),
    ["0", "96", "100"],
    "128 to 255 bytes: none up to 100, 123 of 128 up to 250",
  );
  t.end();
});

test("relayed connections and their bytes are in the TCP families, requests are not", (t) => {
  const text = writeExposition(istioProfile(sampleStats(), context));
  const tcp = linesOf(text, "istio_tcp_").map((line) => line.replace(/\{.*}/, ""));
  t.same(tcp, [
    "istio_tcp_sent_bytes_total 900",
    "istio_tcp_received_bytes_total 100",
    "istio_tcp_connections_opened_total 8",
    "istio_tcp_connections_closed_total 7",
  ]);
  t.end();
});

test("heddle's own families", (t) => {
  t.equal(
    writeExposition(nativeProfile(sampleStats())),
    `# HELP heddle_config_version Version in force of the configuration and of the endpoints.
# TYPE heddle_config_version gauge
heddle_config_version{part="configuration"} 3
heddle_config_version{part="endpoints"} 7
# HELP heddle_shard_turns_total Turns of the shard's run loop.
# TYPE heddle_shard_turns_total counter
heddle_shard_turns_total{shard="0"} 10
heddle_shard_turns_total{shard="1"} 4
# HELP heddle_shard_events_total Socket events the shard handled.
# TYPE heddle_shard_events_total counter
heddle_shard_events_total{shard="0"} 25
heddle_shard_events_total{shard="1"} 9
# HELP heddle_connections Open connections by shard and direction.
# TYPE heddle_connections gauge
heddle_connections{shard="0",peer="downstream"} 2
heddle_connections{shard="0",peer="upstream"} 3
heddle_connections{shard="1",peer="downstream"} 1
heddle_connections{shard="1",peer="upstream"} 0
# HELP heddle_shard_panics_total Faults of the proxy itself, each of which ended one connection.
# TYPE heddle_shard_panics_total counter
heddle_shard_panics_total{shard="0"} 1
heddle_shard_panics_total{shard="1"} 0
# HELP heddle_connection_errors_total Connections that were refused or ended and failures that belong to no request, by reason.
# TYPE heddle_connection_errors_total counter
heddle_connection_errors_total{error="overloaded"} 5
# HELP heddle_retries_total Requests sent a second time because the first attempt surely had no effect.
# TYPE heddle_retries_total counter
heddle_retries_total{shard="0"} 4
heddle_retries_total{shard="1"} 0
# HELP heddle_memory_bytes Memory: the budget, what the process held without connections, what it holds by the kernel's count, and what each shard holds for connections.
# TYPE heddle_memory_bytes gauge
heddle_memory_bytes{part="budget"} 128000000
heddle_memory_bytes{part="base"} 60000000
heddle_memory_bytes{part="measured"} 91000000
heddle_memory_bytes{part="connections",shard="0"} 20000
heddle_memory_bytes{part="connections",shard="1"} 9000
# HELP heddle_limits_reached_total Times that a limit of time or size ended or changed something.
# TYPE heddle_limits_reached_total counter
heddle_limits_reached_total{limit="head"} 6
# HELP heddle_request_errors_total Requests that the proxy ended itself, by reason.
# TYPE heddle_request_errors_total counter
heddle_request_errors_total{listener="web->api",service="api",error="connection_refused",status="503"} 10
# HELP heddle_endpoint_state Endpoints of a service with a health check by what its tests say.
# TYPE heddle_endpoint_state gauge
heddle_endpoint_state{service="api",state="healthy"} 1
heddle_endpoint_state{service="api",state="unhealthy"} 1
heddle_endpoint_state{service="api",state="unchecked"} 0
# HELP heddle_health_checks_total Tests of endpoints by how they ended.
# TYPE heddle_health_checks_total counter
heddle_health_checks_total{service="api",result="passed"} 20
heddle_health_checks_total{service="api",result="timeout"} 3
# HELP heddle_ejections_total Times that an endpoint was taken out, by the failure that decided it.
# TYPE heddle_ejections_total counter
heddle_ejections_total{service="api",reason="timeout"} 1
# HELP heddle_recoveries_total Times that an endpoint that was taken out came back.
# TYPE heddle_recoveries_total counter
heddle_recoveries_total{service="api"} 0
# HELP heddle_log_dropped_total Lines of the access log that were not written: a full ring, or a file that cannot be written.
# TYPE heddle_log_dropped_total counter
heddle_log_dropped_total 4
`,
  );
  t.end();
});

test("label values are escaped, and families without samples are left out", (t) => {
  const strange = { ...httpCell(), listener: 'a"b\\c\nd' };
  const text = writeExposition(nativeProfile({ ...sampleStats(), shards: [], cells: [strange] }));
  t.match(text, String.raw`listener="a\"b\\c\nd"`);
  t.notMatch(text, "heddle_connections");
  t.end();
});

test("an error has one row, and an answer of the upstream has no flag", (t) => {
  const names = errorVocabulary.map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
  t.equal(responseFlag(undefined), "-");
  t.equal(responseFlag("no_route"), "NR");
  t.end();
});

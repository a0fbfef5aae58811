import { test } from "tap";
import { errorsOfStats } from "./envoy/envoy.ts";
import { errorsOfCsv } from "./haproxy/haproxy.ts";
import { errorsOfLog } from "./nginx/nginx.ts";

test("HAProxy's error columns are summed without its statistics page", (t) => {
  const csv = [
    "# pxname,svname,ereq,econ,eresp,wretr,wredis,hrsp_5xx,",
    "edge,FRONTEND,2,,,,,1,",
    "api,upstream,,3,0,4,0,0,",
    "statistics,FRONTEND,9,,,,,9,",
  ].join("\n");
  t.same(errorsOfCsv(csv), { ereq: 2, econ: 3, wretr: 4, hrsp_5xx: 1 });
  t.end();
});

test("nginx's log counts errors and not warnings", (t) => {
  const log = [
    "2026/11/23 10:00:00 [warn] 1#1: a",
    "2026/11/23 10:00:00 [error] 1#1: *3 connect() failed",
    "2026/11/23 10:00:01 [error] 1#1: *4 connect() failed",
    "2026/11/23 10:00:01 [alert] 1#1: b",
  ].join("\n");
  t.same(errorsOfLog(log), { log_error: 2, log_alert: 1 });
  t.end();
});

test("Envoy's failures of the measured cluster are kept and its traffic is not", (t) => {
  const stats = [
    "cluster.api.upstream_rq_200: 500",
    "cluster.api.upstream_cx_connect_fail: 1",
    "cluster.api.upstream_rq_5xx: 2",
    "cluster.api.upstream_rq_retry: 0",
    "cluster.other.upstream_rq_5xx: 7",
  ].join("\n");
  t.same(errorsOfStats(stats), { upstream_cx_connect_fail: 1, upstream_rq_5xx: 2 });
  t.end();
});

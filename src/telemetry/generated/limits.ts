// Generated from native/proxy by ci/generated. Do not edit.
export const limits = [
  {"name":"request head","counted":"head","value":10000,"unit":"ms","setBy":{"of":"listener","member":"headMs","key":"timeouts.head"},"beyond":"408"},
  {"name":"request body, after 10 s","counted":"body_rate","value":1024,"unit":"bytes/s","setBy":{"of":"listener","member":"bodyBytesPerSecond","key":"limits.bodyBytesPerSecond"},"beyond":"408"},
  {"name":"head of a request","counted":"head_size","value":32768,"unit":"bytes","beyond":"431"},
  {"name":"one field of a head","counted":"head_size","value":16384,"unit":"bytes","beyond":"431"},
  {"name":"fields of a head","counted":"head_size","value":128,"unit":"count","beyond":"431"},
  {"name":"request target","counted":"target_size","value":8192,"unit":"bytes","beyond":"414"},
  {"name":"proxies on the way","counted":"hops","value":10,"unit":"count","beyond":"508"},
  {"name":"informational responses","counted":"informational","value":8,"unit":"count","beyond":"502"},
  {"name":"nothing moves in a stream or tunnel","counted":"stream_idle","value":300000,"unit":"ms","setBy":{"of":"http service","member":"streamIdleMs","key":"timeouts.streamIdle"},"beyond":"504"},
  {"name":"connection without a request","counted":"downstream_idle","value":60000,"unit":"ms","setBy":{"of":"listener","member":"idleMs","key":"timeouts.idle"},"beyond":"closed"},
  {"name":"unused connection to an endpoint","counted":"upstream_idle","value":55000,"unit":"ms","setBy":{"of":"service","member":"idleMs","key":"timeouts.idle"},"beyond":"closed"},
  {"name":"age of a connection, +-10 %","counted":"connection_age","value":3600000,"unit":"ms","setBy":{"of":"listener","member":"ageMs","key":"timeouts.age"},"beyond":"Connection: close"},
  {"name":"connections to an endpoint, per shard","counted":"endpoint_connections","value":1024,"unit":"count","beyond":"503"},
  {"name":"client holds one of those up","counted":"made_room","value":1000,"unit":"ms","beyond":"408, when others need it"},
  {"name":"last answer is not taken","counted":"flush","value":30000,"unit":"ms","beyond":"reset"},
  {"name":"peer goes on after the last answer","counted":"linger","value":2000,"unit":"ms","beyond":"reset"},
  {"name":"silence after the first FIN","counted":"half_open","value":60000,"unit":"ms","beyond":"reset"},
  {"name":"silence of a TCP connection","counted":"tunnel_idle","value":3600000,"unit":"ms","setBy":{"of":"tcp service","member":"streamIdleMs","key":"timeouts.streamIdle"},"beyond":"reset"},
] as const;
export const memory = {
  "downstreamBytes":616,"upstreamBytes":344,"blockBytes":8752,"bulkBlockBytes":33328,"queueBytes":262144,
  "ladder":[
    {"permille":800,"counted":"memory_shrink","does":"free buffers and idle connections to endpoints go, reads are small"},
    {"permille":850,"counted":"memory_hurry","does":"idle connections live shorter"},
    {"permille":900,"counted":"memory_last","does":"each response ends its connection"},
    {"permille":950,"counted":"memory_refuse","does":"no connection is accepted"},
    {"permille":970,"counted":"memory_shed","does":"connections that hold most are given up (overloaded)"},
  ],
} as const;

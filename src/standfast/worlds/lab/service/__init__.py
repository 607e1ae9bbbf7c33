"""The built-in service of the lab: stands in for a service whose own command is not given.

    python -m standfast.worlds.lab.service CONFIG.json

It does for each request what the spec says of the service: its CPU time, its wait, its calls and its stores; serves the
health check and /metrics; passes W3C trace context on. SIGTERM: unhealthy for `drain` seconds, then no new
connections, then the answers on their way, then the end. SIGINT the same without the drain.

CONFIG.json (times in seconds, shares as fractions, sizes in bytes; what has no default is required):

    name, address, port      who it is and where it listens (address: inside 127.0.0.0/8)
    health     "/healthz"    path of the health check
    cpu        0.0           CPU time of a request on a reference core, mean of a gamma time …
    variation  1.0           … with this coefficient of variation
    speed      1.0           this machine's core, in reference cores: `cpu / speed` is really used per request
    cores      1             requests that use CPU at once; the others stand in one line, first come first served
    wait       0.0           waiting on the world outside, after the CPU time
    response   1024          size of an answer
    patience   2.0           a request that would stand in line longer is answered 503 at once; 0: never
    timeout    5.0           for each essential call; `optional_timeout` 0.25 for those that are not essential
    calls      []            in order: {to, times 1, share 1, parallel false, essential true, cached_by "", hit_rate 0}
    targets    {}            by name, for each `to` and `cached_by`: {kind, url} and
                 service     url http(s)://host:port/path; `host` (sent and verified; else that of the url), `ca` (file)
                 postgres    url as libpq takes it, several hosts with target_session_attrs=read-write;
                             `reads` 0.8 share of reads, `connections` 4
                 redis       url redis://:password@host:port; `reads` 0.8
                 objects     url of a bucket, http(s)://host:port/bucket; `host`, `ca`
    buckets    []            seconds: bounds of the latency histogram beside the usual ones (each promised latency)
    otlp       ""            http://host:port of a collector that takes OTLP/HTTP with JSON; "": no spans are sent
    version    "1"           told by /metrics and in spans
    fails_health false       a bad deploy: runs, and never says that it is healthy
    fails      0.0           a worse one: says that it is healthy, and answers 500 to this share of requests
    drain      0.0           see above; `grace` 5.0 is how long answers on their way may take then
    log        "errors"      or "all": one JSON line per request on stderr, with its trace

A request fails with 502 where an essential call of it failed, with 503 where that was refused with 503. A store or
service that is not essential is asked with `optional_timeout`; after three failures in a row it is left alone for a
second, so its loss costs next to nothing. A cache holds what it was given: an empty one misses.
"""

"""Load on the lab: requests that are sent when they are due, whether or not the last one came back.

An open loop. Arrivals are Poisson, drawn before the first is sent; a request's time runs from when it was due, not from
when it could be sent, so a system that stalls is seen to stall for all who would have come meanwhile (Tene, "How NOT
to Measure Latency", 2013, calls the other way coordinated omission). The generator is a process of its own:

    python -m standfast.worlds.lab.load ORDER.json

    ORDER.json   {entries: [{url, host, ca, share}], phases: [{rps, seconds}], seed, timeout, record}
    record       a CSV file, one line per request when it has ended: due,late,took,status,why (see `record`)
    on stdout    a JSON line a second: began (monotonic), at, due, answered, failed, waiting, p95 (of that second)

SIGTERM and SIGINT end it early: what was due by then is waited for, and written down.
"""

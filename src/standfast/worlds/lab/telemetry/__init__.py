"""Where the lab's log lines and traces are kept, and searched: python -m standfast.worlds.lab.telemetry CONFIG.json

Lines come from the hosts by rsyslog, as the role `log_shipper` sets it up (RFC 5424 in RFC 6587's octet counting);
spans come from the services by OTLP/HTTP in JSON, and from the edge's own lines. What the spec's data classes forbid is
masked before a line or an attribute is kept. `/metrics` tells what a cloud would tell of its stores.

store     a file of SQLite: lines in a full-text index (FTS5), spans
masking   the masks of `watch/private.py`, on lines and on attributes
syslog    frames and lines of rsyslog
spans     spans out of OTLP, and out of a line of the edge
tree      one trace as a tree
figures   processors, memory and storage of what runs in the lab
program   what listens
runs      the programs of it, and the shippers of the hosts, as the lab starts them
"""

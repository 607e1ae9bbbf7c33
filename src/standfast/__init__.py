"""Standfast: one file says what production must promise; the rest follows from it.

A spec becomes a `System` (`spec`). Over what the clouds sell (`clouds`) the plan makes an exact, explained
choice (`plan`). The choice becomes cloud resources (`blueprint`), written as code (`code`) and as monitoring
(`watch`). It is brought up in a world (`worlds`), what was seen is kept as evidence (`ledger`), judged
(`audit`, `drill`) and operated (`operate`). At the end stands the promise table: declared, predicted,
measured, verdict (`promise`). Data flows in this order and never back; `tests/test_architecture.py` holds it.
"""

VERSION = "0.1.0"

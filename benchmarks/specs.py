"""Made-up specs of any size, the same for the same seed: python benchmarks/specs.py SERVICES [SEED] [CLOUD ...]

Service k is called by service (k - 1) // 3: the calls are a tree of fan-out three, about seven levels deep for a
thousand services. Every call is made by some of the requests only, and half of them beside their siblings. Half of them
are essential: with more, the outages of a thousand services add up to more than 99.9 % allows. A tenth of the services,
and one more, read a database with a cache before it; one database is essential, at 99.95 % there is room for no other.
The peak grows with the square root of the services. Instances, zones and data are promised to come back; p95 is set to
what binds a little.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence

FAN_OUT = 3
OPTIONAL = 0.5  # of the calls between services: a request is answered without them
RESIDENCE = "any"  # every region of every cloud
TIGHT = 6.0  # p95 as a multiple of the mean time of a request on the reference core: tighter binds more
HOP = 1.0  # ms between two parts, as the models have it
NETWORK = 40.0  # ms from the users to a region near them, and back
TIMES = {"postgres": 2.5, "redis": 0.3}  # ms, mean, of a call to a store


def spec(services: int, seed: int = 1, clouds: Sequence[str] = ("aws",)) -> str:
    """The text of a spec of so many services (and a fifth as many stores, and two)."""
    chance = random.Random(seed)
    stores = services // 10 + 1
    cpu = [chance.uniform(2.0, 12.0) for _ in range(services)]  # ms
    memory = [chance.choice((256, 400, 700, 1024, 1800)) for _ in range(services)]  # MiB
    calls: list[list[dict[str, str]]] = [[] for _ in range(services)]
    mean = list(cpu)  # ms of a whole visit, one call after the other
    owners = {0, *(round((k + 0.5) * services / stores) % services for k in range(1, stores))}
    owners |= set(chance.sample(sorted(set(range(services)) - owners), stores - len(owners)))
    for k, owner in enumerate(sorted(owners)):
        calls[owner].append({"to": f"data-{k}", "cached_by": f"cache-{k}"} | ({} if k == 0 else {"essential": "false"}))
        mean[owner] += TIMES["redis"] + HOP + 0.2 * (TIMES["postgres"] + HOP)
    for child in range(services - 1, 0, -1):  # children stand before their parents here
        parent, share, beside = (child - 1) // FAN_OUT, chance.randint(20, 50), chance.random() < 0.5
        made = {"parallel": "true"} if beside else {}
        made |= {"essential": "false"} if chance.random() < OPTIONAL else {}
        calls[parent].append({"to": f"s{child}", "share": f"{share}%"} | made)
        mean[parent] += share / 100 * (mean[child] + HOP) * (0.7 if beside else 1.0)
    peak = round(500 * (services / 10) ** 0.5)
    lines = [
        f"system: made-{services}",
        "owner: made@example.org",
        "promises:",
        f"  scalability: {{peak: {peak} rps, average: {peak // 4} rps}}",
        "  reliability:",
        "    availability: 99.9%",
        "    recovery:",
        "      instance: {rto: 2 min, rpo: 0 s}",
        "      zone: {rto: 3 min, rpo: 0 s}",
        "      corruption: {rto: 4 h, rpo: 5 min}",
        f"  performance: {{p95: {NETWORK + TIGHT * mean[0]:.0f} ms, users: {{DE: 60%, FR: 40%}}}}",
        f"rules: {{clouds: [{', '.join(clouds)}], residency: {RESIDENCE}}}",
        "deploys: {rate: 1/week, failure: 1%, rollback: 1 min}",
        "services:",
    ]
    for k in range(services):
        made = ", ".join("{" + ", ".join(f"{key}: {word}" for key, word in call.items()) + "}" for call in calls[k])
        fields = [f"image: example.org/s{k}:1", f"cpu: {cpu[k]:.1f} ms", f"memory: {memory[k]} MiB", "response: 8 KiB"]
        fields += ["public: true"] * (k == 0) + [f"calls: [{made}]"] * bool(made)
        lines.append(f"  s{k}: {{{', '.join(fields)}}}")
    lines.append("stores:")
    for k in range(stores):
        needed = "" if k == 0 else ", essential: false"
        lines.append(f"  data-{k}: {{kind: postgres, data: {chance.choice((20, 50, 100, 200))} GiB{needed}}}")
        lines.append(f"  cache-{k}: {{kind: redis, memory: {chance.choice((1, 2, 4))} GiB, essential: false}}")
    return "\n".join(lines) + "\n"


def main() -> None:
    services, seed = (int(word) for word in [*sys.argv[1:3], "1"][:2])
    sys.stdout.write(spec(services, seed, sys.argv[3:] or ("aws",)))


if __name__ == "__main__":
    main()

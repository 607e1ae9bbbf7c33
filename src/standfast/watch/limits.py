"""How many connections a managed database takes where nobody says otherwise. Each figure was read on 2026-11-28."""

from __future__ import annotations

GIB = 2**30
# Cloud SQL, by its memory in GiB (cloud.google.com/sql/docs/postgres/flags and faq); MySQL: all but the smallest two
CLOUD_SQL_POSTGRES = ((120, 1000), (60, 800), (30, 600), (15, 500), (7.5, 400), (6, 200), (3.75, 100), (1.7, 50))
CLOUD_SQL_MYSQL = 4000
# RDS: bytes of memory for each (docs.aws.amazon.com/AmazonRDS, CHAP_Limits: LEAST({DBInstanceClassMemory/9531392},5000)
# and {DBInstanceClassMemory/12582880}). DBInstanceClassMemory is what the host leaves of the class's memory: users who
# asked theirs were told 198 of 2 GiB, 413 of 4, 856 of 8, 1,660 of 15.25 (PostgreSQL), 307 of 4 (MySQL): 0.88 to 0.97.
RDS_BYTES = {"postgres": 9_531_392, "mysql": 12_582_880}
RDS_MOST = {"postgres": 5000, "mysql": 16_000}
RDS_LEFT = 0.9  # assumed, on the side of the earlier ticket
# Azure's flexible servers (learn.microsoft.com): PostgreSQL's concepts-limits, of which 15 are Azure's own; the
# smallest server, of 2 GiB, takes 50. MySQL's concepts-server-parameters: a connection for each 12 MiB.
AZURE_POSTGRES, AZURE_MOST, AZURE_OWN, AZURE_SMALLEST = 859 / 8, 5000, 15, 50
AZURE_MYSQL = GIB / (12 * 2**20)


def most_connections(cloud: str, kind: str, memory: float) -> float:
    """Connections that a managed database takes by default, from its memory in GiB."""
    if cloud == "aws":
        return min(RDS_MOST[kind], memory * RDS_LEFT * GIB // RDS_BYTES[kind])
    if cloud == "azure":
        if kind == "mysql":
            return round(AZURE_MYSQL * memory)
        most = AZURE_SMALLEST if memory <= 2 else min(AZURE_MOST, AZURE_POSTGRES * memory // 1)
        return most - AZURE_OWN
    if kind == "mysql":
        return CLOUD_SQL_MYSQL
    return next((most for least, most in CLOUD_SQL_POSTGRES if memory >= least), 25)

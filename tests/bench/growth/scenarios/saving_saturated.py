"""200 readers with a key every 2 s would send 100 scores a second; here they never pause."""

from __future__ import annotations

from ..load import Load
from ..table import Figures
from ..versions import Version

WHAT = "saving, 200 readers without a pause"
TARGET = "120 requests/s"
RECORDED = {1_000: "59 requests/s, p95 2.9 s", 10_000: "59 requests/s, p95 2.9 s"}
LARGEST_ONLY = True
READERS, WARMING_UP, SECONDS = 200, 8, 15
EVERY_S = 0.0


def measure(version: Version, cases: int) -> Figures:
    """Compared by the processor time of web server and database per saved score."""
    return saving(version, cases, every_s=EVERY_S, readers=READERS)


def saving(
    version: Version, cases: int, *, every_s: float, readers: int, page: str = ""
) -> Figures:
    """Let readers save scores, while two coordinators watch ``page`` if there is one."""
    database = version.database("crowd", cases)
    signed_in = version.probe(database, "study:sign_in_readers", count=readers + WARMING_UP)
    watchers = []
    if page:
        names = ("clara", "sita")
        watchers = [version.probe(database, "study:session_of", username=name) for name in names]
    with version.server(database) as server:
        Load(server.port, signed_in[:WARMING_UP], 0.0, 3.0).run()
        before = server.cpu_s()
        load = Load(server.port, signed_in[WARMING_UP:], every_s, SECONDS, page, watchers).run()
        cpu_ms = 1000 * (server.cpu_s() - before) / len(load.saved_s)
    text = (
        f"{load.per_second:.0f} requests/s, p95 {load.p95_ms:,.0f} ms, {cpu_ms:.1f} ms CPU a score"
    )
    return Figures(load.p95_ms if page else cpu_ms, text)

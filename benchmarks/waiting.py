"""How long people wait for an answer: ``python -m benchmarks.waiting`` → ``results/waiting.json``.

A simulation (SimPy), by number of people and servers. Measured: answer times, drawn at random from
``results/newsroom.json``. Assumed: each person reads for two minutes on average (exponential) before the next question;
a server writes one answer at a time; all servers share one queue. A person has one question at a time, so the fair
queue is first come, first served. For comparison, ``results/load.json`` has 20 people who did not read, and one server.
"""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import simpy

RESULTS = Path(__file__).parent / "results"
READING_S = 120.0
_HOURS = 2
_WARM_S = 600.0  # until the queue has reached its steady length
_PEOPLE = (10, 100, 1000)
_SERVERS = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True)
class Waits:
    """What people experienced, in seconds. ``busy``: the share of the servers' time in use."""

    people: int
    servers: int
    wait_p50: float
    wait_p95: float
    total_p50: float
    total_p95: float
    busy: float
    answers_an_hour: float


def simulate(people: int, servers: int, seconds: Sequence[float], reading: float, hours: float = _HOURS) -> Waits:
    """Simulate people asking for some hours, with each answer taking one of ``seconds``."""
    chance, environment = random.Random(0), simpy.Environment()
    line = simpy.Resource(environment, servers)
    waits: list[float] = []
    totals: list[float] = []
    worked: list[float] = []

    def person() -> Generator[simpy.Event, Any, None]:
        yield environment.timeout(chance.expovariate(1 / reading) if reading else 0)
        while True:
            asked = environment.now
            with line.request() as turn:
                yield turn
                begun, takes = environment.now, chance.choice(seconds)
                yield environment.timeout(takes)
            if asked >= _WARM_S:
                waits.append(begun - asked)
                totals.append(environment.now - asked)
            if begun >= _WARM_S:
                worked.append(takes)
            yield environment.timeout(chance.expovariate(1 / reading) if reading else 0)

    for _ in range(people):
        environment.process(person())
    lasts = hours * 3600
    environment.run(lasts)
    counted = lasts - _WARM_S
    return Waits(
        people=people,
        servers=servers,
        wait_p50=_quantile(waits, 0.5),
        wait_p95=_quantile(waits, 0.95),
        total_p50=_quantile(totals, 0.5),
        total_p95=_quantile(totals, 0.95),
        busy=round(min(1.0, sum(worked) / counted / servers), 3),
        answers_an_hour=round(len(worked) / counted * 3600, 1),
    )


def _quantile(found: Sequence[float], share: float) -> float:
    if not found:
        return float("nan")
    return round(sorted(found)[min(len(found) - 1, int(share * len(found)))], 2)


def measured_seconds() -> list[float]:
    """The answer times of the last run of the newsroom questions."""
    held = json.loads((RESULTS / "newsroom.json").read_text(encoding="utf-8"))
    return [float(answer["timings"]["total_ms"]) / 1000 for answer in held["newsroom_dev"]["answers"]]


def main() -> None:
    """Run all simulations and save the results."""
    seconds = measured_seconds()
    load = json.loads((RESULTS / "load.json").read_text(encoding="utf-8"))
    check = simulate(load["people"], 1, seconds, 0.0)
    result = {
        "benchmark": "waiting",
        "kind": "simulated",
        "reading_s": READING_S,
        "answer_s": {"answers": len(seconds), "mean": round(statistics.fmean(seconds), 3)},
        "check": {"measured_total_p50": round(load["total_s_p50"], 1), "simulated_total_p50": check.total_p50},
        "rows": [
            asdict(simulate(people, servers, seconds, READING_S))
            for people in _PEOPLE
            for servers in _SERVERS
            if servers <= people
        ],
    }
    path = RESULTS / "waiting.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

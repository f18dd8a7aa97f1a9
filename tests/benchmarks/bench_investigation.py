"""How long an investigation takes when every AWS call takes 100 ms, and how many calls it makes.

The yardstick is the longest chain of dependent calls: a call depends on another one when a value
of its parameters was first seen in the other's reply. A run that makes calls one after the other
without need is longer than its chain. The sandbox runs in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LATENCY_MS = 100
RUNS = 5
# Shorter texts (names of regions, numbers) say nothing about where they come from.
_TELLING = 8


@dataclass
class Called:
    """One call: when it began and ended, what it was asked, and what it answered."""

    name: str
    asked: set[str]
    began: float
    ended: float = 0.0
    told: set[str] = field(default_factory=set)
    question: str = ""


class Tracer:
    """Follows every call of every client that an investigation makes."""

    def __init__(self) -> None:
        self.calls: list[Called] = []
        self._open = threading.local()

    def attach(self, client: Any) -> Any:
        client.meta.events.register("provide-client-params.*.*", self._begin)
        client.meta.events.register("after-call.*.*", self._end)
        return client

    def _begin(self, params: Any, model: Any, **_: Any) -> None:
        name = f"{model.service_model.service_name}:{model.name}"
        question = json.dumps([name, params], default=str, sort_keys=True)
        self._open.call = Called(name, _texts(params), time.perf_counter(), question=question)
        self.calls.append(self._open.call)

    def _end(self, parsed: Any, **_: Any) -> None:
        self._open.call.ended = time.perf_counter()
        self._open.call.told = _texts(parsed)


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*(_texts(item) for item in value.values()), set())
    if isinstance(value, list | tuple):
        return set().union(*(_texts(item) for item in value), set())
    if not isinstance(value, str) or len(value) < _TELLING:
        return set()
    # The ARN of a role or of a log group tells its name too.
    group = value.partition(":log-group:")[2].removesuffix(":*")
    names = {value.rsplit("/", 1)[-1], group} - {""}
    return {value, *names} if value.startswith("arn:") else {value}


def chain(calls: list[Called], given: set[str]) -> tuple[float, list[str]]:
    """Return the longest chain of dependent calls: its seconds and the names of its calls."""
    best: dict[int, tuple[float, list[str]]] = {}
    ordered = sorted(calls, key=lambda each: each.began)
    for number, call in enumerate(ordered):
        # What a call was asked before any reply told it, is known without that reply.
        new = call.asked - given
        sources = [
            index
            for index, other in enumerate(ordered[:number])
            if other.ended <= call.began
            and (new & other.told or _decides(other, call, new, ordered))
        ]
        before = max((best[each] for each in sources), default=(0.0, []))
        best[number] = (before[0] + call.ended - call.began, [*before[1], call.name])
        given = given | (call.asked if not sources else set())
    return max(best.values())


def _decides(other: Called, call: Called, new: set[str], ordered: list[Called]) -> bool:
    """Tell whether a trail's selectors made its log group the one to ask, by no value of theirs."""
    if other.name != "cloudtrail:GetEventSelectors" or call.name != "logs:StartQuery":
        return False
    return any(each.name == "cloudtrail:DescribeTrails" and new & each.told for each in ordered)


def measure() -> dict[str, Any]:
    """Investigate once in this process, and describe the run."""
    import rumkit
    from rumkit.aws.session import AwsSession
    from rumkit.client.find import find_snippets
    from rumkit.client.page import read_page

    tracer = Tracer()
    build = AwsSession._build
    AwsSession._build = lambda self, service, region: tracer.attach(build(self, service, region))
    rumkit.investigate()
    tracer.calls.clear()
    began = time.perf_counter()
    found = rumkit.investigate()
    wall = time.perf_counter() - began
    page_began = time.perf_counter()
    page = read_page(os.environ["RUMKIT_PAGE"])
    page_seconds = time.perf_counter() - page_began
    given = {os.environ["RUMKIT_MONITOR"]}
    for snippet in find_snippets(page):
        given |= _texts([snippet.app_monitor_id, dict(snippet.config)])
    seconds, names = chain(tracer.calls, given)
    questions = [c.question for c in tracer.calls if not c.name.endswith("GetQueryResults")]
    return {
        "verdict": str(found.verdict),
        "wall": wall,
        # Which pool to ask about is known only once the page has been read.
        "chain": page_seconds + seconds,
        "names": names,
        "calls": len(tracer.calls),
        "twice": len(questions) - len(set(questions)),
    }


def main() -> None:
    """Print the table; the first investigation of each process warms it up."""
    if len(sys.argv) > 1 and sys.argv[1] == "--one":
        print(json.dumps(measure()))
        return
    rumkit = Path(sys.executable).with_name("rumkit")
    env = {**os.environ, "RUMKIT_SANDBOX_LATENCY_MS": str(LATENCY_MS)}
    runs = []
    for _ in range(RUNS):
        done = subprocess.run(
            [rumkit, "sandbox", "healthy", "--", sys.executable, __file__, "--one"],
            env=env, capture_output=True, text=True, timeout=300, check=True,
        )  # fmt: skip
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    runs.sort(key=lambda run: run["wall"] / run["chain"])
    middle = runs[len(runs) // 2]
    print(f"every AWS call slowed to {LATENCY_MS} ms; median of {RUNS} runs")
    print(f"longest chain  {middle['chain']:.2f} s: {' -> '.join(['page', *middle['names']])}")
    print(f"investigation  {middle['wall']:.2f} s, {middle['wall'] / middle['chain']:.2f} times")
    print(f"calls          {middle['calls']}, made twice: {middle['twice']}")


if __name__ == "__main__":
    main()

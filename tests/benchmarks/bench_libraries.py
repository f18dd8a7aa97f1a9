"""Each library that could do an engine's work, beside what did it or does it, in one run.

    python tests/benchmarks/bench_libraries.py [patterns recording page]

The ways take turns; printed are the least and the median of each. What was replaced is taken from
the repository's history. ijson is no requirement: `pip install ijson` has it measured too.

CBOR is read nowhere (AWS's RPC v2 bodies are refused by the sandbox, and no client sends them to
RUM), so there is nothing that cbor2 could replace.
"""

from __future__ import annotations

import gzip
import random
import statistics
import subprocess
import sys
import tempfile
import time
import types
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1] / "client"))

from bench_recording import write_har
from loopback import Site

from rumkit.client import fetch, regexp

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
# The last commit that had the state machine and the page reader on http.client.
FORMER = "01805ba"
TURNS = 7


def former(path: str) -> Any:
    """Return a module as it was before its library came; None where the history lacks it."""
    shown = subprocess.run(
        ["git", "show", f"{FORMER}:{path}"], cwd=HERE, capture_output=True, text=True, check=False
    )
    if shown.returncode:
        return None
    module = types.ModuleType("former")
    sys.modules["former"] = module
    exec(shown.stdout, module.__dict__)  # our own code, from our own history
    return module


def by_turns(ways: dict[str, Callable[[], object]], turns: int = TURNS) -> dict[str, str]:
    """Run each way in turn; return least and median milliseconds of each, written out."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(turns):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            taken[name].append(1_000 * (time.perf_counter() - begun))
    return {
        name: f"{min(each):9.2f} ms least {statistics.median(each):9.2f} ms median"
        for name, each in taken.items()
    }


def show(title: str, results: dict[str, str]) -> None:
    """Print what came of one comparison."""
    print(title)
    for name, result in results.items():
        print(f"  {name:26} {result}")


URLS = [
    f"https://{host}/{path}?{query}"
    for host in ("www.shop.example", "api.shop.example", "cdn.other.example")
    for path in ("", "basket", "products/1234/reviews", "a/" * 40, "catalogue/winter-2026")
    for query in ("", "utm_source=mail&utm_campaign=autumn", "q=" + "x" * 300, "page=2&sort=price")
]
PATTERNS = {
    "written by people": [
        "^https:\\/\\/www\\.shop\\.example\\/", "basket|checkout", "\\/products\\/\\d+\\/",
        "^(?!x)", "[?&]page=\\d{1,3}(&|$)", "SHOP\\.EXAMPLE", "\\.(?:css|js|png|jpe?g)$", ".*",
    ],
    "hostile": ["(a+)+$", "(.*){20}y", "(x+x+)+y", "([^/]*/)*[0-9]+$", "(.a?){150}#"],
}  # fmt: skip


def patterns() -> None:
    """JavaScript's patterns: RE2 beside the state machine that it replaced."""
    old = former("rumkit/client/regexp.py")
    engines = {"RE2, google-re2": regexp.matches}
    if old:
        engines = {"state machine, former": old.matches, **engines}
    for kind, asked in PATTERNS.items():
        ways = {
            name: lambda matches=matches, asked=asked: [
                matches(pattern, "i", url) for pattern in asked for url in URLS
            ]
            for name, matches in engines.items()
        }
        answers = [way() for way in ways.values()]
        assert all(set(each) <= {first, None} for first, *each in zip(*answers, strict=True)), kind
        show(
            f"patterns {kind}: {len(asked)} on {len(URLS)} URLs",
            by_turns(ways, 3 if kind == "hostile" else TURNS),
        )


# Not ru_maxrss, which a process inherits from the one that starts it.
COST = """
taken = time.perf_counter() - start
with open("/proc/self/status") as file:
    peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
print(taken, peak / 1024)
"""
OURS = """
import sys, time
from rumkit.client.har.reader import read_har
start = time.perf_counter()
facts = read_har(sys.argv[1], lambda entry, utf8: None)
print(facts.entries)
"""
IJSON = """
import sys, time
import ijson
start = time.perf_counter()
entries = 0
try:
    with open(sys.argv[1], "rb") as file:
        for entry in ijson.get_backend("yajl2_c").items(file, "log.entries.item", use_float=True):
            entries += 1
except ijson.common.JSONError:
    pass
print(entries)
"""


def recording() -> None:
    """A HAR read piece by piece: our window with json's decoder beside ijson on yajl."""
    ways = {"har/reader.py": OURS}
    if util.find_spec("ijson"):
        ways["ijson, yajl2_c"] = IJSON
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.har"
        write_har(whole, 50)
        data = whole.read_bytes()
        cut, broken = Path(folder) / "cut.har", Path(folder) / "broken.har"
        cut.write_bytes(data[: len(data) // 2])
        at = data.index(b'"time": 12.5', len(data) // 2)
        broken.write_bytes(data[:at] + b'"time": 12,5' + data[at + 12 :])
        for path in (whole, cut, broken):
            size = f"{path.stat().st_size / 1e6:.0f} MB HAR, {path.stem}"
            show(f"recording: {size}", _processes(ways, path))


def _processes(ways: dict[str, str], path: Path) -> dict[str, str]:
    taken: dict[str, list[list[float]]] = {name: [] for name in ways}
    for _ in range(5):
        for name, code in ways.items():
            done = subprocess.run(
                [sys.executable, "-c", code + COST, str(path)],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            taken[name].append([float(number) for number in done.stdout.split()])
    results = {}
    for name, each in taken.items():
        entries, wall, memory = zip(*each, strict=True)
        results[name] = (
            f"{min(wall):6.2f} s least {statistics.median(wall):6.2f} s median "
            f"{min(memory):5.0f} MB, {entries[0]:.0f} entries"
        )
    return results


def page() -> None:
    """A page of 2 MB, compressed, from loopback: urllib3 beside http.client and our own inflate."""
    picked = random.Random(5)
    text = "".join(picked.choices("abcdefgh <>/=\n", k=2_000_000)).encode()
    site = Site()
    for path, coding, body in (
        ("/plain", "identity", text),
        ("/gzip", "gzip", gzip.compress(text)),
        ("/bomb", "gzip", gzip.compress(b"x" * 200_000_000)),
        ("/small", "gzip", gzip.compress(text[:2_000])),
    ):
        site.reply(path, 200, [("Content-Encoding", coding)], body)
    readers = {"urllib3": fetch.fetch}
    if old := former("rumkit/client/fetch.py"):
        readers = {"http.client, former": old.fetch, **readers}
    for path in ("/small", "/plain", "/gzip", "/bomb"):
        ways = {
            name: lambda read=read, path=path: read(site.url(path), timeout=60, max_bytes=5_000_000)
            for name, read in readers.items()
        }
        assert len({way().body for way in ways.values()}) == 1, path  # type: ignore[attr-defined]
        show(f"page: {path[1:]}", by_turns(ways))
    site.server.shutdown()


SECTIONS = {"patterns": patterns, "recording": recording, "page": page}


def main(names: list[str]) -> None:
    """Run the named comparisons, or all."""
    for name in names or SECTIONS:
        SECTIONS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])

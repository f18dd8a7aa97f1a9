"""How long a 5 MB page takes to read: its scripts and policies, and the snippets in them.

The last line is the slowest of many texts of 1 MB that nobody writes.

Run it with `python tests/benchmarks/bench_page.py`; times are the median of five runs.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "client"))

from installs import POOL, ROLE, loader, page
from test_snippet_hostile import REPEATED

from rumkit.client.find import find_snippets
from rumkit.client.page import page_from_html

if TYPE_CHECKING:
    from collections.abc import Callable

_SIZE = 5_000_000
_CONFIG = f"{{identityPoolId:'{POOL}',guestRoleArn:'{ROLE}',telemetries:['errors','http']}}"
_CARD = (
    "<div class='card' data-id='{i}'><h2>Item {i}</h2><p>Some text about it &amp; <b>more</b></p>"
    "<a href='/item/{i}'>see</a></div>\n"
)
_CODE = "function f{i}(a,b){{var c={{x:1,y:'abc'}};if(a>b){{return c.x+b}}return a}}\n"


def _filled(piece: str, size: int) -> str:
    length = len(piece.format(i=10_000))
    return "".join(piece.format(i=i) for i in range(size // length))


def _page(head: str, body: str) -> str:
    return (
        "<!doctype html><html><head><meta charset=utf-8>"
        f"<script>{loader(_CONFIG)}</script>{head}</head><body>{body}</body></html>"
    )


def _pages() -> dict[str, str]:
    state = json.dumps([{"id": i, "name": f"Item {i}", "price": 9.5} for i in range(_SIZE // 44)])
    bundle = _filled(_CODE, _SIZE)
    middle = len(bundle) // 2 // 79 * 79
    half = bundle.find("\n", middle) + 1
    return {
        "5 MB of markup": _page("", _filled(_CARD, _SIZE)),
        "5 MB of state in a script": _page(f"<script>window.S={state}</script>", ""),
        "5 MB bundle beside the snippet": _page("", f"<script>{bundle}</script>"),
        "5 MB bundle around the snippet": (
            f"<head><script>{bundle[:half]}{loader(_CONFIG)}{bundle[half:]}</script>"
        ),
    }


def _median(run: Callable[[], object]) -> tuple[float, float]:
    """Return wall and processor seconds; on a busy machine the second one tells more."""
    walls, processors = [], []
    for _ in range(5):
        wall, processor = time.perf_counter(), time.process_time()
        run()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return statistics.median(walls), statistics.median(processors)


def main() -> None:
    """Print one line for each kind of page."""
    find_snippets(_page("", ""))  # the parsers' own imports are not the page's time
    for name, text in _pages().items():
        found = find_snippets(page_from_html(text))
        assert len(found) == 1, name
        assert found[0].config["telemetries"] == ["errors", "http"], name
        wall, processor = _median(lambda text=text: find_snippets(page_from_html(text)))
        megabytes = len(text.encode()) / 1e6
        line = f"{name:32} {megabytes:4.1f} MB  wall {wall:.3f} s  processor {processor:.3f} s"
        print(line)
    print(_slowest())


def _slowest() -> str:
    slowest = (0.0, 0.0, "")
    texts = [*REPEATED, page(loader()), "cwr(", "`${cwr(`", "new AwsRum({", "{% if cwr %}"]
    for piece in texts:
        much = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
        for text in (much, much + page(loader()), page(loader()) + much):
            wall, processor = _median(lambda text=text: find_snippets(text))
            slowest = max(slowest, (processor, wall, piece[:20]))
    processor, wall, piece = slowest
    name = f"1 MB, slowest of {3 * len(texts)}: {piece!r}"
    return f"{name:43} wall {wall:.3f} s  processor {processor:.3f} s"


if __name__ == "__main__":
    main()

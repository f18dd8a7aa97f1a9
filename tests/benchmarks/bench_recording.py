"""Reading a HAR beside a plain json.loads of the same file: time and peak memory of a process.

    python tests/benchmarks/bench_recording.py [MB ...]

Prints one line for each way and size; each runs in a process of its own, best of three.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

COST = """
used = resource.getrusage(resource.RUSAGE_SELF)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""
PLAIN = """
import json, pathlib, resource, sys, time
start = time.perf_counter()
json.loads(pathlib.Path(sys.argv[1]).read_bytes())
"""
RUMKIT = """
import resource, sys, time
start = time.perf_counter()
from rumkit.client.recording import read_recording
recording = read_recording(sys.argv[1])
assert recording.entries and not recording.lost
"""
HEADERS = [
    {"name": name, "value": value}
    for name, value in (
        (":authority", "www.shop.example"),
        ("accept", "*/*"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("accept-language", "en-GB,en;q=0.9"),
        ("referer", "https://www.shop.example/catalogue"),
        ("sec-fetch-mode", "no-cors"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0.0.0"),
    )
]
SHAPES = (
    ("image", "image/webp", "/img/{}.webp", 30_000, "base64"),
    ("script", "text/javascript", "/static/chunk-{}.js", 20_000, ""),
    ("fetch", "application/json", "/api/products/{}", 3_000, ""),
    ("stylesheet", "text/css", "/static/{}.css", 8_000, ""),
    ("xhr", "application/json", "/api/basket/{}", 800, ""),
    ("ping", "text/plain", "/collect/{}", 0, ""),
)


def _entry(number: int, random_: random.Random) -> dict[str, object]:
    kind, mime, path, size, encoding = SHAPES[number % len(SHAPES)]
    url = f"https://www.shop.example{path.format(number)}"
    letters = "abcdefghij klmnop\n{}();=\"'<>/é" if not encoding else "ABCDEFGHabcdefgh0123456789+/"
    frames = [
        {"functionName": "load", "scriptId": "7", "url": url, "lineNumber": n, "columnNumber": 1}
        for n in range(8)
    ]
    return {
        "_initiator": {"type": "script", "stack": {"callFrames": frames}},
        "_priority": "High",
        "_resourceType": kind,
        "cache": {},
        "request": {
            "method": "GET", "url": url, "httpVersion": "h2", "headers": HEADERS,
            "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0,
        },
        "response": {
            "status": 200, "statusText": "", "httpVersion": "h2", "headers": HEADERS,
            "cookies": [], "redirectURL": "", "headersSize": -1, "bodySize": -1, "_error": None,
            "content": {
                "size": size, "mimeType": mime, "encoding": encoding,
                "text": "".join(random_.choices(letters, k=size)),
            },
        },
        "startedDateTime": "2026-03-01T09:00:00.000Z", "time": 12.5, "pageref": "page_1",
        "timings": {"blocked": 1, "dns": -1, "connect": -1, "send": 0.1, "wait": 9, "receive": 2},
    }  # fmt: skip


def write_har(path: Path, megabytes: int) -> None:
    """Write an invented HAR of about this size."""
    random_ = random.Random(7)
    blocks = [json.dumps(_entry(n, random_), ensure_ascii=False, indent=2) for n in range(300)]
    with path.open("w", encoding="utf-8") as file:
        file.write('{"log": {"version": "1.2", "creator": {"name": "bench"}, "entries": [')
        number = 0
        while file.tell() < megabytes * 1_000_000:
            file.write(("," if number else "") + blocks[number % len(blocks)])
            number += 1
        file.write("]}}")


def measure(code: str, path: Path, *, runs: int = 3) -> tuple[float, float, float]:
    """Return wall seconds, CPU seconds of the whole process and its peak MB: the least of each."""
    found = []
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-c", code + COST, str(path)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        found.append([float(number) for number in done.stdout.split()])
    wall, cpu, memory = (min(column) for column in zip(*found, strict=True))
    return wall, cpu, memory


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main(sizes: list[int]) -> None:
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bench.har"
            write_har(path, size)
            plain, ours = measure(PLAIN, path), measure(RUMKIT, path)
            _say(f"{size} MB HAR, the best of three processes each")
            for name, (wall, cpu, memory) in (("json.loads", plain), ("read_recording", ours)):
                _say(f"  {name:15} {wall:6.2f} s  {cpu:6.2f} s CPU {memory:6.0f} MB")
            ratios = [mine / theirs for mine, theirs in zip(ours, plain, strict=True)]
            _say("  ratio           {:6.2f}    {:6.2f}     {:6.2f}".format(*ratios))


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [50, 200])

"""How fast trail files are scanned, against other ways to read them, and what AWS is asked.

Run it by hand: `python tests/benchmarks/bench_trail.py [--sizes 1 4] [--repeat 3]`. It generates
trail files in a temporary folder, runs every way as a whole process (imports included) in turns,
and prints Markdown. Times compare within one run; where the machine does other work meanwhile, CPU
seconds compare better. Needs igzip and rg for the comparison with these.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "trail"), str(TESTS.parent)]

import trail_corpus as corpus  # noqa: E402

NEEDLES = '"eventName":"(PutRumEvents|AssumeRoleWithWebIdentity|GetOpenIdToken|DeleteRolePolicy)"'

RUMKIT = """
import sys
from rumkit.target import parse_window
from rumkit.trail.files import FileSource
from rumkit.trail.query import TrailQuery
query = TrailQuery(parse_window("2026-03-01T00:00:00Z", "2026-03-05T00:00:00Z"))
print(len(FileSource(sys.argv[1]).fetch(query).rows))
"""
PANDAS = """
import pathlib, sys
import pandas as pd
names = {"PutRumEvents", "AssumeRoleWithWebIdentity", "GetOpenIdToken", "DeleteRolePolicy"}
count = 0
for path in pathlib.Path(sys.argv[1]).rglob("*.gz"):
    records = pd.DataFrame(pd.read_json(path)["Records"].tolist())
    count += int(records["eventName"].isin(names).sum())
print(count)
"""
POLARS = """
import gzip, pathlib, sys
import polars as pl
names = ["PutRumEvents", "AssumeRoleWithWebIdentity", "GetOpenIdToken", "DeleteRolePolicy"]
text = pl.String
issuer = pl.Struct({"type": text, "arn": text, "userName": text})
session = pl.Struct({"sessionIssuer": issuer})
columns = dict.fromkeys(
    ["eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent",
     "errorCode", "errorMessage", "requestID", "eventID", "recipientAccountId", "eventCategory"],
    text,
) | {
    "userIdentity": pl.Struct(
        {"type": text, "principalId": text, "arn": text, "accessKeyId": text,
         "sessionContext": session}
    ),
    "requestParameters": pl.Struct({"id": text, "roleArn": text, "roleSessionName": text}),
    "resources": pl.List(pl.Struct({"ARN": text, "type": text})),
}
schema = {"Records": pl.List(pl.Struct(columns))}
count = 0
for path in pathlib.Path(sys.argv[1]).rglob("*.gz"):
    records = pl.read_json(gzip.decompress(path.read_bytes()), schema=schema)
    rows = records.explode("Records").unnest("Records")
    count += rows.filter(pl.col("eventName").is_in(names)).height
print(count)
"""


@dataclass
class Way:
    """One way to read the files: a command, what it counted, and what it took."""

    name: str
    command: list[str]
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    largest: int = 0
    together: int = 0
    counted: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def ways(folder: Path, *, slow: bool) -> list[Way]:
    python = sys.executable
    files = sum(1 for _ in folder.rglob("*.gz"))
    each = max(1, files // 24)
    igzip = f"find {folder} -name '*.gz' -print0 | xargs -0 -P 2 -n {each} igzip -d -c > /dev/null"
    found = [Way("rumkit", [python, "-c", RUMKIT, str(folder)])]
    if shutil.which("igzip"):
        found.append(Way("igzip -d, two at once, decompresses only", ["sh", "-c", igzip]))
    if shutil.which("rg"):
        count = ["rg", "-z", "-j", "2", "--count-matches", "--no-filename", NEEDLES, str(folder)]
        found.append(Way("rg -z, counts only", count))
    if slow:
        found.append(Way("polars.read_json with a schema", [python, "-c", POLARS, str(folder)]))
        found.append(Way("pandas.read_json", [python, "-c", PANDAS, str(folder)]))
    return found


def run(way: Way) -> None:
    """Run a way once, watching the memory of its processes."""
    env = {**os.environ, "PYTHONPATH": str(TESTS.parent)}
    start, used = time.perf_counter(), cpu_seconds()
    with subprocess.Popen(way.command, stdout=subprocess.PIPE, env=env, text=True) as process:
        while True:
            try:
                output, _ = process.communicate(timeout=0.03)
                break
            except subprocess.TimeoutExpired:
                sizes = resident(process.pid)
                way.largest = max(way.largest, *sizes, 0)
                way.together = max(way.together, sum(sizes))
    way.seconds.append(time.perf_counter() - start)
    way.cpu.append(cpu_seconds() - used)
    if process.returncode:
        raise SystemExit(f"{way.name} failed")
    way.counted = str(sum(int(line) for line in output.split() if line.isdigit()) or "")


def cpu_seconds() -> float:
    """Return what all children that have ended have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def resident(pid: int) -> list[int]:
    """Return the resident bytes of a process and of all below it (Linux)."""
    found, todo = [], [pid]
    while todo:
        current = todo.pop()
        try:
            pages = int(Path(f"/proc/{current}/statm").read_text().split()[1])
            tasks = list(Path(f"/proc/{current}/task").iterdir())
            todo += [
                int(child) for task in tasks for child in (task / "children").read_text().split()
            ]
        except (OSError, IndexError):
            continue
        found.append(pages * os.sysconf("SC_PAGESIZE"))
    return found


def table(found: list[Way], size: int) -> str:
    heads = (
        *("way", "seconds", "MB/s", "rumkit is", "CPU seconds", "of rumkit's"),
        *("largest process", "all together", "found"),
    )
    own, own_cpu = found[0].median, statistics.median(found[0].cpu)
    rows = [
        (
            way.name,
            f"{way.median:.2f}",
            f"{size / way.median / 1e6:.0f}",
            f"{way.median / own:.2f} times as fast",
            f"{statistics.median(way.cpu):.2f}",
            f"{statistics.median(way.cpu) / own_cpu:.2f} times",
            f"{way.largest / 1e6:.0f} MB",
            f"{way.together / 1e6:.0f} MB",
            way.counted,
        )
        for way in found
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ("---",) * len(heads), *rows))


def compare(gigabytes: float, repeat: int) -> None:
    with tempfile.TemporaryDirectory(prefix="trail-files-") as name:
        folder = Path(name)
        files, size, packed = corpus.write_corpus(folder, int(gigabytes * 1e9))
        say(
            f"\n### {size / 1e9:.2f} GB in {files} files ({packed / 1e6:.0f} MB compressed), "
            f"0.5 % of the records about RUM\n"
        )
        found = ways(folder, slow=gigabytes <= 1.5)
        for number in range(repeat):
            for way in found:
                # The slow ones are as far off as they are: once is enough.
                if number == 0 or way.median < 10 * found[0].median:
                    run(way)
        say(table(found, size))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def calls() -> str:
    """Return how many AWS requests a fleet of N monitors makes at each source."""
    import trail_clients as stand_in
    import trail_records as sample

    from rumkit.trail import athena, lake, logs, lookup

    os.environ["RUMKIT_NOW"] = "2026-03-05T00:00:00Z"
    records = sample.installation()
    store = "1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f9"
    region = corpus.REGION
    lines = [
        "| monitors | Event history | Logs Insights | Athena | Lake |",
        "| --- | --- | --- | --- | --- |",
    ]
    for count in (1, 10, 100):
        monitors = tuple(
            (f"shop-{n}", f"{n:08d}-0000-4000-8000-000000000000") for n in range(count)
        )
        query = sample.query(monitors=monitors)
        history = stand_in.Clients(
            cloudtrail=stand_in.by_region(lambda place: stand_in.History(records, place))
        )
        sources = [
            lookup.LookupSource(history),
            logs.LogsSource("g", stand_in.Clients(logs=stand_in.Logs(records)), region=region),
            athena.AthenaSource(
                "trails.events", stand_in.Clients(athena=stand_in.Athena(records)), region=region
            ),
            lake.LakeSource(
                store, stand_in.Clients(cloudtrail=stand_in.Lake(records, store)), region=region
            ),
        ]
        asked = [str(source.fetch(query).calls) for source in sources]
        lines.append(f"| {count} | {' | '.join(asked)} |")
    return "\n".join(lines)


def machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip()
            for line in info.read_text().splitlines()
            if "model name" in line
        ]
        model = names[0] if names else model
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    python = platform.python_version()
    return f"{model}, {cores} cores, Python {python}, load before the run {load:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=textwrap.shorten(__doc__ or "", 200))
    parser.add_argument(
        "--sizes", type=float, nargs="+", default=[1.0], help="gigabytes, uncompressed"
    )
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    say(f"Machine: {machine()}.")
    for gigabytes in options.sizes:
        compare(gigabytes, options.repeat)
    say(f"\n### Requests to AWS for one query\n\n{calls()}")


if __name__ == "__main__":
    main()

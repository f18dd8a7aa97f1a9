"""What a fleet costs: AWS calls per monitor, time beside its parts, processor time and memory.

`python tests/benchmarks/bench_fleet.py [--quick]`. Every account is a sandbox in a process of its
own. The last day of each monitor is thinned out, so that the sandbox, which shares the machine, is
not what is measured; its processor time is shown beside rumkit's.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1] / "fleet"))
import fleet_sandbox  # type: ignore[import-not-found]

if TYPE_CHECKING:
    from collections.abc import Iterator

LATENCY_MS = 50
AT_ONCE = 8
ACCOUNTS = ("one", "two", "three", "four")
_OUTSIDE = ("AWS_PROFILE", "RUMKIT_MONITOR", "RUMKIT_PAGE", "RUMKIT_SANDBOX_URL")


@contextlib.contextmanager
def fleet(monitors: int, accounts: int, *, latency: int, broken: int = 0) -> Iterator[Any]:
    """Yield running accounts by profile, and the environment of a process that uses them."""
    with contextlib.ExitStack() as stack:
        running = {}
        for number, name in enumerate(ACCOUNTS[:accounts]):
            running[name] = stack.enter_context(
                fleet_sandbox.account(
                    monitors // accounts, broken if number == 0 else 0,
                    number=f"{number + 1}" * 12, latency=str(latency), thin="20",
                )
            )  # fmt: skip
        env = {name: value for name, value in os.environ.items() if name not in _OUTSIDE}
        yield running, env | fleet_sandbox.together(running)


def measured(env: dict[str, str], profiles: list[str], *options: str) -> dict[str, Any]:
    """Run the fleet in a process of its own and return what it says of itself."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, __file__, "--one", *profiles, "--", "--output", folder, *options],
            env=env, capture_output=True, text=True, timeout=3000, check=False,
        )  # fmt: skip
        if not done.stdout:
            raise RuntimeError(done.stderr[-2000:])
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told


def one(profiles: list[str], options: list[str]) -> None:
    """Run the fleet in this process and print what it cost."""
    from rumkit import cli

    begun, before = time.perf_counter(), time.process_time()
    arguments = [part for name in profiles for part in ("--profile", name)]
    with contextlib.redirect_stdout(sys.stderr):
        code = cli.main(["fleet", "--quiet", *arguments, *options])
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cost = {
        "code": code,
        "wall": time.perf_counter() - begun,
        "cpu": time.process_time() - before,
        "kernel": children.ru_utime + children.ru_stime,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(cost))


def cpu_of(pid: int) -> float:
    """Return the processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def calls_table(sizes: list[int]) -> None:
    """Print the AWS calls per monitor as the fleet grows, and what the time is spent on."""
    heads = ("monitors", "accounts", "AWS calls", "per monitor", "trail queries per account",
             "seconds", "calls alone", "rumkit's CPU s", "times the slowest", "sandboxes' CPU s",
             "MB")  # fmt: skip
    print(f"| {' | '.join(heads)} |\n{'| --- ' * len(heads)}|")
    lookups = 0
    for size in sizes:
        accounts = 1 if size <= 50 else 4
        with fleet(size, accounts, latency=LATENCY_MS) as (running, env):
            before = [cpu_of(each.process.pid) for each in running.values()]
            cost = measured(env, list(running), "--notebooks", "none")
            after = [cpu_of(each.process.pid) for each in running.values()]
            asked = [Counter((c[0], c[1]) for c in each.calls()) for each in running.values()]
        calls = sum(sum(each.values()) for each in asked)
        # Two of the log queries are the trail's; the others count a monitor's own sessions.
        trail = max(each["logs", "StartQuery"] for each in asked) - size // accounts
        alone = calls * LATENCY_MS / 1000 / AT_ONCE
        slowest = max(alone, cost["cpu"])
        cells = (size, accounts, calls, f"{calls / size:.1f}", trail, f"{cost['wall']:.1f}",
                 f"{alone:.1f}", f"{cost['cpu']:.1f}", f"{cost['wall'] / slowest:.1f}",
                 f"{sum(after) - sum(before):.1f}", f"{cost['mb']:.0f}")  # fmt: skip
        print(f"| {' | '.join(map(str, cells))} |", flush=True)
        lookups = max(each["cloudtrail", "LookupEvents"] for each in asked)
    print(f"\nEvent history is asked {lookups} times per account, {lookups / 2:.0f} s at AWS's two "
          "a second, beside the rest; the sandbox answers it at once.")  # fmt: skip


def healthy_thousand(size: int) -> None:
    """Print processor time and memory of many healthy monitors, and of a tenth of them."""
    told = []
    for count in (size // 10, size):
        with fleet(count, 1, latency=0) as (running, env):
            cost = measured(env, list(running), "--notebooks", "none", "--timeout", "600")
        told.append(f"{count} take {cost['cpu'] / count:.2f} s of processor time each and "
                    f"{cost['mb']:.0f} MB at most")  # fmt: skip
    print(f"\nHealthy monitors in one account, no latency: {', '.join(told)}.")


def notebooks(count: int) -> None:
    """Print what a full notebook costs: in one kernel that is kept, and in one of its own each."""
    with fleet(count, 1, latency=0, broken=count) as (running, env):
        without = measured(env, list(running), "--notebooks", "none")
        kept = measured(env, list(running))
        begun = time.perf_counter()
        child = resource.getrusage(resource.RUSAGE_CHILDREN)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [fleet_sandbox.RUMKIT, "report", "--monitor", "web-0000", "--profile", "one",
                 "--region", "eu-west-1", "--output", folder, "--quiet", "--exit-zero"],
                env=env, check=True, capture_output=True,
            )  # fmt: skip
        wall = time.perf_counter() - begun
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
    more = kept["cpu"] - without["cpu"], kept["kernel"]
    single = now.ru_utime + now.ru_stime - child.ru_utime - child.ru_stime
    print(f"\nA full notebook of a saved investigation takes {more[0] / count:.1f} s of processor "
          f"time in the fleet's process and {more[1] / count:.1f} s in the kernel that is kept; "
          f"`rumkit report`, which starts a kernel and investigates in it, {single:.1f} s, "
          f"{wall:.1f} s by the clock.")  # fmt: skip


def main() -> None:
    """Print everything as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--one", nargs="+")
    options, rest = parser.parse_known_args()
    if options.one:
        one(options.one, rest[1:] if rest[:1] == ["--"] else rest)
        return
    cores, load = os.cpu_count(), os.getloadavg()[0]
    print(f"On {cores} cores, a load of {load:.0f} before it began, every call {LATENCY_MS} ms, "
          f"{AT_ONCE} monitors at once:\n")  # fmt: skip
    calls_table([1, 10] if options.quick else [1, 10, 100, 200])
    healthy_thousand(50 if options.quick else 1000)
    notebooks(3 if options.quick else 10)


if __name__ == "__main__":
    main()

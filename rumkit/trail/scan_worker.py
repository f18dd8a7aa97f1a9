"""A process that scans trail files for another one, over its standard input and output."""

from __future__ import annotations

import json
import sys

from rumkit.trail.scan import Plan, scan_file


def serve() -> None:
    """Answer batches of paths from standard input until it ends.

    One line of JSON asks: the plan first, then lists of paths. One line answers a list: size,
    problems and the lengths of the records that follow it.
    """
    asked = json.loads(sys.stdin.buffer.readline())
    plan = Plan(tuple(asked["names"]), frozenset(asked["failures_only"]))
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        answer, records = [], []
        for path in json.loads(line):
            found = scan_file(path, plan)
            answer.append([found.size, found.problems, [len(each) for each in found.records]])
            records += found.records
        out.write(json.dumps(answer).encode() + b"\n")
        out.write(b"".join(records))
        out.flush()


if __name__ == "__main__":
    serve()

"""Metrics of the run itself, so that its own silence is noticed: for Prometheus and CloudWatch.

Sources: Prometheus documentation, "Text-based format"; CloudWatch user guide, "Specification:
Embedded metric format".
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rumkit.fleet.rows import ORDER, MonitorRow
from rumkit.printable import clean

if TYPE_CHECKING:
    from rumkit.fleet.run import FleetRun

NAMESPACE = "rumkit"


def prometheus(run: FleetRun, *, failed_notifications: int = 0, kept: bool = True) -> str:
    """Return the metrics as a file for node_exporter's textfile collector.

    `kept` tells whether all that the run found could be written.
    """
    counts = Counter(row.state for row in run.rows)
    moment = datetime.fromisoformat(run.time).timestamp()
    gauges = (
        ("fleet_run_timestamp_seconds", "When the last run began, whole or not.",
         [f" {moment:.0f}"]),
        ("fleet_run_whole", "1 where the last run came to its end and kept everything.",
         [f" {_whole(run, kept=kept)}"]),
        ("fleet_run_duration_seconds", "How long the run took.", [f" {run.seconds:.3f}"]),
        ("fleet_notifications_failed", "Notifications that could not be sent.",
         [f" {failed_notifications}"]),
        ("fleet_monitors", "App monitors by state.",
         [f'{{state="{state}"}} {counts[state]}' for state in ORDER]),
        ("monitor_good", "1 where nothing has to be done, 0 where something has.",
         [f"{{{_labels(row)}}} {int(row.good)}" for row in run.rows]),
    )  # fmt: skip
    return "".join(_gauge(f"rumkit_{name}", about, values) for name, about, values in gauges)


def _gauge(name: str, about: str, values: list[str]) -> str:
    """Return a metric with its samples: labels and value of each."""
    samples = "".join(f"{name}{value}\n" for value in values)
    return f"# HELP {name} {about}\n# TYPE {name} gauge\n{samples}"


def _labels(row: MonitorRow) -> str:
    values = {"account": row.account or row.place, "region": row.region, "monitor": row.monitor,
              "state": row.state}  # fmt: skip
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in values.items())


def _escaped(value: str) -> str:
    text = clean(value).replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("\n", "\\n")


def _whole(run: FleetRun, *, kept: bool) -> int:
    return int(kept and not run.stopped and not any(row.note for row in run.rows))


def embedded(run: FleetRun, *, failed_notifications: int = 0, kept: bool = True) -> str:
    """Return one line of embedded metric format; in CloudWatch Logs it becomes metrics."""
    counts = Counter(row.state for row in run.rows)
    metrics = {
        "Monitors": len(run.rows),
        "NotGood": sum(not row.good for row in run.rows),
        "Duration": run.seconds,
        "Whole": _whole(run, kept=kept),
        "NotificationsFailed": failed_notifications,
        **{state.capitalize(): counts[state] for state in ORDER},
    }
    units = {"Duration": "Seconds"}
    line: dict[str, Any] = {
        "_aws": {
            # The run's beginning; CloudWatch takes metrics of the last two weeks.
            "Timestamp": int(datetime.fromisoformat(run.time).timestamp() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [["Fleet"]],
                    "Metrics": [
                        {"Name": name, "Unit": units.get(name, "Count")} for name in metrics
                    ],
                }
            ],
        },
        "Fleet": "all",
        "Run": run.run,
        **metrics,
    }
    return json.dumps(line)

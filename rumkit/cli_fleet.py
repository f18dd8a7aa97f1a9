"""`rumkit fleet`: health reports of many monitors, kept beside those of the last run."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from rumkit.cli_options import add_timeout
from rumkit.cli_output import put, say, status, takes_progress
from rumkit.ending import NUMBERS, Ended, handling
from rumkit.extras import require
from rumkit.model import DEFECT_CODE, BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rumkit.fleet.notify import NotificationChannel
    from rumkit.fleet.plan import FleetPlan
    from rumkit.fleet.run import FleetRun
    from rumkit.fleet.store import HistoryStore

# Exit codes, the one that hides all others last: a monitor that is broken.
_RANKS: Final = (0, 3, DEFECT_CODE, 1)
_ACTIONS: Final = ("run", "merge", "tables")
_FAIL_ON: Final = ("broken", "failed", "unproven", "degraded", "new", "none")
_IN_THE_FILE: Final = (
    "profile",
    "region",
    "role",
    "organization",
    "external_id",
    "session_name",
    "tag",
)
_USUAL: Final = frozenset({"broken", "failed", "unproven"})
_EXAMPLES: Final = """\
examples:
  rumkit fleet --profile prod --profile stage --region eu-west-1
  rumkit fleet --targets fleet.yaml --output s3://reports/rum --fail-on new
  rumkit fleet --targets fleet.yaml --shard 3/8 --output part-3
  rumkit fleet merge part-1 part-2 part-3 --output reports
  rumkit fleet tables --output s3://reports/rum
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what `rumkit fleet` takes."""
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.add_argument(
        "action", nargs="?", default="run", choices=_ACTIONS, metavar="run|merge|tables",
        help="run (the default), merge what shards wrote, or print the tables' DDL",
    )  # fmt: skip
    command.add_argument("folders", nargs="*", metavar="FOLDER", help="what shards wrote")
    _add_targets(command)
    _add_how(command)
    _add_outcome(command)


def _add_targets(command: argparse.ArgumentParser) -> None:
    which = command.add_argument_group("which monitors (all of the profile's Region, by default)")
    which.add_argument("--targets", metavar="FILE", help="YAML file of accounts and monitors")
    for name, form, text in (
        ("--monitor", "PATTERN", "name or pattern, such as 'shop-*'"),
        ("--tag", "KEY=VALUE", "tag that a monitor has"),
        ("--profile", "NAME", "AWS profile"),
        ("--region", "REGION", "Region, or all in which RUM is offered"),
        ("--role", "ARN", "role to assume; several are assumed one from the other"),
    ):
        which.add_argument(
            name, action="append", default=[], metavar=form, help=f"{text}; may be repeated"
        )
    which.add_argument(
        "--organization", default="", metavar="ROLE",
        help="every account of the organization, by the role of this name in each",
    )  # fmt: skip
    which.add_argument("--external-id", default="", metavar="ID", help="for the last role")
    which.add_argument("--session-name", default="", metavar="NAME", help="default: rumkit")
    which.add_argument("--since", metavar="SPAN", help="24h, 3d or a moment (default: 24h)")
    which.add_argument("--trail", metavar="SOURCE", help="as investigate takes it (default: auto)")
    which.add_argument("--shard", metavar="I/N", help="the I-th of N parts of the fleet")


def _add_how(command: argparse.ArgumentParser) -> None:
    how = command.add_argument_group("how")
    how.add_argument("--at-once", type=_count, default=8, metavar="N", help="default: 8")
    add_timeout(how, 120.0, "for each monitor")
    how.add_argument(
        "--notebooks", default="changed", choices=["changed", "all", "none"],
        help="for which monitors: not healthy or changed (the default), all, none",
    )  # fmt: skip
    how.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _add_outcome(command: argparse.ArgumentParser) -> None:
    outcome = command.add_argument_group("what becomes of it")
    outcome.add_argument(
        "--output", default="reports/fleet", metavar="FOLDER|S3",
        help="a folder or s3://BUCKET/PREFIX (default: reports/fleet)",
    )  # fmt: skip
    outcome.add_argument(
        "--fail-on", type=_states, default=_USUAL, metavar="STATES",
        help=f"of {', '.join(_FAIL_ON)} (default: broken,failed,unproven)",
    )  # fmt: skip
    outcome.add_argument(
        "--notify", action="append", default=[], metavar="CHANNEL",
        help="file:PATH, slack:URL, teams:URL or sns:ARN, told of changes; may be repeated",
    )  # fmt: skip
    outcome.add_argument("--link", default="", metavar="URL", help="where people read the output")
    outcome.add_argument("--metrics", metavar="FILE", help="write a Prometheus text file")
    outcome.add_argument("--emf", action="store_true", help="print a line of CloudWatch metrics")
    outcome.add_argument("--json", action="store_true", help="print the run as JSON")


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= 64:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and 64")
    return number


def _states(text: str) -> frozenset[str]:
    states = frozenset(part.strip() for part in text.split(",") if part.strip())
    unknown = sorted(states - set(_FAIL_ON))
    if unknown or not states:
        raise argparse.ArgumentTypeError(f"{text!r} is not some of {', '.join(_FAIL_ON)}")
    return states - {"none"}


def fleet(options: argparse.Namespace) -> int:
    """Run what was asked for and return the exit code."""
    if options.folders and options.action != "merge":
        raise BadInput(f"Folders belong to `rumkit fleet merge`: {options.folders[0]!r}.")
    if options.action == "tables":
        return _tables(options)
    if options.action == "merge":
        return _merge(options)
    return _run(options)


def _tables(options: argparse.Namespace) -> int:
    from rumkit.fleet import tables

    remote = options.output.startswith("s3://")
    put((tables.athena if remote else tables.duckdb)(options.output))
    return 0


def _merge(options: argparse.Namespace) -> int:
    from rumkit.fleet.merge import merged
    from rumkit.fleet.outputs import open_store

    if not options.folders:
        raise BadInput("Name the folders that the shards wrote: rumkit fleet merge FOLDER …")
    store = open_store(options.output)
    run = merged([open_store(name) for name in options.folders], store)
    return _conclude(options, store, run, _channels(options))


def _channels(options: argparse.Namespace) -> list[NotificationChannel]:
    from rumkit.fleet.notify import parse_channel

    return [parse_channel(text) for text in options.notify]


def _run(options: argparse.Namespace) -> int:
    from rumkit.fleet import history, notebooks
    from rumkit.fleet.outputs import open_store
    from rumkit.fleet.run import carry_out, keeping, new_run
    from rumkit.fleet.shards import parse_shard
    from rumkit.fleet.store import writable
    from rumkit.show.screen import SANDBOX

    if options.notebooks != "none":
        require("notebooks", "rumkit fleet without --notebooks none")
    plan, channels = plan_of(options), _channels(options)
    shard = parse_shard(options.shard) if options.shard else None
    store = open_store(options.output)
    name, moment = new_run()
    writable(store, name, moment)
    tell = (lambda _: None) if options.quiet else _told
    before, _ = history.read_state(store)
    with _stopped_by_signals() as stop:
        made = notebooks.Notebooks(store, name, options.notebooks, before, tell)
        keep = keeping(store, name, made.want)
        fleet_run = carry_out(
            plan, store, run=name, moment=moment, at_once=options.at_once,
            timeout=options.timeout, shard=shard, tell=tell, stop=stop, finished=keep,
        )  # fmt: skip
        if not stop.is_set() and options.notebooks != "none":
            tell("finishing the notebooks")
        fleet_run = replace(fleet_run, rows=tuple(made.finish(fleet_run.rows, stop=stop)))
        unmade = any(notebooks.NOT_MADE in row.note for row in fleet_run.rows)
        if unmade and not fleet_run.stopped:
            fleet_run = replace(
                fleet_run, stopped="it was told to end before all notebooks were made"
            )
        if _practising(options):
            fleet_run = replace(fleet_run, notes=(SANDBOX, *fleet_run.notes))
        status("")
        return _conclude(options, store, fleet_run, channels)


def _conclude(
    options: argparse.Namespace,
    store: HistoryStore,
    run: FleetRun,
    channels: Sequence[NotificationChannel],
) -> int:
    """Write, tell and print the run; what fails on the way never makes its exit code better."""
    from rumkit.fleet import exports, signals
    from rumkit.fleet.notify import tell
    from rumkit.fleet.page import headline, not_looked_at
    from rumkit.fleet.publish import publish
    from rumkit.fleet.rows import exit_code
    from rumkit.fleet.store import CannotWrite
    from rumkit.show.screen import SANDBOX

    unkept = [row for row in run.rows if row.note]
    files: dict[str, str] = {}
    codes = [DEFECT_CODE] if unkept else []
    try:
        run, files = publish(store, run)
    except CannotWrite as error:
        codes.append(say(f"rumkit: {error}", DEFECT_CODE))
    codes.append(exit_code(run.rows, options.fail_on))
    failures = tell(run, channels, link=options.link)
    for failure in (*failures, *(f"{row.monitor}: {row.note}" for row in unkept)):
        say(f"rumkit: {failure}", 0)
    extent: dict[str, Any] = {"failed_notifications": len(failures), "kept": bool(files)}
    if options.metrics:
        _write_metrics(options.metrics, signals.prometheus(run, **extent))
    if options.emf:
        put(signals.embedded(run, **extent))
    if run.stopped:
        codes.append(say(f"rumkit: {run.stopped}.", DEFECT_CODE))
    if options.json:
        put(exports.to_json(run))
    else:
        if SANDBOX in run.notes:
            put(SANDBOX)
        put(headline(run.rows))
        for reason in not_looked_at(run.rows):
            put(reason)
        put(f"{store.place.rstrip('/')}/{files['html']}" if files else "")
    code = max(codes, key=_RANKS.index)
    if run.abandoned:
        # A thread that still waits for AWS would keep the process from ending.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def _practising(options: argparse.Namespace) -> bool:
    """Tell whether the sandbox is what was looked at."""
    from rumkit.target import in_sandbox

    return not options.targets and all(
        in_sandbox(profile or os.environ.get("AWS_PROFILE")) for profile in options.profile or [""]
    )


def _write_metrics(path: str, text: str) -> None:
    from pathlib import Path

    from rumkit.fleet.store import CannotWrite, FolderStore

    target = Path(path)
    try:
        FolderStore(target.parent).write(target.name, text)
    except CannotWrite as error:
        say(f"rumkit: {error}", 0)


def plan_of(options: argparse.Namespace) -> FleetPlan:
    """Return the fleet that the options and the file of targets name. Raises BadInput."""
    from rumkit.target import parse_window

    plan = _plan_of_file(options) if options.targets else _plan_of_options(options)
    plan = replace(plan, since=options.since or plan.since, trail=options.trail or plan.trail)
    parse_window(plan.since)
    return plan


def _plan_of_file(options: argparse.Namespace) -> FleetPlan:
    from rumkit.fleet.targets_file import read_targets

    if named := next((name for name in _IN_THE_FILE if getattr(options, name)), None):
        option = named.replace("_", "-")
        raise BadInput(f"--{option} and --targets exclude each other: the file names it.")
    plan = read_targets(options.targets)
    if not options.monitor:
        return plan
    places = tuple(replace(place, monitors=tuple(options.monitor)) for place in plan.places)
    known = tuple(each for each in plan.known if places[0].wants(each.monitor))
    return replace(plan, places=places, known=known)


def _plan_of_options(options: argparse.Namespace) -> FleetPlan:
    from rumkit.fleet.organization import refuse_no_role_name
    from rumkit.fleet.plan import FleetPlan, Reach, practised

    if options.external_id and not (options.role or options.organization):
        raise BadInput("--external-id belongs to a role, and none is named: --role ARN.")
    if options.organization:
        refuse_no_role_name(options.organization)
    tags = dict(map(_tag, options.tag))
    places = tuple(
        Reach(
            profile or "default",
            profile=profile,
            regions=tuple(options.region),
            roles=tuple(options.role),
            external_id=options.external_id,
            session_name=options.session_name or "rumkit",
            organization=options.organization,
            monitors=tuple(options.monitor) or ("*",),
            tags=tags,
        )
        for profile in options.profile or [None]
    )
    known = tuple(each for each in practised() if places[0].wants(each.monitor) and not tags)
    return FleetPlan(places, known)


def _tag(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (equals and key):
        raise BadInput(f"--tag takes KEY=VALUE, not {text!r}.")
    return key, value


def _told(line: str) -> None:
    """Tell progress: in place on a terminal, a line each in a log."""
    if takes_progress():
        status(line)
    else:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - progress belongs there


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """Yield an event that a signal sets which ends others, so that what is finished is kept."""
    stop = threading.Event()
    numbers: list[int] = []

    def end(number: int, _: Any) -> None:
        if stop.is_set():
            # Whoever asks twice does not want to wait for the page.
            os._exit(128 + number)
        numbers.append(number)
        stop.set()

    heard = [number for number in NUMBERS if signal.getsignal(number) is not signal.SIG_IGN]
    with handling(heard, end):
        try:
            yield stop
        except KeyboardInterrupt:
            # Nothing was finished yet.
            raise Ended(numbers[0]) if numbers else KeyboardInterrupt from None

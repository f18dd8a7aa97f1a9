"""One record of each kind, invented, and the query that wants all of them."""

from __future__ import annotations

import copy
import random
from datetime import UTC, datetime, timedelta

import trail_corpus as corpus

from rumkit.target import Window
from rumkit.trail.query import TrailQuery

WINDOW = Window(datetime(2026, 3, 2, 0, 0, tzinfo=UTC), datetime(2026, 3, 3, 0, 0, tzinfo=UTC))
NOISE = 12


def moment(minutes: int) -> str:
    at = corpus.START + timedelta(minutes=minutes)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def installation() -> list[dict]:
    """Records of one broken installation among other services' calls, in time order."""
    rng = random.Random(11)
    records = [corpus.role_change(rng, moment(3)), monitor_change(rng, moment(4))]
    records += [corpus.sts_failure(rng, moment(5)), corpus.cognito_failure(rng, moment(6))]
    records += [corpus.denied_put(rng, moment(7 + number)) for number in range(4)]
    records += [corpus._other(rng, moment(20 + number)) for number in range(NOISE)]
    return sorted(records, key=lambda record: record["eventTime"])


def monitor_change(rng: random.Random, at: str) -> dict:
    record = corpus.role_change(rng, at)
    return record | {
        "eventSource": "rum.amazonaws.com",
        "eventName": "UpdateAppMonitor",
        "awsRegion": corpus.REGION,
        "requestParameters": {
            "Name": corpus.MONITOR,
            "AppMonitorConfiguration": {"SessionSampleRate": 0.1, "EnableXRay": False},
        },
    }


def of_monitor(name: str, ident: str, number: int = 1) -> dict:
    """A refused PutRumEvents of any monitor."""
    record = copy.deepcopy(corpus.denied_put(random.Random(number), moment(30)))
    record["requestParameters"]["id"] = ident
    record["resources"][0]["ARN"] = corpus.MONITOR_ARN.replace(corpus.MONITOR, name)
    record["errorMessage"] = "refused"
    return record


def query(**changed: object) -> TrailQuery:
    asked: dict = {
        "window": WINDOW,
        "monitors": ((corpus.MONITOR, corpus.MONITOR_ID),),
        "roles": (corpus.ROLE,),
        "pools": (corpus.POOL,),
        "regions": (corpus.REGION,),
    }
    return TrailQuery(**(asked | changed))

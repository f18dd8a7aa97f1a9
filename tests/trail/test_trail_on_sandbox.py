"""The same fault, asked for at each of the sandbox's trail services, gives the same DataFrame."""

from __future__ import annotations

import json

import boto3
import pandas as pd
import pytest
from botocore.config import Config

from rumkit.sandbox import athena as athena_api
from rumkit.sandbox import lake as lake_api
from rumkit.sandbox.ids import OPERATOR_KEY, OPERATOR_SECRET
from rumkit.sandbox.runner import Sandbox
from rumkit.target import Window
from rumkit.trail import sources
from rumkit.trail import survey as survey_module
from rumkit.trail.query import TrailQuery
from rumkit.trail.survey import TrailSurvey


@pytest.fixture(scope="module")
def fault():
    """Run a sandbox whose guest role lacks the permission, with every kind of trail source."""
    with Sandbox("guest-role-permission") as sandbox, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUMKIT_NOW", sandbox.world.clock.isoformat())
        yield sandbox


@pytest.fixture(scope="module")
def clients(fault):
    session = boto3.Session(OPERATOR_KEY, OPERATOR_SECRET)

    def make(service, region):
        path_style = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0})
        return session.client(service, region, endpoint_url=fault.url, config=path_style)

    return make


@pytest.fixture(scope="module")
def query(fault):
    from datetime import timedelta

    place, clock = fault.installation, fault.world.clock
    return TrailQuery(
        window=Window(clock - timedelta(hours=24), clock),
        monitors=((place.monitor.name, place.monitor.id),),
        regions=(place.monitor.region,),
    )


@pytest.fixture(scope="module")
def survey(clients, query):
    return survey_module.survey(clients, query.regions)


@pytest.fixture(scope="module")
def expected(fault, query, tmp_path_factory):
    """Return the frame of the records themselves, in a file."""
    trail = fault.world.trails[0]
    records = [record for record in fault.world.records() if trail.records(record)]
    path = tmp_path_factory.mktemp("trail") / "records.json"
    path.write_text(json.dumps({"Records": records}))
    chosen = sources.choose(TrailSurvey, str(path), lambda *_: None, regions=query.regions)
    return chosen.fetch(query).frame().drop(columns="trail_source")


def specs(sandbox):
    trail = sandbox.world.trails[0]
    return {
        "logs": f"logs:{trail.log_group}",
        "s3": f"s3://{trail.bucket}",
        "athena": f"athena:{athena_api.DATABASE}.{athena_api.table_of(trail)}",
        "lake": f"lake:{lake_api.store_id(sandbox.world.stores[0])}",
        "auto": "auto",
    }


@pytest.mark.parametrize("source", ["logs", "s3", "athena", "lake", "auto"])
def test_a_source_gives_the_frame_of_the_records(
    source, fault, *, clients, query, survey, expected
):
    spec = specs(fault)[source]
    found = sources.choose(lambda: survey, spec, clients, regions=query.regions).fetch(query)
    assert found.unread == {}
    assert found.holds == {"put-rum-events", "cognito", "sts", "changes"}
    pd.testing.assert_frame_equal(found.frame().drop(columns="trail_source"), expected)


def test_event_history_gives_the_management_events_of_the_frame(clients, query, survey, expected):
    found = sources.choose(lambda: survey, "lookup", clients, regions=query.regions).fetch(query)
    management = expected[expected["category"] == "Management"].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.frame().drop(columns="trail_source"), management)


def test_the_fault_is_in_the_frame(expected):
    assert "PutRumEvents" in set(expected["name"])
    assert set(expected.loc[expected["name"] == "PutRumEvents", "error_code"]) <= {
        "AccessDenied",
        "AccessDeniedException",
    }

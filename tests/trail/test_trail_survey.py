"""What an account records, what it does not, and the setting that would record it."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime

import pytest
import trail_clients as stand_in
import trail_corpus as corpus
import trail_records as sample

from rumkit.model import BadInput
from rumkit.trail import sources
from rumkit.trail import survey as survey_module
from rumkit.trail.athena import AthenaSource
from rumkit.trail.bucket import S3Source
from rumkit.trail.files import FileSource
from rumkit.trail.lake import LakeSource
from rumkit.trail.logs import LogsSource
from rumkit.trail.lookup import LookupSource
from rumkit.trail.selectors import recorded_by, selectors_for

REGION = corpus.REGION
ARN = f"arn:aws:cloudtrail:{REGION}:{corpus.ACCOUNT}:trail/main"
MANAGEMENT = {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}


def data(kind, **more):
    fields = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": [kind]},
        *({"Field": field, **test} for field, test in more.items()),
    ]
    return {"FieldSelectors": fields}


RUM = "AWS::RUM::AppMonitor"
POOL = "AWS::Cognito::IdentityPool"


@pytest.mark.parametrize(
    ("selectors", "kinds"),
    [
        ({}, set()),
        ({"EventSelectors": [{"ReadWriteType": "All"}]}, {"sts", "changes"}),
        ({"EventSelectors": [{"ReadWriteType": "WriteOnly"}]}, {"changes"}),
        ({"EventSelectors": [{"ReadWriteType": "ReadOnly"}]}, {"sts"}),
        ({"EventSelectors": [{"IncludeManagementEvents": False}]}, set()),
        ({"AdvancedEventSelectors": [MANAGEMENT]}, {"sts", "changes"}),
        ({"AdvancedEventSelectors": [data(RUM)]}, {"put-rum-events"}),
        ({"AdvancedEventSelectors": [data(POOL)]}, {"cognito"}),
        ({"AdvancedEventSelectors": [data(RUM, readOnly={"Equals": ["true"]})]}, set()),
        ({"AdvancedEventSelectors": [data(RUM, eventName={"NotEquals": ["PutRumEvents"]})]}, set()),
        (
            {"AdvancedEventSelectors": [data(RUM, eventName={"StartsWith": ["Put"]})]},
            {"put-rum-events"},
        ),
        ({"AdvancedEventSelectors": [data(RUM, eventName={"NotEndsWith": ["Events"]})]}, set()),
        ({"AdvancedEventSelectors": [data("AWS::S3::Object")]}, set()),
    ],
)
def test_selectors_tell_what_is_recorded(selectors, kinds):
    assert recorded_by(selectors).kinds == kinds


@pytest.mark.parametrize(
    ("selector", "kind"),
    [
        (data(RUM, **{"resources.ARN": {"StartsWith": ["arn:x"]}}), "put-rum-events"),
        (data(POOL, eventName={"Equals": ["GetId"]}), "cognito"),
    ],
)
def test_a_selector_for_some_resources_or_calls_records_partly(selector, kind):
    found = recorded_by({"AdvancedEventSelectors": [selector]})
    assert (found.kinds, found.partly) == ({kind}, {kind})


def test_the_selectors_that_are_printed_record_what_they_are_printed_for():
    for kinds in (["put-rum-events"], ["cognito"], ["put-rum-events", "cognito", "sts"]):
        found = recorded_by({"AdvancedEventSelectors": selectors_for(kinds)})
        assert found.kinds >= set(kinds)
        assert not found.partly


class Account:
    """One trail with some selectors, and perhaps one event data store."""

    def __init__(self, selectors, *, logging=True, group=True, store=None, refuse=()):
        self.selectors, self.logging, self.group = selectors, logging, group
        self.store, self.refuse = store, refuse

    def _check(self, operation):
        if operation in self.refuse:
            raise stand_in.refusal(operation)

    def describe_trails(self, **_):
        self._check("DescribeTrails")
        arn = f"arn:aws:logs:{REGION}:{corpus.ACCOUNT}:log-group:trail-group:*"
        trail = {
            "Name": "main",
            "TrailARN": ARN,
            "HomeRegion": REGION,
            "S3BucketName": "trail-files",
            "S3KeyPrefix": "org",
            **({"CloudWatchLogsLogGroupArn": arn} if self.group else {}),
        }
        return {"trailList": [trail]}

    def get_event_selectors(self, **_):
        self._check("GetEventSelectors")
        return self.selectors

    def get_trail_status(self, **_):
        return {
            "IsLogging": self.logging,
            "StartLoggingTime": datetime(2025, 1, 1, tzinfo=UTC),
            "LatestDeliveryTime": sample.WINDOW.until,
            "LatestCloudWatchLogsDeliveryTime": sample.WINDOW.until,
        }

    def list_event_data_stores(self, **_):
        arn = f"arn:aws:cloudtrail:{REGION}:{corpus.ACCOUNT}:eventdatastore/1f2e3d4c"
        return {"EventDataStores": [{"EventDataStoreArn": arn}] if self.store else []}

    def get_event_data_store(self, **_):
        return {"Name": "lake", "Status": "ENABLED", "AdvancedEventSelectors": self.store}


def look(account):
    class Anything:
        pass

    clients = stand_in.Clients(
        cloudtrail=account, logs=Anything(), s3=Anything(), athena=Anything()
    )
    return survey_module.survey(clients, [REGION]), clients


MANAGED = {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]}
EVERYTHING = {"AdvancedEventSelectors": [MANAGEMENT, data(RUM), data(POOL)]}


def test_what_no_trail_records_is_not_said_not_to_have_happened():
    found, _ = look(Account(MANAGED))
    assert "not recorded by any trail" in found.sentence("put-rum-events")
    assert "can't be told" in found.sentence("put-rum-events")


def test_what_a_trail_records_is_said_to_be_recorded_there():
    found, _ = look(Account(EVERYTHING))
    assert "recorded by: trail main" in found.sentence("put-rum-events")


def test_what_is_recorded_only_for_some_resources_is_said_to_be():
    some = data(RUM, **{"resources.ARN": {"StartsWith": ["arn:x"]}})
    found, _ = look(Account({"AdvancedEventSelectors": [some]}))
    assert "some resources or calls only" in found.sentence("put-rum-events")


def test_a_refused_look_is_not_taken_for_nothing_recorded():
    found, _ = look(Account(EVERYTHING, refuse=("DescribeTrails",)))
    assert "could not be seen" in found.sentence("put-rum-events")
    assert found.refusals[0].missing == ("cloudtrail:DescribeTrails",)


def test_a_trail_that_was_stopped_records_nothing():
    found, _ = look(Account(EVERYTHING, logging=False))
    assert found.places("put-rum-events") == ()


def test_event_history_records_management_events_without_any_trail():
    found, _ = look(Account({}))
    assert found.places("sts") == ("Event history",)


def test_the_fix_keeps_what_the_trail_records_now_and_adds_what_is_missing():
    found, _ = look(Account(MANAGED))
    (fix,) = found.fixes(["put-rum-events", "cognito", "sts"])
    words = shlex.split(fix.text)
    assert words[:3] == ["aws", "cloudtrail", "put-event-selectors"]
    assert words[words.index("--trail-name") + 1] == ARN
    written = json.loads(words[words.index("--advanced-event-selectors") + 1])
    assert recorded_by({"AdvancedEventSelectors": written}).kinds == {
        "put-rum-events",
        "cognito",
        "sts",
        "changes",
    }


def test_the_fix_adds_a_kind_that_is_recorded_of_other_resources_only():
    some = data(RUM, **{"resources.ARN": {"StartsWith": ["arn:x"]}})
    found, _ = look(Account({"AdvancedEventSelectors": [MANAGEMENT, some]}))
    assert found.fixes(["put-rum-events"]) == ()
    (fix,) = found.fixes(["put-rum-events"], lacking=frozenset({"put-rum-events"}))
    words = shlex.split(fix.text)
    written = json.loads(words[words.index("--advanced-event-selectors") + 1])
    assert not recorded_by({"AdvancedEventSelectors": written}).partly


def test_selectors_that_could_not_be_read_are_not_replaced_by_a_command():
    found, _ = look(Account(MANAGED, refuse=("GetEventSelectors",)))
    (fix,) = found.fixes(["put-rum-events"])
    assert fix.kind == "advice"
    assert "would replace them" in fix.text


def test_a_list_of_stores_that_never_ends_is_noticed():
    class Endless(Account):
        def list_event_data_stores(self, **_):
            return super().list_event_data_stores() | {"NextToken": "again"}

    found, _ = look(Endless(EVERYTHING, store=[data(RUM)]))
    assert len(found.stores) == 1
    assert any("twice" in refusal.reason for refusal in found.refusals)


def test_the_fix_keeps_basic_data_selectors():
    basic = {
        "ReadWriteType": "All",
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::b/"]}],
    }
    found, _ = look(Account({"EventSelectors": [basic]}))
    (fix,) = found.fixes(["put-rum-events"])
    assert "arn:aws:s3:::b/" in fix.text


def test_the_fix_says_what_it_costs():
    found, _ = look(Account(MANAGED))
    assert "per 100,000" in found.fixes(["cognito"])[0].side_effect


def test_nothing_is_to_be_set_where_everything_is_recorded():
    found, _ = look(Account(EVERYTHING))
    assert found.fixes(["put-rum-events", "cognito", "sts", "changes"]) == ()


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("lookup", LookupSource),
        ("logs:trail-group", LogsSource),
        ("athena:trails.events", AthenaSource),
        ("lake:1f2e3d4c-0a1b-4c2d-8e3f-4a5b6c7d8e9f", LakeSource),
        ("s3://trail-files/org", S3Source),
        ("*.json.gz", FileSource),
    ],
)
def test_a_source_can_be_named(spec, kind):
    found, clients = look(Account(EVERYTHING))
    assert isinstance(sources.choose(lambda: found, spec, clients, regions=[REGION]), kind)


@pytest.mark.parametrize("spec", ["nothing-of-the-kind", "logs:", "ftp://x", "athena:one"])
def test_a_spec_that_names_nothing_is_refused(spec):
    found, clients = look(Account(EVERYTHING))
    with pytest.raises(BadInput):
        sources.choose(lambda: found, spec, clients, regions=[REGION])


@pytest.mark.parametrize(
    ("account", "kind"),
    [
        (Account(EVERYTHING), LogsSource),
        (Account(EVERYTHING, group=False), S3Source),
        (Account(MANAGED, store=[data(RUM)]), LakeSource),
    ],
)
def test_auto_takes_data_events_from_where_they_are(account, kind):
    found, clients = look(account)
    assert isinstance(sources.best_source(found, clients, [REGION], sample.query()), kind)


def test_auto_is_event_history_alone_where_no_data_events_are_recorded():
    found, clients = look(Account(MANAGED))
    assert sources.best_source(found, clients, [REGION], sample.query()) is None
    chosen = sources.choose(lambda: found, "auto", clients, regions=[REGION])
    assert isinstance(chosen.parts[0][0](), LookupSource)


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        ({"LatestCloudWatchLogsDeliveryError": "AccessDenied",
          "LatestCloudWatchLogsDeliveryTime": sample.WINDOW.since}, S3Source),
        ({"IsLogging": False, "StopLoggingTime": sample.WINDOW.since}, LakeSource),
    ],
)  # fmt: skip
def test_auto_takes_data_events_from_where_they_still_arrive(broken, kind):
    class Broken(Account):
        def get_trail_status(self, **_):
            return super().get_trail_status() | broken

    store = [data(RUM)] if kind is LakeSource else None
    found, clients = look(Broken(EVERYTHING, store=store))
    assert isinstance(sources.best_source(found, clients, [REGION], sample.query()), kind)


def test_auto_leaves_a_log_group_of_another_account_alone():
    found, clients = look(Account(EVERYTHING))
    asked = sample.query(account="999988887777")
    assert isinstance(sources.best_source(found, clients, [REGION], asked), S3Source)

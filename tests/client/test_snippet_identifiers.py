"""Ids of the wrong kind, values that a template left or printed, options spelt almost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from installs import ID, POOL, ROLE, URL, loader, npm, page

from rumkit.client.find import find_snippets, page_starters
from rumkit.client.options import KnownOption, UnreadOption
from rumkit.client.page import page_from_html

if TYPE_CHECKING:
    from rumkit.client.snippet import Problem, Snippet

ARN = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop"
USER_POOL = "eu-west-1_Ab3dEfGh9"


def only(source: str) -> Snippet:
    found = find_snippets(source)
    assert len(found) == 1, found
    return found[0]


def served(source: str) -> Snippet:
    """Return the installation of a page as a server sent it."""
    found = find_snippets(page_from_html(source))
    assert len(found) == 1, found
    return found[0]


def problem(snippet: Snippet) -> Problem:
    assert len(snippet.problems) == 1, snippet.problems
    return snippet.problems[0]


MONITOR_IDS = [
    ("shop-web-prod", "monitor-name-as-id", "RUM refuses each batch"),
    ("Shop.Web_1", "monitor-name-as-id", "name"),
    (ARN, "arn-as-id", "ARN"),
    (POOL, "pool-as-id", "identity pool"),
    (USER_POOL, "pool-as-id", "user pool"),
    (ID[:-1], "not-uuid", "not a UUID"),
    (ID.replace("-", ""), "not-uuid", "not a UUID"),
    ("shop web", "not-uuid", "not a UUID"),
    ("00000000-0000-0000-0000-000000000000", "sample-id", "documentation"),
]


@pytest.mark.parametrize(("value", "code", "words"), MONITOR_IDS)
def test_a_monitor_s_id_of_the_wrong_kind_is_named_for_what_it_is(
    value: str, code: str, words: str
) -> None:
    found = problem(only(page(loader(monitor=f"'{value}'"))))
    assert (found.code, found.field) == (code, "app_monitor_id")
    assert words in found.message
    assert value in found.message


REGIONS = [
    ("eu-west-1a", "zone-as-region", "eu-west-1"),
    ("eu-wset-1", "unknown-region", "eu-west-1"),
    ("us-esat-2", "unknown-region", "us-east-2"),
    ("eu-west-9", "unknown-region", "eu-west-9"),
    (POOL, "pool-as-region", "pool"),
    (USER_POOL, "pool-as-region", "pool"),
    ("Ireland", "not-a-region", "Ireland"),
]


@pytest.mark.parametrize(("value", "code", "words"), REGIONS)
def test_a_region_of_the_wrong_kind_is_named_and_never_made_a_host(
    value: str, code: str, words: str
) -> None:
    found = only(page(loader(f"{{identityPoolId:'{POOL}'}}", region=f"'{value}'")))
    assert (problem(found).code, problem(found).field) == (code, "region")
    assert words in problem(found).message
    assert found.endpoint() is None
    assert "data-plane" not in found.connect_urls()


POOLS = [
    (USER_POOL, "user-pool-as-pool", "user pool"),
    (ID, "uuid-as-pool", "Region"),
    (f"arn:aws:cognito-identity:eu-west-1:111122223333:identitypool/{POOL}", "arn-as-pool", "ARN"),
    (f"eu-wset-1:{ID}", "unknown-region", "eu-west-1"),
    (f"eu-west-1:{ID[:-2]}", "not-a-pool", "region:uuid"),
    ("eu-west-1:00000000-0000-0000-0000-000000000000", "sample-id", "documentation"),
]


@pytest.mark.parametrize(("value", "code", "words"), POOLS)
def test_a_pool_s_id_of_the_wrong_kind_is_named(value: str, code: str, words: str) -> None:
    found = problem(only(page(loader(f"{{identityPoolId:'{value}'}}"))))
    assert (found.code, found.field) == (code, "identityPoolId")
    assert words in found.message


@pytest.mark.parametrize("value", [USER_POOL, ID])
def test_a_pool_s_host_that_does_not_exist_is_said_not_to(value: str) -> None:
    found = only(page(loader(f"{{identityPoolId:'{value}'}}")))
    assert "a host that does not exist" in problem(found).message
    assert "cognito" not in found.connect_urls()


@pytest.mark.parametrize(
    "value",
    ["guest-role", "arn:aws:iam::111122223333:user/guest", "arn:aws:iam::1:role/x", "arn:aws:..."],
)
def test_a_role_that_is_not_the_arn_of_one_is_named(value: str) -> None:
    found = problem(only(page(loader(f"{{identityPoolId:'{POOL}',guestRoleArn:'{value}'}}"))))
    assert (found.code, found.field) == ("not-a-role-arn", "guestRoleArn")


@pytest.mark.parametrize("role", [ROLE, "arn:aws-us-gov:iam::111122223333:role/service/rum", ""])
def test_a_role_s_arn_and_none_are_no_problem(role: str) -> None:
    assert only(page(loader(f"{{identityPoolId:'{POOL}',guestRoleArn:'{role}'}}"))).problems == ()


def test_an_endpoint_in_a_region_that_does_not_exist_is_named() -> None:
    config = "{endpoint:'https://dataplane.rum.eu-wset-1.amazonaws.com'}"
    found = problem(only(page(loader(config))))
    assert (found.code, found.field) == ("unknown-region", "endpoint")
    assert "eu-west-1" in found.message


SHIFTED = [
    (f"new AwsRum('{ID}', 'eu-west-1', '{POOL}', {{}})", "version is missing"),
    (f"new AwsRum('{ID}', 'eu-west-1', {{telemetries: []}})", "version is missing"),
    (f"new AwsRum('cwr', '{ID}', '1.0.0', 'eu-west-1')", "stands second"),
]


@pytest.mark.parametrize(("construction", "words"), SHIFTED)
def test_arguments_shifted_by_one_are_told_once(construction: str, words: str) -> None:
    found = problem(only(f"import {{ AwsRum }} from 'aws-rum-web'; {construction};"))
    assert (found.code, found.field) == ("arguments-shifted", "region")
    assert words in found.message


def test_a_loader_without_its_namespace_is_shifted() -> None:
    call = loader().replace("'cwr',", "", 1)
    assert problem(only(page(call))).code == "arguments-shifted"


PRINTED = ["undefined", "null", "NaN", "[object Object]"]


@pytest.mark.parametrize("text", PRINTED)
@pytest.mark.parametrize("field", ["app_monitor_id", "region", "identityPoolId", "guestRoleArn"])
def test_a_text_that_a_template_printed_is_the_problem(field: str, text: str) -> None:
    arguments = {"app_monitor_id": "monitor", "region": "region"}
    if field in arguments:
        source = loader(**{arguments[field]: f"'{text}'"})
    else:
        source = loader(f"{{{field}:'{text}'}}")
    found = problem(served(page(source)))
    assert (found.code, found.field) == ("placeholder", field)
    assert text in found.message


def test_a_printed_text_inside_a_value_is_the_problem() -> None:
    config = "{endpoint:'https://dataplane.rum.undefined.amazonaws.com'}"
    found = problem(served(page(loader(config))))
    assert (found.code, found.field) == ("placeholder", "endpoint")


def test_an_empty_id_is_the_problem_of_a_served_page_only() -> None:
    empty = page(loader("{identityPoolId:''}"))
    assert problem(served(empty)).field == "identityPoolId"
    assert only(empty).problems == ()


TAGS = ["{{ id }}", "<%= id %>", "${id}", "%REACT_APP_ID%", "__ID__", "$(id)", "@Model.Id"]


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_is_unread_in_a_template_and_the_cause_on_a_served_page(tag: str) -> None:
    source = page(loader(f"{{identityPoolId:'{tag}'}}"))
    for snippet in (only(source), served(source)):
        setting = snippet.setting("identityPoolId")
        assert isinstance(setting, UnreadOption)
        assert setting.source == tag
        assert snippet.flow() == "unknown"
    assert only(source).problems == ()
    found = problem(served(source))
    assert (found.code, found.field) == ("placeholder", "identityPoolId")
    assert tag in found.message


@pytest.mark.parametrize("tag", ["YOUR_POOL_ID", "[region]", "<your-pool-id>"])
def test_what_only_a_person_replaces_is_wrong_everywhere(tag: str) -> None:
    source = npm(f"{{identityPoolId: '{tag}'}}")
    assert problem(only(source)).code == "placeholder"


MISSPELT = [
    ("sessionSamplRate", "sessionSampleRate"),
    ("SessionSampleRate", "sessionSampleRate"),
    ("sampleRate", "sessionSampleRate"),
    ("identityPoolID", "identityPoolId"),
    ("identitypoolid", "identityPoolId"),
    ("identity_pool_id", "identityPoolId"),
    ("telemetry", "telemetries"),
    ("telemetrys", "telemetries"),
    ("enableXray", "enableXRay"),
    ("allowCookie", "allowCookies"),
    ("guestRoleARN", "guestRoleArn"),
    ("guestRole", "guestRoleArn"),
    ("includedPages", "pagesToInclude"),
    ("endPoint", "endpoint"),
    ("enableRUMClient", "enableRumClient"),
    ("sesionEventLimit", "sessionEventLimit"),
]


@pytest.mark.parametrize(("written", "meant"), MISSPELT)
def test_a_misspelt_option_is_named_with_the_one_that_is_meant(written: str, meant: str) -> None:
    found = only(page(loader(f"{{{written}:1}}")))
    assert (problem(found).code, problem(found).field) == ("misspelt-option", written)
    assert meant in problem(found).message
    assert found.misspelt == {written: meant}
    assert found.setting(written) == KnownOption(1)


@pytest.mark.parametrize(
    "name", ["applicationId", "version", "clientId", "custom", "APPLICATION_ID", "url", "rate"]
)
def test_an_option_that_is_like_none_is_left_alone(name: str) -> None:
    assert only(page(loader(f"{{{name}:1}}"))).misspelt == {}


def test_an_option_written_both_ways_is_not_told() -> None:
    assert only(page(loader("{telemetries:[],telemetry:1}"))).misspelt == {}


def test_all_unknown_telemetries_are_named() -> None:
    found = only(page(loader("{telemetries:['error',['https',{}],'errors']}")))
    assert [p.code for p in found.problems] == ["unknown-telemetry"] * 2
    assert "errors is meant" in found.problems[0].message
    assert "http is meant" in found.problems[1].message


STARTERS = [
    ("<script src='https://www.googletagmanager.com/gtm.js?id=GTM-ABC123'></script>",
     "Google Tag Manager (GTM-ABC123)"),
    ("<script>w[l].push({'gtm.start':1});f('GTM-ABC123')</script>",
     "Google Tag Manager (GTM-ABC123)"),
    ("<script src='https://tags.tiqcdn.com/utag/shop/main/prod/utag.js'></script>", "Tealium"),
    ("<script src='https://assets.adobedtm.com/launch-EN123456.min.js'></script>", "Adobe"),
    ("<script>s('https://cdn.segment.com/analytics.js/v1/k/analytics.min.js')</script>", "Segment"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "name"), STARTERS)
def test_a_tag_manager_on_the_page_is_named(script: str, name: str) -> None:
    assert page_starters(page_from_html(f"<head>{script}</head>")) == (name,)


def test_a_page_without_a_tag_manager_names_none() -> None:
    assert page_starters(page_from_html(page(loader()))) == ()


MARKS = [
    ('type="text/plain" data-cookieconsent="statistics"', "a consent manager (Cookiebot)"),
    ('type="text/plain" class="optanon-category-C0002"', "a consent manager (OneTrust)"),
    ('type="text/plain" data-usercentrics="CloudWatch"', "a consent manager (Usercentrics)"),
    ('type="text/plain" data-cookie-category="analytics"', "a consent manager"),
    ('type="text/plain" data-category="analytics"', "a consent manager (CookieConsent)"),
    ('type="a1b2c3d4e5f60718293a4b5c-text/javascript"', "Rocket Loader"),
    ('type="a1b2c3d4e5f60718293a4b5c-module"', "Rocket Loader"),
    ('type="text/partytown"', "Partytown"),
    ('type="module"', ""),
    ("defer", ""),
    ("", ""),
]


@pytest.mark.parametrize(("attributes", "starter"), MARKS)
def test_who_starts_a_script_that_no_browser_runs_is_named(attributes: str, starter: str) -> None:
    found = only(f"<html><head><script {attributes}>{loader()}</script></head></html>")
    assert found.started_by == starter
    assert found.client_url == URL


def test_another_type_is_quoted() -> None:
    found = only(f"<html><head><script type='text/plain'>{loader()}</script></head></html>")
    assert 'type="text/plain"' in found.started_by

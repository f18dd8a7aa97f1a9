"""What a snippet answers about the client that it configures: flow, endpoint, hosts, telemetry."""

from __future__ import annotations

import pytest
from installs import ID, POOL, ROLE, loader, npm, page

from rumkit.client.find import find_snippets
from rumkit.client.generations import behaviour
from rumkit.client.options import KnownOption, LeftOut
from rumkit.client.snippet import Expression, Snippet


def told(config: str, *, version: str = "2.x", script: str = "cwr.js", after: str = "") -> Snippet:
    url = f"'https://client.rum.us-east-1.amazonaws.com/{version}/{script}'"
    return find_snippets(page(loader(config, url=url) + after))[0]


P, R = f"identityPoolId:'{POOL}'", f"guestRoleArn:'{ROLE}'"
OWN = "cwr('setAwsCredentials',keys);"

FLOWS = [
    ("2.x", f"{{{P}}}", "", "enhanced"),
    ("2.x", f"{{{P},{R}}}", "", "basic"),
    ("2.x", f"{{{P},guestRoleArn:''}}", "", "enhanced"),
    ("2.x", f"{{{P},guestRoleArn:role()}}", "", "unknown"),
    ("2.x", f"{{{R}}}", "", "none"),
    ("2.x", "{}", "", "none"),
    ("2.x", "{}", OWN, "own-credentials"),
    ("2.x", f"{{{P}}}", OWN, "enhanced"),
    ("2.x", "{...load()}", "", "unknown"),
    ("2.x", f"{{{P},...load()}}", "", "unknown"),
    ("2.x", f"{{{P},{R},...load()}}", "", "unknown"),
    ("2.x", f"{{...load(),{P},{R}}}", "", "unknown"),
    ("2.x", f"{{...load(),{P},{R},signing:true}}", "", "basic"),
    ("1.10.0", f"{{...load(),{P},{R}}}", "", "basic"),
    ("2.x", f"{{{P},signing:sign()}}", "", "unknown"),
    ("1.25.0", f"{{{P},signing:sign()}}", "", "enhanced"),
    ("2.x", "{identityPoolId:pool()}", "", "unknown"),
    ("2.x", "{identityPoolId:pool()}", OWN, "unknown"),
    ("2.x", f"{{{P},signing:false}}", "", "unsigned"),
    ("2.x", "{signing:false}", "", "unsigned"),
    ("1.25.0", f"{{{P},signing:false}}", "", "enhanced"),
    ("1.25.0", "{signing:false}", "", "unsigned"),
    ("1.10.0", "{signing:false}", "", "none"),
]


@pytest.mark.parametrize(("version", "config", "after", "flow"), FLOWS)
def test_the_flow_follows_the_configuration_and_the_version(
    version: str, config: str, after: str, flow: str
) -> None:
    assert told(config, version=version, after=after).flow() == flow


SLIM_FLOWS = [
    ("", "unsigned"),
    ("awsRum.setAwsCredentials(p);", "unsigned"),
    ("awsRum.setSigningConfigFactory(f);", "none"),
    ("awsRum.setSigningConfigFactory(f);awsRum.setAwsCredentials(p);", "own-credentials"),
]


@pytest.mark.parametrize(("after", "flow"), SLIM_FLOWS)
def test_the_slim_build_signs_only_with_a_factory_and_credentials(after: str, flow: str) -> None:
    slim = npm(f"{{{P},{R}}}", imports="import { AwsRum } from '@aws-rum/web-slim';")
    assert find_snippets(slim + after)[0].flow() == flow


def test_a_remote_configuration_may_hold_the_pool() -> None:
    found = find_snippets(page(loader("{}", "'https://shop.example/rum.json'")))[0]
    assert found.flow() == "unknown"


ENDPOINTS = [
    ("1.0.2", "cwr.js", "eu-west-1"),
    ("1.25.0", "cwr.js", "eu-west-1"),
    ("2.1.0", "cwr.js", "eu-west-1"),
    ("3.0.0", "cwr.js", "us-west-2"),
    ("3.1.x", "cwr.js", "us-west-2"),
    ("3.2.0", "cwr.js", "us-west-2"),
    ("3.2.1", "cwr.js", "eu-west-1"),
    ("3.x", "cwr.js", "eu-west-1"),
    ("3.2.0", "cwr-slim.js", "eu-west-1"),
]


@pytest.mark.parametrize(("version", "script", "region"), ENDPOINTS)
def test_the_default_endpoint_is_the_version_s(version: str, script: str, region: str) -> None:
    found = told("{}", version=version, script=script)
    assert found.data_plane_host() == f"dataplane.rum.{region}.amazonaws.com"


def test_a_given_endpoint_wins() -> None:
    found = told("{endpoint:'https://rum-proxy.shop.example/x'}", version="3.2.0")
    assert found.endpoint() == "https://rum-proxy.shop.example/x"


@pytest.mark.parametrize("config", ["{endpoint:load()}", "{...load()}"])
def test_an_unseen_endpoint_is_not_guessed(config: str) -> None:
    assert told(config).endpoint() is None


def test_a_missing_region_means_us_west_2() -> None:
    found = find_snippets(f"import {{AwsRum}} from 'aws-rum-web'; new AwsRum('{ID}','1')")[0]
    assert found.endpoint() == "https://dataplane.rum.us-west-2.amazonaws.com"


def test_the_enhanced_flow_needs_no_sts() -> None:
    assert set(told(f"{{{P}}}").connect_urls()) == {"data-plane", "cognito"}


def test_the_basic_flow_connects_to_sts_of_the_pool_s_region() -> None:
    urls = told(f"{{identityPoolId:'ap-south-1:{ID}',{R}}}").connect_urls()
    assert urls == {
        "data-plane": f"https://dataplane.rum.eu-west-1.amazonaws.com/appmonitors/{ID}",
        "cognito": "https://cognito-identity.ap-south-1.amazonaws.com/",
        "sts": "https://sts.ap-south-1.amazonaws.com/",
    }


def test_unsigned_requests_need_the_data_plane_alone() -> None:
    assert set(told(f"{{{P},signing:false}}").connect_urls()) == {"data-plane"}


@pytest.mark.parametrize(("version", "tail"), [("1.10.0", "/"), ("1.11.0", "")])
def test_the_slash_behind_the_monitor_went_with_1_11(version: str, tail: str) -> None:
    assert told("{}", version=version).connect_urls()["data-plane"].endswith(ID + tail)


def test_an_endpoint_without_scheme_connects_nowhere_known() -> None:
    assert (
        "data-plane"
        not in told("{endpoint:'dataplane.rum.eu-west-1.amazonaws.com'}").connect_urls()
    )


@pytest.mark.parametrize(
    ("pool", "region"),
    [(f"'{POOL}'", "eu-west-1"), ("'nocolon'", None), ("load()", None), ("':x'", None)],
)
def test_the_pool_s_region_stands_before_its_colon(pool: str, region: str | None) -> None:
    assert told(f"{{identityPoolId:{pool}}}").pool_region == region


TELEMETRY = [
    ("2.x", "{telemetries:['http']}", {}),
    ("2.x", "{telemetries:[['http',{addXRayTraceIdHeader:true}]]}", {"addXRayTraceIdHeader": True}),
    ("2.x", "{telemetries:[['http']]}", {}),
    ("2.x", "{telemetries:['errors']}", None),
    ("2.x", "{}", None),
    ("3.x", "{}", {}),
    ("3.x", "{telemetries:[]}", None),
    ("3.x", "{telemetries:'http'}", None),
]


@pytest.mark.parametrize(("version", "config", "expected"), TELEMETRY)
def test_a_telemetry_is_on_when_named_or_by_the_version_s_default(
    version: str, config: str, expected: object
) -> None:
    assert told(config, version=version).telemetry("http") == expected


@pytest.mark.parametrize(
    "config", ["{...load()}", "{telemetries:load()}", "{telemetries:[name()]}"]
)
def test_an_unseen_telemetry_is_an_expression(config: str) -> None:
    assert isinstance(told(config).telemetry("http"), Expression)


def test_a_telemetry_that_is_pushed_on_a_condition_is_an_expression_and_the_others_stand() -> None:
    pushed = "const T=['errors'];if(p)T.push('http');"
    found = find_snippets(page(pushed + loader("{telemetries:T}")))[0]
    assert found.telemetry("errors") == {}
    assert isinstance(found.telemetry("http"), Expression)


def test_a_setting_tells_what_is_written_from_what_is_left_out() -> None:
    found = told("{a:undefined,b:null,c:0}")
    assert [found.setting(k) for k in "abcx"] == [
        LeftOut(),
        KnownOption(None),
        KnownOption(0),
        LeftOut(),
    ]


def test_a_snippet_s_behaviour_can_be_asked_for_another_version() -> None:
    assert told("{}", version="2.x").endpoint(behaviour("3.2.0")) == (
        "https://dataplane.rum.us-west-2.amazonaws.com"
    )

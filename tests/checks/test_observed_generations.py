"""The same picture means different things in different generations of the client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from har_builder import (
    NOT_CLASSIC,
    NOT_JWT,
    OTHER_MONITOR,
    POOL,
    SITE,
    STORED_KEYS,
    Har,
    storage,
)
from har_schema import ENHANCED, causes, evaluated, snippet, started

from rumkit.model import Status

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("version", ["1.0.2", "1.5.0", "1.13.7", "1.14.0", "1.16.1"])
def test_before_1_16_2_the_sts_reply_follows_from_the_classic_flow(
    version: str, tmp_path: Path
) -> None:
    har = started(version).get_id().open_id_token(400, "InvalidParameterException", NOT_CLASSIC)
    har.sts(400, "InvalidIdentityToken", NOT_JWT, token="undefined")
    verdicts = evaluated(har, tmp_path)
    assert causes(verdicts) == ["classic-flow"]
    assert "WebIdentityToken=undefined" in verdicts["classic-flow"].summary


@pytest.mark.parametrize("version", ["1.16.2", "1.17.2", "1.25.0", "2.1.0", "3.2.0"])
def test_from_1_16_2_on_the_chain_is_tried_twice_without_sts(version: str, tmp_path: Path) -> None:
    har = started(version)
    for _ in range(2):
        har.get_id().open_id_token(400, "InvalidParameterException", NOT_CLASSIC)
    assert causes(evaluated(har, tmp_path)) == ["classic-flow"]


@pytest.mark.parametrize(
    ("version", "remedy"), [("1.13.7", "client 1.15 or newer"), ("1.25.0", "remove guestRoleArn")]
)
def test_the_remedy_for_the_classic_flow_depends_on_the_version(
    version: str, remedy: str, tmp_path: Path
) -> None:
    har = started(version).get_id().open_id_token(400, "InvalidParameterException", NOT_CLASSIC)
    assert remedy in evaluated(har, tmp_path)["classic-flow"].summary


@pytest.mark.parametrize(
    ("version", "check"), [("1.5.0", "client-version"), ("1.14.0", "client-version")]
)
def test_before_1_15_the_enhanced_flow_is_the_versions_fault(
    version: str, check: str, tmp_path: Path
) -> None:
    har = started(version).credentials(400, "ResourceNotFoundException", "no", identity=POOL)
    assert causes(evaluated(har, tmp_path)) == [check]


def test_a_client_of_unknown_version_that_gives_the_pools_id_is_an_old_one(tmp_path: Path) -> None:
    har = Har().document(html=snippet()).client(url=f"{SITE}/cwr.js")
    har.credentials(400, "ResourceNotFoundException", "no", identity=POOL)
    assert causes(evaluated(har, tmp_path)) == ["client-version"]


def test_stored_credentials_without_a_secret_are_the_versions_fault(tmp_path: Path) -> None:
    kept = {k: v for k, v in STORED_KEYS.items() if k != "secretAccessKey"}
    storage(tmp_path, session={"record": True, "eventCount": 3}, cwr_c=kept)
    assert causes(evaluated(started("1.14.0"), tmp_path)) == ["client-version"]


@pytest.mark.parametrize("version", ["1.15.0", "1.16.1", "2.1.0"])
def test_from_1_15_on_an_unknown_identity_is_not_the_versions_fault(
    version: str, tmp_path: Path
) -> None:
    har = started(version).credentials(400, "ResourceNotFoundException", "no")
    assert "client-version" not in causes(evaluated(har, tmp_path))


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("1.5.0", "keeps on sending"),
        ("1.13.7", "repeats it twice, then stops"),
        ("1.17.2", "repeats it twice, then stops"),
        ("1.18.0", "stops at once"),
        ("1.25.0", "stops at once"),
        ("2.0.0", "fetches new credentials once"),
        ("3.2.0", "fetches new credentials once"),
    ],
)
def test_what_follows_a_denial_is_told_by_version(version: str, words: str, tmp_path: Path) -> None:
    har = started(version).get_id().credentials().put(403, "AccessDeniedException", ENHANCED)
    assert words in evaluated(har, tmp_path)["put-events-denied"].summary


@pytest.mark.parametrize("version", ["1.13.7", "1.17.2", "1.19.0", "2.1.0", "3.2.0"])
def test_credentials_of_another_monitor_are_blamed_in_every_generation(
    version: str, tmp_path: Path
) -> None:
    har = Har(version=version).document().client().get_id().open_id_token().sts().put(wait=5)
    har.document(f"{SITE}/blog").client()
    har.put(403, "AccessDeniedException", ENHANCED, monitor=OTHER_MONITOR, wait=5)
    assert causes(evaluated(har, tmp_path)) == ["stored-credentials"]


def test_a_role_refused_with_stored_and_then_fresh_credentials_is_the_cause(
    tmp_path: Path,
) -> None:
    har = started("2.1.0").put(403, "AccessDeniedException", ENHANCED, wait=5)
    har.get_id().credentials().put(403, "AccessDeniedException", ENHANCED, wait=5)
    assert causes(evaluated(har, tmp_path)) == ["guest-role-permission"]


def test_a_role_refused_again_after_a_reload_is_still_the_cause(tmp_path: Path) -> None:
    har = started("1.25.0").get_id().credentials().put(403, "AccessDeniedException", ENHANCED)
    har.document(f"{SITE}/b").client().put(403, "AccessDeniedException", ENHANCED, wait=5)
    assert causes(evaluated(har, tmp_path)) == ["guest-role-permission"]


@pytest.mark.parametrize(
    ("version", "status"), [("1.25.0", Status.PASS), ("3.2.1", Status.PASS), ("3.2.0", Status.PASS)]
)
def test_the_right_endpoint_passes_in_every_version(
    version: str, status: Status, tmp_path: Path
) -> None:
    verdicts = evaluated(Har(version=version).healthy(), tmp_path)
    assert verdicts["endpoint-region"].status is status


def test_the_slim_build_is_told_not_to_sign(tmp_path: Path) -> None:
    har = Har().document().client(url="https://client.rum.us-east-1.amazonaws.com/3.x/cwr-slim.js")
    har.put(403, "MissingAuthenticationTokenException", signed=False)
    assert "slim build" in evaluated(har, tmp_path)["signing"].summary

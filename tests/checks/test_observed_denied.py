"""A refused PutRumEvents call is told apart by its credentials, its version and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from har_builder import IDENTITY, NOT_JWT, REGION, ROLE, SESSION, Har
from har_schema import ENHANCED, causes, evaluated, snippet, started

from rumkit.model import Status

if TYPE_CHECKING:
    from pathlib import Path


def test_stored_credentials_heal_by_themselves_from_2_0(tmp_path: Path) -> None:
    har = started().put(403, "AccessDeniedException", ENHANCED, wait=5)
    verdicts = evaluated(har.get_id().credentials().put(wait=5), tmp_path)
    assert verdicts["stored-credentials"].status is Status.WARN
    assert causes(verdicts) == []


def test_refused_stored_credentials_of_the_right_role_blame_the_role(tmp_path: Path) -> None:
    har = started("1.25.0", html=snippet(guestRoleArn=ROLE))
    verdicts = evaluated(har.put(403, "AccessDeniedException", ENHANCED, wait=5), tmp_path)
    assert causes(verdicts) == ["guest-role-permission"]


def test_refused_stored_credentials_of_another_role_are_certain(tmp_path: Path) -> None:
    har = started("1.25.0", html=snippet(guestRoleArn="arn:aws:iam::111122223333:role/Other"))
    verdicts = evaluated(har.put(403, "AccessDeniedException", ENHANCED, wait=5), tmp_path)
    assert causes(verdicts) == ["stored-credentials"]
    assert verdicts["stored-credentials"].certain


def test_a_denial_in_a_late_recording_leaves_the_cause_open(tmp_path: Path) -> None:
    verdicts = evaluated(Har().put(403, "AccessDeniedException", ENHANCED), tmp_path)
    assert verdicts["put-events-denied"].status is Status.FAIL
    assert causes(verdicts) == []


def test_a_denial_without_a_reason_is_only_likely(tmp_path: Path) -> None:
    verdicts = evaluated(started().get_id().credentials().put(403, wait=5), tmp_path)
    assert causes(verdicts) == ["guest-role-permission"]
    assert not verdicts["guest-role-permission"].certain


def test_an_explicit_deny_of_the_resource_policy_is_told(tmp_path: Path) -> None:
    message = ENHANCED.split(" because")[0] + " with an explicit deny in a resource-based policy"
    har = started().get_id().credentials().put(403, "AccessDeniedException", message)
    assert causes(evaluated(har, tmp_path)) == ["resource-policy"]


def test_an_sts_reply_to_an_undefined_token_is_only_a_consequence(tmp_path: Path) -> None:
    har = started("1.13.7").get_id().open_id_token(400, "InternalErrorException", "try again")
    har.sts(400, "InvalidIdentityToken", NOT_JWT, token="undefined")
    verdicts = evaluated(har, tmp_path)
    assert causes(verdicts) == []
    assert "GetOpenIdToken" in verdicts["token-vending-failures"].summary


def test_a_stale_identity_that_heals_is_a_warning(tmp_path: Path) -> None:
    har = started().credentials(400, "ResourceNotFoundException", "Identity not found")
    verdicts = evaluated(har.get_id().credentials().put(wait=5), tmp_path)
    assert verdicts["token-vending-failures"].status is Status.WARN
    assert causes(verdicts) == []


def test_signing_false_that_the_version_ignores_is_no_fault(tmp_path: Path) -> None:
    har = started("1.19.0", html=snippet(signing=False)).get_id().credentials().put(wait=5)
    assert causes(evaluated(har, tmp_path)) == []


def test_the_default_endpoint_of_3_2_0_is_explained(tmp_path: Path) -> None:
    page = snippet(endpoint=None).replace("2.x", "3.2.0")
    har = started("3.2.0", html=page).get_id().credentials()
    har.put(403, "InvalidSignatureException", host="dataplane.rum.us-west-2.amazonaws.com")
    verdict = evaluated(har, tmp_path)["endpoint-region"]
    assert "us-west-2 when endpoint is left out" in verdict.summary


def test_the_table_lists_the_failed_calls(tmp_path: Path) -> None:
    har = started().get_id().credentials().put(403, "AccessDeniedException", ENHANCED)
    table = evaluated(har, tmp_path)["put-events-denied"].evidence[0].table
    assert table is not None
    assert [row[1:4] for row in table.rows] == [
        ("PutRumEvents", f"dataplane.rum.{REGION}.amazonaws.com", "403")
    ]


def test_the_identity_never_appears(tmp_path: Path) -> None:
    assert IDENTITY not in repr(evaluated(Har().healthy(), tmp_path))
    assert SESSION not in repr(evaluated(Har().healthy(), tmp_path))

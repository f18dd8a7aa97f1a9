"""AWS Organizations: the accounts of an organization, where the account is in one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.ids import ACCOUNT, ORGANISATION

if TYPE_CHECKING:
    from rumkit.sandbox.context import Context
    from rumkit.sandbox.resources import Member

_MOST_A_PAGE: Final = 20
_JOINED: Final = datetime(2025, 11, 3, 10, 0, tzinfo=UTC)


def list_accounts(call: Context) -> dict[str, Any]:
    """ListAccounts, at most twenty a page."""
    members = call.world.organization
    if not members:
        raise AwsError(
            "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.",
            status=400,
        )
    begin = int(call.params.get("NextToken") or 0)
    end = begin + min(int(call.params.get("MaxResults") or _MOST_A_PAGE), _MOST_A_PAGE)
    more = {"NextToken": str(end)} if end < len(members) else {}
    return {"Accounts": [_account(each) for each in members[begin:end]], **more}


def _account(member: Member) -> dict[str, Any]:
    return {
        "Id": member.number,
        "Arn": f"arn:aws:organizations::{ACCOUNT}:account/{ORGANISATION}/{member.number}",
        "Email": f"{member.number}@accounts.example",
        "Name": member.name,
        "State": member.state,
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": _JOINED,
    }


OPERATIONS = {"ListAccounts": list_accounts}

"""The accounts of an organization, each a place of its own.

Source: AWS Organizations API reference, ListAccounts. `State` took the place of `Status` in
September 2026; older endpoints answer with the one, newer with the other.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rumkit.aws.partitions import COMMERCIAL, partition_of
from rumkit.model import BadInput
from rumkit.show.words import one_line

if TYPE_CHECKING:
    from rumkit.fleet.plan import Reach
    from rumkit.fleet.session import AccountSession

# IAM's own rule for names and paths of roles.
_ROLE_NAME: Final = re.compile(r"(?:[\w+=,.@-]+/){0,20}[\w+=,.@-]{1,64}", re.ASCII)


def is_role_name(text: str) -> bool:
    """Tell whether a text is the name of a role, with its path where it has one."""
    return bool(_ROLE_NAME.fullmatch(text))


def refuse_no_role_name(text: str) -> None:
    """Raise BadInput for what `--organization` can't be."""
    if not is_role_name(text):
        raise BadInput(
            f"--organization takes the name of a role that each account has, not {text!r}."
        )


def accounts_of(place: Reach, session: AccountSession, own: str) -> list[Reach]:
    """Return a place for each active account, named `PLACE/ACCOUNT`. Raises NotCollected.

    In each the role of the organization is assumed; the account `own`, that the session belongs
    to, is looked at with the session itself.
    """
    partition = partition_of(session.region or COMMERCIAL.home)
    listed = session.read_all("organizations", "ListAccounts", "Accounts", region=partition.home)
    active = {
        str(each["Id"]): one_line(each.get("Name", ""))
        for each in listed
        if (each.get("State") or each.get("Status")) == "ACTIVE"
    }
    times = Counter(active.values())
    places = []
    for number, name in active.items():
        unique = name if name and times[name] == 1 else f"{name} {number}".strip()
        role = f"arn:{partition.name}:iam::{number}:role/{place.organization}"
        roles = place.roles if number == own else (*place.roles, role)
        shared = "" if number == own else place.external_id
        places.append(
            replace(
                place,
                name=f"{place.name}/{unique}",
                roles=roles,
                external_id=shared,
                organization="",
            )
        )
    return places

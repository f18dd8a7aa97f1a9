"""`rumkit` alone: whose account this is, and its app monitors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rumkit.cli_output import put, status
from rumkit.model import BadInput, NotCollected

if TYPE_CHECKING:
    import argparse

    from rumkit.aws.arrivals import AccountArrivals


def add_options(command: argparse.ArgumentParser) -> None:
    """Add whose account and which region."""
    command.add_argument("--profile", help="AWS profile")
    command.add_argument("--region", help="this region alone (default: all)")
    command.add_argument("--json", action="store_true", help="print one JSON object")


def monitors(options: argparse.Namespace) -> int:
    """Print the account and its monitors, as text or JSON.

    Raises BadInput, in three lines, where nobody is signed in or AWS can't be reached.
    """
    from rumkit.aws.arrivals import read_account
    from rumkit.aws.session import AwsSession
    from rumkit.aws.sign_in import profile_in_use
    from rumkit.show.monitors import described
    from rumkit.target import in_sandbox, now

    session = AwsSession(profile=options.profile, region=options.region)
    profile = profile_in_use(session, options.profile)
    status(
        f"asking {options.region or 'every Region'} for app monitors, and each when it was heard"
    )
    try:
        account_read = read_account(session, options.region)
    except NotCollected as gap:
        raise BadInput(_three_lines(gap, profile)) from None
    finally:
        status("")
    if options.json:
        put(json.dumps(_plain(account_read, profile), indent=2))
    else:
        put(described(account_read, now=now(), profile=profile, sandbox=in_sandbox(profile)))
    return 0


def _three_lines(gap: NotCollected, profile: str | None) -> str:
    """Say what is missing, the next command, and what works without it."""
    from rumkit.aws.sign_in import sign_in_command

    whose = f" (profile {profile})" if profile else ""
    signing = "input:credentials" in gap.missing
    lead = "sign in:" if signing else "then repeat:"
    return (
        f"{'not signed in' if signing else 'no account'}{whose}: {gap.reason}\n"
        f"  {lead:<21}{sign_in_command(profile) if signing else 'rumkit'}\n"
        "  without an account:  rumkit investigate --page URL, or --recording FILE"
    )


def _plain(account_read: AccountArrivals, profile: str | None) -> dict[str, Any]:
    from rumkit.target import iso

    return {
        "account": account_read.id,
        "profile": profile,
        "monitors": [
            {
                "name": each.name,
                "region": each.region,
                "last_hour_with_events": iso(each.last) if each.last else None,
                "unread": each.unread or None,
            }
            for each in account_read.monitors
        ],
        "unread": [{"region": name, "reason": why} for name, why in account_read.unread],
        "switched_off": list(account_read.off),
    }

"""Whose credentials are used, and the command that signs in again."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rumkit.aws.session import AwsSession

_MOST_NAMES = 8


def profile_in_use(session: AwsSession, named: str | None) -> str | None:
    """Return the profile whose credentials are used, None where it is none of them.

    Credentials of the environment win over a profile that the environment names, and not over
    one that the caller names. Source: botocore, credentials.create_credential_resolver.
    """
    if not named and os.environ.get("AWS_ACCESS_KEY_ID"):
        return None
    return named or session.profile


def sign_in_command(profile: str | None) -> str:
    """Return the next command of a person whose credentials are missing or refused.

    It follows the profile's own way of signing in, as the configuration files have it.
    """
    if not profile and os.environ.get("AWS_ACCESS_KEY_ID"):
        return "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
    name = profile or os.environ.get("AWS_PROFILE") or "default"
    known = _profiles()
    option = "" if name == "default" else f" --profile {shlex.quote(name)}"
    own = _with_source(known, name)
    if "sso_session" in own or "sso_start_url" in own:
        return f"aws sso login{option}"
    if "login_session" in own:
        return f"aws login{option}"
    if not own and known:
        names = ", ".join(sorted(known)[:_MOST_NAMES])
        return f"the same with --profile NAME (there are: {names})"
    return f"aws configure{option}"


def _with_source(known: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a profile's settings; one that assumes a role signs in as its source does."""
    own: dict[str, Any] = known.get(name, {})
    source = own.get("source_profile")
    return own | known.get(source, {}) if source and source != name else own


def _profiles() -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    try:
        profiles: dict[str, Any] = Session().full_config.get("profiles", {})
    except BotoCoreError:
        return {}
    return profiles

"""The snippet that a page should carry, with this installation's own ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rumkit.aws.partitions import data_plane_host
from rumkit.aws_names import is_identity_pool_id, is_region, is_uuid
from rumkit.checks import fixes
from rumkit.checks.fixes import javascript, member
from rumkit.client.generations import CDN_HOST, OPTION_NAMES
from rumkit.client.options import known_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rumkit.client.snippet import Snippet
    from rumkit.evidence import Evidence
    from rumkit.model import Fix

_CLIENT = f"https://{CDN_HOST}/1.x/cwr.js"
_LOADER = (
    "(function(n,i,v,r,s,c,x,z){x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c};"
    "window[n]=function(c,p){x.q.push({c:c,p:p});};z=document.createElement('script');"
    "z.async=true;z.src=s;document.head.insertBefore(z,"
    "document.head.getElementsByTagName('script')[0]);})"
)


@dataclass(frozen=True)
class _Ids:
    """The ids that a snippet needs, empty where nobody named a good one."""

    monitor: str = ""
    region: str = ""
    pool: str = ""


def paste_snippet(evidence: Evidence) -> tuple[Fix, ...]:
    """Return the whole script element with the ids that are known, or what has to be known first.

    A snippet with blanks is none that could be pasted, so that nothing of one is printed.
    """
    title = "Paste this as the first script of the page's head"
    ids = _ids(evidence)
    needed = {"the app monitor's id": ids.monitor, "its region": ids.region}
    lacking = [name for name, value in needed.items() if not value]
    if lacking:
        return (
            fixes.advice(
                title,
                f"The snippet can be written when {' and '.join(lacking)}"
                f" {'is' if len(lacking) == 1 else 'are'} known: name the"
                " monitor and a profile of its account (--monitor NAME --profile PROFILE), and it"
                " is printed whole. The RUM console shows it too, under the monitor's"
                " configuration.",
            ),
        )
    mind = "A content security policy must allow it: see csp-script."
    return (fixes.snippet(title, _snippet(evidence, ids), side_effect=mind),)


def own_id(evidence: Evidence) -> tuple[Fix, ...]:
    """Return the monitor's id for the snippet; nothing where the monitor is not known."""
    monitor = evidence.monitor_or_none()
    title = "Put the monitor's own id into the snippet"
    return (fixes.monitor_id(title, monitor.id),) if monitor else ()


def _ids(evidence: Evidence) -> _Ids:
    """Return the account's ids; else the page's own, where they are what they should be."""
    monitor = evidence.monitor_or_none()
    if monitor is not None:
        pool = str(monitor.config.get("IdentityPoolId") or "")
        return _Ids(monitor.id, monitor.region, pool or evidence.only_matching_pool())
    snippet = evidence.snippet_or_none()
    if snippet is None:
        return _Ids()
    ident, region = str(snippet.app_monitor_id), str(snippet.region)
    pool = known_text(snippet.setting("identityPoolId"))
    return _Ids(
        ident if is_uuid(ident) else "",
        region if is_region(region) else "",
        pool if is_identity_pool_id(pool) else "",
    )


def _snippet(evidence: Evidence, ids: _Ids) -> str:
    """Return the loader call as JavaScript, in the form that the RUM console generates."""
    monitor = evidence.monitor_or_none()
    config: Mapping[str, Any] = monitor.config if monitor else {}
    options: dict[str, Any] = {
        "sessionSampleRate": config.get("SessionSampleRate", 1),
        **({"identityPoolId": ids.pool} if ids.pool else {"signing": False}),
        "endpoint": f"https://{data_plane_host(ids.region)}",
        "telemetries": config.get("Telemetries") or ["errors", "performance", "http"],
        "allowCookies": config.get("AllowCookies", True),
        "enableXRay": config.get("EnableXRay", False),
    }
    url = _CLIENT
    snippet = evidence.snippet_or_none()
    if snippet is not None and not snippet.config_open:
        if snippet.version.cdn and snippet.version.known:
            url = str(snippet.client_url)
        options = _kept(snippet, options)
    lines = ",\n".join(f"    {member(name, value)}" for name, value in options.items())
    return (
        f"{_LOADER}(\n  'cwr',\n  {javascript(ids.monitor)},\n  '1.0.0',\n"
        f"  {javascript(ids.region)},\n  {javascript(url)},\n  {{\n{lines}\n  }}\n);"
    )


def _kept(snippet: Snippet, options: dict[str, Any]) -> dict[str, Any]:
    """Return the page's own options where they are good, ours in the place of bad ones."""
    if not snippet.config:
        return options
    bad = {problem.field for problem in snippet.problems} | snippet.misspelt.keys()
    good = {name: value for name, value in snippet.config.items() if name not in bad}
    if snippet.problem("initialize-command"):
        # What such a call is given was written for another tool: what it leaves out is ours.
        good = options | {name: value for name, value in good.items() if name in OPTION_NAMES}
    meant = {
        right: snippet.config[written]
        for written, right in snippet.misspelt.items()
        if right not in good
    }
    return good | meant | {name: options[name] for name in bad if name in options}

"""How fixes are written: commands quoted for a shell, documents as JSON, configuration lines.

Every word from outside is written by the function of the language that it is pasted into:
`command` checks and quotes for a shell, `javascript` and `member` write values of the snippet.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from rumkit import commands
from rumkit.aws.partitions import data_plane_host
from rumkit.aws_names import REGION, UUID
from rumkit.client.generations import CDN_HOST
from rumkit.client.values import Expression, RegExp, Undefined
from rumkit.model import Fix
from rumkit.printable import escape_hidden, hidden
from rumkit.secret import MASK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.aws.identity import IdentityPool, PoolRoles
    from rumkit.aws.monitor import Monitor
    from rumkit.model import FixKind

# Where a fix for the page goes. A configuration fix is lines of the configuration object, each in
# place of the line of its name (`name: undefined` takes that line away); an argument fix is the
# whole value of one argument of the loader; a snippet is the whole script element, the first in
# the head and the only one.
CONFIGURATION = "snippet configuration"
ARGUMENTS = (
    "snippet argument 1 (namespace)",
    "snippet argument 2 (app monitor id)",
    "snippet argument 3 (version)",
    "snippet argument 4 (region)",
    "snippet argument 5 (client URL)",
)
_ID, _REGION, _CLIENT_URL = ARGUMENTS[1], ARGUMENTS[3], ARGUMENTS[4]
SNIPPET = "page snippet"
HEADER = "page header"
META = "page meta element"

_URL = re.compile(r"https://[A-Za-z0-9.-]{1,253}/[A-Za-z0-9._/-]{0,200}")
# What ends a script element, or makes its end tag text (a comment, and a script tag inside it).
_ENDS_SCRIPT = re.compile(r"</script|<!--|<script", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
# No slash but an escaped one or one in a class, no line end, and not the start of a comment.
_LITERAL = re.compile(
    r"(?:[^*/\\\[\n\r\u2028\u2029]|\\.|\[(?:[^\]\\\n\r]|\\.)*\])"
    r"(?:[^/\\\[\n\r\u2028\u2029]|\\.|\[(?:[^\]\\\n\r]|\\.)*\])*"
)
_FLAGS = re.compile(r"[dgimsuvy]*")
_HASH_CHANGES = "An inline snippet's CSP hash changes."

POLICY_NAME = "AllowPutRumEvents"
SCANNERS = (
    "Security scanners (Security Hub, prowler) report guest access to an identity pool; RUM's"
    " default installation needs it, so accept that finding for this pool."
)


command = commands.aws_command


def document(
    kind: FixKind, title: str, value: Any, *, side_effect: str = "", target: str = ""
) -> Fix:
    """Return a policy document as indented JSON."""
    return Fix(kind, title, escape_hidden(json.dumps(value, indent=2)), side_effect, target)


def configuration(title: str, text: str, *, side_effect: str = "") -> Fix:
    """Return lines of the client configuration object, as JavaScript."""
    mind = f"{side_effect} {_HASH_CHANGES}".lstrip()
    return Fix("client-config", title, text, mind, CONFIGURATION)


def endpoint(title: str, region: str, *, side_effect: str = "") -> Fix:
    """Return the option that names the data plane of a Region."""
    line = member("endpoint", f"https://{data_plane_host(region)}")
    return configuration(title, line, side_effect=side_effect)


def monitor_id(title: str, value: str) -> Fix:
    """Return the snippet's second argument."""
    return _argument(title, value, "app monitor id", re.compile(UUID), _ID)


def region(title: str, value: str) -> Fix:
    """Return the snippet's fourth argument."""
    return _argument(title, value, "region", re.compile(REGION), _REGION)


def client_url(title: str, value: str) -> Fix:
    """Return the snippet's fifth argument."""
    return _argument(title, value, "client's URL", _URL, _CLIENT_URL)


def _argument(title: str, value: str, what: str, pattern: re.Pattern[str], target: str) -> Fix:
    if not pattern.fullmatch(value):
        return commands.no_command(title, commands.not_written(what, value))
    return Fix("client-config", title, f"'{value}'", _HASH_CHANGES, target)


NEWER_CLIENT = client_url("Load a newer client", f"https://{CDN_HOST}/1.x/cwr.js")


def snippet(title: str, text: str, *, side_effect: str = "") -> Fix:
    """Return a whole script element for the page's head; `text` is the script inside it."""
    if _ENDS_SCRIPT.search(text):
        reason = "the page's own configuration holds what would end or hide the script element."
        return commands.no_command(title, reason)
    text = f"<script>\n{text}\n</script>"
    mind = f"{side_effect} {_HASH_CHANGES}".lstrip()
    return Fix("client-config", title, text, mind, SNIPPET)


_HIDDEN_PART = f"{MASK} stands for a secret of this policy: put your own back before you paste."


def policy(title: str, text: str, *, side_effect: str = "", in_header: bool) -> Fix:
    """Return a content security policy as the header's whole line or as the meta element."""
    if in_header and len(text.splitlines()) != 1:
        return commands.no_command(title, "the policy holds a line end, which no header may.")
    if MASK in text:
        # A reporting address may hold a token, which no reader keeps.
        side_effect = f"{side_effect} {_HIDDEN_PART}".strip()
    return Fix("csp-header", title, text, side_effect, HEADER if in_header else META)


def advice(title: str, text: str, *, side_effect: str = "") -> Fix:
    """Return a fix that no command can make."""
    return Fix("advice", title, text, side_effect)


def policy_document(*statements: Any) -> dict[str, Any]:
    """Return an IAM policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow_put_events(monitor_arn: str, **more: str) -> dict[str, Any]:
    """Return the statement that allows PutRumEvents on a monitor; `more` are other elements."""
    return {"Effect": "Allow", **more, "Action": "rum:PutRumEvents", "Resource": monitor_arn}


def compact(value: Any) -> str:
    """Return JSON without white space, for a command line."""
    return escape_hidden(json.dumps(value, separators=(",", ":")))


def javascript(value: Any) -> str:
    """Write a snippet's value as JavaScript, whole, so that it can be pasted."""
    if isinstance(value, dict):
        members = ", ".join(member(key, item) for key, item in value.items())
        return f"{{ {members} }}" if members else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(javascript, value)) + "]"
    if isinstance(value, str):
        plain = escape_hidden(json.dumps(value)[1:-1].replace('\\"', '"').replace("'", "\\'"))
        # A closing script tag would end the element that the text is pasted into, a comment or
        # another script tag keep it from ending.
        return "'" + re.sub(r"(?i)<(?=!--|script)", r"\\x3C", plain.replace("</", "<\\/")) + "'"
    if isinstance(value, RegExp):
        return _regexp(value)
    if isinstance(value, Expression | Undefined):
        return str(value)
    return json.dumps(value)


def _regexp(value: RegExp) -> str:
    """Write a regular expression as a literal, or by its constructor where none can hold it."""
    literal = _LITERAL.fullmatch(value.pattern) and not hidden(value.pattern)
    if literal and _FLAGS.fullmatch(value.flags) and not _ENDS_SCRIPT.search(value.pattern):
        return str(value)
    return f"new RegExp({javascript(value.pattern)}, {javascript(value.flags)})"


def member(name: str, value: Any) -> str:
    """Write an option of the client as a member of its configuration object: `name: value`."""
    key = name if _NAME.fullmatch(name) else javascript(name)
    return f"{key}: {javascript(value)}"


def update_pool(pool: IdentityPool, title: str, *, side_effect: str = "", **changed: Any) -> Fix:
    """Return the command that changes a pool and repeats the rest of its configuration.

    UpdateIdentityPool replaces the whole configuration: what is left out is reset.
    """
    whole = {**pool.configuration, **changed}
    words = ["aws", "cognito-identity", "update-identity-pool", "--region", pool.region]
    words += ["--cli-input-json", compact(whole)]
    return command(title, words, side_effect=side_effect, target=pool.id)


def set_guest_role(pool_id: str, roles: PoolRoles | None, arn: str) -> Fix:
    """Return the command that gives a pool its guest role and repeats its other roles."""
    words = guest_role_words(pool_id, roles, arn)
    return command("Give the identity pool this guest role", words, target=pool_id)


def guest_role_words(pool_id: str, roles: PoolRoles | None, arn: str | None) -> list[str]:
    """Return the words of that command; SetIdentityPoolRoles replaces what is left out."""
    named = {"authenticated": roles.authenticated} if roles and roles.authenticated else {}
    words = ["aws", "cognito-identity", "set-identity-pool-roles"]
    words += ["--region", pool_id.partition(":")[0], "--identity-pool-id", pool_id]
    words += ["--roles", compact({**named, **({"unauthenticated": arn} if arn else {})})]
    if roles and roles.mappings:
        words += ["--role-mappings", compact(roles.mappings)]
    return words


def put_role_policy(role: str, policy: str, value: Any, title: str) -> Fix:
    """Return the command that writes an inline policy of a role."""
    words = ["aws", "iam", "put-role-policy", "--role-name", role, "--policy-name", policy]
    return command(title, [*words, "--policy-document", compact(value)], target=role)


def delete_role_policy(role: str, policy: str, title: str) -> Fix:
    """Return the command that removes an inline policy of a role."""
    words = ["aws", "iam", "delete-role-policy", "--role-name", role, "--policy-name", policy]
    return command(title, words, target=role)


def new_policy_version(arn: str, value: Any, title: str) -> Fix:
    """Return the command that makes a new default version of a customer managed policy."""
    words = ["aws", "iam", "create-policy-version", "--policy-arn", arn, "--set-as-default"]
    return command(
        title,
        [*words, "--policy-document", compact(value)],
        side_effect="Every role with this policy gets the change; a policy keeps five versions.",
        target=arn,
    )


def update_trust(role: str, value: Any, title: str) -> Fix:
    """Return the command that replaces a role's trust policy."""
    words = ["aws", "iam", "update-assume-role-policy", "--role-name", role]
    return command(title, [*words, "--policy-document", compact(value)], target=role)


def put_resource_policy(monitor: Monitor, value: Any, title: str, *, side_effect: str = "") -> Fix:
    """Return the command that replaces a monitor's resource policy."""
    words = ["aws", "rum", "put-resource-policy", "--region", monitor.region]
    words += ["--name", monitor.name, "--policy-document", compact(value)]
    return command(title, words, side_effect=side_effect, target=monitor.name)


def delete_resource_policy(monitor: Monitor, title: str) -> Fix:
    """Return the command that removes a monitor's resource policy."""
    words = ["aws", "rum", "delete-resource-policy", "--region", monitor.region]
    return command(title, [*words, "--name", monitor.name], target=monitor.name)


def update_monitor(
    monitor: Monitor, title: str, *options: str, side_effect: str = "", **changed: Any
) -> Fix:
    """Return the command that changes a monitor, its configuration by API names or by options.

    What UpdateAppMonitor is not given stays, but a configuration given replaces the whole, and
    one must be given where a monitor uses Cognito: so it is repeated.
    """
    kept = {**monitor.config, **changed}
    whole = {key: value for key, value in kept.items() if value is not None}
    words = ["aws", "rum", "update-app-monitor", "--region", monitor.region, "--name", monitor.name]
    words += ["--app-monitor-configuration", compact(whole)] if whole else []
    return command(title, [*words, *options], side_effect=side_effect, target=monitor.name)


def make_role(name: str, path: str, trust: Any, permission: Any) -> Sequence[Sequence[str]]:
    """Return the words of the commands that create a role with one inline policy."""
    create = ["aws", "iam", "create-role", "--role-name", name]
    create += ["--path", path] if path != "/" else []
    create += ["--assume-role-policy-document", compact(trust)]
    allow = ["aws", "iam", "put-role-policy", "--role-name", name]
    allow += ["--policy-name", POLICY_NAME, "--policy-document", compact(permission)]
    return create, allow


def remove_role(name: str) -> Sequence[Sequence[str]]:
    """Return the words of the commands that remove what `make_role` made."""
    delete = ["aws", "iam", "delete-role-policy", "--role-name", name]
    delete += ["--policy-name", POLICY_NAME]
    return delete, ["aws", "iam", "delete-role", "--role-name", name]


SET_CLOCK = advice(
    "Set this computer's clock",
    "Signatures older or newer than five minutes are refused, and certificates of another time;"
    " switch on automatic time. Other visitors are not affected.",
)

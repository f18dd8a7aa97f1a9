"""Who answered in AWS's place, and what is to be done at that place.

Proxies, CDNs, gateways, service workers, extensions and single-page fallbacks answer too. Sources:
CloudFront's documentation of allowed methods and custom error responses, the Signature Version 4
specification (the host is signed), the service worker specification.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rumkit.aws_names import is_region
from rumkit.checks import fixes
from rumkit.client.har.author import WAF, Author
from rumkit.client.har.conversation import Kind
from rumkit.client.har.place import aws_host

if TYPE_CHECKING:
    from rumkit.client.har.conversation import Call
    from rumkit.client.visit import Visit
    from rumkit.model import Fix

_NAMES = {
    Author.SERVICE_WORKER: "the page's service worker",
    Author.EXTENSION: "an extension of this browser",
    Author.BROWSER: "the browser itself",
}
_SIGNED_HOST = (
    "A signature covers the host name, so a proxy on another host that only forwards is refused:"
    " let the proxy sign, with `signing: false` in the client, or let the monitor's resource policy"
    " admit unsigned calls."
)


def who(call: Call) -> str:
    """Return who answered a call, and the mark that tells it, as a clause."""
    mark = call.author_mark
    if WAF in mark:
        return f"AWS WAF in front of {call.host}, not RUM ({mark})"
    if call.author is not Author.PROXY:
        name = _NAMES.get(call.author, "nobody who could be told")
    elif "cloudfront" in mark.lower():
        name = "CloudFront"
    elif "gateway" in mark.lower():
        name = "API Gateway"
    elif aws_host(call.host):
        name = "a proxy between this browser and AWS"
    else:
        name = f"{call.host}'s own server"
    return f"{name}, not AWS ({mark})" if mark else f"{name}, not AWS"


def answered_sentence(call: Call) -> str:
    """Return what happened to the events in a sentence."""
    page = "the HTML of a page" if "html" in call.mime else "an answer of its own"
    got = f"{call.status} and {page}" if call.status < 300 else str(call.status)
    what = "The preflight" if call.preflight else str(call.kind)
    events = " RUM never saw these events." if call.kind is Kind.PUT_EVENTS else ""
    return f"{what} to {call.host} was answered with {got} by {who(call)}.{events}"


def at_that_place(visit: Visit, call: Call) -> tuple[Fix, ...]:
    """Return what to do at the place that answered, with what is known of this installation."""
    if call.author is Author.SERVICE_WORKER:
        return (past_the_worker(call.host),)
    if call.author is Author.EXTENSION:
        return (own_endpoint(visit),)
    if aws_host(call.host):
        past = (own_endpoint(visit),) if call.kind is Kind.PUT_EVENTS else ()
        return (_through_the_proxy(call), *past)
    larger = (_larger_bodies(call),) if call.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else ()
    return (*larger, *_back_to_aws(visit, call), _forward(call))


def _larger_bodies(call: Call) -> Fix:
    return fixes.advice(
        f"Let {call.host} take larger bodies",
        "A batch was larger than it takes. In nginx: client_max_body_size 2m; where it forwards"
        " /appmonitors. Smaller batches help too: batchLimit in the client's configuration.",
    )


def past_the_worker(host: str) -> Fix:
    """Return how a page's service worker lets requests to a host go their own way."""
    return fixes.advice(
        "Exclude the host in the service worker's fetch handler",
        f"if (new URL(event.request.url).hostname === {fixes.javascript(host)}) return;\n"
        "// first in the handler of the fetch event, so that the browser sends the request itself",
    )


def _through_the_proxy(call: Call) -> Fix:
    return fixes.advice(
        "Let the proxy pass the host",
        f"Whoever runs the proxy of this network must allow POST and OPTIONS to {call.host}, and"
        " to Cognito and STS beside it. Other visitors are not affected: look from another network"
        " to be sure. Permissions have nothing to do with this answer.",
    )


def own_endpoint(visit: Visit) -> Fix:
    """Return how events get past whatever blocks AWS's host names in visitors' browsers."""
    host = urlsplit(next((load.url for load in visit.loads if load.url), "")).hostname
    site = host or "the site's own host"
    return fixes.advice(
        "Send through an endpoint of the site's own",
        f"Serve cwr.js from {site}, and forward a path of it to the data plane, which blockers do"
        f" not list; then name it in the client's endpoint. {_SIGNED_HOST}",
    )


def _back_to_aws(visit: Visit, call: Call) -> tuple[Fix, ...]:
    """Return the endpoint of the region that the request is signed for, when it is known."""
    regions = [call.signature.region for call in visit.puts if call.signature]
    region = next((name for name in regions if is_region(name)), "")
    if not region:
        return ()
    mind = f"It goes past {call.host}; a policy must let the page connect to it."
    return (fixes.endpoint("Send straight to RUM", region, side_effect=mind),)


def _forward(call: Call) -> Fix:
    path = f"{call.path.partition('/appmonitors')[0]}/appmonitors/*"
    return fixes.advice(
        f"Or let {call.host} pass {path} on to the data plane",
        "In CloudFront: a behaviour for this path with the data plane as its origin, allowed"
        " methods GET, HEAD, OPTIONS, PUT, PATCH, POST, DELETE (GET and HEAD alone answer POST"
        " with 403), caching off, and no custom error response that turns 403 or 404 into"
        f" index.html with 200. Elsewhere: pass POST and OPTIONS on. {_SIGNED_HOST}",
    )

"""What happens between a browser and AWS: names, connections, blockers, ends of recordings."""

from __future__ import annotations

from field_case import Case
from field_write import page, vended, visit
from har_builder import SITE, Har

_PLANE = "https://dataplane.rum.eu-west-1.amazonaws.com"
_NOT_MISSPELT = ("misspelt", "does not exist")
_NETWORK = ("events-arriving", "endpoint-region")


def _lost(net: str, **given: object) -> Har:
    """Let the events end without a reply, while the page goes on."""
    har = vended(visit())
    for _ in range(2):
        har.put(0, net=net, wait=5, **given)
    return har.api().wait(5).api()


def _list_of_names() -> Har:
    return _lost("net::ERR_NAME_NOT_RESOLVED")


def _script_on_a_list() -> Har:
    har = Har(version="1.25.0").document(html=page())
    return har.client(0, net="net::ERR_NAME_NOT_RESOLVED").wait(10).api()


def _misspelt_region() -> Har:
    text = page(endpoint="https://dataplane.rum.eu-wset-1.amazonaws.com")
    har = vended(visit(text))
    har.put(
        0, host="dataplane.rum.eu-wset-1.amazonaws.com", net="net::ERR_NAME_NOT_RESOLVED", wait=5
    )
    return har.api().wait(5)


def _offline_once() -> Har:
    har = visit().get_id(0, net="net::ERR_INTERNET_DISCONNECTED").wait(5)
    return vended(har).put(wait=5).put(wait=5).wait(3)


def _still_open() -> Har:
    har = vended(visit()).put(0, wait=5)
    har.entries[-1]["time"] = 0
    return har


def _open_in_the_middle() -> Har:
    har = vended(visit()).put(0, wait=5)
    for _ in range(6):
        har.wait(10).api()
    return har


def _left_the_page() -> Har:
    har = Har(exporter="firefox", version="1.25.0", stated="1.25.0").document(html=page()).client()
    vended(har).put(wait=5).put(0, net="NS_BINDING_ABORTED", wait=5)
    return har.document(f"{SITE}/next").client().wait(2)


def _cognito_far_away() -> Har:
    return visit().get_id(0, net="net::ERR_TIMED_OUT").wait(30).api()


def _only_in_the_console() -> Har:
    return vended(visit()).wait(25).api()


CASES = (
    Case(
        "list-of-names",
        "hagezi/dns-blocklists 5721: rum.<region>.amazonaws.com is on a list of trackers",
        har=_list_of_names,
        verdict="broken",
        root=_NETWORK,
        find={"identity-pool": "pass", "guest-role-permission": "pass|skip|unknown"},
        says=("(?i)DNS list|blocklist|blocker", "endpoint of the site's own"),
        never=_NOT_MISSPELT,
    ),
    Case(
        "script-on-a-list",
        "the same list names the client's own host",
        har=_script_on_a_list,
        verdict="broken",
        root=("client-script-loads",),
        find={"csp-script": "pass|unknown"},
        says=("(?i)DNS list|blocklist|blocker", "Serve cwr.js"),
        never=_NOT_MISSPELT,
    ),
    Case(
        "sent-to-nowhere",
        "Pi-hole answers listed names with 0.0.0.0, which refuses the connection",
        har=lambda: _lost("net::ERR_CONNECTION_REFUSED"),
        verdict="broken",
        root=_NETWORK,
        says=("refused the connection",),
        never=_NOT_MISSPELT,
    ),
    Case(
        "region-of-no-host",
        "the endpoint's region is misspelt, so that its host does not exist",
        har=_misspelt_region,
        verdict="broken",
        root=("endpoint-region",),
        says=("eu-wset-1", _PLANE),
        never=("blocklist",),
        wrong=("eu-wset-1",),
    ),
    Case(
        "blocked-by-an-extension",
        "uBlock Origin blocks the data plane's host",
        har=lambda: _lost("net::ERR_BLOCKED_BY_CLIENT"),
        verdict="broken",
        root=_NETWORK,
        find={"csp-connect": "pass|unknown"},
        says=("extension", "endpoint of the site's own"),
        never=(*_NOT_MISSPELT, "content security policy blocked"),
    ),
    Case(
        "offline-once",
        "aws-rum-web 550: now and then a visitor's GetId fails, the next one works",
        har=_offline_once,
        verdict="degraded|healthy",
        root=(None,),
        find={"events-arriving": "pass", "identity-pool": "pass"},
        never=_NOT_MISSPELT,
    ),
    Case(
        "reply-to-come",
        "the recording was saved while the events were on their way",
        har=_still_open,
        verdict="unproven",
        root=(None,),
        find={"events-arriving": "unknown"},
        path={"credentials": "works", "ingest": "not looked at"},
        says=("(?i)before the recording ended|had not come",),
    ),
    Case(
        "no-reply-in-the-middle",
        "a request without a reply while the page went on for a minute",
        har=_open_in_the_middle,
        verdict="broken|unproven",
        find={"events-arriving": "fail|unknown"},
        never=("had not come when the recording ended", "before the recording ended"),
    ),
    Case(
        "page-was-left",
        "Firefox: the last batch was cut off by the next page",
        har=_left_the_page,
        verdict="healthy|degraded",
        root=(None,),
        find={"events-arriving": "pass|warn"},
    ),
    Case(
        "company-opens-tls",
        "a proxy opens TLS and the browser does not trust its certificate",
        har=lambda: _lost("net::ERR_CERT_AUTHORITY_INVALID"),
        verdict="broken",
        root=_NETWORK,
        says=("certificate",),
        never=_NOT_MISSPELT,
    ),
    Case(
        "tunnel-refused",
        "a proxy does not open a tunnel to the data plane",
        har=lambda: _lost("net::ERR_TUNNEL_CONNECTION_FAILED"),
        verdict="broken",
        root=_NETWORK,
        says=("proxy",),
        never=_NOT_MISSPELT,
    ),
    Case(
        "cognito-is-far-away",
        "aws-rum-web 434: hosts of AWS that time out from behind a country's border",
        har=_cognito_far_away,
        verdict="broken",
        root=("token-vending-failures",),
        find={"identity-pool": "pass|unknown", "events-arriving": "unknown"},
        says=("did not answer in time",),
        never=("Cognito does not know", "misspelt"),
    ),
    Case(
        "only-the-console-tells",
        "WebKit leaves blocked requests out of the recording; its console tells of them",
        har=_only_in_the_console,
        console=(
            (
                f"Content blocker prevented frame displaying {SITE}/ from loading a resource from"
                f" {_PLANE}/appmonitors/6f2d9c1a-0b3e-4c5d-8e7f-112233445566"
            ),
        ),
        verdict="broken",
        root=_NETWORK,
        says=("(?i)content blocker",),
        never=_NOT_MISSPELT,
    ),
    Case(
        "changed-network",
        "a laptop moves to another network while events are sent",
        har=lambda: (
            vended(visit())
            .put(0, net="net::ERR_NETWORK_CHANGED", wait=5)
            .put(wait=5)
            .put(wait=5)
            .wait(3)
        ),
        verdict="healthy|degraded",
        root=(None,),
        find={"events-arriving": "pass|warn"},
        never=_NOT_MISSPELT,
    ),
)

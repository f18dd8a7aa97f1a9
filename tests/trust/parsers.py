"""Every parser of what others may have written, by name; run alone, what it takes is measured.

`python parsers.py NAME FILE` prints one line of JSON: the outcome, processor seconds, and the
megabytes that it took beyond what was loaded before.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path


def page(path):
    from rumkit.client.find import find_configurations, find_snippets, mention_of
    from rumkit.client.page import read_page

    found = read_page(str(path))
    find_snippets(found)
    find_configurations(found)
    mention_of(found)
    return "cut" if found.truncated else ""


def script(path):
    from rumkit.client.bundle import find_in_scripts
    from rumkit.client.find import find_snippets
    from rumkit.client.page import read_source

    found = read_source(str(path))
    find_snippets(found)
    find_in_scripts([("https://x.example/app.js", found.html)])
    return "cut" if found.truncated else ""


def csp(path):
    from rumkit.client.csp import evaluate
    from rumkit.client.csp.parse import parse_carrier
    from rumkit.client.page import page_from_html

    text = path.read_text(encoding="utf-8", errors="replace")
    parse_carrier(text, where="header")
    html = f'<meta http-equiv="Content-Security-Policy" content="{text[:100]}"><script>a()</script>'
    headers = (("Content-Security-Policy", text),)
    evaluate(
        page_from_html(html, url="https://x.example/", headers=headers), ["https://a.example/b"]
    )


def recording(path):
    from rumkit.client.recording import read_recording
    from rumkit.show.recording import described

    found = read_recording(path)
    described(found)
    return found.problem or "; ".join(found.notes)


def console(path):
    from rumkit.client.har.console import read_console

    read_console(path)


def storage(path):
    from rumkit.client.har.storage import read_storage

    read_storage(path)


def packages(path):
    from rumkit.client.packages import read_packages

    read_packages(path.rename(path.with_name("package-lock.json")))


def trail(path):
    from datetime import UTC, datetime

    from rumkit.target import Window
    from rumkit.trail.files import FileSource
    from rumkit.trail.query import TrailQuery

    window = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))
    query = TrailQuery(window=window, monitors=(("shop-web", "x"),), regions=("eu-west-1",))
    found = FileSource(str(path), processes=1).fetch(query)
    found.frame()
    return str(dict(found.unread))


def policy(path):
    from rumkit.aws.policy import Policies, PolicyDocument, decide
    from rumkit.aws.policy.document import parse_document
    from rumkit.aws.rum_requests import put_rum_events_request

    text = path.read_text(encoding="utf-8", errors="replace")
    document = PolicyDocument("p", text)
    parse_document(document, "identity")
    arn = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop-web"
    role = "arn:aws:iam::111122223333:role/guest"
    pool = "eu-west-1:11111111-2222-4333-8444-555555555555"
    request = put_rum_events_request(arn, role_arn=role, pool_id=pool)
    decide(request, Policies(identity=(document,)))


def targets(path):
    from rumkit.fleet.targets_file import read_targets

    read_targets(path)


def case(path):
    from rumkit import case as cases
    from rumkit.compare import compare
    from rumkit.redact import redacted
    from rumkit.show import html, text

    cases.load_if_case(path)
    found = cases.load(path)
    text.render(redacted(found), width=80, colour=False)
    html.investigation(found)
    compare(found, found)


PARSERS = {
    each.__name__: each
    for each in (
        page,
        script,
        csp,
        recording,
        console,
        storage,
        packages,
        trail,
        policy,
        targets,
        case,
    )
}


def outcome(name, path):
    """Return how a parser ends: "read", what it says of it, or the error; a defect by its name."""
    from rumkit.model import BadInput, NotCollected

    try:
        return "read", str(PARSERS[name](path) or "")[:300]
    except (BadInput, NotCollected) as error:
        return "refused", str(error)[:300]
    except BaseException as defect:  # noqa: BLE001 - it is what is looked for
        import traceback

        where = traceback.extract_tb(defect.__traceback__)[-1]
        return "defect", f"{type(defect).__name__}: {str(defect)[:200]} ({where.name})"


def peak():
    """Return the most megabytes that this program has held; ru_maxrss knows its parent's too."""
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [each for each in status.read_text().splitlines() if each.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(name, path, small):
    # What is imported on the way is no part of what the file takes.
    outcome(name, Path(small))
    before = peak()
    begun = time.process_time()
    ended, said = outcome(name, Path(path))
    seconds = time.process_time() - begun
    taken = peak() - before
    print(json.dumps({"outcome": ended, "said": said, "seconds": seconds, "megabytes": taken}))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The exercises, in the order of the course."""

from __future__ import annotations

from typing import Final

from rumkit.school.lesson import Lesson, LessonQuestion

_PATH = Lesson(
    1,
    "The delivery path",
    "healthy",
    "Nothing is broken here. Find the evidence for each of the six hops, and write it down with "
    "exercise.answer(page=..., session=..., ...).",
    (
        "The page tells the first two hops: school.page() shows what the loader is called with.",
        (
            "The account tells the next ones: the pool is in the snippet and in the monitor's "
            "configuration, and `aws iam get-role-policy` shows which ARN the guest role may send "
            "to."
        ),
        "exercise.investigate() shows a finding per check; unfold them, each has its evidence.",
    ),
    "An event passes six hops, and each leaves evidence in another place: the page, the client's "
    "configuration, Cognito and IAM, RUM, CloudWatch and X-Ray. Configuration that looks right "
    "is not yet a healthy path: that needs events that were seen to arrive.",
    (
        LessonQuestion(
            "page",
            "Which app monitor id does the snippet hold?",
            check="snippet-present",
            value="app monitor id",
        ),
        LessonQuestion(
            "session",
            "Which share of the sessions is recorded, as the snippet says it?",
            ("1", "1.0", "100%", "all", "every session", "all of them"),
        ),
        LessonQuestion(
            "credentials",
            "Which identity pool gives the client its credentials?",
            check="credentials-configured",
            value="identityPoolId",
        ),
        LessonQuestion(
            "authorize",
            "Which ARN must the guest role's policy name?",
            check="guest-role-permission",
            value="resource",
        ),
        LessonQuestion(
            "ingest",
            "Which CloudWatch metric has a sample for each event that RUM accepted?",
            ("RumEventPayloadSize", "AWS/RUM RumEventPayloadSize", "AWS/RUM/RumEventPayloadSize"),
        ),
        LessonQuestion(
            "trace",
            "Which option of the http telemetry makes the client send its trace header?",
            ("addXRayTraceIdHeader",),
        ),
    ),
)

_SAMPLE_RATE = Lesson(
    2,
    "Silence without an error",
    "session-sample-rate",
    "No event has arrived since the morning, and nobody sees an error. Mend it.",
    (
        (
            "No denied call and no failed token: the browsers never asked. Look at what the page "
            "tells the client to do, option by option."
        ),
        "A session is recorded or not by a throw of dice when it begins. Which option is the die?",
        (
            "What browsers do stands in the deployed snippet; the monitor's own configuration only "
            "feeds the snippet that the console generates. school.edit_page(old, new) edits the "
            "page."
        ),
    ),
    "sessionSampleRate decides once per session, and a session that is not sampled makes no "
    "call: silence without any error is a page's or a session's fault. The deployed snippet is "
    "what counts, not the monitor's setting. A browser keeps its decision for the session: test "
    "in a private window.",
)

_NO_CREDENTIALS = Lesson(
    3,
    "Quiet since the tidying",
    "credentials-configured",
    "After a template was tidied up nothing arrives. Cognito has no failed call. Mend it.",
    (
        "Cognito and STS saw no call at all. What would the client need to make one?",
        (
            "Compare the snippet's configuration with the monitor's: "
            "`aws rum get-app-monitor --name shop-web`."
        ),
        (
            "Without identityPoolId and without credentials of its own the client has nobody to "
            "ask. "
            "The monitor still knows the pool."
        ),
    ),
    "The client picks its flow by what it is given: identityPoolId alone means the enhanced "
    "flow, with guestRoleArn the basic flow, without a pool there is none. guestRoleArn alone "
    "gives nothing.",
)

_CLASSIC = Lesson(
    4,
    "Cognito says no",
    "classic-flow",
    "The browsers ask Cognito for a token and are refused. Mend it.",
    (
        "exercise.failures() shows which call fails and what Cognito says.",
        (
            "Compare the snippet (does it hold guestRoleArn?) with the pool: "
            "`aws cognito-identity describe-identity-pool --identity-pool-id ...`."
        ),
        (
            "guestRoleArn makes the client use the basic (classic) flow; the pool must allow it. "
            "update-identity-pool replaces the whole pool: what is not given is lost."
        ),
    ),
    "With guestRoleArn the client walks GetId, GetOpenIdToken, AssumeRoleWithWebIdentity, and the "
    "pool must allow the basic flow; a pool where AllowClassicFlow was never set allows it, one "
    "where it is false does not. update-identity-pool needs every setting again, guest access "
    "included.",
)

_TRUST = Lesson(
    5,
    "STS says no",
    "guest-role-trust",
    "The pool was built anew last week. Since this morning STS says no. Mend it.",
    (
        (
            "exercise.failures() names the call that fails; `aws iam get-role` shows whom the role "
            "trusts."
        ),
        (
            "A trust policy has two conditions for Cognito: aud is a pool, amr is a kind of "
            "identity. "
            "Compare aud with the pool of the snippet."
        ),
        (
            "`aws iam update-assume-role-policy` replaces the trust policy. Keep amr: guests are "
            "`unauthenticated`."
        ),
    ),
    "The guest role must trust cognito-identity.amazonaws.com for this pool (aud) and for guests "
    "(amr: unauthenticated). RUM itself assumes no role here. Failures of STS are management "
    "events: Event history has them for 90 days, in the pool's region.",
)

_PERMISSION = Lesson(
    6,
    "RUM says no",
    "guest-role-permission",
    "Credentials are had, and PutRumEvents answers 403. Mend it.",
    (
        "exercise.denied() shows who was denied; `aws iam get-role-policy` what the role may.",
        "Compare the policy's Resource, letter by letter, with this monitor's ARN.",
        (
            "A monitor's ARN ends in its name, not in its id, though requests carry the id. "
            "`aws iam put-role-policy` replaces the policy."
        ),
    ),
    "rum:PutRumEvents is allowed on arn:aws:rum:REGION:ACCOUNT:appmonitor/NAME. The ARN takes the "
    "name, the request carries the id: a policy with the id looks right and allows nothing. "
    "A * would work and would let every guest send to every monitor.",
)

_REGION = Lesson(
    7,
    "A copied snippet",
    "region-argument",
    "The snippet was copied from a sister site. Every batch is refused. Mend it.",
    (
        "exercise.denied() is empty: this region's trail never saw a call. Where did they go?",
        (
            "The region stands in the snippet more than once. Compare each place with the region "
            "that the monitor lives in."
        ),
        (
            "The loader's fourth argument is the region that requests are signed for, the endpoint "
            "is the host that they go to. Both must be the monitor's; the client's own URL stays "
            "in "
            "us-east-1."
        ),
    ),
    "The region argument signs, the endpoint addresses, and both must be the monitor's region. "
    "The address of cwr.js holds us-east-1 whatever the monitor's region. A call that went to "
    "another region is in that region's trail, if anywhere.",
)

_HASH = Lesson(
    8,
    "A new policy",
    "csp-script",
    "Security rolled out a content security policy and took the hash from the troubleshooting "
    "guide's command. Nothing arrives since. Mend the header.",
    (
        (
            "Compute what a browser computes: SHA-256 of the text between the script tags, to the "
            "byte, in base64. school.page().loader is that text."
        ),
        (
            "Compare with the hash in the header. The guide's command gives the snippet to the "
            "shell "
            "in single quotes: the quotes inside vanish, and echo adds a newline."
        ),
        (
            "In script-src a hash stands in single quotes: 'sha256-...'. Without them it is taken "
            "for a host. school.set_header('Content-Security-Policy', ...) serves another policy."
        ),
    ),
    "The guide's openssl command hashes what the shell has left of the snippet, so it prints a "
    "hash that no browser computes; its final directive leaves out the quotes that a hash needs; "
    "and its section on X-Ray speaks of addXRayTraceIdHeader alone, where enableXRay must be true "
    "too. Compute hashes from the served page, or let the browser's console tell them.",
)

_CONNECT = Lesson(
    9,
    "A policy that names them all",
    "csp-pool-region",
    "The policy names RUM, Cognito and STS, and still nothing arrives. Mend the header.",
    (
        (
            "A blocked connection leaves no trace at AWS. Which hosts does this client call? Its "
            "configuration says it."
        ),
        (
            "The first part of an identity pool's id is its region. Compare it with the hosts of "
            "connect-src."
        ),
        (
            "The data plane is called in the monitor's region, Cognito in the pool's. The enhanced "
            "flow does not call STS at all."
        ),
    ),
    "connect-src must name the hosts that this configuration calls: dataplane.rum in the "
    "monitor's region, cognito-identity in the pool's region, sts there too for the basic flow "
    "only. The monitor's region is not the pool's.",
)

_UNSIGNED = Lesson(
    10,
    "The shop moved",
    "resource-policy-referer",
    "The shop moved to another host name. Its client sends unsigned, as before, and is refused. "
    "Mend it.",
    (
        (
            "Without a signature there is no role and no identity policy: who else could allow the "
            "call?"
        ),
        (
            "`aws rum get-resource-policy --name shop-web` shows what the monitor admits. Compare "
            "its condition with what a browser of this page sends."
        ),
        (
            "A Referer is a whole URL, with the path. StringLike takes a * at its end. "
            "`aws rum put-resource-policy` replaces the policy."
        ),
    ),
    "Unsigned events (signing: false, or the slim build) are admitted by the monitor's resource "
    "policy alone. Its conditions rum:alias and aws:Referer are what the client says of itself: "
    "they keep strays out, they prove nothing. Referrer-Policy can take the Referer away.",
)

_HEADER = Lesson(
    11,
    "Two halves of a trace",
    "xray-header",
    "Events arrive. X-Ray shows the client's half of each trace and the server's, never joined. "
    "Mend it.",
    (
        "A server can only join a trace that it hears of. What would tell it?",
        "Look at the http telemetry in the snippet: a name, or a name with options?",
        (
            "['http', { addXRayTraceIdHeader: true }] in place of 'http' sends the header; "
            "enableXRay "
            "must stay true, though the guide's text does not say so."
        ),
    ),
    "Two options together: enableXRay begins the trace, addXRayTraceIdHeader tells the server. "
    "The header makes cross-origin requests preflighted and can break request signatures: try it "
    "on a staging site first.",
)

_PAIR = Lesson(
    12,
    "A pair of faults",
    "guest-role-trust+csp-script",
    "Two teams released in the same hour. Mend both, the first on the path first, and check in "
    "between.",
    (
        "What breaks first on the path hides what comes after it: begin at the page.",
        (
            "The page first: compare the header with what the browser computes. Then the "
            "credentials: the changes of this morning name a role."
        ),
        "Exercises 8 and 5 hold all that is needed. One check after each step shows the next.",
    ),
    "The first broken hop is mended first: only behind it does the next fault show in calls and "
    "logs. Configuration can be evaluated at once, behaviour only as far as the path works.",
)

_RECORDING = Lesson(
    13,
    "What a browser's recording tells",
    "stored-credentials",
    "Half of the visitors are silent. One of them saved a recording: read it, write the answers "
    "down, then mend the page.",
    (
        "List the recorded calls in order. Which calls would you expect before PutRumEvents?",
        (
            "A 403 without any call for credentials before it: the client had some from elsewhere. "
            "The message of the 403 names the role. Which of the site's pages uses it?"
        ),
        (
            "Credentials are kept in localStorage, one place per origin. From client 1.19 on "
            "cookieAttributes: { unique: true } gives each monitor a place of its own; clients "
            "from "
            "2.0 on drop credentials that are refused."
        ),
    ),
    "A recording shows what no log at AWS does: which calls were never made. Two monitors on one "
    "origin share localStorage, and a client takes what it finds there. Before a recording "
    "leaves your hands it must be free of tokens: rumkit drops them on reading.",
    (
        LessonQuestion(
            "status",
            "Which HTTP status does PutRumEvents answer?",
            ("403", "403 Forbidden", "HTTP 403"),
        ),
        LessonQuestion(
            "calls",
            "How many calls to Cognito or STS does the recording hold?",
            ("0", "none", "zero", "no call"),
        ),
        LessonQuestion(
            "monitor",
            "To which app monitor does the role in the answer belong?",
            ("shop-web-blog",),
        ),
    ),
)

_BROWSER = Lesson(
    14,
    "A page in a real browser",
    "snippet-in-body",
    "The snippet is on the page, word for word, and no call is made. Mend the page; a browser's "
    "console says why.",
    (
        (
            "exercise.visit() opens the page in a browser: what does the console say? Without "
            "a browser: where on the page does the snippet stand, and where are the other scripts?"
        ),
        (
            "The loader inserts cwr.js into head before the first script of the document. Which "
            "script is the first, and is it in head?"
        ),
        (
            "The snippet belongs into head, before other scripts. school.edit_page takes it out of "
            "one place and puts it into another."
        ),
    ),
    "The loader calls document.head.insertBefore(..., first script of the document): where the "
    "first script is not in head it throws NotFoundError, and cwr.js is never asked for. Only "
    "the console shows it, since the error comes before the client that would report it.",
)

LESSONS: Final = (
    _PATH,
    _SAMPLE_RATE,
    _NO_CREDENTIALS,
    _CLASSIC,
    _TRUST,
    _PERMISSION,
    _REGION,
    _HASH,
    _CONNECT,
    _UNSIGNED,
    _HEADER,
    _PAIR,
    _RECORDING,
    _BROWSER,
)

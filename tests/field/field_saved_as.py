"""Forms in which pages and snippets are kept: other languages, dumps, saved pages, odd options."""

from __future__ import annotations

import json

from field_case import QUIET, Case
from field_write import (
    CDN,
    HTML,
    Code,
    html,
    loader,
    npm,
    options,
    page,
    script,
    vended,
    visit,
)
from har_builder import MONITOR, OTHER_MONITOR, POOL, SITE, Har


def _file(name: str, report: str, file: str, text: str, **more: object) -> Case:
    given: dict[str, object] = {**QUIET, **more}
    return Case(name, report, page=text, page_name=file, **given)  # type: ignore[arg-type]


def _served(name: str, report: str, *head: str, **more: object) -> Case:
    return Case(name, report, page=html(*head), headers=HTML, **more)  # type: ignore[arg-type]


def _option(name: str, report: str, **given: object) -> Case:
    options = {key: value for key, value in given.items() if key[0] != "_"}
    rest = {key[1:]: value for key, value in given.items() if key[0] == "_"}
    return Case(name, report, source=npm(**options), **rest)  # type: ignore[arg-type]


_TAGGED = loader(monitor="RUMID", identityPoolId="RUMPOOL")


def _filled(left: str, right: str) -> str:
    return _TAGGED.replace("'RUMID'", f"'{left}rum_id{right}'").replace(
        "'RUMPOOL'", f"'{left}rum_pool{right}'"
    )


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _no_bodies() -> Har:
    har = vended(visit()).put(wait=5).put(wait=5).wait(3)
    for entry in har.entries:
        entry["response"]["content"].pop("text", None)
        entry["request"].pop("postData", None)
    return har


def _refused_without_a_body() -> Har:
    har = vended(visit()).put(403, "AccessDeniedException", "", wait=5).wait(6)
    for entry in har.entries:
        entry["response"]["content"].pop("text", None)
    return har


def _one_of_two_pages() -> Har:
    har = vended(visit()).put(wait=5)
    har.document(f"{SITE}/account", html=page(monitor=OTHER_MONITOR)).client()
    vended(har)
    har.put(404, "ResourceNotFoundException", "App monitor not found", monitor=OTHER_MONITOR,
            wait=5)  # fmt: skip
    return har.wait(6)


def _login_first() -> Har:
    har = Har()
    har.document(f"{SITE}/", html="")
    har.entries[-1]["response"]["status"] = 302
    har.document("https://login.shop.example/", html="<html><body>Sign in</body></html>")
    return har.wait(10)


_SAVED = html(
    script(loader()),
    '<script async="" src="./Shop_files/cwr.js.download"></script>',
)
_VIEW_SOURCE = (
    '<html><head><meta name="color-scheme" content="light dark"></head><body>'
    '<div class="line-gutter-backdrop"></div><table><tbody><tr><td class="line-number"'
    ' value="1"></td><td class="line-content"><span class="html-tag">&lt;script&gt;</span>'
    + loader().replace("&", "&amp;").replace("<", "&lt;")
    + '<span class="html-tag">&lt;/script&gt;</span></td></tr></tbody></table></body></html>'
)
_CLOUDFRONT_ERROR = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access'
    " Denied</Message><RequestId>0A1B2C3D4E5F</RequestId><HostId>abc=</HostId></Error>\n"
)

CASES = (
    _file(
        "view-of-pug",
        "a layout of Pug",
        "views/layout.pug",
        "doctype html\nhtml\n  head\n    script.\n      " + _filled("#{", "}") + "\n  body\n"
        "    block content\n",
    ),
    _file(
        "view-of-haml",
        "a layout of Haml",
        "app/views/layouts/application.html.haml",
        "!!!\n%html\n  %head\n    :javascript\n      " + _filled("#{", "}") + "\n  %body= yield\n",
    ),
    _file(
        "view-of-phoenix",
        "a root layout of Phoenix",
        "root.html.heex",
        html(script(_filled("<%= @", " %>"))),
    ),
    _file(
        "partial-of-hugo",
        "a partial of Hugo",
        "layouts/partials/head.html",
        "<head>" + script(_filled("{{ .Site.Params.", " }}")) + "</head>",
    ),
    _file(
        "include-of-jekyll",
        "an include of Jekyll",
        "_includes/head.html",
        "<head>" + script(_filled("{{ site.", " }}")) + "</head>",
    ),
    _file(
        "page-of-visualforce",
        "a page of Visualforce",
        "Shop.page",
        "<apex:page>" + script(_filled("{!$Label.", "}")) + "</apex:page>",
    ),
    _file(
        "template-of-terraform",
        "a template that Terraform fills",
        "index.html.tftpl",
        html(script(_filled("${", "}"))),
    ),
    _file(
        "f-string-of-python",
        "a page that Python prints with doubled braces",
        "app.py",
        'RUM = f"""<script>'
        + _doubled(_TAGGED).replace("RUMID", "{rum_id}").replace("RUMPOOL", "{rum_pool}")
        + '</script>"""\n',
    ),
    _file(
        "format-of-go",
        "a handler of Go that prints the snippet",
        "main.go",
        "package main\n\nconst page = `<html><head>"
        + script(_TAGGED.replace("RUMID", "%s").replace("RUMPOOL", "%s"))
        + "</head></html>`\n\nfunc main() { fmt.Fprintf(w, page, rumID, rumPool) }\n",
    ),
    _file(
        "string-of-php",
        "a string of PHP with escaped quotes",
        "rum.php",
        "<?php\necho '<script>" + loader().replace("'", "\\'") + "</script>';\n",
    ),
    _file(
        "export-of-a-cms",
        "a CMS's export holds the head as a text",
        "content.json",
        json.dumps({"site": {"name": "Shop", "head_html": script(loader())}}, indent=1),
    ),
    _file(
        "dump-of-a-database",
        "a dump of WordPress's options",
        "dump.sql",
        "INSERT INTO `wp_options` VALUES (12,'ihaf_insert_header','"
        + script(loader()).replace("'", "\\'")
        + "','yes');\n",
    ),
    _file(
        "page-that-was-saved-whole",
        "Save page as, complete: the script's tag is saved as well",
        "Shop.html",
        _SAVED,
    ),
    _file(
        "view-of-the-source-saved",
        "the view of the source was saved, not the page",
        "view-source.html",
        _VIEW_SOURCE,
        verdict="unproven|broken",
        find={"snippet-present": "unknown|fail"},
        says=("(?i)view",),
    ),
    _file(
        "error-document",
        "what was saved is an error document of the bucket",
        "index.html",
        _CLOUDFRONT_ERROR,
        verdict="unproven",
        find={"snippet-present": "unknown"},
        never=("as the first script",),
        says=("(?i)error",),
    ),
    _option(
        "rate-of-nought",
        "sampling was switched off for a while",
        sessionSampleRate=0,
        _verdict="broken",
        _root=("session-sample-rate",),
    ),
    _option(
        "rate-in-percent",
        "the rate as a percentage",
        sessionSampleRate=100,
        _verdict="unproven|degraded",
        _root=(None,),
        _find={"session-sample-rate": "pass|warn"},
    ),
    _option(
        "rate-as-a-text",
        "the rate as a text, which is as good",
        sessionSampleRate="1",
        _verdict="unproven",
        _root=(None,),
    ),
    _option(
        "limit-of-one",
        "a limit that ends the session at once",
        sessionEventLimit=1,
        _verdict="unproven|degraded|broken",
        _says=("sessionEventLimit|1 event",),
    ),
    _option(
        "cache-of-nought",
        "no event is kept until it is sent",
        eventCacheSize=0,
        _verdict="broken|unproven|degraded",
        _says=("eventCacheSize",),
    ),
    _option(
        "batches-of-nought",
        "no event goes into a batch",
        batchLimit=0,
        _verdict="broken|unproven|degraded",
        _says=("batchLimit",),
    ),
    _option(
        "headers-for-a-proxy",
        "aws-rum-web 434: headers for a proxy of one's own",
        endpoint="https://rum.shop.example",
        headers={"x-api-key": "CANARY"},
        signing=False,
        identityPoolId=Code(""),
        _verdict="unproven",
        _root=(None,),
    ),
    _option(
        "alias-of-a-policy",
        "an alias that a resource policy asks for",
        alias="web-2026",
        _verdict="unproven",
        _root=(None,),
    ),
    _option(
        "debugging", "debug: true, and nothing else", debug=True, _verdict="unproven", _root=(None,)
    ),
    _option(
        "pool-with-a-space",
        "a space before the pool's id",
        identityPoolId=f" {POOL}",
        _verdict="broken",
        _root=("identity-pool", "credentials-configured"),
    ),
    _option(
        "pool-in-capitals",
        "the pool's id in capitals",
        identityPoolId=POOL.upper(),
        _verdict="broken|unproven",
        _says=("(?i)EU-WEST-1|capital|lower",),
    ),
    _option(
        "region-in-capitals",
        "the Region in capitals",
        region="EU-WEST-1",
        _verdict="broken",
        _root=("endpoint-region",),
    ),
    _option(
        "region-by-its-name",
        "the Region by its name in words",
        region="Ireland",
        _verdict="broken",
        _root=("endpoint-region",),
    ),
    Case(
        "bodies-left-out",
        "a HAR without content of a visit that delivers",
        har=_no_bodies,
        verdict="healthy|degraded",
        root=(None,),
    ),
    Case(
        "refused-without-a-body",
        "403 and the header with its type alone",
        har=_refused_without_a_body,
        verdict="broken",
        root=("guest-role-permission", "put-events-denied"),
    ),
    Case(
        "second-page-of-a-deleted-monitor",
        "one page delivers, the next names a monitor that is gone",
        har=_one_of_two_pages,
        verdict="broken|degraded",
        root=("monitor-exists",),
        says=(OTHER_MONITOR,),
    ),
    Case(
        "sign-in-instead-of-the-page",
        "the recording ends at a page for signing in",
        har=_login_first,
        verdict="unproven",
        root=(None,),
    ),
    _served(
        "snippet-in-a-frame",
        "the snippet stands in the srcdoc of a frame",
        '<iframe srcdoc="' + script(loader()).replace('"', "&quot;") + '"></iframe>',
        verdict="unproven|degraded",
        find={"snippet-present": "pass|unknown|warn"},
        never=("as the first script",),
    ),
    _served(
        "loader-with-a-nonce",
        "the loader hands its nonce on to the script that it makes",
        script(
            loader().replace("z.async=true;", "z.async=true;z.nonce=document.currentScript.nonce;"),
            'nonce="abc123"',
        ),
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass"},
    ),
    _served(
        "preload-of-the-script",
        "a hint to load the script early, and the snippet",
        f'<link rel="preload" as="script" href="{CDN}">',
        script(loader()),
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass"},
    ),
    _served(
        "loader-of-modern-spelling",
        "somebody wrote the loader anew with arrow functions",
        script(
            "const rum = { q: [], n: 'cwr', i: '" + MONITOR + "', v: '1.0.0',"
            " r: 'eu-west-1', c: " + options() + " }; window.AwsRumClient = rum;"
            " window.cwr = (c, p) => rum.q.push({ c, p }); const s ="
            " document.createElement('script'); s.src = '" + CDN + "';"
            " document.head.append(s);"
        ),
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass"},
    ),
)

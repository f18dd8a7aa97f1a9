"""Pages and templates as people save them: where a snippet stands, and what keeps it still."""

from __future__ import annotations

from field_case import QUIET, Case
from field_write import CDN, HTML, html, loader, options, script
from har_builder import MONITOR, OTHER_MONITOR, ROLE

_FAULT: dict[str, object] = {"verdict": "broken", "root": ("snippet-present",)}
_EU_SCRIPT = CDN.replace("us-east-1", "eu-west-1")


def _served(name: str, report: str, *head: str, **more: object) -> Case:
    return Case(name, report, page=html(*head), headers=HTML, **more)  # type: ignore[arg-type]


def _file(name: str, report: str, file: str, text: str, **more: object) -> Case:
    return Case(name, report, page=text, page_name=file, **more)  # type: ignore[arg-type]


_WORKFLOW = f"""name: deploy
env:
  AWS_REGION: eu-west-1
jobs:
  web:
    runs-on: ubuntu-latest
    steps:
      - name: Inject RUM snippet
        run: |
          cat > /tmp/rum.html <<'SNIPPET'
          {script(loader(url=_EU_SCRIPT))}
          SNIPPET
          sed -i '/<head>/r /tmp/rum.html' dist/index.html
"""
_BLADE = f"""@if(!isTagManagerActive())
  @if(\\App::environment('production'))
    {script(loader())}
  @else
    {script(loader(monitor=OTHER_MONITOR))}
  @endif
@endif
"""
_GOOGLE = (
    "(function(n,i,v,r,s,c,x,z){n[s]||(n[s]=function(){(n[s].q=n[s].q||[]).push(arguments)},"
    "n[s].l=1*new Date,c=i.createElement(v),x=i.getElementsByTagName(v)[0],c.async=1,c.src=r,"
    "x.parentNode.insertBefore(c,x))})(window,document,'script',"
    f"'https://client.rum.us-east-1.amazonaws.com/1.x.x/cwr.js','cwr');"
    f"cwr('init', {{ applicationId: '{MONITOR}', region: 'eu-west-1' }});"
)

CASES = (
    _served(
        "inside-noscript",
        "the second half of a tag manager's code was the place where the snippet went",
        f"<noscript>{script(loader())}</noscript>",
        **_FAULT,
        says=("noscript",),
    ),
    _served(
        "inside-a-template-element",
        "a component's <template> holds the snippet and is never cloned",
        f"<template id=head>{script(loader())}</template>",
        verdict="broken|unproven",
        find={"snippet-present": "fail|unknown|warn"},
        says=("template",),
    ),
    _served(
        "beside-a-src",
        "the snippet stands inside the tag that loads cwr.js; a tag with src runs no text",
        script(loader(), f'src="{CDN}"'),
        **_FAULT,
        says=("src",),
    ),
    _served(
        "for-a-compiler-in-the-page",
        "type=text/babel: nothing runs it where Babel is not on the page",
        script(loader(), 'type="text/babel"'),
        verdict="broken|unproven",
        find={"snippet-present": "fail|unknown|warn"},
        says=("Babel",),
    ),
    _served(
        "shape-of-google-analytics",
        "generated advice: the loader of Google Analytics with the client's URL",
        script(_GOOGLE),
        **_FAULT,
    ),
    _served(
        "amp-page",
        "an AMP page, whose cache and validator allow no script of one's own",
        '<script async src="https://cdn.ampproject.org/v0.js"></script>',
        script(loader()),
        verdict="unproven",
        find={"snippet-present": "pass|unknown|warn"},
    ),
    _served(
        "minor-version-of-the-cdn",
        "public code: 1.5.x in the client's URL, as the console once wrote it",
        script(loader(url=CDN.replace("1.25.0", "1.5.x"), guestRoleArn=ROLE)),
        **QUIET,
    ),
    _served(
        "client-from-the-own-site",
        "public code: cwr.js is served by the site itself, against blockers",
        script(loader(url="/cwr.js")),
        **(QUIET | {"never": ("us-east-1 only", "cannot start")}),
    ),
    _file(
        "pipeline-writes-the-snippet",
        "public code: a workflow writes the snippet into the page, with a host that does not exist",
        ".github/workflows/deploy.yml",
        _WORKFLOW,
        verdict="broken",
        root=("client-script-loads",),
        says=("client\\.rum\\.us-east-1",),
    ),
    _file(
        "markdown-of-mkdocs",
        "public code: the snippet stands in a page of Markdown",
        "docs/index.md",
        f"# Shop\n\n{script(loader())}\n\nWelcome to *our* handbook.\n",
        **QUIET,
    ),
    _file(
        "one-of-two-by-stage",
        "public code: a view of Laravel prints one of two snippets",
        "resources/views/layouts/app.blade.php",
        _BLADE,
        **(QUIET | {"never": ("2 clients", "cannot start")}),
    ),
    _served(
        "command-that-does-not-exist",
        "public code: cwr('setUserId', …), which no client knows",
        script(loader()),
        script("cwr('setUserId', 'u-12');"),
        verdict="unproven|degraded",
        root=(None,),
        says=("setUserId",),
    ),
    _served(
        "command-before-the-snippet",
        "cwr('recordPageView') is called in a script above the snippet: cwr is not defined",
        script("cwr('recordPageView', '/cart');"),
        script(loader()),
        verdict="unproven|degraded|broken",
        find={"snippet-present": "pass|warn|fail"},
        says=("(?i)before|above|not defined",),
    ),
    _served(
        "snippet-as-a-module",
        "type=module runs the snippet all the same, only later",
        script(loader(), 'type="module"'),
        **QUIET,
    ),
    _served(
        "snippet-as-a-file",
        "the snippet was moved into a file of its own, which a policy allows",
        '<script src="/js/rum-init.js" defer></script>',
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
        never=("as the first script",),
        says=("rum-init\\.js",),
    ),
    _served(
        "integrity-of-a-floating-version",
        "a tag with integrity beside a version that changes",
        script(
            loader(url=CDN.replace("1.25.0", "1.x")).replace(
                "z.async=true;",
                "z.async=true;z.integrity='sha384-"
                "oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC';"
                "z.crossOrigin='anonymous';",
            )
        ),
        verdict="unproven|degraded",
        find={"client-script-loads": "warn|unknown|pass", "snippet-present": "pass|warn"},
        says=("integrity",),
    ),
    _file(
        "snippet-with-entities",
        "the page was copied out of a mail, which wrote < and & as entities",
        "page.html",
        html("<pre>" + script(loader()).replace("<", "&lt;").replace(">", "&gt;") + "</pre>"),
        verdict="broken|unproven",
        find={"snippet-present": "fail|unknown"},
    ),
    _file(
        "guest-page-of-a-shop-system",
        "public code: theme.liquid of Shopify asks for the customer's privacy first",
        "layout/theme.liquid",
        html(
            script(
                "window.Shopify.loadFeatures([{name:'consent-tracking-api',version:'0.1'}],"
                "function(e){ if (window.Shopify.customerPrivacy.analyticsProcessingAllowed()) {"
                + loader()
                + "} });"
            )
        ),
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown|pass"},
        never=("cannot start", "as the first script"),
    ),
    _file(
        "settings-of-asp-net",
        "a view of Razor prints the options as JSON with Html.Raw",
        "Views/Shared/_Layout.cshtml",
        html(script(loader(monitor="@Model.RumId", config="@Html.Raw(Json.Serialize(Model.Rum))"))),
        **QUIET,
    ),
    _served(
        "pages-that-do-not-match",
        "pagesToInclude holds texts where the client wants regular expressions",
        script(loader(config=options().replace("{", "{pagesToInclude: ['/shop/*'], ", 1))),
        verdict="unproven|degraded|broken",
        says=("pagesToInclude",),
    ),
)

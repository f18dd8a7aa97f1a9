"""Pages, themes and the script files that they load, and folders of built sites."""

from __future__ import annotations

import json

from field_case import QUIET, Case
from field_write import (
    CDN,
    GOOD,
    HTML,
    LEFT_OUT,
    PLANE,
    html,
    loader,
    npm,
    page,
    script,
)
from har_builder import MONITOR, POOL


def _file(name: str, report: str, file: str, text: str, **more: object) -> Case:
    return Case(name, report, page=text, page_name=file, **(QUIET | more))


def _served(name: str, report: str, *head: str, **more: object) -> Case:
    return Case(name, report, page=html(*head), headers=HTML, **more)


_OWN_LOADER = """(function () {
  var c = window.__RUM__;
  if (!c || localStorage.getItem('agreed') !== 'yes') return;
  (function (n, i, v, r, s, config, u, x, z) {
    x = window.AwsRumClient = { q: [], n: n, i: i, v: v, r: r, c: config, u: u };
    window[n] = function (c, p) { x.q.push({ c: c, p: p }); };
    z = document.createElement('script'); z.async = true; z.src = s;
    z.onload = function () { document.dispatchEvent(new CustomEvent('rum-ready')); };
    document.head.appendChild(z);
  })('cwr', c.monitor, '0.1.0', c.region, 'https://client.rum.us-east-1.amazonaws.com/1.25.0/cwr.js',
    { sessionSampleRate: c.rate ?? 1, identityPoolId: c.pool, telemetries: ['errors'],
      endpoint: `https://dataplane.rum.${c.region}.amazonaws.com`, allowCookies: true });
})();
"""
_RAILS = f"""<!DOCTYPE html>
<html>
  <head>
    <title>Shop</title>
    <%= csrf_meta_tags %>
    <%= javascript_tag nonce: true do %>
      {loader(monitor="<%= j Rails.configuration.x.rum.monitor %>")}
    <% end %>
  </head>
  <body><%= yield %></body>
</html>
"""
_MAGENTO = """<?php
/** @var \\Magento\\Framework\\View\\Helper\\SecureHtmlRenderer $secureRenderer */
$snippet = <<<RUM
    LOADER
RUM;
echo $secureRenderer->renderTag('script', [], $snippet, false);
""".replace("LOADER", loader(monitor="{$block->getMonitorId()}"))
_LAYOUT = f"""<?xml version="1.0"?>
<page xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <head>
    <script src="{CDN}" src_type="url" async="true"/>
  </head>
</page>
"""
_MKDOCS = (
    "{% extends 'base.html' %}\n{% block extrahead %}\n  {{ super() }}\n  "
    + script(loader())
    + "\n{% endblock %}\n"
)
_FACELETS = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:h="http://xmlns.jcp.org/jsf/html">
<h:head>
<script type="text/javascript">
//<![CDATA[
{loader()}
//]]>
</script>
</h:head>
<h:body><ui:insert name="body"/></h:body>
</html>
"""
_MINIFIED_LOADER = (
    "!function(n,i,v,r,s,c,x,z){x=window.AwsRumClient={q:[],n,i,v,r,c},window[n]=function(n,i){"
    'x.q.push({c:n,p:i})},(z=document.createElement("script")).async=!0,z.src=s,document.head.'
    f'insertBefore(z,document.head.getElementsByTagName("script")[0])}}("cwr","{MONITOR}","1.0.0",'
    f'"eu-west-1","{CDN}",{{sessionSampleRate:1,identityPoolId:"{POOL}",endpoint:"{PLANE}",'
    'telemetries:["errors","http"],allowCookies:!0,enableXRay:!1})'
)
_MINIFIED_FAULT = (
    '(self.webpackChunkshop=self.webpackChunkshop||[]).push([[179],{5131:(e,t,n)=>{"use strict";'
    'var r=n(8216);const o={sessionSampleRate:1,guestRoleArn:void 0,identityPoolId:"eu-west-1_Qx7'
    'YzAbCd",endpoint:"https://dataplane.rum.eu-west-1.amazonaws.com",telemetries:["errors",'
    f'"performance"],allowCookies:!0,enableXRay:!1}};try{{new r.a("{MONITOR}","2.4.0","eu-west-1",'
    "o)}catch(e){}}}]);"
)
_VITE_HTML = html(
    body='<div id="app"></div>\n<script type="module" crossorigin src="/assets/index-Bk2.js">'
    "</script>"
)
_ROLLUP = (
    'import{A as h}from"./vendor-x1.js";const c={sessionSampleRate:1,identityPoolId:"'
    f'{POOL}",endpoint:"https://dataplane.rum.eu-west-2.amazonaws.com",telemetries:["errors"],'
    f'allowCookies:!0}};new h("{MONITOR}","1.0.0","eu-west-1",c);\n'
)
_SHOPIFY = (
    "{% comment %} CloudWatch RUM {% endcomment %}\n{% unless request.design_mode %}\n"
    + script(loader(monitor="{{ shop.metafields.rum.monitor }}"))
    + "\n{% endunless %}\n"
)
_TEALIUM = f"""//tealium universal tag - utag.9
try {{ (function(id, loader, u) {{
  u.ev = {{ view: 1 }};
  u.send = function (a, b) {{
    if (u.ev[a]) {{ {loader()} }}
  }};
  utag.o[loader].loader.LOAD(id);
}})("9", "shop.main"); }} catch (e) {{}}
"""
_GTM_HTML = script(loader(monitor="{{RUM monitor}}", region="{{RUM Region}}"))
_CONFIG_FILE = (
    "window.__RUM__ = "
    + json.dumps({"monitor": "shop-web", "region": "eu-west-1", "pool": POOL})
    + ";\n"
)
CASES = (
    _file(
        "loader-of-its-own-after-consent",
        "public code: a loader of a site's own, which waits for consent and a configuration",
        "lib/analytics.js",
        _OWN_LOADER,
        find={"snippet-present": "unknown"},
        says=("agreed|localStorage",),
    ),
    Case(
        "configuration-beside-its-loader",
        "the page prints the configuration, a script of its folder starts the client with it",
        page=html(
            script(
                "window.__RUM__ = { monitor: '" + MONITOR + "', region: 'eu-west-1',"
                " pool: 'eu-west-1_Qx7YzAbCd' };"
            ),
            '<script src="/lib/analytics.js"></script>',
        ),
        files={"lib/analytics.js": _OWN_LOADER},
        verdict="broken|unproven",
        find={"snippet-present": "unknown"},
        says=("(?i)user pool",),
    ),
    _file(
        "tag-helper-of-rails", "javascript_tag with a block", "app/views/layouts/a.html.erb", _RAILS
    ),
    _file("renderer-of-magento", "a template prints it by renderTag", "rum.phtml", _MAGENTO),
    _file(
        "layout-of-magento",
        "a layout of Magento loads the client without a snippet",
        "default_head_blocks.xml",
        _LAYOUT,
        verdict="broken|unproven",
        root=(None, "snippet-present"),
        find={"snippet-present": "fail|unknown"},
        never=(),
    ),
    _file("theme-of-mkdocs", "overrides/main.html of MkDocs", "overrides/main.html", _MKDOCS),
    _file("page-of-facelets", "a CDATA section keeps XML off the script", "page.xhtml", _FACELETS),
    _served(
        "minified-loader", "a minifier wrote the loader anew", script(_MINIFIED_LOADER), **QUIET
    ),
    _file(
        "markdown-with-the-snippet",
        "public code: the first page of a site of Markdown holds the snippet",
        "docs/index.md",
        f"# Shop\n\n{script(loader())}\n\nWelcome to the **shop**.\n",
    ),
    _served(
        "endpoint-of-the-developer",
        "public code: the demonstration's local endpoint on a page that is served",
        script(
            loader(
                endpoint="http://localhost:3000",
                url="/cdn/cwr.js",
                signing=False,
                identityPoolId=LEFT_OUT,
            )
        ),
        verdict="broken|degraded",
        find={"endpoint-region": "fail|warn"},
        says=("localhost",),
    ),
    _file(
        "bundle-with-a-user-pool",
        "a chunk of webpack with a user pool's id",
        "main.5131.js",
        _MINIFIED_FAULT,
        verdict="broken",
        root=("identity-pool", "credentials-configured"),
        says=("(?i)user pool",),
    ),
    Case(
        "folder-of-a-build",
        "the page and its bundle: the endpoint is of another Region than the argument",
        page=_VITE_HTML,
        page_name="dist/index.html",
        files={"dist/assets/index-Bk2.js": _ROLLUP},
        verdict="broken",
        root=("endpoint-region",),
        says=("eu-west-2",),
    ),
    Case(
        "folder-of-a-good-build",
        "the same with the endpoint of the same Region",
        page=_VITE_HTML,
        page_name="dist/index.html",
        files={"dist/assets/index-Bk2.js": _ROLLUP.replace("eu-west-2", "eu-west-1")},
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass"},
    ),
    Case(
        "snippet-in-a-file-of-the-page",
        "public code: the snippet stands in a script file that the page loads",
        page=html('<script src="/js/rum.js" async></script>'),
        files={"js/rum.js": loader(identityPoolId="eu-west-1_Qx7YzAbCd")},
        verdict="broken",
        root=("identity-pool", "credentials-configured"),
        says=("(?i)user pool",),
    ),
    Case(
        "good-snippet-in-a-file-of-the-page",
        "the same with an identity pool",
        page=html('<script src="js/rum.js"></script>'),
        files={"js/rum.js": loader()},
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "pass"},
    ),
    Case(
        "file-of-the-page-and-its-policy",
        "the file is the page's own, so that it needs no hash; the client's host is missing",
        page=html('<script src="js/rum.js"></script>'),
        files={"js/rum.js": loader()},
        headers=f"{HTML}\ncontent-security-policy: script-src 'self'; connect-src *",
        verdict="broken",
        root=("csp-script",),
        says=("client\\.rum\\.us-east-1",),
        wrong=("sha256-",),
    ),
    Case(
        "command-before-a-file-of-the-page",
        "a command stands before the element that loads the snippet's file",
        page=html(
            script("cwr('addSessionAttributes', {shop: '1'});"), '<script src="js/rum.js"></script>'
        ),
        headers=HTML,
        files={"js/rum.js": loader()},
        verdict="unproven|degraded|broken",
        find={"snippet-present": "warn|fail"},
        says=("(?i)before",),
    ),
    Case(
        "page-beside-a-source-that-is-not-in-it",
        "the page holds an old snippet, the source a new one: both start a client",
        page=page(monitor="0a1b2c3d-1111-4222-8333-445566778899"),
        headers=HTML,
        source=npm(),
        verdict="broken|unproven|degraded",
        find={"snippet-present": "pass|warn|fail|unknown"},
    ),
    _served(
        "options-in-quotes",
        "a template printed the options as a string in quotes",
        script(loader(config=f"'{json.dumps(GOOD)}'")),
        verdict="broken",
        root=("snippet-present", "credentials-configured"),
    ),
    _file("theme-of-shopify", "a snippet of a theme of Shopify", "snippets/rum.liquid", _SHOPIFY),
    _file(
        "tag-of-tealium",
        "a tag of Tealium",
        "utag.9.js",
        _TEALIUM,
        find={"snippet-present": "unknown"},
    ),
    _file(
        "tag-of-a-container",
        "a tag of HTML with variables of the tag manager",
        "tag.html",
        _GTM_HTML,
    ),
    Case(
        "configuration-and-loader-in-files",
        "public code: one file sets the configuration, another starts the client",
        page=html(
            '<script src="/rum-config.js"></script>', '<script src="/lib/analytics.js"></script>'
        ),
        files={"rum-config.js": _CONFIG_FILE, "lib/analytics.js": _OWN_LOADER},
        verdict="broken",
        root=("monitor-exists",),
        says=("name",),
    ),
    Case(
        "configuration-and-loader-in-files-that-fit",
        "the same with the monitor's id",
        page=html(
            '<script src="/rum-config.js"></script>', '<script src="/lib/analytics.js"></script>'
        ),
        files={
            "rum-config.js": _CONFIG_FILE.replace("shop-web", MONITOR),
            "lib/analytics.js": _OWN_LOADER,
        },
        verdict="unproven",
        root=(None,),
        find={"snippet-present": "unknown"},
    ),
    Case(
        "folder-of-a-site",
        "the folder of a built site is named as the page",
        files={
            "dist/index.html": html(
                body='<script type="module" src="/assets/index-1.js"></script>'
            ),
            "dist/assets/index-1.js": f'import{{A as h}}from"./v.js";new h("{MONITOR}","1.0.0","eu-west-1",{{sessionSampleRate:1,identityPoolId:"{POOL}",endpoint:"https://dataplane.rum.eu-west-2.amazonaws.com",telemetries:["errors"],allowCookies:!0}});',
            "dist/404.html": html(),
            "dist/assets/v.js": "var x='aws:clientVersion';export{x as A};",
        },
        given={"page": "dist"},
        verdict="broken",
        root=("endpoint-region",),
        says=("eu-west-2",),
    ),
    Case(
        "folder-of-a-page-and-its-file",
        "a folder with a page whose file holds the snippet",
        files={
            "site/index.html": html('<script src="/js/rum.js"></script>'),
            "site/about.html": html(),
            "site/js/rum.js": loader(monitor="shop-web"),
        },
        given={"page": "site"},
        verdict="broken",
        root=("monitor-exists",),
        says=("name",),
    ),
    Case(
        "folder-without-a-client",
        "a folder with one page and no client",
        files={"site/index.html": html()},
        given={"page": "site"},
        verdict="broken",
        root=("snippet-present",),
    ),
)

"""Templates of frameworks and site builders; what was served as it is, nothing fills."""

from __future__ import annotations

from field_case import Case
from field_write import CDN, HTML, Code, html, loader, npm, script
from har_builder import MONITOR, POOL

_OPEN = ("does not parse", "cannot start the client", "as the first script")
_FAULT = ("snippet-present", "monitor-exists", "identity-pool", "credentials-configured")
_RATE = "sessionSampleRate: 1"


def _filled(monitor: str, pool: str, region: str = "eu-west-1", **changed: object) -> str:
    return loader(
        monitor=monitor,
        region=region,
        identityPoolId=pool,
        endpoint=f"https://dataplane.rum.{region}.amazonaws.com",
        **changed,
    )


def _template(name: str, report: str, page_name: str, page: str, **more: object) -> Case:
    given: dict[str, object] = {
        "verdict": "unproven",
        "root": (None,),
        "find": {"snippet-present": "pass|unknown"},
        "never": _OPEN,
        **more,
    }
    return Case(name, report, page=page, page_name=page_name, **given)  # type: ignore[arg-type]


CASES = (
    _template(
        "hugo-partial",
        "public notes: a partial of Hugo takes the ids from the site's parameters",
        "layouts/partials/custom-head.html",
        script(
            _filled(
                "{{ .Site.Params.rum_app_id }}",
                "{{ .Site.Params.rum_identity_pool }}",
                "{{ .Site.Params.rum_region }}",
            )
        ),
    ),
    _template(
        "go-template-that-quotes-by-itself",
        "html/template of Go writes values of a script with their quotes",
        "templates/base.tmpl",
        html(
            script(
                loader(
                    monitor=Code("{{ .RUM.MonitorID }}"),
                    region=Code("{{ .RUM.Region }}"),
                    identityPoolId=Code("{{ .RUM.PoolID }}"),
                )
            )
        ),
    ),
    _template(
        "liquid-theme",
        "a theme of Shopify or Jekyll takes the ids from its settings",
        "layout/theme.liquid",
        html(
            "{%- if settings.rum_enabled -%}",
            script(_filled("{{ settings.rum_monitor }}", "{{ settings.rum_pool | escape }}")),
            "{%- endif -%}",
        ),
    ),
    _template(
        "blade-layout",
        "a layout of Laravel prints the configuration's ids in production",
        "resources/views/layouts/app.blade.php",
        html(
            "@production",
            script(_filled("{{ config('services.rum.id') }}", "{{ config('services.rum.pool') }}")),
            "@endproduction",
        ),
    ),
    _template(
        "blade-layout-with-js-from",
        "the same with Js::from for the options",
        "resources/views/layouts/app.blade.php",
        html(
            script(
                loader(
                    monitor=Code("@json(config('rum.id'))"),
                    config="{{ Js::from(config('rum.options')) }}",
                )
            )
        ),
    ),
    _template(
        "razor-layout",
        "a layout of ASP.NET Core prints values of its configuration",
        "Views/Shared/_Layout.cshtml",
        html(
            "@inject Microsoft.Extensions.Configuration.IConfiguration Configuration",
            script(_filled('@Configuration["Rum:MonitorId"]', '@Configuration["Rum:PoolId"]')),
        ),
    ),
    _template(
        "thymeleaf-with-natural-values",
        "Thymeleaf replaces the value behind its comment, which is there for the designer",
        "src/main/resources/templates/fragments/head.html",
        html(
            script(
                loader(
                    monitor=Code("/*[[${rum.monitorId}]]*/ 'monitor'"),
                    identityPoolId=Code("/*[[${rum.poolId}]]*/ 'pool'"),
                ),
                'th:inline="javascript"',
            )
        ),
    ),
    _template(
        "freemarker-layout",
        "a layout of FreeMarker",
        "templates/layout.ftl",
        html(script(_filled("${rum.monitorId}", "${rum.poolId?js_string}"))),
    ),
    _template(
        "jsp-page",
        "a JSP prints what the servlet put into its request",
        "src/main/webapp/WEB-INF/head.jsp",
        '<%@ page contentType="text/html;charset=UTF-8" %>\n'
        + html(script(_filled("${rumMonitorId}", '<%= request.getAttribute("pool") %>'))),
    ),
    _template(
        "ejs-with-json",
        "a view of express prints ids and the whole configuration",
        "views/layout.ejs",
        html(
            script(
                loader(monitor="<%= rum.monitorId %>", config="<%- JSON.stringify(rum.config) %>")
            )
        ),
    ),
    _template(
        "handlebars-with-a-condition",
        "a layout of Handlebars",
        "views/layouts/main.hbs",
        html(
            "{{#if rum}}",
            script(_filled("{{rum.monitorId}}", "{{{rum.poolId}}}")),
            "{{/if}}",
            body="{{{body}}}",
        ),
    ),
    _template(
        "twig-with-environment",
        "a base template of Symfony",
        "templates/base.html.twig",
        html(
            "{% if app.environment == 'prod' %}",
            script(_filled("{{ rum_monitor_id|e('js') }}", "{{ rum_pool_id|e('js') }}")),
            "{% endif %}",
        ),
    ),
    _template(
        "wordpress-header",
        "a theme of WordPress prints constants of wp-config.php",
        "wp-content/themes/shop/header.php",
        html(
            "<?php wp_head(); ?>",
            "<?php if ( defined( 'RUM_MONITOR' ) ) : ?>",
            script(_filled("<?php echo esc_js( RUM_MONITOR ); ?>", "<?= esc_js( RUM_POOL ) ?>")),
            "<?php endif; ?>",
        ),
    ),
    _template(
        "wordpress-action",
        "a function of WordPress that prints the snippet into the head",
        "wp-content/themes/shop/functions.php",
        "<?php\nadd_action( 'wp_head', function () {\n    if ( is_admin() ) {\n        return;\n"
        "    }\n"
        f"    ?>\n    {script(loader())}\n    <?php\n}}, 1 );\n",
        find={"snippet-present": "pass"},
    ),
    _template(
        "wordpress-inline-script",
        "the snippet as the text of wp_add_inline_script",
        "wp-content/plugins/rum/rum.php",
        "<?php\nadd_action( 'wp_enqueue_scripts', function () {\n"
        "    wp_register_script( 'rum', false );\n    wp_enqueue_script( 'rum' );\n"
        f"    wp_add_inline_script( 'rum', <<<'JS'\n{loader()}\nJS\n    );\n}} );\n",
        find={"snippet-present": "pass"},
    ),
    _template(
        "vue-cli-index",
        "public/index.html of the Vue CLI",
        "public/index.html",
        html(
            script(_filled("<%= VUE_APP_RUM_ID %>", "<%= process.env.VUE_APP_RUM_POOL %>")),
            body="<div id=app></div>",
        ),
    ),
    _template(
        "vite-index",
        "index.html of a Vite project",
        "index.html",
        html(
            script(_filled("%VITE_RUM_ID%", "%VITE_RUM_POOL_ID%")),
            body='<div id=root></div><script type="module" src="/src/main.tsx"></script>',
        ),
    ),
    Case(
        "vite-index-as-it-was-served",
        "Vite leaves the mark of a variable that it does not know, and says so in its log only",
        page=html(
            script(_filled("%VITE_RUM_ID%", "%VITE_RUM_POOL_ID%")),
            body='<div id=root></div><script type="module" src="/assets/index-9f3c.js"></script>',
        ),
        headers=HTML,
        verdict="broken",
        root=_FAULT,
        says=("VITE_RUM_ID",),
    ),
    _template(
        "sveltekit-app-html",
        "src/app.html of SvelteKit",
        "src/app.html",
        html(
            script(_filled("%sveltekit.env.PUBLIC_RUM_ID%", "%sveltekit.env.PUBLIC_RUM_POOL%")),
            "%sveltekit.head%",
            body='<div style="display: contents">%sveltekit.body%</div>',
        ),
    ),
    _template(
        "astro-defines-variables",
        "a layout of Astro hands its variables to an inline script",
        "src/layouts/Layout.astro",
        "---\nconst rumId = import.meta.env.PUBLIC_RUM_ID;\n"
        "const rumPool = import.meta.env.PUBLIC_RUM_POOL;\n---\n"
        + html(
            script(
                loader(monitor=Code("rumId"), identityPoolId=Code("rumPool")),
                "is:inline define:vars={{ rumId, rumPool }}",
            ),
            body="<slot />",
        ),
    ),
    _template(
        "gatsby-ssr",
        "gatsby-ssr.js puts the snippet into the head",
        "gatsby-ssr.js",
        "import React from 'react';\n\nexport const onRenderBody = ({ setHeadComponents }) => {\n"
        "  setHeadComponents([\n    <script key='rum' dangerouslySetInnerHTML={{ __html: `\n"
        f"{_filled('${process.env.GATSBY_RUM_ID}', '${process.env.GATSBY_RUM_POOL}')}\n"
        "    ` }} />,\n  ]);\n};\n",
    ),
    _template(
        "nuxt-config",
        "nuxt.config.ts holds the snippet among the head's scripts",
        "nuxt.config.ts",
        "export default defineNuxtConfig({\n  app: { head: { script: [\n    { innerHTML: `"
        f"{loader()}` }},\n  ] }} }},\n}});\n",
        find={"snippet-present": "pass"},
    ),
    _template(
        "next-document",
        "pages/_document.tsx of Next.js",
        "pages/_document.tsx",
        "import { Html, Head, Main, NextScript } from 'next/document';\n\nexport default function"
        " Document() {\n  return (\n    <Html lang='en'>\n      <Head>\n        <script"
        " dangerouslySetInnerHTML={{ __html: `"
        f"{_filled('${process.env.NEXT_PUBLIC_RUM_ID}', POOL)}`"
        " }} />\n      </Head>\n      <body><Main /><NextScript /></body>\n    </Html>\n  );\n}\n",
    ),
    _template(
        "streamlit-component",
        "public code: components.html of Streamlit puts the snippet into a frame",
        "app.py",
        "import streamlit as st\nimport streamlit.components.v1 as components\n\n"
        f'rum_script = """\n{script(loader())}\n"""\n\ncomponents.html(rum_script, height=0)\n',
        find={"snippet-present": "pass|warn"},
    ),
    _template(
        "script-of-a-stack",
        "public code: a construct of the CDK joins the snippet from its resources",
        "lib/rum-stack.ts",
        "this.htmlScript = `<script>"
        + loader(
            monitor="MONITOR",
            region="REGION",
            identityPoolId="POOL",
            endpoint="https://dataplane.rum.REGION.amazonaws.com",
        )
        .replace("MONITOR", "` + this.appMonitor.attrId + `")
        .replace("REGION", "` + Stack.of(this).region + `")
        .replace("POOL", "` + pool.ref + `")
        + "</script>`;\n",
    ),
    Case(
        "options-that-were-escaped",
        "a template printed the options as JSON and escaped them for HTML, which a script is not",
        page=html(
            script(
                loader(
                    config="{&quot;sessionSampleRate&quot;:1,&quot;identityPoolId&quot;:"
                    f"&quot;{POOL}&quot;,&quot;telemetries&quot;:[&quot;errors&quot;]}}"
                )
            )
        ),
        headers=HTML,
        verdict="broken",
        root=("snippet-present",),
        says=("does not parse", "escaped for HTML \\(&quot;\\)", f"identityPoolId: '{POOL}'"),
        wrong=("signing: false",),
    ),
    Case(
        "quotes-that-were-escaped",
        "a CMS saved the pasted snippet with typographic quotes written as entities",
        page=html(
            script(
                loader()
                .replace("'cwr'", "&#8216;cwr&#8217;")
                .replace(f"'{MONITOR}'", f"&#8216;{MONITOR}&#8217;")
            )
        ),
        headers=HTML,
        verdict="broken",
        root=("snippet-present",),
        says=("does not parse", "escaped for HTML \\(&#8216;\\)"),
        wrong=("signing: false",),
    ),
    Case(
        "breaks-of-an-editor",
        "an editor of a CMS made line breaks and paragraphs of the pasted lines",
        page=html(
            script(loader().replace("{sessionSampleRate", "<br />\n{<br />\nsessionSampleRate"))
        ),
        headers=HTML,
        verdict="broken",
        root=("snippet-present",),
        says=("does not parse", "an editor put tags into it \\(<br />\\)"),
        wrong=("signing: false",),
    ),
    Case(
        "account-for-the-id-and-a-folder-too-much",
        "public code: a Java class prints the account in the monitor's place, and a path of the"
        " client that the CDN does not have",
        page=html(
            script(
                loader(
                    monitor="111122223333",
                    url=CDN.replace("1.25.0", "1.x/js"),
                    identityPoolId="",
                )
            )
        ),
        headers=HTML,
        verdict="broken",
        root=("client-script-loads", *_FAULT),
        find={"client-script-loads": "fail|warn", "monitor-exists": "fail"},
        says=("(?i)account", "1\\.x/cwr\\.js"),
        never=("looks like the monitor's name", "--name 111122223333"),
    ),
    Case(
        "id-that-is-an-account",
        "the same id with everything else right",
        source=npm(monitor="111122223333"),
        verdict="broken",
        root=("monitor-exists",),
        says=("(?i)account",),
        never=("looks like the monitor's name", "--name 111122223333"),
    ),
)

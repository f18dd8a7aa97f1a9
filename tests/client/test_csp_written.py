"""Policies out of the files of servers, frameworks and CDNs."""

from __future__ import annotations

import time

import pytest

from rumkit.client.csp.written import open_sources, written_policies

A = "https://a.example"

# What a file says, and the policies that it sets.
FILES = {
    "SvelteKit quotes the keywords itself": (
        f"csp: {{ directives: {{ 'script-src': ['self'], 'connect-src': ['self', '{A}'] }} }}",
        [f"script-src 'self'; connect-src 'self' {A}"],
    ),
    "Talisman takes lists and texts": (
        f"csp = {{\n 'default-src': '\\'self\\'',\n 'connect-src': [\"'self'\", '{A}'],\n}}\n",
        [f"default-src 'self'; connect-src 'self' {A}"],
    ),
    "Laravel names its directives as constants": (
        f"$csp->addDirective(Directive::CONNECT, [Keyword::SELF, '{A}']);",
        [f"connect-src 'self' {A}"],
    ),
    "an array that is joined": (
        (
            f"const csp = [\n  \"default-src 'self'\",\n  `connect-src 'self' {A} ${{api}}`,\n"
            "  \"img-src data:\",\n].join('; ');"
        ),
        [f"default-src 'self'; connect-src 'self' {A} ${{api}}; img-src data:"],
    ),
    "texts of Java with a variable between them": (
        'String csp = "script-src \'self\' " + nonce + "; " +\n  "connect-src \'self\'";',
        ["script-src 'self' ${nonce}; connect-src 'self'"],
    ),
    "texts of Java that are added within a directive": (
        f'policy = "default-src \'self\'; "\n  + "connect-src \'self\' "\n  + "{A};";',
        [f"default-src 'self'; connect-src 'self' {A}"],
    ),
    "texts of Python side by side": (
        f'CSP = (\n  "default-src \'self\'; "\n  "connect-src \'self\' "\n  "{A}"\n)\n',
        [f"default-src 'self'; connect-src 'self' {A}"],
    ),
    "slices of Go": (
        f'csp := list("CSP_CONNECT_SRC", []string{{"\'self\'", "{A}"}})\n',
        [f"connect-src 'self' {A}"],
    ),
    "lines that Java appends": (
        f'csp.append("default-src \'self\'; ");\n\n// calls\ncsp.append("connect-src {A}; ");\n',
        [f"default-src 'self'; connect-src {A}"],
    ),
    "what guards the images of Next.js": (
        "dangerouslyAllowSVG: true, contentSecurityPolicy: \"script-src 'none'; sandbox;\"",
        [],
    ),
    "helmet adds its defaults": (
        (
            f"app.use(helmet({{ contentSecurityPolicy: {{ directives: {{\n"
            f"  connectSrc: [\"'self'\", '{A}', process.env.API, ...more] }} }} }}))"
        ),
        [
            (
                f"connect-src 'self' {A} ${{process.env.API}} ${{more}}; default-src 'self';"
                " script-src 'self'"
            )
        ],
    ),
    "helmet without any configuration": (
        "app.use(helmet());",
        ["default-src 'self'; script-src 'self'"],
    ),
    "helmet without a policy": ("app.use(helmet({ contentSecurityPolicy: false }));", []),
    "YAML that folds lines": (
        (
            f"- key: Content-Security-Policy\n  value: >-\n    default-src 'self';\n"
            f"    connect-src 'self' {A};\n    img-src *\n"
        ),
        [f"default-src 'self'; connect-src 'self' {A}; img-src *"],
    ),
    "YAML that doubles its quotes": (
        f"value: 'default-src ''self''; connect-src {A}'\n",
        [f"default-src 'self'; connect-src {A}"],
    ),
    "arguments of Ruby over several lines": (
        (
            f"content_security_policy do |p|\n  p.connect_src :self,\n    :https,\n    '{A}'\n"
            "  p.script_src :self\nend\n"
        ),
        [f"connect-src 'self' https: {A}; script-src 'self'"],
    ),
    "words of Ruby": (
        f"config.csp = {{ default_src: %w('self'), connect_src: %w('self' {A}) }}",
        [f"default-src 'self'; connect-src 'self' {A}"],
    ),
    "a comment sets nothing": (
        (
            "# add_header Content-Security-Policy \"default-src 'none'\";\n"
            "add_header Content-Security-Policy \"default-src 'self'\";\n"
        ),
        ["default-src 'self'"],
    ),
    "two places of one server": (
        (
            "location / { add_header Content-Security-Policy \"connect-src 'self'\"; }\n"
            'location /a { add_header Content-Security-Policy "connect-src *"; }\n'
        ),
        ["connect-src 'self'", "connect-src *"],
    ),
    "prose that names directives": ("Set `connect-src` and `script-src`; see default-src.", []),
    "a script's address": (f'const scriptSrc = "{A}/cwr.js";', []),
}


@pytest.mark.parametrize("name", FILES)
def test_policies_are_read_as_a_server_would_send_them(name: str) -> None:
    text, values = FILES[name]
    assert [policy.value for policy in written_policies(text)] == values


@pytest.mark.parametrize(
    "text",
    [
        "add_header Content-Security-Policy-Report-Only \"connect-src 'self'\";",
        "CSP_REPORT_ONLY = True\nCSP_CONNECT_SRC = (\"'self'\",)\n",
        "contentSecurityPolicy: { directives: { connectSrc: [\"'self'\"] }, reportOnly: true }",
    ],
)
def test_a_policy_on_trial_is_told_from_one_that_blocks(text: str) -> None:
    assert [policy.header[0] for policy in written_policies(text)] == [
        "content-security-policy-report-only"
    ]


def test_sources_that_something_else_fills_are_named() -> None:
    assert open_sources(f"'self' {A} ${{api}} https://%s.example $host {{{{ api }}}}") == (
        "${api}", "https://%s.example", "$host", "{{", "}}",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "connect-src 'self' " * 60_000,
        '"connect-src ' * 60_000,
        '" + ' * 120_000,
        "\"default-src 'self'\"" + "#" * 390 + "\0\"connect-src 'self'\"",
        "\"default-src 'self'\"" + "/" * 390 + "\n\0\"connect-src 'self'\"",
        '"\\n' * 200_000,
        "connectSrc: [" * 60_000 + "csp",
        "csp connect_src " + "'a'," * 200_000,
        "csp " + "connect_src :a,\n" * 60_000,
        "helmet( " * 100_000,
    ],
)
def test_a_hostile_file_costs_little_time(text: str) -> None:
    began = time.monotonic()
    written_policies(text)
    assert time.monotonic() - began < 5

"""The loader and NPM installations that are found, and the values read from them."""

from __future__ import annotations

import math

import pytest
from installs import (
    ARROW,
    CONSOLE,
    DOCS,
    ID,
    MINIFIED,
    OTHER_ID,
    POOL,
    PRETTY,
    URL,
    loader,
    npm,
    page,
)

from rumkit.client.find import find_snippets
from rumkit.client.page import page_from_html
from rumkit.client.snippet import UNDEFINED, Expression, RegExp, Snippet


def only(source: str) -> Snippet:
    found = find_snippets(source)
    assert len(found) == 1, found
    return found[0]


FORMS = {
    "console": CONSOLE,
    "docs": DOCS,
    "minified": MINIFIED,
    "pretty": PRETTY,
    "arrow": ARROW,
    "nexus": DOCS.replace("AwsRumClient", "AwsNexusTelemetry").replace("i:i", "a:i"),
    "bracket": DOCS.replace("window.AwsRumClient", "window['AwsRumClient']"),
    "or-existing": DOCS.replace("={q:[]", "=window.AwsRumClient||{q:[]"),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_loader_spelling_gives_the_six_arguments(form: str) -> None:
    found = only(page(loader(f"{{identityPoolId:'{POOL}'}}", form=form)))
    assert (
        found.kind,
        found.namespace,
        found.app_monitor_id,
        found.app_version,
        found.region,
        found.client_url,
        found.config,
    ) == ("loader", "cwr", ID, "1.0.0", "eu-west-1", URL, {"identityPoolId": POOL})


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_healthy_loader_has_no_problem(form: str) -> None:
    assert only(page(loader(form=form))).problems == ()


# More of a letter, in other words, than a name may have places.
_FULL_OF_E = "seen(element);" * 600
# source before the loader, the value as written, what it comes to
VALUES = [
    ("", "'a'", "a"),
    ("", '"a\\u0062\\x63\\n"', "abc\n"),
    ("", "`a${1 + 1}b`", "a2b"),
    ("", "'a' + 'b' + \"c\"", "abc"),
    ("", "0.5", 0.5),
    ("", ".5", 0.5),
    ("", "1/2", 0.5),
    ("", "-1", -1),
    ("", "0x10", 16),
    ("", "0x" + "f" * 300 + " + 1", math.inf),
    ("", f"JSON.parse('[{'9' * 400}]')", [math.inf]),
    ("", "1_000", 1000),
    ("", "1e3", 1000),
    ("", "!0", True),
    ("", "!1", False),
    ("", "null", None),
    ("", "`${-1e400}`", "-Infinity"),
    ("", "`${0.00001}, ${1e-7}, ${1e20}`", "0.00001, 1e-7, 100000000000000000000"),
    ("", "parseFloat('0.5%')", 0.5),
    ("", "JSON.stringify('é') + JSON.stringify(1e400)", '"é"null'),
    ("", "void 0", UNDEFINED),
    ("", "undefined", UNDEFINED),
    ("", "[1,'b',[true]]", [1, "b", [True]]),
    ("", "{a:{b:1}}", {"a": {"b": 1}}),
    ("", "{'a-b':1,2:3}", {"a-b": 1, "2": 3}),
    ("", "{['a'+'b']:1}", {"ab": 1}),
    ("", "/\\/api\\//i", RegExp("\\/api\\/", "i")),
    ("", "new RegExp('^x')", RegExp("^x")),
    ("", "JSON.parse('{\"a\":[1]}')", {"a": [1]}),
    ("", "Object.freeze({a:1})", {"a": 1}),
    ("", "Object.assign({},{a:1},{a:2,b:3})", {"a": 2, "b": 3}),
    ("", "Number('0.25')", 0.25),
    ("", "true ? 'yes' : 'no'", "yes"),
    ("", "'' || 'default'", "default"),
    ("", "null ?? 'default'", "default"),
    ("", "(1, 2)", 2),
    ("const A='x';", "A", "x"),
    ("var A; A='x';", "A", "x"),
    ("let A=null; A='x';", "A", "x"),
    ("const A='x', B=A+'y';", "`${B}z`", "xyz"),
    ("const C={r:{e:'x'}};", "C.r.e", "x"),
    ("const C={r:{e:'x'}};", "C['r']['e']", "x"),
    ("const L=['a','b'];", "L[1]", "b"),
    ("const L=['a'];", "[...L,'b']", ["a", "b"]),
    ("const C={a:1};", "{...C,b:2}", {"a": 1, "b": 2}),
    ("const C={a:1};", "{b:2,...C,a:3}", {"b": 2, "a": 3}),
    ("const {a, b: c}={a:1,b:2};", "[a,c]", [1, 2]),
    ("window.A='x';", "A", "x"),
    ("window.A='x';", "window.A", "x"),
    ("window.A=window.A||{b:1};", "A.b", 1),
    ("const a=1;", "{a}", {"a": 1}),
    ("var C={}; C.a=1; C['b']=2;", "C", {"a": 1, "b": 2}),
    ("var C={a:1}; Object.assign(C,{b:2});", "C", {"a": 1, "b": 2}),
    ("const C={a:1}; (C.a)=2;", "C.a", 2),
    ("const L=['a']; L.push('b', 'c');", "L", ["a", "b", "c"]),
    (_FULL_OF_E + "let e='x';", "e", "x"),
    ("let e='x';" + _FULL_OF_E + "e='y';", "e", "y"),
]


@pytest.mark.parametrize(("before", "written", "value"), VALUES)
def test_a_constant_of_the_file_comes_out_as_its_value(
    before: str, written: str, value: object
) -> None:
    found = only(page(before + loader(f"{{option:{written}}}")))
    assert found.config["option"] == value
    assert type(found.config["option"]) is type(value) or isinstance(value, dict)


# source before the loader, the value as written
EXPRESSIONS = [
    ("", "process.env.RATE"),
    ("", "getRate()"),
    ("", "unheardOf"),
    ("", "function(){return 1}"),
    ("", "10n"),
    ("", "`a${rate()}`"),
    ("let A='x'; A='y'; A='z';", "A"),
    ("let A; if(p){A='x'}else{A='y'}", "A"),
    ("let A='x'; function f(){A='y'}", "A"),
    ("let A=1; A++;", "A"),
    ("var A='x'; var A='y';", "A"),
    ("const A=B, B=A;", "A"),
    ("const C=load();", "C.a"),
    ("var C={a:1}; if(p){C.a=2}", "C.a"),
    ("const [A]=['x'];", "A"),
    ("for (const A of ['x']) {}", "A"),
    ("let A='x'; for (A of ['y']) {}", "A"),
    ("const C={a:1}; C.a++;", "C.a"),
    ("const C={a:1}; [C.a]=[2];", "C.a"),
    ("const L=['b','a']; L.sort();", "L"),
    ("const L=['a']; L[0]='b';", "L[0]"),
    ("const L=['a']; L.length=0;", "L"),
]


@pytest.mark.parametrize(("before", "written"), EXPRESSIONS)
def test_what_is_no_constant_keeps_its_source(before: str, written: str) -> None:
    value = only(page(before + loader(f"{{option:{written}}}"))).config["option"]
    assert isinstance(value, Expression)
    assert value.source == written


def test_an_expression_names_what_it_reads() -> None:
    value = only(page(loader("{option: settings.rate + base}"))).config["option"]
    assert isinstance(value, Expression)
    assert value.names == ("settings.rate", "base")


def test_nan_stays_nan() -> None:
    value = only(page(loader("{sessionSampleRate: NaN}"))).config["sessionSampleRate"]
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("config", "is_open"),
    [
        ("{a:1}", False),
        ("{...load(),a:1}", True),
        ("load()", True),
        ("{[key()]:1}", True),
        ("Object.assign({},load())", True),
    ],
)
def test_a_configuration_is_open_when_unseen_keys_may_exist(config: str, is_open: bool) -> None:
    assert only(page(loader(config))).config_open is is_open


def test_a_changed_constant_keeps_the_change_that_comes_before_the_loader() -> None:
    source = "const C={rate:1}; C.rate=0.5;" + loader("C")
    assert only(page(source)).config == {"rate": 0.5}


def test_a_change_after_the_loader_makes_the_member_unknown() -> None:
    source = "const C={rate:1};" + loader("C") + "C.rate=0;"
    assert isinstance(only(page(source)).config["rate"], Expression)


def test_an_inner_name_hides_the_outer_one() -> None:
    source = f"const id='outer';(function(){{const id='{ID}';{loader(monitor='id')}}})()"
    assert only(page(source)).app_monitor_id == ID


def test_a_wrapper_function_passes_its_arguments_on() -> None:
    source = f"(function(id,region){{{loader(monitor='id', region='region')}}})('{ID}','eu-west-3')"
    found = only(page(source))
    assert (found.app_monitor_id, found.region) == (ID, "eu-west-3")


def test_a_named_loader_gives_one_installation_for_each_call() -> None:
    named = DOCS.removeprefix("(").removesuffix(")").replace("function(", "function load(", 1)
    calls = "".join(f"load('{n}','{i}','1','eu-west-1','{URL}',{{}});" for n, i in _TWO.items())
    found = find_snippets(page(named + calls))
    assert {s.namespace: s.app_monitor_id for s in found} == _TWO


_TWO = {"a": ID, "b": OTHER_ID}


def test_two_loaders_on_one_page_are_two_installations() -> None:
    found = find_snippets(page(loader(), loader(monitor=f"'{OTHER_ID}'")))
    assert [(s.app_monitor_id, s.script_index) for s in found] == [(ID, 0), (OTHER_ID, 1)]


def test_a_global_of_another_script_is_resolved() -> None:
    source = page(
        f"window.RUM={{id:'{ID}',config:{{a:1}}}}", loader("RUM.config", monitor="RUM.id")
    )
    found = only(source)
    assert (found.app_monitor_id, found.config) == (ID, {"a": 1})


def test_a_change_that_another_script_makes_to_its_global_counts() -> None:
    assert only(page("var C={a:1};C.a=2;", loader("C"))).config == {"a": 2}


def test_a_member_of_another_script_s_global_is_read_through_an_alias() -> None:
    config = f"window.__RUM__={{appMonitorId:'{ID}',region:'eu-west-1',pool:'{POOL}'}};"
    used = loader("{identityPoolId:c.pool}", monitor="c.appMonitorId", region="c.region")
    found = only(page(config, f"(function(){{const c=window.__RUM__;{used}}})()"))
    assert (found.app_monitor_id, found.region, found.config) == (
        ID,
        "eu-west-1",
        {"identityPoolId": POOL},
    )


def test_arguments_are_read_out_of_a_spread_list() -> None:
    source = f"const all=['cwr','{ID}','1','eu-west-1','{URL}',{{a:1}}];{DOCS}(...all)"
    found = only(page(source))
    assert (found.app_monitor_id, found.client_url, found.config) == (ID, URL, {"a": 1})


def test_a_queue_made_by_hand_takes_its_url_from_the_script_tag() -> None:
    queue = f"window.AwsRumClient={{q:[],n:'cwr',i:'{ID}',v:'1',r:'eu-west-1',c:{{a:1}}}};"
    found = only(f"<script>{queue}</script><script async src='{URL}'></script>")
    assert (found.app_monitor_id, found.client_url, found.config) == (ID, URL, {"a": 1})


def test_a_queue_made_by_hand_takes_its_url_from_a_created_element() -> None:
    queue = f"window.AwsRumClient={{q:[],n:'cwr',i:'{ID}',v:'1',r:'eu-west-1',c:{{}}}};"
    created = f"var s=document.createElement('script');s.src='{URL}';document.head.append(s);"
    assert only(page(queue + created)).client_url == URL


def test_the_seventh_argument_is_the_remote_configuration() -> None:
    found = only(page(loader("{}", "'https://shop.example/rum.json'")))
    assert found.remote_config_url == "https://shop.example/rum.json"


def test_the_console_spelling_never_passes_the_seventh_argument_on() -> None:
    source = loader("{}", "'https://shop.example/rum.json'", form=CONSOLE)
    assert only(page(source)).remote_config_url is None


@pytest.mark.parametrize(
    ("before", "after", "condition"),
    [
        ("", "", ""),
        ("if(consent){", "}", "inside if (consent)"),
        ("consent&&", "", "behind consent &&"),
        ("consent?0:", "", "inside the other branch of consent ? ..."),
        ("try{", "}catch(e){}", ""),
        ("(function(){", "})()", ""),
        ("(()=>{", "})()", ""),
        ("function go(){", "}", "inside the function go, which this file does not call"),
        ("function go(){", "} go();", ""),
        ("function go(){", "} if(consent){go()}", "inside if (consent)"),
        ("const go=()=>{", "}; go();", ""),
        ("document.addEventListener('DOMContentLoaded',function(){", "})", ""),
        ("window.onload=function(){", "}", ""),
        ("setTimeout(()=>{", "},0)", ""),
        ("(function(){if(!consent)return;", "})()", "after the early return of if (!consent)"),
        (
            "(function(){if(!consent){log();return}",
            "})()",
            "after the early return of if (!consent)",
        ),
        (
            "(function(){if(!consent){return; /* none */}",
            "})()",
            "after the early return of if (!consent)",
        ),
        (
            "(function(){if(consent){log()}else{return}",
            "})()",
            "after the early return in the else of if (consent)",
        ),
        ("(function(){return;", "})()", "behind a return that always comes first"),
        ("(function(){if(consent){log()}", "})()", ""),
        ("new Promise(function(){", "})", ""),
        ("if(!process.browser){", "}", "inside if (!process.browser)"),
        ("if(!(typeof window === 'undefined')){", "}", ""),
        ("if(typeof window!=='undefined'){", "}", ""),
        ("if (typeof window === 'undefined') {} else {", "}", ""),
        ("(function(){if(typeof window === 'undefined')return;", "})()", ""),
        ("if(!window.AwsRumClient){", "}", ""),
        ("switch(stage){case 'prod':", "}", "inside switch (stage)"),
        ("if(a){}else{", "}", "inside the else of if (a)"),
        ("useEffect(()=>{", "},[])", "inside an effect (useEffect)"),
        (
            "button.addEventListener('click',function(){",
            "})",
            "inside a handler of the event click",
        ),
        ("onConsent(function(){", "})", "inside a function given to onConsent"),
    ],
)
def test_the_condition_that_a_loader_runs_under_is_told(
    before: str, after: str, condition: str
) -> None:
    body = loader().removesuffix(";") if before.endswith(("&&", ":")) else loader()
    assert only(page(before + body + after)).conditional == condition


def test_a_guard_is_quoted_with_the_function_that_it_stands_in() -> None:
    source = "function go(){if (sessionStorage.getItem('on')) return;" + loader() + "}"
    assert only(page(source)).conditional == (
        "after the early return of if (sessionStorage.getItem('on')), inside the function go, "
        "which this file does not call"
    )


@pytest.mark.parametrize(
    "source",
    [
        f"<template><script>{loader()}</script></template>",
        f"<noscript><script>{loader()}</script></noscript>",
        f"<!-- <script>{loader()}</script> -->",
        f"<textarea><script>{loader()}</script></textarea>",
        page(f"/* {loader()} */"),
        page(f"// {loader()}"),
        page("var text = 'window.AwsRumClient = {q:[]}';"),
        page("if (window.AwsRumClient) { window.AwsRumClient.q.push({}) }"),
        "import { Other } from 'other'; new Other('AwsRum');",
        "class AwsRum {} new AwsRum('a');",
        "",
        "AwsRum",
    ],
)
def test_what_does_not_run_is_no_installation(source: str) -> None:
    assert find_snippets(source) == []


def test_the_line_counts_from_the_top_of_the_page() -> None:
    assert only(f"<!doctype html>\n<head>\n<script>\n\n{loader()}</script>").line == 5


def test_a_carriage_return_page_counts_its_lines_too() -> None:
    assert only(f"<!doctype html>\r\n<head>\r\n<script>\r\n{loader()}</script>").line == 4


def test_a_page_object_gives_what_its_text_gives() -> None:
    text = page(loader())
    assert find_snippets(page_from_html(text)) == find_snippets(text)


def test_javascript_with_a_script_tag_in_a_string_is_still_javascript() -> None:
    source = loader() + "var t = '<script>x</' + 'script>';"
    assert only(source).app_monitor_id == ID


IMPORTS = [
    ("import { AwsRum } from 'aws-rum-web';", "AwsRum", "full"),
    ("import { AwsRum as R } from 'aws-rum-web';", "R", "full"),
    ("import * as rum from 'aws-rum-web';", "rum.AwsRum", "full"),
    ("const { AwsRum } = require('aws-rum-web');", "AwsRum", "full"),
    ("const { AwsRum: R } = require('aws-rum-web');", "R", "full"),
    ("const rum = require('aws-rum-web');", "rum.AwsRum", "full"),
    ("const R = require('aws-rum-web').AwsRum;", "R", "full"),
    ("var rum = n(123);", "rum.AwsRum", "full"),
    ("var rum = n(123);", "(0, rum.AwsRum)", "full"),
    ("const { AwsRum } = await import('aws-rum-web');", "AwsRum", "full"),
    ("import { AwsRum } from '@aws-rum/web-slim';", "AwsRum", "slim"),
    ("import * as rum from '@aws-rum/web-slim';", "rum.AwsRum", "slim"),
    ("const { AwsRum } = require('@aws-rum/web-slim');", "AwsRum", "slim"),
    ("import { AwsRum } from 'https://esm.example/aws-rum-web@2.1.0';", "AwsRum", "full"),
    (
        "import type { AwsRumConfig } from 'aws-rum-web'; declare const AwsRum: any;",
        "AwsRum",
        "full",
    ),
]


@pytest.mark.parametrize(("imports", "name", "build"), IMPORTS)
def test_every_way_to_import_the_package_is_known(imports: str, name: str, build: str) -> None:
    found = only(f"{imports} const c = new {name}('{ID}', '1', 'eu-west-1', {{a: 1}});")
    assert (found.kind, found.build, found.app_monitor_id, found.config) == (
        "npm",
        build,
        ID,
        {"a": 1},
    )


def test_typescript_annotations_do_not_hide_the_values() -> None:
    config = "<AwsRumConfig>{ sessionSampleRate: 1 as number, telemetries: ['errors'] as const }"
    found = only(npm(config, imports="import { AwsRum, AwsRumConfig } from 'aws-rum-web';"))
    assert found.config == {"sessionSampleRate": 1, "telemetries": ["errors"]}


def test_an_environment_variable_stays_an_expression() -> None:
    found = only(npm("{ identityPoolId: process.env.POOL! }"))
    assert found.config["identityPoolId"] == Expression("process.env.POOL", ("process.env.POOL",))


def test_a_construction_inside_a_then_callback_is_found() -> None:
    source = f"import('aws-rum-web').then(({{AwsRum}}) => new AwsRum('{ID}','1','eu-west-1'))"
    found = only(source)
    assert (found.app_monitor_id, found.conditional) == (ID, "")


def test_a_file_without_imports_is_found_by_the_class_name() -> None:
    assert only(f"const r = new AwsRum('{ID}', '1', 'eu-west-1', {{}});").kind == "npm"

"""The web client inside a bundle, known by what minification leaves: shortened bundles."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from rumkit.client.bundle import BundledClient, find_in_scripts
from rumkit.client.values import Expression

if TYPE_CHECKING:
    from rumkit.client.snippet import Snippet

MONITOR = "5b9d2f40-8c1e-4d73-9a06-e2f7c4b81d35"
POOL = "eu-west-1:1c9e7d22-64f0-4b8a-b3c5-70a9e8d6f214"
CONFIG = (
    f'{{sessionSampleRate:.25,identityPoolId:"{POOL}",telemetries:["errors",["http",{{}}]],'
    "allowCookies:!0}"
)
MADE = f'new Ze("{MONITOR}","2.0.1","eu-west-1",{CONFIG})'
# The client's code, cut down to what it is known by: strings, members, and the class.
CORE = (
    'var Sa="cwr_s",Ua="cwr_u";class Qa{incrementSessionEventCount(){this.n++}'
    "batch(){return{AppMonitorDetails:this.a,RumEvents:this.e,metadata:"
    '{"aws:client":this.k,"aws:clientVersion":Va}}}}'
    "class Da{dispatchFetchFailSilent(){return this.f().catch(()=>{})}"
    'f(){throw Error("CWR: Cannot dispatch; no AWS credentials.")}}'
    'class Pa{record(){throw Error("AWS RUM Client record: Invalid plugin ID")}}'
)
OLD = "routeChangeComplete recordJsErrorEvent useBeacon addSessionAttributes cwr_i"
CLASS = "class Ze extends Qa{constructor(e,t,r,n={}){super(e)}constructBuiltinPlugins(){return[]}}"
CLIENT = f'const Va="1.17.2";{CORE}{CLASS}'
SLIM = (
    f'const Va="3.2.1";{CORE}class Ze{{constructor(e){{log("Initialized RUM Slim")}}'
    "setSigningConfigFactory(e){this.d=e}}"
)


def client_in(text: str) -> BundledClient:
    found = find_in_scripts([("https://www.shop.example/app.js", text)])
    assert found is not None
    return found


def construction(text: str) -> Snippet:
    (snippet,) = client_in(text).snippets
    return snippet


def told(snippet: Snippet) -> tuple[object, ...]:
    return snippet.app_monitor_id, snippet.app_version, snippet.region, dict(snippet.config)


CONFIGURED = {
    "sessionSampleRate": 0.25,
    "identityPoolId": POOL,
    "telemetries": ["errors", ["http", {}]],
    "allowCookies": True,
}
TOLD = (MONITOR, "2.0.1", "eu-west-1", CONFIGURED)


def test_the_full_client_is_recognised_with_its_version() -> None:
    found = client_in(CLIENT)
    assert (found.installed, found.build, found.version) == ("module", "full", "1.17.2")
    assert (found.url, found.snippets) == ("https://www.shop.example/app.js", ())
    assert found.version_text == "1.17.2"


def test_the_slim_client_is_told_from_the_full_one() -> None:
    both = SLIM + "class Xe extends Ze{constructBuiltinPlugins(){}}"
    assert [client_in(text).build for text in (SLIM, both)] == ["slim", "full"]
    assert construction(SLIM + ";" + MADE).build == "slim"


def test_a_part_that_both_builds_share_does_not_tell_the_build() -> None:
    shared = f"{CORE}x.setSigningConfigFactory(1)"
    assert client_in(shared).build is None


def test_the_cdn_script_is_no_bundle_of_the_page() -> None:
    script = f"(()=>{{{CLIENT}const e=window.AwsRumClient;new Ze(e.i,e.v,e.r,e.c)}})()"
    found = client_in(script)
    assert (found.installed, found.version, found.snippets) == ("script", "1.17.2", ())


SPELLINGS = [
    'const Va="1.17.2";' + CORE,
    CORE + "var x=1,Va = '1.17.2';",
    CORE.replace(":Va}", ':"1.17.2"}'),
    CORE.replace(":Va}", ":o.webClientVersion}") + 'o.webClientVersion="1.17.2";',
    "var Va;" + CORE + 'Va="1.17.2"',
]


@pytest.mark.parametrize("text", SPELLINGS, ids=range(len(SPELLINGS)))
def test_a_literal_version_is_read(text: str) -> None:
    assert client_in(text + CLASS).version == "1.17.2"


NOT_TOLD = [
    CORE,
    CORE.replace(":Va}", ":o.k}") + 'k="18.3.1"',
    CORE + 'var Va="1.17.2";function f(){var Va="18.3.1"}',
    CORE + 'var aVa="1.17.2",$Va="1.17.2";',
    CORE + "var Va=`${major}.1.2`;",
]


@pytest.mark.parametrize("text", NOT_TOLD, ids=range(len(NOT_TOLD)))
def test_a_version_that_is_not_literal_is_not_guessed(text: str) -> None:
    assert client_in(text + CLASS).version == ""


WITHOUT_VERSION = CORE.replace('"aws:clientVersion"', '"x"') + CLASS
RANGES = [
    ("", (1, 0, 0), (1, 5, 0)),
    ("e.routeChangeComplete", (1, 5, 0), (1, 6, 0)),
    ("e.routeChangeComplete,e.recordJsErrorEvent,e.useBeacon", (1, 9, 0), (1, 10, 0)),
    ("e.routeChangeComplete,e.recordJsErrorEvent,e.addSessionAttributes", (1, 6, 0), (1, 9, 0)),
    ("e.useBeacon,e.compressionStrategy,e.releaseId", (1, 0, 0), (1, 5, 0)),
]


@pytest.mark.parametrize(("features", "since", "before"), RANGES, ids=range(len(RANGES)))
def test_features_bound_the_version(
    features: str, since: tuple[int, int, int], before: tuple[int, int, int]
) -> None:
    found = client_in(WITHOUT_VERSION + f"g({features})")
    assert (found.version, found.since, found.before) == ("", since, before)


def test_bounds_are_told_in_words() -> None:
    words = [
        BundledClient("module", "full", since=(1, 9, 0), before=(1, 10, 0)).version_text,
        BundledClient("module", "full", since=(3, 1, 0)).version_text,
        BundledClient("module", None).version_text,
    ]
    assert words == ["at least 1.9.0, before 1.10.0", "at least 3.1.0", "unknown"]


WORDS = f"cwr_s cwr_u RumEvents AppMonitorDetails dataplane.rum. {MONITOR}"
NO_CLIENT = [
    "",
    "var a=1",
    # A page about the client, as HTML and inside a bundle.
    f"<p>The cookies <code>cwr_s</code> and <code>cwr_u</code>, {WORDS}</p>",
    f'x("CWR: Cannot dispatch; no AWS credentials. means that cwr_s and cwr_u … {WORDS}")',
    f'x("constructBuiltinPlugins {WORDS}")',
    # A program that calls the API itself.
    f'class R{{putRumEvents(){{return{{AppMonitorDetails:{{id:"{MONITOR}"}},RumEvents:[]}}}}}}',
    # Other monitoring, with options of the same names.
    f'dd.init({{applicationId:"{MONITOR}",sessionSampleRate:50,allowCookies:!0,telemetries:[]}})',
    f'new Dd("{MONITOR}","1.0.0","shop",{{sessionSampleRate:50}})',
    # A construction of something else that has an id, a version and a Region.
    f'new Bucket("{MONITOR}","1.0.0","eu-west-1",{{encrypted:!0}})',
    CORE.replace('"cwr_s"', '"xyz_s"'),
    CORE.replace("RumEvents", "Events"),
    CORE.replace("dispatchFetchFailSilent", "a").replace("Invalid plugin", "b"),
]


@pytest.mark.parametrize("text", NO_CLIENT, ids=range(len(NO_CLIENT)))
def test_words_alone_are_no_client(text: str) -> None:
    assert find_in_scripts([("", text)]) is None


CONSTRUCTIONS = {
    "inline": MADE,
    "assigned": f"const e={MADE}",
    "names": f'let a={CONFIG},b="{MONITOR}",c="2.0.1",d="eu-west-1";k=new Ze(b,c,d,a)',
    "members": f'var n={{id:"{MONITOR}",v:"2.0.1",r:"eu-west-1",c:{CONFIG}}};'
    "new Ze(n.id,n.v,n.r,n.c)",
    "spread": f'var o={CONFIG};new Ze("{MONITOR}","2.0.1","eu-west-1",{{...o}})',
    "in parentheses": MADE.replace("new Ze(", "new(r(98).Dm)("),
    "of a module": MADE.replace("new Ze(", "new a.mV("),
    "of a class in place": MADE.replace("new Ze(", "new class extends Qa{x(e){return 1}}("),
    "in a try": f"try{{const e={CONFIG};new Ze('{MONITOR}','2.0.1','eu-west-1',e)}}catch{{}}",
    "in an async call": f"!async function(){{const{{AwsRum:t}}=await r.e(1);{MADE}}}()",
    "in a webpack module": f'var m={{98:(e,t,r)=>{{"use strict";var a=r(3);{MADE}}}}};',
    "in an old webpack module": f"({{98:function(e,t,r){{{MADE}}}}})",
    "in a Turbopack module": f"push([123456,e=>{{'use strict';{MADE}}}])",
    "in a SystemJS module": f"r([],function(e){{return{{execute:function(){{{MADE}}}}}}})",
    "in a script of its own": f"(()=>{{{MADE}}})()",
    "in JSON": "const n=JSON.parse('"
    f'{{"c":{{"sessionSampleRate":0.25,"identityPoolId":"{POOL}",'
    f'"telemetries":["errors",["http",{{}}]],"allowCookies":true}},"i":"{MONITOR}"}}'
    '\');new Ze(n.i,"2.0.1","eu-west-1",n.c)',
}


@pytest.mark.parametrize("code", CONSTRUCTIONS.values(), ids=CONSTRUCTIONS.keys())
def test_a_construction_is_read(code: str) -> None:
    snippet = construction(f"{CLIENT};{code}")
    assert told(snippet) == TOLD
    assert (snippet.kind, snippet.config_open, snippet.problems) == ("npm", False, ())
    assert snippet.conditional == ""


@pytest.mark.parametrize("code", CONSTRUCTIONS.values(), ids=CONSTRUCTIONS.keys())
@pytest.mark.parametrize("seed", [1, 2])
def test_a_construction_is_read_in_the_midst_of_much_code(code: str, seed: int) -> None:
    text = f"{filler(60_000, seed)};{CLIENT};{filler(60_000, seed)};{code};{filler(60_000, seed)}"
    assert told(construction(text)) == TOLD


def test_settings_far_from_the_construction_are_read() -> None:
    settings = f'const t={CONFIG},n="{MONITOR}",r="2.0.1",o="eu-west-1"'
    text = f"{settings};{filler(300_000, 3)};{CLIENT};{filler(9_000, 3)};new Ze(n,r,o,t)"
    assert told(construction(text)) == TOLD


CONDITIONS = [
    f'"localhost"!==location.hostname&&{MADE}',
    f"if(ok){{{MADE}}}",
    f"function start(){{{MADE}}}",
    f"s.useEffect(()=>{{{MADE}}},[])",
    f"e.exports={{mounted(){{{MADE}}}}}",
]


@pytest.mark.parametrize("code", CONDITIONS)
def test_what_a_construction_waits_for_is_kept(code: str) -> None:
    snippet = construction(f"{CLIENT};{code}")
    assert told(snippet) == TOLD
    assert snippet.conditional != ""


def test_what_is_not_literal_stays_an_expression() -> None:
    config = "{sessionSampleRate:1,identityPoolId:env.pool,telemetries:[]}"
    code = f'new Ze(env.id,"2.0.1",env.region,{config})'
    snippet = construction(f"{CLIENT};{code}")
    assert isinstance(snippet.app_monitor_id, Expression)
    assert isinstance(snippet.region, Expression)
    assert isinstance(snippet.config["identityPoolId"], Expression)
    assert (snippet.app_version, snippet.config["sessionSampleRate"]) == ("2.0.1", 1)


def test_a_configuration_from_elsewhere_leaves_it_open() -> None:
    snippet = construction(f'{CLIENT};new Ze("{MONITOR}","2.0.1","eu-west-1",r(5).Z)')
    assert (snippet.app_monitor_id, snippet.config_open) == (MONITOR, True)


def test_a_client_whose_construction_tells_nothing_has_none() -> None:
    assert client_in(f"{CLIENT};new Ze(e.a,e.b,e.c,e.d)").snippets == ()


def test_the_name_of_a_monitor_in_place_of_its_id_is_read() -> None:
    snippet = construction(f"{CLIENT};{MADE.replace(MONITOR, 'shop-web')}")
    assert snippet.app_monitor_id == "shop-web"


def test_the_methods_that_are_called_are_read() -> None:
    code = f"let k={MADE};k.setAwsCredentials(c),k.recordPageView('/')"
    assert [each.name for each in construction(f"{CLIENT};{code}").commands] == [
        "setAwsCredentials",
        "recordPageView",
    ]


def test_the_line_is_that_of_the_script() -> None:
    assert construction(f"{CLIENT}\n\n/* a\nb */\n{MADE}").line == 5


def test_two_constructions_are_two() -> None:
    found = client_in(
        f'{CLIENT};{MADE};{MADE.replace(""""eu-west-1",""", """"us-east-1",""")}'
    ).snippets
    assert [each.region for each in found] == ["eu-west-1", "us-east-1"]


def test_client_and_construction_in_different_scripts_belong_together() -> None:
    scripts = [("/app.js", f'import{{O as e}}from"./vendor.js";{MADE}'), ("/vendor.js", SLIM)]
    found = find_in_scripts(scripts)
    assert found is not None
    assert (found.url, found.build, found.version) == ("/vendor.js", "slim", "3.2.1")
    assert [(told(each), each.build) for each in found.snippets] == [(TOLD, "slim")]


def test_the_client_may_itself_be_spread_over_scripts() -> None:
    half = len('var Sa="cwr_s",Ua="cwr_u";')
    scripts = [("/a.js", CLASS), ("/b.js", f'{CORE[:half]}const Va="3.2.1";{CORE[half:]}')]
    found = find_in_scripts([*scripts, ("/c.js", "var a=1")])
    assert found is not None
    assert (found.url, found.build, found.version) == ("/b.js", "full", "3.2.1")


def test_a_plain_construction_is_enough_when_the_code_comes_later() -> None:
    found = find_in_scripts([("/app.js", MADE.replace("Ze", "(await i(3)).a"))])
    assert found is not None
    assert (found.installed, found.build, found.version_text) == ("module", None, "unknown")
    assert (found.url, [told(each) for each in found.snippets]) == ("", [TOLD])


def test_scripts_without_a_url_are_not_mixed_up() -> None:
    found = find_in_scripts([("", MADE), ("", CLIENT), ("", "var a=1")])
    assert found is not None
    assert (found.build, found.version, len(found.snippets)) == ("full", "1.17.2", 1)


def test_no_script_holds_no_client() -> None:
    assert find_in_scripts([]) is None


def filler(size: int, seed: int) -> str:
    """Return minified code of about a size: strings, templates, regular expressions, blocks."""
    chance = random.Random(seed)
    pieces = [
        'var a{0}="it\'s {{ \\" }}",b{0}=`a${{x?`{{`:"}}"}}b`;',
        "function f{0}(e,t){{for(var r=0;r<e.length;r++)t[r]=/[`'\"{{/]+/g.test(e[r])?1:{0}}}",
        "class C{0}{{constructor(e,t,r,n){{this.x=new Map([[e,t]]),n&&new Q(e,t,r,n)}}}}",
        'k={{m(){{return"}}"}}}};',
        "const g{0}=(e,t={{a:1}})=>e?.a??(t.b||{{...t,c:[]}});",
        '!function(e){{if(!e)return;e.id="00000000-1111-4222-8333-{0:012d}"}}(window);',
        "x.on('a',e=>{{e.b&&h(e)}},!1);",
    ]
    text: list[str] = []
    length = 0
    for number in range(size):
        text.append(chance.choice(pieces).format(number))
        length += len(text[-1])
        if length >= size:
            break
    return "".join(text)


@pytest.mark.parametrize("seed", range(40))
def test_text_that_is_cut_or_scrambled_raises_nothing(seed: int) -> None:
    chance = random.Random(seed)
    text = f"{filler(20_000, seed)};{CLIENT};{';'.join(CONSTRUCTIONS.values())};{MADE}"
    start = chance.randrange(len(text))
    text = text[start : start + chance.randrange(len(text))]
    for _ in range(chance.randrange(200)):
        at = chance.randrange(len(text) or 1)
        text = text[:at] + chance.choice("{}()[]`'\"\\/$,;\n\0é\ud800") + text[at + 1 :]
    begun = time.process_time()
    find_in_scripts([("", text)])
    assert time.process_time() - begun < 5


ENDLESS = {
    "braces": "{" * 2_000_000,
    "options": "sessionSampleRate:" * 100_000,
    "ids": f'"{MONITOR}",' * 50_000,
    "constructions": f"{CLIENT};" + f"{MADE};" * 5_000,
    "names": "AwsRum" * 300_000,
    "versions": CORE + 'Va="' * 300_000,
    "modules": f"{CLIENT};" + "1:(e,t)=>{" * 100_000 + MADE,
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS.keys())
def test_repetition_takes_bounded_time(text: str) -> None:
    begun = time.process_time()
    find_in_scripts([("", text)])
    assert time.process_time() - begun < 5


def test_five_megabytes_take_a_fraction_of_a_second() -> None:
    block = filler(500_000, 7)
    text = f"{block * 5};{CLIENT};{filler(20_000, 8)};{MADE};{block * 5}"
    assert len(text) > 5_000_000
    find_in_scripts([("", CLIENT + MADE)])
    begun = time.process_time()
    found = find_in_scripts([("", text)])
    taken = time.process_time() - begun
    assert found is not None
    assert told(found.snippets[0]) == TOLD
    # On a quiet machine it is about a tenth of a second.
    assert taken < 1

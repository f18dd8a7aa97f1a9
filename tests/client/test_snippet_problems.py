"""What find_snippets says is wrong with an installation, and the later commands it reads."""

from __future__ import annotations

import pytest
from installs import CONSOLE, DOCS, ID, POOL, URL, loader, npm, page

from rumkit.client.find import find_snippets
from rumkit.client.page import page_from_html
from rumkit.client.snippet import UNDEFINED, Snippet


def only(source: str) -> Snippet:
    """Return the installation of a page that a server sent, or of a source file."""
    served = source.lstrip().startswith("<")
    found = find_snippets(page_from_html(source) if served else source)
    assert len(found) == 1, found
    return found[0]


def codes(source: str) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in only(source).problems]


TAGS = [
    "{{ rum.id }}",
    "{% rum %}",
    "<%= rum %>",
    "<?= $rum ?>",
    "<?php echo $rum ?>",
    "${RUM}",
    "$(RUM_ID)",
    "#{RUM}",
    "#{RUM}#",
    "__RUM_ID__",
    "%RUM_ID%",
    "%REGION%",
    "@@rum.id@@",
    "[region]",
    "@Model.RumId",
    "<your-app-monitor-id>",
    "YOUR_APP_MONITOR_ID",
]


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_left_in_a_string_argument_is_a_placeholder(tag: str) -> None:
    assert codes(page(loader(monitor=f"'{tag}'"))) == [("placeholder", "app_monitor_id")]


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_left_in_an_option_is_a_placeholder(tag: str) -> None:
    assert ("placeholder", "identityPoolId") in codes(page(loader(f"{{identityPoolId:'{tag}'}}")))


def test_a_tag_deep_in_an_option_is_a_placeholder() -> None:
    source = loader("{telemetries:[['http',{urlsToInclude:['{{ api }}']}]]}")
    assert codes(page(source)) == [("placeholder", "telemetries")]


@pytest.mark.parametrize(
    "text",
    ["1.0.0", "release-2026.03", "a%20b", "[1.0]", "#42", "v1_2", "$5", "caf\u00e9", "", "a{b}c"],
)
def test_an_ordinary_text_is_no_placeholder(text: str) -> None:
    assert codes(page(loader(version=f"'{text}'"))) == []


@pytest.mark.parametrize(
    "tag", ["{{ id }}", "<%= id %>", "@@id@@", "%APP_ID%", "@Model.Id", "#{id}"]
)
def test_a_bare_tag_that_breaks_the_syntax_is_still_told_with_the_rest(tag: str) -> None:
    found = only(page(loader(f"{{identityPoolId:'{POOL}'}}", monitor=tag)))
    assert [(p.code, p.field) for p in found.problems] == [("placeholder", "app_monitor_id")]
    assert str(found.app_monitor_id) == tag
    assert found.config == {"identityPoolId": POOL}


def test_a_bare_tag_for_the_whole_configuration_is_a_placeholder() -> None:
    assert ("placeholder", "config") in codes(page(loader("{{ config | json }}")))


def test_engine_statements_around_a_loader_are_a_placeholder() -> None:
    assert codes(page("{% if rum %}" + loader() + "{% endif %}")) == [("placeholder", "")]


def test_the_documentation_s_own_id_is_told_apart() -> None:
    sample = "'00000000-0000-0000-0000-000000000000'"
    assert codes(page(loader(monitor=sample))) == [("sample-id", "app_monitor_id")]


def test_an_id_that_is_no_uuid_is_a_problem() -> None:
    cut = f"'{ID[:-4]}'"
    assert codes(page(loader(monitor=cut))) == [("not-uuid", "app_monitor_id")]


@pytest.mark.parametrize("monitor", ["undefined", "null", "12", "true"])
def test_an_id_that_is_no_text_is_a_problem(monitor: str) -> None:
    assert codes(page(loader(monitor=monitor))) == [("not-uuid", "app_monitor_id")]


def test_the_guide_s_brackets_without_quotes_are_a_placeholder() -> None:
    assert codes(page(loader(region="[region]"))) == [("placeholder", "region")]


@pytest.mark.parametrize("region", ["eu-west-1", "us-gov-west-1", "cn-north-1", "ap-southeast-2"])
def test_a_region_s_name_is_no_problem(region: str) -> None:
    assert codes(page(loader(region=f"'{region}'"))) == []


@pytest.mark.parametrize("region", ["Ireland", "https://eu-west-1", "EU-WEST-1"])
def test_an_argument_that_is_no_region_is_a_problem(region: str) -> None:
    assert codes(page(loader(region=f"'{region}'"))) == [("not-a-region", "region")]


def test_a_syntax_error_anywhere_in_the_script_is_a_problem() -> None:
    assert codes(page(loader() + "\nvar a = = 3;")) == [("syntax", "")]


def test_a_syntax_error_in_another_script_is_none_of_this_one() -> None:
    assert codes(page(loader(), "var a = = 3;")) == []


SHAPES = [
    ("{telemetries:'errors'}", [("telemetries-not-list", "telemetries")]),
    ("{telemetries:{}}", [("telemetries-not-list", "telemetries")]),
    ("{telemetries:['error']}", [("unknown-telemetry", "telemetries")]),
    ("{telemetries:[['https',{}]]}", [("unknown-telemetry", "telemetries")]),
    ("{telemetries:['errors',['http',{}],'interaction','replay','performance']}", []),
    ("{telemetries:[]}", []),
    ("{telemetries:names()}", []),
    ("{telemetries:[name()]}", []),
    ("{pagesToInclude:['/home']}", [("pages-not-regexp", "pagesToInclude")]),
    ("{pagesToExclude:['/home']}", [("pages-not-regexp", "pagesToExclude")]),
    ("{pagesToInclude:/home/}", [("pages-not-regexp", "pagesToInclude")]),
    ("{pagesToInclude:[/home/]}", []),
    ("{endpoint:'dataplane.rum.eu-west-1.amazonaws.com'}", [("endpoint-no-scheme", "endpoint")]),
    ("{endpoint:'https://dataplane.rum.eu-west-1.amazonaws.com'}", []),
    ("{sessionSampleRate:'all'}", [("sample-rate-not-number", "sessionSampleRate")]),
    ("{sessionSampleRate:NaN}", [("sample-rate-not-number", "sessionSampleRate")]),
    ("{sessionSampleRate:'1'}", [("sample-rate-not-number", "sessionSampleRate")]),
    ("{sessionSampleRate:100}", [("sample-rate-out-of-range", "sessionSampleRate")]),
    ("{sessionSampleRate:0}", []),
    ("{sessionSampleRate:1}", []),
    ("{compressionStrategy:true}", [("compression-not-object", "compressionStrategy")]),
    ("{compressionStrategy:{enabled:true}}", []),
    ("'text'", [("config-not-object", "config")]),
]


@pytest.mark.parametrize(("config", "expected"), SHAPES)
def test_an_option_of_the_wrong_shape_is_a_problem(
    config: str, expected: list[tuple[str, str]]
) -> None:
    assert codes(page(loader(config))) == expected


PLACES = [
    ("<head><script>{}</script></head>", DOCS, False),
    ("<head><script src=a.js></script></head><body><script>{}</script></body>", DOCS, False),
    ("<body><script>{}</script></body>", DOCS, True),
    ("<body><p>x</p><script src=a.js></script><script>{}</script></body>", DOCS, True),
    ("<body><script type=application/json>1</script><script>{}</script></body>", DOCS, True),
    ("<head><noscript><img src=p></noscript><script>{}</script></head>", DOCS, False),
    ("<head><template><script>1</script></template></head><body><script>{}</script>", DOCS, True),
    ("<body><script>{}</script></body>", CONSOLE, False),
    ("<body><svg><script>1</script></svg><script>{}</script></body>", DOCS, True),
]


@pytest.mark.parametrize(("around", "form", "throws"), PLACES)
def test_the_anchored_loader_throws_when_the_first_script_is_no_child_of_head(
    around: str, form: str, throws: bool
) -> None:
    found = codes(around.replace("{}", loader(form=form)))
    assert (("insertion-throws", "") in found) is throws


def test_a_loader_of_its_own_anchor_in_the_body_does_not_throw() -> None:
    form = DOCS.replace("document.head.insertBefore(z,", "document.body.insertBefore(z,")
    assert codes(f"<body><script>{loader(form=form)}</script>") == []


def test_initialize_is_no_command_and_its_payload_is_read() -> None:
    found = only(page(f"cwr('initialize',{{appMonitorId:'{ID}',region:'eu-west-1'}})"))
    assert found.problem("initialize-command") is not None
    assert (found.app_monitor_id, found.region) == (ID, "eu-west-1")


def test_initialize_beside_a_loader_is_a_problem_of_the_loader() -> None:
    source = page(loader() + "cwr('initialize',{})")
    assert ("initialize-command", "") in codes(source)


def test_the_client_s_script_alone_has_no_configuration() -> None:
    found = only(f"<head><script src='{URL}'></script></head>")
    assert [p.code for p in found.problems] == ["no-queue"]
    assert found.app_monitor_id is UNDEFINED


def test_commands_are_read_in_order_with_their_condition() -> None:
    source = loader() + "cwr('allowCookies',true);if(off){window.cwr('disable')}"
    found = [(c.name, c.payload, c.conditional) for c in only(page(source)).commands]
    assert found == [("allowCookies", True, ""), ("disable", UNDEFINED, "inside if (off)")]


def test_commands_of_other_scripts_count() -> None:
    found = only(page(loader(), "cwr('enable')")).command("enable")
    assert found is not None
    assert found.script_index == 1


def test_commands_follow_the_namespace() -> None:
    source = loader(namespace="'rum'") + "rum('disable');cwr('enable');"
    assert [c.name for c in only(page(source)).commands] == ["disable"]


@pytest.mark.parametrize(
    "payload",
    [
        "{accessKeyId:'AKIAIOSFODNN7EXAMPLE',secretAccessKey:'wJalrXUtnFEMI'}",
        "async () => ({secretAccessKey:'wJalrXUtnFEMI'})",
        "fetchKeys('wJalrXUtnFEMI')",
    ],
)
def test_credentials_in_the_source_are_dropped_from_commands(payload: str) -> None:
    found = only(page(loader() + f"cwr('setAwsCredentials',{payload})"))
    assert found.command("setAwsCredentials") is not None
    assert "wJalrXUtnFEMI" not in repr(found)


METHODS = [
    ("awsRum.setAwsCredentials(provider);", "setAwsCredentials"),
    ("awsRum.setSigningConfigFactory(createSigningConfig);", "setSigningConfigFactory"),
    ("awsRum?.disable();", "disable"),
    ("awsRum.allowCookies(true);", "allowCookies"),
]


@pytest.mark.parametrize(("after", "name"), METHODS)
def test_methods_of_the_npm_instance_are_commands(after: str, name: str) -> None:
    assert [c.name for c in only(npm() + after).commands] == [name]


def test_a_method_beside_the_construction_is_unconditional_there() -> None:
    source = (
        "import { AwsRum } from 'aws-rum-web'; class App { constructor() {"
        f" this.rum = new AwsRum('{ID}', '1', 'eu-west-1', {{}}); this.rum.enable(); }} }}"
    )
    assert [(c.name, c.conditional) for c in only(source).commands] == [("enable", "")]


def test_a_method_of_another_object_is_no_command() -> None:
    assert only(npm() + "player.disable();").commands == ()

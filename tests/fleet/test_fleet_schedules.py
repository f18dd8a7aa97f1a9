"""Schedules: each file is parsed, linted where a linter is there, and its command is ours."""

from __future__ import annotations

import configparser
import contextlib
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest
import yaml

import rumkit
from rumkit.aws.permissions import policy
from rumkit.cli import parser
from rumkit.report import notebooks, parameters_of

FOLDER = Path(rumkit.__file__).parent / "fleet" / "schedules"
EVERY = {
    "rumkit-fleet.cron", "rumkit-fleet.service", "rumkit-fleet.timer", "github-actions.yaml",
    "Containerfile", "eventbridge-ecs.yaml", "kubernetes-cronjob.yaml", "airflow_dag.py",
    "jupyter-scheduler.json",
}  # fmt: skip
CRON = re.compile(r"(?:[\d*/,-]+ ){4}[\d*/,-]+")


def text(name):
    return (FOLDER / name).read_text()


def read_yaml(name):
    class Loader(yaml.SafeLoader):
        """CloudFormation's own tags become mappings, as its long form has them."""

    def tagged(loader, tag, node):
        value = loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else (
            loader.construct_sequence(node, deep=True))  # fmt: skip
        return {tag: value}

    Loader.add_multi_constructor("!", tagged)
    return list(yaml.load_all(text(name), Loader))


def cron_command():
    line = next(each for each in text("rumkit-fleet.cron").splitlines() if each.startswith("15 "))
    assert CRON.fullmatch(" ".join(line.split()[:5]))
    assert line.split()[5] == "rumkit"
    return line.split("&& ", 1)[1]


def unit(name):
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str
    read.read_string(text(name))
    return read


def kubernetes():
    return read_yaml("kubernetes-cronjob.yaml")


def container():
    job = kubernetes()[1]["spec"]["jobTemplate"]["spec"]
    return job["template"]["spec"]["containers"][0]


def template():
    return read_yaml("eventbridge-ecs.yaml")[0]


def dag():
    """Run the DAG's file with stand-ins for Airflow, and return its operators' arguments."""
    made = {}

    class Dag:
        def __init__(self, **options):
            made["dag"] = options

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    def operator(**options):
        made[options["task_id"]] = options

    modules = {
        "airflow": {"DAG": Dag},
        "airflow.operators": {},
        "airflow.operators.bash": {"BashOperator": operator},
        "airflow.providers": {},
        "airflow.providers.papermill": {},
        "airflow.providers.papermill.operators": {},
        "airflow.providers.papermill.operators.papermill": {"PapermillOperator": operator},
    }
    before = dict(sys.modules)
    for name, members in modules.items():
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(members)
    try:
        exec(compile(text("airflow_dag.py"), "airflow_dag.py", "exec"), {"__name__": "dag"})
    finally:
        for name in modules:
            sys.modules.pop(name, None)
            if name in before:
                sys.modules[name] = before[name]
    return made


def actions_command():
    job = read_yaml("github-actions.yaml")[0]["jobs"]["fleet"]
    return job["steps"][-1]["run"].replace("${{ vars.RUMKIT_OUTPUT }}", "s3://reports/rum")


def ecs_command():
    task = template()["Resources"]["Task"]["Properties"]["ContainerDefinitions"][0]
    words = ["all" if each == {"Ref": "Regions"} else each for each in task["Command"]]
    told = {"s3://${Bucket}/${Prefix}": "s3://reports/rum",
            "sns:${Topic}": "sns:arn:aws:sns:eu-west-1:111122223333:t"}  # fmt: skip
    return "rumkit " + shlex.join(
        told[each["Sub"]] if isinstance(each, dict) else each for each in words
    )


def image_command():
    lines = dict(line.split(" ", 1) for line in text("Containerfile").splitlines()
                 if line.startswith(("ENTRYPOINT", "CMD")))  # fmt: skip
    return shlex.join(json.loads(lines["ENTRYPOINT"]) + json.loads(lines["CMD"]))


def kubernetes_command():
    return re.sub(r"\$\(\(JOB_COMPLETION_INDEX \+ 1\)\)", "1", container()["args"][0])


COMMANDS = {
    "cron": cron_command,
    "systemd": lambda: unit("rumkit-fleet.service")["Service"]["ExecStart"].replace(
        "/opt/rumkit/bin/", ""),
    "GitHub Actions": actions_command,
    "Containerfile": image_command,
    "ECS": ecs_command,
    "Kubernetes": kubernetes_command,
    "Airflow": lambda: dag()["fleet"]["bash_command"],
}  # fmt: skip


def test_these_are_all():
    found = {path.name for path in FOLDER.iterdir() if path.is_file()}
    assert found == EVERY


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_the_command_is_one_that_rumkit_takes(command):
    words = shlex.split(command())
    assert words[:2] == ["rumkit", "fleet"]
    with contextlib.redirect_stderr(io.StringIO()) as told:
        try:
            options = parser().parse_args(words[1:])
        except SystemExit:
            pytest.fail(told.getvalue())
    from rumkit.fleet.notify import parse_channel
    from rumkit.fleet.shards import parse_shard

    for channel in options.notify:
        parse_channel(channel)
    if options.shard:
        parse_shard(options.shard)


@pytest.mark.parametrize("name", ["cron", "systemd", "Kubernetes"])
def test_the_command_runs(name, rumkit, tmp_path):
    (tmp_path / "fleet.yaml").write_text("accounts: [{profile: stage}]\n")
    told = COMMANDS[name]().replace("/etc/rumkit/", "").replace("s3://reports.example/rum/", "")
    words = shlex.split(told.replace("/var/lib/node_exporter/", ""))
    done = rumkit(*words[1:], "--notebooks", "none")
    assert done.returncode == 0, done.stderr
    outputs = [words[at + 1] for at, word in enumerate(words) if word == "--output"]
    assert (tmp_path / outputs[0] / "latest" / "fleet.html").is_file()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_takes_the_units(tmp_path):
    for name in ("rumkit-fleet.service", "rumkit-fleet.timer"):
        told = text(name).replace("/opt/rumkit/bin/rumkit", "/bin/true")
        (tmp_path / name).write_text(told)
    done = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / "rumkit-fleet.service",
         tmp_path / "rumkit-fleet.timer"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "rumkit-fleet" not in done.stderr, done.stderr
    when = unit("rumkit-fleet.timer")["Timer"]["OnCalendar"]
    subprocess.run(["systemd-analyze", "calendar", when], check=True, capture_output=True)


def test_what_systemd_calls_a_success_is_a_result_and_no_failure():
    codes = unit("rumkit-fleet.service")["Service"]["SuccessExitStatus"].split()
    assert codes == ["1", "3"]


def test_the_workflow_asks_for_no_more_than_it_needs():
    workflow = read_yaml("github-actions.yaml")[0]
    assert workflow["permissions"] == {"contents": "read", "id-token": "write"}
    # YAML reads the key `on` as true.
    assert CRON.fullmatch(workflow[True]["schedule"][0]["cron"])
    assert workflow["concurrency"]["cancel-in-progress"] is False


def test_the_container_runs_as_nobody_in_particular():
    lines = text("Containerfile").splitlines()
    assert "USER 10001" in lines
    assert lines.index("USER 10001") < next(i for i, x in enumerate(lines) if x.startswith("CMD"))


def test_kubernetes_runs_as_many_parts_as_the_fleet_is_cut_into():
    job = kubernetes()[1]["spec"]
    spec = job["jobTemplate"]["spec"]
    assert job["concurrencyPolicy"] == "Forbid"
    assert spec["completionMode"] == "Indexed"
    assert f"--shard $((JOB_COMPLETION_INDEX + 1))/{spec['completions']}" in container()["args"][0]
    assert spec["template"]["spec"]["restartPolicy"] == "Never"


def test_the_task_s_role_may_read_what_rumkit_permissions_prints_and_no_more():
    policies = template()["Resources"]["TaskRole"]["Properties"]["Policies"]
    reads = next(each for each in policies if each["PolicyName"] == "reads")["PolicyDocument"]

    def plain(resource):
        told = resource["Sub"] if isinstance(resource, dict) else resource
        return told.replace("${AWS::Partition}", "aws")

    written = [{**each, "Resource": plain(each["Resource"])} for each in reads["Statement"]]
    assert {"Version": reads["Version"], "Statement": written} == policy("aws", "auto")
    rest = [each for each in policies if each["PolicyName"] != "reads"]
    given = [s["Action"] for each in rest for s in each["PolicyDocument"]["Statement"]]
    actions = {a for each in given for a in ([each] if isinstance(each, str) else each)}
    assert actions == {"s3:GetObject", "s3:PutObject", "s3:ListBucket", "sns:Publish"}


def test_an_alarm_tells_of_failure_and_of_silence():
    resources = template()["Resources"]
    assert resources["Silent"]["Properties"]["TreatMissingData"] == "breaching"
    from rumkit.fleet.run import FleetRun
    from rumkit.fleet.signals import NAMESPACE, embedded

    line = json.loads(embedded(FleetRun("r", "2026-03-02T09:00:00Z", ())))
    for name in ("Silent", "NotGood"):
        alarm = resources[name]["Properties"]
        assert alarm["Namespace"] == NAMESPACE
        assert alarm["MetricName"] in line
        assert all(line[each["Name"]] == each["Value"] for each in alarm["Dimensions"])


@pytest.mark.skipif(not shutil.which("cfn-lint"), reason="cfn-lint is not installed")
def test_cfn_lint_has_nothing_to_say():
    done = subprocess.run(
        ["cfn-lint", "--regions", "eu-west-1", "us-east-1", "--template",
         FOLDER / "eventbridge-ecs.yaml"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stdout


@pytest.mark.parametrize(
    "parameters",
    [
        lambda: dag()["health_report"]["parameters"],
        lambda: json.loads(text("jupyter-scheduler.json"))["parameters"],
    ],
    ids=["Airflow", "jupyter-scheduler"],
)
def test_the_notebook_has_the_parameters_that_it_is_given(parameters):
    known = parameters_of(notebooks()["health_report"])
    assert set(parameters()) <= set(known)


def test_airflow_is_given_papermill_s_arguments():
    given = dag()["health_report"]
    assert set(given) == {"task_id", "input_nb", "output_nb", "parameters"}
    assert CRON.fullmatch(dag()["dag"]["schedule"])


def test_jupyter_scheduler_takes_every_key():
    # Source: jupyter_scheduler/models.py, CreateJobDefinition.
    taken = {"input_uri", "runtime_environment_name", "runtime_environment_parameters", "name",
             "output_formats", "parameters", "tags", "output_filename_template", "compute_type",
             "schedule", "timezone"}  # fmt: skip
    given = json.loads(text("jupyter-scheduler.json"))
    assert set(given) <= taken
    assert (Path(rumkit.__file__).parents[1] / given["input_uri"]).is_file()
    assert CRON.fullmatch(given["schedule"])

"""What acb makes of a task file before it runs: defaults, merged values, and refusals in its own words."""

from __future__ import annotations

from typing import Any

import pytest
from acr_emulator.acb.errors import AcbError, AcbPanicError
from acr_emulator.acb.task import Mount, Network, Secret, Step, Task, TaskOptions, Volume, plan_task, read_task

REFUSED = "failed to unmarshal task before running: "
UNREADABLE = f"{REFUSED}failed to deserialize task and validate: "
UNMERGED = "failed to merge task and step environment variables: "
DEFAULT_NETWORK = Network("acb_default_network", driver="bridge", is_default=True)
COMMAND = "steps: [{cmd: x}]\n"
KEYS = "volumes: [{name: keys, secret: {t: eA==}}]\n"


def planned(text: str, **options: Any) -> Task:
    return plan_task(text, TaskOptions(**options))


def only_step(text: str, **options: Any) -> Step:
    (step,) = planned(text, **options).steps
    return step


def test_what_a_task_does_not_say_is_filled_in() -> None:
    assert planned(COMMAND) == Task(
        steps=(Step(id="acb_step_0", command="x", timeout=600, retry_delay=5, network="acb_default_network"),),
        networks=(DEFAULT_NETWORK,),
        version="v1.0.0",
        name="quickrun",
        step_timeout=600,
    )


def test_a_step_says_all_that_it_can() -> None:
    text = """\
steps:
- id: 5
  cmd: x
  when: [-]
  workingDirectory: w
  entryPoint: e
  user: 1000
  network: host
  isolation: default
  cpus: 1.5
  cache: ~
  env: [K=V]
  expose: [3]
  ports: ['1:2']
  exitedWith: [0]
  exitedWithout: [1]
  timeout: 7.9
  startDelay: 1e1
  retries: 2
  retryDelay: 3
  retryOnErrors: [no]
  cmdDownloadRetries: 4
  cmdDownloadRetryDelay: 6
  repeat: 8
  keep: yes
  detach: true
  privileged: on
  ignoreErrors: true
  disableWorkingDirectoryOverride: true
  pull: true
  unknown: 1
"""

    assert only_step(text) == Step(
        id="5",
        command="x",
        when=("-",),
        working_directory="w",
        entry_point="e",
        user="1000",
        network="host",
        isolation="default",
        cpus="1.5",
        environment=("K=V",),
        exposed=("3",),
        ports=("1:2",),
        exited_with=(0,),
        exited_without=(1,),
        timeout=7,
        start_delay=10,
        retries=2,
        retry_delay=3,
        retry_on_errors=("no",),
        download_retries=4,
        download_retry_delay=6,
        repeat=8,
        is_kept=True,
        is_detached=True,
        is_privileged=True,
        ignores_errors=True,
        keeps_image_directory=True,
        is_pulled=True,
    )


def test_a_task_holds_networks_volumes_and_secrets() -> None:
    text = f"""\
{KEYS}networks: [{{name: n, ipv6: true, driver: d, skipCreation: true, isDefault: true}}, {{name: m}}]
secrets: [{{id: s, keyvault: 'https://v.vault.azure.net/secrets/s', clientID: 00000000-0000-0000-0000-000000000000}}]
steps: [{{cmd: x, volumeMounts: [{{name: keys, mountPath: /m}}]}}]
"""

    task = planned(text)

    assert task.networks == (Network("n", True, "d", True, True), Network("m"))
    assert task.volumes == (Volume("keys", {"t": "eA=="}),)
    assert task.secrets == (Secret("s", "https://v.vault.azure.net/secrets/s", "00000000-0000-0000-0000-000000000000"),)
    assert task.steps[0].mounts == (Mount("keys", "/m"),)
    assert task.steps[0].network == "n"


@pytest.mark.parametrize(
    ("text", "options", "network"),
    [
        ("networks: [{name: a, isDefault: true}, {name: b, isDefault: true}, {name: c}]\n", {}, "b"),
        ("networks: [{name: a}]\n", {}, ""),
        ("networks: [{name: a, isDefault: true}]\n", {"network": "given"}, "given"),
        ("", {"network": "given"}, "given"),
        ("isbuildtask: true\n", {}, ""),
    ],
)
def test_the_last_default_network_is_that_of_all_steps(text: str, options: dict[str, str], network: str) -> None:
    assert only_step(text + COMMAND, **options).network == network


@pytest.mark.parametrize(
    ("task_timeout", "timeout", "result"), [(0, 0, 600), (100, 0, 100), (100, 7, 7), (-5, -1, 600), (5, 99999, 99999)]
)
def test_a_step_has_its_own_timeout_or_that_of_the_task(task_timeout: int, timeout: int, result: int) -> None:
    assert only_step(f"stepTimeout: {task_timeout}\nsteps: [{{cmd: x, timeout: {timeout}}}]").timeout == result


@pytest.mark.parametrize(
    ("own", "task", "given", "result"),
    [
        ("[A=1]", "[B=2]", (), ("A=1", "B=2")),
        ("[A=1, A=3]", "[A=2, C=4]", (), ("A=1", "A=3", "C=4")),
        ("[]", "['A=1,B=2=3']", (), ("A=1", "B=2=3")),
        ("['A=1,2']", "[B=]", ("B=5", "C=6"), ("A=1,2", "B=", "C=6")),
        ("[A]", "[]", (), ("A",)),
    ],
)
def test_a_steps_environment_wins_over_the_tasks_and_that_over_the_given(
    own: str, task: str, given: tuple[str, ...], result: tuple[str, ...]
) -> None:
    text = f"env: {task}\nsteps: [{{cmd: x, env: {own}}}]"

    assert only_step(text, environment=given).environment == result


def test_a_build_is_read_as_the_scanner_is_told() -> None:
    step = only_step("steps: [{build: '-t a -t b:1 --build-arg A=1 -f D .'}]")

    assert (step.tags, step.build_arguments) == (("a", "b:1"), ("A=1",))


def test_a_push_has_each_image_once_with_a_tag_and_no_registry() -> None:
    step = only_step("steps: [{push: [a, 'a:latest', 'b:1', 'team.azurecr.io/b:1', '']}]", registry="team.azurecr.io")

    assert step.push == ("a:latest", "b:1", "team.azurecr.io/b:1", ":latest")


@pytest.mark.parametrize(
    ("environment", "is_on"),
    [("DOCKER_BUILDKIT=1", True), ("DOCKER_BUILDKIT=true", False), ("docker_buildkit=1", False)],
)
def test_buildkit_is_on_by_one_text_alone(environment: str, is_on: bool) -> None:
    assert only_step(f"env: [{environment}]\nsteps: [{{build: .}}]").uses_buildkit is is_on
    assert not only_step(f"env: [{environment}]\nsteps: [{{cmd: x}}]").uses_buildkit


@pytest.mark.parametrize(
    ("tags", "options", "place"),
    [
        ("-t app:1", {"registry": "team.azurecr.io", "task_name": "n"}, "team.azurecr.io/app:cache_n_s"),
        ("-t a -t b.io/x -t c.io/y", {"registry": "team.azurecr.io"}, "b.io/x:cache_quickrun_s"),
        ("-t user/app", {"registry": "team.azurecr.io"}, "user/app:cache_quickrun_s"),
    ],
)
def test_a_cached_build_keeps_its_cache_beside_its_first_tag(tags: str, options: dict[str, str], place: str) -> None:
    task = planned(f"steps: [{{id: s, build: '{tags} .', cache: Enabled}}]", **options)

    location = f"type=registry,ref={place}"
    assert task.uses_build_cache
    assert task.steps[0].build == f"--load --cache-to={location},mode=max --cache-from={location} {tags} ."
    assert task.steps[0].cache_tag == place.rpartition(":")[2]


@pytest.mark.parametrize(
    ("step", "options", "notice"),
    [
        (
            "{id: s, build: '-t App .', cache: enabled}",
            {"registry": "r.io"},
            (
                "failed to parse the tag into a domain and path: failed to parse the image name: "
                "repository name must be lowercase"
            ),
        ),
        (
            "{id: s, build: '-t app .', cache: enabled}",
            {},
            "failed to parse reference to be used for cache image: invalid reference format",
        ),
        (
            "{id: a/b, build: '-t app .', cache: enabled}",
            {"registry": "r.io"},
            "failed to attach cache ID tag to the repo for build cache: invalid tag format",
        ),
    ],
)
def test_a_cache_without_a_valid_name_is_left_out_with_a_notice(
    step: str, options: dict[str, str], notice: str
) -> None:
    task = planned(f"steps: [{step}]", **options)

    assert task.notices == (f"error creating build cache command {notice}",)
    assert not task.uses_build_cache
    assert task.steps[0].uses_build_cache
    assert not task.steps[0].build.startswith("--load")


def test_a_cached_build_without_tags_has_no_flags() -> None:
    task = planned("steps: [{build: ., cache: enabled}]")

    assert task.uses_build_cache
    assert task.steps[0].build == "."


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("text", "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `text` into graph.Task"),
        ("steps: {cmd: x}", "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into []*graph.Step"),
        (
            "volumes: {a: b}",
            "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into []*volume.Volume",
        ),
        ("steps: [{cmd: x}\n", "yaml: line 1: did not find expected ',' or ']'"),
        ("secrets: [{keyvault: x}]", "secret is missing an ID as well as auto-generated ID"),
        (
            "secrets: [{id: a b, keyvault: x}]",
            "failed to validate secret with ID: a b: secret ID cannot contain spaces",
        ),
        (
            "secrets: [{id: a}]",
            (
                "failed to validate secret with ID: a: secret should contain either keyvault property for "
                "vault secret, or msi clientID/aadResourceId for msi authentication"
            ),
        ),
        (
            "secrets: [{id: a, aadresourceid: r, clientID: bad}]",
            "failed to validate secret with ID: a: msi client ID is not a valid guid",
        ),
        ("secrets: [{id: a, keyvault: x}, {id: a, keyvault: y}]", "duplicate secret found with ID: a"),
        ("volumes: [{secret: {a: b}}]", "volume name is empty"),
        (
            "volumes: [{name: my keys, secret: {a: b}}]",
            "volume name is not well formed. Only use alphanumeric and - _",
        ),
        ("volumes: [{name: k, secret: }]", "currently only support for source type secret"),
        ("volumes: [{name: k, secret: {}}]", "secret is empty"),
        ("volumes: [{name: k, secret: {'': b}}]", "secret name provided for value is empty"),
        (
            "volumes: [{name: k, secret: {a/b: b}}]",
            "file name, a/b, is not well formed. Only use alphanumeric and - _ .",
        ),
        (
            "volumes: [{name: k, secret: {a: b}}, {name: k, secret: {c: d}}]",
            "volume with duplicate name found",
        ),
        (
            "steps: [{cmd: x, volumeMounts: [{name: k, mountPath: /m}]}]",
            "mount name, k, does not correspond to a volume",
        ),
    ],
)
def test_a_file_that_does_not_hold_a_task_is_refused(text: str, error: str) -> None:
    with pytest.raises(AcbError) as raised:
        planned(text)

    assert str(raised.value) == f"{UNREADABLE}{error}"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("version: latest", 'invalid version specified: "latest", the current version is "v1.0.0"'),
        ('version: "v1 \\""', 'invalid version specified: "v1 \\"", the current version is "v1.0.0"'),
        ("env: [A]\nsteps: [{cmd: x}]", f"{UNMERGED}cannot parse task environment variable A correctly"),
        ("env: [B=1]\nsteps: [{cmd: x, env: [A]}]", f"{UNMERGED}cannot parse step environment variable A correctly"),
        ("env: ['A=1,2']\nsteps: [{cmd: x}]", f"{UNMERGED}cannot parse task environment variable 2 correctly"),
        ("steps: [{id: a}]", "step is missing a cmd, build, or push property"),
        ("steps: [{cmd: ''}]", "step is missing a cmd, build, or push property"),
        ("steps: [{push: []}]", "step is missing a cmd, build, or push property"),
        ("steps: [{cmd: x, build: .}]", "step must only contain a single build, cmd, or push property"),
        ('steps: [{id: "a\\u00a0b", cmd: x}]', "step ID cannot contain spaces"),
        ("steps: [{cmd: x, retries: -1}]", "step must specify retries >= 0"),
        ("steps: [{cmd: x, repeat: -1}]", "step must specify repeat >= 0"),
        (
            "steps: [{cmd: x, cache: maybe}]",
            "invalid value for cache property. Valid values are 'enabled', 'disabled'",
        ),
        (
            f"{KEYS}steps: [{{cmd: x, volumeMounts: [{{name: keys}}]}}]",
            "mount name or container file path is empty",
        ),
        (
            f"{KEYS}steps: [{{cmd: x, volumeMounts: [{{name: keys, mountPath: /m}}, {{name: keys, mountPath: /m}}]}}]",
            "mount with duplicate container file path found",
        ),
    ],
)
def test_a_task_that_cannot_run_is_refused(text: str, error: str) -> None:
    with pytest.raises(AcbError) as raised:
        planned(text)

    assert str(raised.value) == f"{REFUSED}{error}"


def test_a_task_environment_that_the_given_one_meets_is_refused_as_a_steps() -> None:
    with pytest.raises(AcbError) as raised:
        planned(f"env: [A]\n{COMMAND}", environment=("B=1",))

    assert str(raised.value) == f"{REFUSED}cannot parse step environment variable A correctly"


@pytest.mark.parametrize(
    "text",
    [
        "steps:\n- \n",
        "steps: [~]",
        "secrets: [~]",
        "volumes: [~]",
        "networks: [~]\nsteps: []",
        f"{KEYS}steps: [{{cmd: x, volumeMounts: [~]}}]",
    ],
)
def test_an_empty_entry_crashes_acb(text: str) -> None:
    with pytest.raises(AcbPanicError, match=r"^runtime error: invalid memory address or nil pointer dereference$"):
        planned(text)


@pytest.mark.parametrize(
    ("client_id", "is_guid"),
    [
        ("00000000-0000-0000-0000-000000000000", True),
        ("{00000000-0000-0000-0000-000000000000}", True),
        ("URN:UUID:00000000-0000-0000-0000-00000000000a", True),
        ("0000000000000000000000000000000F", True),
        ("0000000000000000000000000000-0000-00", False),
        ("00000000-0000-0000-0000-00000000000g", False),
    ],
)
def test_a_secrets_client_id_is_a_guid(client_id: str, is_guid: bool) -> None:
    text = f"secrets: [{{id: a, keyvault: x, clientID: '{client_id}'}}]"

    if is_guid:
        assert read_task(text).secrets == (Secret("a", "x", client_id),)
    else:
        with pytest.raises(AcbError, match="not a valid guid"):
            read_task(text)

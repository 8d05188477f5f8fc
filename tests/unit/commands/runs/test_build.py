"""`az acr build`: the request that az's own code makes of the same command line, and what is said about it."""

from __future__ import annotations

import inspect
import json
from types import SimpleNamespace
from typing import Any

import pytest
from azure.cli.command_modules.acr import build as az_build
from azure.cli.command_modules.acr._utils import get_source_and_custom_registry_credentials, get_validate_platform
from azure.mgmt.containerregistrytasks._utils.model_base import SdkJSONEncoder
from azure.mgmt.containerregistrytasks.models import DockerBuildRequest, PlatformProperties
from run_azure import AUTH_MODE_DEPRECATED, Azure

from azext_acrpool.client.arm import as_json
from azext_acrpool.commands.runs.build import build, build_request
from azext_acrpool.commands.runs.build_options import BuildOptions


def test_the_log_is_stdout_and_everything_else_stderr(azure: Azure, context: str) -> None:
    finished = azure.build(context, agent_pool_name="mypool")
    assert (finished.result, finished.exit_code) == (None, 0)
    assert finished.stdout == "Step 1\n"
    assert finished.told == [
        "Sent 1 file (0 B) as 0 B in 0.0 s (0 B/s)",
        "WARNING: Queued a build with ID: cf1",
        "Run cf1 goes to agent pool mypool (2 instances)",
        "Run cf1: 1 queued for 2 instances of agent pool mypool (Succeeded)",
        "Run cf1: running after 6 s",
    ]
    assert azure.request["sourceLocation"] == "source/x.tar.gz"
    assert azure.request["agentPoolName"] == "mypool"
    assert "agentConfiguration" not in azure.request


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (
            {"source": "nosuchfolder"},
            3,
            "The source location 'nosuchfolder' does not exist.",
        ),
        (
            {"source": "ftp://example.com/x"},
            2,
            "The source location 'ftp://example.com/x' has a scheme that the service cannot read.",
        ),
        (
            {"platform": "plan9"},
            2,
            "'plan9' is not a valid operating system in --platform. Valid are: windows, linux.",
        ),
        (
            {"auth_mode": "None", "source_acr_auth_id": "[caller]"},
            2,
            "--auth-mode None and --source-acr-auth-id contradict each other; leave one out.",
        ),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_sent(
    azure: Azure, options: dict[str, Any], code: int, words: str
) -> None:
    finished = azure.build(**options)
    assert (finished.exit_code, finished.told[0]) == (code, words)
    assert not [asked for asked in azure.asked if asked.startswith("POST")]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"image_names": None}, "No --image is given: the image is built, but not pushed."),
        (
            {"image_names": ["hello:{{.Build.ID}}"]},
            "{{.Build.ID}} in --image is no longer replaced by the service; use {{.Run.ID}}.",
        ),
        (
            {"auth_mode": "None"},
            "With --auth-mode None nothing logs the build in to registry 'myregistry' for its push.",
        ),
    ],
)
def test_options_that_may_surprise_are_remarked_on(azure: Azure, options: dict[str, Any], words: str) -> None:
    assert azure.build(**options).told == [words, "WARNING: Queued a build with ID: cf1", "Run cf1: running after 6 s"]


@pytest.fixture
def abac(azure: Azure) -> Azure:
    """A registry whose permissions are by repository."""
    azure.registry["properties"]["roleAssignmentMode"] = "AbacRepositoryPermissions"
    return azure


ABAC = "Registry 'myregistry' has per-repository permissions (ABAC), of which a build has none by itself"


@pytest.mark.parametrize(
    "options", [{}, {"source_acr_auth_id": "none"}, {"auth_mode": "None"}, {"agent_pool_name": "mypool"}], ids=str
)
def test_a_push_that_a_registry_with_permissions_by_repository_is_sure_to_refuse_is_refused_before_the_upload(
    abac: Azure, context: str, options: dict[str, Any]
) -> None:
    finished = abac.build(context, **options)
    assert (finished.exit_code, finished.told) == (
        2,
        [
            f"{ABAC}: it cannot push --image.",
            'Lend it yours with: --source-acr-auth-id "[caller]"',
            "Or build without pushing: --no-push",
        ],
    )
    assert (abac.uploads, abac.asked) == ([], ["GET /"])


@pytest.mark.parametrize(
    ("no_push", "what", "instead"),
    [(False, "--image and --cache", "--no-push --cache off"), (True, "--cache", "--cache off")],
    ids=["image", "cache alone"],
)
def test_a_cache_is_pushed_there_too(abac: Azure, context: str, no_push: bool, what: str, instead: str) -> None:
    finished = abac.build(context, cache="registry", no_push=no_push)
    assert finished.told[0] == f"{ABAC}: it cannot push {what}."
    assert finished.told[2] == f"Or build without pushing: {instead}"
    assert (finished.exit_code, abac.uploads, abac.asked) == (2, [], ["GET /"])


def test_a_cache_needs_a_login_too(azure: Azure) -> None:
    finished = azure.build(cache="registry", no_push=True, auth_mode="None")
    assert finished.told[0] == "With --auth-mode None nothing logs the build in to registry 'myregistry' for its push."


NO_ACCESS = f'{ABAC}: it can neither pull nor push there. Lend it yours with --source-acr-auth-id "[caller]".'


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"source_acr_auth_id": "[caller]"}, []),
        ({"no_push": True}, [NO_ACCESS]),
        ({"image_names": None}, [NO_ACCESS, "No --image is given: the image is built, but not pushed."]),
        ({"no_push": True, "source_acr_auth_id": "none"}, []),
        ({"auth_mode": "Default"}, [AUTH_MODE_DEPRECATED]),
    ],
)
def test_what_permissions_by_repository_may_refuse_is_remarked_on(
    abac: Azure, options: dict[str, Any], told: list[str]
) -> None:
    assert abac.build(**options, no_wait=True).told == [*told, "WARNING: Queued a build with ID: cf1"]


ELSEWHERE = "--image {0} is not of registry 'myregistry.azurecr.io', which the service puts before it: {1}/{0}."


@pytest.mark.parametrize("name", ["other.azurecr.io/hello:v1", "MyRegistry.azurecr.io/hello", "localhost:5000/hello"])
def test_an_image_of_another_registry_is_remarked_on(azure: Azure, name: str) -> None:
    told = azure.build(image_names=["hello:v1", name]).told
    assert told[0] == ELSEWHERE.format(name, "myregistry.azurecr.io")
    assert azure.request["imageNames"] == ["hello:v1", name]


@pytest.mark.parametrize("name", ["myregistry.azurecr.io/hello:v1", "{{.Run.Registry}}/hello", "$Registry/hello"])
def test_an_image_of_the_own_registry_is_not(azure: Azure, name: str) -> None:
    assert azure.build(image_names=[name]).told[0] == "WARNING: Queued a build with ID: cf1"


@pytest.mark.parametrize("buildkit", [False, True])
def test_a_run_that_pushed_other_images_is_not_ours(azure: Azure, buildkit: bool) -> None:
    azure.lose_reply_to_schedule("cf7", times=1, outputImages=[{"repository": "other", "tag": "v1"}])
    finished = azure.build(buildkit=buildkit)
    assert finished.exit_code == 0
    assert finished.told[0] == "WARNING: Queued a build with ID: cf1"
    assert azure.asked.count("POST /scheduleRun") == 2


def body_of_az(values: dict[str, Any], *, uses_abac: bool = False) -> Any:
    """az's own request, put together by az's own functions."""
    system, architecture, variant = get_validate_platform(values.get("platform"))
    request = DockerBuildRequest(
        agent_pool_name=values.get("agent_pool_name"),
        image_names=values.get("image_names"),
        is_push_enabled=az_build._get_push_enabled_status(values.get("no_push", False), values.get("image_names")),
        source_location="somewhere",
        platform=PlatformProperties(os=system, architecture=architecture, variant=variant),
        docker_file_path=values.get("docker_file_path") or "Dockerfile",
        timeout=values.get("timeout"),
        arguments=(values.get("arg") or []) + (values.get("secret_arg") or []),
        target=values.get("target"),
        credentials=get_source_and_custom_registry_credentials(
            cmd=SimpleNamespace(cli_ctx=None),
            auth_mode=values.get("auth_mode"),
            source_acr_auth_id=values.get("source_acr_auth_id"),
            registry_abac_enabled=uses_abac,
        ),
        log_template=values.get("log_template"),
    )
    return json.loads(json.dumps(request, cls=SdkJSONEncoder, exclude_readonly=True))


CASES: list[dict[str, Any]] = [
    {},
    {"image_names": ["hello:v1"]},
    {"image_names": ["hello:v1", "hello:{{.Run.ID}}"], "no_push": True},
    {"agent_pool_name": "mypool", "timeout": 900, "target": "base", "docker_file_path": "sub/Dockerfile"},
    {"platform": "linux"},
    {"platform": "Windows"},
    {"platform": "linux/arm"},
    {"platform": "linux/ARM64/v8"},
    {"platform": "linux/386/"},
    {
        "arg": [{"type": "Argument", "name": "A", "value": "b=c", "isSecret": False}],
        "secret_arg": [{"type": "Argument", "name": "D", "value": "", "isSecret": True}],
    },
    {"auth_mode": "Default"},
    {"auth_mode": "None"},
    {"source_acr_auth_id": "[caller]"},
    {"source_acr_auth_id": "none"},
    {"source_acr_auth_id": "none", "auth_mode": "Default"},
    {"log_template": "logs:{{.Run.ID}}"},
]


@pytest.mark.parametrize("uses_abac", [False, True])
@pytest.mark.parametrize("values", CASES, ids=lambda values: ",".join(values) or "nothing")
def test_the_request_is_the_one_that_az_sends(values: dict[str, Any], uses_abac: bool) -> None:
    request = build_request(BuildOptions(registry_name="myregistry", source_location=".", **values), abac=uses_abac)
    request.source_location = "somewhere"
    assert as_json(request) == body_of_az(values, uses_abac=uses_abac)


def test_the_options_are_azs_own_with_its_defaults() -> None:
    own = {name: parameter.default for name, parameter in inspect.signature(az_build.acr_build).parameters.items()}
    del own["client"]
    ours = {name: parameter.default for name, parameter in inspect.signature(build).parameters.items()}
    assert {name: ours.get(name, "missing") for name in own} == own

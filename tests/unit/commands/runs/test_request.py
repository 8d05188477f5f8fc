"""The body of scheduleRun: what az's own code makes of the same command line."""

import inspect
import json
from types import SimpleNamespace
from typing import Any

import pytest
from azure.cli.command_modules.acr import build as az_build
from azure.cli.command_modules.acr._utils import get_source_and_custom_registry_credentials, get_validate_platform
from azure.mgmt.containerregistrytasks._utils.model_base import SdkJSONEncoder
from azure.mgmt.containerregistrytasks.models import DockerBuildRequest, PlatformProperties

from azext_acrpool.client.arm import as_json
from azext_acrpool.commands.runs.build import BuildOptions, build, build_request
from azext_acrpool.commands.runs.request import OptionError, SourceRegistryAuth, parse_platform


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


@pytest.mark.parametrize("text", ["plan9", "linux/sparc", "linux/arm/v5", "linux/arm/V7", "/amd64", "linux/"])
def test_a_platform_that_az_refuses_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match="--platform"):
        parse_platform(text)


def test_no_login_and_an_identity_contradict_each_other() -> None:
    auth = SourceRegistryAuth("None", "[caller]")
    with pytest.raises(OptionError, match="--auth-mode"):
        auth.credentials(uses_abac=False)
    assert auth.credentials(uses_abac=True).source_registry


@pytest.mark.parametrize(
    ("mode", "uses_abac", "warned"), [("Default", True, True), ("Default", False, False), (None, True, False)]
)
def test_auth_mode_is_deprecated_with_repository_permissions(mode: str | None, uses_abac: bool, warned: bool) -> None:
    assert bool(SourceRegistryAuth(mode, None).warning(uses_abac=uses_abac)) == warned

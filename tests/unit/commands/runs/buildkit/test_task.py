"""Builds with BuildKit: what the agent calls docker with is what was asked for, argument by argument."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from acr_emulator.acb.errors import AcbError
from build_option_sets import DOCKERFILE, MARK, OptionSet, option_set
from docker_recorder import RUN_ID, Recorded, build_line, carried_out, images_of_plain_build, task_text
from hypothesis import example, given
from hypothesis import strategies as st
from run_azure import Azure

from azext_acrpool.client.secrets import without_secrets
from azext_acrpool.commands.runs.buildkit.arguments import BuildArgument
from azext_acrpool.commands.runs.buildkit.secrets import BuildSecret
from azext_acrpool.commands.runs.buildkit.task import AskedTask, build_task

REGISTRY = "myregistry.azurecr.io"
KNOWN = {"Run.ID": RUN_ID, "Build.ID": RUN_ID, "Run.Registry": REGISTRY}
PLATFORMS = {
    "linux/amd64": ["linux/amd64"],
    "Linux/ARM/v7": ["linux/arm/v7"],
    "linux/arm64/v8": ["linux/arm64/v8"],
    "linux/x86": ["linux/386"],
    "linux/386": ["linux/386"],
}
PLAIN = re.compile(r"[\w./:@,+=%-]*", re.ASCII)
NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
RUN_TEMPLATE = re.compile(r"\{\{ *\.(Run\.ID|Build\.ID|Run\.Registry) *\}\}")


def filled_in(text: str) -> str:
    return RUN_TEMPLATE.sub(lambda template: KNOWN[template[1]], text)


def public_arguments(asked: OptionSet) -> dict[str, str]:
    values = {each["name"]: filled_in(each["value"]) for each in asked.options["arg"]}
    return {name: value for name, value in values.items() if name not in secret_arguments(asked)}


def secret_arguments(asked: OptionSet) -> dict[str, str]:
    return {each["name"]: each["value"] for each in asked.options["secret_arg"]}


def sent(azure: Azure, asked: OptionSet, folder: Path) -> dict[str, Any]:
    """The request that `az acr build` sends."""
    dockerfile = folder / (asked.options["docker_file_path"] or "Dockerfile")
    dockerfile.parent.mkdir(exist_ok=True)
    dockerfile.write_text(DOCKERFILE)
    finished = azure.build(asked.source or str(folder), **asked.options, no_wait=True)
    assert finished.exit_code == 0, finished.told
    assert MARK not in f"{finished.told}{finished.stdout}"
    assert MARK not in repr(finished.result)
    return azure.request


def cache_of(tags: Sequence[str]) -> str:
    host, _, path = tags[0].partition("/")
    return f"type=registry,ref={host}/{path.partition(':')[0]}:cache_quickrun_build"


def recorded(request: dict[str, Any]) -> Recorded:
    return carried_out(task_text(request), {each["name"]: each["value"] for each in request["values"]})


@pytest.mark.parametrize("number", range(200))
def test_docker_is_called_with_what_was_asked(azure: Azure, tmp_path: Path, number: int) -> None:
    asked = option_set(number)
    options = asked.options
    request = sent(azure, asked, tmp_path)
    done = recorded(request)
    (call,) = done.builds
    tags, pushed = images_of_plain_build(options["image_names"])
    dockerfile = re.sub("^-", "./-", options["docker_file_path"] or "Dockerfile")
    assert call.build_arguments == {**public_arguments(asked), **secret_arguments(asked)}
    assert call.secrets == {secret.id: secret.value for secret in options["secret"]}
    assert call.other_variables == {"HOME": "/acb/home", "DOCKER_BUILDKIT": "1"}
    # The agent's shell reads names, as that of a plain build does.
    assert call.line.values("tag") == [tag.replace("$ID", "") for tag in tags]
    assert call.line.values("target") == ([options["target"]] if options["target"] else [])
    assert call.line.values("file") == [dockerfile]
    assert call.line.arguments == ["."]
    assert call.directory == asked.directory
    assert done.pushed == ([] if options["no_push"] else list(pushed) if options["image_names"] else [])
    assert call.line.values("platform") == PLATFORMS.get(options["platform"], [])
    assert done.timeouts == ({"build": 28800, "push": 3600} if done.pushed else {"build": 28800})
    caches = options["cache"] == "registry"
    assert call.command == ("buildx" if caches else "docker")
    assert call.line.values("cache-to") == ([f"{cache_of(tags)},mode=max"] if caches else [])
    assert call.line.values("cache-from") == ([cache_of(tags)] if caches else [])
    (told,) = done.scanned
    assert told.context == (asked.source or ".")
    assert (told.dockerfile, told.target, told.tags) == (dockerfile, options["target"] or "", tuple(tags))
    # What FROM can name: images are plain.
    assert dict(each.split("=", 1) for each in told.build_arguments) == {
        name: value
        for name, value in public_arguments(asked).items()
        if NAME.fullmatch(name) and PLAIN.fullmatch(value)
    }
    assert MARK not in task_text(request)
    assert MARK not in json.dumps(without_secrets(request))
    assert MARK not in repr(done.scanned)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.booleans())
@example("<no value>", False)
@example("{{.Values.hidden_0}}'{{", True)
@example("#\n# x\n", False)
def test_any_value_comes_to_docker_as_it_is(value: str, is_secret: bool) -> None:
    argument = BuildArgument("A", value, is_secret)
    secret = BuildSecret("tok", value)
    task = build_task(AskedTask(login_server=REGISTRY, arguments=(argument,), secrets=(secret,), caches=is_secret))
    (call,) = carried_out(task.text, {each.name: each.value for each in task.values}).builds
    assert (call.build_arguments, call.secrets) == ({"A": value}, {"tok": value})
    assert task.text.isascii()
    assert task.text.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "asked",
    [
        {"arguments": [BuildArgument(f"A{number}", "x") for number in range(2_000)]},
        {"arguments": [BuildArgument("A", "x {{.Run.Registry}}" * 200)]},
        {"arguments": [BuildArgument("A", "'\u00e9" * 200), BuildArgument("http_proxy", "'\u00e9" * 200)]},
        {"arguments": [BuildArgument(f"A{number}", "x", is_secret=True) for number in range(500)]},
        {"secrets": [BuildSecret("a", "'\u00e9" * 500), BuildSecret("b", "x")]},
        {"images": [f"{{{{.Run.Registry}}}}/{number}:{{{{.Run.ID}}}}" for number in range(500)]},
        {"images": [f'app:{{{{ now | date "15:04" }}}}-{number}' for number in range(100)]},
    ],
    ids=lambda asked: "+".join(f"{len(each)} {name}" for name, each in asked.items()),
)
def test_the_line_of_the_agents_shell_is_not_longer_than_told(asked: dict[str, list[Any]]) -> None:
    login_server = f"{'r' * 50}.azurecr.io"
    members: dict[str, Any] = {name: tuple(each) for name, each in asked.items()}
    task = build_task(AskedTask(login_server=login_server, **members))
    values = {each.name: each.value for each in task.values}
    added = len(build_line(build_task(AskedTask(login_server=login_server)).text, {}))
    assert len(build_line(task.text, values, login_server).encode()) <= task.line_length + added


def test_a_name_that_is_made_up_anew_each_time_is_made_up_once() -> None:
    asked = AskedTask(login_server=REGISTRY, images=("app:{{ uuidv4 }}", "b:{{ randAlphaNum 8 }}"), pushes=True)
    done = carried_out(build_task(asked).text, {})
    assert done.builds[0].line.values("tag") == done.pushed
    assert [len(name) for name in done.pushed] == [len(f"{REGISTRY}/app:") + 36, len(f"{REGISTRY}/b:") + 8]


def test_a_template_that_is_none_fails_as_in_a_plain_build() -> None:
    with pytest.raises(AcbError):
        carried_out(build_task(AskedTask(login_server=REGISTRY, images=("{{if}}app:1",))).text, {})
    with pytest.raises(AcbError):
        images_of_plain_build(["{{if}}app:1"])

"""A task file on its way to a task: aliases, template, YAML, images by alias."""

from __future__ import annotations

import pytest
from acr_emulator.acb.errors import AcbError, AcbPanicError
from acr_emulator.acb.exec import LoadedTask, load_task
from acr_emulator.acb.task import TaskOptions


def render(name: str, text: str) -> str:
    """Knows one field and one fault."""
    if "{{bad}}" in text:
        raise AcbError(f"no template: {name}")
    if "{{crash}}" in text:
        raise AcbPanicError("runtime error")
    return text.replace("{{.Run.ID}}", "cf7")


def loaded(text: str) -> LoadedTask:
    return load_task("acb.yaml", text, TaskOptions(registry="team.azurecr.io"), render, lambda path: None)


def test_a_task_with_aliases_is_rendered_and_its_commands_are_expanded() -> None:
    text = "version: v1.1.0\nsteps:\n- cmd: bash echo $ID\n- build: bash .\n- cmd: ID x\n- push: [bash]\n"

    result = loaded(text)

    assert result.has_aliases
    assert result.rendered == text.replace("$ID", "cf7")
    assert [step.command or step.build or step.push for step in result.task.steps] == [
        "mcr.microsoft.com/acr/bash:2ff604c echo cf7",
        "bash .",
        "{{.Run.ID}} x",
        ("bash:latest",),
    ]


def test_a_task_without_aliases_is_rendered_alone() -> None:
    result = loaded("steps: [{cmd: '  bash $ID {{.Run.ID}}'}]")

    assert not result.has_aliases
    assert result.task.steps[0].command == "  bash $ID cf7"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("version: v1.1.0\nalias: {values: {a: '{{bad}}'}}\n", "unable to render alias data: no template: aliasData"),
        ("steps: [{{bad}}]", "unable to render task: no template: acb.yaml"),
        (
            "version: v1.2.0",
            (
                "failed to unmarshal task before running: "
                'invalid version specified: "v1.2.0", the current version is "v1.0.0"'
            ),
        ),
        (
            "steps: x",
            (
                "failed to unmarshal task before running: failed to deserialize task and validate: "
                "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `x` into []*graph.Step"
            ),
        ),
    ],
)
def test_the_text_of_an_error_says_where_it_happened(text: str, error: str) -> None:
    with pytest.raises(AcbError) as raised:
        loaded(text)

    assert str(raised.value) == error


@pytest.mark.parametrize("text", ["steps: [{{crash}}]", "version: v1.1.0\nalias: {values: {a: '{{crash}}'}}"])
def test_a_crash_is_one_wherever_it_happens(text: str) -> None:
    with pytest.raises(AcbPanicError, match=r"^runtime error$"):
        loaded(text)

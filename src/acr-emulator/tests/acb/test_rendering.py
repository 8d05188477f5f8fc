"""Templates of a run: what they see, and what becomes of task files and quick builds."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import NoReturn

import pytest
from acr_emulator.acb.errors import AcbError, AcbPanicError
from acr_emulator.acb.rendering import Renderer, without_remarks
from acr_emulator.acb.task import Secret
from acr_emulator.acb.variables import RenderOptions, render_data

DATE = datetime(2026, 3, 4, 6, 6, 7, tzinfo=timezone(timedelta(hours=1)))
OPTIONS = RenderOptions(
    "cf7",
    DATE,
    registry="team.azurecr.io",
    branch="release/2.0",
    triggered_by="it's me",
    shared_volume="acb_vol_1",
    task_name="nightly",
)
VAULT = "https://v.vault.azure.net/secrets/a"


def value_of(secret: Secret) -> str:
    return f"value of {secret.id}"


def renderer(values: str | None = None, *given: str) -> Renderer:
    return Renderer(render_data(OPTIONS, values, given), DATE, value_of)


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{{.Run.ID}} {{.Build.ID}} {{.Run.Registry}} {{.Run.RegistryName}}", "cf7 cf7 team.azurecr.io team"),
        ("{{.Run.Date}} {{.Run.OS}} {{.Run.Architecture}}", "20260304-050607z linux amd64"),
        ("{{.Run.TaskName}} {{.Run.SharedVolume}} {{.Run.Branch}}", "nightly acb_vol_1 release/2.0"),
        ("[{{.Run.id}}{{.Nope}}{{.Values.none}}]", "[]"),
        ("the words <no value> go", "the words  go"),
        ("{{.ValuesJSON}}", "'{}'"),
        ("{{.RunJSON | trunc 47}}", '\'{"Architecture":"amd64","Branch":"release/2.0"'),
        ("{{.RunJSON | contains `it'\"'\"'s me`}}", "true"),
        ("{{now | date `2006-01-02T15:04:05Z07:00`}}", "2026-03-04T05:06:07Z"),
        (
            "{{b64enc `a`}} [{{b64enc .Values.none}}] {{b64enc 5 | b64dec}} {{b64enc .Values | b64dec}}",
            "YQ== [] <int Value> <templating.Values Value>",
        ),
        ("{{printf `%T %T %T` . .Values .Run}}", "templating.Values templating.Values map[string]interface {}"),
        ("{{set .Values `a` 1 | len}}", "1"),
        ("   ", "   "),
        ("", ""),
    ],
    ids=range(14),
)
def test_what_templates_see(text: str, rendered: str) -> None:
    assert renderer().task("acb.yaml", text) == rendered


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{nope}}", 'failed to parse template: acb.yaml. Err: template: acb.yaml:1: function "nope" not defined'),
        (
            "{{.Nope.Deep}}",
            (
                "failed to execute template: acb.yaml. Err: template: acb.yaml:1:7: "
                'executing "acb.yaml" at <.Nope.Deep>: nil pointer evaluating interface {}.Deep'
            ),
        ),
    ],
    ids=["parse", "execute"],
)
def test_what_templates_are_refused_with(text: str, problem: str) -> None:
    with pytest.raises(AcbError) as refusal:
        renderer().task("acb.yaml", text)
    assert str(refusal.value) == f"error while rendering templates: {problem}"


@pytest.mark.parametrize("text", ["{{/* nothing */}}", "{{if false}}x{{end}}", "{{.Nope}}"])
def test_a_template_that_becomes_empty_is_refused(text: str) -> None:
    with pytest.raises(AcbError, match=r"^rendered template was empty$"):
        renderer().task("acb.yaml", text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\n# gone\n  # gone too\nb # stays\n", "a\nb # stays\n"),
        ("# only", ""),
        ("#!/bin/sh\r\nx\r\n\t#y\r\n", "x\r\n"),
        ("a\n\n#b\n\nc", "a\n\n\nc"),
    ],
    ids=range(4),
)
def test_remarks(text: str, kept: str) -> None:
    assert without_remarks(text) == kept


def test_a_quick_build() -> None:
    line = '-t app:{{.Run.ID}}-{{.Run.Branch | replace "/" "-"}} .\n# gone'
    assert renderer().build(line) == "-t app:cf7-release-2.0 ."


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("", "error while rendering templates: values is required"),
        ("# x", "error while rendering templates: values is required"),
        ("{{if false}}x{{end}}", "rendered template was empty"),
        (
            "{{nope}}",
            (
                "error while rendering templates: failed to parse template: build. "
                'Err: template: build:1: function "nope" not defined'
            ),
        ),
    ],
    ids=range(4),
)
def test_quick_builds_that_are_refused(line: str, problem: str) -> None:
    with pytest.raises(AcbError) as refusal:
        renderer().build(line)
    assert str(refusal.value) == problem


def test_a_task_sees_the_values_of_its_secrets() -> None:
    text = (
        f"secrets:\n  - id: {{{{.Values.name}}}}\n    keyvault: {VAULT}\nsteps:\n  - cmd: echo {{{{.Secrets.mine}}}}\n"
    )
    rendered = renderer(None, "name=mine").task("acb.yaml", text)
    assert rendered == f"secrets:\n  - id: mine\n    keyvault: {VAULT}\nsteps:\n  - cmd: echo value of mine\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "secrets: {{nope}}",
            (
                "failed to render the template: failed to parse template: acb.yaml. "
                'Err: template: acb.yaml:1: function "nope" not defined'
            ),
        ),
        ("{{/* secrets */}}", "rendered template was empty"),
        (
            "# secrets\nwhen: [",
            "failed to parse template to create task: yaml: line 2: did not find expected node content",
        ),
        (
            "secrets: [{id: a b, keyvault: x}]",
            (
                "failed to parse template to create task: failed to validate secret with ID: a b: "
                "secret ID cannot contain spaces"
            ),
        ),
        (
            "secrets: [{id: a, keyvault: 'http://v.x/secrets/a'}]",
            "invalid azure keyvault secret URL scheme. Expected Https",
        ),
        (
            "secrets: [{id: a, keyvault: 'https://v.x/secrets'}]",
            "invalid azure keyvault secret URL. Bad number of URL segments: 2",
        ),
        (
            "secrets: [{id: a, keyvault: 'https://v.x/keys/a'}]",
            "invalid azure keyvault secret URL. Expected 'secrets' collection, but found: keys",
        ),
        (
            "secrets: [{id: a, keyvault: 'https://V/secrets/a/'}]",
            "extracted vault resource https://v from vault URL https://V/secrets/a/ is invalid",
        ),
        (
            "secrets: [{id: a, keyvault: 'https://v w.x/secrets/a'}]",
            (
                'failed to parse the azure keyvault secret URL: parse "https://v w.x/secrets/a": '
                'invalid character " " in host name'
            ),
        ),
    ],
    ids=range(9),
)
def test_secrets_that_are_refused(text: str, problem: str) -> None:
    with pytest.raises(AcbError) as refusal:
        renderer().task("acb.yaml", text)
    assert str(refusal.value) == f"failed to resolve secrets in the task with error: {problem}"


def test_a_secret_that_cannot_be_got_ends_the_run() -> None:
    def none_of(secret: Secret) -> NoReturn:
        raise AcbError("no such vault")

    with pytest.raises(AcbError, match=r"^failed to resolve secrets in the task with error: no such vault$"):
        Renderer(render_data(OPTIONS), DATE, none_of).task("acb.yaml", f"secrets: [{{id: a, keyvault: '{VAULT}'}}]")


def test_an_empty_entry_crashes_as_it_does_without_secrets() -> None:
    with pytest.raises(AcbPanicError):
        renderer().task("acb.yaml", "# secrets\nsteps:\n  - \n")

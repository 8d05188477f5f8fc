"""Aliases of task files, as acb replaces them."""

from __future__ import annotations

import pytest
from acr_emulator.acb.aliases import ReplacedTask, expand_command, find_version, replace_aliases
from acr_emulator.acb.errors import AcbError

SOURCES = {"shared.yaml": "a: shared\nb: shared\n", "own.yaml": "b: own\nbash: mine\n", "odd.yaml": "a: [1]\n"}


def replaced(text: str) -> ReplacedTask:
    def render(name: str, text: str) -> str:
        if "{{bad}}" in text:
            raise AcbError(f"no template: {name}")
        return text.replace("{{.Run.ID}}", "cf7")

    return replace_aliases(text, render, SOURCES.get)


def body_of(line: str, section: str = "") -> str:
    """What becomes of one line of a task that has aliases."""
    text = replaced(f"version: v1.1.0\n{section}{line}\n").text
    return text.removeprefix("version: v1.1.0\n").removesuffix("\n")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("version: v1.1.0", "v1.1.0"),
        ("steps: []\nversion: v1.1.0\n", "v1.1.0"),
        ("version:v1.1.0", "v1.1.0"),
        ("version : 'v1.1.0'\r\n", "v1.1.0"),
        ('"version": v2', "v2"),
        ("versions: x\nversion: v1.1.0", "v1.1.0"),
        ("version: v1.0.0\nversion: v1.1.0", "v1.0.0"),
        ("Version: v1.1.0", ""),
        ("  version: v1.1.0", ""),
        ("- version: v1.1.0", ""),
        ("x" * 70_000 + "\nversion: v1.1.0", ""),
    ],
)
def test_the_version_is_what_the_first_version_line_says(text: str, version: str) -> None:
    assert find_version(text) == version


@pytest.mark.parametrize(
    ("version", "is_on"), [("v1.1.0", True), ("v1.2.0", True), ("v2", True), ("V1.1.0", False), ("v1.0.0", False)]
)
def test_aliases_are_on_from_version_1_1_0_by_text(version: str, is_on: bool) -> None:
    assert replaced(f"version: {version}\nv: $ID").is_on is is_on


def test_without_aliases_the_text_stays_as_it_is() -> None:
    text = "version: v1.0.0\r\nalias: {values: {a: x}}\nv: $ID $a"

    assert replaced(text) == ReplacedTask(text)


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ("v: $ID", "v: {{.Run.ID}}"),
        ("v: $Registry/$RegistryName", "v: {{.Run.Registry}}/{{.Run.RegistryName}}"),
        ("v: $ID$Commit$", "v: {{.Run.ID}}{{.Run.Commit}}$"),
        ("v: $acr", "v: mcr.microsoft.com/acr/acr-cli:0.19"),
        ("v: $bash", "v: mcr.microsoft.com/acr/bash:2ff604c"),
        ("v: $Repository $TaskName $GitTag $Run", "v: $Repository $TaskName $GitTag $Run"),
        ("v: $$ID $$ $$$ID", "v: $ID $ ${{.Run.ID}}"),
        ("v: $nope$ID", "v: $nope$ID"),
        ("v: $ID$nope", "v: {{.Run.ID}}$nope"),
        ("v: ${ID} $(ID) $-ID \\$ID", "v: ${ID} $(ID) $-ID \\{{.Run.ID}}"),
        ("v: $ID_x", "v: {{.Run.ID}}_x"),
        ("v: $IDx $IDé", "v: $IDx {{.Run.ID}}é"),
    ],
)
def test_names_after_the_directive_are_replaced(line: str, result: str) -> None:
    assert body_of(line) == result


@pytest.mark.parametrize(
    ("section", "line", "result"),
    [
        ("alias:\n  values:\n    repo: shop/cart\n", "v: $repo:$ID", "v: shop/cart:{{.Run.ID}}"),
        ("alias:\n  values:\n    ID: mine\n", "v: $ID", "v: mine"),
        ("alias:\n  values:\n    port: 8080\n    none:\n    yes: y\n", "v: $port$none$yes", "v: 8080y"),
        ("alias:\n  values: {tag: '{{.Run.ID}}'}\n", "v: $tag", "v: cf7"),
        ("alias:\n  values: {d: '$$', e: '$ID'}\n", "v: $d $e", "v: $$ $ID"),
        ("alias :\n  values:\n\n  # remark\n    a: x\n", "v: $a", "v: x"),
        ("alias:\n  values: {a: x}\n  directive: '@'\n", "v: @a $a @@a", "v: x $a @a"),
        ("alias:\n  values: {a: x}\n  directive: '£'\n", "v: £a", "v: x"),
        ("alias:\n  src: [shared.yaml, own.yaml]\n", "v: $a $b $bash", "v: shared own mine"),
        ("alias:\n  src: [own.yaml]\n  values: {b: first}\n", "v: $b", "v: first"),
        ("alias:\n", "v: $ID", "v: {{.Run.ID}}"),
    ],
)
def test_a_section_defines_aliases_and_is_cut_out(section: str, line: str, result: str) -> None:
    assert body_of(line, section) == result


def test_only_the_first_section_counts_and_it_ends_at_a_key_that_is_not_indented() -> None:
    text = "version: v1.1.0\nalias:\n  values: {a: x}\nalias:\n  values: {b: y}\n- odd: $a $b\n"

    assert replaced(text).text == "version: v1.1.0\nalias:\n  values: {b: y}\n- odd: x $b\n"


def test_remarks_and_carriage_returns_go_and_what_follows_a_long_line_is_lost() -> None:
    text = f"version: v1.1.0\r\n  # $ID\nb: {'y' * 65_532}\nc: {'y' * 65_533}\nd: 1\n"

    assert replaced(text).text == f"version: v1.1.0\nb: {'y' * 65_532}\n"


@pytest.mark.parametrize(
    ("section", "error"),
    [
        ("alias:\n  values: {a: '{{bad}}'}\n", "unable to render alias data: no template: aliasData"),
        (
            "alias:\n  src: missing.yaml\n",
            (
                "unable to search/replace aliases in task: error during alias unmarshaling: "
                "yaml: unmarshal errors:\n  line 2: cannot unmarshal !!str `missing...` into []string"
            ),
        ),
        (
            "alias: text\n",
            (
                "unable to search/replace aliases in task: error during alias unmarshaling: "
                "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `text` into graph.Alias"
            ),
        ),
        (
            "alias:\n  src: [missing.yaml]\n",
            "unable to search/replace aliases in task: open missing.yaml: no such file or directory",
        ),
        (
            "alias:\n  src: [odd.yaml]\n",
            (
                "unable to search/replace aliases in task: yaml: unmarshal errors:\n"
                "  line 1: cannot unmarshal !!seq into string"
            ),
        ),
        (
            "alias:\n  src: ['https://example.com/a.yaml']\n",
            (
                'unable to search/replace aliases in task: Get "https://example.com/a.yaml": '
                "the emulator fetches nothing, put the aliases into a file or the task itself"
            ),
        ),
        (
            "alias:\n  values: {my-name: x}\n",
            "unable to search/replace aliases in task: alias key names only support alphanumeric characters",
        ),
        (
            "alias:\n  directive: '!!'\n",
            "unable to search/replace aliases in task: $ directive can only be overwritten by a single character",
        ),
        (
            "alias:\n  directive: 5\n",
            "unable to search/replace aliases in task: overwritten directives may not be alphanumeric characters",
        ),
    ],
)
def test_a_wrong_section_is_refused(section: str, error: str) -> None:
    with pytest.raises(AcbError) as raised:
        body_of("v: 1", section)

    assert str(raised.value) == error


@pytest.mark.parametrize(
    ("command", "expanded"),
    [
        ("bash echo bash", "image echo bash"),
        ("  bash  echo ", "image  echo"),
        ("bash", "image"),
        ("bash\techo", "bash\techo"),
        ("  tool run", "  tool run"),
        ("", ""),
    ],
)
def test_the_first_word_of_a_command_may_be_an_alias(command: str, expanded: str) -> None:
    assert expand_command(command, {"bash": "image"}) == expanded

"""Long lists that are printed as they come: byte for byte what az prints of all of it, and how they end."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from azure.cli.core.mock import DummyCli
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from knack.util import CommandResultItem

from azext_acrpool.commands.console.errors import CommandError
from azext_acrpool.commands.console.pages import Page, print_pages

FORMATS = ("json", "jsonc", "tsv", "none", "table")
Items = list[dict[str, Any]]


class _Command:
    """Of az's command, what makes its table."""

    def __init__(self) -> None:
        self.table_transformer = lambda items: [{"NAME": str(item["name"]), "A": str(item.get("a"))} for item in items]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The program az, about to run a command."""
    cli = DummyCli()
    cli.invocation = cli.invocation_cls(
        cli_ctx=cli, commands_loader_cls=cli.commands_loader_cls, parser_cls=cli.parser_cls, help_cls=cli.help_cls
    )
    cli.enable_color = False
    cli.data["command"] = "acr task list-runs"
    cli.invocation.commands_loader.command_table = {"acr task list-runs": _Command()}
    monkeypatch.setattr(sys.modules["__main__"], "az_cli", cli, raising=False)
    return cli


def in_pages(pages: list[Items]) -> list[Page]:
    return [Page(items, is_last=number == len(pages)) for number, items in enumerate(pages, start=1)]


def printed(cli: Any, form: str, pages: list[Items]) -> str:
    """What stands on stdout in the end: what was printed here, and what az prints of the rest."""
    cli.invocation.data["output"] = form
    out = io.StringIO()
    left = print_pages(cli, in_pages(pages), out, sees_stdout=False)
    if left is not None:
        out.write(by_az(cli, form, left))
    return out.getvalue()


def by_az(cli: Any, form: str, items: Items) -> str:
    text: str = cli.output.get_formatter(form)(CommandResultItem(items, table_transformer=_Command().table_transformer))
    return text


def items_named(*names: str) -> Items:
    return [{"name": name, "a": 1} for name in names]


ITEM = st.fixed_dictionaries(
    {"name": st.text(max_size=4)},
    optional={"a": st.none() | st.integers() | st.lists(st.text(max_size=2), max_size=2), "b": st.just({"c": "[\n"})},
)


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "table"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(pages=st.lists(st.lists(ITEM, max_size=3), min_size=1, max_size=4))
def test_all_is_printed_as_az_prints_it_whole(cli: Any, form: str, pages: list[Items]) -> None:
    assert printed(cli, form, pages) == by_az(cli, form, [item for page in pages for item in page])


def test_a_table_whose_later_pages_are_no_wider_is_az_own(cli: Any) -> None:
    pages = [items_named("longest"), items_named("x", "yy"), [], items_named("z")]
    assert printed(cli, "table", pages) == by_az(cli, "table", items_named("longest", "x", "yy", "z"))


def test_a_wider_cell_widens_the_columns_from_its_page_on_and_is_never_cut(cli: Any) -> None:
    lines = printed(cli, "table", [items_named("a"), items_named("much-longer", "b"), items_named("c")]).splitlines()
    assert lines == [
        "NAME    A",
        "------  ---",
        "a       1",
        "much-longer  1",
        "b            1",
        "c            1",
    ]


def test_lines_within_a_cell_are_printed_once(cli: Any) -> None:
    lines = printed(cli, "table", [items_named("a\nlonger-line"), items_named("b"), items_named("c\u2028d")])
    assert lines.split("\n") == [
        "NAME         A",
        "-----------  ---",
        "a            1",
        "longer-line",
        "b            1",
        "c\u2028d          1",
        "",
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_one_page_is_left_to_az(cli: Any, form: str) -> None:
    cli.invocation.data["output"] = form
    out = io.StringIO()
    pages = [Page([], is_last=False), Page(items_named("a"), is_last=True)]
    assert (print_pages(cli, pages, out, sees_stdout=False), out.getvalue()) == (items_named("a"), "")


@pytest.mark.parametrize(
    ("form", "settings_"),
    [("yaml", {}), ("yamlc", {}), ("json", {"query_active": True}), ("jsonc", {"color": True})],
    ids=["yaml", "yamlc", "query", "colors"],
)
def test_what_needs_all_is_left_to_az(cli: Any, form: str, settings_: dict[str, bool]) -> None:
    cli.invocation.data.update(output=form, query_active=settings_.get("query_active", False))
    cli.enable_color = settings_.get("color", False)
    out = io.StringIO()
    left = print_pages(cli, in_pages([items_named("a"), items_named("b")]), out, sees_stdout=False)
    assert (left, out.getvalue()) == (items_named("a", "b"), "")


def test_a_program_that_has_az_inside_gets_the_list(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sys.modules["__main__"], "az_cli")
    cli.invocation.data["output"] = "json"
    out = io.StringIO()
    left = print_pages(cli, in_pages([items_named("a"), items_named("b")]), out, sees_stdout=False)
    assert (left, out.getvalue()) == (items_named("a", "b"), "")


def test_a_page_is_out_before_the_next_is_asked_for(cli: Any) -> None:
    cli.invocation.data["output"] = "tsv"
    out, seen = io.StringIO(), []

    def pages() -> Iterator[Page]:
        yield Page(items_named("a"), is_last=False)
        seen.append(out.getvalue())
        yield Page(items_named("b"), is_last=True)

    print_pages(cli, pages(), out, sees_stdout=False)
    assert seen == ["1\ta\n"]


def test_what_a_terminal_would_obey_is_shown(cli: Any) -> None:
    cli.invocation.data["output"] = "tsv"
    out = io.StringIO()
    print_pages(cli, in_pages([items_named("\x1b[2J"), items_named("b")]), out, sees_stdout=True)
    assert out.getvalue() == "1\t\\x1b[2J\n1\tb\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("no page")], ids=["interrupted", "failed"])
def test_a_list_that_breaks_off_leaves_a_whole_line(cli: Any, error: BaseException) -> None:
    cli.invocation.data["output"] = "json"
    out = io.StringIO()

    def pages() -> Iterator[Page]:
        yield Page(items_named("a"), is_last=False)
        raise error

    with pytest.raises(type(error)):
        print_pages(cli, pages(), out, sees_stdout=False)
    assert out.getvalue() == '[\n  {\n    "a": 1,\n    "name": "a"\n  }\n'


class _Closed(io.StringIO):
    """A stream that takes nothing, for this reason."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def flush(self) -> None:
        raise OSError(self._number, "it is as it is")


def test_a_reader_who_has_gone_wants_no_more_pages(cli: Any) -> None:
    cli.invocation.data["output"] = "json"
    pages = iter(in_pages([items_named("a"), items_named("b"), items_named("c")]))
    assert print_pages(cli, pages, _Closed(errno.EPIPE), sees_stdout=False) is None
    assert next(pages).items == items_named("b")


def test_a_disk_that_is_full_is_an_error(cli: Any) -> None:
    cli.invocation.data["output"] = "json"
    with pytest.raises(CommandError, match=r"could not be written to stdout: it is as it is\. It is not all there\."):
        print_pages(cli, in_pages([items_named("a"), items_named("b")]), _Closed(errno.ENOSPC), sees_stdout=False)

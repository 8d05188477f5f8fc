"""Printing a long list as it comes, page by page, in those of az's formats whose beginning does not need their end.

az prints a result when it has all of it. What is written here is what az would write, byte for byte; only a table, in
which az makes each column as wide as its widest cell, has the widths of the pages so far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple, Protocol, TextIO

from azure.cli.core import azclierror

from ..._az_internals import is_program
from .errors import CommandError
from .result import harmless_data
from .streams import lead_nowhere, reader_has_gone

__all__ = ["Page", "print_pages"]


class Page(NamedTuple):
    """Items of a list, as az shows them, and whether no others follow."""

    items: list[dict[str, Any]]
    is_last: bool


def print_pages(cli_ctx: Any, pages: Iterable[Page], stdout: TextIO, *, sees_stdout: bool) -> list[Any] | None:
    """Print a list of several pages as they come. Returns what is left to az: None, or the list where az prints it.

    That is where it has one page, is queried, is wanted by a program that has az inside, or is printed in a format that
    needs all of it (YAML, colors). Where the reader has gone, no more pages are asked for. What `pages` raise is raised
    once what was printed is a whole line; CommandError if stdout takes no more. `sees_stdout`: a person reads it.
    """
    coming = iter(pages)
    first = _first_with_items(coming)
    form = None if first.is_last else _form_for(cli_ctx)
    if form is None:
        return [item for page in chain((first,), coming) for item in page.items]
    ready, output = _Finishing(cli_ctx, sees_stdout=sees_stdout), _Output(cli_ctx, stdout)
    try:
        for page in chain((first,), coming):
            if page.items and not output.write(form.page(ready(page.items))):
                return None
    except BaseException:
        output.write(form.break_off)
        raise
    output.write(form.end)
    return None


def _first_with_items(pages: Iterator[Page]) -> Page:
    """The first page that has items, or the last one."""
    return next((page for page in pages if page.items or page.is_last), Page([], is_last=True))


class _Form(Protocol):
    """One of az's formats: what stands for a page, at the end, and where the list breaks off."""

    end: str
    break_off: str

    def page(self, items: list[Any]) -> str: ...


def _form_for(cli_ctx: Any) -> _Form | None:
    """None where all of the list is needed at once."""
    name, is_queried = cli_ctx.invocation.data["output"], cli_ctx.invocation.data.get("query_active")
    if is_queried or not is_program(cli_ctx):
        return None
    write = cli_ctx.output.get_formatter(name)
    if name == "json" or (name == "jsonc" and not cli_ctx.enable_color):
        return _Json(lambda items: write(_as_result(items)))
    if name == "table":
        command = cli_ctx.invocation.commands_loader.command_table[cli_ctx.data["command"]]
        return _Table(command.table_transformer, lambda rows: write(_as_result(rows)))
    # Neither makes anything of a row that depends on others.
    return _Plain(lambda items: write(_as_result(items))) if name in ("tsv", "none") else None


def _as_result(data: Any) -> Any:
    from knack.util import CommandResultItem

    # With a transformer that has done its work, az leaves the columns of a table in their order.
    return CommandResultItem(data, table_transformer=lambda rows: rows)


class _Plain:
    """A format that is the same in parts."""

    end = break_off = ""

    def __init__(self, write: Callable[[list[Any]], str]) -> None:
        self._write = write

    def page(self, items: list[Any]) -> str:
        return self._write(items)


class _Json:
    """A list, indented: of each page what stands between the first bracket and the last."""

    end = "\n]\n"
    break_off = "\n"

    def __init__(self, write: Callable[[list[Any]], str]) -> None:
        self._write = write
        self._before = "[\n"

    def page(self, items: list[Any]) -> str:
        text = self._before + self._write(items).removeprefix("[\n").removesuffix(self.end)
        self._before = ",\n"
        return text


class _Table:
    """A table whose heading stands on the first page, and whose columns get wider where they must, never narrower."""

    end = break_off = ""

    def __init__(self, rows_of: Callable[[list[Any]], list[dict[str, str]]], write: Callable[[list[Any]], str]) -> None:
        self._rows_of = rows_of
        self._write = write
        self._rules: dict[str, str] = {}

    def page(self, items: list[Any]) -> str:
        rows = self._rows_of(items)
        # Below a row that is as wide as the pages before, of which nothing is printed: the rules below their headings.
        above = [self._rules] if self._rules else []
        heading, rules, rest = self._write([*above, *rows]).split("\n", 2)
        self._rules = dict(zip(rows[0], rules.split(), strict=True))
        return rest.split("\n", 1)[1] if above else f"{heading}\n{rules}\n{rest}"


class _Finishing:
    """What az makes of data before it prints them (it adds resource groups), and what is done for a terminal."""

    def __init__(self, cli_ctx: Any, *, sees_stdout: bool) -> None:
        self._cli_ctx = cli_ctx
        self._sees_stdout = sees_stdout

    def __call__(self, items: list[Any]) -> list[Any]:
        from knack.events import EVENT_INVOKER_TRANSFORM_RESULT

        data = {"result": items}
        self._cli_ctx.raise_event(EVENT_INVOKER_TRANSFORM_RESULT, event_data=data)
        finished: list[Any] = harmless_data(data["result"]) if self._sees_stdout else data["result"]
        return finished


class _Output:
    """stdout, as az writes to it: a reader who has gone is nobody's error, and what cannot be encoded is left out."""

    def __init__(self, cli_ctx: Any, stdout: TextIO) -> None:
        self._cli_ctx = cli_ctx
        self._stdout = stdout

    def write(self, text: str) -> bool:
        """Write text and flush. Returns whether somebody still reads. Raises CommandError."""
        try:
            try:
                self._stdout.write(text)
            except UnicodeEncodeError:
                self._cli_ctx.output.out(_as_result(None), formatter=lambda _: text, out_file=self._stdout)
            self._stdout.flush()
        except OSError as error:
            lead_nowhere(self._stdout)
            if reader_has_gone(error):
                return False
            raise CommandError(
                azclierror.FileOperationError(
                    f"The list could not be written to stdout: {error.strerror or error}. It is not all there.",
                    "Make room for it, then list again.",
                )
            ) from error
        return True

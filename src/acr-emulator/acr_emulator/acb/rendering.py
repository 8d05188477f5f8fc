"""Renders task files and quick builds: Go templates with sprig's functions (acb, templating/).

The text of a template comes without its remarks: see `without_remarks`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..golang import sprig
from ..golang.errors import GoError, TemplateParseError
from ..golang.strings import trim_space
from ..golang.template import Function, Value, function, reflected_string, render
from ..golang.text import to_bytes
from ..golang.types import ANY, GoMap
from .errors import AcbError, AcbPanicError
from .secrets import check_vault_url
from .task import Secret, read_task
from .values import VALUES

__all__ = ["Renderer", "without_remarks"]

NO_VALUE = "<no value>"
SECRETS = "secrets"
EMPTY = "rendered template was empty"


def without_remarks(text: str) -> str:
    """A template's text without the lines that begin with `#`, indented or not, wherever they are."""
    return "\n".join(line for line in text.split("\n") if not trim_space(line).startswith("#"))


def _encode(value: Any) -> str:
    """acb's own `b64enc`: nothing for nil; what is no string is encoded as `<int Value>`."""
    return "" if value is None else base64.b64encode(to_bytes(reflected_string(Value(value)))).decode()


@dataclass(frozen=True)
class Renderer:
    """Renders the templates of one run.

    `data` is what they see (`variables.render_data`), `date` the aware time that they take for now, `secret_value` what
    gives the value of a task's secret, by the identity of the run; it raises AcbError for one that it cannot get.
    """

    data: GoMap
    date: datetime
    secret_value: Callable[[Secret], str]

    def task(self, name: str, text: str) -> str:
        """A task file, or the part of it that defines its aliases; `name` is that of the file, for errors.

        A text with the word `secrets` is rendered once without, to find those that it names. A text that is empty from
        the start stays so. Raises AcbError.
        """
        if not text:
            return ""
        self.data["Secrets"] = GoMap({}, VALUES)
        if SECRETS in text:
            try:
                self.data["Secrets"] = GoMap(self._secrets(name, text), VALUES)
            except AcbPanicError:
                raise
            except AcbError as error:
                raise AcbError(f"failed to resolve secrets in the task with error: {error}") from error
        return self._filled(name, text)

    def build(self, arguments: str) -> str:
        """The arguments of a quick build in one line. Raises AcbError."""
        text = without_remarks(arguments)
        if not text:
            raise AcbError("error while rendering templates: values is required")
        return self._filled("build", text)

    def _filled(self, name: str, text: str) -> str:
        try:
            rendered = self._render(name, text)
        except AcbError as error:
            raise AcbError(f"error while rendering templates: {error}") from error
        if not rendered:
            raise AcbError(EMPTY)
        return rendered

    def _render(self, name: str, text: str) -> str:
        try:
            rendered = render(name, text, self.data, self._functions())
        except TemplateParseError as error:
            raise AcbError(f"failed to parse template: {name}. Err: {error}") from error
        except GoError as error:
            raise AcbError(f"failed to execute template: {name}. Err: {error}") from error
        return rendered.replace(NO_VALUE, "")

    def _functions(self) -> Mapping[str, Function]:
        return {**sprig.functions(lambda: self.date), "b64enc": function("b64enc", _encode, ANY)}

    def _secrets(self, name: str, text: str) -> dict[str, str]:
        """The values of the secrets that a task names, by their ID."""
        try:
            rendered = self._render(name, text)
        except AcbError as error:
            raise AcbError(f"failed to render the template: {error}") from error
        if not rendered:
            raise AcbError(EMPTY)
        try:
            secrets = read_task(rendered).secrets
        except AcbPanicError:
            raise
        except AcbError as error:
            raise AcbError(f"failed to parse template to create task: {error}") from error
        for secret in secrets:
            if secret.key_vault:
                check_vault_url(secret.key_vault)
        return {secret.id: self.secret_value(secret) for secret in secrets}

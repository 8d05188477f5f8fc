"""Texts on their way through a task: Go's templates, YAML, the agent's scanner and a shell read them in turn."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["RUN_TEMPLATE", "is_plain", "is_plain_when_filled_in", "yaml_part", "yaml_text"]

# What is itself to all of them, and one word.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:@,+=%-]*")

# What is known of a run: the same templates that the service fills in for a plain build.
RUN_TEMPLATE: Final = re.compile(r"\{\{ *\.(?:Run\.[A-Za-z]+|Build\.ID) *\}\}")

# Printable ASCII stands for itself in double quotes of YAML, but for what ends them, what begins a template, and what
# begins `<no value>`, which the agent takes out of every text.
_ESCAPED: Final = re.compile(r'[^ -~]|["\\{}<]')
# The agent renders a task twice that holds this word.
_TELLTALE: Final = "secrets"


def is_plain(text: str) -> bool:
    """Whether a text comes through as it is, so that the agent's scanner can read it as a build argument's value.

    >>> is_plain("registry.example/app:1.2"), is_plain("hello world"), is_plain("")
    (True, False, True)
    """
    return _PLAIN.fullmatch(text) is not None


def is_plain_when_filled_in(text: str) -> bool:
    """The same of a text whose templates of the run are filled in: what is known of a run is plain.

    >>> is_plain_when_filled_in("{{.Run.Registry}}/base:1"), is_plain_when_filled_in("{{.Values.x}}")
    (True, False)
    """
    return is_plain(RUN_TEMPLATE.sub("x", text))


def yaml_text(text: str, templates: re.Pattern[str] = RUN_TEMPLATE) -> str:
    r"""A text as YAML in double quotes, in one line of printable ASCII, of which only `templates` are rendered.

    >>> print(yaml_text('say "{{x}}" in {{.Run.ID}}\n'))
    "say \"\x7B\x7Bx\x7D\x7D\" in {{.Run.ID}}\n"
    """
    return f'"{yaml_part(text, templates)}"'


def yaml_part(text: str, templates: re.Pattern[str] = RUN_TEMPLATE) -> str:
    """The same without the quotes, for a text that is put together of several."""
    written, end = [], 0
    for template in templates.finditer(text):
        written += [_escaped(text[end : template.start()]), template[0]]
        end = template.end()
    return "".join([*written, _escaped(text[end:])])


def _escaped(text: str) -> str:
    return _ESCAPED.sub(_escape, text).replace(_TELLTALE, f"\\x{ord(_TELLTALE[0]):02X}{_TELLTALE[1:]}")


def _escape(char: re.Match[str]) -> str:
    shown = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}.get(char[0])
    if shown:
        return shown
    code = ord(char[0])
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"

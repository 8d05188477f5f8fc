"""Texts on their way through a task: Go's templates, YAML, the agent's scanner and a shell read them in turn."""

from __future__ import annotations

import re
from typing import Final

from ....wording import is_plain

__all__ = ["MOST_LINE_BYTES", "RUN_TEMPLATE", "is_plain_when_filled_in", "yaml_part", "yaml_text"]

# The agent gives the line of a step to `/bin/sh` in one argument, of which Linux takes 128 KiB (MAX_ARG_STRLEN); the
# rest is for what the agent adds.
MOST_LINE_BYTES: Final = 120 * 2**10

# What is known of a run: the same templates that the service fills in for a plain build.
RUN_TEMPLATE: Final = re.compile(r"\{\{ *\.(?:Run\.[A-Za-z]+|Build\.ID) *\}\}")

# Printable ASCII stands for itself in double quotes of YAML, but for what ends them, what begins a template, and what
# begins `<no value>`, which the agent takes out of every text.
_ESCAPED: Final = re.compile(r'[^ -~]|["\\{}<]')
# The agent renders a task twice that holds this word.
_TELLTALE: Final = "secrets"


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

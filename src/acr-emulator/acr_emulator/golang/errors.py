"""What Go's libraries refuse; `str(error)` is Go's own text."""

from __future__ import annotations

__all__ = [
    "GoError",
    "GoPanicError",
    "LimitExceededError",
    "RegexpError",
    "TemplateExecutionError",
    "TemplateParseError",
    "YamlError",
]


class GoError(Exception):
    """An error that a Go library returns."""


class GoPanicError(GoError):
    """A panic, such as an index out of range; templates turn a function's panic into an error."""


class LimitExceededError(GoError):
    """More than this emulator is willing to do, where Go would go on: endless templates, gigabytes of text."""


class RegexpError(GoError):
    """A regular expression that package regexp refuses: `error parsing regexp: ..`."""


class TemplateParseError(GoError):
    """A template that text/template cannot parse: `template: NAME:LINE: ..`."""


class TemplateExecutionError(GoError):
    """A template that fails while it is carried out: `template: NAME:LINE:COLUMN: executing ..`."""


class YamlError(GoError):
    """Text that go-yaml cannot read, or not into what it was to become: `yaml: ..`."""

"""What Go's libraries refuse; `str(error)` is Go's own text."""

from __future__ import annotations

__all__ = ["GoError", "TemplateExecutionError", "TemplateParseError", "YamlError"]


class GoError(Exception):
    """An error that a Go library returns."""


class TemplateParseError(GoError):
    """A template that text/template cannot parse: `template: NAME:LINE: ..`."""


class TemplateExecutionError(GoError):
    """A template that fails while it is carried out: `template: NAME:LINE:COLUMN: executing ..`."""


class YamlError(GoError):
    """Text that go-yaml cannot read, or not into what it was to become: `yaml: ..`."""

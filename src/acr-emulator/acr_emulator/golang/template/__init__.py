"""Go's text/template: parsing and carrying out, with Go's own error texts.

As of Go 1.24 (ranges over numbers, `break`, `{{else with}}`), with the option `missingkey=zero`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import TemplateParseError
from .builtins import BUILTINS
from .execution import execute
from .functions import Function, function
from .limits import check_elements, check_size
from .parser import parse
from .values import Value, reflected_string

__all__ = ["BUILTINS", "Function", "Value", "check_elements", "check_size", "function", "reflected_string", "render"]


def render(name: str, text: str, data: Any, functions: Mapping[str, Function]) -> str:
    """What a template gives for data.

    `name` is the template's, for its errors; `functions` come on top of Go's own and win over them.
    Raises TemplateParseError and TemplateExecutionError. A template that would go on for ever, or make gigabytes, is
    refused as well.
    """
    known = {**BUILTINS, **functions}
    try:
        trees = parse(name, text, known)
    except RecursionError:
        raise TemplateParseError(f"template: {name}: max expression depth exceeded") from None
    return execute(name, text, trees, known, data)

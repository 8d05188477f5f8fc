"""The values of a task: those of its values file, and over them those of --set (acb, templating/values.go)."""

from __future__ import annotations

from collections.abc import Sequence

from ..golang.errors import YamlError
from ..golang.types import ANY, STRING, GoMap, map_of
from ..golang.yaml import ANY as ANY_KIND
from ..golang.yaml import MapOf, decode
from .errors import AcbError

__all__ = ["VALUES", "merged_values", "parse_set"]

VALUES = map_of(STRING, ANY, name="templating.Values")
KIND = MapOf(ANY_KIND, VALUES.name)
ADVICE = "Try rendering your template locally using the instructions found at https://github.com/Azure/acr-builder."


def merged_values(values_file: str | None, set_arguments: Sequence[str]) -> GoMap:
    """The values by name. Raises AcbError for a file that is no mapping in YAML, and for a wrong --set."""
    given = parse_set(set_arguments)
    try:
        values = decode(values_file, KIND) if values_file else {}
    except YamlError as error:
        problem = f"failed to deserialize values. {ADVICE} Err: {error}"
        raise AcbError(f"failed to override values: {problem}") from error
    return GoMap({**values, **given}, VALUES)


def parse_set(arguments: Sequence[str]) -> dict[str, str]:
    """What --set says: the text after the first `=` is the value, whatever it looks like; the last one of a name wins.

    Raises AcbError.
    """
    values = {}
    for argument in arguments:
        name, sign, value = argument.partition("=")
        if not sign:
            raise AcbError("failed to parse --set data; invalid format, no = assignment found")
        if not name:
            raise AcbError("failed to parse --set data; expected a key=val format")
        values[name] = value
    return values

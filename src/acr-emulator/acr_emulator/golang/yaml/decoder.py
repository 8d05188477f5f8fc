"""Decodes YAML as go-yaml does: into generic values, or into types with their complaints."""

from __future__ import annotations

import binascii
import math
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

from ..errors import YamlError
from ..formatting import sprintf
from ..types import GoMap
from .kinds import ANY, BOOL, IGNORED, INT, STRING, Kind, MapOf, PointerTo, Scalar, SliceOf, Struct, zero
from .nodes import Node, compose
from .scalars import BINARY, MAPPING, MERGE, NULL, SEQUENCE, TEXT, resolve, short_tag

__all__ = ["decode", "load"]

LARGEST_SHOWN = 10
"""A longer value is cut in errors, to its first 7 bytes."""

MAX_EXPANDED_DEPTH = 150
"""How deep values may be nested once aliases stand for what they name; a bound of ours, as `nodes.MAX_DEPTH` is."""

FEW_DECODINGS, MANY_DECODINGS = 400_000, 4_000_000
"""Up to the one, 99 % of what is decoded may come from aliases; from the other on, 10 %."""


def load(text: str) -> Any:
    """The value of a text's first document as for `interface{}`: None, bool, int, float, str, list or GoMap.

    Raises YamlError.
    """
    return decode(text, ANY)


def decode(text: str, kind: Kind) -> Any:
    """The first document of a text as a value of a type; the zero value (for a mapping, {}) for a text without one.

    Raises YamlError: of several values that do not fit their types, all are named.
    """
    node = compose(text)
    decoder = _Decoder()
    value = zero(kind) if node is None else decoder.unmarshal(node, kind, zero(kind))
    if decoder.problems:
        raise YamlError("\n  ".join(["yaml: unmarshal errors:", *decoder.problems]))
    return {} if value is None and isinstance(kind, MapOf) else value


class _Decoder:
    """One decoding. `unmarshal` gives any value for what does not fit: then there are `problems`."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._aliases: set[int] = set()
        self._count = 0
        self._alias_count = 0
        self._depth = 0

    def unmarshal(self, node: Node, kind: Kind, current: Any) -> Any:
        """A node as a value of a type; `current` is filled if it is a mapping."""
        self._count_one()
        self._depth += 1
        if self._depth > MAX_EXPANDED_DEPTH:
            raise YamlError(f"yaml: exceeded max depth of {MAX_EXPANDED_DEPTH}")
        value = self._unmarshal(node, kind, current)
        self._depth -= 1
        return value

    def _unmarshal(self, node: Node, kind: Kind, current: Any) -> Any:
        if node.kind == "alias":
            return self._alias(node, kind, current)
        if isinstance(kind, PointerTo) and not _is_nil(node):
            kind = kind.element
            current = zero(kind) if current is None else current
        if kind == IGNORED:
            return None
        if node.kind == "scalar":
            return self._scalar(node, kind)
        return self._mapping(node, kind, current) if node.kind == "mapping" else self._sequence(node, kind)

    def _count_one(self) -> None:
        self._count += 1
        if self._aliases:
            self._alias_count += 1
        is_much = self._alias_count > 100 and self._count > 1000
        if is_much and self._alias_count / self._count > _allowed_ratio(self._count):
            raise YamlError("yaml: document contains excessive aliasing")

    def _alias(self, node: Node, kind: Kind, current: Any) -> Any:
        if id(node) in self._aliases or node.target is None:
            raise YamlError(f"yaml: anchor '{node.value}' value contains itself")
        self._aliases.add(id(node))
        value = self.unmarshal(node.target, kind, current)
        self._aliases.discard(id(node))
        return value

    def _scalar(self, node: Node, kind: Kind) -> Any:
        tag, value = TEXT, node.value
        if node.tag or node.is_plain:
            tag, value = resolve(short_tag(node.tag), node.value)
        if tag == BINARY:
            value = _from_base64(value)
        if value is None:
            return zero(kind)
        if kind == ANY:
            return value
        if kind == STRING:
            return value if tag == BINARY else node.value
        if kind == BOOL and isinstance(value, bool):
            return value
        if kind == INT and (number := _int64(value)) is not None:
            return number
        return self._refuse(node, tag, kind)

    def _sequence(self, node: Node, kind: Kind) -> Any:
        if isinstance(kind, SliceOf) or kind == ANY:
            element = kind.element if isinstance(kind, SliceOf) else ANY
            return [self.unmarshal(child, element, zero(element)) for child in node.children]
        return self._refuse(node, SEQUENCE, kind)

    def _mapping(self, node: Node, kind: Kind, current: Any) -> Any:
        if isinstance(kind, Struct):
            return self._struct(node, kind, current)
        if isinstance(kind, MapOf):
            return self._fill(node, kind, STRING, {} if current is None else current)
        if kind == ANY:
            return self._fill(node, kind, ANY, current if isinstance(current, GoMap) else GoMap())
        return self._refuse(node, MAPPING, kind)

    def _fill(self, node: Node, kind: Kind, key_kind: Scalar, filled: Any) -> Any:
        element = kind.value if isinstance(kind, MapOf) else ANY
        for key_node, value_node in _pairs(node):
            if _is_merge(key_node):
                self._merge(value_node, kind, filled)
                continue
            problems = len(self.problems)
            key = self.unmarshal(key_node, key_kind, zero(key_kind))
            if len(self.problems) > problems:
                continue
            if isinstance(key, list | dict):
                raise YamlError(f"yaml: invalid map key: {sprintf('%#v', [key])}")
            filled[key] = self.unmarshal(value_node, element, zero(element))
        return filled

    def _struct(self, node: Node, kind: Struct, filled: dict[str, Any]) -> dict[str, Any]:
        for key_node, value_node in _pairs(node):
            if _is_merge(key_node):
                self._merge(value_node, kind, filled)
                continue
            key = self.unmarshal(key_node, STRING, "")
            field = kind.fields.get(key)
            if field is not None:
                filled[key] = self.unmarshal(value_node, field, filled.get(key, zero(field)))
        return filled

    def _merge(self, node: Node, kind: Kind, filled: Any) -> None:
        """Takes over what `<<` names. Of several mappings the first wins; what stood before is overwritten."""
        for child in reversed(node.children) if node.kind == "sequence" else [node]:
            target = child.target if child.kind == "alias" else child
            if target is None or target.kind != "mapping":
                raise YamlError("yaml: map merge requires map or sequence of maps as the value")
            self.unmarshal(child, kind, filled)

    def _refuse(self, node: Node, tag: str, kind: Kind) -> Any:
        tag = short_tag(node.tag) or tag
        value = node.value
        if tag not in (SEQUENCE, MAPPING):
            shown = node.value.encode(errors="surrogatepass")
            cut = shown[:7] + b"..." if len(shown) > LARGEST_SHOWN else shown
            value = f" `{cut.decode(errors='replace')}`"
        self.problems.append(f"line {node.line}: cannot unmarshal {tag}{value} into {kind.name}")
        return zero(kind)


def _pairs(node: Node) -> Iterator[tuple[Node, Node]]:
    return zip(node.children[::2], node.children[1::2], strict=True)


def _is_nil(node: Node) -> bool:
    """Whether a pointer stays nil: `Null` and `NULL` do not count, a quoted `null` does (then it does not fit)."""
    if short_tag(node.tag) == NULL:
        return True
    is_word = node.value in ("null", "~") or (not node.value and node.is_plain)
    return node.kind == "scalar" and not node.tag and is_word


def _is_merge(node: Node) -> bool:
    return node.kind == "scalar" and node.value == "<<" and (node.is_plain or short_tag(node.tag) == MERGE)


def _int64(value: Any) -> int | None:
    """A number as Go's int: a fraction is cut off. None for what does not fit."""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value) or value > 2**63:
        return None
    if isinstance(value, int):
        return value if value < 2**63 else None
    # What does not fit into 64 bits becomes the smallest number on amd64.
    return int(value) if -(2**63) <= value < 2**63 else -(2**63)


def _from_base64(text: str) -> str:
    try:
        return b64decode(text.replace("\n", ""), validate=True).decode(errors="surrogateescape")
    except (binascii.Error, ValueError) as error:
        raise YamlError("yaml: !!binary value contains invalid base64 data") from error


def _allowed_ratio(count: int) -> float:
    share = (min(max(count, FEW_DECODINGS), MANY_DECODINGS) - FEW_DECODINGS) / (MANY_DECODINGS - FEW_DECODINGS)
    return 0.99 - 0.89 * share

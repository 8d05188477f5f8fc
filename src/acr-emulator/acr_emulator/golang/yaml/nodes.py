"""The nodes of a YAML document, as go-yaml's decoder is given them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentEndEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.reader import ReaderError

from ..errors import YamlError
from .problems import yaml_error
from .scanner import EventReader

__all__ = ["MAX_DEPTH", "Node", "compose"]

MAX_DEPTH = 100
"""How deep collections may be nested. go-yaml allows 10000; deeper ones than this are read by nobody here."""


@dataclass(eq=False)
class Node:
    """A node: `line` from 1, `tag` only if it is written, `is_plain` for a scalar without quotes.

    The children of a mapping are its keys and values in turn; `target` is what an alias stands for.
    """

    kind: Literal["scalar", "sequence", "mapping", "alias"]
    line: int
    value: str = ""
    tag: str = ""
    is_plain: bool = False
    children: list[Node] = field(default_factory=list)
    target: Node | None = None


def compose(text: str) -> Node | None:
    """The node of the first document; None for a text without one. Raises YamlError."""
    try:
        return _Composer(EventReader(text)).compose()
    except yaml.MarkedYAMLError as error:
        raise yaml_error(error) from error
    except ReaderError as error:
        raise YamlError("yaml: control characters are not allowed") from error


class _Composer:
    """Makes nodes of events, without recursion."""

    def __init__(self, events: EventReader) -> None:
        self._events = events
        self._anchors: dict[str, Node] = {}
        self._open: list[Node] = []

    def compose(self) -> Node | None:
        self._events.next_event()
        event = self._events.next_event()
        if isinstance(event, StreamEndEvent):
            return None
        root: Node | None = None
        while not isinstance(event := self._events.next_event(), DocumentEndEvent):
            if isinstance(event, CollectionEndEvent):
                self._open.pop()
                continue
            node = self._node(event)
            if self._open:
                self._open[-1].children.append(node)
            root = root or node
            if isinstance(event, SequenceStartEvent | MappingStartEvent):
                self._open.append(node)
                if len(self._open) > MAX_DEPTH:
                    raise YamlError(f"yaml: exceeded max depth of {MAX_DEPTH}")
        return root

    def _node(self, event: Event) -> Node:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, AliasEvent):
            if event.anchor not in self._anchors:
                raise YamlError(f"yaml: unknown anchor '{event.anchor}' referenced")
            return Node("alias", line, value=event.anchor, target=self._anchors[event.anchor])
        if isinstance(event, ScalarEvent):
            node = Node("scalar", line, event.value, event.tag or "", bool(event.implicit[0]))
        else:
            node = Node("sequence" if isinstance(event, SequenceStartEvent) else "mapping", line)
        if isinstance(event, NodeEvent) and event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

"""YAML as go-yaml v2 (gopkg.in/yaml.v2 2.4.0) reads it: YAML 1.1 with its own words, numbers and texts of errors.

`load` is for what Go would put into an `interface{}`, `decode` for what it would put into a type: see `kinds`. How
Python's values stand for Go's says `golang.types`.
"""

from __future__ import annotations

from .decoder import decode, load
from .kinds import ANY, BOOL, IGNORED, INT, STRING, Kind, MapOf, PointerTo, Scalar, SliceOf, Struct

__all__ = [
    "ANY",
    "BOOL",
    "IGNORED",
    "INT",
    "STRING",
    "Kind",
    "MapOf",
    "PointerTo",
    "Scalar",
    "SliceOf",
    "Struct",
    "decode",
    "load",
]

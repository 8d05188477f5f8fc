"""The texts of go-yaml for what PyYAML's scanner and parser refuse.

Both are descended from libyaml and find the same problems at the same places; only the words differ.
"""

from __future__ import annotations

import re

import yaml
from yaml.scanner import ScannerError

from ..errors import YamlError

__all__ = ["yaml_error"]

TEXTS = (
    (r"sequence entries are not allowed here", "block sequence entries are not allowed in this context"),
    (r"mapping (keys|values) are not allowed here", r"mapping \1 are not allowed in this context"),
    (r"found character .* that cannot start any token", "found character that cannot start any token"),
    (r"found unexpected document separator", "found unexpected document indicator"),
    (r"expected a comment or a line break, .*", "did not find expected comment or line break"),
    (r"expected alphabetic or numeric character, .*", "did not find expected alphabetic or numeric character"),
    (r"expected a digit or .*", "did not find expected digit or '.' character"),
    (r"expected a digit, .*", "did not find expected version number"),
    (r"expected '!', .*", "did not find expected '!'"),
    (r"expected ' ', .*", "did not find expected whitespace"),
    (r"expected URI, .*", "did not find expected tag URI"),
    (r"expected URI escape sequence .*", "did not find URI escaped octet"),
    (r"expected '<document start>', .*", "did not find expected <document start>"),
    (r"expected ',' or '(.)', .*", r"did not find expected ',' or '\1'"),
    (r"expected the node content, .*", "did not find expected node content"),
    (r"found undefined tag handle .*", "found undefined tag handle"),
    (r"found duplicate YAML directive", "found duplicate %YAML directive"),
    (r"duplicate tag handle .*", "found duplicate %TAG directive"),
    (r"found incompatible YAML document .*", "found incompatible YAML document"),
)
"""PyYAML's words (a pattern for the whole text), and go-yaml's."""

BLOCK_TEXTS = {
    "while parsing a block collection": "did not find expected '-' indicator",
    "while parsing a block mapping": "did not find expected key",
}
"""PyYAML says `expected <block end>` for both; the context tells them apart."""


def yaml_error(error: yaml.MarkedYAMLError) -> YamlError:
    """What go-yaml says: `yaml: line N: ..`, without a line for a problem in the first one (its `parser.fail`)."""
    problem = error.problem or "unknown problem parsing YAML content"
    return YamlError(f"yaml: {_where(error)}{_text(problem, error.context)}")


def _text(problem: str, context: str | None) -> str:
    if problem.startswith("expected <block end>"):
        return BLOCK_TEXTS[context or ""]
    for pattern, text in TEXTS:
        if found := re.fullmatch(pattern, problem, re.DOTALL):
            return found.expand(text)
    return problem


def _where(error: yaml.MarkedYAMLError) -> str:
    """Lines are counted from 0, and go-yaml adds 1 to the scanner's alone."""
    if error.problem_mark is not None and error.problem_mark.line:
        return f"line {error.problem_mark.line + isinstance(error, ScannerError)}: "
    if error.context_mark is not None and error.context_mark.line:
        return f"line {error.context_mark.line}: "
    return ""

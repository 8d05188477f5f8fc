"""Platforms of images: `OS/ARCHITECTURE[/VARIANT]`, as docker reads what people write of them.

Source: github.com/containerd/platforms, on a machine of the agents.
"""

from __future__ import annotations

from typing import Final

__all__ = ["is_same_platform"]

_SYSTEMS: Final = frozenset({"linux", "windows"})
_ARCHITECTURES: Final = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386"}
_VARIANTS: Final = {("amd64", "v1"): "", ("arm64", "v8"): "", ("arm64", "8"): "", ("arm", ""): "v7", ("arm", "7"): "v7"}


def is_same_platform(one: str, other: str) -> bool:
    """Whether two texts mean one platform.

    >>> is_same_platform("linux/x86_64", "linux/amd64"), is_same_platform("arm64", "linux/arm64/v8")
    (True, True)
    """
    return bool(one and other) and _parts(one) == _parts(other)


def _parts(text: str) -> tuple[str, str, str]:
    """System, architecture and variant. What is left out is that of the agents."""
    first, *others = text.lower().split("/")
    system, others = (first, others) if first in _SYSTEMS or others else ("linux", [first])
    architecture, variant, *_ = (*others, "", "")
    architecture = _ARCHITECTURES.get(architecture, architecture) or "amd64"
    return system, architecture, _VARIANTS.get((architecture, variant), variant)

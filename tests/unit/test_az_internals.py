"""Leaving out az's own loader: done where az is as expected, nothing done where it is not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from azure.cli.command_modules.acr import ACRCommandsLoader

from azext_acrpool._az_internals import leave_out_az_own_loader

OWN = ACRCommandsLoader.__new__(ACRCommandsLoader)


def cli(loaders: Any) -> Any:
    return SimpleNamespace(invocation=SimpleNamespace(commands_loader=SimpleNamespace(cmd_to_loader_map=loaders)))


def test_az_own_loader_is_left_out_for_our_commands_only() -> None:
    loaders = {"acr build": [OWN], "acr show": [OWN]}
    assert leave_out_az_own_loader(cli(loaders), ["acr build", "acr agentpool wait"])
    assert loaders == {"acr build": [], "acr show": [OWN]}


@pytest.mark.parametrize(
    "loaders", [{}, None, [], {"acr build": "odd"}, {"acr build": [OWN, object()]}, {"acr build": [object()]}]
)
def test_nothing_is_done_if_az_is_not_as_expected(loaders: Any) -> None:
    before = dict(loaders) if isinstance(loaders, dict) else loaders
    assert not leave_out_az_own_loader(cli(loaders), ["acr build"])
    assert loaders == before


@pytest.mark.parametrize("context", [None, SimpleNamespace(), SimpleNamespace(invocation=None)])
def test_nothing_is_done_without_an_invocation(context: Any) -> None:
    assert not leave_out_az_own_loader(context, ["acr build"])

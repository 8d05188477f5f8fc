"""What az sees of the extension when it loads it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from azure.cli.core.mock import DummyCli

import azext_acrpool

COMMANDS = {
    "acr agentpool create",
    "acr agentpool update",
    "acr agentpool delete",
    "acr agentpool list",
    "acr agentpool show",
    "acr agentpool wait",
    "acr agentpool list-runs",
    "acr build",
}


@pytest.fixture
def loader() -> azext_acrpool.AcrPoolCommandsLoader:
    return azext_acrpool.COMMAND_LOADER_CLS(cli_ctx=DummyCli())


def test_commands(loader: azext_acrpool.AcrPoolCommandsLoader) -> None:
    table = loader.load_command_table(None)
    assert set(table) >= COMMANDS
    assert {name for name in COMMANDS if table[name].supports_no_wait} == {
        f"acr {name}" for name in ("agentpool create", "agentpool update", "agentpool delete")
    }
    assert all(table[name].table_transformer for name in COMMANDS)


def test_every_command_has_help(loader: azext_acrpool.AcrPoolCommandsLoader) -> None:
    for name in loader.load_command_table(None):
        assert "short-summary:" in azext_acrpool.helps[name], name


def test_loading_imports_no_sdk() -> None:
    """Everything `az acr ..` does pays for what the loader imports."""
    script = (
        "import sys; from azure.cli.core.mock import DummyCli; import azext_acrpool;"
        "cli = DummyCli(); before = set(sys.modules);"
        "azext_acrpool.COMMAND_LOADER_CLS(cli_ctx=cli).load_command_table(None);"
        "import azext_acrpool.commands.agentpool.update, azext_acrpool.commands.agentpool.create;"
        "print('\\n'.join(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, encoding="utf-8")
    loaded = done.stdout.split()
    assert "azext_acrpool.commands.agentpool.update" in loaded
    assert [name for name in loaded if name.startswith(("azure.mgmt", "msrest", "requests", "azure.core"))] == []


def test_metadata() -> None:
    path = Path(azext_acrpool.__file__).with_name("azext_metadata.json")
    assert json.loads(path.read_text("utf-8")) == {"azext.isPreview": True, "azext.minCliCoreVersion": "2.86.0"}

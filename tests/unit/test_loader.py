"""What az sees of the extension when it loads it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from azure.cli.core.mock import DummyCli

import azext_acrpool


def test_every_command_has_help() -> None:
    for name in azext_acrpool.COMMAND_LOADER_CLS(cli_ctx=DummyCli()).load_command_table(None):
        assert "short-summary:" in azext_acrpool.helps[name], name


def test_loading_imports_no_sdk() -> None:
    """Everything `az acr ..` does pays for what the loader imports, and a command for what its module imports."""
    script = (
        "import importlib, sys; from azure.cli.core.mock import DummyCli; import azext_acrpool;"
        "cli = DummyCli(); before = set(sys.modules);"
        "commands = azext_acrpool.COMMAND_LOADER_CLS(cli_ctx=cli).load_command_table(None).values();"
        "paths = [command.command_kwargs['command_operation'].op_path for command in commands];"
        "[importlib.import_module(path.partition('#')[0]) for path in paths];"
        "print('\\n'.join(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, encoding="utf-8")
    loaded = done.stdout.split()
    assert "azext_acrpool.commands.agentpool.update" in loaded
    assert [name for name in loaded if name.startswith(("azure.mgmt", "msrest", "requests", "azure.core"))] == []


def test_only_what_evaluates_policies_imports_what_that_takes() -> None:
    """Builds and pools without a policy need neither rules nor time zones, and evaluations no simulator."""
    script = (
        "import importlib, sys; from azure.cli.core.mock import DummyCli; import azext_acrpool;"
        "before = set(sys.modules);"
        "commands = azext_acrpool.COMMAND_LOADER_CLS(cli_ctx=DummyCli()).load_command_table(None).items();"
        "paths = {name: command.command_kwargs['command_operation'].op_path for name, command in commands};"
        "load = lambda names: [importlib.import_module(paths[name].partition('#')[0]) for name in names];"
        "load(name for name in paths if ' autoscale ' not in name);"
        "print(*set(sys.modules) - before);"
        "load(name for name in paths if not name.endswith('autoscale show'));"
        "print(*set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, encoding="utf-8")
    others, evaluating = map(str.split, done.stdout.splitlines())
    needless = ("azext_acrpool.commands.evaluation", "azext_acrpool.scaling.rules", "zoneinfo", "tzdata", "statistics")
    assert "azext_acrpool.commands.runs.scaling_out" in others
    assert [name for name in others if name.startswith(needless)] == []
    assert "azext_acrpool.commands.evaluation.evaluation" in evaluating
    assert [name for name in evaluating if name.startswith(("azext_acrpool.scaling.simulation", "tzdata"))] == []


def test_metadata() -> None:
    path = Path(azext_acrpool.__file__).with_name("azext_metadata.json")
    assert json.loads(path.read_text("utf-8")) == {"azext.isPreview": True, "azext.minCliCoreVersion": "2.86.0"}

"""The recipes for who evaluates policies elsewhere: the script of each does, in bash or sh, with az."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from az_harness import Emulator, run_program
from az_on_path import AzOnPath
from az_processes import Forks

from azext_acrpool.commands.tasks.schedules import next_times
from azext_acrpool.testing import EPOCH

pytestmark = pytest.mark.skipif(os.name == "nt", reason="The scripts are written for sh and bash.")

ROOT = Path(__file__).resolve().parents[2]
RECIPES = ROOT / "examples" / "autoscale"
REGISTRY = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myresourcegroup"
    "/providers/Microsoft.ContainerRegistry/registries/myregistry"
)
WHEEL = "https://files.example/acrpool-0.1.0-py3-none-any.whl"
NAMES = {
    "ACRPOOL_WHEEL": WHEEL,
    "REGISTRY": "myregistry",
    "GROUP": "myresourcegroup",
    "SUBSCRIPTION": "00000000-0000-0000-0000-000000000000",
}
# az has the extension here already; whether it comes from the wheel is tested with `deploy`.
NO_DOWNLOAD = f"""\
az() {{
  case "$*" in
    "extension add --yes --only-show-errors --source {WHEEL}") ;;
    *) command az "$@" ;;
  esac
}}
"""


def container_apps_job() -> tuple[list[str], str, str, set[str]]:
    job = yaml.safe_load((RECIPES / "container-apps-job.yaml").read_text("utf-8"))["properties"]
    (container,) = job["template"]["containers"]
    variables = {variable["name"] for variable in container["env"]}
    cron: str = job["configuration"]["scheduleTriggerConfig"]["cronExpression"]
    return container["command"], container["args"][0], cron, variables


def github_actions() -> tuple[list[str], str, str, set[str]]:
    workflow: dict[Any, Any] = yaml.safe_load((RECIPES / "github-actions.yml").read_text("utf-8"))
    job = workflow["jobs"]["evaluate"]
    # YAML 1.1, as PyYAML reads it, takes `on` for true.
    cron: str = workflow[True]["schedule"][0]["cron"]
    return ["bash", "-ec"], job["steps"][1]["run"], cron, set(job["env"])


def azure_pipelines() -> tuple[list[str], str, str, set[str]]:
    pipeline = yaml.safe_load((RECIPES / "azure-pipelines.yml").read_text("utf-8"))
    task = pipeline["jobs"][0]["steps"][1]
    return ["bash", "-c"], task["inputs"]["inlineScript"], pipeline["schedules"][0]["cron"], set(task["env"])


def cron() -> tuple[list[str], str, str, set[str]]:
    script = (RECIPES / "evaluate.sh").read_text("utf-8")
    line = next(line for line in script.splitlines() if "/evaluate.sh" in line)
    return ["sh", "-c"], script.replace("exec az", "az"), " ".join(line.lstrip("# ").split()[:5]), {"REGISTRY", "GROUP"}


@pytest.mark.parametrize("recipe", [container_apps_job, github_actions, azure_pipelines, cron])
def test_a_recipe(
    recipe: Callable[[], tuple[list[str], str, str, set[str]]],
    emulator: Emulator,
    extensions: Path,
    forks: Forks,
    tmp_path: Path,
) -> None:
    shell, script, schedule, variables = recipe()
    first, second = next_times(schedule, EPOCH, count=2)
    assert (second - first).total_seconds() in (600, 900)
    policy = {"acrpool-autoscale": "v1; max=3; min=1"}
    properties = {"count": 0, "tier": "S1", "os": "Linux"}
    pool = f"{REGISTRY}/agentPools/{recipe.__name__.replace('_', '-')}"
    emulator.arm("PUT", pool, {"location": "westus2", "properties": properties, "tags": policy})
    with AzOnPath(forks.server(extensions)) as az:
        environment = {
            **emulator.az(tmp_path / "settings", extensions).environment,
            **{name: NAMES[name] for name in variables},
            "PATH": f"{az.folder}{os.pathsep}{os.environ['PATH']}",
        }
        run_program(*shell, NO_DOWNLOAD + script, folder=tmp_path, environment=environment).succeeded()
    assert emulator.arm("GET", pool)["properties"]["count"] == 1


def test_the_role_in_the_document_suffices(
    emulators: Callable[..., Emulator], extensions: Path, forks: Forks, tmp_path: Path
) -> None:
    found = re.search(r"```json\n(.*?)```", (ROOT / "docs" / "autoscale.md").read_text("utf-8"), re.DOTALL)
    assert found
    tags = {"acrpool-autoscale": "v1; max=3; min=1"}
    pool = {"name": "mypool", "tier": "S1", "count": 0, "tags": tags}
    world = {
        "registries": [{"name": "myregistry", "sku": "Premium", "agentPools": [pool]}],
        "permissions": [{"actions": json.loads(found[1])["Actions"]}],
    }
    az = emulators(world=world).az(tmp_path, extensions, forks(extensions))
    names = ("-r", "myregistry", "-g", "myresourcegroup")
    (result,) = az("acr", "agentpool", "autoscale", "run", *names).succeeded().json
    assert (result["action"], result["targetCount"], result["carriedOut"]) == ("scaleOut", 1, True)

"""What registries and pools may be called, and several pools in one command line, where there are two subscriptions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator

HERE, THERE = (f"00000000-0000-0000-0000-00000000000{digit}" for digit in (1, 2))
WORLD: dict[str, Any] = {
    "subscriptions": [{"id": HERE, "name": "here"}, {"id": THERE, "name": "there"}],
    "registries": [
        {"name": "nearreg", "agentPools": [{"name": "first"}, {"name": "second", "count": 2}]},
        {
            "name": "farreg",
            "subscription": THERE,
            "resourceGroup": "fargroup",
            "agentPools": [{"name": "farpool"}, {"name": "failed", "provisioningState": "Failed"}],
        },
    ],
}


def registry_id(subscription: str, group: str, name: str) -> str:
    above = f"/subscriptions/{subscription}/resourceGroups/{group}"
    return f"{above}/providers/Microsoft.ContainerRegistry/registries/{name}"


NEAR, FAR = registry_id(HERE, "myresourcegroup", "nearreg"), registry_id(THERE, "fargroup", "farreg")
FIRST, SECOND, FARPOOL = f"{NEAR}/agentPools/first", f"{NEAR}/agentPools/second", f"{FAR}/agentPools/farpool"
POOL_ID = "/subscriptions/../resourceGroups/../providers/Microsoft.ContainerRegistry/registries/../agentPools/.."
SHOW = ("acr", "agentpool", "show")
FAR_PLACE = f"-r farreg -g fargroup --subscription {THERE}"


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world=WORLD)


@pytest.mark.parametrize("typed", [FAR, f"{FAR}/\n"])
def test_a_registrys_id_says_where_requests_go(az: Az, emulator: Emulator, typed: str) -> None:
    emulator.control("DELETE", "journal")
    assert az(*SHOW, "-r", typed, "-n", "farpool").succeeded().json["id"] == FARPOOL
    # The registry need not be looked for.
    assert len([entry for entry in emulator.journal() if "/subscriptions/" in entry["path"]]) == 1
    missing = az(*SHOW, "-r", typed, "-n", "nopool").failed(3)
    listing = f"List the registry's agent pools with: az acr agentpool list {FAR_PLACE} -o table"
    assert listing in missing.told
    assert "farpool" in az.paste(listing.partition(": ")[2]).succeeded().stdout


def test_every_command_takes_a_registrys_id(az: Az, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    queued = az("acr", "build", "-r", FAR, "-t", "hello:v1", "--no-wait", str(tmp_path)).succeeded().json
    assert queued["id"].startswith(f"{FAR}/runs/")
    run = az("acr", "run", "-r", FAR, "--cmd", "bash", "/dev/null", "--no-wait").succeeded().json
    assert run["id"].startswith(f"{FAR}/runs/")
    task = az("acr", "task", "create", "-r", FAR, "-n", "fartask", "--cmd", "bash", "-c", "/dev/null").succeeded().json
    assert task["id"] == f"{FAR}/tasks/fartask"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("-r", FAR, "-g", "other"),
            "ERROR: --resource-group 'other' contradicts --registry, whose resource ID names 'fargroup'.",
        ),
        (
            ("-r", FAR, "--subscription", "here"),
            f"ERROR: --subscription '{HERE}' contradicts --registry, whose resource ID names '{THERE}'.",
        ),
        (
            ("-r", FARPOOL),
            (
                f"ERROR: '{FARPOOL}' is the resource ID of a resource of type"
                " Microsoft.ContainerRegistry/registries/agentPools, not of a registry."
            ),
        ),
    ],
)
def test_what_contradicts_a_registrys_id_is_refused(az: Az, options: tuple[str, ...], told: str) -> None:
    assert told in az(*SHOW, "-n", "farpool", *options).failed(2).told


def test_a_subscription_that_is_none_of_the_logins(az: Az) -> None:
    unknown = registry_id("00000000-0000-0000-0000-000000000009", "g", "otherreg")
    refused = az(*SHOW, "-r", unknown, "-n", "mypool").failed(3)
    assert (
        "ERROR: Could not find subscription '00000000-0000-0000-0000-000000000009' among those of your login."
    ) in refused.told
    assert "List yours with: az account list -o table" in refused.told


def test_a_group_and_a_registry_from_the_defaults(az: Az) -> None:
    az("config", "set", "defaults.group=fargroup", "defaults.acr=nearreg").succeeded()
    wrong = az(*SHOW, "-n", "first").failed(3)
    assert (
        f"ERROR: Could not find a resource group named 'fargroup' (from az's defaults) in subscription '{HERE}'."
    ) in wrong.told
    assert (
        "Registry 'nearreg' is in resource group 'myresourcegroup'. Type the command again with: -g myresourcegroup"
    ) in wrong.told
    # An ID says it all.
    assert az(*SHOW, "-r", NEAR, "-n", "first").succeeded().json["id"] == FIRST
    assert az(*SHOW, "--ids", FIRST).succeeded().json["id"] == FIRST


def test_pools_by_their_ids(az: Az) -> None:
    assert az(*SHOW, "--ids", FARPOOL).succeeded().json["id"] == FARPOOL
    shown = az(*SHOW, "--ids", FIRST, FARPOOL, SECOND).succeeded().json
    assert [pool["id"] for pool in shown] == [FIRST, FARPOOL, SECOND]
    listed = az("acr", "agentpool", "list", "-r", "nearreg", "--query", "[].id", "-o", "tsv").succeeded().stdout
    table = az(*SHOW, "--ids", listed, "-o", "table").succeeded()
    assert {line.split()[0] for line in table.printed[2:]} == {"first", "second"}


def test_every_pool_of_several_is_changed_and_deleted(az: Az) -> None:
    for name in ("one", "two"):
        az("acr", "agentpool", "create", "-r", "nearreg", "-n", name).succeeded()
    ids = [f"{NEAR}/agentPools/{name}" for name in ("one", "two")]
    updated = az("acr", "agentpool", "update", "--ids", *ids, "--count", "2").succeeded().json
    assert [(pool["name"], pool["count"]) for pool in updated] == [("one", 2), ("two", 2)]
    waited = az("acr", "agentpool", "wait", "--ids", *ids, "--updated").succeeded()
    assert waited.stdout == ""
    begun = az("acr", "agentpool", "update", "--ids", *ids, "--count", "1", "--no-wait").succeeded()
    assert begun.stdout == ""
    az("acr", "agentpool", "wait", "--ids", *ids, "--updated").succeeded()
    deleted = az("acr", "agentpool", "delete", "--ids", *ids, "--yes").succeeded()
    assert deleted.json == [f"Agent '{name}' was successfully deleted" for name in ("one", "two")]


def test_one_pool_of_several_that_fails_is_the_exit_code(az: Az) -> None:
    missing = f"{NEAR}/agentPools/nopool"
    some = az(*SHOW, "--ids", missing, FIRST).failed(3)
    assert some.json["id"] == FIRST
    assert "ERROR: Could not find an agent pool named 'nopool' in registry 'nearreg'." in some.told
    failed = f"{FAR}/agentPools/failed"
    none = az("acr", "agentpool", "update", "--ids", missing, failed, "--count", "2").failed(1)
    assert none.stdout == ""
    assert sum(line.startswith("ERROR: ") for line in none.told) == 2


def test_the_health_and_the_runs_of_several_pools(az: Az) -> None:
    runs = az("acr", "agentpool", "list-runs", "--ids", FIRST, SECOND).succeeded()
    assert runs.json == []
    sick = az("acr", "agentpool", "check-health", "--ids", f"{FAR}/agentPools/failed", FIRST, "-o", "table").failed(1)
    assert len([line for line in sick.printed if "Pool state" in line]) == 2
    pools = {line.split()[1] for line in sick.printed if "Pool state" in line}
    assert pools == {"first", "failed"}
    query = "[?severity=='error' && agentPoolName=='failed'].fix[]"
    fixes = az("acr", "agentpool", "check-health", "--ids", FIRST, f"{FAR}/agentPools/failed", "--query", query).failed(
        1
    )
    assert [fix.split()[:4] for fix in fixes.json] == [
        ["az", "acr", "agentpool", verb] for verb in ("delete", "create")
    ]
    # The summary of each.
    assert len([line for line in sick.told if " not checked, " in line]) == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--ids", FIRST, "-n", "second"), "ERROR: --ids cannot be used with -n."),
        (("--ids", FIRST, "--reg", "farreg"), "ERROR: --ids cannot be used with --registry."),
        (("--ids", FIRST, "-g", "mygroup"), "ERROR: --ids cannot be used with -g."),
        (
            ("--ids", f"{NEAR}/tasks/mytask"),
            f"ERROR: '{NEAR}/tasks/mytask' is not the resource ID of an agent pool, which looks like {POOL_ID}",
        ),
        (("--ids", "first"), "ERROR: invalid resource ID: first"),
        (("--ids", ""), "ERROR: --ids holds no ID."),
        (("-r", "nearreg"), "ERROR: (--name | --ids) are required"),
        (
            ("-r", "nearreg", "-n", FIRST),
            f"ERROR: '{FIRST}' is the resource ID of an agent pool, where its name is wanted.",
        ),
    ],
)
def test_ids_that_are_none_and_names_beside_them_are_refused(az: Az, options: tuple[str, ...], told: str) -> None:
    refused = az(*SHOW, *options).failed(2)
    assert told in refused.told
    assert refused.stdout == ""

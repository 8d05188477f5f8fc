"""check-health with real az: what it finds, how it ends, and that the commands it prints mend what it found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from az_harness import Az, Emulator, Finished, on_terminal
from az_processes import Forks
from emulated_worlds import EmulatedWorld, emulate, merge
from health_worlds import HealthWorld, load_worlds, read_facts

from azext_acrpool.health.checks import check_health


def plan_of(world: HealthWorld) -> list[str]:
    """The commands of a world's report."""
    return [command for finding in check_health(read_facts(world.documents)) for command in finding.fix]


WORLDS = load_worlds(Path(__file__).parents[1] / "unit" / "health" / "worlds")
SOUND = WORLDS[0].documents
EMULATED = [found for number, world in enumerate(WORLDS) if (found := emulate(world, number, SOUND))]


# Pools behind a security group that lets nothing out: one to be mended, one to be left alone.
LOCKED = [
    found
    for world in WORLDS
    if world.name == "nsg: internet denied"
    for number in (1001, 1002)
    if (found := emulate(world, number, SOUND))
]


BLOCKS = (
    "Network security group 'mynsg' blocks TCP 443 to {}. Without it the pool says Succeeded while its runs stay Queued"
    " for ever, and turns Failed later."
)


def allow_storage(world: EmulatedWorld) -> str:
    """The command that lets the pool of a locked world reach Azure Storage."""
    return (
        f"az network nsg rule create -g {world.group.replace('group', 'network')} --nsg-name mynsg"
        " -n AllowAcrPoolStorage --priority 3998 --direction Outbound --access Allow --protocol Tcp"
        " --source-address-prefixes VirtualNetwork --destination-address-prefixes Storage --destination-port-ranges 443"
    )


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world=merge([*EMULATED, *LOCKED]))


def ask(az: Az, world: EmulatedWorld, folder: Path) -> Finished:
    where = ("--registry", world.registry, "--resource-group", world.group)
    dockerfile: tuple[str, ...] = ()
    if text := world.world.documents.get("dockerfile"):
        path = folder / "Dockerfile"
        path.write_text(text, "utf-8")
        dockerfile = ("--file", str(path))
    return az("acr", "agentpool", "check-health", *where, *world.question, *dockerfile)


def bad(findings: list[dict[str, Any]]) -> dict[str, str]:
    return {finding["code"]: finding["severity"] for finding in findings if finding["severity"] != "ok"}


# In the others there is nothing to run.
MENDABLE = [found for found in EMULATED if plan_of(found.world)]


class Mended(NamedTuple):
    """What check-health said before its commands were run, what the first that failed said, and what it said then."""

    before: Finished
    refused: str
    after: Finished


def mend(az: Az, world: EmulatedWorld, folder: Path) -> Mended:
    """Run all commands of a report, one after another until one fails, as `bash -e` does."""
    before = ask(az, world, folder)
    refused = ""
    for command in (command for finding in before.json for command in finding["fix"]):
        done = az.paste(command)
        if done.code:
            refused = f"{command}\n{done.stderr}"
            break
    return Mended(before, refused, ask(az, world, folder))


@pytest.fixture(scope="module")
def mended(
    request: pytest.FixtureRequest,
    emulator: Emulator,
    extensions: Path,
    forks: Forks,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Mapping[str, Future[Mended]]]:
    """The worlds that are asked for, by name, several at once: what az does to networks is mostly waiting.

    Their tests are one group: each process that runs one of them mends them all.
    """

    def start(world: EmulatedWorld) -> Future[Mended]:
        folder = tmp_path_factory.mktemp("mended")
        return workers.submit(mend, emulator.az(folder, extensions, begin), world, folder)

    begin = forks(extensions)
    with ThreadPoolExecutor(max_workers=6) as workers:
        ids = {item.name.partition("[")[2].rstrip("]") for item in request.session.items}
        yield {world.world.name: start(world) for world in MENDABLE if world.world.name in ids}


@pytest.mark.xdist_group("mended")
@pytest.mark.parametrize("world", [found.world for found in MENDABLE], ids=lambda world: world.name)
def test_what_is_printed_can_be_run_as_it_stands_and_mends_what_is_found(
    mended: Mapping[str, Future[Mended]], world: HealthWorld
) -> None:
    before, refused, after = mended[world.name].result()

    assert bad(before.json) == world.expect
    assert before.code == (1 if "error" in world.expect.values() else 0)
    assert refused == ""
    claimed = {finding["code"] for finding in before.json if finding["fix"]}
    assert bad(after.json).keys() & claimed == set()
    assert [command for finding in after.json for command in finding["fix"]] == []


def queue_a_build(az: Az, world: EmulatedWorld) -> str:
    context = az.folder / "context"
    context.mkdir(exist_ok=True)
    (context / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    options = ("--registry", world.registry, "--resource-group", world.group, "--agent-pool", "mypool", "--no-push")
    run_id: str = az("acr", "build", *options, "--no-wait", str(context)).succeeded().json["runId"]
    return run_id


def show_run(az: Az, world: EmulatedWorld, run_id: str) -> dict[str, Any]:
    run: dict[str, Any] = az("acr", "task", "show-run", "-r", world.registry, "--run-id", run_id).succeeded().json
    return run


def wait_for(az: Az, emulator: Emulator, world: EmulatedWorld, run_id: str) -> dict[str, Any]:
    """The run once it has ended: on the emulator's clock, which is moved on for it."""
    for _ in range(50):
        run = show_run(az, world, run_id)
        if run["status"] not in ("Queued", "Started", "Running"):
            return run
        emulator.control("POST", "clock/advance", {"seconds": 5})
    raise AssertionError(f"{run_id} has not ended")


def test_a_build_that_gives_up_waiting_says_what_is_in_the_way(az: Az, tmp_path: Path) -> None:
    world = LOCKED[1]
    (tmp_path / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    where = ("--registry", world.registry, "--resource-group", world.group, "--agent-pool", "mypool", "--no-push")

    late = az("acr", "build", *where, "--queue-timeout", "2", str(tmp_path)).failed(124)

    (error,) = (line for line in late.told if line.startswith("ERROR: "))
    run_id = error.split()[2]
    assert error == (
        f"ERROR: Run {run_id} was not started within 2 s. Run {run_id} was cancelled. Agent pool 'mypool' has 2"
        f" instances and none busy, yet none has taken the run. {BLOCKS.format('AzureKeyVault')} The others and what"
        f" mends it: az acr agentpool check-health -r {world.registry} -g {world.group} -n mypool"
    )


def test_a_pool_that_gets_out_of_nothing_is_explained_and_mended_or_fails(
    az: Az, emulator: Emulator, tmp_path: Path
) -> None:
    mended, left_alone = LOCKED
    run_id, waiting = queue_a_build(az, mended), queue_a_build(az, left_alone)
    emulator.control("POST", "clock/advance", {"seconds": 600})

    run = show_run(az, mended, run_id)
    assert (run["status"], run["startTime"]) == ("Queued", None)
    answer = ask(az, mended, tmp_path).failed(1)
    errors = [finding for finding in answer.json if finding["severity"] == "error"]
    assert {"RunsNotTaken", "NsgBlocksStorage"} <= {finding["code"] for finding in errors}
    for finding in errors:
        if finding["code"].startswith("NsgBlocks"):
            az.paste(finding["fix"][-1]).succeeded()

    assert wait_for(az, emulator, mended, run_id)["status"] == "Succeeded"
    assert not {"error"} & set(bad(ask(az, mended, tmp_path).json).values())

    emulator.control("POST", "clock/advance", {"seconds": 3600})
    assert "PoolFailed" in bad(ask(az, left_alone, tmp_path).failed(1).json)
    assert show_run(az, left_alone, waiting)["status"] == "Queued"


def test_create_stops_at_what_cannot_work_and_tells_what_may_not(az: Az, emulator: Emulator) -> None:
    world = LOCKED[1]
    subnet = world.section["registries"][0]["agentPools"][0]["subnetId"]
    options = (
        "--registry",
        world.registry,
        "--resource-group",
        world.group,
        "--name",
        "another",
        "--subnet-id",
        subnet,
    )
    before = len(emulator.journal())

    refused = az("acr", "agentpool", "create", *options).failed(1)

    assert BLOCKS.format("Storage") in refused.told
    assert allow_storage(world) in refused.told
    asked = [entry for entry in emulator.journal()[before:] if not entry["path"].startswith("/msi")]
    assert {entry["method"] for entry in asked} == {"GET"}
    # The registry, and one round: regions, pools, the subnet with what is attached to it, its network.
    assert len(asked) == 5
    az("acr", "agentpool", "create", *options, "--skip-checks", "--no-wait").succeeded()


def test_a_terminal_gets_a_line_for_each_cause_and_then_the_commands(az: Az) -> None:
    world = LOCKED[1]
    subnet = world.section["registries"][0]["agentPools"][0]["subnetId"]
    where = ("--registry", world.registry, "--resource-group", world.group, "--subnet-id", subnet)
    answer = on_terminal(az, "acr", "agentpool", "check-health", *where).failed(1)

    plain = re.sub("\x1b\\[[0-9;]*m", "", answer.stdout).replace("\r", "")
    lines = plain.splitlines()
    assert lines[0].split() == ["SEVERITY", "CHECK", "FOUND"]
    assert lines[2:] == [
        "error       NSG                'mynsg' blocks AzureKeyVault, Storage, EventHub and 2 more",
        "warning     Service endpoints  'agents' lacks KeyVault, Storage, EventHub and 2 more",
        "warning     NSG                'mynsg' blocks AzureMonitor",
        "ok                             15 checks ok",
    ]
    assert "To mend:" in answer.told
    assert answer.told.count(f"    {allow_storage(world)}") == 1
    assert answer.told[-1] == "5 errors, 2 warnings, 0 not checked, 15 ok"

    told = on_terminal(az, "acr", "agentpool", "check-health", *where, "--verbose").failed(1).stdout
    assert "Runs have access to all repositories" in told


def test_a_caller_who_may_read_little_is_told_what_it_takes(
    emulators: Callable[..., Emulator], az: Az, extensions: Path, tmp_path: Path
) -> None:
    world = LOCKED[1]
    granted = {"actions": ["Microsoft.ContainerRegistry/*/read", "Microsoft.Authorization/*/read"]}
    limited = emulators(world={**merge([world]), "permissions": [granted]})
    where = ("--registry", world.registry, "--resource-group", world.group, *world.question)

    limited_az = limited.az(tmp_path / "limited", extensions, az.begin)

    answer = limited_az("acr", "agentpool", "check-health", *where).failed(1)

    found = bad(answer.json)
    assert found["SubnetNotChecked"] == found["VnetNotChecked"] == "not checked"
    assert found["MayNotBuild"] == "error"
    messages = {finding["code"]: finding["message"] for finding in answer.json}
    assert messages["SubnetNotChecked"] == "Not checked: needs Microsoft.Network/virtualNetworks/subnets/read."

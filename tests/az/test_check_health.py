"""check-health with real az: what it finds, how it ends, and that the commands it prints mend what it found."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from az_harness import AZ, Az, AzDriver, Emulator, Finished
from emulated_worlds import EmulatedWorld, emulate, merge
from health_worlds import load_worlds

WORLDS = load_worlds(Path(__file__).parents[1] / "unit" / "health" / "worlds")
SOUND = WORLDS[0].documents
EMULATED = [found for number, world in enumerate(WORLDS) if (found := emulate(world, number, SOUND))]


# Their commands lead to something else that works: a pool that fits, another registry, a build that signs in.
MENDED_ELSEWHERE = {"VcpuQuotaExceeded", "SubnetFull", "RegionWithoutAgentPools", "RegistryAbac"}


def covering_worlds() -> list[EmulatedWorld]:
    """As few as show each code once, and a sound one."""
    left = {code for world in EMULATED for code in world.world.expect}
    chosen = [world for world in EMULATED if not world.world.expect][:1]
    while left:
        best = max(EMULATED, key=lambda world: len(left & set(world.world.expect)))
        left -= set(best.world.expect)
        chosen.append(best)
    return chosen


def mends(finding: dict[str, Any]) -> bool:
    """Whether its commands mend the finding in the emulator, which imports no images."""
    commands = finding["fix"]
    return bool(commands) and finding["code"] not in MENDED_ELSEWHERE and not commands[0].startswith("az acr import")


# Pools behind a security group that lets nothing out: one to be mended, one to be left alone.
LOCKED = [
    found
    for world in WORLDS
    if world.name == "nsg: internet denied"
    for number in (1001, 1002)
    if (found := emulate(world, number, SOUND))
]


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators("--pool-seconds", "0.02", "--retry-after", "1", world=merge([*EMULATED, *LOCKED]))


@pytest.fixture(scope="module")
def driver(emulator: Emulator, extensions: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzDriver]:
    with AzDriver(emulator.az(tmp_path_factory.mktemp("driver"), extensions)) as running:
        yield running


def ask(az: Any, world: EmulatedWorld, folder: Path, *more: str) -> Finished:
    where = ("--registry", world.registry, "--resource-group", world.group)
    dockerfile: tuple[str, ...] = ()
    if text := world.world.documents.get("dockerfile"):
        path = folder / "Dockerfile"
        path.write_text(text, "utf-8")
        dockerfile = ("--file", str(path))
    answer: Finished = az("acr", "agentpool", "check-health", *where, *world.question, *dockerfile, *more)
    return answer


def bad(findings: list[dict[str, Any]]) -> dict[str, str]:
    return {finding["code"]: finding["severity"] for finding in findings if finding["severity"] != "ok"}


@pytest.mark.parametrize("world", covering_worlds(), ids=lambda world: world.world.name)
def test_what_is_printed_mends_what_is_found(driver: AzDriver, world: EmulatedWorld, tmp_path: Path) -> None:
    answer = ask(driver, world, tmp_path)
    found = answer.json
    assert bad(found) == world.world.expect
    assert answer.code == (1 if "error" in world.world.expect.values() else 0)

    mendable = [finding for finding in found if mends(finding)]
    for command in dict.fromkeys(command for finding in mendable for command in finding["fix"]):
        driver.paste(command).succeeded()

    left = bad(ask(driver, world, tmp_path).json)
    assert left.keys() & {finding["code"] for finding in mendable} == set()


def queue_a_build(driver: AzDriver, world: EmulatedWorld) -> str:
    context = driver.az.folder / "context"
    context.mkdir(exist_ok=True)
    (context / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    options = ("--registry", world.registry, "--resource-group", world.group, "--agent-pool", "mypool", "--no-push")
    run_id: str = driver("acr", "build", *options, "--no-wait", str(context)).succeeded().json["runId"]
    return run_id


def show_run(driver: AzDriver, world: EmulatedWorld, run_id: str) -> dict[str, Any]:
    run: dict[str, Any] = driver("acr", "task", "show-run", "-r", world.registry, "--run-id", run_id).succeeded().json
    return run


def wait_for(driver: AzDriver, emulator: Emulator, world: EmulatedWorld, run_id: str) -> dict[str, Any]:
    """The run once it has ended: on the emulator's clock, which is moved on for it."""
    for _ in range(50):
        run = show_run(driver, world, run_id)
        if run["status"] not in ("Queued", "Started", "Running"):
            return run
        emulator.control("POST", "clock/advance", {"seconds": 5})
    raise AssertionError(f"{run_id} has not ended")


def test_a_build_that_gives_up_waiting_says_what_is_in_the_way(driver: AzDriver, tmp_path: Path) -> None:
    world = LOCKED[1]
    (tmp_path / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    where = ("--registry", world.registry, "--resource-group", world.group, "--agent-pool", "mypool", "--no-push")

    late = driver("acr", "build", *where, "--queue-timeout", "2", str(tmp_path))

    assert late.code == 124, late.stderr
    assert "Network security group 'mynsg' blocks TCP 443 to AzureKeyVault." in late.stderr
    assert f"az acr agentpool check-health -r {world.registry} -n mypool" in late.stderr


def test_a_pool_that_gets_out_of_nothing_is_explained_and_mended_or_fails(
    driver: AzDriver, emulator: Emulator, tmp_path: Path
) -> None:
    mended, left_alone = LOCKED
    run_id, waiting = queue_a_build(driver, mended), queue_a_build(driver, left_alone)
    emulator.control("POST", "clock/advance", {"seconds": 600})

    run = show_run(driver, mended, run_id)
    assert (run["status"], run["startTime"]) == ("Queued", None)
    answer = ask(driver, mended, tmp_path).failed(1)
    errors = [finding for finding in answer.json if finding["severity"] == "error"]
    assert {"RunsNotTaken", "NsgBlocksStorage"} <= {finding["code"] for finding in errors}
    for finding in errors:
        if finding["code"].startswith("NsgBlocks"):
            driver.paste(finding["fix"][-1]).succeeded()

    assert wait_for(driver, emulator, mended, run_id)["status"] == "Succeeded"
    assert not {"error"} & set(bad(ask(driver, mended, tmp_path).json).values())

    emulator.control("POST", "clock/advance", {"seconds": 3600})
    assert "PoolFailed" in bad(ask(driver, left_alone, tmp_path).failed(1).json)
    assert show_run(driver, left_alone, waiting)["status"] == "Queued"


def test_create_stops_at_what_cannot_work_and_tells_what_may_not(driver: AzDriver, emulator: Emulator) -> None:
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

    refused = driver("acr", "agentpool", "create", *options).failed(1)

    assert "blocks TCP 443 to Storage" in refused.stderr
    assert "az network nsg rule create" in refused.stderr
    asked = [entry for entry in emulator.journal()[before:] if not entry["path"].startswith("/msi")]
    assert {entry["method"] for entry in asked} == {"GET"}
    # The registry, and one round: regions, pools, the subnet with what is attached to it, its network.
    assert len(asked) == 5
    tried = driver("acr", "agentpool", "create", *options, "--skip-checks", "--no-wait")
    assert tried.code == 0, tried.stderr


def on_terminal(az: Az, *arguments: str) -> tuple[int, str, str]:
    """Run az with a terminal as stdout: exit code, what it showed there, and stderr."""
    terminal, end = pty.openpty()
    environment = {key: value for key, value in az.environment.items() if key != "AZURE_CORE_NO_COLOR"}
    process = subprocess.Popen(
        [AZ, *arguments],
        cwd=az.folder,
        env={**environment, "COLUMNS": "100", "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=end,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    os.close(end)
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            # How Linux says that nobody has the other end open any more.
            piece = b""
        if not piece:
            break
        shown += piece
    _, stderr = process.communicate(timeout=60)
    os.close(terminal)
    return process.returncode, shown.decode(), stderr


def test_a_terminal_gets_a_table_worst_first_and_then_the_commands(
    emulator: Emulator, extensions: Path, tmp_path: Path
) -> None:
    world = LOCKED[1]
    where = ("--registry", world.registry, "--resource-group", world.group, *world.question)
    code, shown, stderr = on_terminal(emulator.az(tmp_path, extensions), "acr", "agentpool", "check-health", *where)

    assert code == 1
    plain = re.sub("\x1b\\[[0-9;]*m", "", shown).replace("\r", "")
    lines = plain.splitlines()
    assert lines[0].split() == ["SEVERITY", "CHECK", "FOUND"]
    severities = [line.split()[0] for line in lines[2:] if not line.startswith(" ")]
    assert severities == sorted(severities, key=["error", "warning", "ok"].index)
    assert max(map(len, lines)) <= 100
    assert "az network nsg rule create" in stderr
    assert re.search(r"\d+ errors, \d+ warnings?, 0 not checked, \d+ ok", stderr)


def test_a_caller_who_may_read_little_is_told_what_it_takes(
    emulators: Callable[..., Emulator], extensions: Path, tmp_path: Path
) -> None:
    world = LOCKED[1]
    granted = {"actions": ["Microsoft.ContainerRegistry/*/read", "Microsoft.Authorization/*/read"]}
    limited = emulators(world={**merge([world]), "permissions": [granted]})
    where = ("--registry", world.registry, "--resource-group", world.group, *world.question)

    answer = limited.az(tmp_path, extensions)("acr", "agentpool", "check-health", *where).failed(1)

    found = bad(answer.json)
    assert found["SubnetNotChecked"] == found["VnetNotChecked"] == "not checked"
    assert found["MayNotBuild"] == "error"
    assert "needs Microsoft.Network/virtualNetworks/subnets/read" in answer.stdout

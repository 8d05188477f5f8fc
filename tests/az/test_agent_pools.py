"""`az acr agentpool` as users type it: the whole path, the shape of what it prints, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from az_harness import Az, Emulator

POOL = ("--registry", "myregistry", "--name")
NO_NAME = "cannot be the name of an agent pool: it must be 3 to 20 letters, digits and hyphens."
NO_SUBNET = (
    "is not the resource ID of a subnet, which looks like /subscriptions/../resourceGroups/../providers"
    "/Microsoft.Network/virtualNetworks/../subnets/.."
)
# Room for the pools of all the tests here, which leave theirs behind.
WORLD = {"registries": [{"name": "myregistry", "vcpuQuota": {"standard": 1000}}]}


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world=WORLD)


def test_create_scale_show_delete(az: Az) -> None:
    created = az("acr", "agentpool", "create", *POOL, "lifecycle", "--tier", "s2", "--tags", "team=build").succeeded()
    assert (created.json["provisioningState"], created.json["count"], created.json["tier"]) == ("Succeeded", 1, "S2")
    assert created.json["tags"] == {"team": "build"}
    updated = az("acr", "agentpool", "update", *POOL, "lifecycle", "--count", "2").succeeded().json
    assert (updated["provisioningState"], updated["count"], updated["tags"]) == ("Succeeded", 2, {"team": "build"})
    assert az("acr", "agentpool", "show", *POOL, "lifecycle").succeeded().json == updated
    assert az("acr", "agentpool", "show", *POOL, "lifecycle", "--queue-count").succeeded().json == {"count": 0}
    az("acr", "agentpool", "delete", *POOL, "lifecycle", "--yes").succeeded()
    gone = az("acr", "agentpool", "show", *POOL, "lifecycle").failed(3)
    assert "ERROR: Could not find an agent pool named 'lifecycle' in registry 'myregistry'." in gone.told
    assert "List the registry's agent pools with: az acr agentpool list -r myregistry -o table" in gone.told


@pytest.mark.parametrize("output", ["json", "table", "tsv", "yaml"])
def test_output_equals_az_own(az: Az, plain_az: Az, output: str) -> None:
    name = f"same-{output}"
    az("acr", "agentpool", "create", *POOL, name, "--tags", "a=b", "c=").succeeded()
    for command in (
        ("acr", "agentpool", "show", *POOL, name),
        ("acr", "agentpool", "show", *POOL, name, "--queue-count"),
        ("acr", "agentpool", "list", "--registry", "myregistry"),
    ):
        ours, theirs = az(*command, "--output", output), plain_az(*command, "--output", output)
        printed = theirs.succeeded().stdout
        if output == "table" and "--queue-count" in command:
            # az's own has the length of a queue in the table of a pool, as the count of its instances.
            assert printed.splitlines()[-1].strip() == "0"
            printed = "QUEUED\n--------\n0\n"
        assert ours.succeeded().stdout == printed


def test_output_of_the_operations_equals_az_own(az: Az, plain_az: Az) -> None:
    def run(shell: Az, name: str) -> list[object]:
        create = shell("acr", "agentpool", "create", *POOL, name, "--tier", "S1").succeeded().stdout
        update = shell("acr", "agentpool", "update", *POOL, name, "--count", "2").succeeded().stdout
        started = shell("acr", "agentpool", "update", *POOL, name, "--count", "1", "--no-wait").succeeded().stdout
        return [text.replace(name, "POOL") for text in (create, update, started)]

    ours, theirs = run(az, "same-ours"), run(plain_az, "same-theirs")

    def without_times(texts: list[object]) -> list[str]:
        return [line for text in texts for line in str(text).splitlines() if 'At":' not in line]

    assert without_times(ours) == without_times(theirs)


def test_registry_from_the_defaults(az: Az) -> None:
    az("config", "set", "defaults.acr=myregistry").succeeded()
    az("acr", "agentpool", "create", "--name", "defaulted").succeeded()
    assert az("acr", "agentpool", "show", "--name", "defaulted", "--query", "name", "-o", "tsv").stdout == "defaulted\n"


def test_resource_group_is_used_when_given(az: Az, emulator: Emulator) -> None:
    az("acr", "agentpool", "create", *POOL, "grouped", "-g", "myresourcegroup").succeeded()
    emulator.control("DELETE", "journal")
    az("acr", "agentpool", "show", *POOL, "grouped", "-g", "myresourcegroup").succeeded()
    assert [entry["method"] for entry in emulator.journal() if "/subscriptions/" in entry["path"].lower()] == ["GET"]
    wrong = az("acr", "agentpool", "show", *POOL, "grouped", "-g", "elsewhere").failed(3)
    assert (
        "ERROR: Could not find a resource group named 'elsewhere' in subscription"
        " '00000000-0000-0000-0000-000000000000'."
    ) in wrong.told
    assert (
        "Registry 'myregistry' is in resource group 'myresourcegroup'. Type the command again with: -g myresourcegroup"
    ) in wrong.told


def test_one_registry_is_looked_up_by_name(az: Az, emulator: Emulator) -> None:
    az("acr", "agentpool", "list", "--registry", "MyRegistry").succeeded()
    (lookup,) = emulator.requests("GET", "/resources")[-1:]
    assert "name eq 'myregistry'" in lookup["query"]["$filter"].lower()
    missing = az("acr", "agentpool", "list", "--registry", "nosuchregistry").failed(3)
    assert "List the registries of this subscription with: az acr list -o table" in missing.told


def test_list_of_all_registries(az: Az) -> None:
    az("acr", "agentpool", "create", *POOL, "everywhere").succeeded()
    names = az("acr", "agentpool", "list", "--query", "[].name", "-o", "tsv").succeeded().stdout.split()
    assert "everywhere" in names


def test_no_wait_returns_while_the_operation_goes_on(az: Az) -> None:
    started = az("acr", "agentpool", "create", *POOL, "unawaited", "--no-wait").succeeded()
    assert "Traceback" not in started.stderr
    assert az("acr", "agentpool", "show", *POOL, "unawaited").succeeded().json["name"] == "unawaited"


def test_delete_of_what_is_gone_already_succeeds(az: Az) -> None:
    done = az("acr", "agentpool", "delete", *POOL, "nosuchpool", "--yes").succeeded()
    assert "Registry 'myregistry' has no agent pool 'nosuchpool': nothing is left to delete." in done.told


def test_delete_without_a_terminal_asks_for_yes(az: Az) -> None:
    az("acr", "agentpool", "create", *POOL, "unconfirmed").succeeded()
    refused = az("acr", "agentpool", "delete", *POOL, "unconfirmed").failed(1)
    assert "Use --yes to go on without being asked." in refused.told
    az("acr", "agentpool", "show", *POOL, "unconfirmed").succeeded()


def test_creating_what_exists_as_asked_succeeds(az: Az, emulator: Emulator) -> None:
    first = az("acr", "agentpool", "create", *POOL, "twice", "--tier", "S1").succeeded().json
    emulator.control("DELETE", "journal")
    assert az("acr", "agentpool", "create", *POOL, "twice", "--tier", "S1").succeeded().json == first
    assert not emulator.requests("PUT")
    refused = az("acr", "agentpool", "create", *POOL, "twice", "--tier", "S2").failed(1)
    assert (
        "ERROR: Agent pool 'twice' exists already, with tier S1 instead of S2. A pool's tier, os and subnet cannot be"
        " changed."
    ) in refused.told


def test_creating_what_exists_with_another_count_scales_it(az: Az, emulator: Emulator) -> None:
    az("acr", "agentpool", "create", *POOL, "again", "--tags", "a=b").succeeded()
    emulator.control("DELETE", "journal")
    scaled = az("acr", "agentpool", "create", *POOL, "again", "--count", "2").succeeded()
    assert "Agent pool 'again' exists already, with 1 instance: it is scaled to 2 instances." in scaled.told
    assert (scaled.json["count"], scaled.json["tags"]) == (2, {"a": "b"})
    back = az("acr", "agentpool", "create", *POOL, "again", "--skip-checks").succeeded()
    assert (
        "Agent pool 'again' exists already, with 2 instances: it is scaled to 1 instance (--count was not given, and is"
        " 1 by default)."
    ) in back.told
    assert (back.json["count"], back.json["tags"]) == (1, {"a": "b"})
    assert not emulator.requests("PUT")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--name", "ab"), f"'ab' {NO_NAME}"),
        (("--name", "has_underscore"), f"'has_underscore' {NO_NAME}"),
        (("--name", "good", "--tier", "S9"), "There is no tier 'S9'. There are S1, S2, S3, I6."),
        (("--name", "good", "--count", "-1"), "An agent pool cannot have a count of -1."),
        (
            ("--name", "good", "--subnet-id", "mysubnet"),
            f"'mysubnet' {NO_SUBNET}",
        ),
    ],
)
def test_bad_values_are_refused_before_anything_is_sent(
    az: Az, emulator: Emulator, arguments: tuple[str, ...], told: str
) -> None:
    emulator.control("DELETE", "journal")
    refused = az("acr", "agentpool", "create", "--registry", "myregistry", *arguments).failed(2)
    assert f"ERROR: {told}" in refused.told
    assert not emulator.requests("PUT")

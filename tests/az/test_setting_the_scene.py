"""Scripts that set the scene themselves, by az's own commands and without a world file, run to their end."""

from __future__ import annotations

from pathlib import Path

import pytest
from az_harness import Az, Emulator, Finished
from az_processes import Forks

WRITER = "Container Registry Repository Writer"
TASK_FILE = "steps:\n  - cmd: bash echo hello\n"


@pytest.fixture
def az(emulator: Emulator, forks: Forks, tmp_path: Path) -> Az:
    """az's own commands, in a folder with a Dockerfile."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "acb.yaml").write_text(TASK_FILE)
    return emulator.az(tmp_path, None, forks(None))


def value(done: Finished) -> str:
    """What a command with `--output tsv` printed."""
    return done.succeeded().stdout.strip()


@pytest.mark.xdist_group("setting the scene")
def test_from_nothing_to_a_build_in_a_registry_of_ones_own(az: Az) -> None:
    az("group", "create", "--name", "demo", "--location", "westeurope", "--tags", "team=build").succeeded()
    assert az("acr", "check-name", "--name", "demoregistry").succeeded().json["nameAvailable"] is True
    created = az("acr", "create", "-g", "demo", "-n", "demoregistry", "--sku", "Premium", "--admin-enabled").succeeded()
    assert (created.json["provisioningState"], created.json["location"]) == ("Succeeded", "westeurope")
    az("acr", "agentpool", "create", "-r", "demoregistry", "-n", "pool1", "--tier", "S1").succeeded()
    built = az("acr", "build", "-r", "demoregistry", "-t", "app:v1", "--agent-pool", "pool1", ".").succeeded()
    assert "Successfully tagged demoregistry.azurecr.io/app:v1" in built.printed
    shown = az("acr", "credential", "show", "-n", "demoregistry", "--query", "length(passwords)", "-o", "tsv")
    assert value(shown) == "2"
    az("acr", "update", "-n", "demoregistry", "--tags", "a=b").succeeded()
    assert [one["tags"] for one in az("acr", "list", "-g", "demo").succeeded().json] == [{"a": "b"}]
    az("acr", "delete", "-n", "demoregistry", "--yes").succeeded()
    az("group", "delete", "--name", "demo", "--yes").succeeded()
    assert value(az("group", "exists", "--name", "demo")) == "false"


@pytest.mark.xdist_group("setting the scene")
def test_an_identity_gets_the_role_that_its_task_needs(az: Az) -> None:
    az("group", "create", "-n", "abac", "-l", "westus2").succeeded()
    mode = ("--role-assignment-mode", "rbac-abac")
    made = az("acr", "create", "-g", "abac", "-n", "abacregistry", "--sku", "Standard", *mode, "--query", "id")
    registry = made.succeeded().json
    identity = az("identity", "create", "-g", "abac", "-n", "builder").succeeded().json
    task = ("-r", "abacregistry", "-n", "mytask")
    login = ("--assign-identity", identity["id"], "--source-acr-auth-id", identity["id"])
    az("acr", "task", "create", *task, "-c", "/dev/null", "--file", "acb.yaml", *login).succeeded()

    az("acr", "build", "-r", "abacregistry", "-t", "app:v1", ".").failed(1)
    az("acr", "build", "-r", "abacregistry", "-t", "app:v1", "--source-acr-auth-id", "[caller]", ".").succeeded()
    role = ("--role", WRITER, "--scope", registry)
    az("role", "assignment", "create", "--assignee", identity["clientId"], *role).succeeded()
    again = az("role", "assignment", "create", "--assignee-object-id", identity["principalId"], *role).succeeded()
    listed = az("role", "assignment", "list", "--assignee", identity["clientId"], "--scope", registry).succeeded()
    assert [(one["id"], one["roleDefinitionName"]) for one in listed.json] == [(again.json["id"], WRITER)]
    az("role", "assignment", "delete", "--assignee", identity["principalId"], *role).succeeded()
    assert az("role", "assignment", "list", "--all").succeeded().json == []
    az("identity", "delete", "-g", "abac", "-n", "builder").succeeded()


@pytest.mark.xdist_group("setting the scene")
@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("keyvault create -g demo -n myvault -l westus2", "PUT of Microsoft.KeyVault/vaults"),
        ("acr webhook list -r myregistry", "GET of Microsoft.ContainerRegistry/registries/webhooks"),
        ("lock list", "GET of Microsoft.Authorization/locks"),
        ("ad app list", "GET applications of Microsoft Graph"),
    ],
)
def test_one_line_says_what_is_not_emulated(az: Az, command: str, what: str) -> None:
    told = az(*command.split()).failed(1).stderr
    assert f'The emulator does not emulate {what}. See "What is emulated" in docs/emulator.md.' in told

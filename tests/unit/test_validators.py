"""What the command line may say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from az_errors import printed_errors

from azext_acrpool._validators import (
    validate_build_arguments,
    validate_registry_name,
    validate_secret_build_arguments,
    validate_secret_task_values,
    validate_subnet,
    validate_task_values,
)

Capture = pytest.CaptureFixture[str]
Log = pytest.LogCaptureFixture


def command(suffix: str | None = ".azurecr.io") -> Any:
    suffixes = SimpleNamespace(**({"acr_login_server_endpoint": suffix} if suffix else {}))
    config = SimpleNamespace(getboolean=lambda *_: False)
    return SimpleNamespace(
        cli_ctx=SimpleNamespace(cloud=SimpleNamespace(suffixes=suffixes), config=config, only_show_errors=False)
    )


@pytest.mark.parametrize(
    ("typed", "name", "told"),
    [
        ("myregistry", "myregistry", ""),
        ("MyRegistry1", "MyRegistry1", ""),
        (
            "myregistry.azurecr.io",
            "myregistry",
            "WARNING: 'myregistry.azurecr.io' is taken as registry 'myregistry'.\n",
        ),
        (
            "myregistry.AZURECR.IO",
            "myregistry",
            "WARNING: 'myregistry.AZURECR.IO' is taken as registry 'myregistry'.\n",
        ),
        (
            "myregistry-b2c3d4.azurecr.io",
            "myregistry",
            "WARNING: 'myregistry-b2c3d4.azurecr.io' is taken as registry 'myregistry'.\n",
        ),
        (None, None, ""),
    ],
)
def test_registry_names_and_login_servers(typed: str | None, name: str | None, told: str, capsys: Capture) -> None:
    namespace = SimpleNamespace(registry_name=typed)
    validate_registry_name(command(), namespace)
    assert namespace.registry_name == name
    assert capsys.readouterr() == ("", told)


def test_cloud_without_a_login_server_suffix() -> None:
    namespace = SimpleNamespace(registry_name="myregistry.anything.example")
    validate_registry_name(command(None), namespace)
    assert namespace.registry_name == "myregistry"


NO_NAMES = ("four", "a" * 51, "my-registry", "my_registry", "", "https://myregistry", "a/b/c/d")


@pytest.mark.parametrize(
    ("typed", "told", "recommended"),
    [
        *(
            (
                name,
                f"'{name}' cannot be the name of a registry: it must be 5 to 50 letters and digits.",
                "List your registries with: az acr list -o table\n",
            )
            for name in NO_NAMES
        ),
        (
            "myregistry.azurecr.cn",
            (
                "'myregistry.azurecr.cn' is not a login server of the current cloud, whose login servers end in"
                " '.azurecr.io'."
            ),
            "Give the registry's name alone, or choose the cloud with: az cloud set --name CLOUD\n",
        ),
    ],
)
def test_what_cannot_be_a_registry_is_a_usage_error(
    typed: str, told: str, recommended: str, caplog: Log, capsys: Capture
) -> None:
    with pytest.raises(SystemExit) as ended:
        validate_registry_name(command(), SimpleNamespace(registry_name=typed))
    assert ended.value.code == 2
    assert printed_errors(caplog) == [told]
    assert capsys.readouterr() == ("", recommended)


ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n"


@pytest.mark.parametrize(
    "given",
    [{}, {"subnet_id": ID}, {"subnet": ID}, {"subnet": "n", "vnet_name": "v"}],
)
def test_subnets(given: dict[str, str]) -> None:
    validate_subnet(SimpleNamespace(**{"subnet_id": None, "subnet": None, "vnet_name": None, **given}))


TWICE = "--subnet-id cannot be used with --subnet or --vnet-name."
BY_ID = "Give both names, or the resource ID with --subnet-id.\n"


@pytest.mark.parametrize(
    ("given", "told", "recommended"),
    [
        ({"subnet_id": ID, "subnet": "n"}, TWICE, "Give the subnet only once.\n"),
        ({"subnet_id": ID, "vnet_name": "v"}, TWICE, "Give the subnet only once.\n"),
        ({"subnet": "n"}, "--subnet needs --vnet-name too.", BY_ID),
        ({"vnet_name": "v"}, "--vnet-name needs --subnet too.", BY_ID),
        (
            {"subnet": ID, "vnet_name": "v"},
            "--subnet is a resource ID, which names the network already.",
            "Leave out --vnet-name.\n",
        ),
    ],
)
def test_contradictory_subnets(
    given: dict[str, str], told: str, recommended: str, caplog: Log, capsys: Capture
) -> None:
    with pytest.raises(SystemExit) as ended:
        validate_subnet(SimpleNamespace(**{"subnet_id": None, "subnet": None, "vnet_name": None, **given}))
    assert ended.value.code == 2
    assert printed_errors(caplog) == [told]
    assert capsys.readouterr() == ("", recommended)


def read(texts: list[str] | None) -> Any:
    namespace = SimpleNamespace(arg=texts)
    validate_build_arguments(command(), namespace)
    return namespace.arg


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [("A=b", "A", "b"), ("A=", "A", ""), ("A=b=c d", "A", "b=c d"), ("FROM_ENV", "FROM_ENV", "here"), ("A", "A", "")],
)
def test_build_arguments(monkeypatch: pytest.MonkeyPatch, text: str, name: str, value: str) -> None:
    monkeypatch.setenv("FROM_ENV", "here")
    monkeypatch.delenv("A", raising=False)
    assert read([text]) == [{"type": "Argument", "name": name, "value": value, "isSecret": False}]


def test_build_argument_without_a_value_is_told(capsys: Capture) -> None:
    read(["SURELY_NOT_SET_ANYWHERE"])
    assert capsys.readouterr() == (
        "",
        "WARNING: Build argument SURELY_NOT_SET_ANYWHERE is empty: there is no environment variable of that name.\n",
    )


def test_no_build_arguments() -> None:
    assert read(None) is None


def test_secret_build_arguments_are_marked_and_not_logged(caplog: Log, capsys: Capture) -> None:
    namespace = SimpleNamespace(secret_arg=["TOKEN=hunter2"])
    with caplog.at_level("DEBUG"):
        validate_secret_build_arguments(command(), namespace)
    assert namespace.secret_arg == [{"type": "Argument", "name": "TOKEN", "value": "hunter2", "isSecret": True}]
    assert caplog.text == ""
    assert capsys.readouterr() == ("", "")


def test_build_arguments_mean_what_they_mean_to_az(monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.cli.command_modules.acr._validators import validate_arg

    monkeypatch.setenv("FROM_ENV", "here")
    texts = ["A=b", "B=", "FROM_ENV", "SURELY_NOT_SET_ANYWHERE", "=x"]
    namespace = SimpleNamespace(arg=list(texts))
    validate_arg(namespace)
    assert read(texts) == namespace.arg


TASK_VALUES = [("A=b", "A", "b"), ("A=", "A", ""), ("A=b=c d", "A", "b=c d"), ("A", "A", "")]


@pytest.mark.parametrize(("text", "name", "value"), TASK_VALUES)
def test_task_values(text: str, name: str, value: str) -> None:
    namespace = SimpleNamespace(set_value=[text], set_secret=[text])
    validate_task_values(namespace)
    validate_secret_task_values(namespace)
    found = {"type": "SetValue", "name": name, "value": value}
    assert namespace == SimpleNamespace(
        set_value=[{**found, "isSecret": False}], set_secret=[{**found, "isSecret": True}]
    )


def test_no_task_values() -> None:
    namespace = SimpleNamespace(set_value=None, set_secret=None)
    validate_task_values(namespace)
    validate_secret_task_values(namespace)
    assert namespace == SimpleNamespace(set_value=None, set_secret=None)

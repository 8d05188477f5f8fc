"""What the command line may say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from azext_acrpool._validators import (
    validate_build_arguments,
    validate_registry_name,
    validate_secret_build_arguments,
    validate_subnet,
)


def command(suffix: str | None = ".azurecr.io") -> Any:
    suffixes = SimpleNamespace(**({"acr_login_server_endpoint": suffix} if suffix else {}))
    return SimpleNamespace(cli_ctx=SimpleNamespace(cloud=SimpleNamespace(suffixes=suffixes)))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("myregistry", "myregistry"),
        ("MyRegistry1", "MyRegistry1"),
        ("myregistry.azurecr.io", "myregistry"),
        ("myregistry.AZURECR.IO", "myregistry"),
        ("myregistry-b2c3d4.azurecr.io", "myregistry"),
        (None, None),
    ],
)
def test_registry_names_and_login_servers(typed: str | None, name: str | None) -> None:
    namespace = SimpleNamespace(registry_name=typed)
    validate_registry_name(command(), namespace)
    assert namespace.registry_name == name


def test_cloud_without_a_login_server_suffix() -> None:
    namespace = SimpleNamespace(registry_name="myregistry.anything.example")
    validate_registry_name(command(None), namespace)
    assert namespace.registry_name == "myregistry"


@pytest.mark.parametrize(
    "typed",
    ["four", "a" * 51, "my-registry", "my_registry", "", "myregistry.azurecr.cn", "https://myregistry", "a/b/c/d"],
)
def test_what_cannot_be_a_registry_is_a_usage_error(typed: str) -> None:
    with pytest.raises(SystemExit) as ended:
        validate_registry_name(command(), SimpleNamespace(registry_name=typed))
    assert ended.value.code == 2


ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n"


@pytest.mark.parametrize(
    "given",
    [{}, {"subnet_id": ID}, {"subnet": ID}, {"subnet": "n", "vnet_name": "v"}],
)
def test_subnets(given: dict[str, str]) -> None:
    validate_subnet(SimpleNamespace(**{"subnet_id": None, "subnet": None, "vnet_name": None, **given}))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"subnet_id": ID, "subnet": "n"}, "--subnet-id"),
        ({"subnet_id": ID, "vnet_name": "v"}, "--subnet-id"),
        ({"subnet": "n"}, "--vnet-name"),
        ({"vnet_name": "v"}, "--subnet"),
        ({"subnet": ID, "vnet_name": "v"}, "resource ID"),
    ],
)
def test_contradictory_subnets(given: dict[str, str], told: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit) as ended:
        validate_subnet(SimpleNamespace(**{"subnet_id": None, "subnet": None, "vnet_name": None, **given}))
    assert ended.value.code == 2
    assert told in caplog.text


def read(texts: list[str] | None) -> Any:
    namespace = SimpleNamespace(arg=texts)
    validate_build_arguments(namespace)
    return namespace.arg


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [("A=b", "A", "b"), ("A=", "A", ""), ("A=b=c d", "A", "b=c d"), ("FROM_ENV", "FROM_ENV", "here"), ("A", "A", "")],
)
def test_build_arguments(monkeypatch: pytest.MonkeyPatch, text: str, name: str, value: str) -> None:
    monkeypatch.setenv("FROM_ENV", "here")
    monkeypatch.delenv("A", raising=False)
    assert read([text]) == [{"type": "Argument", "name": name, "value": value, "isSecret": False}]


def test_build_argument_without_a_value_is_told(caplog: pytest.LogCaptureFixture) -> None:
    read(["SURELY_NOT_SET_ANYWHERE"])
    assert "SURELY_NOT_SET_ANYWHERE" in caplog.text


def test_no_build_arguments() -> None:
    assert read(None) is None


def test_secret_build_arguments_are_marked_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    namespace = SimpleNamespace(secret_arg=["TOKEN=hunter2"])
    with caplog.at_level("DEBUG"):
        validate_secret_build_arguments(namespace)
    assert namespace.secret_arg == [{"type": "Argument", "name": "TOKEN", "value": "hunter2", "isSecret": True}]
    assert "hunter2" not in caplog.text


def test_build_arguments_mean_what_they_mean_to_az(monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.cli.command_modules.acr._validators import validate_arg

    monkeypatch.setenv("FROM_ENV", "here")
    texts = ["A=b", "B=", "FROM_ENV", "SURELY_NOT_SET_ANYWHERE", "=x"]
    namespace = SimpleNamespace(arg=list(texts))
    validate_arg(namespace)
    assert read(texts) == namespace.arg

"""What every command is given, and the registries that it finds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from knack.validators import DefaultStr
from scripted_arm import RoutedTransport, arm_over, registry_body
from scripted_transport import Reply

from azext_acrpool.client.arm import ArmClient
from azext_acrpool.client.errors import OperationTimeoutError
from azext_acrpool.clock import Deadline
from azext_acrpool.commands.command import command
from azext_acrpool.commands.session import RegistryOptions, Session, Settings
from azext_acrpool.testing import FakeSession, Finished
from azext_acrpool.wording import az_command


def run(work: Any, sku: str = "Premium") -> Finished:
    """Run a command that does `work` with its session and the options that name a registry of this tier."""
    arm = arm_over(RoutedTransport({"GET /registries/myregistry": Reply(200, registry_body(sku=sku))}))
    options = {"registry_name": "myregistry", "resource_group_name": DefaultStr("mygroup")}
    return FakeSession(arm).run(command(RegistryOptions)(work), **options)


def test_arm_is_connected_to_when_it_is_needed_and_once() -> None:
    connected: list[ArmClient] = []

    def work(session: Session, _: RegistryOptions) -> None:
        def connect() -> ArmClient:
            connected.append(session.arm)
            return session.arm

        another = replace(session, connect=connect)
        assert connected == []
        assert another.arm is another.arm is session.arm

    assert run(work).exit_code == 0
    assert len(connected) == 1


def test_a_session_for_somebody_who_waits_no_longer_bounds_every_request() -> None:
    def work(session: Session, options: RegistryOptions) -> None:
        limited = session.until(Deadline(session.clock, 5))
        assert limited.find_registry(options).name == "myregistry"
        session.clock.sleep(6)
        with pytest.raises(OperationTimeoutError):
            limited.find_registry(options)
        # Whoever opened it waits as before.
        assert session.find_registry(options).name == "myregistry"

    assert run(work).exit_code == 0


@pytest.mark.parametrize("find", [Session.find_registry, Session.locate_registry])
@pytest.mark.parametrize(
    ("group", "subscription", "place"),
    [
        ("mygroup", "", " -g mygroup"),
        (DefaultStr("mygroup"), "", ""),
        (DefaultStr("mygroup"), "s2", " --subscription s2"),
        ("mygroup", "s2", " -g mygroup --subscription s2"),
    ],
)
def test_commands_to_type_say_where_the_registry_is_as_the_user_did(
    find: Any, group: str, subscription: str, place: str
) -> None:
    def work(session: Session, options: RegistryOptions) -> str:
        return az_command("acr show", "-n", find(session, options).name, "-o", "table")

    arm = arm_over(RoutedTransport({"GET /registries/myregistry": Reply(200, registry_body())}))
    session = FakeSession(arm, settings=Settings(subscription=subscription))
    finished = session.run(command(RegistryOptions)(work), registry_name="myregistry", resource_group_name=group)
    assert finished.result == f"az acr show -n myregistry{place} -o table"


@pytest.mark.parametrize("sku", ["Basic", "Standard", "Premium"])
def test_registries_that_have_builds(sku: str) -> None:
    found = run(lambda session, options: session.find_managed_registry(options, "builds"), sku).result
    assert (found.name, found.sku) == ("myregistry", sku)


@pytest.mark.parametrize(("sku", "told"), [("Classic", "Classic"), ("", "(unknown)")])
def test_registries_that_have_none(sku: str, told: str) -> None:
    finished = run(lambda session, options: session.find_managed_registry(options, "builds"), sku)
    assert finished.exit_code == 1
    assert finished.told == [
        f"Registry 'myregistry' has the tier {told}, which has no builds.",
        "Change it with: az acr update -n myregistry --sku Standard",
    ]

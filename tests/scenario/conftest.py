"""Replays recordings of the client layer; records them anew when ACRPOOL_RECORD or ACRPOOL_LIVE is set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import vcr
from az_harness import Emulator
from cassettes import ARM, REGISTRY, RESOURCE_GROUP, SUBSCRIPTION, Scrubber, same_request
from scenarios import Scenario

from azext_acrpool.client.arm import ArmClient
from azext_acrpool.clock import SystemClock

LIVE = os.environ.get("ACRPOOL_LIVE") == "1"
RECORDING = LIVE or os.environ.get("ACRPOOL_RECORD") == "1"
CASSETTES = Path(__file__).with_name("cassettes")


class ReplayClock:
    """Time as it was at the recording; waiting takes none."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._elapsed = 0.0

    def monotonic(self) -> float:
        return self._elapsed

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def sleep(self, seconds: float) -> None:
        self._elapsed += seconds


class NoCredential:
    """For replays: nobody looks at the token."""

    def get_token(self, *_: str, **__: Any) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken("none", 2**31)


@dataclass(frozen=True)
class Place:
    """Where a scenario plays."""

    credential: Any
    base_url: str
    subscription: str
    registry: str
    scrubber: Scrubber

    def arm(self) -> ArmClient:
        return ArmClient.from_credential(self.credential, self.subscription, base_url=self.base_url)


def azure_place() -> Place:
    from azure.identity import DefaultAzureCredential

    names = {name: os.environ[f"ACRPOOL_LIVE_{name}"] for name in ("SUBSCRIPTION", "RESOURCE_GROUP", "REGISTRY")}
    scrubber = Scrubber(
        {
            names["SUBSCRIPTION"]: SUBSCRIPTION,
            names["RESOURCE_GROUP"]: RESOURCE_GROUP,
            names["REGISTRY"]: REGISTRY,
        }
    )
    credential = DefaultAzureCredential()
    return Place(credential, ARM, names["SUBSCRIPTION"], names["REGISTRY"], scrubber)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    if LIVE:
        yield azure_place()
    elif RECORDING:
        from azure.identity import ManagedIdentityCredential

        folder = tmp_path_factory.mktemp("emulator")
        with Emulator(folder, ("--pool-seconds", "2")) as emulator, pytest.MonkeyPatch.context() as patch:
            for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "REQUESTS_CA_BUNDLE"):
                patch.setenv(name, emulator.environment[name])
            scrubber = Scrubber({emulator.url: ARM})
            yield Place(ManagedIdentityCredential(), emulator.url, SUBSCRIPTION, REGISTRY, scrubber)
    else:
        yield Place(NoCredential(), ARM, SUBSCRIPTION, REGISTRY, Scrubber())


def recorded_at(cassette: Any) -> datetime:
    dates = [value for response in cassette.responses for value in response["headers"].get("date", ())]
    return parsedate_to_datetime(dates[0]) if dates else datetime.now(timezone.utc)


@contextmanager
def recording(path: Path, scrubber: Scrubber) -> Iterator[Any]:
    """vcrpy at work on one cassette."""
    if RECORDING:
        path.unlink(missing_ok=True)
    recorder = vcr.VCR(
        record_mode="once" if RECORDING else "none",
        before_record_request=scrubber.request if RECORDING else None,
        before_record_response=scrubber.response if RECORDING else None,
        decode_compressed_response=True,
    )
    recorder.register_matcher("same request", same_request)
    recorder.match_on = ("same request",)
    with recorder.use_cassette(str(path)) as cassette:
        yield cassette


@pytest.fixture
def scenario(place: Place, request: pytest.FixtureRequest) -> Iterator[Scenario]:
    path = CASSETTES / f"{request.node.name.removeprefix('test_')}.yaml"
    with recording(path, place.scrubber) as cassette:
        clock = SystemClock() if RECORDING else ReplayClock(recorded_at(cassette))
        yield Scenario(place.arm(), place.registry, clock)
        if not RECORDING:
            assert cassette.all_played, "the client did not ask for all that was recorded"

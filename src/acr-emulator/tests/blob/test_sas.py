"""Signed URLs: a signature allows what it says, where it says, when it says, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, parse_qsl

import pytest
from acr_emulator.blob import sas
from hypothesis import given, settings
from hypothesis import strategies as st

KEY = sas.new_key("test")
NOW = datetime(2025, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
LATER = NOW + timedelta(hours=1)
PATH = "container/source/app.tar.gz"


def fields(query: str) -> dict[str, str]:
    return dict(parse_qsl(query))


def test_a_signature_carries_the_fields_azure_clients_expect() -> None:
    assert parse_qs(sas.sign(PATH, "rw", LATER, KEY, start=NOW)).keys() == {"sv", "st", "se", "sr", "sp", "sig"}
    assert fields(sas.sign(PATH, "rw", LATER, KEY))["sr"] == "b"
    assert fields(sas.sign(PATH, "rw", LATER, KEY))["se"] == "2025-01-02T04:04:05Z"


@pytest.mark.parametrize(("needed", "granted"), [("r", "r"), ("r", "rw"), ("cw", "w"), ("cw", "rc")])
def test_a_good_signature_is_accepted(needed: str, granted: str) -> None:
    sas.verify(PATH, fields(sas.sign(PATH, granted, LATER, KEY)), needed, KEY, NOW)


@pytest.mark.parametrize(("needed", "granted"), [("w", "r"), ("r", "w"), ("d", "rcw")])
def test_a_missing_permission_is_told_apart_from_a_bad_signature(needed: str, granted: str) -> None:
    with pytest.raises(sas.PermissionMismatchError) as caught:
        sas.verify(PATH, fields(sas.sign(PATH, granted, LATER, KEY)), needed, KEY, NOW)
    assert caught.value.code == "AuthorizationPermissionMismatch"


@pytest.mark.parametrize(
    ("start", "expiry", "now", "accepted"),
    [
        (None, NOW, NOW - timedelta(seconds=1), True),
        (None, NOW, NOW, False),
        (None, NOW, NOW + timedelta(seconds=1), False),
        (NOW, LATER, NOW, True),
        (NOW, LATER, NOW - timedelta(seconds=1), False),
    ],
)
def test_a_signature_is_good_from_its_start_to_its_expiry(
    start: datetime | None, expiry: datetime, now: datetime, accepted: bool
) -> None:
    query = fields(sas.sign(PATH, "r", expiry, KEY, start=start))
    if accepted:
        sas.verify(PATH, query, "r", KEY, now)
    else:
        with pytest.raises(sas.AuthenticationFailedError):
            sas.verify(PATH, query, "r", KEY, now)


def test_an_expiry_in_another_time_zone_means_the_same_moment() -> None:
    elsewhere = LATER.astimezone(timezone(timedelta(hours=-7)))
    assert sas.sign(PATH, "r", elsewhere, KEY) == sas.sign(PATH, "r", LATER, KEY)


@settings(deadline=None)
@given(st.sampled_from(["sv", "st", "se", "sr", "sp", "sig"]), st.text(max_size=30))
def test_changing_any_field_breaks_the_signature(field: str, value: str) -> None:
    query = fields(sas.sign(PATH, "r", LATER, KEY, start=NOW))
    if query[field] == value:
        return
    with pytest.raises(sas.AuthenticationFailedError):
        sas.verify(PATH, {**query, field: value}, "r", KEY, NOW)


@settings(deadline=None)
@given(st.text(max_size=40).filter(lambda path: path != PATH))
def test_a_signature_is_for_one_blob_only(path: str) -> None:
    with pytest.raises(sas.AuthenticationFailedError):
        sas.verify(path, fields(sas.sign(PATH, "r", LATER, KEY)), "r", KEY, NOW)


@pytest.mark.parametrize("query", [{}, {"sig": ""}, {"sp": "r", "se": "2099-01-01T00:00:00Z", "sr": "b"}])
def test_no_signature_is_a_bad_signature(query: dict[str, str]) -> None:
    with pytest.raises(sas.AuthenticationFailedError):
        sas.verify(PATH, query, "r", KEY, NOW)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(sas.AuthenticationFailedError):
        sas.verify(PATH, fields(sas.sign(PATH, "r", LATER, KEY)), "r", sas.new_key("other"), NOW)

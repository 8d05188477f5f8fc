"""What of a task or a run request is secret, and how it is kept out of what is shown."""

from __future__ import annotations

from typing import Any

import pytest

from azext_acrpool.client.secrets import Secret, secret_mask, without_secrets


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"name": "A", "value": "b", "isSecret": False}, {"name": "A", "value": "b", "isSecret": False}),
        ({"name": "A", "value": "b", "isSecret": True}, {"name": "A", "isSecret": True}),
        ({"token": "t", "tokenType": "PAT"}, {"tokenType": "PAT"}),
        ({"type": "opaque", "value": "v"}, {"type": "opaque"}),
        ({"type": "Vaultsecret", "value": "v"}, {"type": "Vaultsecret", "value": "v"}),
        ([{"contextAccessToken": "t", "contextPath": "p"}], [{"contextPath": "p"}]),
        ({"contextAccessToken": None}, {"contextAccessToken": None}),
    ],
)
def test_what_is_secret(body: Any, shown: Any) -> None:
    assert without_secrets(body) == shown


def test_longer_secrets_are_blotted_out_first() -> None:
    body = {"arguments": [{"value": "ab", "isSecret": True}, {"value": "abc", "isSecret": True}]}
    assert secret_mask(body)("abc and ab") == "*** and ***"


def test_what_holds_a_secret_for_a_command() -> None:
    class Token(Secret):
        value = "abc"

    assert secret_mask({"secret": [Token()], "name": "abd"})("abc or abd") == "*** or abd"

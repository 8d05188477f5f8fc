"""What the requests for builds and runs have in common: the platform, the login to the registry."""

from __future__ import annotations

import pytest

from azext_acrpool.commands.console.errors import UsageError
from azext_acrpool.commands.runs.request import SourceRegistryAuth, parse_platform


@pytest.mark.parametrize("text", ["plan9", "linux/sparc", "linux/arm/v5", "linux/arm/V7", "/amd64", "linux/"])
def test_a_platform_that_az_refuses_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"^'.*' is not a valid .* in --platform\. Valid are: "):
        parse_platform(text)


def test_what_is_no_platform_is_shown_without_control_characters() -> None:
    with pytest.raises(UsageError, match=r"^'a\\x1b\[31m' is not a valid architecture in --platform"):
        parse_platform("linux/a\x1b[31m")


def test_no_login_and_an_identity_contradict_each_other() -> None:
    auth = SourceRegistryAuth("None", "[caller]")
    with pytest.raises(UsageError, match=r"^--auth-mode None and --source-acr-auth-id contradict each other"):
        auth.credentials(uses_abac=False)
    assert auth.credentials(uses_abac=True).source_registry


@pytest.mark.parametrize(
    ("mode", "uses_abac", "warned"), [("Default", True, True), ("Default", False, False), (None, True, False)]
)
def test_auth_mode_is_deprecated_with_repository_permissions(mode: str | None, uses_abac: bool, warned: bool) -> None:
    assert bool(SourceRegistryAuth(mode, None).warning(uses_abac=uses_abac)) == warned

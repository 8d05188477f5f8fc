"""`acb build`: what it is told becomes a task."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from acr_emulator.acb.credentials import RegistryCredential, parse_credential
from acr_emulator.acb.errors import AcbError
from acr_emulator.acb.quick_build import QuickBuild, plan_build

TEAM = {
    "registry": "team.azurecr.io",
    "username": "bot",
    "userNameProviderType": "opaque",
    "password": "pw",
    "passwordProviderType": "opaque",
}


def credential_text(**others: str | None) -> str:
    members = {**TEAM, **others}
    return json.dumps({name: value for name, value in members.items() if value is not None})


def refusal_of(call: Callable[[], object]) -> str:
    with pytest.raises(AcbError) as caught:
        call()
    return str(caught.value)


def test_joins_options_in_the_order_of_acb_and_quotes_nothing() -> None:
    build = QuickBuild(
        context="my dir",
        dockerfile="D",
        tags=("a:1", "b"),
        build_arguments=("A=x y",),
        secret_build_arguments=("S=$1",),
        labels=("l=1",),
        target="t",
        platform="linux/arm64",
        isolation="default",
        pulls=True,
        ignores_cache=True,
    )
    assert build.line() == (
        "--isolation=default --pull --label l=1 --no-cache -f D -t a:1 -t b --build-arg A=x y --build-arg S=$1"
        " --target t --platform linux/arm64 my dir"
    )


def test_builds_and_pushes_with_the_times_of_acb() -> None:
    build = QuickBuild(
        ".",
        tags=("app", "other.io/x:1", "app:latest"),
        pushes=True,
        registry="team.azurecr.io",
        credentials=(credential_text(), credential_text(registry="other.io"), credential_text(username="second")),
        working_directory="src",
    )
    planned = plan_build(build, lambda line: line.replace("app", "filled"))
    first, second = planned.task.steps
    assert planned.rendered == "-f Dockerfile -t filled -t other.io/x:1 -t filled:latest ."
    assert first.build == ("-f Dockerfile -t team.azurecr.io/filled -t other.io/x:1 -t team.azurecr.io/filled:latest .")
    assert (first.id, first.timeout, first.working_directory, first.network) == ("build", 28800, "src", "")
    assert second.push == ("team.azurecr.io/filled:latest", "other.io/x:1")
    assert (second.id, second.timeout, second.when) == ("push", 3600, ("build",))
    assert [(credential.registry, credential.user) for credential in planned.credentials] == [
        ("team.azurecr.io", "second"),
        ("other.io", "bot"),
    ]


@pytest.mark.parametrize(
    ("build", "refusal"),
    [
        (QuickBuild(""), "build requires exactly 1 argument, see build --help"),
        (QuickBuild(".", isolation="none"), "invalid isolation: none"),
        (
            QuickBuild(".", tags=("a",), pushes=True),
            "when specifying push, at least one credential is required",
        ),
        (
            QuickBuild(".", pushes=True, credentials=(credential_text(),)),
            "step is missing a cmd, build, or push property",
        ),
        (QuickBuild(".", credentials=("{}",)), "registry name can't be empty"),
    ],
)
def test_refuses_in_the_words_of_acb(build: QuickBuild, refusal: str) -> None:
    assert refusal_of(lambda: plan_build(replace(build, registry="team.azurecr.io"), str)) == refusal


def test_reads_credentials_whose_members_are_in_any_case() -> None:
    text = '{"REGISTRY": "r", "identity": "i", "aadresourceid": "a", "unknown": 1, "username": null}'
    assert parse_credential(text) == RegistryCredential(registry="r", identity="i", aad_resource_id="a")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (credential_text(registry=""), "registry name can't be empty"),
        (credential_text(username=""), "username can't be empty"),
        (credential_text(password=None), "password can't be empty"),
        (credential_text(passwordProviderType="vaultsecret"), "identity can't be empty"),
        (credential_text(passwordProviderType=""), "unable to classify credential into opaque, vault or msi"),
        (credential_text(userNameProviderType="", passwordProviderType=""), "identity can't be empty"),
        (
            credential_text(userNameProviderType="", passwordProviderType=None, identity="system"),
            "aadResourceId can't be empty",
        ),
    ],
)
def test_refuses_a_credential_that_lacks_something(text: str, refusal: str) -> None:
    assert refusal_of(lambda: parse_credential(text)) == refusal


@pytest.mark.parametrize(
    ("others", "problem"),
    [
        ({"userNameProviderType": "vaultsecret"}, " scheme. Expected Https"),
        (
            {"passwordProviderType": "vaultsecret", "password": "https://v.vault.azure.net/keys/k"},
            ". Expected 'secrets' collection, but found: keys",
        ),
    ],
    ids=["a user that is no address", "a password of another collection"],
)
def test_refuses_a_credential_that_names_no_secret_of_its_vault(others: dict[str, str], problem: str) -> None:
    build = QuickBuild(".", credentials=(credential_text(identity="id", **others),))

    refusal = refusal_of(lambda: plan_build(build, lambda text: text))

    assert refusal == f"failed to resolve secrets: invalid azure keyvault secret URL{problem}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "unexpected end of JSON input"),
        ('{"a": "b"', "unexpected end of JSON input"),
        ('{"a": "b', "unexpected end of JSON input"),
        ('{"a": tru', "invalid character ' ' in literal true (expecting 'e')"),
        ('{"a": 1.', "invalid character ' ' after decimal point in numeric literal"),
        ('{"a": 1.5e,', "invalid character ',' in exponent of numeric literal"),
        ('{"a": -}', "invalid character '}' in numeric literal"),
        ('{"a": -Infinity}', "invalid character 'I' in numeric literal"),
        ('{"a": NaN}', "invalid character 'N' looking for beginning of value"),
        ('{"a": "\\u12x"}', "invalid character 'x' in \\u hexadecimal character escape"),
        ("é", "invalid character 'Ã' looking for beginning of value"),
        ("not json", "invalid character 'o' in literal null (expecting 'u')"),
        ('{"a": trux}', "invalid character 'x' in literal true (expecting 'e')"),
        ("user", "invalid character 'u' looking for beginning of value"),
        ("{'a': 1}", r"invalid character '\'' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a": [1], "b": 2 "c"}', "invalid character '\"' after object key:value pair"),
        ('["{", 1 2]', "invalid character '2' after array element"),
        ("{} x", "invalid character 'x' after top-level value"),
        ('{"a": "\n"}', r"invalid character '\n' in string literal"),
        (r'{"a": "\x"}', "invalid character 'x' in string escape code"),
        ("[" * 100_000, "exceeded max depth"),
        ("[]", "json: cannot unmarshal array into Go value of type graph.RegistryCredential"),
        ("true", "json: cannot unmarshal bool into Go value of type graph.RegistryCredential"),
        (
            '{"UserName": {}}',
            "json: cannot unmarshal object into Go struct field RegistryCredential.username of type string",
        ),
    ],
)
def test_says_what_go_says_of_credentials_that_it_cannot_read(text: str, problem: str) -> None:
    assert refusal_of(lambda: parse_credential(text)) == f"unable to unmarshal Credentials from string: {problem}"

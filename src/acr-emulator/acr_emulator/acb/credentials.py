"""Credentials of registries, as acb is given them: objects of JSON (graph/registry_credential.go)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..golang.json_errors import syntax_problem
from .errors import AcbError
from .secrets import check_vault_url

__all__ = ["RegistryCredential", "check_vaults", "parse_credential"]

OPAQUE = "opaque"
OF_VAULT = "vaultsecret"
MEMBERS = {
    "registry": "registry",
    "username": "user",
    "usernameprovidertype": "user_type",
    "password": "password",
    "passwordprovidertype": "password_type",
    "identity": "identity",
    "aadresourceid": "aad_resource_id",
}
"""Our names of the members, of which Go reads the names in any case."""
NAMES = (
    "registry",
    "username",
    "userNameProviderType",
    "password",
    "passwordProviderType",
    "identity",
    "aadResourceId",
)


@dataclass(frozen=True)
class RegistryCredential:
    """A registry and how to log in to it.

    User and password are texts (types `opaque`), URLs of a key vault's secrets (`vaultsecret`), or, with empty types,
    what an identity gets for a resource.
    """

    registry: str = ""
    user: str = ""
    user_type: str = ""
    password: str = ""
    password_type: str = ""
    identity: str = ""
    aad_resource_id: str = ""


def parse_credential(text: str) -> RegistryCredential:
    """A credential from its JSON. Raises AcbError for one that acb refuses."""
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise _unreadable(syntax_problem(error)) from error
    except RecursionError as error:
        raise _unreadable("exceeded max depth") from error
    credential = _decode(document)
    if not credential.registry:
        raise AcbError("registry name can't be empty")
    types = {credential.user_type, credential.password_type}
    if types == {OPAQUE}:
        required = {"username": credential.user, "password": credential.password}
    elif OF_VAULT in types:
        required = {
            "username": credential.user,
            "password": credential.password,
            "identity": credential.identity,
        }
    elif types == {""}:
        required = {"identity": credential.identity, "aadResourceId": credential.aad_resource_id}
    else:
        raise AcbError("unable to classify credential into opaque, vault or msi")
    for name, value in required.items():
        if not value:
            raise AcbError(f"{name} can't be empty")
    return credential


def check_vaults(credentials: Iterable[RegistryCredential]) -> None:
    """Refuse users and passwords that should be in a key vault, but name no secret of one. Raises AcbError.

    acb asks the vaults for them when all else of the task is known (graph/task.go).
    """
    for credential in credentials:
        of_vaults = ((credential.user_type, credential.user), (credential.password_type, credential.password))
        for kind, address in of_vaults:
            if kind == OF_VAULT:
                try:
                    check_vault_url(address)
                except AcbError as error:
                    raise error.within("failed to resolve secrets") from error


def _refuse_constant(name: str) -> None:
    """Refuse `NaN` and `Infinity`, which Python's JSON has and Go's has not. Raises AcbError."""
    if name.startswith("-"):
        raise _unreadable("invalid character 'I' in numeric literal")
    raise _unreadable(f"invalid character '{name[0]}' looking for beginning of value")


def _decode(document: Any) -> RegistryCredential:
    if document is None:
        return RegistryCredential()
    if not isinstance(document, dict):
        raise _unreadable(f"json: cannot unmarshal {_kind(document)} into Go value of type graph.RegistryCredential")
    values: dict[str, str] = {}
    for name, value in document.items():
        ours = MEMBERS.get(name.lower())
        if ours is None or value is None:
            continue
        if not isinstance(value, str):
            field = f"RegistryCredential.{_go_name(name)}"
            raise _unreadable(f"json: cannot unmarshal {_kind(value)} into Go struct field {field} of type string")
        values[ours] = value.lower() if ours.endswith("_type") else value
    return RegistryCredential(**values)


def _go_name(name: str) -> str:
    return next(known for known in NAMES if known.lower() == name.lower())


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    kinds: dict[type, str] = {str: "string", int: "number", float: "number", list: "array", dict: "object"}
    return kinds[type(value)]


def _unreadable(problem: str) -> AcbError:
    return AcbError(f"unable to unmarshal Credentials from string: {problem}")

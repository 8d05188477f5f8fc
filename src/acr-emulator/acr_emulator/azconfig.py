"""What az needs to talk to the emulator: a configuration directory of its own, trust, and environment variables.

The files are written by hand: `az cloud register`, `az cloud set` and `az login` would do the same, slower.
"""

from __future__ import annotations

import json
import os
import shlex
import ssl
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from .identity import IDENTITY_PATH
from .server import RunningServer
from .world import SubscriptionSpec, World

__all__ = [
    "CA_BUNDLE",
    "az_environment",
    "home_directory",
    "private_directory",
    "shell_exports",
    "write_az_files",
    "write_settings",
]

CLOUD_NAME = "AcrEmulator"
CA_BUNDLE = "ca-bundle.pem"


def write_az_files(directory: Path, server: RunningServer, environ: Mapping[str, str]) -> dict[str, str]:
    """Write all files into `directory` (private to the user) and return the variables to set.

    `environ` is the user's environment: its trust store and extensions stay in use.
    """
    config_dir = directory / "azure"
    config_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_settings(config_dir, server)
    world = server.emulator.services.state.world
    (config_dir / "azureProfile.json").write_text(json.dumps(_profile(world)), encoding="utf-8")
    bundle = directory / CA_BUNDLE
    bundle.write_bytes(trusted_certificates(environ) + b"\n" + server.ca_pem)
    return az_environment(config_dir, bundle, server, environ)


def write_settings(config_dir: Path, server: RunningServer) -> None:
    """Write what makes the emulator az's cloud into az's folder of settings; there is no account in it."""
    world = server.emulator.services.state.world
    (config_dir / "clouds.config").write_text(_clouds(server.url, world.subscriptions[0].id), encoding="utf-8")
    (config_dir / "config").write_text(_config(), encoding="utf-8")


def az_environment(
    config_dir: Path, ca_bundle: Path, server: RunningServer, environ: Mapping[str, str]
) -> dict[str, str]:
    """The variables that point az (and any azure-identity client) at the emulator."""
    return {
        "AZURE_CONFIG_DIR": str(config_dir),
        "AZURE_EXTENSION_DIR": environ.get("AZURE_EXTENSION_DIR") or str(_extensions(config_dir, environ)),
        "AZURE_CORE_COLLECT_TELEMETRY": "no",
        "REQUESTS_CA_BUNDLE": str(ca_bundle),
        "IDENTITY_ENDPOINT": server.url + IDENTITY_PATH,
        "IDENTITY_HEADER": server.emulator.identities.secret,
        "NO_PROXY": _without_proxy(environ),
        "no_proxy": _without_proxy(environ),
        "ACR_EMULATOR_URL": server.url,
    }


def _extensions(config_dir: Path, environ: Mapping[str, str]) -> Path:
    """Where az keeps the user's extensions; whoever has no home directory has none."""
    home = home_directory()
    default = config_dir if home is None else home / ".azure"
    return Path(environ.get("AZURE_CONFIG_DIR") or default) / "cliextensions"


def home_directory() -> Path | None:
    """The user's; None for a user without one, as in a container that runs under an ID that nobody has."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def _without_proxy(environ: Mapping[str, str]) -> str:
    hosts = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    return ",".join(filter(None, [hosts, "127.0.0.1"]))


def trusted_certificates(environ: Mapping[str, str]) -> bytes:
    """What the user's HTTPS clients trust already, in PEM: REQUESTS_CA_BUNDLE, certifi, or the system's store."""
    chosen = environ.get("REQUESTS_CA_BUNDLE")
    if chosen and Path(chosen).is_file():
        return Path(chosen).read_bytes()
    certifi = find_spec("certifi")
    if certifi is not None and certifi.origin is not None:
        return (Path(certifi.origin).parent / "cacert.pem").read_bytes()
    certificates = ssl.create_default_context().get_ca_certs(binary_form=True)
    return "".join(map(ssl.DER_cert_to_PEM_cert, certificates)).encode()


def _clouds(url: str, subscription_id: str) -> str:
    return "\n".join(
        [
            f"[{CLOUD_NAME}]",
            "profile = latest",
            f"endpoint_management = {url}/",
            f"endpoint_resource_manager = {url}/",
            f"endpoint_active_directory = {url}",
            f"endpoint_active_directory_resource_id = {url}/",
            f"endpoint_active_directory_graph_resource_id = {url}/",
            f"endpoint_microsoft_graph_resource_id = {url}/",
            "suffix_acr_login_server_endpoint = .azurecr.io",
            "suffix_keyvault_dns = .vault.azure.net",
            "suffix_storage_endpoint = core.windows.net",
            f"subscription = {subscription_id}",
            "",
        ]
    )


def _config() -> str:
    return f"[cloud]\nname = {CLOUD_NAME}\n[core]\ncollect_telemetry = no\nsurvey_message = no\n"


def _profile(world: World) -> dict[str, object]:
    entries = [_profile_entry(spec, default=index == 0) for index, spec in enumerate(world.subscriptions)]
    return {"installationId": str(uuid4()), "subscriptions": entries}


def _profile_entry(spec: SubscriptionSpec, *, default: bool) -> dict[str, object]:
    return {
        "id": spec.id,
        "name": spec.name,
        "state": "Enabled",
        "user": {"name": "systemAssignedIdentity", "type": "servicePrincipal", "assignedIdentityInfo": "MSI"},
        "isDefault": default,
        "tenantId": spec.tenant_id,
        "homeTenantId": spec.tenant_id,
        "environmentName": CLOUD_NAME,
        "managedByTenants": [],
    }


def shell_exports(variables: Mapping[str, str], shell: str) -> str:
    """The variables as commands of `shell` (bash or powershell), or as a JSON object."""
    if shell == "json":
        return json.dumps(variables, indent=2)
    if shell == "powershell":
        return "\n".join(f"$env:{name} = '{_double_quotes(value)}'" for name, value in variables.items())
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())


def _double_quotes(value: str) -> str:
    return value.replace("'", "''")


def private_directory(path: Path) -> Path:
    """Make `path` a directory that only this user can read."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        path.chmod(0o700)
    return path

"""Names that have no business in a build context, as far as a name can tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["suspicions"]

_SHOWN = 3

# Where credentials usually are: environment files, private keys and key stores, logins of package managers and clouds.
_SECRET = re.compile(
    r"""(^|/)(
        \.env(\.(?!(example|sample|template|dist)$)[^/]+)?
      | id_(rsa|dsa|ecdsa|ed25519)
      | [^/]+\.(pem|key|pfx|p12|jks|keystore|kdbx|ppk)
      | \.(npmrc|pypirc|netrc|dockercfg|htpasswd|git-credentials|pgpass)
      | \.docker/config\.json
      | \.aws/credentials
      | \.azure/[^/]*(accessTokens|msal_token_cache)[^/]*
      | ([^/]*\.)?kubeconfig
      | \.kube/config
      | (client_)?secrets?\.(ya?ml|json|toml|ini)
      | [^/]*service[-_]account[^/]*\.json
      | terraform\.tfstate(\.[^/]*)?
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
# Folders that a build makes anew, or that it does not need: (name, what to think of it).
_MISTAKES = {
    "node_modules": "is usually made anew by the build",
    ".git": "holds the whole history of the repository",
    "__pycache__": "is made anew by Python",
    ".terraform": "is made anew by terraform init",
    "venv": "is a Python environment of this machine",
    ".venv": "is a Python environment of this machine",
}


def suspicions(paths: Iterable[str]) -> Iterator[str]:
    """A sentence for each kind of suspect among the paths of the files that are sent."""
    secrets: list[str] = []
    mistakes: dict[str, str] = {}
    for path in paths:
        if _SECRET.search(path):
            secrets.append(path)
        folders = path.split("/")[:-1]
        for depth, name in enumerate(folders, start=1):
            if name in _MISTAKES and name not in mistakes:
                mistakes[name] = "/".join(folders[:depth])
    if secrets:
        names = ", ".join(f"'{path}'" for path in secrets[:_SHOWN])
        more = f" and {len(secrets) - _SHOWN} more" if len(secrets) > _SHOWN else ""
        yield f"What looks like a secret is sent: {names}{more}. If it is one, add it to the ignore file."
    for name, path in mistakes.items():
        yield f"'{path}' is sent, which {_MISTAKES[name]}. If so, add '**/{name}' to the ignore file."

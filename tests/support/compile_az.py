"""Have Python compile what a server that forks az imports: `compile_az.py EXTENSIONS`. Else each server does so."""

from __future__ import annotations

import os
import sys
from tempfile import TemporaryDirectory


def main() -> None:
    if not hasattr(os, "fork"):
        # No server is started here.
        return
    with TemporaryDirectory() as folder:
        # az makes its folder of settings as soon as it is imported, and that of whoever runs this is not ours.
        os.environ["AZURE_CONFIG_DIR"] = f"{folder}/config"
        from az_fork_server import import_az

        import_az(sys.argv[1])


if __name__ == "__main__":
    main()

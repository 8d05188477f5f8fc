"""What all unit tests share."""

from __future__ import annotations

from hypothesis import settings

# An example may take long on a busy machine; what hangs is ended by the tests' own time limit.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

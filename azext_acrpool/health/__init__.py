"""Checks: pure functions from facts to findings. Nothing here asks Azure, prints or reads a clock."""

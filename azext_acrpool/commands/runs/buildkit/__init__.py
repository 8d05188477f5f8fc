"""Builds with BuildKit: sent as a task of a build and a push step, which is the only way that the agents have."""

"""Dockerfiles, before anything is sent: what docker makes of one, what the agent's scanner does, and where they differ.

`instructions` reads the text as docker does, `stages` says which images its stages are built on, `needs` what only
BuildKit knows, `refusals` and `faults` what docker refuses. `scanner` reads it as the agent's scanner does, which fails
builds that docker would carry out; `comparison` finds where. `mending` and `hiding` write a Dockerfile that both take,
and `equality` sees to it that it is an equal one. `review` is all of it together. Pure: no files, no output.
"""

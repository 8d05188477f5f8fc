"""What acb, the program that runs on Azure's agents, makes of its input.

Scans, templates, aliases, task files, quick builds, the lines for the shell and for the log: all without docker, which
is the executor's part. Rules and texts are those of Azure/acr-builder (MIT) at commit 90b22f3.
"""

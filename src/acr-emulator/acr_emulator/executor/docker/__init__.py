"""Docker's part of a run, as far as it goes without a daemon: its client's command line, its builders, its images.

Texts are those of the docker client 20.10 and of its classic builder, unless a module says otherwise.
"""

"""Which files of a folder a build context holds: Docker's ignore rules."""

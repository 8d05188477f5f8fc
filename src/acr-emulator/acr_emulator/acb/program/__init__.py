"""acb's run of a task: what it does and logs, in order, with docker's part played by someone else."""

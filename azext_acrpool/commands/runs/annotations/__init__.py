"""What CI services make of a log: steps that fold, and notes at the lines of files.

`sections` finds the steps of a log, `failure` what a run failed for, `markup` writes both as each service reads them.
"""

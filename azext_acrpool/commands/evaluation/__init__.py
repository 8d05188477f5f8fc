"""Evaluations of autoscale policies: what is read, decided and asked for, whoever wants it."""

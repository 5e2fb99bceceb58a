"""Sweeps: a study file as points, runs, part files; on one process, several, or a cluster."""

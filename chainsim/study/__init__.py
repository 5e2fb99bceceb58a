"""Studies: run, compare, store."""

"""Files under `graphs/` and `scenarios/` as validated, resolved and closed records."""

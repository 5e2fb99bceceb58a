"""Layout optimisation: what to build, how large, where and when."""

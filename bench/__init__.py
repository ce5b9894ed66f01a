"""Benchmarks: each budget of the design as a ratio against its floor, measured in the same run."""

"""Benchmarks: scripts, their raw results, and README.md with the machine and settings."""

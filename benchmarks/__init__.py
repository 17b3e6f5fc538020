"""Benchmarks: scripts, their raw results, and README.md, which describes machine and settings."""

"""Benchmarks behind `wangge bench`: ours beside its peers, answers compared."""

"""What the benchmarks stand on: a platform to measure, and many rows in it."""

"""The benchmarks of CONTRACT 5: ours against a hand-written reference, interleaved."""

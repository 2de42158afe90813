"""Speed and memory, measured in one run beside the baselines; never asserted by the tests. See README.md here."""

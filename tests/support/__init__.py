"""What many tests need: servers to talk to, values to try, and witnesses of what leaks."""

"""The 42 commands: one frozen model each."""

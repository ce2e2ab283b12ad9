"""What was heard of calls, in the log: written before it is acknowledged, each event once."""

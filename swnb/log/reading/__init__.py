"""The reading side of the log: frames, exports, and a run as something to replay or compare."""

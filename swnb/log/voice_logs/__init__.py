"""The voice logs in the log: pages as the platform sent them, and frames of what they say."""

"""What a session reads from the voice logs: one entry, a listing, or all of an account (`sync`)."""

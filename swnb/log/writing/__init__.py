"""The writing side of the log: the SQLite file, its schema, and rows that are never lost."""

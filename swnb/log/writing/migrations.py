"""The log's schema, as a list of small functions that each migrate it one version forward.

`PRAGMA user_version` counts the migrations of a file. A migration is never
edited once it is released: a change to the schema is one more function at the end of the list.

Two tables are append-only and contain what frames are made of: `sent` (what is about to be sent) and
`ended` (how it ended). JSON bodies and charge lines have tables of their own, so that reading a
frame never touches their pages.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from swnb.log.writing.rows import what_of

# "swnb" in ASCII: distinguishes a log from any other SQLite database.
APPLICATION_ID = 0x73776E62


# Labels are text: encoding them when they are read is fast enough.
_FIRST = (
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        started_at INTEGER NOT NULL,      -- microseconds since 1970, UTC
        space TEXT NOT NULL,
        swnb TEXT NOT NULL,               -- the version that began the run
        facts TEXT NOT NULL,              -- JSON: where, how and by what it was run
        sent_before INTEGER NOT NULL,     -- all rows of the run have greater ids than these
        ended_before INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE sent (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL,
        sent_at INTEGER NOT NULL,         -- microseconds since 1970, UTC
        command TEXT NOT NULL,
        call_id TEXT,
        control_id TEXT,
        space TEXT NOT NULL,
        "from" TEXT,
        "to" TEXT
    )
    """,
    """
    CREATE TABLE ended (
        id INTEGER PRIMARY KEY,
        exchange INTEGER NOT NULL REFERENCES sent (id),
        outcome TEXT NOT NULL,
        call_id TEXT,                     -- the reply to a dial is the first to name its call
        http_status INTEGER,
        call_status TEXT,
        type TEXT,
        direction TEXT,
        "from" TEXT,
        "to" TEXT,
        charge_nano INTEGER,              -- nano-dollars
        duration_ms INTEGER,
        error_code TEXT,
        error_message TEXT,
        attempts INTEGER NOT NULL,
        elapsed_us INTEGER,
        request_id TEXT
    )
    """,
    "CREATE INDEX ended_exchange ON ended (exchange)",
    # Few rows have a control id, so that this costs an ordinary insert nothing.
    "CREATE INDEX sent_control ON sent (call_id, control_id) WHERE control_id IS NOT NULL",
    "CREATE TABLE requests (exchange INTEGER PRIMARY KEY, body TEXT NOT NULL)",
    "CREATE TABLE responses (ended INTEGER PRIMARY KEY, body TEXT NOT NULL)",
    """
    CREATE TABLE charge_lines (
        id INTEGER PRIMARY KEY,
        ended INTEGER NOT NULL REFERENCES ended (id),
        call_id TEXT,
        description TEXT NOT NULL,
        charge_nano INTEGER NOT NULL
    )
    """,
)


def create_log(connection: sqlite3.Connection) -> None:
    """Create the tables of exchanges."""
    for statement in _FIRST:
        connection.execute(statement)


def add_voice_logs(connection: sqlite3.Connection) -> None:
    """Create the tables of the platform's voice logs; `swnb.log.voice_logs.pages` writes them.

    Pages are appended and never changed: if a voice log is in several, the last one counts. As rows with
    an index of their random ids, the same would take five times as long to write.
    """
    connection.execute(
        """
        CREATE TABLE voice_log_pages (
            page INTEGER PRIMARY KEY,
            space TEXT NOT NULL,
            seen_at INTEGER NOT NULL,         -- when it was read, microseconds since 1970, UTC
            ids TEXT NOT NULL,                -- JSON: the id of each entry, null where it says nothing new
            body BLOB NOT NULL                -- JSON, compressed by zlib: the entries are in `data`
        )
        """
    )
    connection.execute(
        """
        CREATE TABLE voice_log_events (
            call_id TEXT PRIMARY KEY,
            seen_at INTEGER NOT NULL,         -- as above
            body TEXT NOT NULL                -- JSON: a list
        )
        """
    )
    # The link with which a listing continues; a listing that was read completely has no row.
    connection.execute("CREATE TABLE syncs (listing TEXT PRIMARY KEY, next TEXT NOT NULL)")


def add_events(connection: sqlite3.Connection) -> None:
    """Create the tables of what was heard; `swnb.log.hearing` writes them. They are append-only."""
    connection.execute(
        """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            run TEXT NOT NULL,
            seen_at INTEGER NOT NULL,         -- when it was heard, microseconds since 1970, UTC
            "at" INTEGER,                     -- its own time, as above
            space TEXT NOT NULL,
            source TEXT NOT NULL,
            kind TEXT NOT NULL,
            type TEXT,                        -- its name as it arrived
            call_id TEXT,
            control_id TEXT,
            state TEXT,
            signed INTEGER,                   -- whether the signature was right, null without one
            key TEXT NOT NULL                 -- the same for an event that comes again
        )
        """
    )
    connection.execute("CREATE UNIQUE INDEX events_key ON events (key, run)")
    connection.execute("CREATE INDEX events_call ON events (call_id)")
    connection.execute("CREATE TABLE event_bodies (event INTEGER PRIMARY KEY, body TEXT NOT NULL)")
    connection.execute(
        """
        CREATE TABLE event_repeats (
            id INTEGER PRIMARY KEY,
            event INTEGER NOT NULL REFERENCES events (id),
            seen_at INTEGER NOT NULL          -- as above
        )
        """
    )


def add_what(connection: sqlite3.Connection) -> None:
    """Add what each command says, in one line, so that a frame need not read bodies for it."""
    connection.execute("ALTER TABLE sent ADD COLUMN what TEXT")
    connection.create_function("what_of", 2, what_of, deterministic=True)
    connection.execute(
        """
        UPDATE sent SET what = (
            SELECT what_of(sent.command, body) FROM requests WHERE exchange = sent.id
        )
        """
    )
    connection.create_function("what_of", 2, None)


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    create_log,
    add_voice_logs,
    add_events,
    add_what,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Migrate a file to the newest version in one transaction; several processes may try at once.

    `connection` is in autocommit mode. Raises `sqlite3.Error` and leaves the file as it was.
    """
    if version(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Read again under the write lock: another process may have been faster.
        for step in MIGRATIONS[version(connection) :]:
            step(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def version(connection: sqlite3.Connection) -> int:
    """Return the number of migrations of a file; 0 for a new one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])

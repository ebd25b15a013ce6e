-- The facts database: what each source file said, and what the last run found.
-- Any change of this file makes snarl rebuild databases that were made with another one.

-- ---- kept between runs -------------------------------------------------------------------------

-- A content that a file had when a unit was stored. One row for each (path, content); ids are never
-- used twice, so that an id in unit.files that is gone can't come to mean another file.
CREATE TABLE file (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL,
    hash BLOB NOT NULL, -- XXH3 of the content: 16 bytes
    UNIQUE (path, hash)
);

-- A translation unit as it was lowered. It is up to date while every file in `files` has the content
-- its row in `file` says. A path has a row for each way it was compiled lately.
CREATE TABLE unit (
    id    INTEGER PRIMARY KEY AUTOINCREMENT, -- grows with time: the greatest id of a path is the newest
    path  TEXT NOT NULL,                     -- main file
    key   BLOB NOT NULL,                     -- hash of flags, directory, front end, libclang's version
    files BLOB NOT NULL,                     -- ids in `file`, as varints
    ir    BLOB NOT NULL,                     -- facts_encode()d
    UNIQUE (path, key)
);

-- ---- results of the last run, for people -------------------------------------------------------

-- A place where the program starts running code on its own.
CREATE TABLE contexts (
    id         INTEGER, -- named by lock_edges.context, accesses.context
    kind       TEXT,    -- main, thread, worker, signal, exit; loop: callbacks of a loop nobody runs;
                        -- export: a function of a library without main
    entry      TEXT,    -- its first function
    where_file TEXT,    -- where it is started or registered; NULL: nowhere (main)
    where_line INTEGER,
    many       INTEGER  -- 1: several of it may run at once
);

-- A lock that is waited for somewhere.
CREATE TABLE locks (
    id   INTEGER, -- named by lock_edges.from_lock, lock_edges.to_lock
    name TEXT,    -- as in messages: "struct account.mu"
    kind TEXT     -- object: one certain lock; class: one in each object of a type, in each element
);

-- The lock-acquisition graph: to_lock was waited for while from_lock was held.
CREATE TABLE lock_edges (
    from_lock INTEGER,
    to_lock   INTEGER,
    context   INTEGER,
    function  TEXT,    -- the one that takes to_lock
    file      TEXT,
    line      INTEGER
);

-- A variable (or a field of a type) that more than one context touches.
CREATE TABLE variables (
    id     INTEGER, -- named by accesses.variable
    name   TEXT,
    guard  TEXT,    -- the lock that is held at most accesses; NULL: none stands out
    reads  INTEGER,
    writes INTEGER
);

-- One access to a shared variable, with what is held there.
CREATE TABLE accesses (
    variable INTEGER,
    context  INTEGER,
    function TEXT,
    file     TEXT,
    line     INTEGER,
    kind     TEXT,    -- read, write, rmw; with "atomic" in front where it is
    tokens   TEXT     -- names, separated by ", "; empty: none
);

-- A call that can wait, and runs in a callback of an event loop.
CREATE TABLE blocking (
    callback TEXT,    -- the function that the loop calls
    function TEXT,    -- the one that waits, reached from there
    callee   TEXT,
    what     TEXT,    -- sleep, net, dns, file, lock, ...
    file     TEXT,
    line     INTEGER
);

-- What the rules reported, hidden findings included.
CREATE TABLE findings (
    rule        TEXT,
    severity    TEXT,
    confidence  TEXT,
    file        TEXT,
    line        INTEGER,
    "column"    INTEGER,
    message     TEXT,
    fingerprint TEXT     -- survives moved lines
);

-- What a run printed, for the next one that has the same question and the same facts.
CREATE TABLE answer (
    key    BLOB PRIMARY KEY, -- hash of all that it depends on: units, settings, options, snarl
    status INTEGER,          -- exit status
    out    BLOB,             -- on stdout, or in the output file
    said   BLOB              -- on stderr
);

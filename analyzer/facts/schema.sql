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

-- What a run printed, for the next one that has the same question and the same facts.
CREATE TABLE answer (
    key    BLOB PRIMARY KEY, -- hash of all that it depends on: units, settings, options, snarl
    status INTEGER,          -- exit status
    out    BLOB,             -- on stdout, or in the output file
    said   BLOB              -- on stderr
);

-- ---- results of the last run, for people -------------------------------------------------------
-- `snarl query` prints what follows; docs/queries.md has examples.

-- The run that all other tables are of: one row; none before the first run.
CREATE TABLE run (
    at               TEXT,    -- when, UTC: "2026-02-14 16:40:03"
    snarl            TEXT,    -- its version
    root             TEXT,    -- where it was started: files below are named relative to it
    compile_commands TEXT,    -- the compile database; NULL: flags were given by hand
    settings         TEXT,    -- the .snarl.yml; NULL: none
    units            INTEGER, -- source files that were analysed
    problems         INTEGER  -- inputs that could not be analysed, or not wholly
);

-- A file that the run went by: source, header, compile database, settings.
CREATE TABLE inputs (
    path TEXT, -- absolute
    hash TEXT  -- XXH3 of the content, in hex; "": there was no file; NULL: changed meanwhile
);

-- A place where the program starts running code on its own.
CREATE TABLE contexts (
    id         INTEGER, -- named by lock_edges.context, accesses.context
    kind       TEXT,    -- main, thread, worker, signal, exit; loop: callbacks of a loop nobody runs;
                        -- export: a function of a library without main
    entry      TEXT,    -- its first function
    where_file TEXT,    -- where it is started or registered; NULL: nowhere (main)
    where_line INTEGER,
    many       INTEGER, -- 1: several of it may run at once
    many_file  TEXT,    -- the call that shows it, a start in a loop, say; NULL: none, or not many
    many_line  INTEGER
);

-- A function that an event loop calls.
CREATE TABLE callbacks (
    function      TEXT,    -- blocking.callback names it, too
    loop          TEXT,    -- "the libuv loop", "the program's own loop 'serve'"
    registered_by TEXT,    -- the function it is given to, or the member it is stored in; NULL: not known
    file          TEXT,    -- where; NULL: not known
    line          INTEGER
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

-- What the rules reported, whatever its confidence; also what comments allow.
CREATE TABLE findings (
    rule        TEXT,
    severity    TEXT,
    confidence  TEXT,
    file        TEXT,
    line        INTEGER,
    "column"    INTEGER,
    message     TEXT,
    subject     TEXT,    -- the variable, lock or call that it is about; NULL: not said
    allowed     TEXT,    -- the reason of the comment that allows it; NULL: none does
    fingerprint TEXT     -- survives moved lines
);

-- The accesses with the names of all that they name.
CREATE VIEW uses AS
    SELECT v.name AS variable, a.kind, a.function, c.kind AS context, c.entry, c.many, a.tokens,
           v.guard, a.file, a.line
    FROM accesses a JOIN variables v ON v.id = a.variable JOIN contexts c ON c.id = a.context;

-- The edges of the lock graph with the names of all that they name.
CREATE VIEW lock_orders AS
    SELECT held.name AS held, taken.name AS taken, e.function, c.kind AS context, c.entry, e.file,
           e.line
    FROM lock_edges e JOIN locks held ON held.id = e.from_lock
         JOIN locks taken ON taken.id = e.to_lock JOIN contexts c ON c.id = e.context;

#include "rules/cost.h"

struct cost cost_of(enum blocks_what what)
{
    switch (what) {
    case BLOCKS_SLEEP:
        return (struct cost){LEVEL_HIGH, true, "sleeps", false};
    case BLOCKS_COND:
        return (struct cost){LEVEL_HIGH, true, "waits for a condition", false};
    case BLOCKS_JOIN:
        return (struct cost){LEVEL_HIGH, true, "waits for a thread to end", false};
    case BLOCKS_PROC:
        return (struct cost){LEVEL_HIGH, true, "waits for a process", false};
    case BLOCKS_DNS:
        return (struct cost){LEVEL_HIGH, true, "waits for a name server", false};
    case BLOCKS_DB:
        return (struct cost){LEVEL_HIGH, true, "waits for a database", false};
    case BLOCKS_TLS:
        return (struct cost){LEVEL_HIGH, true, "waits for the network", false};
    case BLOCKS_IPC:
        return (struct cost){LEVEL_HIGH, true, "waits for another process or thread", false};
    case BLOCKS_SIGNAL:
        return (struct cost){LEVEL_HIGH, true, "waits for a signal", false};
    case BLOCKS_SYNC:
        return (struct cost){LEVEL_HIGH, true, "waits for the disk", false};
    case BLOCKS_POLL:
        return (struct cost){LEVEL_HIGH, true, "waits for descriptors", false};
    case BLOCKS_FILE:
        return (struct cost){LEVEL_MEDIUM, true, "waits for a file", false};
    case BLOCKS_OPEN:
        return (struct cost){LEVEL_MEDIUM, true, "opens a file", true};
    case BLOCKS_NSS:
        return (struct cost){LEVEL_MEDIUM, true,
                             "looks up users or groups, perhaps over the network", false};
    case BLOCKS_NET:
        return (struct cost){LEVEL_HIGH, true, "waits for the network", false};
    case BLOCKS_FD:
        return (struct cost){LEVEL_HIGH, true, "waits for its descriptor", false};
    case BLOCKS_ANY:
        return (struct cost){LEVEL_MEDIUM, true, "waits, says its attribute", false};
    case BLOCKS_LOAD:
        return (struct cost){LEVEL_MEDIUM, false, "loads code from disk", false};
    case BLOCKS_META:
        return (struct cost){LEVEL_LOW, false, "waits for the file system", false};
    case BLOCKS_CLOSE:
        return (struct cost){LEVEL_LOW, false, "can wait when it closes", false};
    case BLOCKS_TTY:
        return (struct cost){LEVEL_LOW, false, "writes to a stream", false};
    case BLOCKS_LOG:
        return (struct cost){LEVEL_LOW, false, "writes to a log", false};
    case BLOCKS_RANDOM:
        return (struct cost){LEVEL_LOW, false, "can wait for random numbers", false};
    case BLOCKS_NOTHING:
    case BLOCKS_LOCK: /* a short critical section is no stall; who holds it how long is another rule
                       */
    case BLOCKS_LOOP: /* a loop inside the loop is another rule's */
    case BLOCKS_OTHER:
        break;
    }
    return (struct cost){LEVEL_LOW, false, NULL, false};
}

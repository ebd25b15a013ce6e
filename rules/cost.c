#include "rules/cost.h"

struct cost cost_of(enum blocks_what what)
{
    switch (what) {
    case BLOCKS_SLEEP:
        return (struct cost){LEVEL_HIGH, true, "sleeps", false, NULL};
    case BLOCKS_COND:
        return (struct cost){LEVEL_HIGH, true, "waits for a condition", false, NULL};
    case BLOCKS_JOIN:
        return (struct cost){LEVEL_HIGH, true, "waits for a thread to end", false, NULL};
    case BLOCKS_PROC:
        return (struct cost){LEVEL_HIGH, true, "waits for a process", false, NULL};
    case BLOCKS_DNS:
        return (struct cost){LEVEL_HIGH, true, "waits for a name server", false, NULL};
    case BLOCKS_DB:
        return (struct cost){LEVEL_HIGH, true, "waits for a database", false, NULL};
    case BLOCKS_TLS:
        return (struct cost){LEVEL_HIGH, true, "waits for the network", false, NULL};
    case BLOCKS_IPC:
        return (struct cost){LEVEL_HIGH, true, "waits for another process or thread", false, NULL};
    case BLOCKS_SIGNAL:
        return (struct cost){LEVEL_HIGH, true, "waits for a signal", false, NULL};
    case BLOCKS_SYNC:
        return (struct cost){LEVEL_HIGH, true, "waits for the disk", false, NULL};
    case BLOCKS_POLL:
        return (struct cost){LEVEL_HIGH, true, "waits for descriptors", false, NULL};
    case BLOCKS_FILE:
        return (struct cost){LEVEL_MEDIUM, true, "waits for a file", false,
                             "most files are local ones, and seldom take long"};
    case BLOCKS_OPEN:
        return (struct cost){LEVEL_MEDIUM, true, "opens a file", true,
                             "a local file seldom takes long"};
    case BLOCKS_NSS:
        return (struct cost){LEVEL_MEDIUM, true,
                             "looks up users or groups, perhaps over the network", false, NULL};
    case BLOCKS_NET:
        return (struct cost){LEVEL_HIGH, true, "waits for the network", false, NULL};
    case BLOCKS_FD:
        return (struct cost){LEVEL_HIGH, true, "waits for its descriptor", false, NULL};
    case BLOCKS_ANY:
        return (struct cost){LEVEL_MEDIUM, true, "waits, says its attribute", false, NULL};
    case BLOCKS_LOAD:
        return (struct cost){LEVEL_MEDIUM, false, "loads code from disk", false,
                             "code is loaded once, most often"};
    case BLOCKS_META:
        return (struct cost){LEVEL_LOW, false, "waits for the file system", false,
                             "the file system seldom takes long"};
    case BLOCKS_CLOSE:
        return (struct cost){LEVEL_LOW, false, "can wait when it closes", false,
                             "closing seldom takes long"};
    case BLOCKS_TTY:
        return (struct cost){LEVEL_LOW, false, "writes to a stream", false,
                             "a stream is seldom full"};
    case BLOCKS_LOG:
        return (struct cost){LEVEL_LOW, false, "writes to a log", false, "a log seldom takes long"};
    case BLOCKS_RANDOM:
        return (struct cost){
            LEVEL_LOW, false, "can wait for random numbers", false,
            "only a machine that has just been started is short of random numbers"};
    case BLOCKS_NOTHING:
    case BLOCKS_LOCK: /* a short critical section is no stall; who holds it how long is another rule
                       */
    case BLOCKS_LOOP: /* a loop inside the loop is another rule's */
    case BLOCKS_OTHER:
        break;
    }
    return (struct cost){LEVEL_LOW, false, NULL, false, NULL};
}

/* ext.h - locks of a library whose source is not there. */
#pragma once

struct ext_mutex;

struct ext_mutex *ext_mutex_new(void);
void ext_lock(struct ext_mutex *mutex);
void ext_unlock(struct ext_mutex *mutex);

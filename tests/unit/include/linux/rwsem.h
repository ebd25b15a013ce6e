/* rwsem.h - the part of the Linux kernel's read/write semaphores that tests use. */
#pragma once

struct rw_semaphore {
    long count;
};

void down_read(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);
void downgrade_write(struct rw_semaphore *sem);

/* uv.h - as much of libuv's interface as the tests use. */
#pragma once

#include <stdint.h>

typedef struct uv_loop_s {
    void *data;
} uv_loop_t;
typedef struct uv_timer_s {
    void *data;
} uv_timer_t;
typedef struct uv_work_s {
    void *data;
} uv_work_t;
typedef struct uv_fs_s {
    void *data;
} uv_fs_t;
typedef enum { UV_RUN_DEFAULT } uv_run_mode;
typedef void (*uv_timer_cb)(uv_timer_t *timer);
typedef void (*uv_work_cb)(uv_work_t *work);
typedef void (*uv_after_work_cb)(uv_work_t *work, int status);
typedef void (*uv_fs_cb)(uv_fs_t *request);

uv_loop_t *uv_default_loop(void);
void uv_stop(uv_loop_t *loop);
int uv_run(uv_loop_t *loop, uv_run_mode mode);
int uv_timer_init(uv_loop_t *loop, uv_timer_t *timer);
int uv_timer_start(uv_timer_t *timer, uv_timer_cb callback, uint64_t timeout, uint64_t repeat);
int uv_queue_work(uv_loop_t *loop, uv_work_t *work, uv_work_cb run, uv_after_work_cb after);
typedef struct uv_process_options_s {
    void (*exit_cb)(void *process, int64_t status, int signal);
} uv_process_options_t;
int uv_fs_unlink(uv_loop_t *loop, uv_fs_t *request, const char *path, uv_fs_cb callback);

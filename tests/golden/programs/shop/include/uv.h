/* uv.h - as much of libuv's header as the shop needs: the tests don't depend on an installed one.
 */
#pragma once

#include <stdint.h>

typedef struct uv_loop_s uv_loop_t;
typedef struct uv_timer_s {
    uv_loop_t *loop;
    void *data;
} uv_timer_t;
typedef void (*uv_timer_cb)(uv_timer_t *handle);
typedef enum { UV_RUN_DEFAULT = 0 } uv_run_mode;

uv_loop_t *uv_default_loop(void);
int uv_run(uv_loop_t *loop, uv_run_mode mode);
int uv_timer_init(uv_loop_t *loop, uv_timer_t *handle);
int uv_timer_start(uv_timer_t *handle, uv_timer_cb cb, uint64_t timeout, uint64_t repeat);

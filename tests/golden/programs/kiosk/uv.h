/* What of libuv the kiosk uses. */
typedef struct uv_loop_s uv_loop_t;
typedef struct uv_timer_s {
    void *data;
} uv_timer_t;
uv_loop_t *uv_default_loop(void);
int uv_timer_init(uv_loop_t *loop, uv_timer_t *timer);
int uv_timer_start(uv_timer_t *timer, void (*cb)(uv_timer_t *timer), unsigned long first,
                   unsigned long again);
int uv_run(uv_loop_t *loop, int mode);

/* Settings and models of any bytes: as a .snarl.yml, and as one of the files compiled in. */
#include "fuzz.h"

#include "config/config.h"
#include "config/model_set.h"

#include <assert.h>
#include <string.h>

/* Asks for all that was read, in every way that callers do. */
static void ask_models(struct models *models)
{
    static const char *const files[] = {"/usr/include/a.h", "b/c.h"};
    const char *library;
    size_t n = 0;

    models_activate(models, files, 2);
    for (const struct model_name *name = models->names; name != NULL; name = name->hh.next) {
        const struct model_fn *fn = models_fn(models, name->text);
        n += fn == NULL ? 0 : fn->callbacks.n + strlen(blocks_name(fn->blocks));
        n += models_field_callback(models, name->text, &library) != NULL;
        n += models_hint(models, "user", name->text) != NULL;
        n += (size_t)models_type_lock(models, name->text);
        n += models_type_is_sync(models, name->text);
        n += models_static_init_recursive(models, name->text);
    }
    assert(models_text(models, models->texts.n) == NULL);
    (void)n;
}

static void check_told(void *owner, bool ok, const struct err *err)
{
    assert(ok != err_is_set(err));
    assert(ok || strlen(err_text(owner, err)) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const rules[] = {"check-then-act", "lock-order-cycle", NULL};
    void *owner = mem_owner(NULL, "fuzz");
    struct models *models = model_set_new(owner, intern_new(owner));
    struct config config;
    struct err as_model = {0};
    struct err as_settings = {0};
    const char *text = size == 0 ? "" : (const char *)bytes;

    bool ok = models_add(models, "model.yml", text, size, &as_model);
    check_told(owner, ok, &as_model);
    models->builtin_done = true;
    const char *path = fuzz_file(".snarl.yml", text, size);
    ok = config_load(owner, fuzz_folder(), path, rules, models, &config, &as_settings);
    check_told(owner, ok, &as_settings);
    ask_models(models);
    talloc_free(owner);
    return 0;
}

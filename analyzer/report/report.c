#include "report/report.h"

#include "report/write.h"

#include <errno.h>
#include <string.h>

const char *report_path(const char *root, const char *path)
{
    if (root == NULL || path == NULL) {
        return path;
    }
    size_t n = strlen(root);
    if (n > 0 && root[n - 1] == '/') {
        n--; /* the root directory itself */
    }
    if (strncmp(path, root, n) != 0 || path[n] != '/' || path[n + 1] == '\0') {
        return path;
    }
    return path + n + 1;
}

const char *level_name(enum level level)
{
    switch (level) {
    case LEVEL_LOW:
        return "low";
    case LEVEL_MEDIUM:
        return "medium";
    case LEVEL_HIGH:
        break;
    }
    return "high";
}

const char *problem_file(const struct err *problem)
{
    return problem->where.file == NULL ? NULL : problem->path;
}

static report_writer *const writers[] = {
#define FORMAT(NAME, name) [REPORT_##NAME] = name##_write,
#include "report/formats.def"
#undef FORMAT
};

bool report_write(enum report_format format, const struct report *report, FILE *out,
                  struct err *err)
{
    void *owner = mem_owner(NULL, "report_write");

    errno = 0;
    bool ok = writers[format](report, sources_new(owner), out);
    ok = fflush(out) == 0 && !ferror(out) && ok;
    if (!ok) {
        err_set(err, ERR_IO, (struct loc){0}, "can't write the report: %s",
                errno != 0 ? strerror(errno) : "output error");
    }
    talloc_free(owner);
    return ok;
}

/* path.h - file names made absolute and tidy, without looking at the disk but for path_source(). */
#pragma once

/* `path` without "//", "/./" and "/../", made absolute with `dir` (absolute) when it is relative.
 * ".." takes the name before it away even where that is a symbolic link. Owned by `owner`. */
char *path_absolute(void *owner, const char *dir, const char *path);

/* `file`, which a build names in folder `dir`, made absolute. ".." behind a symbolic link is not
 * the folder that the name shows: where the tidy name does not exist, the disk is asked. Owned by
 * `owner`. */
char *path_source(void *owner, const char *dir, const char *file);

/* The folder of the absolute path `path`: "/a/b" gives "/a", "/a" and "/" give "/". */
char *path_folder(void *owner, const char *path);

/* `dir` and `name` with one slash between. */
char *path_join(void *owner, const char *dir, const char *name);

/* The part after the last slash; a pointer into `path`. */
const char *path_name(const char *path);

/* The current directory; "/" when the system won't tell. */
char *path_current(void *owner);

#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Paths and folders; the functions are described in base/file.h. */

static bool path_put(char *out, size_t cap, const char *text, size_t length)
{
    if (length >= cap)
        return false;
    memmove(out, text, length);
    out[length] = '\0';
    return true;
}

bool path_join(char *out, size_t cap, const char *dir, const char *name)
{
    size_t dir_length = strlen(dir), name_length = strlen(name);
    if (name[0] == '/' || dir_length == 0)
        return path_put(out, cap, name, name_length);
    size_t slash = dir[dir_length - 1] != '/';
    if (dir_length + slash + name_length >= cap)
        return false;
    memcpy(out, dir, dir_length);
    if (slash)
        out[dir_length] = '/';
    memcpy(out + dir_length + slash, name, name_length + 1);
    return true;
}

bool path_dir(char *out, size_t cap, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return path_put(out, cap, ".", 1);
    size_t length = (size_t)(slash - path);
    while (length > 0 && path[length - 1] == '/')
        length--;
    return path_put(out, cap, path, length ? length : 1);
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool path_absolute(char *out, size_t cap, const char *path)
{
    char here[PATH_MAX];
    if (path[0] == '/')
        return path_put(out, cap, path, strlen(path));
    return getcwd(here, sizeof here) && path_join(out, cap, here, path);
}

bool path_stays_inside(const char *relative)
{
    if (relative[0] == '/')
        return false;
    bool names_something = false;
    for (const char *part = relative; *part;) {
        size_t length = strcspn(part, "/");
        if (length == 2 && part[0] == '.' && part[1] == '.')
            return false;
        if (length > 0 && !(length == 1 && part[0] == '.'))
            names_something = true;
        part += length;
        part += strspn(part, "/");
    }
    return names_something;
}

static const char NO_FOLDER[] = "cannot be made: expected a place for a folder";
static const char NO_LIST[] = "cannot be listed: expected a readable folder";

static bool error_system(Error *err, const char *path, const char *expected, int number)
{
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    error_at(err, ERROR_IO, path[0] ? path : "\"\"", "%s, found \"%s\"", expected,
             c_locale == (locale_t)0 ? "unknown reason" : strerror_l(number, c_locale));
    if (c_locale != (locale_t)0)
        freelocale(c_locale);
    return false;
}

bool file_make_dirs(const char *path, Error *err)
{
    char part[PATH_MAX];
    struct stat st;
    if (!path_put(part, sizeof part, path, strlen(path)))
        return error_system(err, path, NO_FOLDER, ENAMETOOLONG);
    for (char *end = part + strspn(part, "/");;) {
        end += strcspn(end, "/");
        char kept = *end;
        *end = '\0';
        /* Another program may make the same folder at the same time: only the outcome counts. */
        if (mkdir(part, 0777) != 0) {
            int why = errno;
            if (stat(part, &st) != 0 || !S_ISDIR(st.st_mode))
                return error_system(err, part, NO_FOLDER, why == EEXIST ? ENOTDIR : why);
        }
        *end = kept;
        end += strspn(end, "/");
        if (*end == '\0')
            return true;
    }
}

static int order_entry(const void *a, const void *b)
{
    const DirEntry *x = a, *y = b;
    if (x->is_dir != y->is_dir)
        return x->is_dir ? -1 : 1;
    return strcmp(x->name, y->name);
}

static bool dir_add(DirList *list, size_t *cap, const char *name, const struct stat *st)
{
    if (list->count == *cap) {
        size_t more = *cap ? *cap * 2 : 64;
        DirEntry *items = mem_resize(list->items, more, sizeof *items);
        if (!items)
            return false;
        list->items = items;
        *cap = more;
    }
    char *copy = mem_string(name, strlen(name));
    if (!copy)
        return false;
    bool is_dir = S_ISDIR(st->st_mode);
    list->items[list->count++] =
        (DirEntry){.name = copy,
                   .is_dir = is_dir,
                   .size = is_dir ? 0 : (uint64_t)st->st_size,
                   .mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec};
    return true;
}

bool dir_list(DirList *out, const char *path, bool hidden, Error *err)
{
    size_t cap = 0;
    bool ok = true;
    *out = (DirList){0};
    DIR *dir = opendir(path);
    if (!dir)
        return error_system(err, path, NO_LIST, errno);
    for (;;) {
        struct stat st;
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            ok = errno == 0 || error_system(err, path, NO_LIST, errno);
            break;
        }
        const char *name = entry->d_name;
        bool self = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
        if (self || (name[0] == '.' && !hidden) || fstatat(dirfd(dir), name, &st, 0) != 0 ||
            !(S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)))
            continue;
        if (!dir_add(out, &cap, name, &st)) {
            ok = error_memory(err);
            break;
        }
    }
    closedir(dir);
    if (!ok)
        dir_list_free(out);
    else if (out->count)
        qsort(out->items, out->count, sizeof *out->items, order_entry);
    return ok;
}

void dir_list_free(DirList *list)
{
    for (size_t i = 0; i < list->count; i++)
        mem_free(list->items[i].name);
    mem_free(list->items);
    *list = (DirList){0};
}

/* The process that made a temporary file of file_write_atomic; 0 for any other name. */
static pid_t sweep_owner(const char *name)
{
    static const char mark[] = ".attnscope-";
    long pid;
    int n, end = 0;
    const char *at = NULL;
    if (name[0] != '.')
        return 0;
    for (const char *next = name; (next = strstr(next, mark)) != NULL; next++)
        at = next + sizeof mark - 1; /* the last one: the file's own name may hold the mark too */
    if (!at || at[0] < '1' || at[0] > '9' || sscanf(at, "%9ld-%3d.tmp%n", &pid, &n, &end) != 2 ||
        end == 0 || at[end] != '\0')
        return 0;
    return (pid_t)pid;
}

int file_sweep(const char *dir)
{
    DirList list;
    int removed = 0;
    if (!dir_list(&list, dir, true, NULL))
        return 0;
    for (size_t i = 0; i < list.count; i++) {
        char path[PATH_MAX];
        pid_t owner = list.items[i].is_dir ? 0 : sweep_owner(list.items[i].name);
        if (owner > 0 && kill(owner, 0) != 0 && errno == ESRCH &&
            path_join(path, sizeof path, dir, list.items[i].name) && unlink(path) == 0)
            removed++;
    }
    dir_list_free(&list);
    return removed;
}

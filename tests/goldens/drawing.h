/* What the goldens of the program share: the cases, and running `attnscope render` on one. Only the
 * bundled fonts are used (an empty folder stands in for the installed ones), so that a golden means
 * the same on every machine. Header-only: each program has one table of cases.
 */
#ifndef ATTNSCOPE_TESTS_GOLDENS_DRAWING_H
#define ATTNSCOPE_TESTS_GOLDENS_DRAWING_H

#include "base/file.h"
#include "base/mem.h"
#include "support/check.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    const char *name;     /* of the golden */
    const char *document; /* below the project */
    const char *view, *size;
    const char *sets[8]; /* NAME=VALUE …, NULL */
} Drawing;

enum { DRAWING_ARGUMENTS = 48 };

extern char **environ;

/* The same numbers everywhere: the scalar kernels, the C locale, no display. */
static inline void drawing_environment(void)
{
    setenv("ATTNSCOPE_SIMD", "scalar", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("DISPLAY");
}

static inline const char *drawing_program(void)
{
    const char *program = getenv("ATTNSCOPE_PROGRAM");
    return program && program[0] ? program : TEST_BINARY_DIR "/attnscope";
}

/* The file that `attnscope render` makes of it, `out` below a folder of its own; lent until eight
 * paths later. */
static inline const char *drawing_render(const Drawing *d, const char *out)
{
    const char *dir = check_temp_dir(), *path = check_path(dir, out);
    const char *fonts = check_path(dir, "fonts");
    const char *document = check_path(TEST_SOURCE_DIR, d->document);
    const char *args[DRAWING_ARGUMENTS] = {"attnscope", "render", "--font-dir", fonts,
                                           "-o",        path,     "--view",     d->view,
                                           "--size",    d->size,  document};
    int count = 11, status = -1;
    pid_t child;
    Error err = {0};
    for (int i = 0; d->sets[i]; i++) {
        args[count++] = "--set";
        args[count++] = d->sets[i];
    }
    if (!file_make_dirs(fonts, &err))
        fail_msg("%s", err.what);
    fflush(stdout);
    if (posix_spawn(&child, drawing_program(), NULL, NULL, (char *const *)args, environ) != 0)
        fail_msg("cannot run %s", drawing_program());
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("%s: attnscope render ended with status %d", d->name, status);
    return path;
}

#endif

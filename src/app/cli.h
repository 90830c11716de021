/* The command line (product.md §5): options, subcommands, exit codes. Prints; nothing below it
 * does.
 */
#ifndef ATTNSCOPE_APP_CLI_H
#define ATTNSCOPE_APP_CLI_H

#include "app/app.h"

#include <stdio.h>

typedef struct {
    const char *examples, *assets; /* folders */
    /* Opens the fonts (--font-dir or NULL); the Font is lent until the end of the program. */
    bool (*open_font)(void *context, const char *font_dir, const Font **out, Error *err);
    uint32_t (*missing_glyph)(void *context, const char **package);
    /* Runs the window on the options; returns the exit code. */
    int (*run_window)(void *context, const AppOptions *options, const char *const *files,
                      int count);
    void *context;
    FILE *out, *err;
} CliHost;

int cli_main(int argc, char **argv, const CliHost *host);

#endif

#include "app/cli.h"

#include <string.h>

int cli_main(int argc, char **argv, const CliHost *host)
{
    AppOptions options;
    Error err = {0};
    memset(&options, 0, sizeof options);
    options.examples = host->examples;
    options.limits = load_limits_default();
    options.missing_glyph = host->missing_glyph;
    options.missing_context = host->context;
    if (!host->open_font(host->context, NULL, &options.font, &err)) {
        fprintf(host->err, "%s\n", err.what);
        return error_exit_code(err.kind);
    }
    return host->run_window(host->context, &options, (const char *const *)(argv + 1), argc - 1);
}

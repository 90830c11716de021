/* The program: finds its folders, opens the fonts, hands over to the command line. */
#include "app/cli.h"
#include "platform/crash.h"
#include "platform/font_ttf.h"
#include "platform/paths.h"
#include "platform/stack.h"
#include "platform/window_sdl.h"

#include <string.h>

typedef struct {
    Paths paths;
    FontTtf *ttf;
    Font font;
} Program;

static bool open_font(void *context, const char *font_dir, const Font **out, Error *err)
{
    Program *program = context;
    FontTtfOptions options = {
        .bundled_dir = program->paths.fonts, .font_dir = font_dir, .hinting_off = font_dir != NULL};
    if (!program->ttf)
        program->ttf = font_ttf_new(&options, err);
    if (!program->ttf)
        return false;
    program->font = font_ttf_font(program->ttf);
    *out = &program->font;
    return true;
}

static uint32_t missing_glyph(void *context, const char **package)
{
    Program *program = context;
    uint32_t first = 0;
    if (!program->ttf || font_ttf_missing(program->ttf, &first, 1) == 0)
        return 0;
    *package = font_ttf_package(first);
    return first;
}

static int run_window(void *context, const AppOptions *options, const char *const *files, int count)
{
    (void)context;
    return window_run(options, files, count);
}

typedef struct {
    int argc, code;
    char **argv;
} Run;

static void run(void *context)
{
    Run *r = context;
    Program program;
    crash_watch();
    memset(&program, 0, sizeof program);
    paths_find(&program.paths, r->argv[0]);
    CliHost host = {.examples = program.paths.examples[0] ? program.paths.examples : NULL,
                    .assets = program.paths.assets,
                    .open_font = open_font,
                    .missing_glyph = missing_glyph,
                    .run_window = run_window,
                    .context = &program,
                    .out = stdout,
                    .err = stderr};
    r->code = cli_main(r->argc, r->argv, &host);
    font_ttf_free(program.ttf);
}

int main(int argc, char **argv)
{
    Run r = {.argc = argc, .argv = argv};
    stack_run(run, &r);
    return r.code;
}

/* attnscope play: a script against the real application. */
#include "app/cli_args.h"

#include "app/script.h"

#include <math.h>
#include <string.h>

/* SCRIPT:LINE: WHAT, as compilers tell it, so that editors find the place. */
static int script_fail(Cli *cli, const Error *err)
{
    int line = 0, end = 0;
    char place[1100];
    Error plain = *err;
    if (sscanf(err->where, "line %d%n", &line, &end) != 1)
        return cli_fail(cli, err, cli->args.files[0]);
    snprintf(place, sizeof place, "%s:%d", cli->args.files[0], line);
    end += (int)strspn(err->where + end, ": "); /* what is left names a file or a place in it */
    memmove(plain.where, plain.where + end, strlen(plain.where + end) + 1);
    return cli_fail(cli, &plain, place);
}

static int play(Cli *cli, const Buf *script, const Font *font)
{
    const CliArgs *args = &cli->args;
    Error err = {0};
    AppOptions options = cli_app_options(cli);
    ScriptOptions play = {.path = args->files[0],
                          .out_dir = args->out,
                          .pixel_w = (int)lround(args->width * args->scale),
                          .pixel_h = (int)lround(args->height * args->scale),
                          .density = (float)args->scale,
                          .font = font};
    options.font = font;
    App *app = app_new(&options, &err);
    int code = 0;
    if (!app)
        return cli_fail(cli, &err, NULL);
    if (args->file_count > 1 &&
        !app_open_files(app, &args->files[1], args->file_count - 1, &args->origin, &err))
        code = cli_fail(cli, &err, args->files[1]);
    else if (!script_run(app, buf_string(script), script->size, &play, &err))
        code = script_fail(cli, &err);
    app_free(app);
    return code;
}

int cli_play(Cli *cli)
{
    Error err = {0};
    Buf script;
    const Font *font = NULL;
    int code;
    buf_init(&script, BUF_NO_LIMIT);
    if (!limits_read_file(NULL, LIMIT_SCRIPT, cli->args.files[0], NULL, &script, NULL, &err))
        code = cli_fail(cli, &err, cli->args.files[0]);
    else if (cli->args.out && !file_make_dirs(cli->args.out, &err))
        code = cli_fail(cli, &err, NULL);
    else if (!cli_open_font(cli, &font, &err))
        code = cli_fail(cli, &err, "attnscope");
    else
        code = play(cli, &script, font);
    buf_free(&script);
    return code;
}

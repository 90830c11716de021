#include "app/cli_args.h"
#include "app/cli_stop.h"

#include "base/number.h"
#include "core/kernels.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- telling -----------------------------------------------------------------------------------
 */

int cli_fail(const Cli *cli, const Error *err, const char *file)
{
    char line[2048];
    error_line(err, file, line, sizeof line);
    fprintf(cli->host->err, "%s\n", line);
    return error_exit_code(err->kind);
}

void cli_warn(const Cli *cli, const char *file, const char *line)
{
    Error quiet = {.kind = ERROR_USAGE}; /* borrowed for its escaping of names and texts */
    snprintf(quiet.where, sizeof quiet.where, "warning");
    snprintf(quiet.what, sizeof quiet.what, "%s", line);
    cli_fail(cli, &quiet, file);
}

void cli_put(Cli *cli, const Buf *text)
{
    errno = 0;
    if (text->size > 0 && fwrite(text->data, 1, text->size, cli->host->out) != text->size &&
        cli->write_errno == 0)
        cli->write_errno = errno ? errno : EIO;
}

/* A full disk or a closed pipe shows only here. */
static int flush_out(const Cli *cli, int code)
{
    Error err = {0};
    errno = 0;
    bool failed = cli->write_errno != 0 || ferror(cli->host->out) != 0;
    if (fflush(cli->host->out) == 0 && !failed)
        return code;
    int reason = cli->write_errno ? cli->write_errno : errno ? errno : EIO;
    error_set(&err, ERROR_IO, "write: expected to write all of the output, found %s",
              strerror(reason));
    int io = cli_fail(cli, &err, "standard output");
    return code ? code : io;
}

/* ---- shared by the subcommands -----------------------------------------------------------------
 */

bool cli_write_out(const Cli *cli, const Buf *data, Error *err)
{
    CliStop stop;
    cli_stop_hold(&stop);
    bool ok = file_write_atomic(cli->args.out, data->data, data->size, err);
    cli_stop_release(&stop);
    return ok;
}

bool cli_out_is_free(const Cli *cli, const Document *doc, Error *err)
{
    const char *taken = NULL;
    if (!cli->args.out)
        return true;
    for (int i = 0; i < cli->args.file_count && !taken; i++)
        if (file_same(cli->args.out, cli->args.files[i]))
            taken = cli->args.files[i];
    if (doc && !taken)
        taken = document_input(doc, cli->args.out);
    return !taken ||
           error_set(err, ERROR_USAGE, "-o: expected another file than the input, found %s", taken);
}

LoadRequest cli_request(const Cli *cli, const char *path)
{
    LoadRequest request = {.path = path,
                           .origin = cli->args.origin,
                           .limits = load_limits_default(),
                           .allow_nan = cli->args.allow_nan,
                           .allow_trailing = cli->args.allow_trailing,
                           .strict = cli->args.strict};
    limits_merge(&request.limits, &cli->args.raised);
    if (cli->args.memory > 0)
        request.limits.memory = cli->args.memory;
    return request;
}

LoadRequest cli_request_all(const Cli *cli, int first)
{
    LoadRequest request = cli_request(cli, cli->args.files[first]);
    request.origin.more = cli->args.files + first + 1;
    request.origin.more_count = cli->args.file_count - first - 1;
    return request;
}

int cli_bad_sentences(const Document *doc, int out[CLI_BAD_SHOWN])
{
    int count = 0;
    for (int i = 0; doc->bad_count > 0 && i < doc->sentence_count && count < CLI_BAD_SHOWN; i++) {
        if (doc->sentences[i].problem)
            out[count++] = i;
    }
    return count;
}

AppOptions cli_app_options(const Cli *cli)
{
    const CliArgs *args = &cli->args;
    LoadRequest request = cli_request(cli, "");
    return (AppOptions){.examples = cli->host->examples,
                        .home = getenv("HOME"),
                        .limits = request.limits,
                        .allow_nan = args->allow_nan,
                        .allow_trailing = args->allow_trailing,
                        .strict = args->strict,
                        .origin = args->origin,
                        .overrides = args->sets,
                        .override_count = args->set_count,
                        .missing_glyph = cli->host->missing_glyph,
                        .missing_context = cli->host->context};
}

bool cli_open_font(const Cli *cli, const Font **font, Error *err)
{
    DirList entries = {0};
    if (cli->args.font_dir && !dir_list(&entries, cli->args.font_dir, true, NULL))
        return error_set(err, ERROR_IO, "--font-dir: expected a folder, found %s",
                         cli->args.font_dir);
    dir_list_free(&entries);
    return cli->host->open_font(cli->host->context, cli->args.font_dir, font, err);
}

typedef struct {
    const Cli *cli;
    const char *file;
} WarnContext;

static void warn_line(void *context, const char *line)
{
    const WarnContext *c = context;
    cli_warn(c->cli, c->file, line);
}

static bool is_set(const Cli *cli, const char *name)
{
    for (int i = 0; i < cli->args.set_count; i++)
        if (strncmp(cli->args.sets[i], name, strlen(name)) == 0)
            return true;
    return false;
}

bool cli_settings(const Cli *cli, Scope *scope, bool plain_place, bool quiet, Settings *out,
                  Error *err)
{
    WarnContext context = {cli, scope->doc.path};
    *out = settings_default();
    scope_settings(scope, out, quiet ? NULL : warn_line, &context);
    if (plain_place)
        out->layer = out->head = out->sentence = 0;
    for (int i = 0; i < cli->args.set_count; i++)
        if (!settings_assign(out, cli->args.sets[i], err))
            return false;
    /* What the document says of another sentence is no mistake of the command line. */
    ScopeSets others = {.hidden = !is_set(cli, "mask.hidden="),
                        .global = !is_set(cli, "mask.global="),
                        .queries = !is_set(cli, "queries=")};
    scope_trim(scope, out, others);
    if (!scope_check(scope, out, err))
        return false;
    if (!quiet && scope_text_note(scope)[0])
        cli_warn(cli, scope->doc.path, scope_text_note(scope));
    return true;
}

/* ---- the window --------------------------------------------------------------------------------
 */

int cli_window(Cli *cli)
{
    Error err = {0};
    char session[1024];
    AppOptions options = cli_app_options(cli);
    if (session_path(session, sizeof session))
        options.session = session;
    if (!cli_open_font(cli, &options.font, &err))
        return cli_fail(cli, &err, "attnscope");
    return cli->host->run_window(cli->host->context, &options, cli->args.files,
                                 cli->args.file_count);
}

/* ---- main --------------------------------------------------------------------------------------
 */

/* A file that is opened while 0, 1 or 2 is closed would get that number, and what is printed would
 * land in it. Read-only, so that printing to it still fails. */
static void keep_standard_files(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF && open("/dev/null", O_RDONLY) != fd)
            return;
}

/* A misspelt wish would be believed to hold. */
static bool check_environment(Error *err)
{
    const char *simd = getenv("ATTNSCOPE_SIMD"), *threads = getenv("ATTNSCOPE_THREADS");
    long long count;
    if (simd && !kernels_by_name(simd))
        return error_at(err, ERROR_USAGE, "ATTNSCOPE_SIMD",
                        "expected scalar, avx2 or avx512, as far as this processor has it, "
                        "found \"%s\"",
                        simd);
    if (threads && (!number_parse_int(threads, strlen(threads), &count) || count < 1))
        return error_at(err, ERROR_USAGE, "ATTNSCOPE_THREADS",
                        "expected a whole number of at least 1, found \"%s\"", threads);
    return true;
}

static int run(Cli *cli)
{
    static int (*const commands[])(Cli *) = {
        [CLI_WINDOW] = cli_window,  [CLI_INFO] = cli_info,     [CLI_CHECK] = cli_check,
        [CLI_DUMP] = cli_dump,      [CLI_RENDER] = cli_render, [CLI_PLAY] = cli_play,
        [CLI_CONVERT] = cli_convert};
    const CliArgs *args = &cli->args;
    char folder[1024];
    if (args->out && args->command != CLI_PLAY && path_dir(folder, sizeof folder, args->out))
        file_sweep(folder); /* what a killed one left there */
    if (!args->help && !args->version && !args->limits)
        return commands[args->command](cli);
    Buf text;
    Error err = {0};
    buf_init(&text, BUF_NO_LIMIT);
    bool ok = args->help      ? cli_help(cli, &text)
              : args->version ? buf_text(&text, "attnscope " ATTNSCOPE_VERSION "\n")
                              : cli_limits(cli, &text);
    if (ok)
        cli_put(cli, &text);
    buf_free(&text);
    return ok || error_memory(&err) ? 0 : cli_fail(cli, &err, NULL);
}

int cli_main(int argc, char **argv, const CliHost *host)
{
    Cli cli = {.host = host};
    Error err = {0};
    int code;
    keep_standard_files();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of the write, exit 4 */
    signal(SIGXFSZ, SIG_IGN); /* so is a file that may not grow */
    arena_init(&cli.arena);
    if (check_environment(&err) && cli_parse(&cli.args, argc, argv, &cli.arena, &err))
        code = flush_out(&cli, run(&cli));
    else
        code = cli_fail(&cli, &err, "attnscope");
    arena_free(&cli.arena);
    return code;
}

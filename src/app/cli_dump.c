/* attnscope dump: one stage of one head as numbers. */
#include "app/cli_args.h"
#include "app/cli_stop.h"

/* Rows go where they belong as they come: a large stage need not fit into memory. */
typedef struct {
    Cli *cli;
    FileWrite *file; /* NULL: standard output */
    Error *err;
    bool failed; /* the file could not be written */
    CliStop stop;
} DumpTo;

static bool put_some(void *context, Buf *out)
{
    DumpTo *to = context;
    if (to->file && cli_stop_asked(&to->stop))
        return error_set(to->err, ERROR_CANCELLED, "cancelled");
    if (to->file) {
        to->failed = !file_write_some(to->file, out->data, out->size, to->err);
    } else {
        cli_put(to->cli, out);
        to->failed = to->cli->write_errno != 0;
    }
    buf_clear(out);
    return !to->failed;
}

static bool dump_stage(DumpTo *to, Scope *scope, const Settings *settings)
{
    const CliArgs *args = &to->cli->args;
    ExportSink sink = {put_some, to};
    Buf out;
    if (args->out && !(to->file = file_write_begin(args->out, to->err))) {
        to->failed = true;
        return false;
    }
    buf_init(&out, BUF_NO_LIMIT);
    bool ok = export_stage(scope, settings, args->stage, args->format, &sink, &out, to->err) &&
              put_some(to, &out);
    buf_free(&out);
    if (ok && to->file)
        to->failed = !(ok = file_write_end(to->file, to->err));
    else
        file_write_drop(to->file);
    return ok;
}

/* Only what goes into a file holds signals: a pipe that nobody reads must not. */
static bool dump(DumpTo *to, Scope *scope, const Settings *settings)
{
    if (!to->cli->args.out)
        return dump_stage(to, scope, settings);
    cli_stop_hold(&to->stop);
    bool ok = dump_stage(to, scope, settings);
    cli_stop_release(&to->stop);
    return ok;
}

int cli_dump(Cli *cli)
{
    Error err = {0};
    Scope scope;
    Settings settings;
    const char *path = cli->args.files[0];
    LoadRequest request = cli_request_all(cli, 0);
    DumpTo to = {.cli = cli, .err = &err};
    int code = 0;
    if (!scope_init(&scope, &err))
        return cli_fail(cli, &err, NULL);
    bool ok = scope_open(&scope, &request, &err) &&
              cli_settings(cli, &scope, true, false, &settings, &err) &&
              cli_out_is_free(cli, &scope.doc, &err) && dump(&to, &scope, &settings);
    if (!ok && !cli->write_errno) /* else told at the end */
        code = cli_fail(cli, &err, to.failed ? cli->args.out : path);
    scope_free(&scope);
    return code;
}

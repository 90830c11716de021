/* attnscope dump: one stage of one head as numbers. */
#include "app/cli_args.h"

/* Standard output takes rows as they come: a large stage need not fit into memory. */
static bool put_some(void *context, Buf *out)
{
    Cli *cli = context;
    cli_put(cli, out);
    buf_clear(out);
    return cli->write_errno == 0;
}

int cli_dump(Cli *cli)
{
    Error err = {0};
    Scope scope;
    Settings settings;
    Buf out;
    const char *path = cli->args.files[0];
    LoadRequest request = cli_request(cli, path);
    int code = 0;
    ExportSink sink = {put_some, cli};
    if (!scope_init(&scope, &err))
        return cli_fail(cli, &err, NULL);
    buf_init(&out, BUF_NO_LIMIT);
    if (!scope_open(&scope, &request, &err) ||
        !cli_settings(cli, &scope, true, false, &settings, &err) ||
        !cli_out_is_free(cli, &scope.doc, &err) ||
        !export_stage(&scope, &settings, cli->args.stage, cli->args.format,
                      cli->args.out ? NULL : &sink, &out, &err)) {
        code = cli->write_errno ? 0 : cli_fail(cli, &err, path); /* else told at the end */
    } else if (!cli->args.out) {
        cli_put(cli, &out);
    } else if (!cli_write_out(cli, &out, &err)) {
        code = cli_fail(cli, &err, cli->args.out);
    }
    buf_free(&out);
    scope_free(&scope);
    return code;
}

/* attnscope dump: one stage of one head as numbers. */
#include "app/cli_args.h"

int cli_dump(Cli *cli)
{
    Error err = {0};
    Scope scope;
    Settings settings;
    Buf out;
    const char *path = cli->args.files[0];
    LoadRequest request = cli_request(cli, path);
    int code = 0;
    if (!scope_init(&scope, &err))
        return cli_fail(cli, &err, NULL);
    buf_init(&out, BUF_NO_LIMIT);
    if (!scope_open(&scope, &request, &err) ||
        !cli_settings(cli, &scope, true, false, &settings, &err) ||
        !cli_out_is_free(cli, &scope.doc, &err) ||
        !export_stage(&scope, &settings, cli->args.stage, cli->args.format, &out, &err)) {
        code = cli_fail(cli, &err, path);
    } else if (!cli->args.out) {
        cli_put(cli, &out);
    } else if (!cli_write_out(cli, &out, &err)) {
        code = cli_fail(cli, &err, cli->args.out);
    }
    buf_free(&out);
    scope_free(&scope);
    return code;
}

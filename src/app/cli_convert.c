/* attnscope convert: a document in a format that others read. */
#include "app/cli_args.h"
#include "app/cli_stop.h"
#include "load/convert.h"

#include "base/number.h"

#include <string.h>
#include <unistd.h>

enum { PROGRESS_STEPS = 64 /* less than that is over before it is read */ };
#define PROGRESS_BYTES (64ull << 20)

typedef struct {
    const Cli *cli;
    const char *file;
    FILE *terminal; /* NULL: none */
    int told;       /* percent; −1: nothing yet */
    CliStop stop;
} Telling;

static void tell(Telling *t, const char *what, int percent)
{
    if (!t->terminal || percent == t->told)
        return;
    fprintf(t->terminal, "\r%s %3d %%", what, percent);
    fflush(t->terminal);
    t->told = percent;
}

/* Whatever is said next stands on a line of its own. */
static void end_telling(Telling *t)
{
    if (t->told >= 0)
        fprintf(t->terminal, "\r%*s\r", 16, "");
    t->told = -1;
}

static void tell_reading(void *context, uint64_t done, uint64_t total)
{
    if (total >= PROGRESS_BYTES)
        tell(context, "reading", (int)(100.0 * (double)done / (double)total));
}

static bool tell_writing(void *context, int done, int total)
{
    Telling *t = context;
    if (total >= PROGRESS_STEPS)
        tell(t, "writing", (int)(100ll * done / total));
    return !cli_stop_asked(&t->stop);
}

static void tell_note(void *context, const char *line)
{
    Telling *t = context;
    end_telling(t);
    cli_warn(t->cli, t->file, line);
}

/* --layer, --head and --sentence choose; any other setting would change nothing that is written.
 * That each is NAME=VALUE, and an index in its bounds or a word, was checked with the options. */
static bool take_places(const Cli *cli, ConvertPlan *plan, Error *err)
{
    static const char *const names[] = {"layer", "head", "sentence"};
    int *const to[] = {&plan->layer, &plan->head, &plan->sentence};
    for (int i = 0; i < cli->args.set_count; i++) {
        const char *text = cli->args.sets[i], *value = strchr(text, '=');
        long long index;
        size_t at = 0;
        while (at < 3 && ((size_t)(value - text) != strlen(names[at]) ||
                          strncmp(text, names[at], strlen(names[at])) != 0))
            at++;
        if (at == 3)
            return error_set(err, ERROR_USAGE,
                             "--set: expected layer, head or sentence beside convert, which writes "
                             "numbers as they are, found %.80s",
                             text);
        if (!number_parse_int(value + 1, strlen(value + 1), &index))
            return error_set(err, ERROR_USAGE,
                             "--%s: expected a whole number from 0 on, found %.40s", names[at],
                             value + 1);
        *to[at] = (int)index;
    }
    return true;
}

int cli_convert(Cli *cli)
{
    const CliArgs *args = &cli->args;
    Error err = {0};
    Document doc;
    Convert kind = CONVERT_ATTN;
    ConvertPlan plan = convert_plan();
    bool unwritten = false;
    Telling telling = {.cli = cli, .file = args->files[0], .told = -1};
    LoadRequest request = cli_request_all(cli, 0);
    telling.terminal = isatty(fileno(cli->host->err)) ? cli->host->err : NULL;
    request.progress = tell_reading;
    request.context = &telling;
    plan.progress = tell_writing;
    plan.note = tell_note;
    plan.context = &telling;
    plan.unwritten = &unwritten;
    if (!convert_kind(args->out, &kind, &err) || !take_places(cli, &plan, &err))
        return cli_fail(cli, &err, "attnscope");
    document_init(&doc);
    bool ok = load_document(&doc, &request, &err) && cli_out_is_free(cli, &doc, &err);
    end_telling(&telling);
    for (int i = 0; ok && i < doc.warning_count; i++)
        cli_warn(cli, args->files[0], doc.warnings[i]);
    cli_stop_hold(&telling.stop);
    ok = ok && convert_document(&doc, kind, &plan, args->out, &err);
    end_telling(&telling);
    cli_stop_release(&telling.stop);
    document_free(&doc);
    return ok ? 0 : cli_fail(cli, &err, unwritten ? args->out : args->files[0]);
}

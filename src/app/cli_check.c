/* attnscope check: can these files be opened? */
#include "app/cli_args.h"

#include "base/utf8.h"

static void heads_words(const DocSentence *s, char *out, size_t cap)
{
    int least = s->layers[0].head_count, most = least;
    for (int l = 1; l < s->layer_count; l++) {
        int count = s->layers[l].head_count;
        least = count < least ? count : least;
        most = count > most ? count : most;
    }
    if (least == most)
        snprintf(out, cap, "%d head%s", most, most == 1 ? "" : "s");
    else
        snprintf(out, cap, "%d–%d heads", least, most);
}

/* The vectors of the document's own tokens, as everything else makes them. */
static bool check_tokens(const Document *doc, Error *err)
{
    Typed *typed = doc->vocab ? typed_new() : NULL;
    bool ok = typed || !doc->vocab || error_memory(err);
    for (int i = 0; typed && ok && i < doc->sentence_count; i++)
        ok = typed_update(typed, doc, i, false, 0, err);
    typed_free(typed);
    return ok;
}

/* The first that can be read; there is one, or the file would not have opened. */
static const DocSentence *first_sentence(Document *doc)
{
    int at = 0;
    while (!document_open_sentence(doc, at, NULL) && at + 1 < doc->sentence_count)
        at++;
    return &doc->sentences[at];
}

/* The first is in the warning that counts them. */
static void warn_of_bad(const Cli *cli, const Document *doc)
{
    char line[600];
    int bad[CLI_BAD_SHOWN], count = cli_bad_sentences(doc, bad);
    for (int i = 1; i < count; i++) {
        utf8_format(line, sizeof line, "sentence %d cannot be read: %s", bad[i],
                    doc->sentences[bad[i]].problem);
        cli_warn(cli, doc->path, line);
    }
}

static bool check_document(const Cli *cli, const LoadRequest *request, Buf *line, Error *err)
{
    Document doc;
    char heads[32];
    document_init(&doc);
    bool ok = load_document(&doc, request, err) && check_tokens(&doc, err);
    const DocSentence *s = ok ? first_sentence(&doc) : NULL;
    if (ok && s->layer_count > 0) {
        heads_words(s, heads, sizeof heads);
        buf_printf(line, "%s: ok: %s, %d layer%s × %s, %d × %d\n", request->path, doc.format,
                   s->layer_count, s->layer_count == 1 ? "" : "s", heads, s->queries.count,
                   s->keys.count);
        for (int i = 0; i < doc.warning_count; i++)
            cli_warn(cli, request->path, doc.warnings[i]);
        warn_of_bad(cli, &doc);
    }
    document_free(&doc);
    return ok;
}

int cli_check(Cli *cli)
{
    int code = 0;
    const DocOrigin *origin = &cli->args.origin;
    /* With companions all files are parts of one document. */
    bool together = origin->source || origin->target || origin->gold;
    for (int i = 0; i < (together ? 1 : cli->args.file_count); i++) {
        Error err = {0};
        Buf line;
        LoadRequest request =
            together ? cli_request_all(cli, 0) : cli_request(cli, cli->args.files[i]);
        buf_init(&line, BUF_NO_LIMIT);
        bool ok = cli->args.syntax ? load_check_syntax(&request, &err)
                                   : check_document(cli, &request, &line, &err);
        if (ok && cli->args.syntax)
            buf_printf(&line, "%s: ok: JSON\n", request.path);
        if (ok && buf_ok(&line, &err)) {
            cli_put(cli, &line);
        } else {
            int one = cli_fail(cli, &err, request.path);
            code = one > code ? one : code;
        }
        buf_free(&line);
    }
    return code;
}

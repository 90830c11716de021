/* What the tests of word links share: the entries of a text as a format reads them, as text. */
#ifndef ATTNSCOPE_TESTS_LOAD_LINKS_TEST_H
#define ATTNSCOPE_TESTS_LOAD_LINKS_TEST_H

#include "load_test.h"
#include "load/dump_links.h"

/* "a b" or "?" when the file does not give them. */
static inline void put_tokens(Buf *out, const char *const *tokens, int count)
{
    if (count < 0)
        buf_text(out, "?");
    for (int i = 0; i < count; i++)
        buf_printf(out, "%s%s", i ? " " : "", tokens[i]);
}

/* "0-1 2p3 4-5=0.25" */
static inline void put_links(Buf *out, const DumpEntry *e)
{
    for (int i = 0; i < e->sure_count; i++) {
        buf_printf(out, "%s%d-%d", i ? " " : "", e->sure[i].key, e->sure[i].query);
        if (e->link_weights)
            buf_printf(out, "=%g", (double)e->link_weights[i]);
    }
    for (int i = 0; i < e->possible_count; i++)
        buf_printf(out, "%s%dp%d", e->sure_count + i ? " " : "", e->possible[i].key,
                   e->possible[i].query);
}

static inline const char *links_path(void)
{
    return check_path(check_temp_dir(), "links.txt");
}

/* Writes the text into a file and opens it. */
static inline void open_links(Lines *lines, const char *text, LoadRequest *request)
{
    static char path[500];
    Error err = {0};
    snprintf(path, sizeof path, "%s", links_path());
    check_put(path, text);
    *request = (LoadRequest){.path = path, .limits = load_limits_default()};
    assert_true(lines_open(lines, path, request, &err));
}

/* One line an entry: "LINE TITLE@SENTENCE: source > target: links", or the error behind "!". Lent
 * until the next call. */
static inline const char *entries_of(const DumpFormat *format, const char *text)
{
    static Buf out;
    Lines lines;
    LoadRequest request;
    DumpEntry e;
    DumpStep step = DUMP_ENTRY;
    buf_free(&out);
    buf_init(&out, BUF_NO_LIMIT);
    open_links(&lines, text, &request);
    entry_init(&e);
    while (step == DUMP_ENTRY || step == DUMP_BAD) {
        Error err = {0};
        entry_clear(&e);
        step = format->read(&lines, &e, &err);
        if (step == DUMP_BAD || step == DUMP_FAILED)
            buf_printf(&out, "%s%s\n", step == DUMP_BAD ? "! " : "!! ", error_text(&err));
        if (step != DUMP_ENTRY)
            continue;
        buf_printf(&out, "%lld %s@%lld: ", (long long)e.line, e.title, (long long)e.sentence);
        put_tokens(&out, e.keys, e.key_count);
        buf_text(&out, " > ");
        put_tokens(&out, e.queries, e.query_count);
        buf_text(&out, ": ");
        put_links(&out, &e);
        buf_byte(&out, '\n');
    }
    entry_free(&e);
    lines_close(&lines);
    return buf_string(&out);
}

/* `likely` of a whole file of this text. */
static inline int likely_of(const DumpFormat *format, const char *text)
{
    return format->likely(text, strlen(text), true);
}

#endif

/* Pages that viewers saved: the literal that their script is given is found by the words before it
 * and read as JSON. The page itself is never understood, nothing in it is run. */
#include "load/foreign_read.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { TRIES_MOST = 16 }; /* literals that turn out to be none: keeps the search linear */

typedef struct {
    const char *text;
    size_t size;
} Page;

static size_t skip_space(const Page *p, size_t at)
{
    return at < p->size ? json_skip_space(p->text, at) : p->size;
}

/* Behind the quoted text at `at`; 0 when there is none on this line. */
static size_t skip_quoted(const Page *p, size_t at)
{
    char quote = p->text[at];
    if (quote != '"' && quote != '\'')
        return 0;
    for (at++; at < p->size && p->text[at] != '\n'; at++) {
        if (p->text[at] == quote)
            return at + 1;
    }
    return 0;
}

static bool is_name(char c)
{
    char low = (char)(c | 0x20);
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '$';
}

static size_t skip_comma(const Page *p, size_t at)
{
    at = skip_space(p, at);
    return p->text[at] == ',' ? skip_space(p, at + 1) : 0;
}

/* Each gives the index of the '{' behind its word, 0 when there is none. */

/* params = {"…  (const params, window.params, window.bertviz_params) */
static size_t find_params(const Page *p, size_t at)
{
    at = skip_space(p, at);
    if (p->text[at] != '=')
        return 0;
    at = skip_space(p, at + 1);
    return p->text[at] == '{' && p->text[skip_space(p, at + 1)] == '"' ? at : 0;
}

/* render("id", AttentionHeads, {… */
static size_t find_render(const Page *p, size_t at)
{
    at = skip_quoted(p, skip_space(p, at));
    at = at ? skip_comma(p, at) : 0;
    size_t from = at;
    while (at && is_name(p->text[at]))
        at++;
    if (at == from || !memmem(p->text + from, at - from, "Attention", 9))
        return 0;
    at = skip_comma(p, at);
    return at && p->text[at] == '{' ? at : 0;
}

/* chartsEmbed('id', {… */
static size_t find_charts(const Page *p, size_t at)
{
    at = skip_quoted(p, skip_space(p, at));
    at = at ? skip_comma(p, at) : 0;
    return at && p->text[at] == '{' ? at : 0;
}

static bool any_object(const cJSON *object)
{
    (void)object;
    return true;
}

/* Other pages call a render() of their own. */
static bool is_circuitsvis(const cJSON *object)
{
    return cJSON_IsObject(object) &&
           (reader_member(object, "attention") || reader_member(object, "tokens"));
}

static const struct {
    const char *word;
    size_t (*find)(const Page *p, size_t at);
    bool (*is)(const cJSON *object); /* false: a literal of something else */
    bool (*read)(Foreign *f, const cJSON *object);
} MARKS[] = {{"params", find_params, foreign_is_bertviz, foreign_bertviz},
             {"render(", find_render, is_circuitsvis, foreign_circuitsvis},
             {"chartsEmbed(", find_charts, any_object, foreign_inspectus}};
enum { MARK_COUNT = sizeof MARKS / sizeof *MARKS };

/* Where each word comes next; `size` when it does not any more. */
typedef struct {
    size_t next[MARK_COUNT];
} Search;

static void search_on(Search *s, const Page *p, size_t at)
{
    for (int i = 0; i < MARK_COUNT; i++) {
        if (at > 0 && s->next[i] >= at)
            continue;
        const char *found =
            at < p->size ? memmem(p->text + at, p->size - at, MARKS[i].word, strlen(MARKS[i].word))
                         : NULL;
        s->next[i] = found ? (size_t)(found - p->text) : p->size;
    }
}

/* The literal at text[*at]; *at is moved behind it. *mine: it is what we look for, so its errors
 * are the page's. */
static bool read_literal(Foreign *f, const Page *p, int mark, size_t *at, bool *mine, Error *why)
{
    Reader *r = &f->r;
    JsonTree tree;
    json_tree_init(&tree);
    *mine = false;
    bool ok = json_tree_read(&tree, p->text, p->size, at, r->request, r->memory, why);
    if (ok && MARKS[mark].is(tree.root)) {
        *mine = true;
        r->tree = &tree;
        r->err = why;
        ok = MARKS[mark].read(f, tree.root);
        f->entry++;
        reader_note_numbers(r);
        reader_up(r, 0);
    }
    r->tree = NULL;
    json_tree_free(&tree);
    return ok;
}

static bool page_cancelled(const Foreign *f, size_t at, size_t size)
{
    const LoadRequest *request = &f->request;
    if (request->progress)
        request->progress(request->context, at, size);
    return request->cancel && atomic_load(request->cancel);
}

/* All literals of the page, one behind the other. *why is the error of the first that could not be
 * read. */
static bool read_page(Foreign *f, const Page *p, Error *why)
{
    Search search = {{0}};
    int tries = 0;
    for (size_t at = 0; tries < TRIES_MOST;) {
        search_on(&search, p, at);
        int mark = 0;
        for (int i = 1; i < MARK_COUNT; i++)
            mark = search.next[i] < search.next[mark] ? i : mark;
        if (search.next[mark] == p->size)
            break;
        at = search.next[mark] + strlen(MARKS[mark].word);
        size_t from = MARKS[mark].find(p, at);
        if (from == 0)
            continue;
        bool mine = false;
        Error now = {0};
        if (page_cancelled(f, at, p->size))
            return error_set(why, ERROR_CANCELLED, "cancelled");
        size_t end = from;
        if (read_literal(f, p, mark, &end, &mine, &now)) {
            at = end;
            continue;
        }
        if (why->kind == ERROR_NONE)
            *why = now;
        if (now.kind != ERROR_MALFORMED) {
            *why = now;
            return false;
        }
        f->r.err = why;
        if (mine && !foreign_problem(f, "", &now))
            return false;
        tries += !mine;
        at = mine ? end : at;
    }
    return true;
}

bool foreign_html(Document *doc, const LoadRequest *request, Error *err)
{
    Foreign f;
    Error why = {0};
    Page page = {buf_string(&doc->source), doc->source.size};
    foreign_begin(&f, doc, request, err);
    bool ok = read_page(&f, &page, &why);
    f.r.err = err;
    if (!ok || (doc->sentence_count == 0 && why.kind != ERROR_NONE))
        ok = error_at(err, why.kind, why.where, "%s", why.what);
    else if (doc->sentence_count == 0)
        ok = error_set(err, ERROR_MALFORMED,
                       "page: expected the attention that BertViz (params = {…}), CircuitsVis "
                       "(render(…, AttentionHeads, {…})) or Inspectus (chartsEmbed(…, {…})) put "
                       "into theirs, found none of them");
    return foreign_end(&f, ok);
}

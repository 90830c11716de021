/* What was found among several files, as sentences. */
#include "load/gather_parts.h"
#include "base/utf8.h"

#include <string.h>

enum { NAMES_MOST = 8 };

unsigned gather_bit(PartKind kind)
{
    return 1u << kind;
}

int gather_count(const Gather *g, PartKind kind)
{
    int count = 0;
    for (int i = 0; i < g->path_count; i++)
        count += g->parts[i].kind == kind;
    return count;
}

static const char *describe(const Part *part)
{
    static const char *const kinds[PART_COUNT] = {
        [PART_OURS] = "a document",
        [PART_FOREIGN] = "JSON or HTML",
        [PART_MATRICES] = "weights",
        [PART_ARRAYS] = "arrays",
        [PART_SHARDS] = "an index",
        [PART_LINKS] = "links",
        [PART_PAIRS] = "sentence pairs",
        [PART_WEIGHTS] = "numbers",
        [PART_TEXT] = "text",
        [PART_MODEL] = "a model's part",
    };
    return part->kind == PART_OTHER ? part->what : kinds[part->kind];
}

/* "a.align (links), b.txt (text) and 3 more" of all whose kind is in the set of bits. */
static const char *list_names(const Gather *g, unsigned kinds, char *out, size_t cap)
{
    Buf text;
    int named = 0, more = g->left_out;
    buf_init(&text, BUF_NO_LIMIT);
    for (int i = 0; i < g->path_count; i++) {
        const Part *part = &g->parts[i];
        if (!(kinds >> part->kind & 1u))
            continue;
        if (named >= NAMES_MOST || text.size > 160) {
            more++;
            continue;
        }
        char name[60];
        utf8_format(name, sizeof name, "%s", part->name);
        buf_printf(&text, "%s%s (%s)", named++ ? ", " : "", name, describe(part));
    }
    if (more > 0)
        buf_printf(&text, "%s%d more", named ? " and " : "", more);
    utf8_format(out, cap, "%s", text.size ? buf_string(&text) : "no files");
    buf_free(&text);
    return out;
}

static const char *place_of(const Gather *g)
{
    return g->folder ? "folder" : "files";
}

bool gather_fail(const Gather *g, const char *what, unsigned kinds)
{
    char names[260];
    return error_set(g->err, ERROR_USAGE, "%s: expected %s, found %s", place_of(g), what,
                     list_names(g, kinds, names, sizeof names));
}

/* The weights of a model and nothing that was computed with it. */
static bool fail_model(const Gather *g)
{
    char names[200];
    return error_set(
        g->err, ERROR_USAGE,
        "%s: expected recorded attention (weights, or q and k, with their tokens), found the "
        "parameters of a model: %s",
        place_of(g), list_names(g, gather_bit(PART_MODEL), names, sizeof names));
}

bool gather_fail_nothing(const Gather *g)
{
    return gather_count(g, PART_MODEL) > 0
               ? fail_model(g)
               : gather_fail(g, "a file with weights, links or a document", ~0u);
}

static void explain_role(const Gather *g, int part, const char *role, Buf *text, bool *some)
{
    if (part < 0)
        return;
    buf_printf(text, "%s %s as %s", *some ? "," : " with", g->parts[part].name, role);
    *some = true;
}

/* Of a folder: what has nothing to do with it. */
static void explain_unused(const Gather *g, Buf *text)
{
    int named = 0;
    for (int i = 0; i < g->path_count; i++) {
        PartKind kind = g->parts[i].kind;
        bool used = i == g->primary || i == g->gold || i == g->pairs || i == g->source ||
                    i == g->target || i == g->weights || kind == PART_ARRAYS;
        if (!used && named++ < NAMES_MOST)
            buf_printf(text, "%s%s", named == 1 ? "; not used: " : ", ", g->parts[i].name);
    }
    if (named > NAMES_MOST)
        buf_printf(text, " and %d more", named - NAMES_MOST);
}

void gather_explain(const Gather *g, char *out, size_t cap)
{
    Buf text;
    bool some = false;
    buf_init(&text, BUF_NO_LIMIT);
    buf_text(&text, g->parts[g->primary].name);
    for (int i = 0; i < g->array_count; i++)
        buf_printf(&text, "%s %s", i ? "," : " and", path_base(g->arrays[i]));
    explain_role(g, g->pairs, "source and target", &text, &some);
    explain_role(g, g->weights, "weights", &text, &some);
    explain_role(g, g->source, "source", &text, &some);
    explain_role(g, g->target, "target", &text, &some);
    explain_role(g, g->gold, "gold", &text, &some);
    explain_unused(g, &text);
    if (!some && g->array_count + g->left_out == 0 &&
        text.size == strlen(g->parts[g->primary].name))
        buf_clear(&text); /* the document's path says it */
    if (g->left_out > 0)
        buf_printf(&text, "; %d more files of the folder were not looked at", g->left_out);
    utf8_format(out, cap, "%s", buf_string(&text));
    buf_free(&text);
    size_t length = strlen(out); /* names of files need not be UTF-8 */
    for (size_t bad; (bad = utf8_valid(out, length)) < length;)
        out[bad] = '?';
}

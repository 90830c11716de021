#include "load/gather_parts.h"
#include "load/dump_links.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { ERROR_NAMES = 8 };

typedef struct {
    const LoadRequest *in;
    Arena *arena;
    Error *err;
    const char *folder; /* that was given; NULL: files were */
    const char **paths; /* in the order they were given */
    int path_count, path_cap;
    int left_out; /* files of a folder beyond those that are looked at */
    Part *parts;  /* path_count of them */
    /* The outcome: indices, −1 = none. */
    int primary, gold, pairs, source, target;
    const char **arrays; /* beside the primary */
    int array_count;
} Gather;

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_given(const Gather *g, const char *path)
{
    const DocOrigin *o = &g->in->origin;
    return (o->source && file_same(o->source, path)) || (o->target && file_same(o->target, path)) ||
           (o->gold && file_same(o->gold, path));
}

static bool add_path(Gather *g, const char *path)
{
    for (int i = 0; i < g->path_count; i++) {
        if (file_same(g->paths[i], path))
            return true;
    }
    if (is_given(g, path))
        return true;
    if (g->path_count == g->path_cap) {
        int cap = g->path_cap ? g->path_cap * 2 : 16;
        const char **list = mem_resize(g->paths, (size_t)cap, sizeof *list);
        if (!list)
            return error_memory(g->err);
        g->paths = list;
        g->path_cap = cap;
    }
    g->paths[g->path_count++] = path;
    return true;
}

static bool add_folder(Gather *g, const char *folder)
{
    DirList list;
    int looked = 0;
    bool ok = dir_list(&list, folder, false, g->err);
    if (!ok)
        return false;
    g->folder = folder;
    for (size_t i = 0; ok && i < list.count; i++) {
        const char *name = list.items[i].name;
        size_t cap = strlen(folder) + strlen(name) + 2;
        if (list.items[i].is_dir || part_is_beside(name))
            continue;
        if (looked++ >= GATHER_MOST) {
            g->left_out++;
            continue;
        }
        char *path = arena_alloc(g->arena, cap, 1);
        ok = path ? path_join(path, cap, folder, name) && add_path(g, path) : error_memory(g->err);
    }
    dir_list_free(&list);
    return ok;
}

static bool add_given(Gather *g, const char *path)
{
    return is_folder(path) ? add_folder(g, path) : add_path(g, path);
}

static bool look(Gather *g)
{
    const LoadRequest *in = g->in;
    bool ok = add_given(g, in->path);
    for (int i = 0; ok && i < in->origin.more_count; i++)
        ok = add_given(g, in->origin.more[i]);
    if (!ok)
        return false;
    g->parts = mem_zero((size_t)g->path_count + 1, sizeof *g->parts);
    if (!g->parts)
        return error_memory(g->err);
    for (int i = 0; i < g->path_count; i++) {
        Error why = {0};
        if (part_look(&g->parts[i], g->paths[i], &why))
            continue;
        error_within(&why, "%s", path_base(g->paths[i]));
        return error_at(g->err, why.kind, why.where, "%s", why.what);
    }
    /* A format that is asked for is that of the first file. */
    const DumpFormat *format = in->origin.format ? dump_format(in->origin.format) : NULL;
    if (format && !g->folder && g->path_count > 0) {
        g->parts[0].format = format;
        g->parts[0].kind = format == &LINKS_PAIRS ? PART_PAIRS
                           : format->links        ? PART_LINKS
                                                  : PART_MATRICES;
    }
    return true;
}

/* Parameters beside a configuration or a tokenizer are no recorded attention. */
static void mark_model(Gather *g)
{
    bool model = false;
    for (int i = 0; i < g->path_count; i++)
        model |= g->parts[i].kind == PART_MODEL || g->parts[i].kind == PART_SHARDS;
    for (int i = 0; model && g->folder && i < g->path_count; i++) {
        PartKind *kind = &g->parts[i].kind;
        if (*kind == PART_SHARDS || (*kind == PART_ARRAYS && part_is_model(g->parts[i].name)))
            *kind = PART_MODEL;
    }
}

static int count_of(const Gather *g, PartKind kind)
{
    int count = 0;
    for (int i = 0; i < g->path_count; i++)
        count += g->parts[i].kind == kind;
    return count;
}

static int first_of(const Gather *g, PartKind kind)
{
    for (int i = 0; i < g->path_count; i++) {
        if (g->parts[i].kind == kind)
            return i;
    }
    return -1;
}

static const char *describe(const Part *part)
{
    static const char *const kinds[PART_COUNT] = {
        [PART_OURS] = "a document",      [PART_FOREIGN] = "JSON or HTML",
        [PART_MATRICES] = "weights",     [PART_ARRAYS] = "arrays",
        [PART_SHARDS] = "an index",      [PART_LINKS] = "links",
        [PART_PAIRS] = "sentence pairs", [PART_TEXT] = "text",
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
        if (named >= ERROR_NAMES || text.size > 160) {
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

static bool fail_many(const Gather *g, const char *what, unsigned kinds)
{
    char names[260];
    return error_set(g->err, ERROR_USAGE, "%s: expected %s, found %s", place_of(g), what,
                     list_names(g, kinds, names, sizeof names));
}

static unsigned bit(PartKind kind)
{
    return 1u << kind;
}

/* The weights of a model and nothing that was computed with it. */
static bool fail_model(const Gather *g)
{
    char names[200];
    return error_set(
        g->err, ERROR_USAGE,
        "%s: expected recorded attention (weights, or q and k, with their tokens), found the "
        "parameters of a model: %s",
        place_of(g), list_names(g, bit(PART_MODEL), names, sizeof names));
}

static bool fail_nothing(const Gather *g)
{
    return count_of(g, PART_MODEL) > 0
               ? fail_model(g)
               : fail_many(g, "a file with weights, links or a document", ~0u);
}

/* Which of the links is what was found, which what is right: by grades, then names, then the order
 * in which a person gave them. */
static bool split_links(Gather *g)
{
    int links[2], count = 0;
    for (int i = 0; i < g->path_count && count < 2; i++) {
        if (g->parts[i].kind == PART_LINKS)
            links[count++] = i;
    }
    const Part *a = &g->parts[links[0]], *b = &g->parts[links[1]];
    int gold = -1;
    if (a->graded != b->graded)
        gold = b->graded;
    else if (part_says_gold(a->name) != part_says_gold(b->name))
        gold = part_says_gold(b->name);
    else if (!g->folder)
        gold = 1;
    if (gold < 0)
        return fail_many(g, "one file of links and one that is called gold", bit(PART_LINKS));
    g->gold = links[gold];
    g->primary = links[!gold];
    return true;
}

static bool choose_links(Gather *g)
{
    int links = count_of(g, PART_LINKS);
    if (links > 2 || (links == 2 && (g->primary >= 0 || g->in->origin.gold)))
        return fail_many(g,
                         g->primary >= 0 ? "at most one file of links beside the weights"
                                         : "at most two files of links",
                         bit(PART_LINKS));
    if (g->primary >= 0 && links == 1)
        g->gold = first_of(g, PART_LINKS);
    else if (links == 2)
        return split_links(g);
    else if (links == 1)
        g->primary = first_of(g, PART_LINKS);
    return true;
}

/* What holds the numbers; arrays count as one. */
static bool choose_primary(Gather *g)
{
    const unsigned kinds =
        bit(PART_FOREIGN) | bit(PART_MATRICES) | bit(PART_ARRAYS) | bit(PART_SHARDS);
    int ours = count_of(g, PART_OURS);
    if (ours > 1)
        return fail_many(g, "one document", bit(PART_OURS));
    if (ours == 1) {
        g->primary = first_of(g, PART_OURS);
        return true;
    }
    bool shards = count_of(g, PART_SHARDS) > 0;
    int arrays = shards ? count_of(g, PART_SHARDS) : count_of(g, PART_ARRAYS) > 0;
    if (count_of(g, PART_FOREIGN) + count_of(g, PART_MATRICES) + arrays > 1)
        return fail_many(g, "the parts of one document", kinds);
    for (int kind = PART_FOREIGN; kind <= PART_SHARDS; kind++) {
        if (kinds >> kind & 1u && g->primary < 0)
            g->primary = first_of(g, (PartKind)kind);
    }
    if (shards)
        g->primary = first_of(g, PART_SHARDS);
    return choose_links(g);
}

static bool choose_pairs(Gather *g)
{
    int pairs = count_of(g, PART_PAIRS);
    if (pairs > 1)
        return fail_many(g, "at most one file of sentence pairs", bit(PART_PAIRS));
    if (pairs == 1 && g->primary < 0)
        g->primary = first_of(g, PART_PAIRS);
    else if (pairs == 1 && !g->in->origin.source)
        g->pairs = first_of(g, PART_PAIRS);
    return true;
}

/* Do the links fit better when a is the source than when b is? > 0: yes, < 0: b. */
static int64_t compare_fit(const Gather *g, int a, int b)
{
    const Part *links = &g->parts[g->primary];
    if (links->kind != PART_LINKS)
        return 0;
    int64_t plain = part_misfits(links, &g->parts[a], &g->parts[b], g->in);
    int64_t turned = part_misfits(links, &g->parts[b], &g->parts[a], g->in);
    return plain < 0 || turned < 0 ? 0 : turned - plain;
}

static bool gives_target(const Part *part)
{
    return part->kind == PART_MATRICES || part->kind == PART_LINKS ? part->format->needs_source
                                                                   : false;
}

/* > 0: a is the source, < 0: b is. By content, then names; what is left is the order. */
static int64_t compare_texts(const Gather *g, int a, int b)
{
    const char *primary = g->parts[g->primary].name;
    int64_t fit = compare_fit(g, a, b);
    if (fit != 0)
        return fit;
    int side = part_side(g->parts[b].name) - part_side(g->parts[a].name);
    if (side != 0)
        return side;
    return (int)part_same_tail(primary, g->parts[b].name) -
           (int)part_same_tail(primary, g->parts[a].name);
}

static void choose_two(Gather *g, int a, int b)
{
    bool turned = compare_texts(g, a, b) < 0;
    g->source = turned ? b : a;
    g->target = turned ? a : b;
}

static void choose_single(Gather *g, int text)
{
    const Part *primary = &g->parts[g->primary];
    bool target = !gives_target(primary) && part_side(g->parts[text].name) > 0;
    if (g->in->origin.source)
        target = true;
    else if (g->in->origin.target)
        target = false;
    if (target)
        g->target = text;
    else
        g->source = text;
}

static bool choose_texts(Gather *g)
{
    int texts = count_of(g, PART_TEXT), a = first_of(g, PART_TEXT), b = -1;
    const DocOrigin *o = &g->in->origin;
    if (texts == 0 || g->parts[g->primary].kind == PART_OURS ||
        g->parts[g->primary].kind == PART_FOREIGN)
        return true;
    int free_sides = 2 * (g->pairs < 0) - (o->source != NULL) - (o->target != NULL);
    if (texts > free_sides)
        return fail_many(g,
                         free_sides == 2   ? "at most two files of text, source and target"
                         : free_sides == 1 ? "at most one more file of text"
                                           : "no more files of text",
                         bit(PART_TEXT) | bit(PART_PAIRS));
    for (int i = a + 1; i < g->path_count; i++)
        b = g->parts[i].kind == PART_TEXT ? i : b;
    if (b >= 0)
        choose_two(g, a, b);
    else
        choose_single(g, a);
    return true;
}

/* What a person named himself must be of use. */
static bool check_given(const Gather *g)
{
    unsigned odd = bit(PART_OTHER) | bit(PART_MODEL);
    PartKind kind = g->parts[g->primary].kind;
    if (kind == PART_OURS || kind == PART_FOREIGN)
        odd = ~bit(kind);
    for (int i = 0; !g->folder && i < g->path_count; i++) {
        if (i != g->primary && i != g->gold && (odd >> g->parts[i].kind & 1u))
            return fail_many(
                g, kind == PART_OURS ? "nothing beside a document" : "parts of one document", ~0u);
    }
    return true;
}

static bool choose(Gather *g)
{
    g->primary = g->gold = g->pairs = g->source = g->target = -1;
    if (!choose_primary(g) || !choose_pairs(g))
        return false;
    if (g->primary < 0)
        return fail_nothing(g);
    return choose_texts(g) && check_given(g);
}

static bool take_arrays(Gather *g)
{
    if (g->parts[g->primary].kind != PART_ARRAYS)
        return true;
    g->arrays = arena_alloc(g->arena, (size_t)g->path_count + 1, sizeof *g->arrays);
    if (!g->arrays)
        return error_memory(g->err);
    for (int i = 0; i < g->path_count; i++) {
        if (i != g->primary && g->parts[i].kind == PART_ARRAYS)
            g->arrays[g->array_count++] = g->paths[i];
    }
    return true;
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
                    i == g->target || kind == PART_ARRAYS;
        if (!used && named++ < ERROR_NAMES)
            buf_printf(text, "%s%s", named == 1 ? "; not used: " : ", ", g->parts[i].name);
    }
    if (named > ERROR_NAMES)
        buf_printf(text, " and %d more", named - ERROR_NAMES);
}

static void explain_all(const Gather *g, char *out, size_t cap)
{
    Buf text;
    bool some = false;
    buf_init(&text, BUF_NO_LIMIT);
    buf_text(&text, g->parts[g->primary].name);
    for (int i = 0; i < g->array_count; i++)
        buf_printf(&text, "%s %s", i ? "," : " and", path_base(g->arrays[i]));
    explain_role(g, g->pairs, "source and target", &text, &some);
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

static void give(const Gather *g, LoadRequest *out)
{
    DocOrigin *o = &out->origin;
    out->path = g->paths[g->primary];
    o->more = g->arrays;
    o->more_count = g->array_count;
    if (g->pairs >= 0)
        o->source = g->paths[g->pairs];
    if (g->source >= 0)
        o->source = g->paths[g->source];
    if (g->target >= 0)
        o->target = g->paths[g->target];
    if (g->gold >= 0 && !o->gold)
        o->gold = g->paths[g->gold];
}

bool gather_request(const LoadRequest *in, LoadRequest *out, Arena *arena, char *explain,
                    size_t cap, Error *err)
{
    Gather g = {.in = in, .arena = arena, .err = err};
    *out = *in;
    if (cap > 0)
        explain[0] = '\0';
    if (in->origin.more_count == 0 && !is_folder(in->path))
        return true;
    bool ok = look(&g);
    if (ok)
        mark_model(&g);
    ok = ok && choose(&g) && take_arrays(&g);
    if (ok) {
        give(&g, out);
        explain_all(&g, explain, cap);
    }
    mem_free(g.parts);
    mem_free(g.paths);
    return ok;
}

#include "load/gather_parts.h"
#include "load/dump_links.h"
#include "base/mem.h"

#include <string.h>
#include <sys/stat.h>

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

static int first_of(const Gather *g, PartKind kind)
{
    for (int i = 0; i < g->path_count; i++) {
        if (g->parts[i].kind == kind)
            return i;
    }
    return -1;
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
        return gather_fail(g, "one file of links and one that is called gold",
                           gather_bit(PART_LINKS));
    g->gold = links[gold];
    g->primary = links[!gold];
    return true;
}

static bool choose_links(Gather *g)
{
    int links = gather_count(g, PART_LINKS);
    if (links > 2 || (links == 2 && (g->primary >= 0 || g->in->origin.gold)))
        return gather_fail(g,
                           g->primary >= 0 ? "at most one file of links beside the weights"
                                           : "at most two files of links",
                           gather_bit(PART_LINKS));
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
    const unsigned kinds = gather_bit(PART_FOREIGN) | gather_bit(PART_MATRICES) |
                           gather_bit(PART_ARRAYS) | gather_bit(PART_SHARDS);
    int ours = gather_count(g, PART_OURS);
    if (ours > 1)
        return gather_fail(g, "one document", gather_bit(PART_OURS));
    if (ours == 1) {
        g->primary = first_of(g, PART_OURS);
        return true;
    }
    bool shards = gather_count(g, PART_SHARDS) > 0;
    int arrays = shards ? gather_count(g, PART_SHARDS) : gather_count(g, PART_ARRAYS) > 0;
    if (gather_count(g, PART_FOREIGN) + gather_count(g, PART_MATRICES) + arrays > 1)
        return gather_fail(g, "the parts of one document", kinds);
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
    int pairs = gather_count(g, PART_PAIRS);
    if (pairs > 1)
        return gather_fail(g, "at most one file of sentence pairs", gather_bit(PART_PAIRS));
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
    int64_t plain = part_misfits(links, &g->parts[a], &g->parts[b], g->in, g->err);
    int64_t turned = part_misfits(links, &g->parts[b], &g->parts[a], g->in, g->err);
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
    int texts = gather_count(g, PART_TEXT), a = first_of(g, PART_TEXT), b = -1;
    const DocOrigin *o = &g->in->origin;
    if (texts == 0 || g->parts[g->primary].kind == PART_OURS ||
        g->parts[g->primary].kind == PART_FOREIGN)
        return true;
    int free_sides = 2 * (g->pairs < 0) - (o->source != NULL) - (o->target != NULL);
    if (texts > free_sides)
        return gather_fail(g,
                           free_sides == 2   ? "at most two files of text, source and target"
                           : free_sides == 1 ? "at most one more file of text"
                                             : "no more files of text",
                           gather_bit(PART_TEXT) | gather_bit(PART_PAIRS));
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
    unsigned odd = gather_bit(PART_OTHER) | gather_bit(PART_MODEL) | gather_bit(PART_WEIGHTS);
    PartKind kind = g->parts[g->primary].kind;
    if (kind == PART_OURS || kind == PART_FOREIGN)
        odd = ~gather_bit(kind);
    for (int i = 0; !g->folder && i < g->path_count; i++) {
        if (i != g->primary && i != g->weights && (odd >> g->parts[i].kind & 1u))
            return gather_fail(
                g, kind == PART_OURS ? "nothing beside a document" : "parts of one document", ~0u);
    }
    return true;
}

/* Numbers beside links are their weights when there are as many of them. */
static void mark_weights(Gather *g)
{
    bool few = gather_count(g, PART_LINKS) <= 2; /* more are refused anyway */
    for (int i = 0; few && i < g->path_count; i++) {
        for (int l = 0; g->parts[i].numbers && l < g->path_count; l++) {
            if (g->parts[l].kind == PART_LINKS &&
                part_weighs(&g->parts[l], &g->parts[i], g->in, g->err))
                g->parts[i].kind = PART_WEIGHTS;
        }
    }
}

static bool choose(Gather *g)
{
    g->primary = g->gold = g->pairs = g->source = g->target = g->weights = -1;
    mark_weights(g);
    if (!choose_primary(g) || !choose_pairs(g))
        return false;
    if (g->primary < 0)
        return gather_fail_nothing(g);
    if (g->parts[g->primary].kind == PART_LINKS && gather_count(g, PART_WEIGHTS) == 1)
        g->weights = first_of(g, PART_WEIGHTS);
    return choose_texts(g) && check_given(g) && g->err->kind == ERROR_NONE;
}

/* What the primary is read with: further arrays, weights of links. */
static bool take_more(Gather *g)
{
    bool arrays = g->parts[g->primary].kind == PART_ARRAYS;
    g->arrays = arena_alloc(g->arena, (size_t)g->path_count + 1, sizeof *g->arrays);
    if (!g->arrays)
        return error_memory(g->err);
    for (int i = 0; arrays && i < g->path_count; i++) {
        if (i != g->primary && g->parts[i].kind == PART_ARRAYS)
            g->arrays[g->array_count++] = g->paths[i];
    }
    return true;
}

static void give(const Gather *g, LoadRequest *out)
{
    DocOrigin *o = &out->origin;
    out->path = g->paths[g->primary];
    o->more = g->arrays;
    o->more_count = g->array_count;
    if (g->weights >= 0)
        g->arrays[o->more_count++] = g->paths[g->weights];
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
    Error why = {0};
    Gather g = {.in = in, .arena = arena, .err = &why};
    *out = *in;
    if (cap > 0)
        explain[0] = '\0';
    if (in->origin.more_count == 0 && !is_folder(in->path))
        return true;
    bool ok = look(&g);
    if (ok)
        mark_model(&g);
    ok = ok && choose(&g) && take_more(&g);
    if (ok) {
        give(&g, out);
        gather_explain(&g, explain, cap);
    }
    mem_free(g.parts);
    mem_free(g.paths);
    return ok || error_at(err, why.kind, why.where, "%s", why.what);
}

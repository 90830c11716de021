/* What one file among several is: by its first bytes, and what its name hints at. */
#include "load/gather_parts.h"
#include "load/dump_links.h"
#include "load/sniff.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>
#include <strings.h>

enum { LOOK_BYTES = 1 << 16, MISFIT_SENTENCES = 1000 };

static bool contains(Slice text, const char *word)
{
    return memmem(text.at, text.length, word, strlen(word)) != NULL;
}

static bool is_one_of(const char *name, const char *const *list)
{
    for (; *list; list++) {
        if (strcasecmp(name, *list) == 0)
            return true;
    }
    return false;
}

/* Files that stand beside the weights of a model. */
static bool is_model_name(const char *name)
{
    static const char *const names[] = {"config.json",
                                        "generation_config.json",
                                        "tokenizer.json",
                                        "tokenizer_config.json",
                                        "special_tokens_map.json",
                                        "added_tokens.json",
                                        "preprocessor_config.json",
                                        "vocab.json",
                                        "vocab.txt",
                                        "merges.txt",
                                        NULL};
    return is_one_of(name, names);
}

static bool ends(const char *name, const char *tail)
{
    size_t length = strlen(name), most = strlen(tail);
    return length >= most && strcasecmp(name + length - most, tail) == 0;
}

static PartKind json_kind(const Part *part, Slice text)
{
    if (contains(text, "\"attnscope\""))
        return PART_OURS;
    if (contains(text, "\"weight_map\""))
        return PART_SHARDS;
    return is_model_name(part->name) || contains(text, "\"model_type\"") ? PART_MODEL
                                                                         : PART_FOREIGN;
}

/* Valid UTF-8 without controls, but for a letter that the end cuts. */
static bool is_text(Slice text)
{
    size_t bad = utf8_valid(text.at, text.length);
    return !memchr(text.at, '\0', text.length) &&
           (bad == text.length || (text.length == LOOK_BYTES && text.length - bad < 4));
}

static bool is_numbers(Slice line)
{
    Slice word;
    double value;
    bool fraction = false;
    int whole;
    while (slice_word(&line, &word)) {
        if (!slice_number(word, &value))
            return false;
        fraction |= !links_int(word, &whole);
    }
    return fraction;
}

static void look_text(Part *part, Slice text, bool whole)
{
    const DumpFormat *other = NULL;
    if (!is_text(text))
        return;
    part->kind = is_model_name(part->name) ? PART_MODEL : PART_TEXT;
    part->format = dump_sniff(text.at, text.length, whole, &other);
    part->numbers = links_lines(text.at, text.length, whole, is_numbers) >= 90;
    if (part->format == &LINKS_PAIRS)
        part->kind = PART_PAIRS;
    else if (part->format)
        part->kind = part->format->links ? PART_LINKS : PART_MATRICES;
}

static void look_bytes(Part *part, Slice text, uint64_t size)
{
    size_t few = text.length < SNIFF_BYTES ? text.length : SNIFF_BYTES;
    Sniff kind = sniff_bytes(text.at, few, size);
    part->what = sniff_name(kind);
    switch ((int)kind) {
    case SNIFF_JSON:
    case SNIFF_UTF16:
        part->kind = json_kind(part, text);
        break;
    case SNIFF_HTML:
        part->kind = PART_FOREIGN;
        break;
    case SNIFF_NPY:
    case SNIFF_ZIP:
    case SNIFF_SAFETENSORS:
        part->kind = PART_ARRAYS;
        break;
    case SNIFF_BRACKET:
        if (ends(part->name, ".json"))
            part->kind = json_kind(part, text);
        else
            look_text(part, text, text.length == size);
        break;
    case SNIFF_UNKNOWN:
        look_text(part, text, text.length == size);
        break;
    default:
        break;
    }
}

/* Of links: does any word say that it is only possible? */
static bool is_graded(Slice text)
{
    Slice word;
    LinkWord link;
    while (text.length > 0) {
        const char *feed = memchr(text.at, '\n', text.length);
        Slice line = {text.at, feed ? (size_t)(feed - text.at) : text.length};
        text = (Slice){text.at + line.length + (feed != NULL),
                       text.length - line.length - (feed != NULL)};
        while (slice_word(&line, &word)) {
            if (slice_is(word, "P") || (link_word(word, &link) && link.possible))
                return true;
        }
    }
    return false;
}

bool part_look(Part *part, const char *path, Error *err)
{
    File file;
    *part = (Part){.path = path, .name = path_base(path), .what = ""};
    if (!file_open(&file, path, err))
        return false;
    size_t size = file.stamp.size < LOOK_BYTES ? (size_t)file.stamp.size : LOOK_BYTES;
    char *text = mem_alloc(size + 1);
    bool ok = text != NULL || error_memory(err);
    ok = ok && (size == 0 || file_read_at(&file, text, size, 0, err));
    if (ok) {
        text[size] = '\0';
        look_bytes(part, (Slice){text, size}, file.stamp.size);
        part->graded = part->kind == PART_LINKS && is_graded((Slice){text, size});
    }
    mem_free(text);
    file_close(&file);
    return ok;
}

static bool starts(const char *name, const char *head)
{
    return strncasecmp(name, head, strlen(head)) == 0;
}

bool part_is_beside(const char *name)
{
    static const char *const heads[] = {"readme", "license", "licence", "copying",
                                        "index.", "changes", NULL};
    static const char *const tails[] = {".md", ".sh", ".py", ".yml", ".yaml", ".log", ".cfg", NULL};
    for (const char *const *h = heads; *h; h++) {
        if (starts(name, *h) && !ends(name, ".json") && !ends(name, ".html"))
            return true;
    }
    for (const char *const *t = tails; *t; t++) {
        if (ends(name, *t))
            return true;
    }
    return false;
}

bool part_is_model(const char *name)
{
    static const char *const heads[] = {"model.", "model-", "pytorch_model", "diffusion_", NULL};
    for (const char *const *h = heads; *h; h++) {
        if (starts(name, *h))
            return true;
    }
    return false;
}

/* The word between two of ". _ -", or at the ends. */
static bool has_part(const char *name, const char *word)
{
    size_t length = strlen(word);
    for (const char *p = name; *p; p++) {
        bool begins = p == name || strchr("._-", p[-1]);
        if (begins && strncasecmp(p, word, length) == 0 && (!p[length] || strchr("._-", p[length])))
            return true;
    }
    return false;
}

static bool has_any(const char *name, const char *const *words)
{
    for (; *words; words++) {
        if (has_part(name, *words))
            return true;
    }
    return false;
}

int part_side(const char *name)
{
    static const char *const source[] = {"src", "source", "sources", "in", "input", NULL};
    static const char *const target[] = {"trg", "tgt",  "target", "targets", "out", "output",
                                         "ref", "refs", "hyp",    "mt",      NULL};
    return (int)has_any(name, target) - (int)has_any(name, source);
}

bool part_says_gold(const char *name)
{
    static const char *const gold[] = {"gold", "golden", "reference", "annotation", NULL};
    return has_any(name, gold);
}

bool part_same_tail(const char *a, const char *b)
{
    static const char *const formats[] = {".txt", ".tok", ".bpe", ".align", ".npy", ".spm", NULL};
    const char *x = strrchr(a, '.'), *y = strrchr(b, '.');
    return x && y && strcasecmp(x, y) == 0 && !is_one_of(x, formats);
}

typedef struct {
    Lines links, source, target;
    DumpEntry entry;
    LinksCount count;
} Misfits;

static int words_of(Lines *lines, Error *err)
{
    if (!lines_next(lines, err))
        return -1;
    int count = 0;
    Slice rest = {lines->text, lines->length}, word;
    while (slice_word(&rest, &word))
        count++;
    return count;
}

static int64_t misfits(Misfits *m, const DumpFormat *format, Error *err)
{
    for (int i = 0; i < MISFIT_SENTENCES; i++) {
        entry_clear(&m->entry);
        DumpStep step = format->read(&m->links, &m->entry, err);
        if (step == DUMP_FAILED)
            return -1;
        if (step == DUMP_BAD)
            error_clear(err);
        int keys = words_of(&m->source, err), queries = words_of(&m->target, err);
        if (step == DUMP_END || keys < 0 || queries < 0)
            break;
        if (step == DUMP_ENTRY)
            dump_links_count(&m->count, format, &m->entry, keys, queries, NULL);
    }
    int64_t zero = m->count.outside[0][0], one = m->count.outside[1][0];
    if (m->count.entries == 0)
        return -1;
    return m->count.zeros == 0 && one < zero ? one : zero;
}

/* What is wrong with the text of a part is told when it is read; nothing else may be forgotten. */
static bool blame(const Error *why, Error *err)
{
    if (why->kind == ERROR_NONE || why->kind == ERROR_MALFORMED)
        return false;
    error_at(err, why->kind, why->where, "%s", why->what);
    return true;
}

int64_t part_misfits(const Part *links, const Part *source, const Part *target,
                     const LoadRequest *request, Error *err)
{
    Misfits m = {.links.file.fd = -1, .source.file.fd = -1, .target.file.fd = -1};
    LoadRequest quiet = *request;
    Error why = {0};
    quiet.progress = NULL;
    entry_init(&m.entry);
    int64_t found = -1;
    if (!links->format->by_id && lines_open(&m.links, links->path, &quiet, &why) &&
        lines_open(&m.source, source->path, &quiet, &why) &&
        lines_open(&m.target, target->path, &quiet, &why))
        found = misfits(&m, links->format, &why);
    lines_close(&m.links);
    lines_close(&m.source);
    lines_close(&m.target);
    entry_free(&m.entry);
    return blame(&why, err) ? -1 : found;
}

/* Lines in which there are as many numbers as links. */
static int64_t weighed(Lines *links, Lines *numbers, const DumpFormat *format, DumpEntry *entry,
                       int64_t *all, Error *err)
{
    int64_t fit = 0;
    for (*all = 0; *all < MISFIT_SENTENCES; ++*all) {
        entry_clear(entry);
        DumpStep step = format->read(links, entry, err);
        if (step != DUMP_ENTRY && step != DUMP_BAD)
            break;
        if (step == DUMP_BAD)
            error_clear(err);
        fit += words_of(numbers, err) == entry->sure_count;
        if (err->kind != ERROR_NONE)
            break;
    }
    return fit;
}

bool part_weighs(const Part *links, const Part *numbers, const LoadRequest *request, Error *err)
{
    Lines a = {.file.fd = -1}, b = {.file.fd = -1};
    LoadRequest quiet = *request;
    DumpEntry entry;
    Error why = {0};
    int64_t fit = 0, all = 0;
    quiet.progress = NULL;
    entry_init(&entry);
    if (lines_open(&a, links->path, &quiet, &why) && lines_open(&b, numbers->path, &quiet, &why))
        fit = weighed(&a, &b, links->format, &entry, &all, &why);
    lines_close(&a);
    lines_close(&b);
    entry_free(&entry);
    return !blame(&why, err) && fit > 0 && 2 * fit >= all;
}

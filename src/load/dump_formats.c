/* The dialects that we know, and which of them a file is. */
#include "load/dump_blocks.h"
#include "load/dump_links.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* What is nothing in the first window may have a line that is longer than it. */
enum { SNIFF_WINDOW = 64 << 10, SNIFF_LONG_LINES = 1 << 20, ABOUT_AS_LIKELY = 15 };

const DumpFormat *const DUMP_FORMATS[] = {&DUMP_NEMATUS,
                                          &DUMP_OPENNMT,
                                          &DUMP_SOCKEYE,
                                          &DUMP_MARIAN,
                                          &DUMP_MARIAN_NBEST,
                                          &DUMP_FAIRSEQ,
                                          &DUMP_FAIRSEQ_LINKS,
                                          &DUMP_TABLE,
                                          &DUMP_CSV,
                                          &LINKS_PHARAOH,
                                          &LINKS_PHARAOH_ONE,
                                          &LINKS_NAACL,
                                          &LINKS_GIZA,
                                          &LINKS_MARIAN,
                                          &LINKS_SOCKEYE,
                                          &LINKS_PAIRS,
                                          NULL};

const DumpFormat *dump_format(const char *name)
{
    for (const DumpFormat *const *f = DUMP_FORMATS; *f; f++) {
        if (strcmp((*f)->name, name) == 0)
            return *f;
    }
    return NULL;
}

static const DumpFormat *sniff(const char *text, size_t size, bool whole, bool links,
                               const DumpFormat **other)
{
    const DumpFormat *best = NULL;
    int most = 0, next = 0;
    *other = NULL;
    for (const DumpFormat *const *f = DUMP_FORMATS; *f; f++) {
        int likely = links && !(*f)->links ? 0 : (*f)->likely(text, size, whole);
        if (likely > most) {
            *other = best;
            next = most;
            best = *f;
            most = likely;
        } else if (likely > next) {
            *other = *f;
            next = likely;
        }
    }
    if (next == 0 || most - next > ABOUT_AS_LIKELY)
        *other = NULL;
    return best;
}

const DumpFormat *dump_sniff(const char *text, size_t size, bool whole, const DumpFormat **other)
{
    return sniff(text, size, whole, false, other);
}

/* *found: what the first bytes are, NULL: nothing that we know. */
static bool sniff_window(const File *file, size_t window, bool links, const DumpFormat **found,
                         const DumpFormat **other, Error *err)
{
    bool whole = file->stamp.size <= window;
    size_t size = whole ? (size_t)file->stamp.size : window;
    char *text = mem_alloc(size + 1);
    bool ok = text != NULL || error_memory(err);
    ok = ok && file_read_at(file, text, size, 0, err);
    if (ok) {
        text[size] = '\0';
        *found = sniff(text, size, whole, links, other);
    }
    mem_free(text);
    return ok;
}

static const DumpFormat *sniff_file(const char *path, bool links, const DumpFormat **other,
                                    Error *err)
{
    const DumpFormat *found = NULL;
    File file;
    if (!file_open(&file, path, err))
        return NULL;
    bool ok = sniff_window(&file, SNIFF_WINDOW, links, &found, other, err);
    if (ok && !found && file.stamp.size > SNIFF_WINDOW)
        ok = sniff_window(&file, SNIFF_LONG_LINES, links, &found, other, err);
    file_close(&file);
    if (ok && !found)
        error_set(err, ERROR_MALFORMED,
                  links ? "content: expected word links, found something else"
                        : "content: expected alignments of a translation program, found something "
                          "else");
    return found;
}

const DumpFormat *dump_sniff_file(const char *path, const DumpFormat **other, Error *err)
{
    return sniff_file(path, false, other, err);
}

const DumpFormat *dump_sniff_gold(const char *path, Error *err)
{
    const DumpFormat *other;
    return sniff_file(path, true, &other, err);
}

bool dump_check_name(const char *name, Error *err)
{
    if (dump_format(name))
        return true;
    char names[200];
    size_t used = 0;
    for (const DumpFormat *const *f = DUMP_FORMATS; *f && used < sizeof names; f++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s",
                                 f == DUMP_FORMATS ? "" : " ", (*f)->name);
    return error_set(err, ERROR_USAGE, "format: expected one of %s, found \"%.40s\"", names, name);
}

/* Which dialect it seems to be, when it could as well be another. */
static bool tell_guess(Document *doc, const DumpFormat *format, const DumpFormat *other, Error *err)
{
    char line[300];
    const char **list = arena_alloc(&doc->arena, (size_t)doc->warning_count + 1, sizeof *list);
    snprintf(line, sizeof line, "read as %s; it may also be %s (--format %s)", format->title,
             other->title, other->name);
    char *text = arena_text(&doc->arena, line, strlen(line));
    if (!list || !text)
        return error_memory(err);
    list[0] = text;
    if (doc->warning_count > 0)
        memcpy(list + 1, doc->warnings, (size_t)doc->warning_count * sizeof *list);
    doc->warnings = list;
    doc->warning_count++;
    return true;
}

bool dump_open(Document *doc, const LoadRequest *request, Error *err)
{
    const DumpFormat *other = NULL, *format;
    const char *name = doc->origin.format;
    if (name && !dump_check_name(name, err))
        return false;
    format = name ? dump_format(name) : dump_sniff_file(doc->path, &other, err);
    if (!format)
        return false;
    return dump_load(doc, request, format, err) && (!other || tell_guess(doc, format, other, err));
}

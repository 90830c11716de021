/* Probabilities of word links in a file of their own, line for line and number for link (awesome-
 * align --output_prob_file). */
#include "load/dump_corpus.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>

bool dump_links_weights(DumpEntry *entry, Slice text, const Lines *lines, Error *err)
{
    Slice word;
    int count = 0;
    float *weights = mem_resize(entry->link_weights, (size_t)entry->sure_cap + 1, sizeof *weights);
    if (!weights)
        return error_memory(err);
    entry->link_weights = weights;
    for (; slice_word(&text, &word); count++) {
        double value;
        if (!slice_number(word, &value) || !(fabs(value) <= 3e38))
            return lines_fail_at(lines, (size_t)(word.at - lines->text), err,
                                 "weight: expected a number, found \"%.*s\"",
                                 word.length < 40 ? (int)word.length : 40, word.at);
        if (count < entry->sure_count)
            weights[count] = (float)value;
    }
    return count == entry->sure_count ||
           lines_fail(lines, err, "weights: expected %d, one for each link, found %d",
                      entry->sure_count, count);
}

bool dump_weights(DumpCorpus *c, int64_t n, Error *err)
{
    Companion *w = &c->weights;
    DumpEntry *entry = &c->entry;
    Error why = {0};
    if (!w->open)
        return true;
    if (n >= w->count) { /* lines without any number at the end do not count */
        char where[40];
        snprintf(where, sizeof where, "line %lld", (long long)entry->line);
        return entry->sure_count == 0 ||
               error_at(err, ERROR_MALFORMED, where,
                        "weights: expected %d, one for each link, found no line of them",
                        entry->sure_count);
    }
    bool ok =
        lines_seek(&w->lines, (LinesPlace){w->from[n], n + 1}, &why) && lines_next(&w->lines, &why);
    ok = ok && dump_links_weights(entry, (Slice){w->lines.text, w->lines.length}, &w->lines, &why);
    if (ok)
        return true;
    if (why.kind == ERROR_NONE)
        error_set(&why, ERROR_IO, "changed on disk while it was read");
    error_within(&why, "weights");
    return error_at(err, why.kind, why.where, "%s", why.what);
}

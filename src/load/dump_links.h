/* Files of word links: what their numbers count from, and what becomes of them. A reader leaves the
 * links of an entry as the file has them ({key: the first number, query: the second}); only the
 * whole file tells how they are meant:
 *
 *     for all entries: dump_links_count(&count, format, entry, keys, queries, &extent)
 *     dump_links_decide(&count, format, transpose, &reading)
 *     for each entry:  dump_links_settle(&reading, entry, keys, queries, &err) and, where the file
 * of links is what is shown, dump_links_matrix(&reading, entry, …)
 *
 * keys, queries: tokens of the source and the target, without an end of sentence that the lists do
 * not name; −1: not known.
 */
#ifndef ATTNSCOPE_LOAD_DUMP_LINKS_H
#define ATTNSCOPE_LOAD_DUMP_LINKS_H

#include "load/dump.h"

extern const DumpFormat LINKS_PHARAOH;     /* 0- or 1-based as the file tells */
extern const DumpFormat LINKS_PHARAOH_ONE; /* the same, said to count from 1 */
extern const DumpFormat LINKS_NAACL, LINKS_GIZA, LINKS_MARIAN, LINKS_SOCKEYE;
extern const DumpFormat LINKS_PAIRS; /* "source ||| target": tokens without any link */

/* In how many entries a link lies outside, by [numbers count from 1][target first]; the ends count
 * as inside where the format may link the end of sentence. */
typedef struct {
    int64_t entries, links;
    int64_t zeros; /* links with a 0 */
    int64_t outside[2][2];
    int64_t at_end[2]; /* links with the end of sentence of the [0: source, 1: target] */
    int64_t possible;  /* links that are not sure: the file is an annotation */
    bool lengths;      /* those of some entry are known */
} LinksCount;

typedef struct {
    bool from_one; /* numbers of the file count from 1 */
    bool reversed; /* the first number is the target's */
    bool by_user;  /* `reversed` was asked for */
    bool eos_keys, eos_queries;
    bool none;          /* no link at all: pairs of sentences */
    bool graded;        /* sure and possible links: an annotation, so gold itself */
    bool told_from_one; /* the format counts from 1: already taken off, put back in messages */
} LinksReading;

/* The numbers of an entry as the file has them: all that has to be kept of one to judge it later.
 */
typedef struct {
    int most[2];  /* largest first, second number; −1: no link */
    bool zero[2]; /* a 0 among them */
} LinksExtent;

void dump_links_count(LinksCount *count, const DumpFormat *format, const DumpEntry *entry, int keys,
                      int queries, LinksExtent *extent /* may be NULL */);
/* Would settling it and making its matrix, of at most so many bytes, succeed? *keys and *queries
 * become the sizes of the matrix. false: not for certain, it has to be done. */
bool dump_links_sure(const LinksReading *reading, const LinksExtent *extent, uint64_t memory,
                     int *keys, int *queries);
void dump_links_decide(const LinksCount *count, const DumpFormat *format, bool transpose,
                       LinksReading *out);
/* Links become {key, query} from 0 on, each once; those outside refuse the entry: ERROR_MALFORMED
 * at its line. Possible links that are sure too are left out of them; link_weights go along. */
bool dump_links_settle(const LinksReading *reading, DumpEntry *entry, int keys, int queries,
                       Error *err);
/* entry->floats, rows (targets) × cols: 1 or its weight where there is a link. Sizes that nothing
 * proves are those of the links. memory: bytes that it may take. */
bool dump_links_matrix(const LinksReading *reading, DumpEntry *entry, int keys, int queries,
                       uint64_t memory, Error *err);
/* "numbers count from 1 (no 0 occurs)" and the like for the reading; "" when all is as usual. */
void dump_links_told(const LinksReading *reading, char *out, size_t cap);

/* Numbers that stand in a line of another file, one for each sure link in the order of the file. */
bool dump_links_weights(DumpEntry *entry, Slice text, const Lines *lines, Error *err);

/* One link as a word: "3-4", "3p4", "3?4", "3-4-0.25", "3:4:sure". */
typedef struct {
    DocLink link;
    bool possible, weighted;
    bool wrong; /* judged not to be one: to be left out */
    double weight;
} LinkWord;
bool link_word(Slice word, LinkWord *out);
/* All words of the text into the entry. `line 3, column 5`: the word that is none. */
bool links_read(DumpEntry *entry, Slice text, const Lines *lines, Error *err);
/* At least `least` words, all of them links. */
bool links_only(Slice text, int least);
/* How many of the first whole lines (most are looked at) `is` says yes to, as a share of 100; those
 * that are empty are not counted. 0 when there is none. */
int links_lines(const char *text, size_t size, bool whole, bool (*is)(Slice line));

/* What every reader begins with: its first line; and ends with: why (empty when ok) into err. Only
 * what is wrong with the entry alone is DUMP_BAD. */
DumpStep links_begin(Lines *lines, DumpEntry *entry, Error *err);
DumpStep links_end(bool ok, const Error *why, Error *err);
/* Digits alone, not too many. */
bool links_int(Slice s, int *out);

#endif

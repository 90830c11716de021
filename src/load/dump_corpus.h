/* An open dump: what the listing pass found, and one sentence at a time; for dump*.c alone. */
#ifndef ATTNSCOPE_LOAD_DUMP_CORPUS_H
#define ATTNSCOPE_LOAD_DUMP_CORPUS_H

#include "load/dump.h"
#include "load/dump_links.h"

typedef struct {
    LinesPlace place;
    int64_t sentence;   /* as in DumpEntry */
    const char *title;  /* in the document's arena */
    const char *start;  /* there too; NULL: no words */
    int keys, queries;  /* tokens; −1: not known */
    LinksExtent extent; /* of a file of word links */
    bool bad;
} DumpPlace;

typedef struct {
    DumpPlace *items; /* owned */
    int64_t count, cap;
} DumpIndex;

/* How sentences stand in a file of tokens: one a line; "source ||| target"; or a number, the source
 * and the target in three lines. */
typedef enum { COMPANION_LINES, COMPANION_PAIRS, COMPANION_TRIPLES } CompanionKind;

/* A file of one sentence a line, with or without <s snum=12> … </s> around it. */
typedef struct {
    bool open;
    bool both; /* of pairs and triples: nothing else gives the other side */
    CompanionKind kind;
    Lines lines;
    uint64_t *from; /* owned: where each line begins */
    int64_t count;  /* of lines up to the last that is not empty */
    int64_t all, cap;
    int64_t *ids; /* owned: the snum of each line, rising; NULL: they are numbered from 1 on */
    struct {
        int64_t words, pairs, marked, thirds; /* lines that are not empty, and what they are */
    } seen;
} Companion;

/* Of all files, one behind the other: it never goes back. */
typedef struct {
    void (*progress)(void *context, uint64_t done, uint64_t total);
    void *context;
    uint64_t before, told, all; /* bytes of the files that are through, of what was told, of all */
} DumpProgress;

typedef struct {
    LoadRequest request; /* paths and origin are the document's */
    LoadRequest quiet;   /* the same, of files that are only looked into any more */
    DumpProgress progress;
    DocOrigin origin;
    const DumpFormat *format, *gold_format; /* gold_format NULL: no gold */
    Lines lines, gold_lines;
    DumpIndex index, gold_index;
    int64_t *gold_of; /* owned: index.count places in gold_index, −1 = none */
    Companion source, target;
    Companion weights; /* numbers of links, in a file of their own */
    DumpEntry entry, gold;
    LinksReading links, gold_links;
} DumpCorpus;

/* What follows a name in messages is the sentence's number or id. NULL: out of memory. */
DumpCorpus *dump_corpus_new(const LoadRequest *request, const DocOrigin *origin,
                            const DumpFormat *format);
void dump_corpus_free(void *corpus);

/* Lists the lines of a token file. */
bool companion_open(Companion *c, const char *name, const char *path, const LoadRequest *request,
                    Error *err);
void companion_close(Companion *c);
/* What it is, once all of it was listed. both: as in Companion. */
void companion_settle(Companion *c, bool both);
/* The tokens of the entry, which is the n-th when it has no number of its own. */
bool companion_tokens(Companion *c, const char *name, int64_t n, bool queries, DumpEntry *entry,
                      Error *err);

/* Reads the entry at the reader's place, cleared before; DUMP_END too when only blanks are left. */
DumpStep dump_read(Lines *lines, const DumpFormat *format, DumpEntry *entry, LinesPlace *place,
                   Error *err);
/* The tokens of the companions into corpus->entry, which is the n-th. */
bool dump_companions(DumpCorpus *c, int64_t n, Error *err);
/* The entry of gold that belongs to the n-th into corpus->gold; *there: it has one. */
bool dump_gold(DumpCorpus *c, int64_t n, bool *there, Error *err);
/* The weights of the entry's links, as the file has them, from the n-th line of theirs. */
bool dump_weights(DumpCorpus *c, int64_t n, Error *err);
/* The same with its links as they are meant, for a sentence of so many tokens. */
bool dump_settle_gold(DumpCorpus *c, int64_t n, int keys, int queries, bool *there, Error *err);
/* Reads all of the n-th again: links as they are meant, as a matrix where they are all there is. */
bool dump_fetch(DumpCorpus *c, int64_t n, bool *gold, Error *err);
/* The record of corpus->entry, whose numbers are in the tensor of this index. */
void dump_record(const DumpCorpus *c, bool gold, int tensor, Record *out);

/* DocCorpus.listed */
void dump_corpus_listed(const void *self, int sentence, DocSentence *out);
/* DocCorpus.read */
bool dump_corpus_read(void *self, const Document *doc, int sentence, Arena *arena, Tensor *tensor,
                      int index, DocSentence *out, Error *err);

#endif

/* What the listing pass of a dump counts and finds wrong; for dump*.c alone. */
#ifndef ATTNSCOPE_LOAD_DUMP_LISTING_H
#define ATTNSCOPE_LOAD_DUMP_LISTING_H

#include "load/dump_corpus.h"

/* So many sentences that cannot be read are named. */
enum { LISTING_BADS = 32 };

/* What the listing pass counts; every warning names the first. */
typedef struct {
    DumpCorpus *c;
    Document *doc;
    LinksCount links, gold;
    int64_t bad, rows, odd, nonfinite;
    Error first_bad;
    struct {
        uint64_t from; /* where the entry begins */
        const char
            *line; /* why it cannot be read, in the document's arena; NULL: no memory for it */
    } bads[LISTING_BADS];
    uint64_t odd_from, nonfinite_from; /* where the entry begins */
    int64_t odd_row;
    double odd_sum;
} Listing;

/* The n-th cannot be read. */
void listing_bad(Listing *l, int64_t n, const Error *why);
/* The warnings of the document, and the problems of its sentences, which are in the list already.
 */
bool listing_tell(const Listing *l, Error *err);

#endif

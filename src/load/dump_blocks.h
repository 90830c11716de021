/* Dumps that write numbers as a block of lines; for dump_*.c alone. */
#ifndef ATTNSCOPE_LOAD_DUMP_BLOCKS_H
#define ATTNSCOPE_LOAD_DUMP_BLOCKS_H

#include "load/dump.h"

extern const DumpFormat DUMP_NEMATUS, DUMP_OPENNMT, DUMP_SOCKEYE; /* dump_nematus.c */
extern const DumpFormat DUMP_MARIAN, DUMP_MARIAN_NBEST;           /* dump_marian.c */
extern const DumpFormat DUMP_FAIRSEQ, DUMP_FAIRSEQ_LINKS;         /* dump_fairseq.c */
extern const DumpFormat DUMP_TABLE;                               /* dump_table.c */
extern const DumpFormat DUMP_CSV;                                 /* dump_csv.c */

/* The first bytes of a file as lines, for `likely`. A line that the window cuts off is left out. */
typedef struct {
    const char *at;
    size_t left;
    bool whole;
} Head;
Head head_of(const char *text, size_t size, bool whole);
bool head_line(Head *head, Slice *out);
/* Over empty lines. */
bool head_filled(Head *head, Slice *out);
/* How many numbers a line is made of (parted by blanks or comma); −1: something else is there. */
int slice_numbers(Slice s, char comma);
int slice_words(Slice s);
/* How often the mark stands in it, plus one. */
int slice_parts(Slice s, const char *mark);
/* Over blank lines to the next that is not. DUMP_ENTRY: it is the present line. */
DumpStep lines_filled(Lines *lines, Error *err);
/* After something wrong in an entry: over the lines up to an empty one, or up to one for which
 * `begins` is true. */
DumpStep lines_leave(Lines *lines, bool (*begins)(Slice line));

#endif

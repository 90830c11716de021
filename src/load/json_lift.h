/* Arrays of numbers, read in one pass straight into memory. */
#ifndef ATTNSCOPE_LOAD_JSON_LIFT_H
#define ATTNSCOPE_LOAD_JSON_LIFT_H

#include "load/json_scan.h"

typedef enum {
    LIFT_DONE,  /* *at is behind the block */
    LIFT_NOT,   /* no array of numbers: *at is as it was */
    LIFT_WRONG, /* not even JSON: the ordinary scanner will say where and why */
    LIFT_FAILED /* over a limit, cancelled, out of memory: err is set */
} LiftResult;

/* The array at text[*at] ('['). With scan == NULL nothing is kept. */
LiftResult json_lift(const char *text, size_t length, size_t *at, const LoadRequest *request,
                     JsonScan *scan, Error *err);

#endif

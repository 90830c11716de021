/* The exact numbers of one cell and one row, as hover card, status line and copy show them.
 */
#ifndef ATTNSCOPE_APP_FACTS_H
#define ATTNSCOPE_APP_FACTS_H

#include "app/scope.h"

typedef struct {
    bool has_score, masked, has_recorded;
    double score, scaled,
        weight; /* in double from the stored numbers; the float32 weight when reduced */
    double recorded;
    int rank, of; /* 1 = largest of the unmasked keys; rank 0 = none, or not asked for */
    double divisor, temperature;
} CellFacts;

/* False when there is no such cell. */
bool facts_cell(Scope *scope, int query, int key, CellFacts *out);
/* The same without the rank, which costs a walk along the row: for tables of many cells. */
bool facts_numbers(Scope *scope, int query, int key, CellFacts *out);

/* A small difference with two digits: `6.0e−8`, `0`. */
void facts_error(char out[TEXT_NUMBER], double value);

/* `3.6 %`; `—` where it is not defined. */
void facts_share(char out[TEXT_NUMBER], double share);
/* With so many decimals; `—` where it is not defined. */
void facts_fixed(char out[TEXT_NUMBER], double value, int decimals);
/* As weights are written: `.538`; `—` where it is not defined. */
void facts_fraction(char out[TEXT_NUMBER], double value);

#endif

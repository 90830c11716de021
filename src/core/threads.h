/* A sleeping pool: workers wait on a condition variable, never spin. The caller works too. Results
 * must not depend on who takes which block, so blocks are independent by contract.
 */
#ifndef ATTNSCOPE_CORE_THREADS_H
#define ATTNSCOPE_CORE_THREADS_H

#include <stdbool.h>

typedef struct Threads Threads;
typedef void (*ThreadsBlock)(void *context, int block);

/* count ≤ 0: ATTNSCOPE_THREADS, else the processors online (at most 16). NULL: out of memory. */
Threads *threads_start(int count);
void threads_stop(Threads *threads);
int threads_count(const Threads *threads); /* NULL = 1 */
/* Runs block 0 … blocks−1, each once, and returns when all are done. All on the caller when threads
 * is NULL or the pool is busy (another caller, or called from inside a block). */
void threads_run(Threads *threads, int blocks, ThreadsBlock run, void *context);

#endif

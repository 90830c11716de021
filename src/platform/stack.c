#include "platform/stack.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

enum { STACK_ENOUGH = 1 << 20, STACK_MADE = 4 << 20 };

typedef struct {
    void (*body)(void *context);
    void *context;
} StackJob;

static void *stack_thread(void *job)
{
    const StackJob *j = job;
    j->body(j->context);
    return NULL;
}

/* A thread's stack is memory like any other: the limit is of the first thread's alone. */
static bool run_elsewhere(StackJob *job)
{
    pthread_attr_t room;
    pthread_t thread;
    if (pthread_attr_init(&room) != 0)
        return false;
    bool ok = pthread_attr_setstacksize(&room, STACK_MADE) == 0;
#if defined(__GLIBC__)
    if (ok)
        pthread_setattr_default_np(&room); /* for the threads to come, of libraries too */
#endif
    ok = ok && pthread_create(&thread, &room, stack_thread, job) == 0;
    pthread_attr_destroy(&room);
    return ok && pthread_join(thread, NULL) == 0;
}

void stack_run(void (*body)(void *context), void *context)
{
    StackJob job = {body, context};
    struct rlimit limit;
    bool small = getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
                 limit.rlim_cur < STACK_ENOUGH;
    if (!small || !run_elsewhere(&job))
        body(context);
}

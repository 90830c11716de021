#include "core/threads.h"

#include "base/mem.h"
#include "base/number.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS_AUTO_MAX = 16, THREADS_MAX = 256 };

struct Threads {
    pthread_t *workers; /* count − 1: the caller is the last one */
    int count;
    pthread_mutex_t caller; /* one job at a time */
    pthread_mutex_t lock;   /* guards everything below but `next` */
    pthread_cond_t work, done;
    ThreadsBlock run;
    void *context;
    int blocks, busy; /* busy: workers inside the job */
    unsigned job;
    bool open, stop; /* open: a worker that wakes now may still join the job */
    atomic_int next;
};

/* Streaming stores (kernels.h, scale_row) pass by the order that a lock promises: whoever is told
 * that the blocks are done must find them. Once here instead of once a row, where it is waited for.
 */
static void threads_settle(void)
{
#if defined(__x86_64__)
    __builtin_ia32_sfence();
#endif
}

static void threads_work(Threads *t, ThreadsBlock run, void *context, int blocks)
{
    for (;;) {
        int block = atomic_fetch_add_explicit(&t->next, 1, memory_order_relaxed);
        if (block >= blocks)
            break;
        run(context, block);
    }
    threads_settle();
}

static void *threads_main(void *self)
{
    Threads *t = self;
    unsigned seen = 0;
    pthread_mutex_lock(&t->lock);
    for (;;) {
        while (!t->stop && (!t->open || t->job == seen))
            pthread_cond_wait(&t->work, &t->lock);
        if (t->stop)
            break;
        seen = t->job;
        t->busy++;
        ThreadsBlock run = t->run;
        void *context = t->context;
        int blocks = t->blocks;
        pthread_mutex_unlock(&t->lock);
        threads_work(t, run, context, blocks);
        pthread_mutex_lock(&t->lock);
        if (--t->busy == 0)
            pthread_cond_signal(&t->done);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

static int threads_wish(int count)
{
    if (count <= 0) {
        const char *text = getenv("ATTNSCOPE_THREADS");
        long long wish = 0;
        if (text && number_parse_int(text, strlen(text), &wish) && wish > 0)
            count = wish > THREADS_MAX ? THREADS_MAX : (int)wish;
    }
    if (count <= 0) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        count = online < 1 ? 1 : online > THREADS_AUTO_MAX ? THREADS_AUTO_MAX : (int)online;
    }
    return count > THREADS_MAX ? THREADS_MAX : count;
}

/* A system that refuses a thread gets a smaller pool: the results are the same. Signals that end
 * the program go to threads that may hold them back while a file is half written. */
static void start_workers(Threads *t, int count)
{
    sigset_t ends, before;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ends, &before);
    while (t->count < count &&
           pthread_create(&t->workers[t->count - 1], NULL, threads_main, t) == 0)
        t->count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

Threads *threads_start(int count)
{
    count = threads_wish(count);
    Threads *t = mem_zero(1, sizeof *t);
    if (!t)
        return NULL;
    t->workers = mem_zero((size_t)count, sizeof *t->workers);
    if (!t->workers) {
        mem_free(t);
        return NULL;
    }
    t->count = 1;
    atomic_init(&t->next, 0);
    pthread_mutex_init(&t->caller, NULL);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->work, NULL);
    pthread_cond_init(&t->done, NULL);
    start_workers(t, count);
    return t;
}

void threads_stop(Threads *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->stop = true;
    pthread_cond_broadcast(&t->work);
    pthread_mutex_unlock(&t->lock);
    for (int i = 0; i < t->count - 1; i++)
        pthread_join(t->workers[i], NULL);
    pthread_cond_destroy(&t->done);
    pthread_cond_destroy(&t->work);
    pthread_mutex_destroy(&t->lock);
    pthread_mutex_destroy(&t->caller);
    mem_free(t->workers);
    mem_free(t);
}

int threads_count(const Threads *threads)
{
    return threads ? threads->count : 1;
}

void threads_run(Threads *t, int blocks, ThreadsBlock run, void *context)
{
    /* A pool that is busy (another caller, or a block that asks for more blocks) is not waited for.
     */
    if (!t || t->count == 1 || blocks < 2 || pthread_mutex_trylock(&t->caller) != 0) {
        for (int block = 0; block < blocks; block++)
            run(context, block);
        threads_settle();
        return;
    }
    pthread_mutex_lock(&t->lock);
    t->run = run;
    t->context = context;
    t->blocks = blocks;
    t->open = true;
    t->job++;
    atomic_store_explicit(&t->next, 0, memory_order_relaxed);
    pthread_cond_broadcast(&t->work);
    pthread_mutex_unlock(&t->lock);
    threads_work(t, run, context, blocks);
    pthread_mutex_lock(&t->lock);
    t->open = false; /* a worker that slept through a short job is not waited for */
    while (t->busy > 0)
        pthread_cond_wait(&t->done, &t->lock);
    pthread_mutex_unlock(&t->lock);
    pthread_mutex_unlock(&t->caller);
}

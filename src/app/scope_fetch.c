/* Sentences that are read when somebody asks for them, beside the frames where that takes longer
 * than one of them.
 */
#include "app/scope.h"

#include "base/mem.h"

#include <pthread.h>
#include <time.h>

/* What is read within a frame is shown in it: a list is walked without a flicker. */
enum { NAPS = 40, NAP_NANOSECONDS = 500000 };

struct Fetching {
    pthread_t thread;
    atomic_bool done, cancel;
    int before;
    DocFetch fetch;
};

static void *fetch_on_thread(void *context)
{
    Fetching *f = context;
    document_fetch(&f->fetch, &f->cancel);
    atomic_store(&f->done, true);
    return NULL;
}

/* In naps: the application has no clock of its own. */
static void wait_a_frame(const Fetching *f)
{
    const struct timespec nap = {0, NAP_NANOSECONDS};
    for (int i = 0; i < NAPS && !atomic_load(&f->done); i++)
        nanosleep(&nap, NULL);
}

static bool take_over(Scope *scope, Error *err)
{
    Fetching *f = scope->fetching;
    pthread_join(f->thread, NULL);
    scope->fetching = NULL;
    bool ok = document_fetch_end(&scope->doc, &f->fetch, err);
    mem_free(f);
    return ok;
}

void scope_fetch_look(Scope *scope)
{
    if (scope->fetching && atomic_load(&scope->fetching->done))
        take_over(scope, NULL);
}

void scope_fetch_stop(Scope *scope)
{
    Fetching *f = scope->fetching;
    if (!f)
        return;
    atomic_store(&f->cancel, true);
    pthread_join(f->thread, NULL);
    document_fetch_drop(&f->fetch);
    mem_free(f);
    scope->fetching = NULL;
}

int scope_fetching(const Scope *scope, int *before)
{
    if (!scope->fetching)
        return -1;
    if (before)
        *before = scope->fetching->before;
    return scope->fetching->fetch.sentence;
}

/* False: there is no thread to be had. */
static bool begin(Scope *scope, int sentence, int before)
{
    Fetching *f = mem_zero(1, sizeof *f);
    if (!f)
        return false;
    f->before = before;
    document_fetch_begin(&scope->doc, sentence, &f->fetch);
    if (pthread_create(&f->thread, NULL, fetch_on_thread, f) != 0) {
        document_fetch_drop(&f->fetch);
        mem_free(f);
        return false;
    }
    scope->fetching = f;
    return true;
}

bool scope_fetch(Scope *scope, int sentence, Error *err)
{
    const DocCorpus *corpus = &scope->doc.corpus;
    int before = corpus->self ? corpus->slots[corpus->last].sentence : -1;
    if (scope->fetching && scope->fetching->fetch.sentence == sentence)
        return true;
    if (scope->fetching) {
        before = scope->fetching->before;
        scope_fetch_stop(scope);
    }
    if (!scope->background || document_is_read(&scope->doc, sentence) ||
        !begin(scope, sentence, before))
        return document_open_sentence(&scope->doc, sentence, err);
    wait_a_frame(scope->fetching);
    return !atomic_load(&scope->fetching->done) || take_over(scope, err);
}

/* What stays and what is made anew. A result that the pipeline shows lends from here, so it is kept
 * until the pipeline has the next one: `shown` beside `now`.
 */
#include "core/prepare.h"

#include "base/hash.h"
#include "base/mem.h"
#include "core/prepare_impl.h"

typedef struct {
    int users;
    PrepareVectors *vectors; /* shared */
    PrepareBlocks blocks;    /* owned: what the score function made */
    AttnInput out;
    uint64_t raw_key;
    ScoreKind kind;
    double factor, sigma;
    int query;
} Made;

struct Prepare {
    Made *now, *shown; /* NULL: a plain head, nothing is owned */
};

Prepare *prepare_new(void)
{
    return mem_zero(1, sizeof(Prepare));
}

static void vectors_drop(PrepareVectors *v)
{
    if (!v || --v->users > 0)
        return;
    blocks_free(&v->blocks);
    mem_free(v);
}

static void made_drop(Made *made)
{
    if (!made || --made->users > 0)
        return;
    vectors_drop(made->vectors);
    blocks_free(&made->blocks);
    mem_free(made);
}

void prepare_free(Prepare *p)
{
    if (!p)
        return;
    made_drop(p->now);
    made_drop(p->shown);
    mem_free(p);
}

void prepare_settle(Prepare *p)
{
    if (p->shown == p->now)
        return;
    made_drop(p->shown);
    p->shown = p->now;
    if (p->shown)
        p->shown->users++;
}

/* What does not act on the kind is set to one value: it must not make anything anew. */
static bool job_init(PrepareJob *job, const AttnInput *raw, const ScoreParams *want,
                     Threads *threads, Error *err)
{
    const ScoreSpec *spec = raw->spec ? &raw->spec->score : NULL;
    *job = (PrepareJob){.raw = raw, .kind = SCORE_DOT, .threads = threads, .err = err, .query = -1};
    if (raw->entry != ENTRY_QK)
        return true;
    if (want->kind == SCORE_AUTO && spec && spec->unknown)
        return error_set(err, ERROR_USAGE, "score %s: expected a kind that is known, found \"%s\"",
                         spec->unknown, spec->unknown);
    job->kind = input_score_kind(raw, want);
    if (job->kind == SCORE_COSINE) {
        job->factor = want->factor != 0 ? want->factor : spec ? spec->factor : 0;
        job->factor = job->factor != 0 ? job->factor : 1;
    }
    if (job->kind == SCORE_GAUSSIAN)
        job->sigma = want->sigma != 0 ? want->sigma : spec ? spec->sigma : 0;
    if (job->kind == SCORE_FEATUREWISE) {
        job->query = want->query < raw->n_q ? want->query : raw->n_q - 1;
        job->query = job->query > 0 ? job->query : 0;
    }
    return true;
}

static bool made_serves(const Made *made, const PrepareJob *job)
{
    return made && made->raw_key == job->raw->key && made->kind == job->kind &&
           made->factor == job->factor && made->sigma == job->sigma && made->query == job->query;
}

/* Nothing to make: q and k (or what is given) go through as they are. */
static bool is_plain(const PrepareJob *job)
{
    return !job->raw->spec && job->kind == SCORE_DOT;
}

static void out_feeds(AttnInput *out, const PrepareVectors *v)
{
    const Vec none = {.s = {0}};
    const Vec *feeds[STAGE_COUNT] = {
        [STAGE_EMBEDDING] = &v->embedding,
        [STAGE_POSITION] = &v->position,
        [STAGE_X] = &v->x,
        [STAGE_X_K] = out->spec && out->spec->same_x ? &none : &v->x_k,
        [STAGE_Q] = &v->q,
        [STAGE_K] = &v->k,
        [STAGE_V] = &v->v,
    };
    for (int s = STAGE_EMBEDDING; s < STAGE_COUNT; s++) {
        out->feed[s] = feeds[s]->s;
        out->feed_floats[s] = feeds[s]->s.at ? feeds[s]->f : (Matrix){0};
    }
}

/* The second half of the input as it is where a head says nothing. */
static void out_begin(AttnInput *out, const PrepareJob *job)
{
    *out = *job->raw;
    out->prepared = true;
    out->queries = out->n_q;
    out->keys = out->n_k;
    out->kind = job->kind;
    out->op = OP_DOT;
    out->form = FORM_PAIRS;
    out->combine = NULL;
    out->combine_floats = NULL;
    out->gain = 0;
    out->bias = (InputBias){0};
    out->row_query = -1;
}

static Vec vec_given(Stored s, Matrix f, bool wide)
{
    return f.at ? (Vec){s, f, wide} : (Vec){.s = {0}};
}

static PrepareVectors vectors_plain(const AttnInput *raw)
{
    PrepareVectors v = {.users = 1, .raw_key = raw->key};
    v.q = vec_given(input_q(raw), raw->q, raw->wide);
    v.k = vec_given(input_k(raw), raw->k, raw->wide);
    v.v = vec_given(input_v(raw), raw->v, raw->wide);
    return v;
}

static bool plain(const PrepareJob *job, AttnInput *out)
{
    const AttnInput *raw = job->raw;
    if (raw->entry == ENTRY_QK && raw->q.at && raw->k.at && raw->q.cols != raw->k.cols)
        return error_set(job->err, ERROR_MALFORMED,
                         "score dot: k: expected %d columns as in q, found %d", raw->q.cols,
                         raw->k.cols);
    PrepareVectors v = vectors_plain(raw);
    out_begin(out, job);
    out_feeds(out, &v);
    return true;
}

static bool make(PrepareJob *job, PrepareVectors *vectors, AttnInput *out)
{
    const AttnInput *raw = job->raw;
    out_begin(out, job);
    out->bias = vectors->bias;
    if (vectors->v.s.at) {
        out->v = vectors->v.f;
        out->stored_v = vectors->v.s;
        out->wide |= vectors->v.wide;
    }
    if (vectors->q.s.at && raw->entry == ENTRY_QK)
        out->d_k = vectors->q.s.cols;
    if (out->d_model == 0)
        out->d_model = vectors->x.s.cols;
    out_feeds(out, vectors);
    if (raw->entry == ENTRY_QK && !prepare_kind(job, vectors, out))
        return false;
    /* They are of the head's own kind, and this may be another. */
    if (out->recorded.rows != out->n_q || out->recorded.cols != out->n_k)
        out->recorded = (Matrix){0};
    out->feed[STAGE_V] = out->form == FORM_GATE ? vectors->v.s : out->stored_v;
    out->feed_floats[STAGE_V] = out->form == FORM_GATE ? vectors->v.f : out->v;
    return true;
}

static uint64_t made_key(const PrepareJob *job)
{
    int kind = (int)job->kind;
    uint64_t key = hash_bytes(HASH_SEED, &job->raw->key, sizeof job->raw->key);
    key = hash_bytes(key, &kind, sizeof kind);
    key = hash_bytes(key, &job->factor, sizeof job->factor);
    key = hash_bytes(key, &job->sigma, sizeof job->sigma);
    key = hash_bytes(key, &job->query, sizeof job->query);
    return key ? key : 1;
}

static PrepareVectors *vectors_share(Prepare *p, uint64_t raw_key)
{
    Made *have[] = {p->now, p->shown};
    for (int i = 0; i < 2; i++)
        if (have[i] && have[i]->raw_key == raw_key) {
            have[i]->vectors->users++;
            return have[i]->vectors;
        }
    return NULL;
}

static PrepareVectors *vectors_make(PrepareJob *job)
{
    PrepareVectors *v = mem_zero(1, sizeof *v);
    if (!v) {
        error_memory(job->err);
        return NULL;
    }
    *v = vectors_plain(job->raw);
    job->keep = &v->blocks;
    if (prepare_vectors(job, v))
        return v;
    vectors_drop(v);
    return NULL;
}

static Made *made_new(Prepare *p, PrepareJob *job)
{
    Made *made = mem_zero(1, sizeof *made);
    if (!made) {
        error_memory(job->err);
        return NULL;
    }
    *made = (Made){.users = 1,
                   .raw_key = job->raw->key,
                   .kind = job->kind,
                   .factor = job->factor,
                   .sigma = job->sigma,
                   .query = job->query};
    made->vectors = vectors_share(p, job->raw->key);
    if (!made->vectors)
        made->vectors = vectors_make(job);
    job->keep = &made->blocks;
    bool ok = made->vectors && make(job, made->vectors, &made->out);
    made->out.key = made_key(job);
    blocks_free(&job->scratch);
    if (ok)
        return made;
    made_drop(made);
    return NULL;
}

static void now_is(Prepare *p, Made *made)
{
    made_drop(p->now);
    p->now = made;
}

bool prepare_update(Prepare *p, const AttnInput *raw, const ScoreParams *want, Threads *threads,
                    AttnInput *out, Error *err)
{
    PrepareJob job;
    if (!job_init(&job, raw, want, threads, err))
        return false;
    if (is_plain(&job)) {
        if (!plain(&job, out))
            return false;
        now_is(p, NULL);
        return true;
    }
    if (!made_serves(p->now, &job) && made_serves(p->shown, &job)) {
        p->shown->users++;
        now_is(p, p->shown);
    }
    if (!made_serves(p->now, &job)) {
        Made *made = made_new(p, &job);
        if (!made)
            return false;
        now_is(p, made);
    }
    *out = p->now->out;
    return true;
}

bool prepare_check(const AttnInput *raw, const ScoreParams *want, Error *err)
{
    PrepareJob job;
    AttnInput out;
    if (!job_init(&job, raw, want, NULL, err))
        return false;
    if (is_plain(&job))
        return plain(&job, &out);
    PrepareVectors v = vectors_plain(raw);
    job.dry = true;
    job.keep = &v.blocks;
    return prepare_vectors(&job, &v) && make(&job, &v, &out);
}

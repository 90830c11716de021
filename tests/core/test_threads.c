#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 1000 };

typedef struct {
    Threads *threads;
    atomic_int count[BLOCKS];
} Job;

static void count_block(void *context, int block)
{
    Job *job = context;
    atomic_fetch_add(&job->count[block], 1);
}

static void nested_block(void *context, int block)
{
    Job *job = context;
    if (block == 0)
        threads_run(job->threads, BLOCKS, count_block, job);
}

static void check_all(Job *job, int times)
{
    for (int i = 0; i < BLOCKS; i++)
        assert_int_equal(atomic_load(&job->count[i]), times);
}

static void every_block_runs_once_for_any_count(void **state)
{
    (void)state;
    for (int count = 1; count <= 8; count++) {
        Job job;
        memset(&job, 0, sizeof job);
        job.threads = threads_start(count);
        assert_non_null(job.threads);
        assert_int_equal(threads_count(job.threads), count);
        for (int round = 0; round < 20; round++)
            threads_run(job.threads, BLOCKS, count_block, &job);
        check_all(&job, 20);
        threads_stop(job.threads);
    }
}

static void many_short_jobs_lose_no_block(void **state)
{
    (void)state;
    Job job;
    memset(&job, 0, sizeof job);
    job.threads = threads_start(4);
    for (int round = 0; round < 5000; round++)
        threads_run(job.threads, 3, count_block, &job);
    for (int i = 0; i < 3; i++)
        assert_int_equal(atomic_load(&job.count[i]), 5000);
    threads_stop(job.threads);
}

static void without_a_pool_the_caller_does_it_all(void **state)
{
    (void)state;
    Job job;
    memset(&job, 0, sizeof job);
    threads_run(NULL, BLOCKS, count_block, &job);
    check_all(&job, 1);
    assert_int_equal(threads_count(NULL), 1);
    threads_run(NULL, 0, count_block, &job);
    check_all(&job, 1);
    threads_stop(NULL);
}

static void a_block_may_ask_for_blocks(void **state)
{
    (void)state;
    Job job;
    memset(&job, 0, sizeof job);
    job.threads = threads_start(3);
    threads_run(job.threads, 4, nested_block, &job);
    check_all(&job, 1);
    threads_stop(job.threads);
}

static void *other_caller(void *context)
{
    Job *job = context;
    for (int round = 0; round < 200; round++)
        threads_run(job->threads, BLOCKS, count_block, job);
    return NULL;
}

static void two_callers_do_not_disturb_each_other(void **state)
{
    (void)state;
    Job job;
    pthread_t other;
    memset(&job, 0, sizeof job);
    job.threads = threads_start(3);
    assert_int_equal(pthread_create(&other, NULL, other_caller, &job), 0);
    other_caller(&job);
    pthread_join(other, NULL);
    check_all(&job, 400);
    threads_stop(job.threads);
}

static void the_environment_sets_the_count(void **state)
{
    (void)state;
    setenv("ATTNSCOPE_THREADS", "3", 1);
    Threads *threads = threads_start(0);
    assert_int_equal(threads_count(threads), 3);
    threads_stop(threads);
    setenv("ATTNSCOPE_THREADS", "nonsense", 1);
    threads = threads_start(0);
    assert_in_range((unsigned)threads_count(threads), 1, 16);
    threads_stop(threads);
    unsetenv("ATTNSCOPE_THREADS");
}

static void out_of_memory_gives_no_pool(void **state)
{
    (void)state;
    int64_t before = mem_live();
    for (uint64_t n = 1; n <= 2; n++) {
        mem_fail_at(n, false);
        assert_null(threads_start(2));
        assert_int_equal(mem_live(), before);
    }
    mem_fail_at(0, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_block_runs_once_for_any_count),
        cmocka_unit_test(many_short_jobs_lose_no_block),
        cmocka_unit_test(without_a_pool_the_caller_does_it_all),
        cmocka_unit_test(a_block_may_ask_for_blocks),
        cmocka_unit_test(two_callers_do_not_disturb_each_other),
        cmocka_unit_test(the_environment_sets_the_count),
        cmocka_unit_test(out_of_memory_gives_no_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Every reason at every call of an atomic write: old or new content, nothing else, and the reason
 * told. tests/base/test_file_write.c looks at the kinds of files, owners and links.
 */
#include "support/write_faults.h"

static const char OLD[] = "old content", NEW[] = "new content, a little longer";

/* The fault is met, or the call is not one of this write: false. */
static bool try_fault(const char *dir, FaultCall call, int nth, int why, int short_writes)
{
    const char *path = check_path(dir, "f");
    Error err = {0};
    check_put(path, OLD);
    fault_set(call, nth, why, short_writes);
    bool ok = file_write_atomic(path, NEW, strlen(NEW), &err);
    if (!fault_end()) {
        assert_true(ok);
        check_content(path, NEW);
        return false;
    }
    bool late = call == FAULT_DIR_OPEN || call == FAULT_DIR_FSYNC; /* the new name is there */
    assert_int_equal(ok, fault_is_harmless(call, why));
    check_content(path, ok || late ? NEW : OLD);
    assert_int_equal(fault_entries(dir), 1);
    if (!ok) {
        assert_int_equal(err.kind, ERROR_IO);
        assert_non_null(strstr(err.what, strerror(why)));
        assert_non_null(strstr(err.what, late ? "may be lost" : "cannot be written"));
    }
    return true;
}

static void every_reason_at_every_call_leaves_old_or_new(void **state)
{
    (void)state;
    const char *dir = check_temp_dir();
    int met = 0;
    for (int call = FAULT_OPEN; call < FAULT_COUNT; call++) {
        for (int i = 0; i < FAULT_REASON_COUNT; i++) {
            for (int short_writes = 0; short_writes < 8; short_writes += 7) {
                int nth = 1;
                while (try_fault(dir, (FaultCall)call, nth, FAULT_REASONS[i], short_writes))
                    nth++;
                met += nth - 1;
                assert_true(nth > 1); /* a call that no write makes would test nothing */
            }
        }
    }
    assert_true(met >= (FAULT_COUNT - 1) * FAULT_REASON_COUNT * 2);
}

/* A power loss keeps what was synced and any part of the rest, in any order: so the content has to
 * be on the disk before the name is, and the name before success is told.
 */
static void the_order_of_calls_outlives_a_power_loss(void **state)
{
    (void)state;
    static const FaultCall want[] = {FAULT_OPEN,   FAULT_WRITE,    FAULT_WRITE,
                                     FAULT_FCHMOD, FAULT_FSYNC,    FAULT_CLOSE,
                                     FAULT_RENAME, FAULT_DIR_OPEN, FAULT_DIR_FSYNC};
    const char *path = check_path(check_temp_dir(), "f");
    check_put(path, OLD);
    fault_set(FAULT_NONE, 0, 0, (int)strlen(NEW) - 3); /* in two pieces */
    assert_true(file_write_atomic(path, NEW, strlen(NEW), NULL));
    assert_int_equal(fault.made, sizeof want / sizeof *want);
    assert_memory_equal(fault.order, want, sizeof want);
    fault_end();
    check_content(path, NEW);
}

static void a_write_that_failed_can_be_made_elsewhere(void **state)
{
    (void)state;
    const char *dir = check_temp_dir();
    Error err = {0};
    fault_set(FAULT_WRITE, 1, ENOSPC, 0);
    assert_false(file_write_atomic(check_path(dir, "a"), NEW, strlen(NEW), &err));
    fault_end();
    assert_int_equal(fault_entries(dir), 0);
    assert_true(file_write_atomic(check_path(dir, "b"), NEW, strlen(NEW), NULL));
    check_content(check_path(dir, "b"), NEW);
}

static void a_device_that_is_full_is_no_place(void **state)
{
    (void)state;
    Error err = {0};
    assert_false(file_write_atomic("/dev/full", NEW, strlen(NEW), &err));
    check_error(&err, ERROR_IO, "cannot be written: expected a file, found a device");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_at_every_call_leaves_old_or_new),
        cmocka_unit_test(the_order_of_calls_outlives_a_power_loss),
        cmocka_unit_test(a_write_that_failed_can_be_made_elsewhere),
        cmocka_unit_test(a_device_that_is_full_is_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

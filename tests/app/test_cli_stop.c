#include "app/cli_stop.h"
#include "support/check.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child did that was sent `number` while it wrote: 'k' killed by it, else its exit code. */
static int fate(int number, bool ignored, bool *asked)
{
    int ends[2], status = 0;
    char byte = '?';
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        CliStop stop;
        signal(number, ignored ? SIG_IGN : SIG_DFL);
        cli_stop_hold(&stop);
        if (cli_stop_asked(&stop))
            _exit(9);
        raise(number);
        byte = cli_stop_asked(&stop) ? 'y' : 'n';
        if (write(ends[1], &byte, 1) != 1)
            _exit(8);
        cli_stop_release(&stop);
        _exit(0);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    waitpid(child, &status, 0);
    *asked = byte == 'y';
    return WIFSIGNALED(status) && WTERMSIG(status) == number ? 'k' : WEXITSTATUS(status);
}

static void a_signal_waits_until_the_half_file_is_gone(void **state)
{
    (void)state;
    static const int all[] = {SIGINT, SIGTERM, SIGHUP};
    for (int i = 0; i < 3; i++) {
        bool asked = false;
        assert_int_equal(fate(all[i], false, &asked), 'k');
        assert_true(asked);
    }
}

static void one_that_is_ignored_stops_nothing(void **state)
{
    (void)state;
    bool asked = true;
    assert_int_equal(fate(SIGHUP, true, &asked), 0);
    assert_false(asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_waits_until_the_half_file_is_gone),
        cmocka_unit_test(one_that_is_ignored_stops_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

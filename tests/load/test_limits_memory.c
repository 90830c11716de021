/* The budget of memory where the system says odd things of its own. */
#include "load_test.h"

#include "load/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
    const char *text; /* of /proc/meminfo; NULL: there is none */
    int fd;
} system_says = {NULL, -1};

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    bool asked = strcmp(path, "/proc/meminfo") == 0;
    if (asked && !system_says.text) {
        errno = ENOENT;
        return -1;
    }
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    system_says.fd = asked ? fd : system_says.fd;
    return fd;
}

ssize_t read(int fd, void *out, size_t size)
{
    if (fd != system_says.fd)
        return syscall(SYS_read, fd, out, size);
    size_t length = strlen(system_says.text);
    system_says.fd = -1;
    memcpy(out, system_says.text, length < size ? length : size);
    return (ssize_t)(length < size ? length : size);
}

static void the_budget_is_half_of_what_is_left_where_that_is_less(void **state)
{
    (void)state;
    const uint64_t most = LIMITS[LIMIT_MEMORY].value;
    const struct {
        const char *text;
        uint64_t want;
    } cases[] = {
        {NULL, most},
        {"", most},
        {"MemTotal: 1024 kB\n", most},
        {"MemTotal: 4096 kB\nMemAvailable:    2048 kB\n", 1 << 20},
        {"MemAvailable: 0 kB\n", most},
        {"MemAvailable: 99999999999 kB\n", most},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        system_says.text = cases[i].text;
        assert_int_equal(load_limits_default().memory, cases[i].want);
    }
}

static void each_limit_that_can_be_set_is_set_and_no_other(void **state)
{
    (void)state;
    LoadLimits limits = load_limits_default();
    for (int i = 0; i < LIMIT_COUNT; i++) {
        char text[30];
        Error err = {0};
        uint64_t want = LIMITS[i].value / 2;
        snprintf(text, sizeof text, "%llu", (unsigned long long)want);
        if (limits_parse(&limits, (Limit)i, text, &err))
            assert_int_equal(limits_value(&limits, (Limit)i), want);
        else
            assert_int_equal(limits_value(&limits, (Limit)i), LIMITS[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_budget_is_half_of_what_is_left_where_that_is_less),
        cmocka_unit_test(each_limit_that_can_be_set_is_set_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

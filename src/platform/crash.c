#include "platform/crash.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <execinfo.h>
#endif

enum { STACK_BYTES = 1 << 16, FRAMES_MOST = 48 };

static const struct {
    int number;
    const char *line;
} FAULTS[] = {
    {SIGSEGV, "attnscope " ATTNSCOPE_VERSION ": crash: SIGSEGV, called from:\n"},
    {SIGBUS, "attnscope " ATTNSCOPE_VERSION ": crash: SIGBUS, called from:\n"},
    {SIGABRT, "attnscope " ATTNSCOPE_VERSION ": crash: SIGABRT, called from:\n"},
    {SIGFPE, "attnscope " ATTNSCOPE_VERSION ": crash: SIGFPE, called from:\n"},
    {SIGILL, "attnscope " ATTNSCOPE_VERSION ": crash: SIGILL, called from:\n"},
};
enum { FAULT_KINDS = sizeof FAULTS / sizeof *FAULTS };

/* Only calls that a handler may make: nothing here takes memory or a lock. */
static void tell_and_end(int number)
{
    for (size_t i = 0; i < FAULT_KINDS; i++) {
        if (FAULTS[i].number != number)
            continue;
        ssize_t written = write(STDERR_FILENO, FAULTS[i].line, strlen(FAULTS[i].line));
        (void)written;
    }
#if defined(__GLIBC__)
    void *frames[FRAMES_MOST];
    backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MOST), STDERR_FILENO);
#endif
    raise(number); /* SA_RESETHAND: the system's own end of such a process */
}

void crash_watch(void)
{
    static char stack[STACK_BYTES]; /* the usual one may be what ran out */
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = tell_and_end,
                               .sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK)};
    sigemptyset(&action.sa_mask);
#if defined(__GLIBC__)
    void *first[1];
    backtrace(first, 1); /* loads what it needs now: in a handler that would take memory */
#endif
    sigaltstack(&other, NULL);
    for (size_t i = 0; i < FAULT_KINDS; i++) {
        struct sigaction before;
        if (sigaction(FAULTS[i].number, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            sigaction(FAULTS[i].number, &action, NULL);
    }
}

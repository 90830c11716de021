#include "app/cli_stop.h"

#include <pthread.h>
#include <stddef.h>

static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP};
enum { SIGNAL_COUNT = sizeof SIGNALS / sizeof *SIGNALS };

void cli_stop_hold(CliStop *stop)
{
    sigemptyset(&stop->signals);
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        struct sigaction now;
        if (sigaction(SIGNALS[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaddset(&stop->signals, SIGNALS[i]);
    }
    pthread_sigmask(SIG_BLOCK, &stop->signals, &stop->before);
}

bool cli_stop_asked(const CliStop *stop)
{
    sigset_t pending;
    if (sigpending(&pending) != 0)
        return false;
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        if (sigismember(&stop->signals, SIGNALS[i]) == 1 && sigismember(&pending, SIGNALS[i]) == 1)
            return true;
    }
    return false;
}

void cli_stop_release(CliStop *stop)
{
    pthread_sigmask(SIG_SETMASK, &stop->before, NULL);
}

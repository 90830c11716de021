/* Ctrl-C while a file is written: the signal waits until the half file is gone. */
#ifndef ATTNSCOPE_APP_CLI_STOP_H
#define ATTNSCOPE_APP_CLI_STOP_H

#include <signal.h>
#include <stdbool.h>

typedef struct {
    sigset_t signals, before;
} CliStop;

/* SIGINT, SIGTERM and SIGHUP wait, but for those that are ignored (nohup). */
void cli_stop_hold(CliStop *stop);
/* Did one come? Then whoever writes drops what it has. */
bool cli_stop_asked(const CliStop *stop);
/* One that waited ends the program here, as if it came now. */
void cli_stop_release(CliStop *stop);

#endif

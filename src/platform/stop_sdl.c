#include "platform/stop_sdl.h"

#include "platform/keys_sdl.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

/* A handler has no other way to reach what it serves. */
static volatile sig_atomic_t asked, pipe_in = -1;
static int pipe_out = -1;
static pthread_t waker;

/* SDL's queue has a mutex and may allocate, so a handler must not touch it: it writes one byte, and
 * a thread that waits for the byte pushes the event. */
static void note_signal(int signal_number)
{
    int before = errno;
    (void)signal_number;
    asked = 1;
    if (pipe_in >= 0) {
        ssize_t written = write((int)pipe_in, "s", 1); /* a full pipe wakes as well */
        (void)written;
    }
    errno = before;
}

static void *wake_loop(void *context)
{
    char byte = 0;
    (void)context;
    for (;;) {
        ssize_t got = read(pipe_out, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != 1 || byte != 's')
            return NULL;
        SDL_Event wake = {.type = SDL_QUIT};
        SDL_PushEvent(&wake);
    }
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

bool stop_watch_begin(void)
{
    int ends[2];
    bool ok = pipe(ends) == 0;
    if (ok) {
        fcntl(ends[0], F_SETFD, FD_CLOEXEC);
        fcntl(ends[1], F_SETFD, FD_CLOEXEC);
        fcntl(ends[1], F_SETFL, O_NONBLOCK); /* a handler never waits */
        pipe_out = ends[0];
        ok = pthread_create(&waker, NULL, wake_loop, NULL) == 0;
        if (ok) {
            pipe_in = ends[1];
        } else {
            close(ends[0]);
            close(ends[1]);
        }
    }
    catch_signals();
    return ok;
}

bool stop_asked(void)
{
    return asked != 0;
}

void stop_watch_end(void)
{
    int in = (int)pipe_in;
    if (in < 0)
        return;
    pipe_in = -1;
    close(in); /* the reader comes to the end */
    pthread_join(waker, NULL);
    close(pipe_out);
}

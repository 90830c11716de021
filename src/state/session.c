#include "state/session.h"

#include <stdlib.h>
#include <string.h>

void session_init(Session *session)
{
    memset(session, 0, sizeof *session);
    session->settings = settings_default();
    session->clean = true;
}

bool session_path(char *out, size_t cap)
{
    (void)out;
    (void)cap;
    return false;
}

bool session_read(Session *session, const char *path, void (*warn)(void *, const char *), void *context, Error *err)
{
    (void)path;
    (void)warn;
    (void)context;
    (void)err;
    session_init(session);
    return true;
}

bool session_write(const Session *session, const char *path, Error *err)
{
    (void)session;
    (void)path;
    (void)err;
    return true;
}

void session_recent(Session *session, const char *path, const char *note)
{
    (void)session;
    (void)path;
    (void)note;
}

/* What survives between runs: the open document and its settings, recent files, window size,
 * finished hints. JSON under $XDG_STATE_HOME/attnscope (~/.local/state). Unknown keys and
 * out-of-range values become a warning and a clamp, never a refusal; a damaged file is set aside.
 * Only the window uses it.
 */
#ifndef ATTNSCOPE_STATE_SESSION_H
#define ATTNSCOPE_STATE_SESSION_H

#include "base/file.h"
#include "doc/origin.h"
#include "state/settings.h"

#define SESSION_RECENT 10
#define SESSION_ORIGIN 4096

typedef struct {
    char document[1024];         /* "" = none */
    char origin[SESSION_ORIGIN]; /* how it is to be read, as session_origin_write says it */
    Settings settings;           /* of that document */
    struct {
        char path[1024];
        char note[96]; /* "6 layers × 8 heads · 13 tokens" */
        char origin[SESSION_ORIGIN];
    } recent[SESSION_RECENT];
    int recent_count;
    int window_w, window_h; /* pixels, 0 = unknown */
    bool clean;             /* the program ended by itself; false after a crash */
    bool read_only;         /* of a newer version, or another window's: never overwritten */
} Session;

void session_init(Session *session);
/* Folder and file of the session ($XDG_STATE_HOME, else $HOME/.local/state); false when neither is
 * set. */
bool session_path(char *out, size_t cap);
/* Asks for the right to write the session, until session_unlock or the end of the process. */
FileLock session_lock(const char *path, int *lock);
void session_unlock(int lock); /* −1 is fine */
/* A missing file is a fresh session and true. warn is called once per oddity. */
bool session_read(Session *session, const char *path, void (*warn)(void *, const char *),
                  void *context, Error *err);
/* Atomic. Paths that are not UTF-8 cannot be kept and are left out. A read-only session writes
 * nothing: true. */
bool session_write(const Session *session, const char *path, Error *err);
/* Moves path to the front of the recent list, to be read by its content alone. */
void session_recent(Session *session, const char *path, const char *note);

/* An origin as JSON; "" = by content alone. False, and "": not UTF-8, or longer than cap. */
bool session_origin_write(const DocOrigin *origin, char *out, size_t cap);
/* The other way round; oddities are left out. False: out of memory, or no JSON object. */
bool session_origin_read(const char *text, Arena *arena, DocOrigin *out);

#endif

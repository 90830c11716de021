#include "state/session.h"

#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"
#include "load/json_string.h"
#include "load/json_tree.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SESSION_VERSION = 1, SESSION_BYTES = LIMIT_MOST_SESSION, WINDOW_MOST = 32768 };

void session_init(Session *session)
{
    memset(session, 0, sizeof *session);
    session->settings = settings_default();
    session->clean = true;
}

bool session_path(char *out, size_t cap)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char folder[1024];
    /* A relative XDG folder is to be ignored (base directory specification). */
    if (state && state[0] == '/')
        return path_join(folder, sizeof folder, state, "attnscope") &&
               path_join(out, cap, folder, "session.json");
    return home && home[0] == '/' &&
           path_join(folder, sizeof folder, home, ".local/state/attnscope") &&
           path_join(out, cap, folder, "session.json");
}

FileLock session_lock(const char *path, int *lock)
{
    char folder[1024], name[1100];
    *lock = -1;
    /* A file of its own: the session itself is another one after each writing. */
    int length = snprintf(name, sizeof name, "%s.lock", path);
    if (length < 0 || (size_t)length >= sizeof name || !path_dir(folder, sizeof folder, path) ||
        !file_make_dirs(folder, NULL))
        return FILE_LOCK_NONE;
    return file_lock(name, lock);
}

void session_unlock(int lock)
{
    File held = {.fd = lock};
    file_close(&held);
}

void session_recent(Session *session, const char *path, const char *note)
{
    int at = 0;
    if (strlen(path) >= sizeof session->recent[0].path)
        return;
    while (at < session->recent_count && strcmp(session->recent[at].path, path) != 0)
        at++;
    if (at == SESSION_RECENT)
        at--;
    else if (at == session->recent_count)
        session->recent_count++;
    memmove(&session->recent[1], &session->recent[0], (size_t)at * sizeof session->recent[0]);
    snprintf(session->recent[0].path, sizeof session->recent[0].path, "%s", path);
    size_t length = utf8_cut(note, strlen(note), sizeof session->recent[0].note - 1);
    memcpy(session->recent[0].note, note, length);
    session->recent[0].note[length] = '\0';
    session->recent[0].origin[0] = '\0';
}

/* ---- reading ------------------------------------------------------------ */

typedef struct {
    JsonTree tree;
    Arena arena;
    Session *session;
    void (*warn)(void *, const char *);
    void *context;
} SessionReader;

static void session_warn(SessionReader *r, const char *fmt, ...) ATTN_PRINTF(2, 3);

static void session_warn(SessionReader *r, const char *fmt, ...)
{
    char line[640];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    if (r->warn)
        r->warn(r->context, line);
}

static void odd(SessionReader *r, const char *name, const cJSON *item, const char *expected)
{
    session_warn(r, "session: %.64s: expected %s, found %s; it is left out", name, expected,
                 json_type(&r->tree, item));
}

/* Text of at most cap − 1 bytes; longer text and anything else is an oddity. */
static void take_text(SessionReader *r, const char *name, const cJSON *item, char *out, size_t cap)
{
    const char *text = cJSON_IsString(item) ? json_text(&r->tree, item, &r->arena) : NULL;
    if (text && strlen(text) < cap)
        snprintf(out, cap, "%s", text);
    else if (text)
        session_warn(r, "session: %.64s: expected at most %zu bytes, found %zu; it is left out",
                     name, cap - 1, strlen(text));
    else
        odd(r, name, item, "text");
}

/* An object, kept as its text. */
static void take_origin(SessionReader *r, const char *name, const cJSON *item, char *out,
                        size_t cap)
{
    size_t from = json_from(&r->tree, item);
    size_t length = json_value_end(r->tree.text, from) - from;
    if (!cJSON_IsObject(item)) {
        odd(r, name, item, "an object");
    } else if (length < cap) {
        memcpy(out, r->tree.text + from, length);
        out[length] = '\0';
    } else {
        session_warn(r, "session: %.64s: expected at most %zu bytes, found %zu; it is left out",
                     name, cap - 1, length);
    }
}

static void take_pixels(SessionReader *r, const char *name, const cJSON *item, int *out)
{
    double value;
    if (!json_real(&r->tree, item, &value))
        odd(r, name, item, "a number");
    else if (value < 0 || value > WINDOW_MOST)
        session_warn(r, "session: %.64s: expected 0 … %d, found %.9g; it is left out", name,
                     WINDOW_MOST, value);
    else
        *out = (int)value;
}

static void take_settings(SessionReader *r, const cJSON *object)
{
    const cJSON *item;
    if (!cJSON_IsObject(object)) {
        odd(r, "settings", object, "an object");
        return;
    }
    cJSON_ArrayForEach(item, object)
    {
        const char *value = NULL;
        char line[640];
        Error err = {0};
        if (cJSON_IsString(item)) {
            value = json_text(&r->tree, item, &r->arena);
        } else if (cJSON_IsBool(item)) {
            value = cJSON_IsTrue(item) ? "true" : "false";
        } else if (json_is_number(&r->tree, item)) {
            size_t from = json_from(&r->tree, item);
            value = arena_text(&r->arena, r->tree.text + from,
                               json_value_end(r->tree.text, from) - from);
        }
        if (!value) {
            odd(r, item->string, item, "true, false, a number or text");
        } else if (!settings_restore(&r->session->settings, item->string, value, &err)) {
            error_line(&err, "session", line, sizeof line);
            session_warn(r, "%s", line);
        }
    }
}

static void take_recent(SessionReader *r, const cJSON *list)
{
    const cJSON *item, *field;
    Session *s = r->session;
    if (!cJSON_IsArray(list)) {
        odd(r, "recent", list, "an array");
        return;
    }
    cJSON_ArrayForEach(item, list)
    {
        if (s->recent_count == SESSION_RECENT)
            return;
        char path[sizeof s->recent[0].path] = "", note[sizeof s->recent[0].note] = "";
        char origin[SESSION_ORIGIN] = "";
        cJSON_ArrayForEach(field, item)
        {
            const char *name = field->string ? field->string : "";
            if (strcmp(name, "path") == 0)
                take_text(r, "recent path", field, path, sizeof path);
            else if (strcmp(name, "note") == 0)
                take_text(r, "recent note", field, note, sizeof note);
            else if (strcmp(name, "origin") == 0)
                take_origin(r, "recent origin", field, origin, sizeof origin);
        }
        if (!path[0])
            continue;
        snprintf(s->recent[s->recent_count].path, sizeof path, "%s", path);
        snprintf(s->recent[s->recent_count].origin, sizeof origin, "%s", origin);
        snprintf(s->recent[s->recent_count++].note, sizeof note, "%s", note);
    }
}

static void take_member(SessionReader *r, const cJSON *item)
{
    Session *s = r->session;
    const char *name = item->string;
    if (strcmp(name, "document") == 0)
        take_text(r, name, item, s->document, sizeof s->document);
    else if (strcmp(name, "origin") == 0)
        take_origin(r, name, item, s->origin, sizeof s->origin);
    else if (strcmp(name, "settings") == 0)
        take_settings(r, item);
    else if (strcmp(name, "recent") == 0)
        take_recent(r, item);
    else if (strcmp(name, "window.width") == 0)
        take_pixels(r, name, item, &s->window_w);
    else if (strcmp(name, "window.height") == 0)
        take_pixels(r, name, item, &s->window_h);
    else if (strcmp(name, "clean") == 0 && cJSON_IsBool(item))
        s->clean = cJSON_IsTrue(item) != 0;
    else if (strcmp(name, "clean") == 0)
        odd(r, name, item, "true or false");
    else if (strcmp(name, "attnscope_session") != 0)
        session_warn(r, "session: %.64s: expected a known name, found another; it is left out",
                     name);
}

static bool session_parse(SessionReader *r, const Buf *text, Error *err)
{
    LoadRequest request = {.limits = {.file_bytes = SESSION_BYTES,
                                      .memory = 64 * (uint64_t)SESSION_BYTES,
                                      .depth = 8,
                                      .nodes = 100000}};
    const cJSON *item, *version = NULL;
    size_t at = 0;
    double number = 0;
    if (!json_tree_read(&r->tree, buf_string(text), text->size, &at, &request,
                        request.limits.memory, err))
        return false;
    if (at != text->size)
        return error_set(err, ERROR_MALFORMED, "expected the end of the file, found more");
    if (cJSON_IsObject(r->tree.root))
        cJSON_ArrayForEach(item, r->tree.root) if (strcmp(item->string, "attnscope_session") == 0)
            version = item;
    if (!version || !json_real(&r->tree, version, &number) || number < 1)
        return error_set(err, ERROR_MALFORMED, "attnscope_session: expected version %d, found %s",
                         SESSION_VERSION, version ? json_type(&r->tree, version) : "none");
    if (number > SESSION_VERSION) {
        r->session->read_only = true;
        session_warn(r,
                     "session: expected version %d, found %.9g: it is read as far as it is "
                     "understood and never "
                     "overwritten",
                     SESSION_VERSION, number);
    }
    cJSON_ArrayForEach(item, r->tree.root) take_member(r, item);
    return true;
}

/* Out of the way but not lost. A newer damage replaces an older one. */
static bool set_aside(SessionReader *r, const char *path, const Error *why, Error *err)
{
    char bad[1100], line[480];
    int length = snprintf(bad, sizeof bad, "%s.bad", path);
    error_line(why, NULL, line, sizeof line);
    if (length < 0 || (size_t)length >= sizeof bad || rename(path, bad) != 0)
        return error_set(err, ERROR_IO, "session: expected to set the damaged file aside, found %s",
                         strerror(errno));
    session_warn(r, "session: %s; the file was set aside as %s", line, path_base(bad));
    return true;
}

bool session_read(Session *session, const char *path, void (*warn)(void *, const char *),
                  void *context, Error *err)
{
    SessionReader r = {.session = session, .warn = warn, .context = context};
    FileStamp stamp;
    Error own = {0};
    Buf text;
    session_init(session);
    if (!file_stamp(path, &stamp))
        return true;
    buf_init(&text, BUF_NO_LIMIT);
    json_tree_init(&r.tree);
    arena_init(&r.arena);
    bool ok = limits_read_file(NULL, LIMIT_SESSION, path, NULL, &text, NULL, &own) &&
              session_parse(&r, &text, &own);
    if (!ok) {
        session_init(session);
        /* Only the file's own fault may move it: not the system's, nor a lack of memory. */
        bool memory = own.kind == ERROR_LIMIT && strcmp(own.what, "out of memory") == 0;
        if (own.kind == ERROR_IO || memory)
            error_set(err, own.kind, "%s", own.what);
        else
            ok = set_aside(&r, path, &own, err);
    }
    json_tree_free(&r.tree);
    arena_free(&r.arena);
    buf_free(&text);
    return ok;
}

/* ---- writing ------------------------------------------------------------ */

static bool storable(const char *text)
{
    return text[0] && utf8_valid(text, strlen(text)) == strlen(text);
}

static void write_text(Buf *out, const char *name, const char *text)
{
    buf_printf(out, "\"%s\": ", name);
    json_string_write(out, text, strlen(text));
}

static void write_settings(const Settings *settings, Buf *out)
{
    Settings plain = settings_default();
    const char *separator = "";
    buf_text(out, "  \"settings\": {");
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        const Field *field = &SETTINGS[i];
        Buf value;
        if (field_equal(field, settings, &plain))
            continue;
        buf_init(&value, BUF_NO_LIMIT);
        bool bare =
            field->kind == FIELD_BOOL || field->kind == FIELD_INT || field->kind == FIELD_REAL;
        if (!field_print(field, settings, &value))
            out->failed = true;
        buf_printf(out, "%s\n    ", separator);
        if (bare)
            buf_printf(out, "\"%s\": %s", field->name, buf_string(&value));
        else
            write_text(out, field->name, buf_string(&value));
        buf_free(&value);
        separator = ",";
    }
    buf_text(out, separator[0] ? "\n  },\n" : "},\n");
}

static void write_session(const Session *session, Buf *out)
{
    const char *separator = "";
    buf_printf(out, "{\n  \"attnscope_session\": %d,\n  \"clean\": %s,\n", SESSION_VERSION,
               session->clean ? "true" : "false");
    if (storable(session->document)) {
        buf_text(out, "  ");
        write_text(out, "document", session->document);
        buf_text(out, ",\n");
        if (session->origin[0])
            buf_printf(out, "  \"origin\": %s,\n", session->origin);
    }
    buf_printf(out, "  \"window.width\": %d,\n  \"window.height\": %d,\n", session->window_w,
               session->window_h);
    write_settings(&session->settings, out);
    buf_text(out, "  \"recent\": [");
    for (int i = 0; i < session->recent_count; i++) {
        if (!storable(session->recent[i].path))
            continue;
        buf_printf(out, "%s\n    {", separator);
        write_text(out, "path", session->recent[i].path);
        buf_text(out, ", ");
        write_text(out, "note", session->recent[i].note);
        if (session->recent[i].origin[0])
            buf_printf(out, ", \"origin\": %s", session->recent[i].origin);
        buf_byte(out, '}');
        separator = ",";
    }
    buf_text(out, separator[0] ? "\n  ]\n}\n" : "]\n}\n");
}

bool session_write(const Session *session, const char *path, Error *err)
{
    char folder[1024];
    Buf text;
    if (session->read_only)
        return true;
    buf_init(&text, BUF_NO_LIMIT);
    write_session(session, &text);
    bool ok = buf_ok(&text, err) && path_dir(folder, sizeof folder, path) &&
              file_make_dirs(folder, err) && file_write_atomic(path, text.data, text.size, err);
    buf_free(&text);
    return ok;
}

/* What a script may look at: settings, results, the window, the clipboard. */
#include "app/script_player.h"

#include "app/facts.h"
#include "app/state.h"
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MOST = 128, VALUE_MOST = 2048 };

bool script_shown_number(const char *text, double *out)
{
    char plain[64];
    size_t n = 0;
    for (const char *s = text; *s && n + 1 < sizeof plain; s++) {
        if (strncmp(s, "\u2212", 3) == 0) {
            plain[n++] = '-';
            s += 2;
        } else if (strncmp(s, "\u2009", 3) == 0) {
            s += 2; /* between thousands */
        } else if (strchr("+-.0123456789e", *s)) {
            plain[n++] = *s;
        } else {
            break;
        }
    }
    return number_parse(plain, n, out);
}

/* ---- the value of a name -----------------------------------------------------------------------
 */

/* Numbers of the Statistics section: `gini` … `jacobian`, and `response.KEY`, the change of that
 * key's weight per unit of the selected key's l/T. */
static bool figure_value(Player *p, const char *name, int query, char *out, size_t cap)
{
    Figures f = {0};
    Focus focus = scope_focus(app_scope(p->app), app_settings(p->app));
    focus.query = query;
    figures_update(&f, app_scope(p->app), app_settings(p->app), focus, false, false);
    const struct {
        const char *name;
        double value;
    } known[] = {{"gini", f.more.gini},         {"relative", f.more.relative},
                 {"distance", f.more.distance}, {"first", f.more.first},
                 {"itself", f.more.itself},     {"previous", f.more.previous},
                 {"jacobian", f.more.jacobian}};
    double key;
    bool found = false;
    for (size_t i = 0; i < sizeof known / sizeof *known && !found; i++)
        if ((found = strcmp(name, known[i].name) == 0))
            snprintf(out, cap, "%.9g", known[i].value);
    if (!found && strncmp(name, "response.", 9) == 0 &&
        number_parse(name + 9, strlen(name + 9), &key) && key >= 0 && key < f.n_k) {
        found = true;
        if (f.no_response)
            snprintf(out, cap, "%s", f.no_response);
        else
            snprintf(out, cap, "%.9g", f.change[(int)key]);
    }
    figures_free(&f);
    return found ||
           error_set(p->err, ERROR_USAGE, "expect: expected a known name, found result.%s", name);
}

static bool result_value(Player *p, const char *name, char *out, size_t cap)
{
    const AttnResult *r = app_scope(p->app)->result;
    int query = scope_focus(app_scope(p->app), app_settings(p->app)).query;
    query = r && r->form == FORM_STRIP ? 0 : query;
    if (strncmp(name, "result.", 7) != 0)
        return error_set(p->err, ERROR_USAGE, "expect: expected a known name, found %s",
                         name[0] ? name : "nothing");
    if (!r || query < 0 || query >= r->n_q)
        return error_set(p->err, ERROR_USAGE, "%s: expected a selected query, found none", name);
    const RowStats *row = &r->rows[query];
    const struct {
        const char *name;
        double value;
    } known[] = {{"result.entropy", row->entropy}, {"result.effective", row->effective},
                 {"result.keys", row->keys},       {"result.max", row->max},
                 {"result.sum", row->sum},         {"result.missing", row->missing},
                 {"result.argmax", row->argmax}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(name, known[i].name) != 0)
            continue;
        snprintf(out, cap, "%.9g", known[i].value);
        return true;
    }
    return figure_value(p, name + 7, query, out, cap);
}

static const char *view_name(int view)
{
    return view < 0 ? "none" : VIEW_NAMES[view];
}

static bool named_value(Player *p, const char *name, char *out, size_t cap)
{
    const Scope *scope = app_scope(p->app);
    const Field *field = field_find(SETTINGS, SETTINGS_COUNT, name);
    if (field) {
        Buf text;
        buf_init(&text, VALUE_MOST);
        bool ok = field_print(field, app_settings(p->app), &text);
        snprintf(out, cap, "%s", buf_string(&text));
        buf_free(&text);
        return ok || error_memory(p->err);
    }
    if (strcmp(name, "document") == 0)
        snprintf(out, cap, "%s", scope->open ? path_base(scope->doc.path) : "none");
    else if (strcmp(name, "notices") == 0)
        snprintf(out, cap, "%d", app_notice_count(p->app));
    else if (strcmp(name, "title") == 0)
        snprintf(out, cap, "%s", p->out.title ? p->out.title : "");
    else if (strcmp(name, "quit") == 0)
        snprintf(out, cap, "%s", p->ended ? "true" : "false");
    else if (strcmp(name, "view.shown") == 0)
        snprintf(out, cap, "%s", view_name(p->app->panes[0].view));
    else if (strcmp(name, "view2.shown") == 0)
        snprintf(out, cap, "%s", view_name(p->app->panes[1].view));
    else
        return result_value(p, name, out, cap);
    return true;
}

/* ---- comparing ---------------------------------------------------------------------------------
 */

/* Half a unit of the last decimal that is written: `1.58` means 1.575 … 1.585. */
static double written_tolerance(const char *text)
{
    const char *point = strchr(text, '.');
    return 0.5 * pow(10, point ? -(double)strspn(point + 1, "0123456789") : 0) * (1 + 1e-9);
}

/* want: `TEXT`, `NUMBER`, `NUMBER ~TOLERANCE`, `<NUMBER`, `>NUMBER`. */
static bool agrees(const char *want, const char *found, bool result)
{
    double a, b, tolerance = 0;
    char number[VALUE_MOST];
    if (strcmp(want, found) == 0)
        return true;
    if (!number_parse(found, strlen(found), &b))
        return false;
    if (want[0] == '<' || want[0] == '>')
        return number_parse(want + 1, strlen(want + 1), &a) && (want[0] == '<' ? b < a : b > a);
    snprintf(number, sizeof number, "%s", want);
    char *about = strstr(number, " ~");
    if (about) {
        *about = '\0';
        if (!number_parse(about + 2, strlen(about + 2), &tolerance))
            return false;
    } else if (result) {
        tolerance = written_tolerance(number);
    }
    return number_parse(number, strlen(number), &a) && fabs(a - b) <= tolerance;
}

static bool differs(Player *p, const char *name, const char *want, const char *found)
{
    return error_set(p->err, ERROR_USAGE, "%s: expected %s, found %s", name,
                     want[0] ? want : "nothing", found[0] ? found : "nothing");
}

/* `expect visible ID`, `expect enabled ID`, `expect checked ID`, with an optional false. */
static bool expect_state(Player *p, const char *name, const char *rest)
{
    char id[NAME_MOST];
    snprintf(id, sizeof id, "%s", rest);
    bool want = true;
    size_t n = strlen(id);
    if (n > 6 && strcmp(id + n - 6, " false") == 0) {
        id[n - 6] = '\0';
        want = false;
    } else if (n > 5 && strcmp(id + n - 5, " true") == 0) {
        id[n - 5] = '\0';
    }
    const UiItem *item = ui_find(app_ui(p->app), id);
    bool found = item && (name[0] == 'v'   ? item->visible
                          : name[0] == 'e' ? item->enabled
                          : name[0] == 'f' ? item->focused
                                           : item->checked);
    if (!item && name[0] != 'v')
        return player_find(p, id) != NULL;
    if (found == want)
        return true;
    return error_set(p->err, ERROR_USAGE, "%s: expected %s%s, found %s", id, want ? "" : "not ",
                     name, item ? "the opposite" : "no such widget");
}

bool script_expect(Player *p, const char *rest)
{
    static const char *const states[] = {"visible", "enabled", "checked", "focused"};
    char name[NAME_MOST], found[VALUE_MOST];
    player_word(&rest, name, sizeof name);
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(name, states[i]) == 0)
            return expect_state(p, name, rest);
    if (!named_value(p, name, found, sizeof found))
        return false;
    return agrees(rest, found, strncmp(name, "result.", 7) == 0) || differs(p, name, rest, found);
}

bool script_expect_value(Player *p, const char *rest)
{
    char id[NAME_MOST], want[VALUE_MOST];
    player_word(&rest, id, sizeof id);
    const UiItem *item = player_find(p, id);
    if (!item || !player_expand(p, rest, want, sizeof want))
        return false;
    return agrees(want, item->value, false) || differs(p, id, want, item->value);
}

bool script_expect_cell(Player *p, const char *rest)
{
    char word[4][48], name[128], found[NUMBER_TEXT];
    double value[4];
    static const char *const parts[] = {"query", "key", "weight", "tolerance"};
    for (int i = 0; i < 4; i++) {
        player_word(&rest, word[i], sizeof word[i]);
        if (!player_number(p, word[i], parts[i], &value[i]))
            return false;
    }
    const AttnResult *r = app_scope(p->app)->result;
    snprintf(name, sizeof name, "cell %s %s", word[0], word[1]);
    if (!r || value[0] < 0 || value[0] >= r->n_q || value[1] < 0 || value[1] >= r->n_k)
        return error_set(p->err, ERROR_USAGE, "%s: expected a cell of the matrix, found none",
                         name);
    const float *row = scope_row(app_scope(p->app), (int)value[0]);
    if (!row)
        return error_set(p->err, ERROR_USAGE, "%s: expected a row of weights, found none", name);
    double weight = (double)row[(int)value[1]];
    number_double(found, weight);
    return fabs(weight - value[2]) <= value[3] || differs(p, name, word[2], found);
}

bool script_expect_notice(Player *p, const char *rest)
{
    for (int i = 0; i < app_notice_count(p->app); i++)
        if (strstr(app_notice_text(p->app, i), rest))
            return true;
    return differs(p, "notice", rest, app_notice_text(p->app, 0));
}

/* \t and \n stand for themselves, so that a table fits on one line. */
static void unescape(const char *from, char *out, size_t cap)
{
    size_t n = 0;
    for (const char *s = from; *s && n + 1 < cap; s++) {
        bool escape = s[0] == '\\' && (s[1] == 't' || s[1] == 'n' || s[1] == '\\');
        out[n++] = !escape ? *s : s[1] == 't' ? '\t' : s[1] == 'n' ? '\n' : '\\';
        s += escape;
    }
    out[n] = '\0';
}

bool script_copy_is(Player *p, const char *rest)
{
    char want[VALUE_MOST];
    const char *found = p->clipboard ? p->clipboard : "";
    unescape(rest, want, sizeof want);
    return strcmp(want, found) == 0 || differs(p, "clipboard", want, found);
}

bool script_expect_copied(Player *p, const char *rest)
{
    char want[VALUE_MOST];
    const char *found = p->clipboard ? p->clipboard : "";
    unescape(rest, want, sizeof want);
    return strstr(found, want) || differs(p, "clipboard", want, found);
}

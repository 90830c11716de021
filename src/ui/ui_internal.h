/* What the toolkit's own files share. Nothing outside src/ui includes this.
 */
#ifndef ATTNSCOPE_UI_UI_INTERNAL_H
#define ATTNSCOPE_UI_UI_INTERNAL_H

#include "ui/text_edit.h"
#include "ui/widgets.h"

enum {
    UI_DEPTH = 32,  /* path elements, clips, disabled scopes */
    UI_LAYERS = 12, /* popups, modals and floats of one frame */
    UI_PATH = 512,
    UI_TYPED = 160 /* a typed number, a reason, a tooltip line */
};

/* How a control takes part. */
#define HIT_POINTER 1u  /* takes the pointer */
#define HIT_FOCUS   2u  /* a stop of Tab */
#define HIT_WHEEL   4u  /* may own a wheel gesture */
#define HIT_SCROLL  8u  /* is a scroll area: owns the wheel before areas inside it */
#define HIT_TEXT    16u /* a press gives it keyboard focus */
#define HIT_CHECKED 32u
#define HIT_SILENT  64u  /* not in the semantic list */
#define HIT_PRESSES 128u /* Space and Enter activate it */

typedef struct {
    uint64_t id, layer, key_root, scroll;
    Rect rect, hit; /* whole, and the part inside its clip */
    unsigned flags;
    int item; /* index of its UiItem, -1 = silent */
    bool enabled;
    UiTrack track; /* of sliders */
} UiHit;

typedef struct {
    UiItem *items;
    UiHit *hits;
    int item_count, item_cap, hit_count, hit_cap;
} UiTable;

typedef enum { LAYER_WINDOW, LAYER_FLOAT, LAYER_POPUP, LAYER_LIST, LAYER_MODAL } LayerKind;

typedef struct {
    uint64_t id, key_root; /* key_root: the nearest capturing layer around it, itself included */
    LayerKind kind;
    Rect rect;
    bool raised; /* stands above all floats of the window */
    double since;
    uint64_t saved_focus; /* what had the keyboard before it came */
    bool saved_visible;
    int clip_base, list; /* its part of the clip stack; its list in Ui.lists */
    uint64_t scroll_was;
} UiLayer;

typedef struct {
    uint64_t id;
    bool fresh;
    LayerKind kind;
} UiOpen;

typedef struct {
    uint64_t id;                 /* 0 = free slot */
    float offset, content, view; /* scroll areas */
    float want_top, want_bottom; /* a span of the content to bring into view */
    bool want;
} UiState;

typedef enum { END_NONE, END_COMMIT, END_CANCEL } EditEnd;

typedef struct {
    uint64_t id, area; /* what is being edited (0 = nothing), and where the pointer edits it */
    size_t caret, anchor, first; /* first: byte where the shown part begins */
    double blink;                /* when the caret was last put */
    uint64_t left;               /* hash of the text as the editor left it; 0 = not yet */
    char buf[UI_TYPED];          /* typed numbers; text fields edit the caller's bytes */
    char was[1024];              /* the text when editing began: Ctrl+Z */
    char preedit[256];
    int preedit_caret;
    bool refused, by_pointer, seen, select_drag, value, can_undo;
    EditEnd end;
} UiEdit;

typedef struct {
    uint64_t key, shown,
        dismissed; /* rectangle under the pointer; the one that is shown; pressed away */
    double since, hidden_at;
    Vec2 at;
    /* this frame's candidate */
    uint64_t want;
    bool at_once;
    char text[1024];
} UiTip;

struct Ui {
    Input in; /* a copy: a press that closes a popup is struck out */
    Vec2 mouse, mouse_was, size;
    const TextKit *kit;
    float scale;
    bool reduced_motion;
    DrawList *window;
    DrawList lists[UI_LAYERS], tips;
    UiOutput out;
    bool key_taken, again, unbalanced, began;
    int again_count;

    char path[UI_PATH];
    size_t path_length[UI_DEPTH];
    uint64_t path_hash[UI_DEPTH];
    int path_depth;

    Rect clips[UI_DEPTH];
    int clip_depth;
    char reasons[UI_DEPTH][UI_TYPED];
    bool disabled[UI_DEPTH];
    int disable_depth;
    uint64_t scroll; /* the scroll area that is open now */
    uint64_t scroll_stack[UI_DEPTH];
    Rect scroll_rect[UI_DEPTH];
    int scroll_depth;

    UiTable now, was;
    UiState *states;
    size_t state_cap, state_count;

    UiLayer layers[UI_LAYERS], was_layers[UI_LAYERS];
    int layer_count, was_layer_count;
    int stack[UI_DEPTH]; /* indices into layers; -1 = window */
    int stack_depth;
    UiOpen open[UI_LAYERS];
    int open_count;
    uint64_t key_layer, pointer_layer;

    uint64_t hot, active, focus, tab_from;
    uint64_t focus_begin; /* as the frame began */
    bool visible_begin;
    bool focus_visible, focus_by_tab, keep_tab, keep_tab_was;
    int focus_missing;
    uint64_t type_request;

    Vec2 grab, pressed_at; /* of the active control */
    bool grab_frozen;
    uint64_t wheel_owner;
    double wheel_time;
    Vec2 wheel_at;
    float wheel_rest; /* part of a notch that is not used yet */

    int choice; /* of the open dropdown list */
    float choice_scroll;
    UiEdit edit;
    uint64_t late_id; /* a typed number that another editor replaced before it was drawn */
    char late[UI_TYPED];
    UiTip tip;
};

/* What a control's rectangle got this frame. */
typedef struct {
    uint64_t id;
    Rect r;
    bool enabled, hovered, held, pressed, clicked, twice, focused, ring;
} UiHold;

typedef struct {
    const char *name, *label, *value;
    UiRole role;
    Rect r;
    unsigned flags;
} UiControl;

/* ui_items.c */
uint64_t ui_id(const Ui *ui, const char *name); /* of a child of the current path */
UiHold ui_control(Ui *ui, const UiControl *control);
UiHit *ui_hit_add(Ui *ui, uint64_t id, Rect r, unsigned flags);
void ui_item_value(Ui *ui, uint64_t id, const char *value); /* of a control of this frame */
UiHit *ui_hit_mine(Ui *ui, uint64_t id);                    /* of this frame; NULL: dropped */
const UiHit *ui_hit_find(const UiTable *table, uint64_t id);
uint64_t ui_hit_test(const Ui *ui, const UiTable *table, Vec2 at);
uint64_t ui_resolve(const Ui *ui, const char *id); /* full path or unique tail → hash */
void tab_walk(Ui *ui);
void ui_wheel_begin(Ui *ui);
void ui_table_free(UiTable *table);
bool ui_key_is_mine(const Ui *ui, uint64_t id); /* the key of this frame is for this control */
int ui_take(Ui *ui,
            const UiHold *hold);     /* the key, when it is for it and unmodified; not yet taken */
const char *ui_reason(const Ui *ui); /* of the nearest disabled scope; NULL = enabled */
UiState *ui_state(Ui *ui, uint64_t id); /* grows; NULL: out of memory */

/* ui_layers.c */
void layers_begin(Ui *ui);
void layers_end(Ui *ui);
void layers_append(Ui *ui);
void layer_push(Ui *ui, uint64_t id, LayerKind kind, Rect r);
void layer_pop(Ui *ui);
bool popup_is_open(const Ui *ui, uint64_t id);
void popup_open(Ui *ui, uint64_t id, LayerKind kind);
void popup_shut(Ui *ui, uint64_t id);
uint64_t layer_now(const Ui *ui);
uint64_t layer_key_root(const Ui *ui);
int layer_clip_base(const Ui *ui);
Rect ui_clip_now(const Ui *ui);
void layer_dim(Ui *ui);

/* ui_scroll.c */
void scroll_to_hit(Ui *ui, const UiHit *hit); /* of the last frame's table */

/* ui_tooltip.c */
void tip_offer(Ui *ui, Rect r, const char *text, bool at_once);
void tip_end(Ui *ui);

/* ui_paint.c */
const Theme *ui_theme(const Ui *ui);
float ui_unit(const Ui *ui);
Rect ui_snap(const Ui *ui, Rect r);       /* edges on whole pixels */
float ui_hair(const Ui *ui, float width); /* a line width in whole pixels, at least one */
void paint_fill(Ui *ui, Rect r, float radius, Color color);
void paint_box(Ui *ui, Rect r, float radius, Color ground, Color border, float width);
/* One line in a box, cut with an ellipsis; then the whole text is offered as tooltip. */
void paint_text(Ui *ui, Rect box, FontFace face, float size, TextAlign align, Color color,
                const char *text);
void paint_ring(Ui *ui, const UiHold *hold, Rect r, float radius);
Color paint_selection(const Ui *ui, Color ground);

/* edit_line.c: the text being edited on the screen */
typedef struct {
    Rect box; /* of the text itself */
    FontFace face;
    float size;
    TextAlign align;
    Color color, ground;
} EditLook;
void edit_draw(Ui *ui, const EditLook *look, const char *text);
void edit_pointer(Ui *ui, const EditLook *look, const char *text, const UiHold *hold);

/* text_field.c */
typedef enum { EDIT_IDLE, EDIT_CHANGED, EDIT_ENTER, EDIT_ESCAPE } EditEvent;
typedef struct {
    uint64_t id, area;
    bool select_all, by_pointer, value; /* value: a typed number, Esc and all arrows are its own */
} EditStart;
void edit_begin(Ui *ui, const EditStart *start, const char *text);
void edit_stop(Ui *ui); /* also gives the focus back where it belongs */
EditEvent edit_input(Ui *ui, char *text, size_t cap);

/* value_box.c: a number that is typed, shared by sliders and number fields */
typedef struct {
    double lo, hi, factor;
    bool integer;
    const char *shown; /* text when not edited */
    const char *start; /* text when editing begins */
} ValueSpec;
typedef struct {
    bool changed, editing, hovered;
    double value;
} ValueResult;
ValueResult value_edit(Ui *ui, const ValueSpec *spec, const UiHold *owner, const UiHold *box);
void value_draw(Ui *ui, const ValueSpec *spec, const UiHold *owner, Rect box, float size,
                bool boxed);
void value_range(const ValueSpec *spec, char *out, size_t cap);

#endif

/* The application's whole state in plain structs, shared by the files of this folder only.
 *
 * Settings are what is saved, undone and compared; everything else here is derived (Scope, models)
 * or fleeting (hover, open popups, notices) and never saved.
 */
#ifndef ATTNSCOPE_APP_STATE_H
#define ATTNSCOPE_APP_STATE_H

#include "app/app.h"
#include "load/save.h"
#include "app/figures.h"
#include "app/layout.h"
#include "base/utf8.h"
#include "draw/canvas.h"
#include "view/head_grid.h"
#include "view/heatmap.h"
#include "view/links.h"
#include "view/patches.h"
#include "view/row_chart.h"

typedef struct {
    HeatmapModel *heatmap;
    LinkModel *links;
    PatchesModel *patches;
    HeadGrid *heads;
    HeatmapLayout heatmap_layout;
    LinksLayout links_layout;
    PatchesLayout patches_layout;
    HeadGridLayout heads_layout;
    int view;                     /* drawn in the last frame, −1 = none */
    Rect body;                    /* below the pane head */
    float scroll;                 /* horizontal lines */
    Scene scene;                  /* of the last frame: lent pointers into scope and settings */
    bool drawn;                   /* scene and layouts are of the last frame */
    uint64_t tiles_known;         /* of counts and ranges that panels told after the last frame */
    int tiles_lines, tiles_fresh; /* rows that the picture is made of, and those up to date */
} Pane;

enum { NOTICE_MAX = 16, NOTICE_SHOWN = 3 };
typedef struct {
    char text[640], more[160];
    bool error;
} Notice;
typedef struct {
    Notice items[NOTICE_MAX]; /* newest first */
    int count;
} Notices;

typedef enum { BROWSER_CLOSED, BROWSER_OPEN, BROWSER_SAVE, BROWSER_EXPORT } BrowserKind;
typedef struct {
    BrowserKind kind;
    char path[1024];   /* the field's text: folder + name */
    char folder[1024]; /* listed */
    DirList entries;
    const char **kinds; /* beside the entries, owned: what a file is, NULL = not looked into yet */
    char problem[256];  /* why the folder cannot be listed, or the name not be used; "" = none */
    int chosen;         /* row of the keyboard cursor, −1 = none */
    bool overwrite;     /* asked once: the file exists */
    bool just_opened, scroll_to_chosen;
    bool prefilled; /* nobody has typed into the path field yet */
} Browser;

typedef struct {
    bool open, just_opened;
    char text[128];
    int chosen;
} Palette;

enum {
    SECTION_SCALE,
    SECTION_MASK,
    SECTION_OVERLAY,
    SECTION_COLOR,
    SECTION_LINKS,
    SECTION_STATS,
    SECTION_SENTENCES,
    SECTION_HEADS,
    SECTION_HEAD,
    SECTION_COUNT
};
typedef enum { SECTION_BY_ROOM, SECTION_FORCED_OPEN, SECTION_FORCED_CLOSED } SectionWish;

/* What a gallery card draws, computed once from its document, which is then closed again. */
typedef struct {
    bool tried, ok;
    char path[1024], problem[256];
    char title[96], summary[96], about[256];
    int n_q, n_k;
    float *weights;  /* n_q × n_k, owned */
    uint8_t *masked; /* the same shape, owned */
    char (*queries)[32],
        (*keys)[32]; /* display tokens, owned; NULL when there are too many to draw */
    Image picture;
    int rows, cols, query; /* of the picture's grid; the query that is shown, −1 = none */
    bool horizontal, rtl;
} GalleryCard;
enum { GALLERY_MAX = 24 };
typedef struct {
    GalleryCard cards[GALLERY_MAX];
    int chosen;        /* keyboard cursor, −1 before a key was used */
    int continue_card; /* 1 when the first card is the last session */
} Gallery;

/* Which array of a file is what, as the person says it; load/tensors.h. */
typedef struct MappingState MappingState; /* mapping.c */
typedef struct {
    MappingState *state; /* NULL: closed */
    bool just_opened;
} Mapping;

typedef struct Opening Opening; /* opening.c */
typedef struct Writing Writing; /* writing.c */
typedef struct Saving Saving;   /* saving.c */

/* What the head's score takes and adds, in words; "" = nothing to say. */
typedef struct {
    char from[160], missing[200], bias[96], rope[64];
    bool no_sigma; /* neither setting nor document has one */
} ParamsShown;

enum { DISK_LOOK_SECONDS = 2 };

/* The sentences that a filter leaves, kept until document or filter are others; and those that were
 * seen not to be readable. */
typedef struct {
    int *shown, count; /* owned; in order */
    int searched;      /* of all sentences: a frame takes only so many */
    uint64_t doc;      /* Document.key, 0 = none */
    char filter[128];
    int followed;         /* the sentence whose row was scrolled to last … */
    uint64_t followed_of; /* … in the document with this key */
    int walks;            /* how often all sentences were searched */
    uint8_t *bad;         /* owned: a flag for each sentence of … */
    uint64_t bad_of;      /* … the document with this key */
} SentenceList;

struct App {
    AppOptions options;
    Scope scope;
    Settings settings;
    History history;
    Session session;
    int session_lock;       /* −1: another window keeps the session, or none is kept */
    Settings saved;         /* as last written to the document */
    Settings autosaved;     /* as last written to the session */
    uint64_t autosaved_key; /* Document.key */
    double autosave_due;    /* 0 = nothing to write */
    Ui *ui;
    DrawList list;
    TextKit kit;
    Input input; /* of the present pass */
    WindowLayout layout;
    Pane panes[2];
    int focused_pane;
    HeadGrid *grid;      /* thumbnails of the navigator */
    Focus hover;         /* pointed at, by whatever view; −1 = nothing */
    Focus hover_shown;   /* what the last pass found pointed at: drawn by this one */
    int hover_token;     /* query pointed at where rows of the result are none; −1 = none */
    int token_shown;     /* as hover_shown */
    int row_hover;       /* key pointed at in the row chart, −1 = none */
    bool drawing;        /* this pass is the one that is shown: rows on demand are computed in it */
    bool tiles_pending;  /* rows are still being computed: another frame at once */
    bool thumbs_pending; /* thumbnails are still being made: another frame soon */
    Rect hover_rect;     /* of the pointed cell, for the hover card */
    bool hover_card;     /* the pointer rests on a cell: show its numbers */
    int hover_layer, hover_head;
    float navigator_content; /* height of the last frame's column: it scrolls when short of room */
    bool lay_navigator, lay_controls; /* floating panels */
    SectionWish sections[SECTION_COUNT];
    char *typed;       /* owned: what the text field edits, TEXT_SET_MOST + 1 bytes; NULL = none */
    bool typing;       /* a letter of it was typed in this pass */
    uint64_t cut_told; /* the text of which it was told that it is cut */
    int last_window, last_hidden; /* what the boxes bring back when ticked again */
    bool more_masks;              /* the fold of the mask section is open */
    bool more_stats;              /* that of the head's statistics */
    bool stats_open;              /* the section of statistics was drawn open */
    int section_to_show;          /* SECTION_… + 1 that was opened just now, 0 = none */
    Figures figures;              /* what it shows */
    ParamsShown params_shown;
    int map_shown;         /* ColormapId that `auto` stands for in the focused pane */
    char global_text[256]; /* what the field of global tokens edits … */
    int global_shown;      /* … and the set that it was made from */
    char filter[128];      /* of the sentence list */
    SentenceList list_shown;
    Notices notices;
    Palette palette;
    Browser browser;
    bool help, help_just_opened;       /* the key list is open */
    bool reading, reading_just_opened; /* the panel of how the file was read is open */
    Mapping mapping;
    int last_head; /* what "one" goes back to after mean or max */
    int thumb_map; /* ColormapId of the thumbnails */
    Gallery gallery;
    int gallery_hover, gallery_open; /* card pointed at; card to open after this pass; −1 = none */
    uint64_t disk_mark;              /* of the open document's files when they were read */
    FileStamp disk_stamp;            /* of the document's own file when it was read or written */
    FileStamp replace_stamp; /* of another program's file there that the next save may replace */
    Opening *opening;        /* a document that is being read on its thread; NULL = none */
    Opening *ending;         /* cancelled ones, whose threads have not ended yet */
    Writing *writing;        /* a table that frames write; NULL = none */
    Saving *saving;          /* the document is being written on its thread; NULL = it is not */
    double fetch_since;      /* a sentence is being read since; 0: none is */
    bool changed_on_disk;    /* banner */
    double disk_checked;     /* time of the last look */
    char nan_offer[1024];    /* a file that was refused for its NaN; "" = none */
    bool crash_offer;        /* the last run did not end by itself */
    bool quit, fullscreen, was_projector;
    int theme_before; /* what F11 goes back to */
    char title[300];
    char copied[64]; /* short word in the status line: "copied 13 rows" */
    double copied_until;
    char *clipboard;         /* to the clipboard after this frame; owned */
    char updated_error[480]; /* the last failed update, so that it is told once */
    char problem[480];       /* why this head has no picture under these settings; "" = it has */
    uint32_t missing_told;   /* a missing glyph was told */
};

/* app.c */
bool app_covered(const App *app); /* a modal layer has the keys */
void app_notice(App *app, bool error, const char *more, const char *fmt, ...) ATTN_PRINTF(4, 5);
void app_notice_error(App *app, const Error *err, const char *file);
void app_warn(void *context, const char *line); /* context: the App; a notice */
void app_apply_overrides(App *app);
void app_compute(App *app); /* brings the results up to the settings */
/* text_bar.c: the sentence that is typed, for documents with a vocabulary */
void text_bar_frame(App *app);
void text_bar_tell(App *app);                 /* a notice when a text is cut, once */
const char *needs_vocabulary(const App *app); /* why a command is not possible, or NULL */
void text_command(App *app, int own); /* 0: the field takes the keyboard; 1: the own tokens back */
/* What is not there after so long tells how far it is, seconds; look.md §8. */
#define PROGRESS_AFTER 0.3
/* opening.c: files are read, on a thread where that may take longer than a frame */
/* What a document is shown with: its own settings, given ones, or those at the moment it is whole.
 */
/* KEEP_HISTORY: it is the open document, written elsewhere with the given settings. */
typedef enum { KEEP_NOTHING, KEEP_SETTINGS, KEEP_PRESENT, KEEP_HISTORY } Keep;
typedef struct {
    const char *const *paths; /* parts of one document, or documents one after the other */
    int count;
    const DocOrigin *origin; /* how they are to be read; NULL: by their content */
    Keep keep;
    const Settings *settings; /* KEEP_SETTINGS, KEEP_HISTORY */
    bool ask;                 /* do not open: ask which of their arrays is what */
} OpenWish;
/* Ends what is being read before. False: it failed at once, and a notice says so. */
bool opening_begin(App *app, const OpenWish *wish, Error *err);
void opening_look(App *app);   /* takes over what was read */
void opening_frame(App *app);  /* its progress */
void documents_stop(App *app); /* what is being read is not wanted any more; waits for nothing */
void documents_end(App *app);  /* the same, and all threads have ended */
bool documents_busy(
    const App *app); /* something is being read: frames are wanted for its progress */
double opening_wake(const App *app);    /* when the next of them is wanted */
bool documents_large(const char *path); /* too large to be read between two frames */
/* reading.c: how a file of another program was understood, and otherwise */
enum { READING_PANEL, READING_TRANSPOSE, READING_WORDS, READING_EOS /* + EosChoice */ };
const char *needs_reading(const App *app); /* why there is nothing to say, or NULL */
/* "Nematus alignments · rows of the file are target tokens (by counts)"; "" for our own. */
void reading_line(const App *app, char *out, size_t cap);
void reading_row(App *app, Rect r); /* the same to click on */
void reading_frame(App *app);
void reading_command(App *app, int what);
/* mapping*.c: which array of a file is what */
void mapping_frame(App *app);
void mapping_close(App *app);
void mapping_command(App *app, int a);
const char *needs_arrays(const App *app); /* why there are none to map, or NULL */
/* documents.c */
void documents_frame(App *app); /* takes over what was read, looks at the disk */
LoadRequest documents_request(const App *app, const char *path); /* under the program's options */
void documents_opened(App *app, Keep keep, const Settings *settings); /* another is in the scope */
/* Opens with what the session says of how it was read, and with these settings instead of the
 * document's own (NULL: those). */
bool app_open_recent(App *app, const char *path, const char *origin, const Settings *settings);
/* The open document once more, read in another way, under the present settings. */
bool app_reload_as(App *app, const DocOrigin *origin);
void app_close_document(App *app);
bool app_reload(App *app);
uint64_t documents_mark(const Document *doc); /* another number when a file of it changed */
/* saving.c: not over an example: a notice says so. True: it is written, or being written. */
bool app_save(App *app, const char *path);
void saving_look(App *app); /* when it is written */
void saving_end(App *app);  /* waits until it is */
void saving_frame(App *app);
bool app_is_example(const App *app, const char *path);
void app_select(App *app, int query, int key); /* locks */
/* Another sentence of the document, with nothing locked and nothing typed. */
void app_choose_sentence(App *app, int at);
void app_copy(App *app);

SliderSpec temperature_spec(const App *app); /* bars.c: one slider, two places */
/* What T = 0 makes of a row under the normaliser in force: argmax, a step at 0, or nothing. */
const char *temperature_zero(const App *app);

/* parts of a frame; each draws its region and changes settings */
void topbar_frame(App *app);
void quickbar_frame(App *app);
void statusbar_frame(App *app);
void navigator_frame(App *app);
void navigator_free(SentenceList *list);
void navigator_note_bad(App *app); /* the present sentence, where it cannot be read */
void panels_frame(App *app);
void rowpanel_frame(App *app, Rect r);
void section_command(App *app, int id); /* opens it, and the panel it stands in */
/* panel_scale.c */
void score_command(App *app, int kind);
const char *needs_vectors(const App *app);   /* why no score function can be chosen, or NULL */
const char *needs_positions(const App *app); /* why no mask of positions acts, or NULL */
const char *needs_keys(const App *app);      /* why no mask of keys acts, or NULL */
void panes_frame(App *app);
void gallery_frame(App *app);
/* Computes one card from a document; a card that cannot be read says why. settings: instead of the
 * document's own, or NULL. */
void gallery_card_load(GalleryCard *card, const LoadRequest *request, const Settings *settings);
/* The card of a document that is not worth being read for it: words only. */
void gallery_card_name(GalleryCard *card, const char *path, const char *note);
void gallery_card_free(GalleryCard *card);
void gallery_card_draw(const GalleryCard *card, int kind, const TextKit *kit, Rect r,
                       DrawList *list);
void gallery_free(Gallery *gallery);
/* What they take below the views in a window of this height. */
float notices_height(const App *app, float window_h);
void notices_frame(App *app);
void notice_copy(App *app, int index);    /* its text, to the clipboard */
const char *needs_notice(const App *app); /* why there is none, or NULL */
void palette_frame(App *app);
void help_frame(App *app);
void browser_frame(App *app);
void browser_open(App *app, BrowserKind kind, const char *path);
void browser_free(Browser *browser);

/* panes_empty.c: why there is no picture, and a way out */
void missing_view(App *app, const Pane *pane, const char *why);
/* The present sentence cannot be read: why, and the next one. False: it can. */
bool bad_sentence_pane(App *app, Rect r);
/* The settings ask for what this head cannot give (app->problem). */
void problem_pane(App *app, Rect r);
float no_statistics(const App *app, Rect r); /* the height that the reason takes */
/* "layer 2, head 3", and why it has no picture. */
void head_tip(App *app, int layer, int head, char *out, size_t cap);

/* tiles_frame.c */
/* Computes what this frame may of a matrix that comes in rows; after the layout is known. */
void tiles_frame(App *app, Pane *pane, bool first);
/* Says in the pane's head how far it is, right-aligned; after tiles_frame. */
void tiles_status(App *app, Pane *pane, float right, float y);
/* writing.c: a stage of a matrix that comes in rows, as CSV */
bool writing_wanted(const App *app, Stage stage);
bool writing_start(App *app, const char *path, Stage stage, Error *err);
void writing_frame(App *app); /* some rows more */
void writing_stop(App *app);  /* what was written is dropped */
bool tiles_cancel(App *app);  /* ends the pass over all rows; false: none runs */

/* selection.c */
void app_step_selection(App *app, int dq, int dk); /* −1, 0 or 1 each */
void app_zoom(App *app, int direction);            /* 0: the whole matrix */

/* pane_form.c: for heads whose weights are not queries × keys */
/* Whose map it is, or which channel, with a stepper; its right edge (x where there is none). */
float form_stepper(App *app, int index, int view, float x, float right, float y);
void form_step(App *app, int d); /* the next feature map or channel; before channel 0: the mean */
/* "mean over 8 channels"; the words that patches have behind layer and head. "" = none. */
const char *form_words(const App *app, int view);

/* patches_pane.c */
void patches_pane(App *app, Pane *pane, const UiArea *area);

/* stage_chip.c */
float stage_chip(App *app, int index, int view, float x, float y); /* its right edge */
/* Sets the stage of a pane, or says why it cannot be shown there. */
void stage_choose(App *app, int index, int view, Stage stage);
void dimension_tip(App *app, const Pane *pane, Vec2 at);
/* The cell of a pane's input stage below a place: its row, dimension and number. */
bool dimension_at(const Pane *pane, Vec2 at, int *row, int *col, double *value);
/* copy_input.c: the row of the shown input stage that is pointed at or selected; -1 = none. */
int app_input_row(const App *app);
int app_copy_input(App *app, int row, Buf *out); /* as TSV; how many dimensions */
/* panes.c */
bool panes_init(Pane *pane, Error *err);
void panes_free(Pane *pane);
void point_at(App *app, Probe probe, bool cell_card);
void click_at(App *app, Probe probe, int mods);
unsigned panes_stages(const App *app);
/* Makes the pass's share of thumbnails that are out of date, and asks for another frame if more
 * are. */
void app_thumbnails(App *app, HeadGrid *grid, float cell, ColormapId map);

#endif

/* The scope: a document and the settings turned into results. No window, no widgets: the same steps
 * serve the window and every subcommand.
 *
 *   Document ─select→ AttnInput ─pipeline or reduce→ AttnResult ─scene→ what views draw
 */
#ifndef ATTNSCOPE_APP_SCOPE_H
#define ATTNSCOPE_APP_SCOPE_H

#include "core/exact.h"
#include "core/prepare.h"
#include "core/reduce.h"
#include "doc/typed.h"
#include "load/load.h"
#include "state/settings.h"
#include "view/heatmap.h"

/* What app/figures.h keeps of the head between frames. */
typedef struct {
    const AttnResult *of; /* with this stamp of its weights; NULL: nothing */
    uint32_t stamp;
    double gini, jacobian;
} ScopeMore;

/* Stands for a sentence that is not read or cannot be: of one empty head, or of as many layers and
 * heads as the last one that was, so that whoever steps over it finds the same head behind it. */
typedef struct {
    DocSentence sentence;
    DocLayer *layers; /* owned; NULL: `one` */
    DocHead *heads;   /* owned; of the layer with the most; NULL: `empty` */
    DocLayer one;
    DocHead empty;
    uint64_t key; /* of the sentence whose shape it has */
} Unread;

typedef struct Fetching Fetching; /* scope_fetch.c */

typedef struct {
    Document doc;
    bool open;                       /* doc holds a document */
    Axis queries, keys;              /* of the present sentence */
    uint64_t axes_key;               /* what they were made from */
    Axis features, places, channels; /* rows and columns of other forms; empty until needed */
    Threads *threads;
    Pipeline *pipeline; /* the selected head */
    Pipeline *spare;    /* other heads: thumbnails, ranges over heads */
    Prepare *prepare;   /* other heads of which only a row is wanted */
    Reduce *reduce;     /* layer or head = mean or max */
    Tiles *tiles;       /* the selected head, where it is too large for the pipeline; else NULL */
    bool tiled;         /* result is of tiles */
    int hover;          /* query pointed at, −1 = none: its row is kept where none is selected */
    float *row;         /* owned: a row that was asked for and is not kept by tiles */
    int row_query, row_keys;
    uint32_t row_stamp;
    Typed *typed; /* tokens and vectors of documents with a vocabulary */
    bool reduced;
    AttnInput input; /* the selected head, prepared; the first one, as given, when reduced */
    AttnParams params;
    const AttnResult *result; /* of the last successful update; NULL before, and after a failed
                                 one of another sentence than the last */
    Range heads_range[STAGE_COUNT]; /* of the stages wanted; 0 where no head has the stage */
    uint64_t heads_range_key;
    ExactRow exact;
    uint64_t exact_key;
    uint64_t part_key; /* of the row that is being made in parts; keys done */
    int part_keys;
    Mask *exact_mask;
    HeadStats head_stats; /* of the weights with this stamp */
    double *received;     /* owned; column sums of the same */
    const AttnResult *sums_of;
    uint32_t sums_stamp;
    HeadStats tiles_head;    /* of the last whole pass over rows on demand, … */
    uint64_t tiles_head_key; /* … of the head with this key; 0 = none */
    void (*progress)(void *context, int done, int all); /* of scope_finish, in rows; or NULL */
    void *progress_context;
    ScopeMore more;
    Unread unread;
    bool keep_shape;    /* unread has the shape of the last one that was read (the window) */
    bool background;    /* sentences that take long are read on a thread (the window) */
    Fetching *fetching; /* one of them; NULL = none */
} Scope;

bool scope_init(Scope *scope, Error *err);
void scope_free(Scope *scope);
/* Opens beside the present document and swaps only on success. */
bool scope_open(Scope *scope, const LoadRequest *request, Error *err);
/* Takes a loaded document over (*doc is emptied), closing the present one. */
void scope_adopt(Scope *scope, Document *doc);
void scope_close(Scope *scope);

/* The document's sentence, or the typed one of the last scope_sync: its axes may be empty. Of a
 * corpus it is read by scope_sync: before that, and where there is no memory for it, it is one
 * without tokens. NULL: no document. */
const DocSentence *scope_sentence(const Scope *scope, const Settings *settings);
/* Reads the sentence of these settings, where it is read on demand, or makes the typed one, if they
 * mean another one than before. One that cannot be read is there with its problem: true. */
bool scope_sync(Scope *scope, const Settings *settings, Error *err);
/* scope_fetch.c: the same of a sentence that is read on demand; one that takes longer than a frame
 * is read on a thread, and not there before scope_fetch_look took it over. */
bool scope_fetch(Scope *scope, int sentence, Error *err);
void scope_fetch_look(Scope *scope);
void scope_fetch_stop(Scope *scope);
/* The sentence that is being read, −1 = none, and the one that was shown before, −1 = none. */
int scope_fetching(const Scope *scope, int *before);
/* scope_text.c */
void unread_init(Unread *u);
void unread_free(Unread *u);
/* A head of that sentence. */
bool scope_select(Scope *scope, const Settings *settings, int layer, int head, AttnInput *out,
                  Error *err);
/* Why there is nothing to show: the sentence has no tokens, or could not be read. NULL: there is.
 */
const char *scope_empty(const Scope *scope, const Settings *settings);
/* "2 words are not in the vocabulary: foo, bar"; "" when all is well. */
const char *scope_text_note(const Scope *scope);
/* A text needs a vocabulary and at least one word: ERROR_USAGE. */
bool scope_check_text(Scope *scope, const Settings *settings, Error *err);
uint64_t scope_sentence_key(const Scope *scope, const Settings *settings);
/* Are the rows of a stage tokens, whatever the rows of the weights are? So in what went into the
 * chain, and in the output of a feature map or a strip. */
bool scope_rows_are_tokens(const Scope *scope, Stage stage);
/* Axes and focus of such stages: rows are queries, or keys in x_k, k and v; columns are dimensions.
 */
void scope_scene_inputs(const Scope *scope, const Settings *settings, Scene *out);
/* The labels of both axes; drops the result when they are others than before. */
bool scope_axes(Scope *scope, const Settings *settings, Error *err);
/* Puts sentence, layer, head, query, key back into what the document has (another sentence may be
 * shorter). */
void scope_clamp(Scope *scope, Settings *settings);
/* The document's own settings over *settings; what they name and the document has not becomes the
 * nearest that it has, or is left out, and a warning line each (warn may be NULL). */
void scope_settings(Scope *scope, Settings *settings, void (*warn)(void *, const char *),
                    void *context);
/* Leaves out of these sets what the shown sentence has not. */
typedef struct {
    bool hidden, global, queries;
} ScopeSets;
void scope_trim(const Scope *scope, Settings *settings, ScopeSets sets);
/* As scope_clamp, but says what is wrong instead: ERROR_USAGE `layer: expected 0 … 5, found 7`. */
bool scope_check(Scope *scope, const Settings *settings, Error *err);

/* Computes what the settings ask for; does the least. stages: STAGE_BIT set. */
bool scope_update(Scope *scope, const Settings *settings, unsigned stages, Error *err);
/* No result, because this head cannot give what the settings ask for: what is known of it is what
 * the document says. */
void scope_drop_result(Scope *scope, const Settings *settings);
/* The head as the document has it, the first of several under a mean or max. */
bool scope_raw(Scope *scope, const Settings *settings, AttnInput *out);
/* The parameters that the settings mean for the present sentence: a feature map is of the selected
 * query. */
AttnParams scope_params(const Scope *scope, const Settings *settings);
/* scope_forms.c: what the rows and columns of the present result are called. */
const Axis *scope_rows(const Scope *scope);
const Axis *scope_cols(const Scope *scope);
/* Makes the axes that the form of the result needs. */
bool scope_update_forms(Scope *scope, Error *err);
/* The selection as the result's rows and columns take it: a feature map is of the selected query
 * (which is none of its rows), and no index is outside. */
Focus scope_focus(const Scope *scope, const Settings *settings);
/* What a selected key may be, by document and settings alone: a key, or the channel of a gate. */
int scope_columns(const Scope *scope, const Settings *settings);
/* Of the numbers that the selected head gives, as the file has them: "f32", "computed" where it has
 * none; "" without a head. */
const char *scope_dtype(Scope *scope, const Settings *settings);
/* Does pointing at a row point at a query? Not in a feature map, whose rows are features, and not
 * in a strip, whose one row is of all. */
bool scope_rows_are_queries(const Scope *scope);
/* The row in double for hover and inspector, of the present head (not when reduced: NULL). */
const ExactRow *scope_exact(Scope *scope, int query);
/* The same of a row that takes longer than a frame: scope_exact_work makes some keys more and says
 * whether any are left; scope_exact_made is NULL until none are. */
bool scope_exact_work(Scope *scope, int query, int keys);
const ExactRow *scope_exact_made(const Scope *scope, int query);
/* Column sums of the present weights and, unless head is NULL, the head's statistics: both come
 * from one walk over the matrix, done when first asked for. NULL: no result, or out of memory. Lent
 * until the next update. */
const double *scope_sums(Scope *scope, HeadStats *head);
/* The same statistics where not all rows are known yet: *old says that they are of settings before
 * (NaN: never known of this head). False: no result. */
bool scope_head(Scope *scope, HeadStats *head, bool *old);
/* Why scale, temperature, normaliser and the masks of positions have no effect: the file has
 * weights only. NULL when they have, under a mean or max over heads too. */
const char *scope_given(const Scope *scope);
/* Another head of the sentence under the same parameters; lent until the next call. */
const AttnResult *scope_other(Scope *scope, const Settings *settings, int layer, int head,
                              Error *err);
/* Identifies what scope_other would compute: for caches of thumbnails. */
uint64_t scope_other_key(Scope *scope, const Settings *settings, int layer, int head);

/* The view that the settings mean for a pane (0 or 1); −1 for an empty second pane. */
int scope_view(const Scope *scope, const Settings *settings, int pane);
/* NULL when the view can be shown; else why not, and a way out. */
const char *scope_view_missing(const Scope *scope, const Settings *settings, int view);
/* The stage that a heatmap of this pane shows: the one set, or the weights where it is absent. */
Stage scope_stage(const Scope *scope, const Settings *settings, int pane);
/* Fills what a view of this pane draws from. */
void scope_scene(Scope *scope, const Settings *settings, const TextKit *kit, int pane, Scene *out);

/* "6 layers × 8 heads · 13 tokens": for recent files and the gallery. */
void scope_summary(const Document *doc, char *out, size_t cap);

/* ---- scope_tiles.c: heads too large for a matrix ---- */

/* Bytes that results may take: compute.memory, else a quarter of the memory of this machine. */
uint64_t scope_budget(const Settings *settings);
bool scope_wants_tiles(const Scope *scope, const Settings *settings, const AttnInput *in);
bool scope_update_tiles(Scope *scope, const Settings *settings, const AttnInput *in,
                        const AttnParams *want, unsigned stages, Error *err);
void scope_drop_tiles(Scope *scope);
/* False and a sentence when a mean over such heads would not fit. */
bool scope_check_budget(const Settings *settings, const AttnInput *in, Error *err);
/* Weights of one row, from whatever holds them; computed where need be. NULL: none. Lent until the
 * next call or update. */
const float *scope_row(Scope *scope, int query);
/* Computes all that this picture shows of a head that comes in rows, in one go; for pictures that
 * are written down. */
bool scope_finish(Scope *scope, HeatmapModel *model, Scene *scene, const HeatmapLayout *layout,
                  Error *err);
/* Why a view cannot show a head of this size; NULL when it can. */
const char *scope_too_large(const Scope *scope, int view);

#endif

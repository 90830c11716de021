/* The panel that asks which array of a file is what: its state, for mapping*.c and opening.c. */
#ifndef ATTNSCOPE_APP_MAPPING_H
#define ATTNSCOPE_APP_MAPPING_H

#include "app/state.h"
#include "load/tensors.h"

#include <pthread.h>
#include <stdatomic.h>

enum { PREVIEW_SIDE = 40, MAPPING_TEXT = 4096 };

/* The first numbers of an array; packed ones take a while, so they are read on a thread. */
typedef struct {
    pthread_t thread;
    bool threaded;
    atomic_bool done, cancel;
    const TensorList *list;
    LoadRequest request;
    int item, rows, cols;
    float cells[PREVIEW_SIDE * PREVIEW_SIDE];
    char why[200]; /* there is none; "" */
} Preview;

struct MappingState {
    Arena arena; /* of paths and origin */
    const char **paths;
    int count;
    DocOrigin origin; /* of what is to be opened, but for its map */
    Keep keep;
    Settings settings;
    TensorList list;
    TensorMap map;
    int taken_from[ROLE_COUNT]; /* who had a role before its present array + 1; 0 = nobody */
    int chosen;                 /* array whose details are shown */
    Preview *preview;           /* owned: of the array last chosen; NULL: none yet */
    char message[480];          /* why it cannot be opened so; "" = it can */
    bool wrong;                 /* it is a mistake, not only something still to be said */
    bool saved;                 /* message tells it, and nothing is wrong */
    bool replace;               /* asked once: the file to save exists */
};

/* What the files hold, by headers alone; from any thread. NULL: no arrays, or err. */
MappingState *mapping_new(const LoadRequest *request, const char *const *paths, int count,
                          Error *err);
void mapping_free(MappingState *m);
/* Takes it over and asks. */
void mapping_ask(App *app, MappingState *m);

/* mapping.c: what the panel's controls do */
TensorRole mapping_role(const MappingState *m, int item); /* ROLE_NONE: not used */
void mapping_set_role(MappingState *m, int item, TensorRole role);
void mapping_judge(MappingState *m); /* the message */
void mapping_open(App *app);
void mapping_save(App *app);
/* Of the chosen array; NULL: it is still being read. */
const Preview *mapping_preview(const App *app, MappingState *m);
bool mapping_waits(const MappingState *m); /* it is: frames are wanted */

#endif

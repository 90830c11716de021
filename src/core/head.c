#include "core/head.h"

#include <stddef.h>

const char *const SCORE_PARAM_NAMES[] = {"w", "w_q", "w_k",   "w_e",   "w_a",
                                         "v", "b",   "conv1", "conv2", NULL};
const char *const CELL_NAMES[] = {"none", "tanh", "gru", "lstm", NULL};

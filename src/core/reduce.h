/* Many heads: a small pool of pipelines keyed by (layer, head), and the mean or max of the weights
 * over heads, then layers. Weights are computed per head under the current parameters first; the
 * output under mean is the mean of the outputs and absent under max; earlier stages are absent.
 */
#ifndef ATTNSCOPE_CORE_REDUCE_H
#define ATTNSCOPE_CORE_REDUCE_H

#include "core/pipeline.h"

typedef enum { REDUCE_MEAN, REDUCE_MAX } ReduceKind;

typedef struct Reduce Reduce;

Reduce *reduce_new(void);
void reduce_free(Reduce *r);
/* inputs: layers × heads heads of like shape, layer after layer (heads[l] of each). First
 * `over_heads` inside a layer, then `over_layers`; a single layer or head makes its reduction the
 * identity. Unlike shapes: ERROR_USAGE naming the layer. */
bool reduce_update(Reduce *r, const AttnInput *inputs, const int *heads, int layers,
                   ReduceKind over_heads, ReduceKind over_layers, const AttnParams *want,
                   Threads *threads, Error *err);
const AttnResult *reduce_result(const Reduce *r);

#endif

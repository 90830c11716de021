/* Recurrent cells as torch.nn.RNN (tanh), GRU and LSTM compute them; rnn_run and rnn_hidden stand
 * in core/prepare.h.
 */
#ifndef ATTNSCOPE_CORE_RNN_H
#define ATTNSCOPE_CORE_RNN_H

#include "core/head.h"

int rnn_gates(const RnnSpec *rnn); /* g: 1, 3 or 4 */

#endif

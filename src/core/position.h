/* Places of tokens: rotation of q and k, and what is added to the scores for the distance of query
 * and key. The sinusoidal embedding (core/prepare.h) lives here too.
 */
#ifndef ATTNSCOPE_CORE_POSITION_H
#define ATTNSCOPE_CORE_POSITION_H

#include "core/head.h"

/* rates[t] = theta^(−2t/dims), dims / 2 of them. */
void position_rope_rates(long double *rates, const RopeSpec *rope);
/* Turns the pairs of a row at place p by p · rates[t] (Su et al. 2021, eq. 34). */
void position_rope(double *row, const RopeSpec *rope, const long double *rates, int p);

/* The bucket of distance d = key − query among `buckets` (Raffel et al. 2020): half of them for
 * keys behind the query when bidirectional; of each side the first half for one distance each, the
 * rest for ranges that grow as the logarithm up to max_distance. */
int position_t5_bucket(int d, int buckets, bool bidirectional, double max_distance);
/* ALIBI or T5: at[d] (+)= bias for d = −reach … reach; at points to the middle. */
void position_bias(double *at, int reach, const BiasSpec *spec, bool first);
/* at[i·cols + j] (+)= m_ij. */
void position_bias_matrix(double *at, Stored m, bool first);

#endif

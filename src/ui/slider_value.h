/* A slider's arithmetic: values, positions on the track, steps, text. Pure functions of the spec.
 */
#ifndef ATTNSCOPE_UI_SLIDER_VALUE_H
#define ATTNSCOPE_UI_SLIDER_VALUE_H

#include "ui/widgets.h"

enum { SLIDER_TEXT = 64 };

bool slider_log(const SliderSpec *spec); /* the track is logarithmic */
double slider_fraction(const SliderSpec *spec,
                       double value); /* 0…1; outside values park at the ends */
double slider_at(const SliderSpec *spec, double fraction);            /* exact, not rounded */
double slider_round(const SliderSpec *spec, double value, bool fine); /* to what a drag may give */
/* The value `steps` arrow keys on (fractions allowed); fine = ten times finer. Always moves when it
 * can. */
double slider_step(const SliderSpec *spec, double value, double steps, bool fine);
/* As shown, without suffix: `decimals`, more only where the value has more. */
void slider_text(const SliderSpec *spec, double value, char out[SLIDER_TEXT]);

#endif

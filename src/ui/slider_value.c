#include "ui/slider_value.h"

#include <math.h>
#include <stdio.h>

static double factor_of(const SliderSpec *spec)
{
    return spec->factor != 0 ? spec->factor : 1;
}

bool slider_log(const SliderSpec *spec)
{
    return (spec->log || spec->log2_steps) && spec->lo > 0 && spec->hi > spec->lo;
}

double slider_fraction(const SliderSpec *spec, double value)
{
    if (!(spec->hi > spec->lo) || isnan(value) || value <= spec->lo)
        return 0;
    if (value >= spec->hi)
        return 1;
    if (slider_log(spec))
        return log(value / spec->lo) / log(spec->hi / spec->lo);
    return (value - spec->lo) / (spec->hi - spec->lo);
}

double slider_at(const SliderSpec *spec, double fraction)
{
    if (!(spec->hi > spec->lo) || !(fraction > 0))
        return spec->lo;
    if (fraction >= 1)
        return spec->hi;
    if (slider_log(spec))
        return spec->lo * pow(spec->hi / spec->lo, fraction);
    return spec->lo + (spec->hi - spec->lo) * fraction;
}

static double clamped(const SliderSpec *spec, double v)
{
    return v < spec->lo ? spec->lo : v > spec->hi ? spec->hi : v;
}

/* Decimals that a drag gives: those shown, and on a logarithmic track at least two significant
 * digits. */
static int drag_decimals(const SliderSpec *spec, double shown, bool fine)
{
    int decimals = spec->decimals;
    if (slider_log(spec) && decimals > 0 && shown > 0) {
        int needed = 1 - (int)floor(log10(shown) + 1e-9);
        decimals = needed > decimals ? needed : decimals;
    }
    decimals += fine && spec->decimals > 0 ? 1 : 0;
    return decimals > 12 ? 12 : decimals;
}

double slider_round(const SliderSpec *spec, double value, bool fine)
{
    double factor = factor_of(spec);
    if (spec->log2_steps && !fine && value > 0)
        return clamped(spec, exp2(round(log2(value))));
    int decimals = drag_decimals(spec, fabs(value * factor), fine);
    double power = pow(10, decimals);
    return clamped(spec, round(value * factor * power) / power / factor);
}

double slider_step(const SliderSpec *spec, double value, double steps, bool fine)
{
    if (steps == 0 || isnan(value))
        return value;
    double factor = factor_of(spec);
    double unit = pow(10, -drag_decimals(spec, fabs(value * factor), fine)) / fabs(factor);
    if (spec->log2_steps) {
        double turns = fabs(steps) < 1 ? (steps < 0 ? -1 : 1) : trunc(steps);
        if (fine)
            return clamped(spec, value + turns * unit);
        double exponent = log2(clamped(spec, value));
        double from = turns > 0 ? floor(exponent + 1e-9) : ceil(exponent - 1e-9);
        return clamped(spec, exp2(from + turns));
    }
    double part = (spec->step > 0 ? spec->step : 0.01) * (fine ? 0.1 : 1);
    double want = slider_at(spec, slider_fraction(spec, value) + part * steps);
    double rounded = slider_round(spec, want, fine);
    /* A step that rounding would swallow moves by the last digit; one that the end swallows stays.
     */
    if ((steps > 0 && rounded <= value) || (steps < 0 && rounded >= value))
        rounded = clamped(spec, slider_round(spec, value + (steps > 0 ? unit : -unit), fine));
    bool back = (steps > 0 && rounded < value) || (steps < 0 && rounded > value);
    return back ? value : rounded;
}

void slider_text(const SliderSpec *spec, double value, char out[SLIDER_TEXT])
{
    double shown = value * factor_of(spec);
    if (!isfinite(shown) || fabs(shown) >= 1e15) {
        snprintf(out, SLIDER_TEXT, "%.6g", shown);
        return;
    }
    int decimals = spec->decimals < 0 ? 0 : spec->decimals > 12 ? 12 : spec->decimals;
    int most = decimals + 6 > 12 ? 12 : decimals + 6;
    if (shown == 0 && spec->zero_is_end) {
        snprintf(out, SLIDER_TEXT, "0");
        return;
    }
    while (decimals < most) {
        double power = pow(10, decimals);
        if (fabs(round(shown * power) / power - shown) <= 1e-9 * fabs(shown))
            break;
        decimals++;
    }
    char plain[TEXT_NUMBER];
    text_fixed(plain, shown, decimals);
    snprintf(out, SLIDER_TEXT, "%s", plain);
}

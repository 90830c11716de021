#include "app/script.h"

bool script_run(App *app, const char *text, size_t length, const ScriptOptions *options, Error *err)
{
    (void)app;
    (void)text;
    (void)length;
    (void)options;
    return error_set(err, ERROR_USAGE, "script: expected events, found none");
}

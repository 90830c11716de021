#include "platform/paths.h"

#include "base/file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool has_fonts(const char *assets)
{
    char path[1024];
    FileStamp stamp;
    return path_join(path, sizeof path, assets, "fonts/DejaVuSans.ttf") &&
           file_stamp(path, &stamp) && stamp.present;
}

static bool try_data(Paths *paths, const char *data)
{
    char assets[1024];
    if (!path_join(assets, sizeof assets, data, "assets") || !has_fonts(assets))
        return false;
    snprintf(paths->assets, sizeof paths->assets, "%s", assets);
    return path_join(paths->examples, sizeof paths->examples, data, "examples");
}

void paths_find(Paths *paths, const char *argv0)
{
    char self[1024], dir[1024], data[1024];
    (void)argv0;
    memset(paths, 0, sizeof *paths);
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    bool found = false;
    if (n > 0) { /* a moved installation still finds ../share/attnscope */
        self[n] = 0;
        found = path_dir(dir, sizeof dir, self) &&
                path_join(data, sizeof data, dir, "../share/attnscope") && try_data(paths, data);
    }
    if (!found && !try_data(paths, ATTNSCOPE_INSTALL_DATA)) {
        snprintf(paths->assets, sizeof paths->assets, "%s", ATTNSCOPE_SOURCE_ASSETS);
        snprintf(paths->examples, sizeof paths->examples, "%s", ATTNSCOPE_SOURCE_EXAMPLES);
    }
    path_join(paths->fonts, sizeof paths->fonts, paths->assets, "fonts");
}

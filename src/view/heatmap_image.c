#include "view/heatmap_parts.h"

#include <math.h>

void heatmap_paint_cells(Image *image, const Scene *scene, const HeatmapLayout *layout)
{
    const Colormap *map = scene_colormap(scene);
    Matrix m = scene_matrix(scene);
    float lo, hi;
    scene_range(scene, -1, &lo, &hi);
    for (int i = 0; i < image->h; i++) {
        int row = layout->first_row + i;
        const float *x = matrix_row(m, row);
        Color *px = image->px + (size_t)i * (size_t)image->w;
        if (scene->color && scene->color->range == RANGE_ROW)
            scene_range(scene, row, &lo, &hi);
        for (int j = 0; j < image->w; j++) {
            int col = layout->first_col + j;
            float t = scene_unit(scene, x[col], lo, hi);
            px[j] = isnan(t) ? map->nan : map->lut[(int)floorf(255.0f * t + 0.5f)];
            if (scene_masked(scene, row, col))
                px[j] = 0; /* the hatch below shows through */
        }
    }
}

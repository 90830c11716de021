/* JPEG, and anything that a document may call a picture. */
#include "fuzz/fuzz.h"

#include "image/jpeg.h"

static int fuzz_jpeg(const uint8_t *data, size_t size)
{
    Image image = {0};
    Error err = {0};
    bool damaged = false;
    if (image_decode(data, size, &image, &damaged, &err))
        FUZZ_HOLD(image.w > 0 && image.h > 0 && image.px);
    else
        fuzz_error(&err);
    image_free(&image);
    return 0;
}

FUZZ_MAIN(fuzz_jpeg)

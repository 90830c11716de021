/* PNG, held to its size; what is decoded is written and decoded again the same. The mutator mends
 * the sums of chunks. */
#include "fuzz/fuzz.h"

#include "image/jpeg.h"
#include "image/png.h"

#include <string.h>

static void again(const Image *image)
{
    Buf data;
    Image other = {0};
    Error err = {0};
    buf_init(&data, 2 * FUZZ_MEMORY);
    FUZZ_HOLD(png_encode(image, &data, &err));
    FUZZ_HOLD(png_decode(data.data, data.size, &other, &err));
    FUZZ_HOLD(other.w == image->w && other.h == image->h);
    FUZZ_HOLD(memcmp(other.px, image->px, (size_t)image->w * (size_t)image->h * 4) == 0);
    image_free(&other);
    buf_free(&data);
}

static int fuzz_png(const uint8_t *data, size_t size)
{
    Image image = {0};
    Error err = {0};
    if (png_decode(data, size, &image, &err)) {
        FUZZ_HOLD(image.w > 0 && image.h > 0 && image.px);
        if ((int64_t)image.w * image.h <= 1 << 16)
            again(&image);
    } else {
        fuzz_error(&err);
    }
    image_free(&image);
    return 0;
}

#ifdef FUZZ_ENGINE
static size_t big(const uint8_t *at)
{
    return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, max_size);
    if (size >= 24 && seed % 16) { /* pictures of a million pixels teach nothing */
        memset(data + 16, 0, 2);
        memset(data + 20, 0, 2);
    }
    for (size_t at = 8; seed % 8 && at + 12 <= size;) {
        size_t length = big(data + at);
        if (length > size - at - 12)
            break;
        uint32_t crc = fuzz_crc(0, data + at + 4, length + 4);
        for (int i = 0; i < 4; i++)
            data[at + 8 + length + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += 12 + length;
    }
    return size;
}
#endif

FUZZ_MAIN(fuzz_png)

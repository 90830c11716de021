#include "image/jpeg.h"

#include "base/mem.h"
#include "image/png.h"

#include <stdio.h>
#include <string.h>
#include <turbojpeg.h>

/* ---- markers, read before TurboJPEG: what kind of coding it is, and how the camera was held ----
 */

typedef struct {
    int orientation; /* EXIF 1 … 8; 1 = upright */
    int frame;       /* SOF marker 0xC0 … 0xCF, 0 = none found */
    int precision;   /* bits a sample */
    size_t at;       /* of the frame marker */
} JpegHead;

static unsigned u16(const uint8_t *p, bool big)
{
    return big ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static uint32_t u32(const uint8_t *p, bool big)
{
    return big ? (uint32_t)u16(p, big) << 16 | u16(p + 2, big)
               : (uint32_t)u16(p + 2, big) << 16 | u16(p, big);
}

/* Tag 0x0112 of the first directory; 1 for anything that is not as EXIF says. */
static int exif_orientation(const uint8_t *p, size_t size)
{
    if (size < 14 || memcmp(p, "Exif\0\0", 6) != 0)
        return 1;
    const uint8_t *tiff = p + 6;
    size_t length = size - 6;
    bool big = tiff[0] == 'M';
    if ((memcmp(tiff, "II", 2) != 0 && memcmp(tiff, "MM", 2) != 0) || u16(tiff + 2, big) != 42)
        return 1;
    size_t at = u32(tiff + 4, big);
    if (at > length || length - at < 2)
        return 1;
    unsigned count = u16(tiff + at, big);
    at += 2;
    for (unsigned i = 0; i < count && length - at >= 12; i++, at += 12) {
        const uint8_t *entry = tiff + at;
        if (u16(entry, big) != 0x0112)
            continue;
        unsigned value = u16(entry + 8, big);
        bool is_short = u16(entry + 2, big) == 3 && u32(entry + 4, big) == 1;
        return is_short && value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}

static bool marker_is_frame(unsigned marker)
{
    /* C4, C8, CC are tables and an extension, not frames. */
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

static JpegHead jpeg_head(const uint8_t *p, size_t size)
{
    JpegHead head = {.orientation = 1};
    bool exif = false;
    size_t at = 2;
    while (at + 4 <= size && p[at] == 0xFF) {
        unsigned marker = p[at + 1];
        if (marker == 0xFF) {
            at++;
            continue;
        }
        if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) {
            at += 2;
            continue;
        }
        size_t length = u16(p + at + 2, true);
        if (marker == 0xDA || marker == 0xD9 || length < 2 || length > size - at - 2)
            break;
        if (marker == 0xE1 && !exif) {
            head.orientation = exif_orientation(p + at + 4, length - 2);
            exif = length >= 8 && memcmp(p + at + 4, "Exif", 4) == 0;
        }
        if (marker_is_frame(marker) && !head.frame && length >= 8) {
            head.frame = (int)marker;
            head.precision = p[at + 4];
            head.at = at;
        }
        at += 2 + length;
    }
    return head;
}

static const char *frame_refused(const JpegHead *head)
{
    switch (head->frame) {
    case 0:
    case 0xC0:
    case 0xC1:
    case 0xC2:
        return !head->frame || head->precision == 8 ? NULL
               : head->precision == 12              ? "12-bit samples"
                                                    : "samples that have not 8 bits";
    case 0xC3:
        return "lossless coding";
    case 0xC9:
    case 0xCA:
        return "arithmetic coding";
    case 0xCB:
        return "lossless arithmetic coding";
    default:
        return "hierarchical coding";
    }
}

/* ---- pixels ---- */

/* TurboJPEG wrote the bytes R G B A. */
static void bytes_to_colors(Image *image)
{
    size_t count = (size_t)image->w * (size_t)image->h;
    for (size_t i = 0; i < count; i++) {
        uint8_t p[4];
        memcpy(p, image->px + i, 4);
        image->px[i] = 0xFF000000u | (Color)p[0] << 16 | (Color)p[1] << 8 | p[2];
    }
}

/* Where the upright picture's pixel (x, y) stands in the stored one of w × h. */
static size_t stored_index(int orientation, int w, int h, int x, int y)
{
    int u = x, v = y;
    if (orientation >= 5) {
        u = y;
        v = x;
    }
    if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
        u = w - 1 - u;
    if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
        v = h - 1 - v;
    return (size_t)v * (size_t)w + (size_t)u;
}

static bool turn_upright(Image *image, int orientation, Error *err)
{
    if (orientation == 1)
        return true;
    bool swapped = orientation >= 5;
    Image turned;
    if (!image_init(&turned, swapped ? image->h : image->w, swapped ? image->w : image->h, err))
        return false;
    Color *out = turned.px;
    for (int y = 0; y < turned.h; y++)
        for (int x = 0; x < turned.w; x++)
            *out++ = image->px[stored_index(orientation, image->w, image->h, x, y)];
    image_free(image);
    *image = turned;
    return true;
}

static bool refuse(tjhandle tj, Error *err)
{
    /* The library tells its own limit in words alone. */
    if (strstr(tjGetErrorStr2(tj), "has more than"))
        return error_set(err, ERROR_LIMIT, "JPEG scans: expected at most %d, found more (limit %d)",
                         JPEG_SCANS_MOST, JPEG_SCANS_MOST);
    return error_set(err, ERROR_MALFORMED, "JPEG data: expected a valid picture, found: %s",
                     tjGetErrorStr2(tj));
}

/* A block of 64 pixels takes two bits at the least (one in the first scan of a progressive
 * picture). Who says that there are millions in a few bytes wants memory, not a picture. */
static bool check_proven(int w, int h, size_t size, Error *err)
{
    enum { PIXELS_A_BYTE = 4 * 512 };
    uint64_t pixels = w > 0 && h > 0 ? (uint64_t)w * (uint64_t)h : 0;
    if (pixels > IMAGE_MAX_PIXELS || pixels / PIXELS_A_BYTE <= size)
        return true; /* image_init tells of too many */
    return error_set(err, ERROR_MALFORMED,
                     "picture size: expected at least %llu bytes for %d × %d pixels, found %zu",
                     (unsigned long long)(pixels / PIXELS_A_BYTE), w, h, size);
}

static bool decode_with(tjhandle tj, const uint8_t *data, size_t size, Image *out, bool *damaged,
                        Error *err)
{
    int w = 0, h = 0, sampling = 0, space = 0;
    unsigned long length = (unsigned long)size;
    if (tjDecompressHeader3(tj, data, length, &w, &h, &sampling, &space) != 0)
        return refuse(tj, err);
    if (space == TJCS_CMYK || space == TJCS_YCCK)
        return error_set(err, ERROR_MALFORMED, "JPEG colours: expected grey or YCbCr, found %s",
                         space == TJCS_CMYK ? "CMYK" : "YCCK (CMYK)");
    if (!check_proven(w, h, size, err) || !image_init(out, w, h, err))
        return false;
    int flags = TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT;
    if (tjDecompress2(tj, data, length, (unsigned char *)out->px, w, w * 4, h, TJPF_RGBA, flags) !=
        0) {
        if (tjGetErrorCode(tj) != TJERR_WARNING)
            return refuse(tj, err);
        *damaged = true;
    }
    bytes_to_colors(out);
    return true;
}

bool jpeg_decode(const void *data, size_t size, Image *out, bool *damaged, Error *err)
{
    const uint8_t *p = data;
    memset(out, 0, sizeof *out);
    *damaged = false;
    if (size < 4 || p[0] != 0xFF || p[1] != 0xD8)
        return error_at(
            err, ERROR_MALFORMED, "byte 0x0",
            "JPEG start: expected ff d8 and a picture, found %zu bytes of something else", size);
    JpegHead head = jpeg_head(p, size);
    const char *refused = frame_refused(&head);
    if (refused) {
        char where[64];
        snprintf(where, sizeof where, "byte 0x%zx (SOF%d)", head.at, head.frame - 0xC0);
        return error_at(err, ERROR_MALFORMED, where,
                        "JPEG coding: expected baseline or progressive of 8 bits, found %s",
                        refused);
    }
    tjhandle tj = tjInitDecompress();
    if (!tj)
        return error_memory(err);
    bool ok = decode_with(tj, p, size, out, damaged, err);
    tjDestroy(tj);
    ok = ok && turn_upright(out, head.orientation, err);
    if (ok)
        image_touch(out);
    else
        image_free(out);
    return ok;
}

/* ---- by content ---- */

static const char *content_name(const uint8_t *p, size_t size)
{
    static const struct {
        size_t at, length;
        const char *bytes, *name;
    } known[] = {
        {0, 6, "GIF87a", "a GIF picture"},
        {0, 6, "GIF89a", "a GIF picture"},
        {8, 4, "WEBP", "a WebP picture"},
        {0, 4, "II*\0", "a TIFF picture"},
        {0, 4, "MM\0*", "a TIFF picture"},
        {4, 8, "ftypavif", "an AVIF picture"},
        {4, 4, "ftyp", "an ISO media file (HEIF or video)"},
        {0, 12, "\0\0\0\x0CjP  \r\n\x87\n", "a JPEG 2000 picture"},
        {0, 4, "\0\0\1\0", "a Windows icon"},
        {0, 4, "8BPS", "a Photoshop picture"},
        {0, 5, "%PDF-", "a PDF document"},
        {0, 4, "PK\3\4", "a ZIP archive"},
        {0, 2, "\x1F\x8B", "gzip data"},
        {0, 6, "\x93NUMPY", "a NumPy array"},
        {0, 11, "version htt", "a git-lfs pointer"},
        {0, 4, "<svg", "an SVG drawing"},
        {0, 5, "<?xml", "an XML document (SVG?)"},
        {0, 5, "<!DOC", "an HTML page"},
        {0, 5, "<html", "an HTML page"},
        {0, 2, "P5", "a PGM picture"},
        {0, 2, "P6", "a PPM picture"},
        {0, 2, "BM", "a BMP picture"},
        {0, 7, "\xEF\xBB\xBF<svg", "an SVG drawing"},
        {0, 1, "{", "JSON"},
    };
    if (size == 0)
        return "an empty file";
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (size >= known[i].at + known[i].length &&
            memcmp(p + known[i].at, known[i].bytes, known[i].length) == 0)
            return known[i].name;
    return NULL;
}

bool image_decode(const void *data, size_t size, Image *out, bool *damaged, Error *err)
{
    const uint8_t *p = data;
    memset(out, 0, sizeof *out);
    *damaged = false;
    if (size >= 4 && (p[0] == 0x89 || memcmp(p + 1, "PNG", 3) == 0))
        return png_decode(data, size, out, err);
    if (size >= 2 && p[0] == 0xFF && p[1] == 0xD8)
        return jpeg_decode(data, size, out, damaged, err);
    const char *name = content_name(p, size);
    if (name)
        return error_set(err, ERROR_MALFORMED, "picture: expected PNG or JPEG, found %s", name);
    return error_at(err, ERROR_MALFORMED, "byte 0x0",
                    "picture: expected PNG or JPEG, found bytes beginning %02x %02x", p[0],
                    size > 1 ? p[1] : 0);
}

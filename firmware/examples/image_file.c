#include "image_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (1ul << 26)
#define DEEPEST 16

/* A place in the header's text, which ends with a zero. */
typedef struct {
    const char *at;
    int depth;
} reader;

/* What is known of a geometry, and where it goes. */
typedef struct {
    uint32_t lanes, pointwise_lanes, weight_bits, value_bits, sparse;
    uint32_t accumulator_words, state_words, values;
    int seen; /* geometries */
} geometry;

typedef int (*member)(reader *in, const char *key, size_t length, void *context);

static int skip(reader *in);

static uint32_t little(const uint8_t *data, size_t bytes)
{
    uint32_t value = 0;
    while (bytes--) {
        value = value << 8 | data[bytes];
    }
    return value;
}

/* Takes a character, with white space around it; whether it was there. */
static int take(reader *in, char wanted)
{
    in->at += strspn(in->at, " \t\r\n");
    if (*in->at != wanted) {
        return 0;
    }
    in->at++;
    in->at += strspn(in->at, " \t\r\n");
    return 1;
}

/* A string without its quotes, escapes as they stand. */
static int text(reader *in, const char **first, size_t *length)
{
    if (!take(in, '"')) {
        return -1;
    }
    *first = in->at;
    while (*in->at && *in->at != '"') {
        in->at += *in->at == '\\' && in->at[1] ? 2 : 1;
    }
    *length = (size_t)(in->at - *first);
    return take(in, '"') ? 0 : -1;
}

/* Goes through an object or a list, whose parts each visit takes. */
static int members(reader *in, char end, member visit, void *context)
{
    int status = in->depth++ < DEEPEST ? 0 : -1;
    if (status == 0 && !take(in, end)) {
        do {
            const char *key = NULL;
            size_t length = 0;
            if (end == '}' && (text(in, &key, &length) < 0 || !take(in, ':'))) {
                return -1;
            }
            status = visit(in, key, length, context);
        } while (status == 0 && take(in, ','));
        status = status == 0 && take(in, end) ? 0 : -1;
    }
    in->depth--;
    return status;
}

static int skip_member(reader *in, const char *key, size_t length, void *context)
{
    (void)key;
    (void)length;
    (void)context;
    return skip(in);
}

/* Goes past any value. */
static int skip(reader *in)
{
    const char *first;
    size_t length;
    if (take(in, '{')) {
        return members(in, '}', skip_member, NULL);
    }
    if (take(in, '[')) {
        return members(in, ']', skip_member, NULL);
    }
    if (*in->at == '"') {
        return text(in, &first, &length);
    }
    length = strspn(in->at, "+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    in->at += length;
    return length ? 0 : -1;
}

static int is(const char *key, size_t length, const char *name)
{
    return length == strlen(name) && memcmp(key, name, length) == 0;
}

/* A whole number to 65536, or a truth. */
static int number(reader *in, uint32_t *value)
{
    int truth = strncmp(in->at, "true", 4) == 0;
    if (truth || strncmp(in->at, "false", 5) == 0) {
        *value = truth ? 1u : 0u;
        return skip(in);
    }
    if (*in->at < '0' || *in->at > '9') {
        return -1;
    }
    for (*value = 0; *in->at >= '0' && *in->at <= '9'; in->at++) {
        *value = 10u * *value + (uint32_t)(*in->at - '0');
        if (*value > 0x10000ul) {
            return -1;
        }
    }
    return 0;
}

static int geometry_member(reader *in, const char *key, size_t length, void *context)
{
    geometry *found = (geometry *)context;
    struct {
        const char *name;
        uint32_t *value;
    } known[8];
    size_t n;
    known[0].name = "lanes", known[0].value = &found->lanes;
    known[1].name = "serial", known[1].value = &found->pointwise_lanes;
    known[2].name = "weight_bits", known[2].value = &found->weight_bits;
    known[3].name = "value_bits", known[3].value = &found->value_bits;
    known[4].name = "packed", known[4].value = &found->sparse;
    known[5].name = "accumulator_depth", known[5].value = &found->accumulator_words;
    known[6].name = "state_depth", known[6].value = &found->state_words;
    known[7].name = "value_depth", known[7].value = &found->values;
    for (n = 0; n < 8; n++) {
        if (is(key, length, known[n].name)) {
            return number(in, known[n].value);
        }
    }
    return is(key, length, "columns") ? -1 : skip(in); /* in SDRAM, which is loaded from Python */
}

static int top_member(reader *in, const char *key, size_t length, void *context)
{
    geometry *found = (geometry *)context;
    if (!is(key, length, "geometry")) {
        return skip(in);
    }
    return !found->seen++ && take(in, '{') ? members(in, '}', geometry_member, found) : -1;
}

static uint8_t *whole_file(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    long size = -1;
    if (file && fseek(file, 0, SEEK_END) == 0) {
        size = ftell(file);
    }
    if (size > 0 && (unsigned long)size <= MOST_BYTES && fseek(file, 0, SEEK_SET) == 0) {
        data = (uint8_t *)malloc((size_t)size);
    }
    if (data && fread(data, 1, (size_t)size, file) != (size_t)size) {
        free(data);
        data = NULL;
    }
    if (file) {
        fclose(file);
    }
    *bytes = data ? (size_t)size : 0;
    return data;
}

/* Reads the header's text, JSON. */
static int describe(const char *header, thresh_image *image)
{
    geometry found = {0};
    reader in = {0};
    in.at = header;
    if (!take(&in, '{') || members(&in, '}', top_member, &found) < 0 || *in.at || !found.seen ||
        found.lanes > 0xffffu || found.pointwise_lanes > 0xffu || found.weight_bits > 0xffu ||
        found.value_bits > 0xffu || found.sparse > 1u || found.lanes * found.weight_bits < 8u) {
        return -1;
    }
    image->lanes = (uint16_t)found.lanes;
    image->pointwise_lanes = (uint8_t)found.pointwise_lanes;
    image->weight_bits = (uint8_t)found.weight_bits;
    image->value_bits = (uint8_t)found.value_bits;
    image->sparse = (uint8_t)found.sparse;
    image->accumulator_words = found.accumulator_words;
    image->state_words = found.state_words;
    image->values = found.values;
    return 0;
}

int thresh_image_file(const char *path, thresh_image *image, uint8_t **memory)
{
    size_t bytes, sealed, length = 0, body = 0;
    uint8_t *data = *memory = whole_file(path, &bytes);
    char *header = NULL;
    int whole = data && bytes >= THRESH_IMAGE_HEAD_BYTES + THRESH_IMAGE_CRC_BYTES &&
                little(data, 4) == THRESH_IMAGE_MAGIC &&
                little(data + 4, 2) == THRESH_IMAGE_VERSION;
    if (whole) {
        length = little(data + 8, 4);
        body = little(data + 12, 4);
        sealed = bytes - THRESH_IMAGE_CRC_BYTES;
        whole = length <= bytes && body <= bytes && body > THRESH_BODY_HEAD_BYTES &&
                sealed - THRESH_IMAGE_HEAD_BYTES == length + body &&
                little(data + sealed, THRESH_IMAGE_CRC_BYTES) ==
                    (uint32_t)~thresh_checksum_next(0xfffffffful, data, sealed);
    }
    memset(image, 0, sizeof *image);
    if (whole && (header = (char *)malloc(length + 1u)) != NULL) {
        memcpy(header, data + THRESH_IMAGE_HEAD_BYTES, length);
        header[length] = '\0';
        whole = describe(header, image) == 0;
    }
    if (!header || !whole) {
        free(header);
        free(data);
        *memory = NULL;
        return -1;
    }
    free(header);
    image->body_bytes = (uint32_t)body;
    image->body = data + THRESH_IMAGE_HEAD_BYTES + length;
    image->weight_words = (uint32_t)((body - THRESH_BODY_HEAD_BYTES) /
                                     (image->lanes * (uint32_t)image->weight_bits / 8u));
    return 0;
}

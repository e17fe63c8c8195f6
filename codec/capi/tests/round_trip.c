/* Encodes frames into a file, reads and decodes them, compares hashes; then hands over NULL and garbage. */
#include <girih.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 50, HEIGHT = 38, FRAMES = 20, KEYINT = 8 };

#define CHECK(condition)                                                                            \
    do {                                                                                            \
        if (!(condition)) {                                                                         \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, girih_last_error()); \
            exit(1);                                                                                \
        }                                                                                           \
    } while (0)

static ptrdiff_t file_read(void *file, uint8_t *data, size_t size) {
    size_t n = fread(data, 1, size, file);
    return n == 0 && ferror((FILE *)file) ? -1 : (ptrdiff_t)n;
}

static int64_t file_seek(void *file, int64_t offset, int32_t whence) {
    int whences[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    return fseek(file, (long)offset, whences[whence]) == 0 ? ftell(file) : -1;
}

static int32_t file_write(void *file, const uint8_t *data, size_t size) {
    return fwrite(data, 1, size, file) == size ? 0 : 1;
}

static int32_t write_nothing(void *file, const uint8_t *data, size_t size) {
    (void)file, (void)data, (void)size;
    return 1;
}

static size_t plane_width(const GirihFormat *f, int p) {
    return p > 0 && f->chroma == GIRIH_CHROMA_420 ? (f->width + 1) / 2 : f->width;
}

static size_t plane_height(const GirihFormat *f, int p) {
    return p > 0 && f->chroma == GIRIH_CHROMA_420 ? (f->height + 1) / 2 : f->height;
}

static int planes(const GirihFormat *f) { return f->chroma == GIRIH_CHROMA_400 ? 1 : 3; }

static unsigned sample(const GirihFormat *f, const GirihFrame *frame, int p, size_t x, size_t y) {
    const uint8_t *row = frame->data[p] + y * frame->stride[p];
    uint16_t v = row[x];
    if (f->bit_depth > 8) memcpy(&v, row + 2 * x, 2);
    return v;
}

/* FNV-1a of all samples. */
static uint64_t hash(const GirihFormat *f, const GirihFrame *frame) {
    uint64_t h = 0xcbf29ce484222325u;
    for (int p = 0; p < planes(f); p++)
        for (size_t y = 0; y < plane_height(f, p); y++)
            for (size_t x = 0; x < plane_width(f, p); x++)
                h = (h ^ sample(f, frame, p, x, y)) * 0x100000001b3u;
    return h;
}

static unsigned original(const GirihFormat *f, int n, int p, size_t x, size_t y) {
    unsigned v = 60 + 40 * p + 2 * (unsigned)((x + n) % 40) + (unsigned)y;
    return v << (f->bit_depth - 8);
}

static void push_frame(GirihEncoder *encoder, const GirihFormat *f, int n) {
    size_t bytes = f->bit_depth > 8 ? 2 : 1;
    GirihFrame frame = {{NULL, NULL, NULL}, {0, 0, 0}, 0};
    frame.pts = 100 + n;
    for (int p = 0; p < planes(f); p++) {
        uint8_t *plane;
        frame.stride[p] = plane_width(f, p) * bytes + 16;
        plane = malloc(frame.stride[p] * plane_height(f, p));
        CHECK(plane != NULL);
        for (size_t y = 0; y < plane_height(f, p); y++)
            for (size_t x = 0; x < plane_width(f, p); x++) {
                uint16_t v = (uint16_t)original(f, n, p, x, y);
                uint8_t *at = plane + y * frame.stride[p] + x * bytes;
                if (bytes == 2)
                    memcpy(at, &v, 2);
                else
                    *at = (uint8_t)v;
            }
        frame.data[p] = plane;
    }
    CHECK(girih_encoder_push(encoder, &frame) == GIRIH_OK);
    for (int p = 0; p < planes(f); p++) free((void *)frame.data[p]);
}

static void encode(GirihConfig *config, const char *path) {
    const GirihFormat *f = &config->format;
    GirihEncoder *encoder = NULL;
    GirihWriter *writer = NULL;
    GirihPacket packet;
    const uint8_t *header;
    size_t size;
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    CHECK(girih_encoder_open(config, &encoder) == GIRIH_OK);
    CHECK(girih_encoder_header(encoder, &header, &size) == GIRIH_OK);
    CHECK(girih_writer_open(file_write, file, header, size, 1, 25, &writer) == GIRIH_OK);
    for (int n = 0; n < FRAMES; n++) {
        push_frame(encoder, f, n);
        while (girih_encoder_next(encoder, &packet) == GIRIH_OK)
            CHECK(girih_writer_push(writer, &packet) == GIRIH_OK);
    }
    CHECK(girih_encoder_finish(encoder) == GIRIH_OK);
    while (girih_encoder_next(encoder, &packet) == GIRIH_OK)
        CHECK(girih_writer_push(writer, &packet) == GIRIH_OK);
    CHECK(girih_encoder_next(encoder, &packet) == GIRIH_NONE);
    CHECK(girih_writer_finish(writer) == GIRIH_OK);
    CHECK(girih_writer_finish(writer) == GIRIH_ERROR_ARGUMENT);
    girih_writer_free(writer);
    girih_encoder_free(encoder);
    CHECK(fclose(file) == 0);
}

/* Decodes a file from the last key frame before a time on, and gives the hashes of its frames by their time. */
static int decode(const char *path, const GirihConfig *c, int64_t from, uint32_t threads, uint64_t *hashes) {
    GirihReader *reader = NULL;
    GirihDecoder *decoder = NULL;
    GirihFormat format;
    GirihPacket packet;
    GirihFrame frame;
    const uint8_t *header;
    size_t size;
    uint32_t num, den;
    uint64_t count, error = 0;
    int n = 0, finished = 0;
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    CHECK(girih_reader_open(file_read, file_seek, file, NULL, &reader) == GIRIH_OK);
    CHECK(girih_reader_header(reader, &header, &size) == GIRIH_OK);
    CHECK(girih_reader_time_base(reader, &num, &den) == GIRIH_OK && num == 1 && den == 25);
    CHECK(girih_reader_count(reader, &count) == GIRIH_OK && count == FRAMES);
    CHECK(girih_reader_seek(reader, from) == GIRIH_OK);
    CHECK(girih_decoder_open(header, size, NULL, threads, &decoder) == GIRIH_OK);
    CHECK(girih_decoder_verify(decoder, 1) == GIRIH_OK);
    CHECK(girih_decoder_format(decoder, &format) == GIRIH_OK);
    CHECK(memcmp(&format, &c->format, sizeof format) == 0);
    while (!finished) {
        GirihStatus status = girih_reader_next(reader, &packet);
        CHECK(status >= 0);
        finished = status == GIRIH_NONE;
        if (finished)
            CHECK(girih_decoder_finish(decoder) == GIRIH_OK);
        else
            CHECK(girih_decoder_push(decoder, packet.data, packet.size, packet.pts) == GIRIH_OK);
        while (girih_decoder_next(decoder, &frame) == GIRIH_OK) {
            int at = (int)frame.pts - 100;
            CHECK(at >= 0 && at < FRAMES);
            hashes[at] = hash(&format, &frame);
            for (size_t y = 0; y < HEIGHT; y++)
                for (size_t x = 0; x < WIDTH; x++)
                    error += (uint64_t)abs((int)sample(&format, &frame, 0, x, y) - (int)original(&format, at, 0, x, y));
            n++;
        }
    }
    CHECK((error >> (format.bit_depth - 8)) < 6u * WIDTH * HEIGHT * (unsigned)n);
    girih_decoder_free(decoder);
    girih_reader_free(reader);
    fclose(file);
    return n;
}

/* Units, as in Matroska: one in, one out. */
static void units(GirihConfig config, const uint64_t *hashes) {
    GirihEncoder *encoder = NULL;
    GirihDecoder *decoder = NULL;
    GirihPacket packet;
    GirihFrame frame;
    const uint8_t *header;
    size_t size;
    int n = 0;
    config.units = 1;
    CHECK(girih_encoder_open(&config, &encoder) == GIRIH_OK);
    CHECK(girih_encoder_header(encoder, &header, &size) == GIRIH_OK);
    CHECK(girih_decoder_open(header, size, NULL, 1, &decoder) == GIRIH_OK);
    CHECK(girih_decoder_units(decoder, 1) == GIRIH_OK);
    for (int i = 0; i <= FRAMES; i++) {
        if (i < FRAMES)
            push_frame(encoder, &config.format, i);
        else
            CHECK(girih_encoder_finish(encoder) == GIRIH_OK);
        while (girih_encoder_next(encoder, &packet) == GIRIH_OK) {
            CHECK(packet.pts == 100 + n && packet.key == (n % KEYINT == 0));
            CHECK(girih_decoder_push(decoder, packet.data, packet.size, packet.pts) == GIRIH_OK);
            CHECK(girih_decoder_next(decoder, &frame) == GIRIH_OK);
            CHECK(frame.pts == packet.pts && hash(&config.format, &frame) == hashes[n]);
            CHECK(girih_decoder_next(decoder, &frame) == GIRIH_NONE);
            n++;
        }
    }
    CHECK(n == FRAMES);
    girih_decoder_free(decoder);
    girih_encoder_free(encoder);
}

static void round_trip(const char *path, uint32_t chroma, uint32_t bit_depth) {
    GirihConfig config;
    uint64_t one[FRAMES] = {0}, many[FRAMES] = {0}, part[FRAMES] = {0};
    CHECK(girih_config_init(&config, WIDTH, HEIGHT, chroma, bit_depth) == GIRIH_OK);
    config.crf = 20;
    config.preset = GIRIH_PRESET_ULTRAFAST;
    config.tune = GIRIH_TUNE_PSNR;
    config.keyint = KEYINT;
    config.threads = 2;
    config.hashes = 1;
    config.format.primaries = config.format.transfer = config.format.matrix = 1;
    encode(&config, path);
    CHECK(decode(path, &config, 100, 1, one) == FRAMES);
    CHECK(decode(path, &config, 100, 3, many) == FRAMES);
    CHECK(memcmp(one, many, sizeof one) == 0 && one[0] != one[FRAMES - 1]);
    units(config, one);
    /* From the key frame before the middle. */
    CHECK(decode(path, &config, 100 + KEYINT + 2, 1, part) == FRAMES - KEYINT);
    CHECK(memcmp(one + KEYINT, part + KEYINT, sizeof *one * (FRAMES - KEYINT)) == 0);
}

/* Reads and decodes whatever comes. */
static int try_file(const uint8_t *bytes, size_t size, const char *path) {
    GirihReader *reader = NULL;
    GirihDecoder *decoder = NULL;
    GirihLimits limits;
    GirihPacket packet;
    GirihFrame frame;
    GirihStatus status;
    const uint8_t *header;
    size_t header_size;
    int errors = 0;
    FILE *file = fopen(path, "wb+");
    CHECK(file != NULL && fwrite(bytes, 1, size, file) == size && fseek(file, 0, SEEK_SET) == 0);
    CHECK(girih_limits_init(&limits) == GIRIH_OK);
    limits.max_pixels = 4 * WIDTH * HEIGHT;
    status = girih_reader_open(file_read, NULL, file, &limits, &reader);
    if (status != GIRIH_OK) {
        CHECK(status < 0 && strlen(girih_last_error()) > 0 && reader == NULL);
        fclose(file);
        return 1;
    }
    CHECK(girih_reader_header(reader, &header, &header_size) == GIRIH_OK);
    CHECK(girih_reader_seek(reader, 0) == GIRIH_ERROR_IO);
    errors += girih_decoder_open(header, header_size, &limits, 1, &decoder) != GIRIH_OK;
    while ((status = girih_reader_next(reader, &packet)) != GIRIH_NONE && errors < 100) {
        errors += status != GIRIH_OK || girih_decoder_push(decoder, packet.data, packet.size, packet.pts) != GIRIH_OK;
        while (girih_decoder_next(decoder, &frame) == GIRIH_OK) continue;
    }
    girih_decoder_free(decoder);
    girih_reader_free(reader);
    fclose(file);
    return errors;
}

static void garbage(const char *path) {
    static uint8_t good[1 << 16], bad[1 << 16];
    FILE *file = fopen(path, "rb");
    size_t size = fread(good, 1, sizeof good, file);
    fclose(file);
    CHECK(size > 200 && size < sizeof good);
    CHECK(try_file(good, size, path) == 0);
    for (size_t at = 0; at < size; at += 1 + size / 150) {
        memcpy(bad, good, size);
        bad[at] ^= (uint8_t)(1 << at % 8);
        CHECK(try_file(bad, size, path) > 0);
        CHECK(try_file(good, at, path) > 0);
    }
    for (size_t i = 0; i < sizeof bad; i++) bad[i] = (uint8_t)(i * i >> 3);
    CHECK(try_file(bad, sizeof bad, path) > 0);
}

/* A codebook of one's own: carried by the stream, or given to both sides. */
static void own_codebook(const char *path) {
    static uint8_t book[1 << 20];
    FILE *file = fopen(path, "rb");
    size_t book_size = file ? fread(book, 1, sizeof book, file) : 0, sizes[2];
    uint64_t hashes[2] = {0, 0};
    GirihConfig config;
    CHECK(book_size > 0 && fclose(file) == 0);
    CHECK(girih_config_init(&config, WIDTH, HEIGHT, GIRIH_CHROMA_420, 8) == GIRIH_OK);
    config.preset = GIRIH_PRESET_ULTRAFAST;
    for (uint32_t embed = 0; embed < 2; embed++) {
        GirihEncoder *encoder = NULL;
        GirihDecoder *decoder = NULL;
        GirihPacket packet;
        GirihFrame frame;
        const uint8_t *header;
        CHECK(girih_encoder_open_with_codebook(&config, book, book_size, embed, &encoder) == GIRIH_OK);
        CHECK(girih_encoder_header(encoder, &header, &sizes[embed]) == GIRIH_OK);
        if (embed == 0) {
            CHECK(girih_decoder_open(header, sizes[0], NULL, 1, &decoder) == GIRIH_ERROR_CODEBOOK && decoder == NULL);
            CHECK(girih_decoder_open_with_codebook(header, sizes[0], book, book_size - 1, NULL, 1, &decoder) < 0);
            CHECK(girih_decoder_open_with_codebook(header, sizes[0], NULL, 1, NULL, 1, &decoder) == GIRIH_ERROR_ARGUMENT);
            CHECK(girih_decoder_open_with_codebook(header, sizes[0], book, book_size, NULL, 1, &decoder) == GIRIH_OK);
        } else {
            CHECK(girih_decoder_open(header, sizes[1], NULL, 1, &decoder) == GIRIH_OK);
        }
        push_frame(encoder, &config.format, 0);
        CHECK(girih_encoder_finish(encoder) == GIRIH_OK && girih_encoder_next(encoder, &packet) == GIRIH_OK);
        CHECK(girih_decoder_verify(decoder, 1) == GIRIH_OK);
        CHECK(girih_decoder_push(decoder, packet.data, packet.size, packet.pts) == GIRIH_OK);
        CHECK(girih_decoder_next(decoder, &frame) == GIRIH_OK);
        hashes[embed] = hash(&config.format, &frame);
        girih_decoder_free(decoder);
        girih_encoder_free(encoder);
        encoder = NULL;
        CHECK(girih_encoder_open_with_codebook(&config, book, book_size / 2, embed, &encoder) < 0 && encoder == NULL);
    }
    CHECK(hashes[0] == hashes[1] && sizes[1] >= sizes[0] + book_size);
}

static void wrong_calls(void) {
    GirihConfig config;
    GirihEncoder *encoder = NULL;
    GirihDecoder *decoder = NULL;
    GirihWriter *writer = NULL;
    GirihFrame frame = {{NULL, NULL, NULL}, {WIDTH, WIDTH, WIDTH}, 0};
    GirihPacket packet = {NULL, 3, 0, 0};
    uint8_t noise[64];
    memset(noise, 0xa5, sizeof noise);

    CHECK(girih_config_init(NULL, 8, 8, 1, 8) == GIRIH_ERROR_ARGUMENT);
    CHECK(girih_config_init(&config, 8, 8, 3, 8) == GIRIH_ERROR_ARGUMENT);
    CHECK(girih_config_init(&config, 0, 8, 1, 8) < 0 && girih_config_init(&config, 8, 8, 1, 9) < 0);
    CHECK(girih_config_init(&config, WIDTH, HEIGHT, GIRIH_CHROMA_420, 8) == GIRIH_OK);
    CHECK(girih_encoder_open(NULL, &encoder) == GIRIH_ERROR_ARGUMENT);
    CHECK(girih_encoder_open(&config, NULL) == GIRIH_ERROR_ARGUMENT);
    config.crf = 64;
    CHECK(girih_encoder_open(&config, &encoder) == GIRIH_ERROR_ARGUMENT);
    CHECK(strstr(girih_last_error(), "crf") != NULL && encoder == NULL);
    config.crf = 30;
    config.preset = 99;
    CHECK(girih_encoder_open(&config, &encoder) == GIRIH_ERROR_ARGUMENT);
    config.preset = GIRIH_PRESET_FAST;
    CHECK(girih_encoder_open(&config, &encoder) == GIRIH_OK);
    CHECK(girih_encoder_push(NULL, &frame) == GIRIH_ERROR_ARGUMENT);
    CHECK(girih_encoder_push(encoder, NULL) == GIRIH_ERROR_ARGUMENT);
    CHECK(girih_encoder_push(encoder, &frame) == GIRIH_ERROR_ARGUMENT);
    CHECK(strstr(girih_last_error(), "NULL") != NULL);
    frame.stride[0] = WIDTH - 1;
    CHECK(girih_encoder_push(encoder, &frame) == GIRIH_ERROR_ARGUMENT);
    CHECK(girih_encoder_next(encoder, NULL) == GIRIH_ERROR_ARGUMENT);
    CHECK(girih_encoder_next(encoder, &packet) == GIRIH_NONE);
    CHECK(girih_encoder_header(encoder, NULL, NULL) == GIRIH_ERROR_ARGUMENT);
    girih_encoder_free(encoder);
    girih_encoder_free(NULL);

    CHECK(girih_decoder_open(noise, sizeof noise, NULL, 0, &decoder) < 0 && decoder == NULL);
    CHECK(girih_decoder_open(NULL, 5, NULL, 0, &decoder) == GIRIH_ERROR_ARGUMENT);
    CHECK(girih_decoder_open(noise, 0, NULL, 0, &decoder) == GIRIH_ERROR_CORRUPT);
    CHECK(girih_decoder_push(NULL, noise, 3, 0) == GIRIH_ERROR_ARGUMENT);
    girih_decoder_free(NULL);

    CHECK(girih_reader_open(NULL, NULL, NULL, NULL, NULL) == GIRIH_ERROR_ARGUMENT);
    girih_reader_free(NULL);
    CHECK(girih_writer_open(NULL, NULL, noise, 3, 1, 25, &writer) == GIRIH_ERROR_ARGUMENT);
    CHECK(girih_writer_open(write_nothing, NULL, noise, 3, 0, 25, &writer) == GIRIH_ERROR_ARGUMENT);
    CHECK(girih_writer_open(write_nothing, NULL, noise, 3, 1, 25, &writer) == GIRIH_OK);
    CHECK(girih_writer_push(writer, &packet) == GIRIH_ERROR_ARGUMENT);
    packet.data = noise;
    CHECK(girih_writer_push(writer, &packet) == GIRIH_OK);
    CHECK(girih_writer_finish(writer) == GIRIH_ERROR_IO);
    girih_writer_free(writer);
    girih_writer_free(NULL);
    CHECK(strlen(girih_version()) >= 5);
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    round_trip(argv[1], GIRIH_CHROMA_400, 8);
    round_trip(argv[1], GIRIH_CHROMA_444, 10);
    round_trip(argv[1], GIRIH_CHROMA_420, 8);
    garbage(argv[1]);
    own_codebook(argv[2]);
    wrong_calls();
    puts("all is well");
    return 0;
}

/*
 * Girih for C: the encoder, the decoder and the .girih file format. Made from the Rust source; do not edit.
 *
 * Every function but the ones that free gives a GirihStatus; girih_last_error() says what went wrong. NULL is an error
 * where nothing else is said, never a crash. On an error what the pointers point to stays as it was. A handle may be used
 * by any thread, but by one at a time; different handles do not know of each other.
 */

#ifndef GIRIH_H
#define GIRIH_H

#include <stddef.h>
#include <stdint.h>

// What a call gives. Negative values are errors; girih_last_error() then says more.
typedef enum GirihStatus {
  // Done.
  GIRIH_OK = 0,
  // Nothing to give now: push more first, or, after finishing, the end.
  GIRIH_NONE = 1,
  // A NULL pointer, a number out of range, or a call at the wrong time.
  GIRIH_ERROR_ARGUMENT = -1,
  // The bytes are damaged, or are nothing of Girih's.
  GIRIH_ERROR_CORRUPT = -2,
  // A frame was decoded to other samples than its hash says.
  GIRIH_ERROR_HASH = -3,
  // The stream was made with a codebook that is not there.
  GIRIH_ERROR_CODEBOOK = -4,
  // Well formed, but beyond what this version does.
  GIRIH_ERROR_UNSUPPORTED = -5,
  // The stream needs more than the limits allow.
  GIRIH_ERROR_LIMIT = -6,
  // A callback could not read or write.
  GIRIH_ERROR_IO = -7,
  // A fault of the library's. The handle is of no more use but to be freed.
  GIRIH_ERROR_INTERNAL = -8,
} GirihStatus;

// How chroma is sampled against luma.
typedef enum GirihChroma {
  // 4:0:0, luma only.
  GIRIH_CHROMA_400 = 0,
  // 4:2:0, half as wide and half as high as luma, rounded up.
  GIRIH_CHROMA_420 = 1,
  // 4:4:4, as large as luma.
  GIRIH_CHROMA_444 = 2,
} GirihChroma;

// Time against size.
typedef enum GirihPreset {
  GIRIH_PRESET_ULTRAFAST = 0,
  GIRIH_PRESET_FAST = 1,
  GIRIH_PRESET_MEDIUM = 2,
  GIRIH_PRESET_SLOW = 3,
  GIRIH_PRESET_VERYSLOW = 4,
} GirihPreset;

// What the encoder takes for quality.
typedef enum GirihTune {
  // Squared error, mildly redistributed from textured to flat areas.
  GIRIH_TUNE_EYE = 0,
  GIRIH_TUNE_PSNR = 1,
  GIRIH_TUNE_SSIM = 2,
} GirihTune;

// Decodes packets.
typedef struct GirihDecoder GirihDecoder;

// Encodes frames.
typedef struct GirihEncoder GirihEncoder;

// Reads a .girih file.
typedef struct GirihReader GirihReader;

// Writes a .girih file.
typedef struct GirihWriter GirihWriter;

// What all frames of a stream have in common.
typedef struct GirihFormat {
  // Of luma, in samples, 1 to 65536.
  uint32_t width;
  // Of luma, in samples, 1 to 65536.
  uint32_t height;
  // One of GirihChroma.
  uint32_t chroma;
  // Bits per sample: 8 or 10.
  uint32_t bit_depth;
  // Frames per second: numerator, for information.
  uint32_t frame_rate_num;
  // Its denominator.
  uint32_t frame_rate_den;
  // Width of a sample over its height: numerator; 0 for unknown.
  uint32_t sample_aspect_num;
  // Its denominator.
  uint32_t sample_aspect_den;
  // Colour primaries by the code points of ITU-T H.273; 2 for unknown.
  uint8_t primaries;
  // Transfer characteristics, likewise.
  uint8_t transfer;
  // Matrix coefficients, likewise.
  uint8_t matrix;
  // 1 if samples use all values of their depth, 0 if the range of television.
  uint8_t full_range;
} GirihFormat;

// Settings of an encoder. girih_config_init() gives the defaults.
typedef struct GirihConfig {
  // Of the frames that are to come.
  struct GirihFormat format;
  // Constant quality, 0 (best) to 63; default 30.
  float crf;
  // One of GirihPreset; default medium.
  uint32_t preset;
  // One of GirihTune; default eye.
  uint32_t tune;
  // Most frames from one key frame to the next; default 250.
  uint32_t keyint;
  // Worker threads; 0, the default, is one per core. The bytes do not depend on it.
  uint32_t threads;
  // 1: a hash of every frame in the stream, not only of some.
  uint32_t hashes;
  // 1: packets are units for Matroska and other containers than .girih (FourCC "GRIH"): each holds what has to be
  // decoded to show the next frame, and they come in the order of presentation, one for each frame.
  uint32_t units;
  // Mean bits per second to aim at; 0, the default: as crf says.
  uint64_t bitrate;
  // Most bits per second over the time in which they fill the buffer; 0, the default: no such limit.
  uint64_t max_rate;
  // Size of that buffer in bits.
  uint64_t buffer;
} GirihConfig;

// What a decoder may spend on a stream before it refuses it.
typedef struct GirihLimits {
  // Luma samples of a picture.
  uint64_t max_pixels;
  // Bytes of a packet.
  uint64_t max_packet;
  // Bytes of all pictures that a decoder holds at once.
  uint64_t max_memory;
} GirihLimits;

// A frame. Samples of 8 bits have one byte, those of 10 bits two, in the order of the machine.
typedef struct GirihFrame {
  // Top left samples of Y, U and V; NULL for planes that the format does not have.
  const uint8_t *data[3];
  // Bytes from one row to the next. Two-byte samples want addresses and strides that are even.
  size_t stride[3];
  // Time of presentation, in any unit; it comes back as it was given.
  int64_t pts;
} GirihFrame;

// A coded frame.
typedef struct GirihPacket {
  const uint8_t *data;
  // At least 1.
  size_t size;
  // Time of presentation of its frame. Packets come in decoding order.
  int64_t pts;
  // 1 if decoding can start here, else 0.
  uint32_t key;
} GirihPacket;

// Reads up to `size` bytes (never 0) and gives how many; 0 at the end of the file, a negative number on failure. It
// returns normally: no exceptions, no longjmp().
typedef ptrdiff_t (*GirihRead)(void *opaque, uint8_t *data, size_t size);

// Moves like fseek(), `whence` being 0 for the start of the file, 1 for where it is, 2 for the end, and gives the new
// position from the start; a negative number on failure.
typedef int64_t (*GirihSeek)(void *opaque, int64_t offset, int32_t whence);

// Writes `size` bytes behind those before; gives 0, or another number on failure. It returns normally: no exceptions,
// no longjmp().
typedef int32_t (*GirihWrite)(void *opaque, const uint8_t *data, size_t size);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// What went wrong in the last call of this thread that failed: one line in English, never NULL. It is valid until the
// next call of this thread that fails.
const char *girih_last_error(void);

// The version of the library, such as "0.1.0".
const char *girih_version(void);

// Fills in the default settings for frames of this size. `chroma` is one of GirihChroma, `bit_depth` 8 or 10.
//
// # Safety
// `config` is NULL or a place for the settings.
enum GirihStatus girih_config_init(struct GirihConfig *config,
                                   uint32_t width,
                                   uint32_t height,
                                   uint32_t chroma,
                                   uint32_t bit_depth);

// Fills in the default limits: pictures of 64 million samples, 4 GiB of memory.
//
// # Safety
// `limits` is NULL or a place for the limits.
enum GirihStatus girih_limits_init(struct GirihLimits *limits);

// Makes an encoder, to be freed with girih_encoder_free().
//
// # Safety
// `config` and `encoder` are NULL or point to settings and to a place for a pointer.
enum GirihStatus girih_encoder_open(const struct GirihConfig *config, struct GirihEncoder **encoder);

// The same with a codebook file, as girih train writes it; NULL and 0 stand for the built-in one. With `embed` 1 the
// sequence header carries it, so that every decoder has it; with 0 the stream only names it, and decoders must be given
// it.
//
// # Safety
// The pointers are NULL or point to settings, to `size` bytes and to a place for a pointer.
enum GirihStatus girih_encoder_open_with_codebook(const struct GirihConfig *config,
                                                  const uint8_t *codebook,
                                                  size_t size,
                                                  uint32_t embed,
                                                  struct GirihEncoder **encoder);

// The sequence header: the decoder needs it first, a container stores it once (FFmpeg: extradata; GStreamer:
// codec_data). It is valid until the encoder is freed.
//
// # Safety
// The pointers are NULL or point to a live encoder and to places for a pointer and a size.
enum GirihStatus girih_encoder_header(struct GirihEncoder *encoder, const uint8_t **data, size_t *size);

// Adds the next frame in the order of presentation; its time must be later than that of the frame before. Its samples
// are copied.
//
// # Safety
// The pointers are NULL or point to a live encoder and to a frame whose planes have as many samples as the encoder's
// format says.
enum GirihStatus girih_encoder_push(struct GirihEncoder *encoder,
                                    const struct GirihFrame *frame);

// Says that no frame follows, so that the last packets can come out.
//
// # Safety
// `encoder` is NULL or a live encoder.
enum GirihStatus girih_encoder_finish(struct GirihEncoder *encoder);

// The next packet in decoding order, or the next unit; GIRIH_NONE if none is ready. It is valid until the next call of
// this function with this encoder, or until the encoder is freed.
//
// # Safety
// The pointers are NULL or point to a live encoder and to a place for a packet.
enum GirihStatus girih_encoder_next(struct GirihEncoder *encoder,
                                    struct GirihPacket *packet);

// Frees an encoder; NULL is allowed.
//
// # Safety
// `encoder` is NULL or a live encoder, which nobody uses afterwards.
void girih_encoder_free(struct GirihEncoder *encoder);

// Makes a decoder from a sequence header, to be freed with girih_decoder_free(). NULL for `limits` stands for the
// default ones; `threads` is the number of worker threads, 0 for one per core. With several threads frames come out some
// packets later.
//
// # Safety
// The pointers are NULL or point to `size` bytes, to limits and to a place for a pointer.
enum GirihStatus girih_decoder_open(const uint8_t *header,
                                    size_t size,
                                    const struct GirihLimits *limits,
                                    uint32_t threads,
                                    struct GirihDecoder **decoder);

// The same with a codebook file, for streams that name one without carrying it; NULL and 0 stand for none. A stream that
// needs another one is GIRIH_ERROR_CODEBOOK; one that carries its own, or needs the built-in one, does not use it.
//
// # Safety
// The pointers are NULL or point to `size` and `codebook_size` bytes, to limits and to a place for a pointer.
enum GirihStatus girih_decoder_open_with_codebook(const uint8_t *header,
                                                  size_t size,
                                                  const uint8_t *codebook,
                                                  size_t codebook_size,
                                                  const struct GirihLimits *limits,
                                                  uint32_t threads,
                                                  struct GirihDecoder **decoder);

// What the sequence header says of all frames.
//
// # Safety
// The pointers are NULL or point to a live decoder and to a place for a format.
enum GirihStatus girih_decoder_format(struct GirihDecoder *decoder, struct GirihFormat *format);

// 1: compare each frame with its hash where the stream has one; 0, as it is at first: do not.
//
// # Safety
// `decoder` is NULL or a live decoder.
enum GirihStatus girih_decoder_verify(struct GirihDecoder *decoder, uint32_t verify);

// 1: what is pushed are units, the packets of Matroska and other containers than .girih, each of which gives one frame;
// 0, as it is at first: packets.
//
// # Safety
// `decoder` is NULL or a live decoder.
enum GirihStatus girih_decoder_units(struct GirihDecoder *decoder,
                                     uint32_t units);

// Decodes a packet; packets come in decoding order. After an error the decoder goes on with the next packet; frames
// that refer to a lost one are errors too, up to the next key frame.
//
// # Safety
// The pointers are NULL or point to a live decoder and to `size` bytes.
enum GirihStatus girih_decoder_push(struct GirihDecoder *decoder,
                                    const uint8_t *data,
                                    size_t size,
                                    int64_t pts);

// Says that no packet follows, so that the last frames can come out.
//
// # Safety
// `decoder` is NULL or a live decoder.
enum GirihStatus girih_decoder_finish(struct GirihDecoder *decoder);

// The next frame in the order of presentation, GIRIH_NONE if none is ready. It is valid until the next call of this
// function with this decoder, or until the decoder is freed.
//
// # Safety
// The pointers are NULL or point to a live decoder and to a place for a frame.
enum GirihStatus girih_decoder_next(struct GirihDecoder *decoder,
                                    struct GirihFrame *frame);

// Forgets everything but the sequence header, to go on with a key frame elsewhere (seeking).
//
// # Safety
// `decoder` is NULL or a live decoder.
enum GirihStatus girih_decoder_reset(struct GirihDecoder *decoder);

// Frees a decoder; NULL is allowed.
//
// # Safety
// `decoder` is NULL or a live decoder, which nobody uses afterwards.
void girih_decoder_free(struct GirihDecoder *decoder);

// Reads the header of a .girih file. The reader, to be freed with girih_reader_free(), calls `read` and `seek` with
// `opaque` until then, only inside calls of functions of its own. Without `seek` (NULL) the file is read from front to
// back. NULL for `limits` stands for the default ones.
//
// # Safety
// The functions may be called as their types say, with `opaque`; the other pointers are NULL or point to limits and to
// a place for a pointer.
enum GirihStatus girih_reader_open(GirihRead read,
                                   GirihSeek seek,
                                   void *opaque,
                                   const struct GirihLimits *limits,
                                   struct GirihReader **reader);

// The sequence header, for girih_decoder_open(). It is valid until the reader is freed.
//
// # Safety
// The pointers are NULL or point to a live reader and to places for a pointer and a size.
enum GirihStatus girih_reader_header(struct GirihReader *reader, const uint8_t **data, size_t *size);

// Seconds per unit of pts, as a fraction.
//
// # Safety
// The pointers are NULL or point to a live reader and to places for numbers.
enum GirihStatus girih_reader_time_base(struct GirihReader *reader, uint32_t *num, uint32_t *den);

// The next packet in decoding order, GIRIH_NONE at the end of the file. It is valid until the next call of this
// function with this reader, or until the reader is freed. After GIRIH_ERROR_CORRUPT the next call goes on behind the
// damage if that is possible, else it gives GIRIH_NONE.
//
// # Safety
// The pointers are NULL or point to a live reader and to a place for a packet.
enum GirihStatus girih_reader_next(struct GirihReader *reader,
                                   struct GirihPacket *packet);

// The number of packets, which is that of frames, as the index at the end of the file says. Needs seeking.
//
// # Safety
// The pointers are NULL or point to a live reader and to a place for a number.
enum GirihStatus girih_reader_count(struct GirihReader *reader, uint64_t *packets);

// Goes to the last key frame that is not later than `pts`, or to the first one: its packet is the next. Needs seeking.
// The decoder is to be reset, with girih_decoder_reset().
//
// # Safety
// `reader` is NULL or a live reader.
enum GirihStatus girih_reader_seek(struct GirihReader *reader,
                                   int64_t pts);

// Frees a reader; NULL is allowed.
//
// # Safety
// `reader` is NULL or a live reader, which nobody uses afterwards.
void girih_reader_free(struct GirihReader *reader);

// Begins a .girih file with the sequence header of girih_encoder_header() and the time base: seconds per unit of pts,
// as a fraction. The writer, to be freed with girih_writer_free(), calls `write` with `opaque`, only inside calls of
// functions of its own other than that.
//
// # Safety
// The function may be called as its type says, with `opaque`; the other pointers are NULL or point to `size` bytes and
// to a place for a pointer.
enum GirihStatus girih_writer_open(GirihWrite write,
                                   void *opaque,
                                   const uint8_t *header,
                                   size_t size,
                                   uint32_t time_base_num,
                                   uint32_t time_base_den,
                                   struct GirihWriter **writer);

// Appends a packet, in the order in which the encoder gives them.
//
// # Safety
// The pointers are NULL or point to a live writer and to a packet.
enum GirihStatus girih_writer_push(struct GirihWriter *writer, const struct GirihPacket *packet);

// Completes the file with its index; no packet follows.
//
// # Safety
// `writer` is NULL or a live writer.
enum GirihStatus girih_writer_finish(struct GirihWriter *writer);

// Frees a writer; NULL is allowed. A file that has not been finished is not complete.
//
// # Safety
// `writer` is NULL or a live writer, which nobody uses afterwards.
void girih_writer_free(struct GirihWriter *writer);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* GIRIH_H */

// base/compressed_file.cpp: gzip by zlib, zstd by libzstd, and which of them a file is.
#include <algorithm>
#include <cstring>
#include <new>
#include <vector>
#include <zlib.h>
#include <zstd.h>

#include "base/file.h"

namespace tupelo {

namespace {

constexpr size_t kBufferBytes = size_t{1} << 18;
constexpr unsigned char kGzipMagic[] = {0x1F, 0x8B};
constexpr unsigned char kZstdMagic[] = {0x28, 0xB5, 0x2F, 0xFD};

// Bytes of a file that were looked at already come first.
class BufferedInput {
 public:
  explicit BufferedInput(std::unique_ptr<InputFile> file)
      : file_(std::move(file)), buffer_(kBufferBytes) {
    Fill();
  }
  const char* data() const { return buffer_.data() + begin_; }
  size_t size() const { return end_ - begin_; }
  void Consume(size_t bytes) { begin_ += bytes; }
  void Fill() {
    begin_ = 0;
    end_ = file_->Read(buffer_.data(), buffer_.size());
  }
  const InputFile& file() const { return *file_; }
  InputFile& file() { return *file_; }

 private:
  std::unique_ptr<InputFile> file_;
  std::vector<char> buffer_;
  size_t begin_ = 0, end_ = 0;
};

class PlainInput : public InputStream {
 public:
  explicit PlainInput(BufferedInput input) : input_(std::move(input)) {}
  size_t Read(char* buffer, size_t size) override {
    size_t ready = std::min(size, input_.size());
    std::memcpy(buffer, input_.data(), ready);
    input_.Consume(ready);
    if (ready < size) ready += input_.file().Read(buffer + ready, size - ready);
    return ready;
  }
  uint64_t stored_bytes_read() const override { return input_.file().stored_bytes_read(); }
  uint64_t stored_bytes() const override { return input_.file().stored_bytes(); }

 private:
  BufferedInput input_;
};

// Several members one after the other are one text (RFC 1952, 2.2).
class GzipInput : public InputStream {
 public:
  explicit GzipInput(BufferedInput input) : input_(std::move(input)) {
    if (inflateInit2(&stream_, kGzipWindowBits) != Z_OK) throw std::bad_alloc();
  }
  ~GzipInput() override { inflateEnd(&stream_); }
  GzipInput(const GzipInput&) = delete;
  GzipInput& operator=(const GzipInput&) = delete;

  size_t Read(char* buffer, size_t size) override {
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out > 0) {
      if (input_.size() == 0) input_.Fill();
      if (input_.size() == 0) {
        if (in_member_) ThrowDamaged(input_.file().path(), "it ends too early");
        break;
      }
      in_member_ = true;
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input_.data()));
      stream_.avail_in = static_cast<uInt>(input_.size());
      int result = inflate(&stream_, Z_NO_FLUSH);
      input_.Consume(input_.size() - stream_.avail_in);
      if (result == Z_STREAM_END) {
        in_member_ = false;
        inflateReset(&stream_);
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        ThrowDamaged(input_.file().path(), stream_.msg != nullptr ? stream_.msg : "no gzip data");
      }
    }
    return size - stream_.avail_out;
  }
  uint64_t stored_bytes_read() const override { return input_.file().stored_bytes_read(); }
  uint64_t stored_bytes() const override { return input_.file().stored_bytes(); }

 private:
  static constexpr int kGzipWindowBits = 15 + 16;
  BufferedInput input_;
  z_stream stream_ = {};
  bool in_member_ = false;
};

class ZstdInput : public InputStream {
 public:
  explicit ZstdInput(BufferedInput input)
      : input_(std::move(input)), stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
  }
  ~ZstdInput() override { ZSTD_freeDStream(stream_); }
  ZstdInput(const ZstdInput&) = delete;
  ZstdInput& operator=(const ZstdInput&) = delete;

  size_t Read(char* buffer, size_t size) override {
    ZSTD_outBuffer out{buffer, size, 0};
    while (out.pos < size) {
      if (input_.size() == 0) input_.Fill();
      bool at_end = input_.size() == 0;
      if (at_end && !in_frame_) break;
      ZSTD_inBuffer in{input_.data(), input_.size(), 0};
      size_t before = out.pos;
      size_t result = ZSTD_decompressStream(stream_, &out, &in);
      if (ZSTD_isError(result) != 0) {
        ThrowDamaged(input_.file().path(), ZSTD_getErrorName(result));
      }
      input_.Consume(in.pos);
      in_frame_ = result != 0;
      if (at_end && in_frame_ && out.pos == before) {
        ThrowDamaged(input_.file().path(), "it ends too early");
      }
    }
    return out.pos;
  }
  uint64_t stored_bytes_read() const override { return input_.file().stored_bytes_read(); }
  uint64_t stored_bytes() const override { return input_.file().stored_bytes(); }

 private:
  BufferedInput input_;
  ZSTD_DStream* stream_;
  bool in_frame_ = false;
};

class GzipOutput : public OutputStream {
 public:
  explicit GzipOutput(const std::string& path) : file_(path), buffer_(kBufferBytes) {
    constexpr int kGzipWindowBits = 15 + 16, kMemoryLevel = 8;
    if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~GzipOutput() override { deflateEnd(&stream_); }
  GzipOutput(const GzipOutput&) = delete;
  GzipOutput& operator=(const GzipOutput&) = delete;

  void Write(const char* bytes, size_t size) override { Deflate(bytes, size, Z_NO_FLUSH); }
  void Finish() override {
    Deflate(nullptr, 0, Z_FINISH);
    file_.Finish();
  }

 private:
  void Deflate(const char* bytes, size_t size, int flush) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes));
    stream_.avail_in = static_cast<uInt>(size);
    int result;
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      result = deflate(&stream_, flush);
      file_.Write(buffer_.data(), buffer_.size() - stream_.avail_out);
    } while (flush == Z_FINISH ? result != Z_STREAM_END : stream_.avail_out == 0);
  }
  OutputFile file_;
  std::vector<char> buffer_;
  z_stream stream_ = {};
};

class ZstdOutput : public OutputStream {
 public:
  explicit ZstdOutput(const std::string& path)
      : file_(path), buffer_(kBufferBytes), stream_(ZSTD_createCStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
  }
  ~ZstdOutput() override { ZSTD_freeCStream(stream_); }
  ZstdOutput(const ZstdOutput&) = delete;
  ZstdOutput& operator=(const ZstdOutput&) = delete;

  void Write(const char* bytes, size_t size) override { Compress(bytes, size, ZSTD_e_continue); }
  void Finish() override {
    Compress(nullptr, 0, ZSTD_e_end);
    file_.Finish();
  }

 private:
  void Compress(const char* bytes, size_t size, ZSTD_EndDirective mode) {
    ZSTD_inBuffer in{bytes, size, 0};
    size_t left;
    do {
      ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
      left = ZSTD_compressStream2(stream_, &out, &in, mode);
      if (ZSTD_isError(left) != 0) throw std::bad_alloc();  // the only way to fail
      file_.Write(buffer_.data(), out.pos);
    } while (mode == ZSTD_e_end ? left != 0 : in.pos < in.size);
  }
  OutputFile file_;
  std::vector<char> buffer_;
  ZSTD_CStream* stream_;
};

}  // namespace

std::unique_ptr<InputStream> OpenInput(const std::string& path) {
  BufferedInput input(std::make_unique<InputFile>(path));
  auto begins_with = [&](const unsigned char* magic, size_t size) {
    return input.size() >= size && std::memcmp(input.data(), magic, size) == 0;
  };
  if (begins_with(kGzipMagic, sizeof kGzipMagic)) {
    return std::make_unique<GzipInput>(std::move(input));
  }
  if (begins_with(kZstdMagic, sizeof kZstdMagic)) {
    return std::make_unique<ZstdInput>(std::move(input));
  }
  return std::make_unique<PlainInput>(std::move(input));
}

std::unique_ptr<OutputStream> OpenOutput(const std::string& path, Compression compression) {
  switch (compression) {
    case Compression::kGzip: return std::make_unique<GzipOutput>(path);
    case Compression::kZstd: return std::make_unique<ZstdOutput>(path);
    case Compression::kNone: break;
  }
  return std::make_unique<OutputFile>(path);
}

Compression CompressionOfName(const std::string& path) {
  if (path.ends_with(".gz")) return Compression::kGzip;
  if (path.ends_with(".zst")) return Compression::kZstd;
  return Compression::kNone;
}

}  // namespace tupelo

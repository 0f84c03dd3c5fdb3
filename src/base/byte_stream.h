// base/byte_stream.h: files read from the begin to the end, or written so, compressed or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace tupelo {

enum class Compression : uint8_t { kNone, kGzip, kZstd };

// One thread at a time. Errors of the operating system and of damaged files are kIoError; a file
// that is not there is kUndefinedFile.
class InputStream {
 public:
  virtual ~InputStream() = default;
  // Up to `size` bytes to `buffer`; fewer only at the end, 0 behind it.
  virtual size_t Read(char* buffer, size_t size) = 0;
  // Of the file as it is stored: how far it was read, and how long it is (0: unknown).
  virtual uint64_t stored_bytes_read() const = 0;
  virtual uint64_t stored_bytes() const = 0;
};

class OutputStream {
 public:
  virtual ~OutputStream() = default;
  virtual void Write(const char* bytes, size_t size) = 0;
  // Everything is in the file then. Without it, the destructor removes the file.
  virtual void Finish() = 0;
};

// What is compressed is told by its first bytes.
std::unique_ptr<InputStream> OpenInput(const std::string& path);
// A file that is there already is replaced.
std::unique_ptr<OutputStream> OpenOutput(const std::string& path, Compression compression);
// By the name: .gz is gzip, .zst is zstd.
Compression CompressionOfName(const std::string& path);

}  // namespace tupelo

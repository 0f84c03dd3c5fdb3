// base/file.h: a file of the operating system, read or written in order.
#pragma once

#include <string>

#include "base/byte_stream.h"

namespace tupelo {

// What the operating system said: "cannot read the file: Is a directory: x". kUndefinedFile where
// the file is missing, kDiskFull where there is no room for it, else kIoError.
[[noreturn]] void ThrowFileError(const char* what, const std::string& path, int error_number);
// Bytes that are not what they should be.
[[noreturn]] void ThrowDamaged(const std::string& path, const char* what);

class InputFile : public InputStream {
 public:
  explicit InputFile(const std::string& path);
  ~InputFile() override;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  size_t Read(char* buffer, size_t size) override;
  uint64_t stored_bytes_read() const override { return read_; }
  uint64_t stored_bytes() const override { return size_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int descriptor_;
  uint64_t read_ = 0, size_ = 0;
};

class OutputFile : public OutputStream {
 public:
  explicit OutputFile(const std::string& path);
  ~OutputFile() override;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  void Write(const char* bytes, size_t size) override;
  void Finish() override;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int descriptor_;
};

}  // namespace tupelo

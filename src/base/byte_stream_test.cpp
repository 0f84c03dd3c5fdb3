// base/byte_stream_test.cpp: what is written comes back, compressed or not.
#include "base/byte_stream.h"

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>

#include "base/error.h"

namespace tupelo {
namespace {

class ByteStreamTest : public testing::Test {
 protected:
  ByteStreamTest() : path_(testing::TempDir() + "byte_stream_test.bin") {}
  ~ByteStreamTest() override { std::filesystem::remove(path_); }

  void Write(const std::string& text, Compression compression) {
    std::unique_ptr<OutputStream> out = OpenOutput(path_, compression);
    for (size_t i = 0; i < text.size(); i += 1000) {
      out->Write(text.data() + i, std::min<size_t>(1000, text.size() - i));
    }
    out->Finish();
  }
  std::string Read(size_t piece) {
    std::unique_ptr<InputStream> in = OpenInput(path_);
    std::string text, buffer(piece, '\0');
    while (size_t count = in->Read(buffer.data(), piece)) text.append(buffer, 0, count);
    EXPECT_EQ(in->stored_bytes_read(), in->stored_bytes());
    return text;
  }

  std::string path_;
};

TEST_F(ByteStreamTest, WhatIsWrittenComesBack) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i * 7919 % 100'003) + "\n";
  for (const std::string& one : {std::string(), std::string("x"), text}) {
    for (Compression compression : {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
      Write(one, compression);
      EXPECT_EQ(Read(100'000), one);
      EXPECT_EQ(Read(77), one);
    }
  }
}

TEST_F(ByteStreamTest, AFileThatIsCutOffIsAnError) {
  for (Compression compression : {Compression::kGzip, Compression::kZstd}) {
    Write(std::string(100'000, 'a') + "end", compression);
    std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 5);
    EXPECT_THROW(Read(1000), Error);
  }
}

TEST_F(ByteStreamTest, WhatIsNotFinishedIsRemoved) {
  {
    std::unique_ptr<OutputStream> out = OpenOutput(path_, Compression::kNone);
    out->Write("abc", 3);
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_THROW(OpenInput(path_), Error);
}

TEST(CompressionOfNameTest, GoesByTheEnd) {
  EXPECT_EQ(CompressionOfName("a.csv"), Compression::kNone);
  EXPECT_EQ(CompressionOfName("a.csv.gz"), Compression::kGzip);
  EXPECT_EQ(CompressionOfName("a.zst"), Compression::kZstd);
}

}  // namespace
}  // namespace tupelo

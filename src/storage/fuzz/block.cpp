// storage/fuzz/block.cpp: any bytes are a block or refused, and a block comes back from what it is
// encoded to.
#include <cstdio>
#include <cstdlib>

#include "storage/block_codec.h"
#include "storage/block_for_test.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tupelo;
  if (size < 4) return 0;
  static ExtentPool pool;
  static BlockEncoder encoder;
  static BlockDecoder decoder;
  // The rows and the type that the directory would tell are what the header says, mostly.
  auto physical = static_cast<PhysicalType>(data[0] % 9);
  uint32_t rows = (data[2] | uint32_t{data[3]} << 8) % (kBlockRows + 1);
  if (rows == 0) return 0;
  ColumnBlock* block;
  try {
    block = decoder.Decode({data, size}, physical, rows, rows, nullptr, &pool);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupted) std::abort();
    return 0;
  }
  ByteVector bytes;
  encoder.Encode(*block, rows, nullptr, nullptr, &bytes);
  ColumnBlock* copy = decoder.Decode(bytes, physical, rows, rows, nullptr, &pool);
  for (uint32_t i = 0; i < rows; ++i) {
    if (SameValue(*block, *copy, i)) continue;
    std::fprintf(stderr, "row %u of %u differs\n", i, rows);
    std::abort();
  }
  copy->Retire();
  block->Retire();
  return 0;
}

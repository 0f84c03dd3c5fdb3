// storage/fuzz/database_file.cpp: any bytes are a database file, or refused; also where every
// checksum is right.
#include <cstdlib>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "storage/database_file.h"
#include "storage/file_for_test.h"

namespace {

using namespace tupelo;

constexpr DatabaseId kId = {7};

void Use(const std::shared_ptr<MemoryDisk>& disk) {
  try {
    auto file = DatabaseFile::Open(std::make_unique<MemoryFile>(disk));
    ExtentBuffer buffer;
    if (file->root().catalog) {
      try {
        file->Read(file->root().catalog, ExtentKind::kCatalog, &buffer);
      } catch (const Error&) {
      }
    }
    file->UnusedExtents();
    ExtentAddress extents[3];
    for (ExtentAddress& extent : extents) {
      extent = file->Allocate(5000);
      file->Write(extent, ExtentKind::kBlock, {}, std::vector<uint8_t>(5000));
    }
    file->Free(extents[0]);
    for (int i = 0; i < 3; ++i) file->CommitRoot({}, std::span(extents).subspan(1));
    file->Read(extents[1], ExtentKind::kBlock, &buffer);
    file->TailExtents(0);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupted &&
        error.code() != ErrorCode::kFeatureNotSupported) {
      std::abort();
    }
  }
}

// A database whose root and extents of a page each say what the input says. The input is a root,
// then extents, each of them a kind, a length and so many bytes.
std::vector<uint8_t> Seal(std::span<const uint8_t> input) {
  auto take = [&](void* to, size_t count) {
    count = std::min(count, input.size());
    std::memcpy(to, input.data(), count);
    input = input.subspan(count);
  };
  std::vector<uint8_t> file(3 * kPageBytes);
  Page page;
  StoreFileHeader(kId, &page);
  std::copy(page.begin(), page.end(), file.begin());
  uint8_t small[4] = {};
  take(small, 4);
  while (!input.empty() && file.size() < 40 * kPageBytes) {
    page.fill(0);
    ExtentAddress address{file.size() / kPageBytes, 1};
    uint8_t head[2] = {};
    take(head, 2);
    uint32_t bytes = head[1] * 16u;
    uint16_t pages = 1;
    std::memcpy(page.data() + 8, &bytes, 4);
    page[12] = static_cast<uint8_t>(head[0] % 12);
    std::memcpy(page.data() + 14, &pages, 2);
    take(page.data() + kExtentHeaderBytes, std::min<size_t>(bytes, 4000));
    uint64_t checksum =
        XXH3_64bits_withSeed(page.data() + 8, kPageBytes - 8, ExtentSeed(kId, address));
    std::memcpy(page.data(), &checksum, 8);
    file.insert(file.end(), page.begin(), page.end());
  }
  DatabaseRoot root;
  root.generation = small[0];
  root.catalog = {small[1], 1};
  root.free_space = {3 + small[2] % 4u, 1};
  root.file_pages = file.size() / kPageBytes - small[3] % 3;
  StoreRoot(root, kId, 1, &page);
  std::copy(page.begin(), page.end(), file.begin() + kPageBytes);
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto disk = std::make_shared<MemoryDisk>();
  disk->bytes.assign(data, data + size);
  Use(disk);
  disk->bytes = Seal({data, size});
  Use(disk);
  return 0;
}

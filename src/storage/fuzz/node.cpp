// storage/fuzz/node.cpp: any bytes are a node of a tree, or refused; and what was read is the same
// once it is written and read again.
#include <cstdlib>

#include "storage/btree_codec.h"
#include "storage/segment_page.h"

namespace {

using namespace tupelo;

void CheckSame(const EntryList& a, const EntryList& b) {
  if (a.size() != b.size()) std::abort();
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) std::abort();
  }
}

void CheckLeaf(std::span<const uint8_t> bytes) {
  EntryList entries, back;
  DecodeLeaf(bytes, &entries);
  for (size_t begin = 0; begin < entries.size();) {
    ByteVector stored;
    begin += EncodeLeaf(entries, begin, 2000, &stored);
    DecodeLeaf(stored, &back);
  }
  CheckSame(entries, back);
}

void CheckInner(std::span<const uint8_t> bytes) {
  EntryList separators, back;
  std::vector<ExtentAddress> children, children_back;
  DecodeInner(bytes, &separators, &children);
  ByteVector stored;
  EncodeInner(separators, children, &stored);
  DecodeInner(stored, &back, &children_back);
  CheckSame(separators, back);
  if (children != children_back) std::abort();
}

void CheckPage(std::span<const uint8_t> bytes) {
  SegmentPage page = SegmentPage::Load(bytes, 0);
  ByteVector stored, again;
  page.Store(&stored);
  SegmentPage::Load(stored, 0).Store(&again);
  if (stored != again) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (auto check : {CheckLeaf, CheckInner, CheckPage}) {
    try {
      check({data, size});
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDataCorrupted) std::abort();
    }
  }
  return 0;
}

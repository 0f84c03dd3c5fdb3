// wal/fuzz/log.cpp: any bytes in the files of a log are read or refused; a log that was changed
// gives a beginning of what was appended.
#include "wal/log.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/simulated_files.h"
#include "wal/log_replay.h"

namespace {

using namespace tupelo;
using Bytes = std::vector<uint8_t>;

constexpr DatabaseId kDatabase{7};

[[noreturn]] void Fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

class Input {
 public:
  Input(const uint8_t* data, size_t size) : left_(data, size) {}
  bool empty() const { return left_.empty(); }
  // 0 at the end.
  uint32_t Number(size_t bytes) {
    uint32_t number = 0;
    for (uint8_t byte : Take(bytes)) number = number << 8 | byte;
    return number;
  }
  std::span<const uint8_t> Take(size_t bytes) {
    std::span<const uint8_t> taken = left_.first(std::min(bytes, left_.size()));
    left_ = left_.subspan(taken.size());
    return taken;
  }

 private:
  std::span<const uint8_t> left_;
};

// All payloads that are found; false where the files are refused.
bool Replay(SimulatedFiles& files, const LogPlace& from, std::vector<Bytes>* payloads) {
  try {
    LogReplay replay(files, "db", kDatabase, from);
    LogRecord record;
    while (replay.Next(&record)) {
      payloads->emplace_back(record.payload.begin(), record.payload.end());
    }
    // What was found can be gone on with.
    Log log(files, "db", kDatabase, replay.End(), Synchronous::kFull);
    log.Append(Bytes{1, 2, 3});
    log.Sync();
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupted &&
        error.code() != ErrorCode::kFeatureNotSupported) {
      Fail(error.message().c_str());
    }
    return false;
  }
}

// Two files as they come, one of them with a header that fits where a bit says so.
void CheckAnyFiles(Input input) {
  SimulatedFiles files;
  LogPlace from;
  uint32_t choice = input.Number(1);
  from.is_begun = (choice & 1) != 0;
  size_t first_size = input.Number(2);
  for (int i = 0; i < kLogFiles; ++i) {
    auto file = files.Open(LogPath("db", i), OpenMode::kCreate);
    Bytes bytes;
    if ((choice & (2u << i)) != 0) {
      auto header = LogHeaderBytes({kDatabase, from.generation + static_cast<uint64_t>(i), 1});
      bytes.assign(header.begin(), header.end());
    }
    std::span<const uint8_t> rest = input.Take(i == 0 ? first_size : SIZE_MAX);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    file->WriteAt(0, bytes);
  }
  std::vector<Bytes> payloads;
  Replay(files, from, &payloads);
}

// A log that is written as the input says, and then changed.
void CheckChangedLog(Input input) {
  SimulatedFiles files;
  Log log(files, "db", kDatabase, LogEnd{}, Synchronous::kFull);
  std::vector<Bytes> appended;
  for (uint32_t count = input.Number(1) % 32; count > 0 && !input.empty(); --count) {
    uint32_t step = input.Number(1);
    if (step < 200) {
      std::span<const uint8_t> payload = input.Take(step % 100);
      appended.emplace_back(payload.begin(), payload.end());
      uint64_t sequence = log.Append(payload);
      if (step < 100) log.WaitDurable(sequence);
    } else {
      log.PrepareSwitch();
      log.Switch();
      log.Sync();
    }
  }
  log.Sync();
  while (!input.empty()) {
    std::string path = LogPath("db", static_cast<int>(input.Number(1) & 1));
    uint32_t offset = input.Number(2);
    auto mask = static_cast<uint8_t>(input.Number(1));
    if (files.Exists(path)) files.FlipByte(path, offset, mask);
  }
  std::vector<Bytes> found;
  Replay(files, LogPlace{}, &found);
  if (found.size() > appended.size()) Fail("more is found than was appended");
  if (!std::equal(found.begin(), found.end(), appended.begin())) Fail("another payload is found");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Input input(data + 1, size - 1);
  (data[0] & 1) != 0 ? CheckChangedLog(input) : CheckAnyFiles(input);
  return 0;
}

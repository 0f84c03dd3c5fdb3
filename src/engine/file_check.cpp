// engine/file_check.cpp: header, roots, catalog, free space and log of a database file.
#include "engine/file_check.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "engine/database_state.h"
#include "engine/stored_root.h"
#include "engine/transaction_parts.h"
#include "storage/file_locks.h"
#include "storage/free_region.h"
#include "storage/stored_bytes.h"
#include "wal/log_replay.h"

namespace tupelo {

namespace {

using Clock = std::chrono::steady_clock;

// As readers of the database have it (engine/reading_database.cpp).
constexpr auto kMomentary = std::chrono::milliseconds(200);
constexpr auto kMostWaiting = std::chrono::seconds(30);

// Without the path, which is said once.
std::string WhatOf(const Error& error, const std::string& path) {
  std::string text = error.message();
  for (const std::string& end : {": " + path, " of " + path}) {
    size_t at = text.rfind(end);
    if (at != std::string::npos) text.erase(at, end.size());
  }
  return text;
}

}  // namespace

FileCheck::FileCheck(FileSystem& files, const std::string& path, const Interruption* interruption,
                     Findings* findings)
    : files_(files),
      path_(path),
      interruption_(interruption),
      findings_(findings),
      state_(std::make_unique<DatabaseState>()) {}

FileCheck::~FileCheck() = default;

void FileCheck::Run() {
  std::unique_ptr<File> file = files_.Open(path_, OpenMode::kRead);
  std::optional<DatabaseId> id = FindDatabaseId(*file);
  if (!id.has_value()) {
    Page page{};
    size_t got = file->ReadAt(0, page);
    LoadFileHeader({page.data(), got}, path_);  // throws what it is
  }
  extents_ = std::make_unique<RawExtents>(std::move(file), *id);
  PinRoot();
  if (root_.generation == 0) return;
  CheckCatalog();
  CheckFreeSpace();
  CheckUses();
}

bool FileCheck::IsBeingWritten() {
  return files_.Open(path_, OpenMode::kRead)->IsLockedByOther(kWriterLock);
}

// The newest root, pinned, and the log behind it, of one piece: as ReadingDatabase reads them.
void FileCheck::PinRoot() {
  Clock::time_point begin = Clock::now();
  Findings* all = findings_;
  for (;;) {
    CheckInterrupt();
    Findings found;
    findings_ = &found;
    root_ = DatabaseRoot();
    header_is_sound_ = false;
    extents_->Measure();
    CheckHeader();
    CheckRoots();
    LockRange pin = PinLock(root_.generation);
    if (root_.generation != 0) {
      if (!extents_->file().TryLock(pin, false)) {
        throw Error(ErrorCode::kObjectInUse,
                    "another program has locked parts of the database; end it: " + path_);
      }
      CheckLog();
    }
    findings_ = all;
    bool is_newest = extents_->NewestGeneration() == root_.generation;
    // What is written just now looks like damage, but does not stay so.
    bool is_lasting = found.empty() || Clock::now() - begin > kMomentary || !IsBeingWritten();
    if (is_newest && is_lasting) {
      for (Finding& finding : found.Take()) {
        findings_->Add(std::move(finding.where), std::move(finding.what));
      }
      return;
    }
    if (root_.generation != 0) extents_->file().Unlock(pin);
    if (Clock::now() - begin > kMostWaiting) {
      throw Error(ErrorCode::kObjectInUse,
                  "another process makes checkpoints of the database too fast for it to be "
                  "looked at; try again: " +
                      path_);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::string FileCheck::PlaceOf(const ExtentAddress& address) const {
  return path_ + ", byte " + std::to_string(address.offset());
}

void FileCheck::Damaged(const ExtentAddress& address, const std::string& what) {
  findings_->Add(PlaceOf(address), what);
}

void FileCheck::CheckHeader() {
  Page page{};
  size_t got = extents_->file().ReadAt(0, page);
  try {
    LoadFileHeader({page.data(), got}, path_);
    header_is_sound_ = true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupted) throw;
    Damaged({0, 1}, WhatOf(error, path_));
  }
}

void FileCheck::CheckRoots() {
  bool any_is_written = false;
  for (uint64_t number : {1, 2}) {
    Page page{};
    extents_->file().ReadAt(number * kPageBytes, page);
    bool is_written = std::any_of(page.begin(), page.end(), [](uint8_t byte) { return byte != 0; });
    any_is_written |= is_written;
    DatabaseRoot root;
    if (!extents_->ReadRoot(number, &root)) {
      // A new database has one root.
      if (is_written) Damaged({number, 1}, "a root does not check out");
    } else if (root.file_pages < kFirstFreePage || root.generation == 0) {
      Damaged({number, 1}, "it is no root");
    } else if (root.generation > root_.generation) {
      root_ = root;
    }
  }
  if (root_.generation == 0) {
    if (!any_is_written) Damaged({1, 1}, "there is no root");
    return;
  }
  if (root_.file_pages > extents_->file_pages()) {
    findings_->Add(path_, "the file is truncated: of " + std::to_string(root_.file_pages) +
                              " pages of 4096 bytes there are " +
                              std::to_string(extents_->file_pages()));
  }
}

bool FileCheck::Visit(const ExtentAddress& address, ExtentKind kind, const ExtentOwner& owner,
                      const std::string& by, const Decode& decode) {
  CheckInterrupt();
  uses_.push_back({address, by});
  try {
    RawExtent extent = extents_->Read(address, kind, owner);
    if (extent.generation > root_.generation) ThrowDamaged("it is newer than the root");
    // What follows may read other extents: the payload has to stay.
    ByteVector payload(extent.payload.begin(), extent.payload.end());
    decode(payload);
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupted) throw;
    Damaged(address, by + ": " + error.message());
    return false;
  }
}

void FileCheck::CheckCatalog() {
  if (!root_.catalog) return;
  OpenedTables opened(state_.get(), state_->catalog.Current(), nullptr);
  std::vector<WrittenTable> tables;
  bool is_sound = Visit(root_.catalog, ExtentKind::kCatalog, {}, "the catalog",
                        [&](std::span<const uint8_t> payload) {
                          opened.ReadCatalog(
                              payload, [&](const WrittenTable& table) { tables.push_back(table); });
                        });
  if (!is_sound) is_complete_ = false;
  names_.Add(*opened.catalog().current());
  for (const WrittenTable& table : tables) CheckTable(table);
}

void FileCheck::CheckFreeSpace() {
  if (!root_.free_space) return;
  std::vector<ExtentAddress> regions, lists;
  const std::string by = "the free space";
  bool is_sound = Visit(
      root_.free_space, ExtentKind::kFreeSpace, {}, by, [&](std::span<const uint8_t> payload) {
        ByteReader reader(payload);
        auto region_count = reader.Take<uint32_t>();
        auto list_count = reader.Take<uint32_t>();
        if (region_count != (root_.file_pages + kRegionPages - 1) / kRegionPages) {
          ThrowDamaged("it is of a file of another size");
        }
        for (uint32_t i = 0; i < region_count; ++i) {
          regions.push_back(ExtentAddress::Unpack(reader.Take<uint64_t>()));
          reader.TakeBytes(8);
        }
        for (uint32_t i = 0; i < list_count; ++i) {
          reader.TakeBytes(8);
          lists.push_back(ExtentAddress::Unpack(reader.Take<uint64_t>()));
        }
        reader.ExpectEnd();
      });
  for (size_t r = 0; r < regions.size(); ++r) {
    if (!regions[r]) continue;
    is_sound &= Visit(regions[r], ExtentKind::kFreeRegion, {},
                      "the free pages of region " + std::to_string(r),
                      [&](std::span<const uint8_t> payload) {
                        FreeRegion region;
                        region.Load(static_cast<uint32_t>(r), payload);
                        for (auto [first, pages] : region.runs()) {
                          uses_.push_back({{r * kRegionPages + first, pages}, "free pages"});
                        }
                      });
  }
  for (const ExtentAddress& list : lists) {
    is_sound &= Visit(list, ExtentKind::kFreedList, {}, "a list of freed extents",
                      [&](std::span<const uint8_t> payload) {
                        ByteReader reader(payload);
                        while (reader.left() > 0) {
                          uses_.push_back({ExtentAddress::Unpack(reader.Take<uint64_t>()),
                                           "a list of freed extents"});
                        }
                      });
  }
  if (!is_sound) is_complete_ = false;
}

void FileCheck::CheckUses() {
  std::sort(uses_.begin(), uses_.end(),
            [](const Use& a, const Use& b) { return a.extent.first_page < b.extent.first_page; });
  uint64_t end = kFirstFreePage, lost_pages = 0;
  std::string lost;
  auto lose = [&](uint64_t to) {
    if (lost_pages == 0)
      lost = "bytes " + std::to_string(end * kPageBytes) + " to " +
             std::to_string(to * kPageBytes - 1);
    lost_pages += to - end;
  };
  const Use* last = nullptr;
  for (const Use& use : uses_) {
    if (use.extent.first_page < end && use.extent.end_page() > use.extent.first_page) {
      Damaged(use.extent, "pages are used twice: by " + use.by +
                              (last == nullptr ? ", and the roots" : ", and by " + last->by));
    } else if (use.extent.first_page > end) {
      lose(use.extent.first_page);
    }
    if (use.extent.end_page() <= end) continue;
    end = use.extent.end_page();
    last = &use;
  }
  if (end > root_.file_pages) {
    Damaged(last->extent, last->by + " lies behind the end of the database");
  } else if (root_.free_space && end < root_.file_pages) {
    lose(root_.file_pages);
  }
  if (lost_pages == 0 || !is_complete_) return;
  findings_->Add(path_, std::to_string(lost_pages) +
                            " pages are lost, neither used nor free; the first are " + lost);
}

void FileCheck::CheckLog() {
  try {
    LogReplay replay(files_, path_, extents_->id(), LogPlaceOf(root_));
    LogRecord record;
    TransactionParts parts;
    while (replay.Next(&record)) {
      CheckInterrupt();
      parts.Add(record.payload);
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupted) throw;
    findings_->Add("the log of " + path_, error.message());
  }
}

}  // namespace tupelo

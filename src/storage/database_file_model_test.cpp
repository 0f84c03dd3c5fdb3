// storage/database_file_model_test.cpp: what a root reaches is there, whatever happens after it.
#include <cstring>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <utility>

#include "storage/database_file.h"
#include "storage/file_for_test.h"

namespace tupelo {
namespace {

constexpr DatabaseId kId = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

std::unique_ptr<DatabaseFile> Open(const std::shared_ptr<MemoryDisk>& disk) {
  return DatabaseFile::Open(std::make_unique<MemoryFile>(disk));
}

using Contents = std::map<uint64_t, std::pair<ExtentAddress, std::vector<uint8_t>>>;

// Extents by the number that their first bytes hold, beside a map of what they should hold. A root
// is the list of their addresses.
class Model {
 public:
  explicit Model(uint32_t seed) : random_(seed) {
    file_ = DatabaseFile::Create(std::make_unique<MemoryFile>(disk_), kId);
  }

  uint32_t Random(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }

  void Add(uint32_t most_bytes) {
    std::vector<uint8_t> payload(8 + Random(most_bytes));
    for (size_t i = 0; i < payload.size(); i += 1 + i / 64) {
      payload[i] = static_cast<uint8_t>(random_());
    }
    uint64_t number = next_number_++;
    std::memcpy(payload.data(), &number, 8);
    ExtentAddress address = file_->Allocate(payload.size());
    try {
      file_->Write(address, ExtentKind::kBlock, {7, number}, payload);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kIoError);
      file_->Free(address);
      return;
    }
    now_[number] = {address, std::move(payload)};
  }
  void Remove() {
    if (now_.empty()) return;
    auto chosen = now_.lower_bound(Random(static_cast<uint32_t>(next_number_)));
    if (chosen == now_.end()) chosen = now_.begin();
    file_->Free(chosen->second.first);
    now_.erase(chosen);
  }
  // The root does not hold those of the numbers from `later_from` on.
  void Commit(uint64_t later_from) {
    Contents reached(now_.begin(), now_.lower_bound(later_from));
    std::vector<ExtentAddress> unreached;
    for (auto at = now_.lower_bound(later_from); at != now_.end(); ++at) {
      if (written_[0].contains(at->first) || written_[1].contains(at->first)) {
        reached.insert(*at);
      } else {
        unreached.push_back(at->second.first);
      }
    }
    for (auto& [number, extent] : reached) disk_->Keep(extent.first);
    DatabaseRoot root;
    std::vector<uint8_t> list;
    for (auto& [number, extent] : reached) {
      uint64_t packed = extent.first.Pack();
      auto* bytes = reinterpret_cast<const uint8_t*>(&packed);
      list.insert(list.end(), bytes, bytes + 8);
    }
    try {
      root.catalog = file_->Allocate(list.size());
      file_->Write(root.catalog, ExtentKind::kCatalog, {}, list);
      disk_->Keep(root.catalog);
      if (catalog_ && !catalog_is_freed_) file_->Free(catalog_);
      catalog_is_freed_ = true;
      file_->CommitRoot(root, unreached);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kIoError);
      if (root.catalog) file_->Free(root.catalog);
      KeepReachable();
      return;
    }
    catalog_ = root.catalog;
    catalog_is_freed_ = false;
    written_[1] = std::exchange(written_[0], reached);
    kept_free_space_[1] = std::exchange(kept_free_space_[0], file_->FreeSpaceExtents());
    kept_free_space_[0].push_back(catalog_);
    KeepReachable();
  }
  void Pin() {
    pinned_generation_ = file_->root().generation;
    pinned_ = written_[0];
    file_->SetOldestPinned([this](uint64_t before) {
      return pinned_generation_ < before ? pinned_generation_ : UINT64_MAX;
    });
    KeepReachable();
  }
  void Unpin() {
    pinned_generation_ = UINT64_MAX;
    pinned_.clear();
    KeepReachable();
  }
  // Gives up what no root holds.
  void Reopen() {
    file_.reset();
    file_ = Open(disk_);
    file_->SetOldestPinned([this](uint64_t before) {
      return pinned_generation_ < before ? pinned_generation_ : UINT64_MAX;
    });
    now_ = written_[0];
    catalog_is_freed_ = false;
    EXPECT_EQ(file_->root().catalog, catalog_);
  }
  void Check() {
    EXPECT_FALSE(disk_->wrote_kept_page);
    CheckContents(now_);
    CheckContents(written_[0]);
    CheckContents(written_[1]);
    CheckContents(pinned_);
    std::map<uint64_t, uint64_t> used;
    auto use = [&](const ExtentAddress& extent) {
      EXPECT_TRUE(used.emplace(extent.first_page, extent.end_page()).second) << extent.first_page;
    };
    for (const ExtentAddress& extent : file_->UnusedExtents()) use(extent);
    for (const ExtentAddress& extent : file_->FreeSpaceExtents()) use(extent);
    for (auto& [number, extent] : now_) use(extent.first);
    if (catalog_ && !catalog_is_freed_) use(catalog_);
    uint64_t page = kFirstFreePage;
    for (auto [first, end] : used) {
      ASSERT_EQ(first, page);
      page = end;
    }
    ASSERT_EQ(page, file_->file_pages());
  }
  // Moves what lies behind `from_page` down.
  void MoveTail(uint64_t from_page) {
    const auto tails = file_->TailExtents(from_page);
    file_->PreferBelow(from_page);
    for (const auto& tail : tails) {
      if (tail.kind != ExtentKind::kBlock) continue;
      ASSERT_EQ(tail.owner.object, 7u);
      auto found = now_.find(tail.owner.place);
      ASSERT_TRUE(found != now_.end());
      ASSERT_EQ(found->second.first, tail.address);
      auto& [address, payload] = found->second;
      ExtentAddress to = file_->Allocate(payload.size());
      if (to.end_page() > from_page) {  // there is no room
        file_->Free(to);
        continue;
      }
      file_->Write(to, ExtentKind::kBlock, tail.owner, payload);
      file_->Free(address);
      address = to;
    }
    file_->PreferBelow(0);
  }

  DatabaseFile& file() { return *file_; }
  MemoryDisk& disk() { return *disk_; }
  uint64_t next_number() const { return next_number_; }

 private:
  void KeepReachable() {
    disk_->kept_pages.clear();
    for (const Contents& contents : {written_[0], written_[1], pinned_}) {
      for (auto& [number, extent] : contents) disk_->Keep(extent.first);
    }
    for (auto& extents : kept_free_space_) {
      for (const ExtentAddress& extent : extents) disk_->Keep(extent);
    }
  }
  void CheckContents(const Contents& contents) {
    ExtentBuffer buffer;
    for (auto& [number, extent] : contents) {
      auto payload = file_->Read(extent.first, ExtentKind::kBlock, &buffer);
      ASSERT_TRUE(
          std::equal(payload.begin(), payload.end(), extent.second.begin(), extent.second.end()));
    }
  }

  std::mt19937_64 random_;
  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
  std::unique_ptr<DatabaseFile> file_;
  Contents now_, pinned_;
  Contents written_[2];  // by the last root, and the one before
  std::vector<ExtentAddress> kept_free_space_[2];
  ExtentAddress catalog_;
  bool catalog_is_freed_ = false;  // for a root that could not be made
  uint64_t pinned_generation_ = UINT64_MAX;
  uint64_t next_number_ = 1;
};

TEST(DatabaseFileModel, NeverOverwritesWhatTheLastTwoRootsReach) {
  for (uint32_t seed = 0; seed < 30; ++seed) {
    Model model(seed);
    uint32_t most_bytes = seed % 3 == 0 ? 3000 : seed % 3 == 1 ? 40000 : 400000;
    for (int step = 0; step < 400; ++step) {
      uint32_t choice = model.Random(100);
      if (choice < 50) model.Add(most_bytes);
      if (choice >= 50 && choice < 85) model.Remove();
      if (choice >= 85 && choice < 94) model.Commit(UINT64_MAX);
      if (choice == 94) model.Commit(model.next_number() - model.Random(4));
      if (choice == 95) model.Reopen();
      if (choice == 96 && seed % 2 == 0) model.Pin();
      if (choice == 97) model.Unpin();
      if (choice == 98) model.disk().full_at_write = model.disk().writes + model.Random(8);
      if (choice == 99 && seed % 4 == 0) model.MoveTail(3 + model.Random(1000));
      if (choice >= 85) model.Check();
      if (::testing::Test::HasFailure()) FAIL() << "seed " << seed << ", step " << step;
    }
  }
}

TEST(DatabaseFileModel, FilesOfManyRegionsReuseTheirPages) {
  Model model(1);
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 16; ++i) model.Add(15 << 20);
    model.Commit(UINT64_MAX);
    for (int i = 0; i < 14; ++i) model.Remove();
    model.Commit(UINT64_MAX);
    model.Commit(UINT64_MAX);
    model.Check();
    if (round == 1) model.Reopen();
  }
  EXPECT_LT(model.file().file_pages(), 80000u);
}

TEST(DatabaseFileModel, ShrinksWhenItsEndIsMovedDown) {
  Model model(2);
  for (int i = 0; i < 400; ++i) model.Add(20000);
  model.Commit(UINT64_MAX);
  for (int i = 0; i < 300; ++i) model.Remove();
  for (int i = 0; i < 3; ++i) model.Commit(UINT64_MAX);
  uint64_t before = model.file().file_pages();
  for (int i = 0; i < 16; ++i) {
    model.MoveTail(model.file().file_pages() * 3 / 4);
    model.Commit(UINT64_MAX);
    model.Check();
  }
  for (int i = 0; i < 3; ++i) model.Commit(UINT64_MAX);
  EXPECT_LT(model.file().file_pages(), before / 2);
  EXPECT_EQ(model.disk().bytes.size(), model.file().file_pages() * kPageBytes);
  model.Reopen();
  model.Check();
}

TEST(DatabaseFileModel, OpeningALargeFileReadsLittle) {
  Model model(3);
  for (int i = 0; i < 30; ++i) model.Add(8 << 20);
  for (int i = 0; i < 10; ++i) model.Remove();
  model.Commit(UINT64_MAX);
  model.disk().bytes_read = 0;
  model.Reopen();
  EXPECT_LE(model.disk().bytes_read, 3 * kPageBytes);
  model.file().Allocate(100);
  EXPECT_LE(model.disk().bytes_read, 10 * kPageBytes);
}

}  // namespace
}  // namespace tupelo

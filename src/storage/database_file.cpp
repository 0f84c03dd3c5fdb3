// storage/database_file.cpp: opening a file, and its extents.
#include "storage/database_file.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/error.h"

namespace tupelo {

namespace {

uint64_t ChecksumOf(const uint8_t* extent, const ExtentAddress& address, const DatabaseId& id) {
  return XXH3_64bits_withSeed(extent + 8, address.bytes() - 8, ExtentSeed(id, address));
}

}  // namespace

DatabaseFile::DatabaseFile(std::unique_ptr<File> file, const DatabaseId& id)
    : file_(std::move(file)),
      id_(id),
      space_(ReaderOf(ExtentKind::kFreeRegion)),
      freed_lists_(ReaderOf(ExtentKind::kFreedList)) {}

ExtentReader DatabaseFile::ReaderOf(ExtentKind kind) {
  return [this, kind](const ExtentAddress& address, const auto& decode) {
    ExtentBuffer buffer;
    std::span<const uint8_t> payload = Read(address, kind, &buffer);
    Decoding(address, [&] { decode(payload); });
  };
}

std::unique_ptr<DatabaseFile> DatabaseFile::Create(std::unique_ptr<File> file,
                                                   const DatabaseId& id) {
  assert(file->Size() == 0);
  std::unique_ptr<DatabaseFile> database(new DatabaseFile(std::move(file), id));
  // The header comes last: with it the file is a database.
  Page page;
  DatabaseRoot root;
  root.generation = 1;
  StoreRoot(root, id, 1, &page);
  database->file_->WriteAt(kPageBytes, page);
  page.fill(0);
  database->file_->WriteAt(2 * kPageBytes, page);
  database->file_->Sync();
  StoreFileHeader(id, &page);
  database->file_->WriteAt(0, page);
  database->file_->Sync();
  database->LoadRoots();
  database->other_root_is_broken_ = false;
  return database;
}

std::unique_ptr<DatabaseFile> DatabaseFile::Open(std::unique_ptr<File> file) {
  Page page;
  size_t got = file->ReadAt(0, page);
  DatabaseId id = LoadFileHeader({page.data(), got}, file->path());
  std::unique_ptr<DatabaseFile> database(new DatabaseFile(std::move(file), id));
  database->LoadRoots();
  return database;
}

void DatabaseFile::LoadRoots() {
  DatabaseRoot roots[2];
  bool sound[2] = {};
  for (uint64_t number : {1, 2}) {
    Page page{};
    if (file_->ReadAt(number * kPageBytes, page) < kPageBytes) page.fill(0);
    sound[number - 1] = LoadRoot(page, id_, number, &roots[number - 1]);
  }
  if (!sound[0] && !sound[1]) {
    bool truncated = file_->Size() < 3 * kPageBytes;
    throw Error(ErrorCode::kDataCorrupted,
                truncated ? "the database is truncated to " + std::to_string(file_->Size()) +
                                " bytes: " + path()
                          : "the database is damaged: neither of its roots, at bytes 4096 and "
                            "8192 of " +
                                path() + ", checks out");
  }
  size_t newest = !sound[0] || (sound[1] && roots[1].generation > roots[0].generation) ? 1 : 0;
  const DatabaseRoot& root = roots[newest];
  const DatabaseRoot& other = sound[1 - newest] ? roots[1 - newest] : root;
  if (root.file_pages < kFirstFreePage || root.generation == UINT64_MAX) {
    ThrowDamaged({newest + 1, 1}, "it is no root");
  }
  // The file may be longer than it need be, never shorter.
  if (root.file_pages > file_->Size() / kPageBytes) {
    throw Error(ErrorCode::kDataCorrupted,
                "the database is truncated: " + std::to_string(root.file_pages) +
                    " pages of 4096 bytes became " + std::to_string(file_->Size()) +
                    " bytes: " + path());
  }
  root_ = root;
  root_page_ = newest + 1;
  older_generation_ = other.generation;
  older_file_pages_ = other.file_pages;
  other_root_is_broken_ = !sound[1 - newest];
  making_ = root.generation + 1;
  free_space_loaded_ = false;
}

DatabaseRoot DatabaseFile::root() const {
  std::lock_guard lock(mutex_);
  return root_;
}

uint64_t DatabaseFile::next_generation() const {
  std::lock_guard lock(mutex_);
  return making_;
}

uint32_t DatabaseFile::PagesFor(size_t payload_bytes) {
  assert(payload_bytes <= kMaxExtentPayload);
  return static_cast<uint32_t>((payload_bytes + kExtentHeaderBytes + kPageBytes - 1) / kPageBytes);
}

ExtentAddress DatabaseFile::Allocate(size_t payload_bytes) {
  std::lock_guard lock(mutex_);
  LoadFreeSpace();
  const uint32_t pages = PagesFor(payload_bytes);
  ExtentAddress address;
  if (preferred_end_ != 0) address = space_.AllocateBelow(pages, preferred_end_);
  if (!address) address = space_.Allocate(pages);
  new_extents_.emplace(address.first_page, address.pages);
  return address;
}

void DatabaseFile::PreferBelow(uint64_t end_page) {
  std::lock_guard lock(mutex_);
  preferred_end_ = end_page;
}

void DatabaseFile::Free(const ExtentAddress& address) {
  std::lock_guard lock(mutex_);
  LoadFreeSpace();
  Forget(address);
}

void DatabaseFile::Forget(const ExtentAddress& address) {
  auto found = new_extents_.find(address.first_page);
  if (found == new_extents_.end()) {
    freed_.push_back(address);
    return;
  }
  assert(found->second == address.pages);
  new_extents_.erase(found);
  space_.Add(address);
}

void DatabaseFile::Write(const ExtentAddress& address, ExtentKind kind, const ExtentOwner& owner,
                         std::span<const uint8_t> payload) {
  uint64_t generation;
  {
    std::lock_guard lock(mutex_);
    generation = making_;
  }
  WriteExtent(address, kind, owner, payload, generation);
}

void DatabaseFile::WriteExtent(const ExtentAddress& address, ExtentKind kind,
                               const ExtentOwner& owner, std::span<const uint8_t> payload,
                               uint64_t generation) {
  assert(PagesFor(payload.size()) <= address.pages);
  ScratchArray<uint8_t> extent = MakeScratchArray<uint8_t>(address.bytes());
  ExtentHeader header{};
  header.payload_bytes = static_cast<uint32_t>(payload.size());
  header.kind = static_cast<uint8_t>(kind);
  header.pages = static_cast<uint16_t>(address.pages);
  header.generation = generation;
  header.object = owner.object;
  header.place = owner.place;
  std::memcpy(extent.get(), &header, sizeof(header));
  if (!payload.empty()) std::memcpy(extent.get() + sizeof(header), payload.data(), payload.size());
  size_t end = sizeof(header) + payload.size();
  std::memset(extent.get() + end, 0, address.bytes() - end);
  header.checksum = ChecksumOf(extent.get(), address, id_);
  std::memcpy(extent.get(), &header.checksum, 8);
  file_->WriteAt(address.offset(), {extent.get(), address.bytes()});
  written_bytes_.fetch_add(address.bytes(), std::memory_order_relaxed);
}

std::span<const uint8_t> DatabaseFile::Read(const ExtentAddress& address, ExtentKind kind,
                                            ExtentBuffer* buffer) const {
  if (address.first_page < kFirstFreePage || address.pages == 0 ||
      address.pages > kMaxExtentPages) {
    ThrowDamaged(address, "there can be no extent");
  }
  uint8_t* extent = buffer->Reserve(address.bytes());
  if (file_->ReadAt(address.offset(), {extent, address.bytes()}) < address.bytes()) {
    ThrowDamaged(address, "the file ends before its " + std::to_string(address.bytes()) + " bytes");
  }
  ExtentHeader header;
  std::memcpy(&header, extent, sizeof(header));
  if (header.checksum != ChecksumOf(extent, address, id_)) {
    ThrowDamaged(address, "its checksum is wrong");
  }
  if (header.kind != static_cast<uint8_t>(kind)) {
    ThrowDamaged(address, "it is of kind " + std::to_string(header.kind) + ", not " +
                              std::to_string(static_cast<int>(kind)));
  }
  if (header.pages != address.pages || header.payload_bytes > address.bytes() - sizeof(header)) {
    ThrowDamaged(address, "its length is wrong");
  }
  return {extent + sizeof(header), header.payload_bytes};
}

void DatabaseFile::ThrowDamaged(const ExtentAddress& address, const std::string& what) const {
  throw Error(ErrorCode::kDataCorrupted, "the database is damaged: the extent at byte " +
                                             std::to_string(address.offset()) + " of " + path() +
                                             ": " + what);
}

uint64_t DatabaseFile::HoldRoot() {
  std::lock_guard lock(mutex_);
  return *held_.insert(root_.generation);
}

void DatabaseFile::LetRootGo(uint64_t generation) {
  std::lock_guard lock(mutex_);
  held_.erase(held_.find(generation));
}

uint64_t DatabaseFile::file_pages() const {
  std::lock_guard lock(mutex_);
  return free_space_loaded_ ? space_.end_page() : root_.file_pages;
}

}  // namespace tupelo

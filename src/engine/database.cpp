// engine/database.cpp: opening databases, those shared by name or file among them.
#include "engine/database.h"

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "base/path.h"
#include "base/wait.h"
#include "base/work_memory.h"
#include "buffer/extent_pool.h"
#include "engine/connection.h"
#include "engine/database_state.h"
#include "engine/reading_database.h"
#include "engine/shared_databases.h"
#include "engine/stored_database.h"
#include "storage/block_cache.h"

namespace tupelo {

namespace {

constexpr std::string_view kMemory = ":memory:";

Synchronous SynchronousOf(Durability durability) {
  switch (durability) {
    case Durability::kNormal: return Synchronous::kNormal;
    case Durability::kOff: return Synchronous::kOff;
    default: return Synchronous::kFull;
  }
}

// Another process may be done with it soon: waits a moment. False: it was long enough.
bool WaitForOthers(const OpenOptions& options, std::chrono::steady_clock::time_point since) {
  using std::chrono::milliseconds;
  auto waited = std::chrono::steady_clock::now() - since;
  if (waited >= options.timeout) return false;
  auto left = std::chrono::ceil<milliseconds>(options.timeout - waited);
  std::this_thread::sleep_for(std::min(left, milliseconds(10)));
  if (options.progress != nullptr && options.progress(options.progress_argument)) {
    throw Error(ErrorCode::kQueryCanceled, "waiting for the database was interrupted");
  }
  return true;
}

}  // namespace

std::string_view DurabilityName(Durability durability) {
  switch (durability) {
    case Durability::kNormal: return "normal";
    case Durability::kOff: return "off";
    default: return "full";
  }
}

DatabaseState::DatabaseState() { transactions.cache().SetLatch(&latch); }
DatabaseState::~DatabaseState() = default;

void DatabaseState::SetSynchronous(Durability durability) {
  if (stored != nullptr) stored->SetSynchronous(SynchronousOf(durability));
  synchronous = durability;
}

Database::Database(std::string name) : name_(std::move(name)), state_(new DatabaseState) {}

Database::~Database() {
  try {
    CloseFile();
  } catch (const std::exception&) {  // what could not be written is in the log
  }
  state_.reset();
  Unlist();
}

bool Database::Enter() {
  std::lock_guard lock(SharedDatabases::Get().mutex);
  if (is_closed_) return false;
  if (is_taken_) {
    throw Error(ErrorCode::kObjectInUse,
                "all that the database holds is just being replaced; connect when that is done");
  }
  ++sessions_;
  return true;
}

Database::SoleUse::SoleUse(Database* database) : database_(database) {
  std::lock_guard lock(SharedDatabases::Get().mutex);
  if (database_->sessions_ != 1) {
    throw Error(ErrorCode::kObjectInUse,
                "what the database holds can't be replaced while other connections use it; close "
                "them first: there are " +
                    std::to_string(database_->sessions_ - 1));
  }
  database_->is_taken_ = true;
}

Database::SoleUse::~SoleUse() {
  std::lock_guard lock(SharedDatabases::Get().mutex);
  database_->is_taken_ = false;
}

void Database::Leave(std::shared_ptr<Database> database) {
  {
    std::lock_guard lock(SharedDatabases::Get().mutex);
    if (--database->sessions_ != 0 || !database->state_->is_in_file()) return;
    database->is_closed_ = true;
  }
  database->CloseFile();
}

// The file is free for others then, whether its last checkpoint could be written or not.
void Database::CloseFile() {
  if (state_->reading != nullptr) {
    ExclusiveGuard latch(state_->latch);
    state_->catalog.Install(Catalog().Current());
    state_->reading = nullptr;
    Unlist();
  }
  if (state_->stored == nullptr) return;
  std::unique_ptr<StoredDatabase> stored = std::move(state_->stored);
  struct Rest {
    Database* database;
    std::unique_ptr<StoredDatabase>* stored;
    ~Rest() {
      stored->reset();
      database->Unlist();
    }
  } rest{this, &stored};
  stored->Close();
}

void Database::Unlist() {
  if (name_.empty()) return;
  SharedDatabases& shared = SharedDatabases::Get();
  std::lock_guard lock(shared.mutex);
  shared.Remove(name_, this);
  name_.clear();
}

// nullptr: it is not open.
std::shared_ptr<Database> Database::FindShared(std::unique_lock<std::mutex>* lock,
                                               const std::string& path, bool is_reader,
                                               FileSystem* files) {
  SharedDatabases& shared = SharedDatabases::Get();
  const std::string name = is_reader ? SharedDatabases::ReaderName(path) : path;
  for (;;) {
    std::optional<FileIdentity> identity;
    if (files != nullptr) identity = files->IdentityOf(path);
    auto found = shared.Find(name, identity, is_reader);
    if (found == shared.entries.end()) return nullptr;
    std::shared_ptr<Database> database = found->second.database.lock();
    if (database == nullptr || database->is_closed_) {
      shared.closed.wait(*lock);
      continue;
    }
    if (found->second.identity == identity) return database;
    if (is_reader) shared.entries.erase(found);  // of the file that was there before
    lock->unlock();
    database = nullptr;  // may be the last reference, which takes it from the list
    lock->lock();
    if (is_reader) continue;
    throw Error(ErrorCode::kObjectInUse,
                "the database that this process opened by that path was removed or replaced; close "
                "its connections first: " +
                    path);
  }
}

void Database::Begin(const OpenOptions& options) {
  state_->synchronous = state_->opened_synchronous = options.synchronous;
  if (options.memory_limit != 0) state_->transactions.cache().SetLimit(options.memory_limit);
}

void Database::OpenFile(const std::string& path, FileSystem& files, const OpenOptions& options) {
  TransactionManager& transactions = state_->transactions;
  transactions.work_memory().SetDirectory(path.substr(0, path.rfind('/') + 1));
  transactions.extents().SetFiles(transactions.work_memory().shared_from_this());
  if (options.read_only) {
    state_->reading = std::make_unique<ReadingDatabase>(files, path, state_.get());
  } else {
    state_->stored = std::make_unique<StoredDatabase>(
        files, path, SynchronousOf(options.synchronous), state_.get());
  }
}

std::shared_ptr<Database> Database::OpenNow(const std::string& name, bool is_file,
                                            FileSystem& files, const OpenOptions& options) {
  SharedDatabases& shared = SharedDatabases::Get();
  WaitScope wait;
  std::unique_lock lock(shared.mutex);
  std::shared_ptr<Database> database = FindShared(&lock, name, false, is_file ? &files : nullptr);
  if (database != nullptr) return database;
  bool is_reader = is_file && options.read_only;
  if (is_reader) database = FindShared(&lock, name, true, &files);
  if (database != nullptr) return database;
  std::string entry = is_reader ? SharedDatabases::ReaderName(name) : name;
  database = std::shared_ptr<Database>(new Database(entry));
  database->Begin(options);
  shared.entries[entry] = {database, database.get(), is_file, std::nullopt};
  if (!is_file) return database;
  try {
    database->OpenFile(name, files, options);
    shared.entries[entry].identity = files.IdentityOf(name);
  } catch (...) {
    shared.entries.erase(entry);
    database->name_.clear();
    throw;
  }
  return database;
}

bool Database::IsInMemory(std::string_view location) {
  return location.empty() || location.starts_with(kMemory);
}

std::shared_ptr<Database> Database::Open(std::string_view location, const OpenOptions& options) {
  bool is_file = !IsInMemory(location);
  if (!is_file && location.size() <= kMemory.size()) {
    std::shared_ptr<Database> database(new Database(""));
    database->Begin(options);
    return database;
  }
  FileSystem& files = options.files != nullptr ? *options.files : SystemFiles();
  std::string name(location);
  if (is_file && options.files == nullptr) name = CanonicalPath(location);
  auto begin = std::chrono::steady_clock::now();
  for (;;) {
    try {
      return OpenNow(name, is_file, files, options);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kObjectInUse || !WaitForOthers(options, begin)) throw;
    }
  }
}

// nullptr: it is closed.
std::unique_ptr<Connection> Database::TryConnect(const SessionOptions& options) {
  if (!Enter()) return nullptr;
  try {
    SessionOptions own = options;
    own.read_only |= state_->reading != nullptr;
    return std::unique_ptr<Connection>(new Connection(shared_from_this(), own));
  } catch (...) {
    Leave(shared_from_this());
    throw;
  }
}

std::unique_ptr<Connection> Database::Connect(const SessionOptions& options) {
  std::unique_ptr<Connection> connection = TryConnect(options);
  if (connection != nullptr) return connection;
  throw Error(ErrorCode::kConnectionClosed,
              "the database was closed with its last connection; open it again");
}

std::unique_ptr<Connection> Database::Connect(std::string_view location,
                                              const OpenOptions& options) {
  for (;;) {  // until nobody closes it between the two
    std::unique_ptr<Connection> connection =
        Open(location, options)
            ->TryConnect({options.read_only, options.isolation_level, options.timeout});
    if (connection != nullptr) return connection;
  }
}

size_t Database::old_version_bytes() const {
  ExclusiveGuard latch(state_->latch);
  return state_->transactions.old_version_bytes();
}

size_t Database::old_version_count() const {
  ExclusiveGuard latch(state_->latch);
  return state_->transactions.old_version_count();
}

}  // namespace tupelo

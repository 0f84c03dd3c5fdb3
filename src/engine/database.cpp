// engine/database.cpp: opening databases, those shared by name or file among them.
#include "engine/database.h"

#include <condition_variable>
#include <map>
#include <mutex>

#include "base/error.h"
#include "base/path.h"
#include "base/wait.h"
#include "engine/connection.h"
#include "engine/database_state.h"
#include "engine/stored_database.h"

namespace tupelo {

namespace {

constexpr std::string_view kMemory = ":memory:";

// Databases that connections of this process share, by name or canonical path. One in a file is
// here until it is closed: nobody else may open the file before.
struct SharedDatabases {
  std::mutex mutex;
  std::condition_variable closed;
  std::map<std::string, std::weak_ptr<Database>, std::less<>> by_name;
};

SharedDatabases& Shared() {
  static auto* shared =
      new SharedDatabases;  // never destroyed: connections may outlive static objects
  return *shared;
}

Synchronous SynchronousOf(Durability durability) {
  switch (durability) {
    case Durability::kNormal: return Synchronous::kNormal;
    case Durability::kOff: return Synchronous::kOff;
    default: return Synchronous::kFull;
  }
}

}  // namespace

DatabaseState::DatabaseState() = default;
DatabaseState::~DatabaseState() = default;

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
  std::lock_guard lock(Shared().mutex);
  if (is_closed_) return false;
  if (is_taken_) {
    throw Error(ErrorCode::kObjectInUse,
                "all that the database holds is just being replaced; connect when that is done");
  }
  ++sessions_;
  return true;
}

Database::SoleUse::SoleUse(Database* database) : database_(database) {
  std::lock_guard lock(Shared().mutex);
  if (database_->sessions_ != 1) {
    throw Error(ErrorCode::kObjectInUse,
                "what the database holds can't be replaced while other connections use it; close "
                "them first: there are " +
                    std::to_string(database_->sessions_ - 1));
  }
  database_->is_taken_ = true;
}

Database::SoleUse::~SoleUse() {
  std::lock_guard lock(Shared().mutex);
  database_->is_taken_ = false;
}

void Database::Leave(std::shared_ptr<Database> database) {
  {
    std::lock_guard lock(Shared().mutex);
    if (--database->sessions_ != 0 || database->state_->stored == nullptr) return;
    database->is_closed_ = true;
  }
  database->CloseFile();
}

// The file is free for others then, whether its last checkpoint could be written or not.
void Database::CloseFile() {
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
  SharedDatabases& shared = Shared();
  std::lock_guard lock(shared.mutex);
  shared.by_name.erase(name_);
  name_.clear();
  shared.closed.notify_all();
}

bool Database::IsInMemory(std::string_view location) {
  return location.empty() || location.starts_with(kMemory);
}

std::shared_ptr<Database> Database::Open(std::string_view location, const OpenOptions& options) {
  auto make = [](std::string name) {
    return std::shared_ptr<Database>(new Database(std::move(name)));
  };
  bool is_file = !IsInMemory(location);
  if (!is_file && location.size() <= kMemory.size()) return make("");
  FileSystem& files = options.files != nullptr ? *options.files : SystemFiles();
  std::string name(location);
  if (is_file && options.files == nullptr) name = CanonicalPath(location);
  SharedDatabases& shared = Shared();
  WaitScope wait;
  std::unique_lock lock(shared.mutex);
  for (;;) {
    auto found = shared.by_name.find(name);
    if (found == shared.by_name.end()) break;
    std::shared_ptr<Database> database = found->second.lock();
    if (database != nullptr && !database->is_closed_) return database;
    shared.closed.wait(lock);
  }
  std::shared_ptr<Database> database = make(name);
  shared.by_name.emplace(name, database);
  if (!is_file) return database;
  try {
    DatabaseState* state = database->state_.get();
    state->stored =
        std::make_unique<StoredDatabase>(files, name, SynchronousOf(options.synchronous), state);
  } catch (...) {
    shared.by_name.erase(name);
    database->name_.clear();
    throw;
  }
  return database;
}

// nullptr: it is closed.
std::unique_ptr<Connection> Database::TryConnect() {
  if (!Enter()) return nullptr;
  try {
    return std::unique_ptr<Connection>(new Connection(shared_from_this()));
  } catch (...) {
    Leave(shared_from_this());
    throw;
  }
}

std::unique_ptr<Connection> Database::Connect() {
  std::unique_ptr<Connection> connection = TryConnect();
  if (connection != nullptr) return connection;
  throw Error(ErrorCode::kConnectionClosed,
              "the database was closed with its last connection; open it again");
}

std::unique_ptr<Connection> Database::Connect(std::string_view location,
                                              const OpenOptions& options) {
  for (;;) {  // until nobody closes it between the two
    std::unique_ptr<Connection> connection = Open(location, options)->TryConnect();
    if (connection != nullptr) return connection;
  }
}

size_t Database::old_version_bytes() const {
  TurnGuard latch(state_->latch);
  return state_->transactions.old_version_bytes();
}

size_t Database::old_version_count() const {
  TurnGuard latch(state_->latch);
  return state_->transactions.old_version_count();
}

}  // namespace tupelo

// engine/database.cpp: opening databases, those shared by name among them.
#include "engine/database.h"

#include <map>
#include <mutex>

#include "base/error.h"
#include "engine/connection.h"
#include "engine/database_state.h"

namespace tupelo {

namespace {

constexpr std::string_view kMemory = ":memory:";

struct SharedDatabases {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<Database>, std::less<>> by_name;
};

SharedDatabases& Shared() {
  static auto* shared =
      new SharedDatabases;  // never destroyed: connections may outlive static objects
  return *shared;
}

}  // namespace

Database::Database() : state_(std::make_unique<DatabaseState>()) {}

Database::~Database() = default;

std::shared_ptr<Database> Database::Open(std::string_view location) {
  if (!location.empty() && location.substr(0, kMemory.size()) != kMemory) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "database files are not supported; use \":memory:\" or \":memory:name\": " +
                    std::string(location));
  }
  auto make = [] { return std::shared_ptr<Database>(new Database()); };
  if (location.size() <= kMemory.size()) return make();
  SharedDatabases& shared = Shared();
  std::lock_guard lock(shared.mutex);
  std::erase_if(shared.by_name, [](const auto& entry) { return entry.second.expired(); });
  auto found = shared.by_name.find(location);
  if (found != shared.by_name.end()) {
    if (std::shared_ptr<Database> database = found->second.lock()) return database;
    shared.by_name.erase(found);
  }
  std::shared_ptr<Database> database = make();
  shared.by_name.emplace(location, database);
  return database;
}

std::unique_ptr<Connection> Database::Connect() {
  return std::unique_ptr<Connection>(new Connection(shared_from_this()));
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

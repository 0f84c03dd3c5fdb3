// engine/shared_databases.cpp: finding what is open, and what a forked child keeps of it.
#include "engine/shared_databases.h"

#include <algorithm>
#include <new>

#include "base/at_fork.h"
#include "engine/file_sessions.h"

namespace tupelo {

namespace {

// No path and no name of a database in memory ends like that.
constexpr std::string_view kReader("\0read", 5);

}  // namespace

SharedDatabases::SharedDatabases() { CallAtFork(PrepareFork, ResumeParent, ResumeChild); }

SharedDatabases& SharedDatabases::Get() {
  static auto* shared =
      new SharedDatabases;  // never destroyed: connections may outlive static objects
  return *shared;
}

std::string SharedDatabases::ReaderName(const std::string& path) {
  return path + std::string(kReader);
}

SharedDatabases::Entries::iterator SharedDatabases::Find(
    const std::string& name, const std::optional<FileIdentity>& identity, bool is_reader) {
  auto found = entries.find(name);
  if (found != entries.end() || !identity) return found;
  return std::ranges::find_if(entries, [&](const auto& entry) {
    return entry.first.ends_with(kReader) == is_reader && entry.second.identity == identity;
  });
}

void SharedDatabases::Remove(const std::string& name, const Database* database) {
  auto found = entries.find(name);
  if (found != entries.end() && found->second.address == database) entries.erase(found);
  closed.notify_all();
}

void SharedDatabases::PrepareFork() {
  Get().mutex.lock();
  FileSessions::PrepareFork();
}

void SharedDatabases::ResumeParent() {
  FileSessions::ResumeParent();
  Get().mutex.unlock();
}

// Databases in files belong to the parent; whoever waited for one of them is not here.
void SharedDatabases::ResumeChild() {
  FileSessions::ResumeChild();
  std::erase_if(Get().entries, [](const auto& entry) { return entry.second.is_file; });
  new (&Get().closed) std::condition_variable;
  Get().mutex.unlock();
}

}  // namespace tupelo

// engine/file_sessions.cpp: a list that fork() finds whole.
#include "engine/file_sessions.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include "engine/session.h"

namespace tupelo {

namespace {

struct List {
  std::mutex mutex;
  std::vector<SessionState*> sessions;
};

List& All() {
  static auto* list = new List;  // never destroyed: sessions may outlive static objects
  return *list;
}

}  // namespace

void FileSessions::Add(SessionState* session) {
  std::lock_guard guard(All().mutex);
  All().sessions.push_back(session);
}

void FileSessions::Remove(SessionState* session) {
  std::lock_guard guard(All().mutex);
  std::erase(All().sessions, session);
}

bool FileSessions::AnyReads(const DatabaseState& database) {
  std::lock_guard guard(All().mutex);
  return std::ranges::any_of(All().sessions,
                             [&](SessionState* session) { return session->Reads(database); });
}

void FileSessions::PrepareFork() { All().mutex.lock(); }
void FileSessions::ResumeParent() { All().mutex.unlock(); }
void FileSessions::ResumeChild() {
  for (SessionState* session : All().sessions) session->EndInChild();
  All().sessions.clear();
  All().mutex.unlock();
}

}  // namespace tupelo

// engine/file_sessions.h: the sessions of this process with databases in files.
#pragma once

namespace tupelo {

struct DatabaseState;
class SessionState;

// Thread-safe. A child made by fork has none: what it inherits of them can't be used there.
class FileSessions {
 public:
  static void Add(SessionState* session);
  static void Remove(SessionState* session);
  // Whether some session's transaction or result sees the database as it is. [latch]
  static bool AnyReads(const DatabaseState& database);

  // Around fork().
  static void PrepareFork();
  static void ResumeParent();
  static void ResumeChild();
};

}  // namespace tupelo

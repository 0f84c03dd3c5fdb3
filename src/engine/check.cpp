// engine/check.cpp: first the bytes of the file, then its content, opened as by any reader.
#include "engine/check.h"

#include "base/error.h"
#include "base/path.h"
#include "engine/connection.h"
#include "engine/database_check.h"
#include "engine/database_state.h"
#include "engine/file_check.h"
#include "engine/reading_database.h"
#include "engine/session.h"
#include "engine/stored_database.h"

namespace tupelo {

namespace {

DatabaseCheck::File FileIs(const Findings& findings) {
  return findings.empty() ? DatabaseCheck::File::kSound : DatabaseCheck::File::kDamaged;
}

// What is in the database. An error that the bytes have shown already says nothing new.
void CheckContent(FileSystem& files, const std::string& path, const Interruption* interruption,
                  Findings* findings) {
  const DatabaseCheck::File file = FileIs(*findings);
  DatabaseState state;
  try {
    state.reading = std::make_unique<ReadingDatabase>(files, path, &state);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupted) throw;
    if (file != DatabaseCheck::File::kDamaged) findings->Add(path, error.message());
    return;
  }
  DatabaseCheck(&state, interruption, file, findings).Run();
}

}  // namespace

std::vector<Finding> CheckFile(FileSystem& files, const std::string& path,
                               const Interruption* interruption) {
  Findings findings;
  FileCheck file_check(files, path, interruption, &findings);
  file_check.Run();
  if (file_check.can_be_opened()) CheckContent(files, path, interruption, &findings);
  return findings.Take();
}

std::vector<Finding> CheckFile(const std::string& path, bool (*progress)(void*), void* argument) {
  Interruption interruption;
  interruption.Begin(nullptr, progress, argument, 0);
  return CheckFile(SystemFiles(), CanonicalPath(path), &interruption);
}

std::vector<Finding> CheckDatabase(Connection& connection) {
  SessionState& session = connection.session();
  TurnGuard turn(session.turn);
  session.ThrowIfClosed();
  session.interrupted.store(false, std::memory_order_relaxed);
  Interruption interruption;
  session.BeginInterruption(&interruption);
  DatabaseState& state = session.database();
  Findings findings;
  if (state.stored != nullptr) {
    FileCheck(state.stored->files(), state.stored->path(), &interruption, &findings).Run();
  } else if (state.reading != nullptr) {
    FileCheck(state.reading->files(), state.reading->path(), &interruption, &findings).Run();
  }
  auto file = state.is_in_file() ? FileIs(findings) : DatabaseCheck::File::kNone;
  DatabaseCheck(&state, &interruption, file, &findings, session.owner()).Run();
  return findings.Take();
}

}  // namespace tupelo

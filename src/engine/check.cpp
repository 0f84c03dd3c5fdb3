// engine/check.cpp: first the bytes of the file, then its content, opened over a copy that is
// written to in its place.
#include "engine/check.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/overlay_files.h"
#include "base/path.h"
#include "engine/connection.h"
#include "engine/database_check.h"
#include "engine/database_state.h"
#include "engine/file_check.h"
#include "engine/session.h"
#include "engine/stored_database.h"

namespace tupelo {

namespace {

// How often it is begun anew because another process has made a newer root meanwhile.
constexpr int kAttempts = 5;

uint64_t GenerationOf(FileSystem& files, const std::string& path) {
  std::unique_ptr<File> file = files.Open(path, OpenMode::kRead);
  std::optional<DatabaseId> id = FindDatabaseId(*file);
  if (!id.has_value()) return 0;
  RawExtents extents(std::move(file), *id);
  uint64_t newest = 0;
  for (uint64_t page : {1, 2}) {
    DatabaseRoot root;
    if (extents.ReadRoot(page, &root)) newest = std::max(newest, root.generation);
  }
  return newest;
}

// What is in the database. An error that the bytes have shown already says nothing new.
void CheckContent(FileSystem& files, const std::string& path, const Interruption* interruption,
                  Findings* findings) {
  const bool is_damaged = !findings->empty();
  OverlayFiles overlay(files);
  DatabaseState state;
  try {
    StoredDatabase stored(overlay, path, Synchronous::kOff, &state);
    DatabaseCheck(&state, interruption, true, findings).Run();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupted) throw;
    if (!is_damaged) findings->Add(path, error.message());
  }
}

}  // namespace

std::vector<Finding> CheckFile(FileSystem& files, const std::string& path,
                               const Interruption* interruption) {
  for (int attempt = 1;; ++attempt) {
    Findings findings;
    FileCheck file_check(files, path, interruption, &findings);
    file_check.Run();
    if (file_check.can_be_opened()) CheckContent(files, path, interruption, &findings);
    bool is_newer = GenerationOf(files, path) > file_check.generation();
    if (findings.empty() || !is_newer || attempt == kAttempts) return findings.Take();
  }
}

std::vector<Finding> CheckFile(const std::string& path, bool (*progress)(void*), void* argument) {
  Interruption interruption;
  interruption.Begin(nullptr, progress, argument, 0);
  return CheckFile(SystemFiles(), CanonicalPath(path), &interruption);
}

void StoredDatabase::CheckFile(const Interruption* interruption, Findings* findings) {
  std::lock_guard guard(checkpoint_);
  FileCheck(files_, path_, interruption, findings).Run();
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
  if (state.stored != nullptr) state.stored->CheckFile(&interruption, &findings);
  DatabaseCheck(&state, &interruption, false, &findings).Run();
  return findings.Take();
}

}  // namespace tupelo

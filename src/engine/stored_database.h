// engine/stored_database.h: a database in a file: its log, its checkpoints, its opening.
//
// A commit hands its changes to the log before others see it (Append), and waits for the log once
// it has given the latch back (WaitDurable). A checkpoint writes the tables as a snapshot sees them
// and names the place in the log from which on changes are made anew.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/background_task.h"
#include "base/file_system.h"
#include "engine/stored_snapshot.h"
#include "storage/database_file.h"
#include "txn/redo.h"
#include "txn/stored_table.h"
#include "wal/log.h"

namespace tupelo {

struct DatabaseState;

class StoredDatabase : public CommitLog {
 public:
  // Opens the database, or makes it where there is none, and fills `state`, which is empty. `path`
  // is canonical. Throws what is wrong with the file; it is as it was then.
  StoredDatabase(FileSystem& files, const std::string& path, Synchronous synchronous,
                 DatabaseState* state);
  // Without Close it is as if the process had ended.
  ~StoredDatabase() override;

  // [latch]
  void Append(std::span<const uint8_t> changes) override;
  // The last record that was appended: what a commit waits for. [latch]
  uint64_t last_appended() const { return last_appended_; }
  // Whether that record may still be lost. [latch]
  bool IsAwaited() const {
    return last_appended_ > durable_record_.load(std::memory_order_relaxed);
  }
  // As durable as `synchronous` asks for.
  void WaitDurable(uint64_t record);
  const std::string& path() const { return path_; }
  FileSystem& files() const { return files_; }

  // Beside running statements. One at a time.
  void Checkpoint();
  // What `catalog` defines, with new tables that nobody has changed, takes the place of all that
  // the database holds, and is installed; a power cut leaves one of the two. `wrote` is as in
  // StoredSnapshot::WriteAll. When it throws, all is as it was; but where the root could not be
  // written, the file may have either, and nothing is committed any more. REQUIRES: nobody else
  // uses the database; without the latch.
  void Replace(const CatalogPtr& catalog, const StoredSnapshot::Wrote& wrote);
  // After a commit: has a checkpoint made when the log has become long, beside what runs.
  void KeepLogShort();
  // The last checkpoint; the log is not needed any more. No transaction may be active.
  void Close();

 private:
  void CreateFile();
  void OpenFile();
  void Load();
  void MakeRootDurable();
  void ThrowIfUnknown() const;
  DatabaseRoot BeginCheckpoint(bool is_last, std::optional<StoredSnapshot>* snapshot,
                               CatalogPtr catalog = nullptr);
  void WriteCheckpoint(bool is_last);
  bool IsCheckpointDue() const;
  void CheckpointIfDue();

  FileSystem& files_;
  const std::string path_;
  const Synchronous synchronous_;
  DatabaseState* state_;
  std::unique_ptr<DatabaseFile> file_;
  std::unique_ptr<Log> log_;
  uint64_t last_appended_ = 0;
  std::atomic<uint64_t> durable_record_ = 0;  // known to be

  std::mutex checkpoint_;  // guards what follows
  std::map<uint64_t, std::unique_ptr<StoredTable>> tables_;
  ExtentAddress catalog_;
  bool is_root_durable_ = false;
  uint64_t checkpointing_bytes_ = 0;              // of the log, when the last one began
  std::atomic<uint64_t> checkpointed_bytes_ = 0;  // of the log
  std::atomic<bool> is_unknown_ = false;          // what the file holds, since Replace failed

  std::mutex service_mutex_;                 // guards what follows; before checkpoint_
  std::unique_ptr<BackgroundTask> service_;  // makes checkpoints
};

}  // namespace tupelo

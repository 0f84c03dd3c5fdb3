// engine/stored_database.h: a database in a file: its log, its checkpoints, its opening.
//
// A commit hands its changes to the log before others see it (Append), and waits for the log once
// it has given the latch back (WaitDurable). A checkpoint writes the tables as a snapshot sees them
// and names the place in the log from which on changes are made anew.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/background_task.h"
#include "base/file_system.h"
#include "catalog/stored_definition.h"
#include "engine/checkpoint_history.h"
#include "engine/stored_parts.h"
#include "engine/stored_snapshot.h"
#include "storage/database_file.h"
#include "storage/tail_moves.h"
#include "txn/redo.h"
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
  void Append(std::span<const uint8_t> changes, bool is_first, bool is_last) override;
  // The last record that was appended: what a commit waits for. [latch]
  uint64_t last_appended() const { return last_appended_; }
  // Whether that record may still be lost. [latch]
  bool IsAwaited() const {
    return last_appended_ > durable_record_.load(std::memory_order_relaxed);
  }
  // As durable as `synchronous` asks for. What can't be written is shown all the same: the database
  // is read-only from then on.
  void WaitDurable(uint64_t record);
  void NoteCommit(CommitNumber commit) override;
  CommitNumber DurableCommit(CommitNumber last) const override;
  // What was committed before is awaited anew. [latch]
  void SetSynchronous(Synchronous synchronous);

  const std::string& path() const { return path_; }
  FileSystem& files() const { return files_; }
  DatabaseFile& file() const { return *file_; }
  const CheckpointHistory& checkpoints() const { return checkpoints_; }
  // Of the log: what was appended in all, and since the last checkpoint; the sizes of its files.
  uint64_t log_bytes() const { return log_->appended_bytes(); }
  uint64_t log_bytes_since_checkpoint() const {
    return log_->appended_bytes() - checkpointed_bytes_;
  }
  std::array<uint64_t, kLogFiles> LogFileSizes() const;

  // Beside running statements. One at a time.
  void Checkpoint();
  // Checkpoints that move what lies at the end of the file into free room, until it gets no
  // shorter.
  void Vacuum();
  // What `content`, of another database, has takes the place of all that this one holds, and is
  // installed; a power cut leaves one of the two. `wrote` is as in StoredSnapshot::Copy. When it
  // throws, all is as it was; but where the root could not be written, the file may have either,
  // and nothing is committed any more. Returns what the tables that were there need until they are
  // gone. REQUIRES: nobody else uses the database; without the latch.
  std::map<uint64_t, StoredParts> Replace(StoredSnapshot* content,
                                          const StoredSnapshot::Wrote& wrote);
  // After a commit: has a checkpoint made when the log has become long, beside what runs.
  void KeepLogShort();
  // The last checkpoint; the log is not needed any more. No transaction may be active.
  void Close();

 private:
  void CreateFile();
  std::unique_ptr<File> OpenForWriting();
  void OpenFile();
  void Load();
  void MakeRootDurable();
  void ThrowIfUnknown() const;
  DatabaseRoot BeginCheckpoint(bool is_last, std::optional<StoredSnapshot>* snapshot);
  enum class Moves : uint8_t { kSome, kAll, kAllAndJoin };
  void WriteCheckpoint(bool is_last, Moves moves = Moves::kSome);
  void FindMoves(Moves moves);
  void WriteTable(const ReadView& view, StoredSnapshot::Rows* rows);
  void WriteRows(const ReadView& view, StoredSnapshot::Rows* rows);
  void WriteIndexes(const ReadView& view, StoredSnapshot::Rows* rows);
  void RemoveDropped(StoredSnapshot* snapshot);
  struct Replacement;
  void WriteReplacement(StoredSnapshot* content, const StoredSnapshot::Wrote& wrote,
                        Replacement* made);
  void GiveUp(Replacement* made);
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
  // Commits whose records were not, the oldest first; beyond kMostUndurable, the last one stands
  // for those behind it. [latch]
  struct Undurable {
    uint64_t record;
    CommitNumber commit;
  };
  static constexpr size_t kMostUndurable = 64;
  std::vector<Undurable> undurable_;
  std::atomic<uint64_t> shown_record_ = 0;  // was durable at some time, or can't be written

  std::mutex checkpoint_;  // guards what follows
  std::map<uint64_t, StoredParts> tables_;
  // Tables that were dropped. What they lie in is held while somebody may read them as they were;
  // who only knows of them, such as a plan that is kept, may do so for long.
  struct Dropped {
    StoredParts stored;
    uint64_t held;            // generation of a root
    CommitNumber seen_until;  // by readers older than this
    bool is_held = true;
  };
  std::vector<Dropped> dropped_;
  bool is_complete_ = true;  // the last checkpoint has become a root
  TailMoves moves_;          // of the checkpoint that is being made
  ExtentAddress catalog_;
  bool is_root_durable_ = false;
  uint64_t checkpointing_bytes_ = 0;              // of the log, when the last one began
  std::atomic<uint64_t> checkpointed_bytes_ = 0;  // of the log
  std::atomic<uint64_t> given_up_bytes_ = 0;      // of the log, when a checkpoint failed last
  std::atomic<bool> is_unknown_ = false;          // what the file holds, since Replace failed
  CheckpointHistory checkpoints_;

  std::mutex service_mutex_;                 // guards what follows; before checkpoint_
  std::unique_ptr<BackgroundTask> service_;  // makes checkpoints
};

}  // namespace tupelo

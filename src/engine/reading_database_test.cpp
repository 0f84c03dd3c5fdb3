// engine/reading_database_test.cpp: a reader that opens the files at whatever moment sees all that
// was committed by then, and nothing half.
//
// The files of the one that writes call a hook after each operation that changes them. There a
// reader opens the same files, as another process would.
#include <functional>
#include <random>

#include "base/forwarding_file_for_test.h"
#include "base/simulated_files.h"
#include "engine/database_state.h"
#include "engine/stored_database.h"

// Behind the others, as its Rows() hides the type of that name.
#include "engine/engine_for_test.h"

namespace tupelo {
namespace {

constexpr const char* kPath = "/disk/test.db";

// The same files under other names, so that the database is not shared with those who read.
class WatchedFiles : public FileSystem {
 public:
  explicit WatchedFiles(SimulatedFiles* files) : files_(files) {}
  std::function<void()> hook;
  std::function<void(const std::string& path)> before_open;

  static std::string NameOf(const std::string& path) { return path.substr(2); }
  std::unique_ptr<File> Open(const std::string& path, OpenMode mode) override {
    if (before_open) before_open(path);
    auto file = std::make_unique<WatchedFile>(this, files_->Open(NameOf(path), mode), path);
    Changed();
    return file;
  }
  bool Exists(const std::string& path) override { return files_->Exists(NameOf(path)); }
  void CopyPermissions(const std::string&, const std::string&) override {}
  void Rename(const std::string& from, const std::string& to) override {
    files_->Rename(NameOf(from), NameOf(to));
    Changed();
  }
  void Remove(const std::string& path) override {
    files_->Remove(NameOf(path));
    Changed();
  }
  void SyncDirectory(const std::string& path) override { files_->SyncDirectory(NameOf(path)); }

 private:
  class WatchedFile : public ForwardingFile {
   public:
    WatchedFile(WatchedFiles* files, std::unique_ptr<File> file, std::string path)
        : ForwardingFile(std::move(file)), files_(files), path_(std::move(path)) {}
    const std::string& path() const override { return path_; }
    void WriteAt(uint64_t offset, std::span<const uint8_t> bytes) override {
      ForwardingFile::WriteAt(offset, bytes);
      files_->Changed();
    }
    void Resize(uint64_t size) override {
      ForwardingFile::Resize(size);
      files_->Changed();
    }
    void Reserve(uint64_t size) override {
      ForwardingFile::Reserve(size);
      files_->Changed();
    }
    void Sync() override {
      ForwardingFile::Sync();
      files_->Changed();
    }

   private:
    WatchedFiles* files_;
    std::string path_;
  };

  void Changed() {
    if (hook) hook();
  }

  SimulatedFiles* files_;
};

std::string StateSeen(Connection& connection) {
  return Rows(connection, "SELECT COUNT(*), SUM(n), MAX(id) FROM t");
}

// Transactions, checkpoints and closings; after each operation on the files readers look at them.
class Watched : public testing::Test {
 protected:
  Watched() {
    watched_.hook = nullptr;
    Open();
    Execute(*writer_, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)");
    Execute(*writer_, "INSERT INTO t VALUES (0, 5)");
    acknowledged_ = StateSeen(*writer_);
    watched_.hook = [this] { Look(); };
  }
  ~Watched() override { watched_.hook = nullptr; }

  void Open() {
    auto hook = std::exchange(watched_.hook, nullptr);  // opening holds what readers need to open
    writer_ = Database::Connect(std::string("/w") + kPath, {.files = &watched_});
    writer_->SetAutocommit(true);
    watched_.hook = hook;
  }

  std::unique_ptr<Connection> OpenReader() {
    auto reader = Database::Connect(kPath, {.files = &files_, .read_only = true});
    reader->SetAutocommit(true);
    return reader;
  }

  void Look() {
    if (is_looking_) return;
    is_looking_ = true;
    ++looks_;
    std::string seen;
    try {
      if (looks_ % 2 == 0) {
        seen = StateSeen(*OpenReader());
      } else {  // one that goes on
        if (following_ == nullptr || looks_ % 14 == 1) following_ = OpenReader();
        following_->Refresh();
        seen = StateSeen(*following_);
      }
    } catch (const Error& error) {
      seen = error.message();
    }
    EXPECT_TRUE(seen == acknowledged_ || seen == under_way_)
        << seen << " instead of " << acknowledged_ << " or " << under_way_;
    is_looking_ = false;
  }

  void Run(const std::string& sql) {
    Connection& connection = *writer_;
    Execute(connection, "START TRANSACTION");
    Execute(connection, sql);
    under_way_ = StateSeen(connection);
    connection.Commit();
    acknowledged_ = under_way_;
  }

  SimulatedFiles files_;
  WatchedFiles watched_{&files_};
  std::unique_ptr<Connection> writer_, following_;
  std::string acknowledged_, under_way_;
  bool is_looking_ = false;
  int looks_ = 0;
};

TEST_F(Watched, EachMomentShowsWhatWasCommittedByThen) {
  std::mt19937 random(7);
  for (int i = 1; i < 120; ++i) {
    std::string id = std::to_string(i);
    switch (random() % 5) {
      case 0: Run("UPDATE t SET n = n + 1"); break;
      case 1: Run("DELETE FROM t WHERE id % 3 = " + std::to_string(random() % 3)); break;
      default: Run("INSERT INTO t VALUES (" + id + ", " + id + ")");
    }
    if (random() % 6 == 0) writer_->Checkpoint();
    if (random() % 15 == 0) {
      writer_->Close();
      Open();
    }
    if (HasFailure()) FAIL() << "step " << i;
  }
  EXPECT_GT(looks_, 300);
}

TEST_F(Watched, ReadersWriteNothing) {
  watched_.hook = nullptr;
  Run("INSERT INTO t VALUES (1, 1)");
  uint64_t operations = files_.operations();
  {
    std::unique_ptr<Connection> reader = OpenReader();
    EXPECT_EQ(StateSeen(*reader), acknowledged_);
    EXPECT_EQ(StateOf(*reader, "INSERT INTO t VALUES (2, 2)"), "25006");
    reader->Refresh();
  }
  EXPECT_EQ(files_.operations(), operations);
}

// Six checkpoints while a reader that has the root is about to open the log: the files of it that
// went on from that root hold something else by then.
TEST_F(Watched, AReaderThatCheckpointsOvertakeBeginsAnew) {
  watched_.hook = nullptr;
  WatchedFiles reading(&files_);
  int overtaken = 0, id = 1;
  reading.before_open = [&](const std::string& path) {
    if (path.find("-wal") == std::string::npos || overtaken == 3) return;
    ++overtaken;
    for (int i = 0; i < 6; ++i, ++id) {
      Run("INSERT INTO t VALUES (" + std::to_string(id) + ", 1)");
      writer_->Checkpoint();
    }
  };
  auto reader =
      Database::Connect(std::string("/r") + kPath, {.files = &reading, .read_only = true});
  reader->SetAutocommit(true);
  EXPECT_EQ(StateSeen(*reader), acknowledged_);
  overtaken = 0;
  Run("INSERT INTO t VALUES (1000, 1)");
  reader->Refresh();
  EXPECT_EQ(overtaken, 3);
  EXPECT_EQ(StateSeen(*reader), acknowledged_);
}

TEST_F(Watched, ARefreshThatFindsDamageLeavesWhatWasSeen) {
  watched_.hook = nullptr;
  std::unique_ptr<Connection> reader = OpenReader();
  std::string before = acknowledged_;
  Run("INSERT INTO t VALUES (1, 1)");
  writer_->Checkpoint();
  for (uint64_t page : {1, 2}) files_.FlipByte(kPath, page * 4096 + 100, 1);
  EXPECT_EQ(StateOf([&] { reader->Refresh(); }), "XX001");
  EXPECT_EQ(StateSeen(*reader), before);
  for (uint64_t page : {1, 2}) files_.FlipByte(kPath, page * 4096 + 100, 1);
  reader->Refresh();
  EXPECT_EQ(StateSeen(*reader), acknowledged_);
}

TEST(ReadingDatabase, AFullDiskAtOpeningLeavesNothingBehind) {
  for (uint64_t room : {0, 512, 4096, 8192, 12000}) {
    SimulatedFiles files;
    files.LimitRoom(room);
    EXPECT_EQ(StateOf([&] { Database::Connect(kPath, {.files = &files}); }), "53100") << room;
    EXPECT_TRUE(files.Paths().empty()) << room;
  }
}

}  // namespace
}  // namespace tupelo

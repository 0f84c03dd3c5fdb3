// engine/durable_reading_test.cpp: what a query sees while a commit waits for the disk.
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/forwarding_file_for_test.h"
#include "base/simulated_files.h"
#include "engine/engine_for_test.h"

namespace tupelo {

namespace {

constexpr const char* kPath = "/d/durable_reading.db";

// Files whose Sync waits, and may fail then, while the test says so.
class HeldFiles : public FileSystem {
 public:
  void Hold() {
    std::lock_guard lock(mutex_);
    is_held_ = true;
  }
  void LetGo(bool fails = false) {
    std::lock_guard lock(mutex_);
    is_held_ = false;
    fails_ = fails;
    changed_.notify_all();
  }
  void WaitForSync() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ > 0; });
  }

  std::unique_ptr<File> Open(const std::string& path, OpenMode mode) override {
    return std::make_unique<HeldFile>(this, files_.Open(path, mode));
  }
  bool Exists(const std::string& path) override { return files_.Exists(path); }
  void CopyPermissions(const std::string& from, const std::string& to) override {
    files_.CopyPermissions(from, to);
  }
  void Rename(const std::string& from, const std::string& to) override { files_.Rename(from, to); }
  void Remove(const std::string& path) override { files_.Remove(path); }
  void SyncDirectory(const std::string& path) override { files_.SyncDirectory(path); }

 private:
  class HeldFile : public ForwardingFile {
   public:
    HeldFile(HeldFiles* files, std::unique_ptr<File> file)
        : ForwardingFile(std::move(file)), files_(files) {}
    void Sync() override {
      files_->Pass();
      ForwardingFile::Sync();
    }

   private:
    HeldFiles* files_;
  };

  void Pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !is_held_; });
    --waiting_;
    if (fails_) throw Error(ErrorCode::kIoError, "the test lets Sync fail");
  }

  SimulatedFiles files_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_held_ = false, fails_ = false;
  int waiting_ = 0;
};

class DurableReadingTest : public testing::Test {
 protected:
  DurableReadingTest() : database_(Database::Open(kPath, {.files = &files_})) {
    reader_ = Connect();
    Execute(*reader_, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)");
    Execute(*reader_, "INSERT INTO t VALUES (1, 0)");
    for (const char* sql : {kByKey, kCount}) {
      statements_.push_back(reader_->Prepare(sql));
      Execute(*statements_.back());
    }
  }
  ~DurableReadingTest() override { files_.LetGo(); }

  std::unique_ptr<Connection> Connect() {
    auto connection = database_->Connect();
    connection->SetAutocommit(true);
    return connection;
  }

  // What short queries see now; "" where one waits for something.
  std::string Seen() {
    auto seen = std::async(std::launch::async, [&] {
      std::string text;
      for (auto& statement : statements_) {
        Result result = Execute(*statement);
        text += (text.empty() ? "" : " ") + RowsOf(result);
      }
      return text;
    });
    if (seen.wait_for(std::chrono::seconds(10)) != std::future_status::ready) files_.LetGo();
    return seen.get();
  }

  static constexpr const char* kByKey = "SELECT n FROM t WHERE id = 1";
  static constexpr const char* kCount = "SELECT COUNT(*) FROM t";
  HeldFiles files_;
  std::shared_ptr<Database> database_;
  std::unique_ptr<Connection> reader_;
  std::vector<std::shared_ptr<Statement>> statements_;
};

TEST_F(DurableReadingTest, ShortQueriesSeeWhatIsDurableAndDoNotWait) {
  EXPECT_EQ(Seen(), "0 1");
  files_.Hold();
  std::string state = "not yet";
  std::thread writer([&] {
    auto connection = Connect();
    connection->SetAutocommit(false);
    state = StateOf([&] {
      Execute(*connection, "UPDATE t SET n = 1");
      Execute(*connection, "INSERT INTO t VALUES (2, 2)");
      connection->Commit();
    });
    // Its own commit is there when it has returned.
    EXPECT_EQ(Rows(*connection, kCount), "2");
  });
  files_.WaitForSync();
  EXPECT_EQ(Seen(), "0 1");
  files_.LetGo();
  writer.join();
  EXPECT_EQ(state, "");
  EXPECT_EQ(Seen(), "1 2");
  EXPECT_EQ(database_->old_version_count(), 0u);
}

TEST_F(DurableReadingTest, ManyCommitsAreKeptApartUntilTheyAreDurable) {
  Execute(*reader_, "SET synchronous = normal");
  for (int i = 1; i <= 200; ++i) {
    Execute(*reader_, "UPDATE t SET n = n + 1");
    EXPECT_EQ(Seen(), std::to_string(i) + " 1");
  }
  Execute(*reader_, "SET synchronous = full");
  EXPECT_EQ(Seen(), "200 1");
  files_.Hold();
  std::vector<std::thread> writers;
  for (int i = 0; i < 80; ++i) {
    writers.emplace_back([&, i] {
      auto connection = Connect();
      Execute(*connection, "INSERT INTO t VALUES (?, 0)", {i + 10});
    });
  }
  files_.WaitForSync();
  EXPECT_EQ(Seen(), "200 1");
  files_.LetGo();
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(Seen(), "200 81");
  EXPECT_EQ(database_->old_version_count(), 0u);
}

TEST_F(DurableReadingTest, WhatCouldNotBeWrittenIsShownInADatabaseThatIsReadOnlyThen) {
  files_.Hold();
  std::string state;
  std::thread writer([&] {
    auto connection = Connect();
    state = StateOf(*connection, "UPDATE t SET n = 1");
  });
  files_.WaitForSync();
  EXPECT_EQ(Seen(), "0 1");
  files_.LetGo(true);
  writer.join();
  EXPECT_EQ(state, "58030");
  EXPECT_EQ(Seen(), "1 1");
  EXPECT_EQ(StateOf(*reader_, "UPDATE t SET n = 2"), "58030");
}

}  // namespace

}  // namespace tupelo

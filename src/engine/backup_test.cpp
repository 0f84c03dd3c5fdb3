// engine/backup_test.cpp: copies of a whole database, beside writers, and whatever fails meanwhile.
#include <atomic>
#include <thread>

#include "base/simulated_files.h"
#include "engine/engine_for_test.h"

namespace tupelo {
namespace {

constexpr char kSource[] = "/d/source.db";
constexpr char kCopy[] = "/d/copy.db";

std::unique_ptr<Connection> OpenFile(SimulatedFiles& files, const char* path) {
  std::unique_ptr<Connection> connection = Database::Connect(path, {.files = &files});
  connection->SetAutocommit(true);
  return connection;
}

std::unique_ptr<Connection> OpenBytes(std::span<const uint8_t> bytes) {
  std::unique_ptr<Connection> connection = Database::Connect(":memory:");
  connection->Deserialize(bytes);
  connection->SetAutocommit(true);
  return connection;
}

// `count` rows of 100 each, and how often they were moved.
void MakeAccounts(Connection& connection, int count) {
  Execute(connection,
          "CREATE TABLE account (id INTEGER PRIMARY KEY, name VARCHAR(20000), balance INTEGER)");
  Execute(connection, "CREATE TABLE moves (worker INTEGER PRIMARY KEY, number INTEGER)");
  Execute(connection, "CREATE SEQUENCE s START WITH 7");
  Execute(connection,
          "INSERT INTO account SELECT v, CASE WHEN MOD(v, 500) = 0 THEN REPEAT('long', 4000) ELSE "
          "'n' || CAST(v AS VARCHAR(10)) END, 100 FROM GENERATE_SERIES(1, ?) AS g (v)",
          {count});
  Execute(connection, "CREATE INDEX by_balance ON account (balance)");
  Execute(connection, "CREATE VIEW rich AS SELECT id FROM account WHERE balance > 100");
}

std::string SumOf(Connection& connection) {
  return Rows(connection, "SELECT COUNT(*), SUM(balance), COUNT(DISTINCT id) FROM account");
}

TEST(BackupTest, ACopyMadeBesideWritersIsOfOneMoment) {
  std::shared_ptr<Database> database = Database::Open(":memory:");
  std::unique_ptr<Connection> connection = database->Connect();
  connection->SetAutocommit(true);
  MakeAccounts(*connection, 40'000);
  Execute(*connection, "INSERT INTO moves VALUES (0, 0), (1, 0)");
  std::atomic<bool> is_over{false};
  // Each transaction moves something between two accounts that are far from each other, and
  // counts: the sum stays, and no count is ahead of its account.
  auto move = [&](int worker) {
    std::unique_ptr<Connection> own = database->Connect();
    for (int i = 0; !is_over; ++i) {
      try {
        int from = 1 + (worker + 2 * (i % 20'000)) * 7919 % 40'000;
        int to = 1 + (worker + 2 * i + 20'000) % 40'000;
        Execute(*own, "UPDATE account SET balance = balance - 1 WHERE id = ?", {from});
        Execute(*own, "UPDATE moves SET number = number + 1 WHERE worker = ?", {worker});
        if (i % 50 == 49) Execute(*own, "DELETE FROM account WHERE id = ?", {-worker - 1});
        if (i % 50 == 0) Execute(*own, "INSERT INTO account VALUES (?, 'new', 0)", {-worker - 1});
        Execute(*own, "UPDATE account SET balance = balance + 1 WHERE id = ?", {to});
        own->Commit();
      } catch (const Error&) {
        own->Rollback();
      }
    }
  };
  std::thread first(move, 0), second(move, 1);
  std::string moves;
  for (int round = 0; round < 4; ++round) {
    std::unique_ptr<Connection> copy = OpenBytes(connection->Serialize());
    EXPECT_EQ(Rows(*copy, "SELECT SUM(balance) FROM account"), "4000000");
    EXPECT_EQ(Rows(*copy, "SELECT COUNT(*) FROM account WHERE id > 0"), "40000");
    EXPECT_EQ(Rows(*copy, "SELECT COUNT(*) FROM account WHERE balance > 100"),
              Rows(*copy, "SELECT COUNT(*) FROM rich"));
    EXPECT_EQ(Rows(*copy, "SELECT COUNT(*) FROM account WHERE CHAR_LENGTH(name) = 16000"), "80");
    moves = Rows(*copy, "SELECT SUM(number) FROM moves");
  }
  is_over = true;
  first.join();
  second.join();
  EXPECT_NE(moves, "0");
  EXPECT_EQ(Rows(*connection, "SELECT SUM(balance) FROM account"), "4000000");
}

TEST(BackupTest, WhatHasChangedSinceACheckpointIsStillWrittenByTheNext) {
  SimulatedFiles files;
  {
    std::unique_ptr<Connection> source = OpenFile(files, kSource);
    MakeAccounts(*source, 3000);
    source->Checkpoint();
    Execute(*source, "UPDATE account SET balance = 7 WHERE id < 100");
    source->Backup(kCopy, {.files = &files});
    Execute(*source, "UPDATE account SET balance = 8 WHERE id = 2000");
  }
  EXPECT_EQ(SumOf(*OpenFile(files, kCopy)), "3000|290793|3000");
  EXPECT_EQ(SumOf(*OpenFile(files, kSource)), "3000|290701|3000");
}

TEST(BackupTest, APowerCutLeavesAWholeCopyOrNone) {
  SimulatedFiles whole;
  std::unique_ptr<Connection> source = Database::Connect(":memory:");
  source->SetAutocommit(true);
  MakeAccounts(*source, 1000);
  source->Backup(kCopy, {.files = &whole});
  uint64_t operations = whole.operations();
  int without = 0, with = 0;
  for (uint64_t at = 1; at <= operations; ++at) {
    for (Kept kept : {Kept::kAll, Kept::kNone, Kept::kPrefix, Kept::kRandom}) {
      SimulatedFiles files;
      files.CutPowerAt(at);
      EXPECT_THROW(source->Backup(kCopy, {.files = &files}), PowerCut);
      std::unique_ptr<SimulatedFiles> found = files.Recover(at, kept);
      if (!found->Exists(kCopy)) {
        ++without;
        source->Backup(kCopy, {.files = found.get()});
      } else {
        ++with;
      }
      EXPECT_EQ(SumOf(*OpenFile(*found, kCopy)), "1000|100000|1000") << at;
      EXPECT_EQ(found->Paths(), std::vector<std::string>{kCopy});
    }
  }
  EXPECT_GT(without, 0);
  EXPECT_GT(with, 0);
}

TEST(BackupTest, WhatFailsLeavesNoFileBehind) {
  SimulatedFiles whole;
  std::unique_ptr<Connection> source = Database::Connect(":memory:");
  source->SetAutocommit(true);
  MakeAccounts(*source, 1000);
  source->Backup(kCopy, {.files = &whole});
  EXPECT_EQ(StateOf([&] { source->Backup(kCopy, {.files = &whole}); }), "42710");
  for (uint64_t at = 1; at < whole.operations(); ++at) {
    for (ErrorCode code : {ErrorCode::kDiskFull, ErrorCode::kIoError}) {
      SimulatedFiles files;
      files.FailOperation(at, code);
      EXPECT_EQ(StateOf([&] { source->Backup(kCopy, {.files = &files}); }), SqlState(code)) << at;
      EXPECT_TRUE(files.Paths().empty()) << at;
    }
  }
  for (uint64_t stop : {0, 600}) {
    SimulatedFiles files;
    auto stop_there = [](void* at, uint64_t done, uint64_t total) {
      EXPECT_LE(done, total);
      return done >= *static_cast<uint64_t*>(at);
    };
    Connection::BackupOptions options{stop_there, &stop, &files};
    EXPECT_EQ(StateOf([&] { source->Backup(kCopy, options); }), "57014");
    EXPECT_TRUE(files.Paths().empty());
  }
}

// A target in a file, with tables whose numbers the source has too.
struct Target {
  explicit Target(SimulatedFiles& files) : connection(OpenFile(files, kCopy)) {
    Execute(*connection, "CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER)");
    Execute(*connection, "CREATE TABLE other (text VARCHAR(20000))");
    Execute(*connection, "INSERT INTO account SELECT v, 1 FROM GENERATE_SERIES(1, 2500) AS g (v)");
    Execute(*connection, "INSERT INTO other VALUES (REPEAT('long', 5000))");
    connection->Checkpoint();
    Execute(*connection, "UPDATE account SET balance = 2 WHERE id = 9");
  }
  std::unique_ptr<Connection> connection;
};
constexpr char kOldSum[] = "2500|2501|2500";
constexpr char kNewSum[] = "1000|100000|1000";

std::unique_ptr<Connection> SmallSource() {
  std::unique_ptr<Connection> source = Database::Connect(":memory:");
  source->SetAutocommit(true);
  MakeAccounts(*source, 1000);
  return source;
}

TEST(BackupTest, APowerCutWhileADatabaseIsReplacedLeavesOneOfTheTwo) {
  std::unique_ptr<Connection> source = SmallSource();
  SimulatedFiles whole;
  uint64_t before, operations;
  {
    Target target(whole);
    before = whole.operations();
    source->Backup(*target.connection, {});
    operations = whole.operations();
    EXPECT_EQ(SumOf(*target.connection), kNewSum);
  }
  int old = 0, replaced = 0;
  for (uint64_t at = before + 1; at <= operations; ++at) {
    for (Kept kept : {Kept::kAll, Kept::kNone, Kept::kRandom}) {
      SimulatedFiles files;
      std::unique_ptr<SimulatedFiles> found;
      {
        Target target(files);
        files.CutPowerAt(at);
        EXPECT_THROW(source->Backup(*target.connection, {}), PowerCut);
        found = files.Recover(at, kept);
      }
      std::unique_ptr<Connection> copy = OpenFile(*found, kCopy);
      std::string sum = SumOf(*copy);
      EXPECT_TRUE(sum == kOldSum || sum == kNewSum) << at << ": " << sum;
      ++(sum == kOldSum ? old : replaced);
      EXPECT_EQ(StateOf(*copy, "SELECT * FROM other"), sum == kOldSum ? "" : "42P01");
    }
  }
  EXPECT_GT(old, 0);
  EXPECT_GT(replaced, 0);
}

TEST(BackupTest, ADatabaseThatCouldNotBeReplacedGoesOnAsItWas) {
  std::unique_ptr<Connection> source = SmallSource();
  SimulatedFiles whole;
  uint64_t before, operations;
  {
    Target target(whole);
    before = whole.operations();
    source->Backup(*target.connection, {});
    operations = whole.operations();
  }
  uint64_t going_on = 0;
  for (uint64_t at = before + 1; at <= operations; ++at) {
    for (ErrorCode code : {ErrorCode::kDiskFull, ErrorCode::kIoError}) {
      SimulatedFiles files;
      std::string sum = kOldSum;
      bool goes_on = false;
      {
        Target target(files);
        files.FailOperation(at, code);
        std::string state = StateOf([&] { source->Backup(*target.connection, {}); });
        if (state.empty()) sum = kNewSum;  // what failed was wanted later only
        EXPECT_EQ(SumOf(*target.connection), sum) << at;
        const char* update = "UPDATE account SET balance = balance + 1 WHERE id = 9";
        goes_on = StateOf(*target.connection, update).empty();
        if (goes_on) {
          ++going_on;
          target.connection->Checkpoint();
          Execute(*target.connection, "UPDATE account SET balance = balance - 1 WHERE id = 9");
        }
      }
      std::string found = SumOf(*OpenFile(files, kCopy));
      if (goes_on) {
        EXPECT_EQ(found, sum) << at;
      } else {
        EXPECT_TRUE(found == kOldSum || found == kNewSum) << at << ": " << found;
      }
    }
  }
  EXPECT_GE(going_on, operations - before);
}

TEST(BackupTest, WhatWasReplacedMakesRoom) {
  std::unique_ptr<Connection> source = SmallSource();
  SimulatedFiles files;
  Target target(files);
  size_t bytes = 0;
  for (int round = 0; round < 12; ++round) {
    source->Backup(*target.connection, {});
    size_t now = files.Contents(kCopy).size();
    if (round > 5) {
      EXPECT_LE(now, bytes) << round;
    } else {
      bytes = std::max(bytes, now);
    }
  }
}

TEST(BackupTest, OnlyADatabaseThatNobodyUsesIsReplaced) {
  std::unique_ptr<Connection> source = SmallSource();
  std::shared_ptr<Database> database = Database::Open(":memory:");
  std::unique_ptr<Connection> target = database->Connect();
  auto replace = [&] { return StateOf([&] { source->Backup(*target, {}); }); };
  std::unique_ptr<Connection> other = database->Connect();
  EXPECT_EQ(replace(), "55006");
  EXPECT_EQ(StateOf([&] { source->Backup(*source, {}); }), "22023");
  EXPECT_EQ(StateOf([&] { other->Backup(*target, {}); }), "22023");
  other->Close();
  Rows(*target, "VALUES (1)");
  EXPECT_EQ(replace(), "25001");
  target->Commit();
  struct Callback {
    Connection* source;
    Connection* target;
    Database* database;
    int calls = 0;
  } callback{source.get(), target.get(), database.get()};
  auto use = [](void* argument, uint64_t, uint64_t) {
    auto* self = static_cast<Callback*>(argument);
    ++self->calls;
    EXPECT_EQ(StateOf(*self->source, "VALUES (1)"), "25000");
    EXPECT_EQ(StateOf(*self->target, "VALUES (1)"), "25000");
    EXPECT_EQ(StateOf([&] { self->database->Connect(); }), "55006");
    return false;
  };
  source->Backup(*target, {use, &callback, nullptr});
  EXPECT_GE(callback.calls, 2);
  EXPECT_EQ(SumOf(*target), kNewSum);
  target->Commit();
  EXPECT_EQ(SumOf(*database->Connect()), kNewSum);
}

TEST(BackupTest, AnyFlippedByteIsFoundOrMakesNoDifference) {
  std::unique_ptr<Connection> source = Database::Connect(":memory:");
  source->SetAutocommit(true);
  MakeAccounts(*source, 20);
  std::vector<uint8_t> bytes = source->Serialize();
  std::unique_ptr<Connection> target = Database::Connect(":memory:");
  target->SetAutocommit(true);
  Execute(*target, "CREATE TABLE t (n INTEGER)");
  Execute(*target, "INSERT INTO t VALUES (42)");
  for (size_t at = 0; at < bytes.size(); at += at < 4096 || at % 4096 < 128 ? 1 : 37) {
    bytes[at] ^= 0x40;
    std::string state = StateOf([&] { target->Deserialize(bytes); });
    bytes[at] ^= 0x40;
    if (state.empty()) {
      ASSERT_EQ(SumOf(*target), "20|2000|20") << at;
      target = Database::Connect(":memory:");
      target->SetAutocommit(true);
      Execute(*target, "CREATE TABLE t (n INTEGER)");
      Execute(*target, "INSERT INTO t VALUES (42)");
    } else {
      ASSERT_TRUE(state == "XX001" || (state == "0A000" && at < 4096)) << at << ": " << state;
      ASSERT_EQ(Rows(*target, "SELECT n FROM t"), "42") << at;
    }
  }
}

}  // namespace
}  // namespace tupelo

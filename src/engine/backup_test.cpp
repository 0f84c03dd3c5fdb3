// engine/backup_test.cpp: copies of a whole database, beside writers, and whatever fails meanwhile.
#include <atomic>
#include <thread>

#include "engine/backup_for_test.h"

namespace tupelo {
namespace {

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

TEST(BackupTest, WhatIsNotInMemoryIsCopiedBitByBitAndReadSoAgain) {
  SimulatedFiles files;
  {
    std::unique_ptr<Connection> made = OpenFile(files, kSource);
    MakeAccounts(*made, 60'000);
  }
  std::unique_ptr<Connection> source =
      Database::Connect(kSource, {.memory_limit = 1 << 20, .files = &files});
  source->SetAutocommit(true);
  Execute(*source, "UPDATE account SET balance = 7 WHERE id = 30000");
  const std::string sum = "60000|5999907|60000";
  source->Backup(kCopy, {.files = &files});
  source->Backup(*OpenFile(files, "/d/other.db"), {});
  for (const char* path : {kCopy, "/d/other.db"}) {
    std::unique_ptr<Connection> copy = OpenFile(files, path);
    uint64_t reads = files.reads();
    // Neither opening it nor asking by a key reads the rows.
    EXPECT_EQ(Rows(*copy, "SELECT balance FROM account WHERE id = 29999"), "100");
    EXPECT_EQ(Rows(*copy, "SELECT id FROM account WHERE balance < 50"), "30000");
    EXPECT_LT(files.reads() - reads, 30u) << path;
    EXPECT_EQ(Rows(*copy, "SELECT COUNT(name) FROM account WHERE name > ' '"), "60000");
    EXPECT_GT(files.reads() - reads, 60u) << path;
    EXPECT_EQ(SumOf(*copy), sum);
    EXPECT_EQ(StateOf(*copy, "INSERT INTO account VALUES (59999, 'twice', 0)"), "23505");
    Execute(*copy, "INSERT INTO account VALUES (60001, 'new', 0)");
  }
  EXPECT_EQ(SumOf(*OpenFile(files, kCopy)), "60001|5999907|60001");
  std::unique_ptr<Connection> memory = Database::Connect(":memory:", {});
  source->Backup(*memory, {});
  source->Close();
  EXPECT_EQ(SumOf(*memory), sum);
}

TEST(BackupTest, DefinitionsThatChangeMeanwhileAreOfNoConsequence) {
  SimulatedFiles files;
  std::unique_ptr<Connection> source = OpenFile(files, kSource);
  MakeAccounts(*source, 40'000);
  source->Checkpoint();
  struct Change {
    std::unique_ptr<Connection> other;
    int step = 0;
  } change{OpenFile(files, kSource), 0};
  auto next = [](void* argument, uint64_t, uint64_t) {
    auto* self = static_cast<Change*>(argument);
    const char* const steps[] = {
        "ALTER TABLE account ADD COLUMN more INTEGER DEFAULT 5",
        "DROP INDEX by_balance",
        "ALTER TABLE moves DROP COLUMN number",
        "DROP VIEW rich",
        "ALTER TABLE account DROP COLUMN balance",
        "CREATE INDEX by_more ON account (more)",
        "DROP TABLE account",
    };
    if (self->step < 7) Execute(*self->other, steps[self->step++]);
    self->other->Checkpoint();
    return false;
  };
  // A step for each of three segments.
  for (int round = 0; round < 3; ++round) {
    std::string path = kCopy + std::to_string(round);
    int before = change.step;
    source->Backup(path, {next, &change, &files});
    source->Checkpoint();
    std::unique_ptr<Connection> copy = OpenFile(files, path.c_str());
    if (before == 0) {
      EXPECT_EQ(SumOf(*copy), "40000|4000000|40000");
      EXPECT_EQ(Rows(*copy, "SELECT id FROM account WHERE balance < 50"), "");
      EXPECT_EQ(Rows(*copy, "SELECT COUNT(*) FROM rich"), "0");
      EXPECT_EQ(StateOf(*copy, "DROP INDEX by_balance"), "");
    }
    EXPECT_EQ(StateOf(*copy, "ALTER TABLE account ADD COLUMN last INTEGER"), "");
    EXPECT_EQ(Rows(*copy, "SELECT COUNT(last) FROM account"), "0");
  }
  EXPECT_EQ(change.step, 7);
}

TEST(BackupTest, AReadersBackupIsOfTheMomentThatItSees) {
  SimulatedFiles files;
  std::unique_ptr<Connection> writer = OpenFile(files, kSource);
  MakeAccounts(*writer, 40'000);
  writer->Close();
  std::shared_ptr<Database> database =
      Database::Open(kSource, {.files = &files, .read_only = true});
  std::unique_ptr<Connection> source = database->Connect({.read_only = true});
  struct Change {
    std::unique_ptr<Connection> writer, other;
  } change{OpenFile(files, kSource), database->Connect({.read_only = true})};
  EXPECT_EQ(StateOf([&] { change.writer->Backup(*source, {}); }), "22023");
  EXPECT_EQ(StateOf([&] { source->Backup(*change.writer, {}); }), "22023");
  EXPECT_EQ(StateOf([&] { source->Backup(kSource, {.files = &files}); }), "22023");
  EXPECT_EQ(StateOf([&] { SmallSource()->Backup(*source, {}); }), "25006");
  auto refresh = [](void* argument, uint64_t, uint64_t) {
    auto* self = static_cast<Change*>(argument);
    Execute(*self->writer, "UPDATE account SET balance = balance + 1");
    self->other->Refresh();
    return false;
  };
  source->Backup(kCopy, {refresh, &change, &files});
  EXPECT_EQ(SumOf(*OpenFile(files, kCopy)), "40000|4000000|40000");
  EXPECT_NE(SumOf(*change.other), "40000|4000000|40000");
}

TEST(BackupTest, APowerCutLeavesAWholeCopyOrNone) {
  SimulatedFiles whole;
  std::unique_ptr<Connection> source = Database::Connect(":memory:", {});
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
  std::unique_ptr<Connection> source = Database::Connect(":memory:", {});
  source->SetAutocommit(true);
  MakeAccounts(*source, 1000);
  source->Backup(kCopy, {.files = &whole});
  EXPECT_EQ(StateOf([&] { source->Backup(kCopy, {.files = &whole}); }), "42710");
  for (uint64_t at = 1; at < whole.operations(); ++at) {
    for (ErrorCode code : {ErrorCode::kDiskFull, ErrorCode::kIoError}) {
      SimulatedFiles files;
      files.FailOperation(at, code);
      std::string state = StateOf([&] { source->Backup(kCopy, {.files = &files}); });
      // A sync that fails is an error of the disk, whatever it says.
      EXPECT_TRUE(state == SqlState(code) || state == "58030") << at << ": " << state;
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

TEST(BackupTest, AnyFlippedByteIsFoundOrMakesNoDifference) {
  std::unique_ptr<Connection> source = Database::Connect(":memory:", {});
  source->SetAutocommit(true);
  MakeAccounts(*source, 20);
  std::vector<uint8_t> bytes = source->Serialize();
  std::unique_ptr<Connection> target = Database::Connect(":memory:", {});
  target->SetAutocommit(true);
  Execute(*target, "CREATE TABLE t (n INTEGER)");
  Execute(*target, "INSERT INTO t VALUES (42)");
  for (size_t at = 0; at < bytes.size(); at += at < 4096 || at % 4096 < 128 ? 1 : 37) {
    bytes[at] ^= 0x40;
    std::string state = StateOf([&] { target->Deserialize(bytes); });
    bytes[at] ^= 0x40;
    if (state.empty()) {
      ASSERT_EQ(SumOf(*target), "20|2000|20") << at;
      target = Database::Connect(":memory:", {});
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

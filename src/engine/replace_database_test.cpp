// engine/replace_database_test.cpp: databases that another one takes the place of, and whatever
// fails meanwhile.
#include "engine/backup_for_test.h"

namespace tupelo {
namespace {

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

TEST(ReplaceDatabaseTest, APowerCutWhileADatabaseIsReplacedLeavesOneOfTheTwo) {
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

TEST(ReplaceDatabaseTest, ADatabaseThatCouldNotBeReplacedGoesOnAsItWas) {
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

TEST(ReplaceDatabaseTest, WhoReadsGoesOnWithWhatWasThere) {
  std::unique_ptr<Connection> source = SmallSource();
  SimulatedFiles files;
  Target target(files);
  target.connection->Close();
  std::unique_ptr<Connection> reader =
      Database::Connect(kCopy, {.files = &files, .read_only = true});
  reader->SetAutocommit(true);
  target.connection = OpenFile(files, kCopy);
  for (int round = 0; round < 5; ++round) source->Backup(*target.connection, {});
  EXPECT_EQ(SumOf(*reader), kOldSum);
  EXPECT_EQ(Rows(*reader, "SELECT COUNT(*) FROM other WHERE CHAR_LENGTH(text) = 20000"), "1");
  reader->Refresh();
  EXPECT_EQ(SumOf(*reader), kNewSum);
  EXPECT_EQ(StateOf(*reader, "SELECT * FROM other"), "42P01");
  Execute(*target.connection, "UPDATE account SET balance = 0 WHERE id = 1");
  reader->Refresh();
  EXPECT_EQ(SumOf(*reader), "1000|99900|1000");
}

TEST(ReplaceDatabaseTest, WhatWasReplacedMakesRoom) {
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

TEST(ReplaceDatabaseTest, OnlyADatabaseThatNobodyUsesIsReplaced) {
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

}  // namespace
}  // namespace tupelo

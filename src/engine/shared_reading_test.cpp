// engine/shared_reading_test.cpp: queries beside each other, beside writers and definitions.
//
// Amounts move between accounts, and many rows are written anew: whatever a query reads between the
// steps of others, the sum is what it was.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/simulated_files.h"
#include "engine/check.h"
#include "engine/engine_for_test.h"

namespace tupelo {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kAccounts = 40'000;
constexpr int64_t kAmount = 100;

// Runs threads until a time is over; counts what they did wrong, and how often each came round.
class Crowd {
 public:
  explicit Crowd(std::chrono::milliseconds time) : end_(Clock::now() + time) {}
  ~Crowd() { Join(); }

  // `step` says what it found wrong, "" if nothing.
  void Add(std::function<std::function<std::string()>()> make_step) {
    auto& rounds = *rounds_.emplace_back(std::make_unique<std::atomic<int>>(0));
    threads_.emplace_back([this, &rounds, make = std::move(make_step)] {
      std::function<std::string()> step = make();
      do {
        std::string wrong = step();
        if (!wrong.empty()) {
          ADD_FAILURE() << wrong;
          return;
        }
        ++rounds;
      } while (Clock::now() < end_);
    });
  }
  void Join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int rounds(size_t thread) const { return rounds_[thread]->load(); }

 private:
  Clock::time_point end_;
  std::vector<std::thread> threads_;
  std::vector<std::unique_ptr<std::atomic<int>>> rounds_;
};

class SharedReadingTest : public testing::Test {
 protected:
  void Fill(const std::string& place, FileSystem* files) {
    database_ = Database::Open(place, {.files = files});
    connection_ = database_->Connect();
    connection_->SetAutocommit(true);
    Execute(*connection_,
            "CREATE TABLE account (id INTEGER PRIMARY KEY, branch VARCHAR(20) NOT NULL, amount "
            "BIGINT NOT NULL, note VARCHAR(60))");
    Execute(*connection_, "CREATE INDEX by_branch ON account (branch, id)");
    Execute(*connection_,
            "INSERT INTO account SELECT g.i, 'branch ' || CAST(MOD(g.i, 7) AS VARCHAR(2)), 100, "
            "'a note that is longer than what lies inline ' || CAST(MOD(g.i, 5) AS VARCHAR(2)) "
            "FROM GENERATE_SERIES(0, 39999) AS g (i)");
  }

  std::unique_ptr<Connection> Connect(int threads = 1) {
    auto connection = database_->Connect();
    connection->SetAutocommit(true);
    Execute(*connection, "SET threads = " + std::to_string(threads));
    return connection;
  }

  // Two accounts in one transaction; what others have changed meanwhile is tried again.
  std::function<std::function<std::string()>()> Transfers(int seed) {
    return [this, seed] {
      std::shared_ptr<Connection> connection = database_->Connect();
      std::shared_ptr<Statement> update =
          connection->Prepare("UPDATE account SET amount = amount + ? WHERE id = ?");
      auto random = std::make_shared<std::mt19937>(seed);
      return [connection, update, random]() -> std::string {
        const int from = static_cast<int>((*random)() % kAccounts);
        const int to = (from + 1 + static_cast<int>((*random)() % (kAccounts - 1))) % kAccounts;
        std::string state = StateOf([&] {
          Execute(*update, {-5, from});
          Execute(*update, {5, to});
          connection->Commit();
        });
        if (!state.empty()) connection->Rollback();
        return state.empty() || state == "40001" ? "" : "transfer: " + state;
      };
    };
  }

  // A query whose rows must add up to the same, in any transaction.
  std::function<std::function<std::string()>()> Reads(std::string sql, int threads,
                                                      std::string expected) {
    return [this, sql = std::move(sql), threads, expected = std::move(expected)] {
      std::shared_ptr<Connection> connection = Connect(threads);
      std::shared_ptr<Statement> statement = connection->Prepare(sql);
      return [connection, statement, sql, expected]() -> std::string {
        std::string found;
        std::string state = StateOf([&] {
          Result result = Execute(*statement);
          found = RowsOf(result);
        });
        if (state.empty() && found == expected) return "";
        return sql + ": " + state + " " + found + " instead of " + expected;
      };
    };
  }

  std::function<std::function<std::string()>()> Runs(std::vector<std::string> sql,
                                                     std::vector<std::string> allowed = {}) {
    return [this, sql = std::move(sql), allowed = std::move(allowed)] {
      std::shared_ptr<Connection> connection = Connect();
      auto next = std::make_shared<size_t>(0);
      return [connection, next, sql, allowed]() -> std::string {
        const std::string& text = sql[(*next)++ % sql.size()];
        std::string state = StateOf(*connection, text);
        if (state.empty() || std::ranges::find(allowed, state) != allowed.end()) return "";
        return text + ": " + state;
      };
    };
  }

  void AddReaders(Crowd* crowd) {
    const std::string sum = std::to_string(kAccounts * kAmount);
    crowd->Add(Reads("SELECT SUM(amount) FROM account", 1, sum));
    crowd->Add(
        Reads("SELECT SUM(amount), COUNT(*) FROM account WHERE branch LIKE 'branch%' AND "
              "note IS NOT NULL",
              2, sum + "|40000"));
    crowd->Add(
        Reads("SELECT SUM(s), MIN(n) FROM (SELECT branch, SUM(amount), COUNT(*) FROM "
              "account GROUP BY branch) AS x (b, s, n)",
              2, sum + "|5714"));
    crowd->Add(
        Reads("SELECT SUM(a.amount) FROM account AS a JOIN account AS b ON b.id = a.id", 1, sum));
    crowd->Add(
        Reads("SELECT COUNT(*) FROM (SELECT id FROM account WHERE branch = 'branch 3' "
              "ORDER BY id) AS x",
              1, "5714"));
  }

  std::shared_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(SharedReadingTest, QueriesBesideTransfers) {
  Fill("", nullptr);
  Crowd crowd(std::chrono::milliseconds(1500));
  AddReaders(&crowd);
  crowd.Add(Transfers(1));
  crowd.Add(Transfers(2));
  crowd.Join();
  for (size_t i = 0; i < 7; ++i) EXPECT_GT(crowd.rounds(i), 0) << i;
  EXPECT_EQ(Rows(*connection_, "SELECT SUM(amount) FROM account"), "4000000");
  EXPECT_EQ(database_->old_version_count(), 0u);
}

TEST_F(SharedReadingTest, QueriesBesideStatementsThatWriteManyRows) {
  Fill("", nullptr);
  Crowd crowd(std::chrono::milliseconds(1500));
  AddReaders(&crowd);
  // Now and then the row is one that the other has written, and not committed yet.
  crowd.Add(Runs({"UPDATE account SET amount = amount + 0 WHERE id = 11",
                  "UPDATE account SET amount = amount + 0 WHERE id = 33333"},
                 {"40001"}));
  // A transaction of its own is never too late: it runs once more, in one.
  crowd.Add(
      Runs({"UPDATE account SET note = 'another note, as long as the one before ' || "
            "CAST(MOD(id, 3) AS VARCHAR(2))",
            "UPDATE account SET note = 'short'",
            "UPDATE account SET branch = branch WHERE MOD(id, 3) = 0"}));
  crowd.Join();
  for (size_t i = 0; i < 7; ++i) EXPECT_GT(crowd.rounds(i), 0) << i;
  EXPECT_EQ(Rows(*connection_, "SELECT SUM(amount) FROM account"), "4000000");
  EXPECT_EQ(database_->old_version_count(), 0u);
}

TEST_F(SharedReadingTest, QueriesBesideDefinitions) {
  Fill("", nullptr);
  Crowd crowd(std::chrono::milliseconds(1500));
  AddReaders(&crowd);
  crowd.Add(Transfers(1));
  crowd.Add(Runs({"DROP INDEX by_branch", "CREATE INDEX by_branch ON account (branch, id)",
                  "ALTER TABLE account ADD COLUMN more INTEGER DEFAULT 7",
                  "ALTER TABLE account DROP COLUMN more", "CREATE TABLE other (n INTEGER)",
                  "DROP TABLE other", "ANALYZE"},
                 // Not done because a transfer was in the way: then the next one has nothing to do.
                 {"40001", "42704", "42710", "42703", "42701", "42P01", "42P07"}));
  crowd.Join();
  for (size_t i = 0; i < 7; ++i) EXPECT_GT(crowd.rounds(i), 0) << i;
  EXPECT_EQ(Rows(*connection_, "SELECT SUM(amount) FROM account"), "4000000");
}

// Blocks and nodes come from the file as several threads ask for them, and leave again.
TEST_F(SharedReadingTest, QueriesThatReadFromTheFile) {
  SimulatedFiles files;
  const std::string path = "/d/shared_reading_test.db";
  Fill(path, &files);
  connection_->Close();
  connection_ = nullptr;
  database_ = nullptr;
  for (int round = 0; round < 6; ++round) {
    database_ = Database::Open(path, {.memory_limit = uint64_t{1} << 20, .files = &files});
    connection_ = database_->Connect();
    connection_->SetAutocommit(true);
    Crowd crowd(std::chrono::milliseconds(250));
    AddReaders(&crowd);
    if (round % 2 == 1) crowd.Add(Transfers(round));
    crowd.Join();
    EXPECT_EQ(Rows(*connection_, "SELECT SUM(amount) FROM account"), "4000000");
    connection_->Close();
    connection_ = nullptr;
    database_ = nullptr;
  }
}

TEST_F(SharedReadingTest, NobodyWaitsForTheEndOfALongStatement) {
  Fill("", nullptr);
  // How often somebody else reads in the middle of the statement: while its snapshot is held.
  auto count_during = [&](const std::string& sql) {
    std::atomic<bool> is_done{false};
    auto reader = Connect();
    auto holders = reader->Prepare("SELECT COUNT(*) FROM tupelo.versions");
    auto select = reader->Prepare("SELECT amount FROM account WHERE id = ?");
    auto count_holders = [&] {
      Result result = Execute(*holders);
      return RowsOf(result);
    };
    const std::string nobody_else = count_holders();
    std::thread runner([&] {
      auto connection = Connect();
      Result result = Execute(*connection, sql);
      RowsOf(result);
      is_done = true;
    });
    int count = 0;
    while (!is_done) {
      const bool is_between = count_holders() != nobody_else;
      Result result = Execute(*select, {count % kAccounts});
      EXPECT_EQ(RowsOf(result), "100");
      if (is_between) ++count;
    }
    runner.join();
    return count;
  };
  // On a busy machine the reader may not be there in time.
  auto most_during = [&](const std::string& sql, const std::string& undo = "") {
    int most = 0;
    for (int i = 0; i < 20 && most <= 5; ++i) {
      if (i > 0 && !undo.empty()) Execute(*connection_->Prepare(undo));
      most = std::max(most, count_during(sql));
    }
    return most;
  };
  EXPECT_GT(most_during("UPDATE account SET note = note || '!'"), 5);
  EXPECT_GT(most_during("SELECT COUNT(*) FROM account AS a, account AS b WHERE a.amount + b.id = "
                        "-1 AND b.id < 300"),
            5);
  EXPECT_GT(most_during("CREATE INDEX by_note ON account (note, amount)", "DROP INDEX by_note"), 5);
  EXPECT_GT(
      most_during("ALTER TABLE account ADD CONSTRAINT is_short CHECK (CHAR_LENGTH(note) < 99)",
                  "ALTER TABLE account DROP CONSTRAINT is_short"),
      5);
  EXPECT_GT(most_during("ALTER TABLE account ADD COLUMN twice INTEGER GENERATED ALWAYS AS "
                        "(2 * amount)",
                        "ALTER TABLE account DROP COLUMN twice"),
            5);
  EXPECT_GT(
      most_during("CREATE TABLE copy AS (SELECT a.id, b.note FROM account AS a JOIN account AS "
                  "b ON a.id = b.id ORDER BY b.note) WITH DATA",
                  "DROP TABLE copy"),
      5);
}

// While an index is filled, readers that are older go, and with them what only they saw: no key of
// that may stay, and none of what is still seen be missing.
TEST_F(SharedReadingTest, AnIndexIsMadeWhileOldVersionsGo) {
  Fill("", nullptr);
  std::atomic<int> made{0};
  Crowd crowd(std::chrono::milliseconds(1500));
  crowd.Add(Transfers(1));
  crowd.Add([&] {
    std::shared_ptr<Connection> connection = Connect();
    Execute(*connection, "SET lock_timeout = 2000");
    return [connection, &made]() -> std::string {
      // When the time is over the others end, and it can be made in any case.
      std::string state = "40001";
      for (int i = 0; i < 100 && state == "40001"; ++i) {
        state = StateOf(*connection, "CREATE INDEX by_amount ON account (amount, note)");
      }
      if (!state.empty()) return "CREATE INDEX: " + state;
      ++made;
      std::string wrong;
      for (const Finding& finding : CheckDatabase(*connection)) {
        wrong += finding.where + ": " + finding.what;
      }
      if (!wrong.empty()) return wrong;
      const std::string dropped = StateOf(*connection, "DROP INDEX by_amount");
      return dropped.empty() ? "" : "DROP INDEX: " + dropped;
    };
  });
  // Transactions that begin and end at any time, with a snapshot.
  for (int i = 0; i < 2; ++i) {
    crowd.Add([&] {
      std::shared_ptr<Connection> connection = database_->Connect();
      return [connection]() -> std::string {
        std::string sum = Rows(*connection, "SELECT amount FROM account WHERE id = 5");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        sum = Rows(*connection, "SELECT SUM(amount) FROM account");
        connection->Rollback();
        return sum == "4000000" ? "" : sum;
      };
    });
  }
  crowd.Join();
  for (size_t i = 0; i < 4; ++i) EXPECT_GT(crowd.rounds(i), 0) << i;
  EXPECT_GT(made.load(), 0);
  EXPECT_EQ(Rows(*connection_, "SELECT SUM(amount) FROM account"), "4000000");
  EXPECT_EQ(database_->old_version_count(), 0u);
}

}  // namespace

}  // namespace tupelo

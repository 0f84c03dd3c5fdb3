// bench/cpp/point_bench.cpp: what INSERT, SELECT, UPDATE and DELETE by key cost inside the engine.
//
// point_bench [rounds [rows [operation]]]: prints the median ns per statement over all rounds, each
// of which loads a new table and empties it again. Given an operation, only that one is run (many
// times), for profilers.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <tupelo/tupelo.h>
#include <vector>

namespace {

using tupelo::Chunk;
using tupelo::Connection;
using tupelo::Database;
using tupelo::ParameterSet;
using tupelo::Result;
using tupelo::Statement;

constexpr const char* kDefinition =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(40), n INTEGER, x DOUBLE PRECISION, flag "
    "BOOLEAN)";

class PointBench {
 public:
  explicit PointBench(int64_t rows)
      : rows_(rows), connection_(Database::Open(":memory:")->Connect()) {
    none_.Reset(0);
    for (int i = 0; i < 1000; ++i) names_.push_back("name " + std::to_string(i));
    for (int64_t i = 0; i < rows; ++i) order_.push_back(i);
    uint64_t state = 88172645463325252u;  // xorshift: the same shuffle in every run
    for (int64_t i = rows - 1; i > 0; --i) {
      state ^= state << 13, state ^= state >> 7, state ^= state << 17;
      std::swap(order_[i], order_[state % static_cast<uint64_t>(i + 1)]);
    }
    Run(kDefinition);
    insert_ = connection_->Prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?)");
    select_ = connection_->Prepare("SELECT id, name, n, x, flag FROM t WHERE id = ?");
    update_ = connection_->Prepare("UPDATE t SET n = ?, x = ? WHERE id = ?");
    delete_ = connection_->Prepare("DELETE FROM t WHERE id = ?");
  }

  void Insert(int64_t i) {
    five_.Reset(5);
    five_.SetInteger(0, i);
    five_.SetText(1, names_[i % 1000]);
    five_.SetInteger(2, i % 100);
    five_.SetDouble(3, static_cast<double>(i) * 0.5);
    five_.SetBoolean(4, i % 2 == 0);
    five_.EndRow();
    insert_->Execute(five_);
  }
  void Select(int64_t i) {
    SetKey(i);
    Drain(select_->Execute(one_));
  }
  void Update(int64_t i) {
    three_.Reset(3);
    three_.SetInteger(0, i + 7);
    three_.SetDouble(1, static_cast<double>(i));
    three_.SetInteger(2, i);
    three_.EndRow();
    changed_ += update_->Execute(three_).row_count();
  }
  void Delete(int64_t i) {
    SetKey(i);
    changed_ += delete_->Execute(one_).row_count();
  }
  void NeverSeen(int64_t i) {
    auto statement = connection_->Prepare("SELECT name, n FROM t WHERE id = " + std::to_string(i) +
                                          " AND n <> -" + std::to_string(++unseen_));
    Drain(statement->Execute(none_));
  }

  // ns per statement.
  double Time(void (PointBench::*operation)(int64_t), bool in_order, int64_t count) {
    auto begin = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < count; ++i) (this->*operation)(in_order ? i : order_[i]);
    auto spent = std::chrono::steady_clock::now() - begin;
    return static_cast<double>(
               std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count()) /
           static_cast<double>(count);
  }
  void Commit() { connection_->Commit(); }
  void CheckChanged(int64_t expected) {
    if (changed_ == expected) return;
    std::fprintf(stderr, "rows changed: %ld, expected %ld\n", changed_, expected);
    std::exit(1);
  }

  int64_t rows() const { return rows_; }

 private:
  void SetKey(int64_t i) {
    one_.Reset(1);
    one_.SetInteger(0, i);
    one_.EndRow();
  }
  void Run(const char* sql) { connection_->Prepare(sql)->Execute(none_); }
  static void Drain(Result result) {
    while (result.NextChunk() != nullptr) {
    }
  }

  int64_t rows_, changed_ = 0, unseen_ = 0;
  std::unique_ptr<Connection> connection_;
  std::shared_ptr<Statement> insert_, select_, update_, delete_;
  ParameterSet none_, one_, three_, five_;
  std::vector<int64_t> order_;
  std::vector<std::string> names_;
};

struct Operation {
  const char* name;
  void (PointBench::*run)(int64_t);
  bool in_order;
};

constexpr Operation kOperations[] = {
    {"insert", &PointBench::Insert, true},  {"select", &PointBench::Select, false},
    {"update", &PointBench::Update, false}, {"never seen", &PointBench::NeverSeen, false},
    {"delete", &PointBench::Delete, false},
};

// The operations of one round; of `only` many times over where it can be repeated.
void RunRound(PointBench& bench, std::string_view only,
              std::map<std::string_view, std::vector<double>>& times) {
  for (const Operation& operation : kOperations) {
    bool is_insert = operation.run == &PointBench::Insert;
    if (!only.empty() && only != operation.name && !is_insert) continue;
    bool repeatable = !is_insert && operation.run != &PointBench::Delete;
    int64_t count = operation.run == &PointBench::NeverSeen ? bench.rows() / 10 : bench.rows();
    for (int i = only.empty() || !repeatable ? 1 : 50; i > 0; --i) {
      times[operation.name].push_back(bench.Time(operation.run, operation.in_order, count));
      bench.Commit();
    }
  }
  if (only.empty()) bench.CheckChanged(2 * bench.rows());
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = argc > 1 ? std::atoi(argv[1]) : 25;
  int64_t rows = argc > 2 ? std::atoll(argv[2]) : 20'000;
  const char* only = argc > 3 ? argv[3] : "";
  std::map<std::string_view, std::vector<double>> times;
  for (int round = 0; round < rounds; ++round) {
    PointBench bench(rows);
    RunRound(bench, only, times);
  }
  for (auto& [name, samples] : times) {
    std::sort(samples.begin(), samples.end());
    std::printf("%-12s %8.0f ns (best %.0f)\n", std::string(name).c_str(),
                samples[samples.size() / 2], samples[0]);
  }
}

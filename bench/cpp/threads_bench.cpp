// bench/cpp/threads_bench.cpp: how reading, and committing, go with the number of threads.
//
// threads_bench [DIRECTORY [SECONDS]]: measures each case for so many seconds (2), with connections
// of their own for all threads, and prints
//   memory  a loop that reads memory, two threads beside one: what the machine gives
//   point   SELECT by key, prepared; scan  SUM over a table: the same, beside `memory`
//   writer  the two point readers while a third thread changes rows of their database in memory,
//           beside the two while a third thread spins
//   commits the two while a third thread commits one UPDATE after the other to their file with
//           synchronous full, beside the two while it sleeps, and while it does the same to another
//           database: what it needs of the machine, which may have but two processors
//   commit  eight threads that commit one UPDATE each to a file, synchronous full, beside one
// The files are made in DIRECTORY (where temporary files usually are).
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <tupelo/tupelo.h>
#include <vector>

namespace {

using tupelo::Connection;
using tupelo::Database;
using tupelo::ParameterSet;
using tupelo::Result;
using tupelo::Statement;
using Clock = std::chrono::steady_clock;

constexpr int64_t kRows = 1'000'000;

double seconds_of_case = 2;

// What a thread does again and again; returns what it did for one call.
using Work = std::function<int64_t()>;
using MakeWork = std::function<Work(uint32_t thread)>;

// Steps a second of all threads. What one throws ends the program.
double Measure(uint32_t threads, const MakeWork& make) {
  std::atomic<uint32_t> ready{0};
  std::atomic<bool> go{false}, stop{false};
  std::atomic<int64_t> done{0};
  std::vector<std::thread> running;
  for (uint32_t i = 0; i < threads; ++i) {
    running.emplace_back([&, i] {
      try {
        Work work = make(i);
        work();
        ++ready;
        while (!go.load()) std::this_thread::yield();
        int64_t count = 0;
        while (!stop.load(std::memory_order_relaxed)) count += work();
        done += count;
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        std::exit(1);
      }
    });
  }
  while (ready.load() < threads) std::this_thread::yield();
  const auto start = Clock::now();
  go.store(true);
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds_of_case));
  stop.store(true);
  for (std::thread& thread : running) thread.join();
  return static_cast<double>(done.load()) /
         std::chrono::duration<double>(Clock::now() - start).count();
}

// The same of the first `threads`, while others do something else.
double MeasureBeside(uint32_t threads, const MakeWork& make, const MakeWork& other) {
  std::atomic<bool> stop{false};
  std::thread beside([&] {
    try {
      Work work = other(threads);
      while (!stop.load(std::memory_order_relaxed)) work();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      std::exit(1);
    }
  });
  const double rate = Measure(threads, make);
  stop.store(true);
  beside.join();
  return rate;
}

Work ReadMemory(uint32_t) {
  auto memory = std::make_shared<std::vector<uint64_t>>(uint64_t{1} << 16, 1);  // half a megabyte
  auto sum = std::make_shared<volatile uint64_t>(0);
  return [memory, sum] {
    uint64_t total = 0;
    for (uint64_t value : *memory) total += value;
    *sum = *sum + total;
    return int64_t{1};
  };
}

Work Spin(uint32_t) {
  auto sum = std::make_shared<volatile uint64_t>(0);
  return [sum] {
    for (int i = 0; i < 1000; ++i) *sum = *sum + 1;
    return int64_t{1};
  };
}

struct Prepared {
  std::shared_ptr<Connection> connection;
  std::shared_ptr<Statement> statement;
  ParameterSet parameters;
  uint64_t random;

  Prepared(Database& database, uint32_t thread, const char* sql)
      : connection(database.Connect()), random(thread * 7919 + 1) {
    connection->SetAutocommit(true);
    statement = connection->Prepare(sql);
  }
  int64_t NextKey() {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int64_t>((random >> 33) % kRows);
  }
  int64_t Run() {
    Result result = statement->Execute(parameters);
    int64_t rows = 0;
    while (const tupelo::Chunk* chunk = result.NextChunk()) rows += chunk->row_count();
    return rows;
  }
};

MakeWork PointReads(Database& database) {
  return [&database](uint32_t thread) -> Work {
    auto prepared = std::make_shared<Prepared>(database, thread, "SELECT n FROM t WHERE id = ?");
    return [prepared] {
      for (int i = 0; i < 100; ++i) {
        prepared->parameters.Reset(1);
        prepared->parameters.SetInteger(0, prepared->NextKey());
        prepared->parameters.EndRow();
        if (prepared->Run() != 1) std::abort();
      }
      return int64_t{100};
    };
  };
}

MakeWork Scans(Database& database) {
  return [&database](uint32_t thread) -> Work {
    auto prepared =
        std::make_shared<Prepared>(database, thread, "SELECT SUM(n) FROM t WHERE id > 10");
    prepared->connection->Prepare("SET threads = 1")->Execute(ParameterSet());
    return [prepared] { return prepared->Run(); };
  };
}

MakeWork Updates(Database& database) {
  return [&database](uint32_t thread) -> Work {
    auto prepared =
        std::make_shared<Prepared>(database, thread, "UPDATE t SET n = n + 1 WHERE id = ?");
    // Rows of its own: this is not about conflicts.
    auto next = std::make_shared<int64_t>(thread * 1000);
    return [prepared, next, thread] {
      prepared->parameters.Reset(1);
      prepared->parameters.SetInteger(0, thread * 1000 + (*next)++ % 1000);
      prepared->parameters.EndRow();
      prepared->statement->Execute(prepared->parameters);
      return int64_t{1};
    };
  };
}

void RemoveFiles(const std::vector<std::string>& databases) {
  for (const std::string& path : databases) {
    for (const char* end : {"", "-wal", "-wal2"}) std::filesystem::remove(path + end);
  }
}

void Fill(Database& database) {
  auto connection = database.Connect();
  connection->Prepare("CREATE TABLE t (id INTEGER PRIMARY KEY, n BIGINT)")->Execute(ParameterSet());
  connection->Prepare("INSERT INTO t SELECT g.i, g.i FROM GENERATE_SERIES(0, 999999) AS g (i)")
      ->Execute(ParameterSet());
  connection->Commit();
}

}  // namespace

int main(int count, char** arguments) {
  const std::filesystem::path directory =
      count > 1 ? std::filesystem::path(arguments[1]) : std::filesystem::temp_directory_path();
  if (count > 2) seconds_of_case = std::atof(arguments[2]);
  try {
    // The better of some rounds that take turns: what else the machine does is not what is asked.
    auto best_of = [&](const MakeWork& make, double* one, double* two) {
      *one = *two = 0;
      for (int round = 0; round < 3; ++round) {
        *one = std::max(*one, Measure(1, make));
        *two = std::max(*two, Measure(2, make));
      }
    };
    double memory_1, memory_2;
    best_of(ReadMemory, &memory_1, &memory_2);
    std::printf("memory  1 thread %11.0f, 2 threads %11.0f: %.2f\n", memory_1, memory_2,
                memory_2 / memory_1);
    auto scaling = [&](const char* name, const MakeWork& make) {
      double one, two;
      best_of(make, &one, &two);
      std::printf("%-7s 1 thread %11.0f, 2 threads %11.0f: %.2f, %.2f of memory's\n", name, one,
                  two, two / one, two / one / (memory_2 / memory_1));
      std::fflush(stdout);
    };
    auto database = Database::Open("");
    Fill(*database);
    scaling("point", PointReads(*database));
    scaling("scan", Scans(*database));
    auto beside = [&](const char* name, Database& of, const char* idles, const MakeWork& idle) {
      double alone = 0, shared = 0;
      for (int round = 0; round < 3; ++round) {
        alone = std::max(alone, MeasureBeside(2, PointReads(of), idle));
        shared = std::max(shared, MeasureBeside(2, PointReads(of), Updates(of)));
      }
      std::printf(
          "%-7s 2 readers beside one that %s %11.0f, that writes what they read %11.0f: %.2f\n",
          name, idles, alone, shared, shared / alone);
      std::fflush(stdout);
    };
    beside("writer", *database, "spins", Spin);
    const std::string path = (directory / "threads_bench.db").string();
    const std::string other_path = (directory / "threads_bench_other.db").string();
    RemoveFiles({path, other_path});
    {
      auto stored = Database::Open(path), other = Database::Open(other_path);
      auto connection = stored->Connect(), other_connection = other->Connect();  // closes the file
      Fill(*stored);
      Fill(*other);
      auto sleep = [](uint32_t) -> Work {
        return [] {
          std::this_thread::sleep_for(std::chrono::microseconds(100));
          return int64_t{1};
        };
      };
      beside("commits", *stored, "sleeps", sleep);
      beside("commits", *stored, "commits to another database", Updates(*other));
      const double one = Measure(1, Updates(*stored)), eight = Measure(8, Updates(*stored));
      std::printf("commit  1 thread %11.0f, 8 threads %11.0f: %.2f\n", one, eight, eight / one);
    }
    RemoveFiles({path, other_path});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}

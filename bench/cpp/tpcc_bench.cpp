// bench/cpp/tpcc_bench.cpp: TPC-C over the C++ library: what the engine does without Python.
//
// tpcc_bench FILE [SECONDS [SYNCHRONOUS [THREADS...]]]: runs the mix of transactions on a database
// that `PYTHONPATH=bench python -m tpcc --only tupelo --directory DIRECTORY --load-only` has left
// in FILE, with each number of threads (1 and 4) for so many seconds (10), and prints the
// transactions a second and the New-Orders a minute. SYNCHRONOUS is full (the default), normal or
// off. The same with --check in place of --load-only looks whether the database is consistent.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tpcc_terminal.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kWarmUpSeconds = 2;

struct Tally {
  std::array<int64_t, tpcc::kKinds> counts{};
  int64_t retries = 0;
  double seconds = 0;

  int64_t transactions() const {
    int64_t sum = 0;
    for (int64_t count : counts) sum += count;
    return sum;
  }
};

// Adds up what a thread did within some seconds.
Tally Work(tpcc::Terminal* terminal, double seconds) {
  Tally tally;
  int64_t retries = terminal->retries();
  auto start = Clock::now();
  while (std::chrono::duration<double>(Clock::now() - start).count() < seconds) {
    ++tally.counts[static_cast<size_t>(terminal->RunOne())];
  }
  tally.retries = terminal->retries() - retries;
  return tally;
}

// All terminals at once, each in a thread of its own. What one throws ends the program.
Tally RunThreads(std::vector<std::unique_ptr<tpcc::Terminal>>& terminals, double seconds) {
  std::vector<Tally> tallies(terminals.size());
  std::vector<std::thread> threads;
  auto start = Clock::now();
  for (size_t i = 0; i < terminals.size(); ++i) {
    threads.emplace_back([&, i] {
      try {
        tallies[i] = Work(terminals[i].get(), seconds);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "tpcc_bench: %s\n", error.what());
        std::exit(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Tally total;
  total.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  for (const Tally& tally : tallies) {
    for (size_t kind = 0; kind < tpcc::kKinds; ++kind) total.counts[kind] += tally.counts[kind];
    total.retries += tally.retries;
  }
  return total;
}

// Warehouses take turns as home of the threads.
void Measure(tupelo::Database& database, const tpcc::Scale& scale, int threads, double seconds) {
  std::vector<std::unique_ptr<tpcc::Terminal>> terminals;
  for (int i = 0; i < threads; ++i) {
    terminals.push_back(std::make_unique<tpcc::Terminal>(database.Connect(), scale,
                                                         i % scale.warehouses + 1, i + 1));
  }
  RunThreads(terminals, kWarmUpSeconds);
  Tally tally = RunThreads(terminals, seconds);
  double new_orders = static_cast<double>(tally.counts[0]);
  std::printf("%d threads: %.0f transactions a second, %.0f New-Orders a minute, %ld retries\n",
              threads, static_cast<double>(tally.transactions()) / tally.seconds,
              new_orders * 60 / tally.seconds, static_cast<long>(tally.retries));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: tpcc_bench FILE [SECONDS [SYNCHRONOUS [THREADS...]]]\n");
    return 2;
  }
  double seconds = argc > 2 ? std::atof(argv[2]) : 10;
  tupelo::OpenOptions options;
  std::string synchronous = argc > 3 ? argv[3] : "full";
  if (synchronous == "normal") options.synchronous = tupelo::Durability::kNormal;
  if (synchronous == "off") options.synchronous = tupelo::Durability::kOff;
  std::vector<int> threads = {1, 4};
  if (argc > 4) threads.clear();
  for (int i = 4; i < argc; ++i) threads.push_back(std::atoi(argv[i]));
  try {
    auto connection = tupelo::Database::Connect(argv[1], options);
    tpcc::Scale scale = tpcc::ReadScale(*connection);
    std::shared_ptr<tupelo::Database> database = connection->database();
    for (int count : threads) Measure(*database, scale, count, seconds);
    connection->Close();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tpcc_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}

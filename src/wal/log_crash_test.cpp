// wal/log_crash_test.cpp: the power is cut at every operation; nothing acknowledged is lost.
#include <mutex>
#include <random>
#include <thread>

#include "wal/log_test.h"

namespace tupelo {
namespace {

constexpr Kept kPolicies[] = {Kept::kAll, Kept::kNone, Kept::kPrefix, Kept::kRandom, Kept::kRandom};

// What was appended, in order, of which at least `acknowledged` payloads must be found.
struct History {
  std::vector<Bytes> appended;
  size_t acknowledged = 0;
};

// Stands for the database file: how many payloads it contains, and where its log goes on.
struct Root {
  LogPlace place;
  uint64_t payloads = 0;
};

Root ReadRoot(SimulatedFiles& files) {
  Root root;
  if (!files.Exists("root")) return root;
  auto* bytes = reinterpret_cast<uint8_t*>(&root);
  EXPECT_EQ(files.Open("root", OpenMode::kRead)->ReadAt(0, {bytes, sizeof(root)}), sizeof(root));
  return root;
}

void WriteRoot(SimulatedFiles& files, const Root& root) {
  if (files.Exists("new")) files.Remove("new");
  auto file = files.Open("new", OpenMode::kCreate);
  file->WriteAt(0, {reinterpret_cast<const uint8_t*>(&root), sizeof(root)});
  file->Sync();
  files.Rename("new", "root");
  files.SyncDirectory("root");
}

// Compares what is found with the history, which becomes what was found.
LogEnd Recover(SimulatedFiles& files, History* history) {
  Root root = ReadRoot(files);
  LogReplay replay(files, "db", kTestDatabase, root.place);
  LogRecord record;
  size_t found = root.payloads;
  while (replay.Next(&record)) {
    bool known = found < history->appended.size();
    EXPECT_TRUE(known);
    if (!known) break;
    EXPECT_EQ(Bytes(record.payload.begin(), record.payload.end()), history->appended[found]);
    ++found;
  }
  EXPECT_GE(found, history->acknowledged);
  EXPECT_LE(found, history->appended.size());
  history->appended.resize(found);
  return replay.End();
}

// Random calls, the same for the same seed.
class Workload {
 public:
  Workload(SimulatedFiles& files, History& history, uint64_t seed)
      : files_(files), history_(history), random_(seed) {
    mode_ = static_cast<Synchronous>(random_() % 3);
    Open();
  }

  void Run(int steps) {
    for (int i = 0; i < steps; ++i) Step();
  }

 private:
  void Open() {
    if (files_.Exists("root")) files_.SyncDirectory("root");
    LogEnd end = Recover(files_, &history_);
    log_ = std::make_unique<Log>(files_, "db", kTestDatabase, end, mode_);
  }

  void Append() {
    Bytes payload(random_() % 4 == 0 ? random_() % 3000 : random_() % 60);
    for (uint8_t& byte : payload) byte = static_cast<uint8_t>(random_());
    history_.appended.push_back(payload);
    last_ = log_->Append(payload);
  }

  void Acknowledge() { history_.acknowledged = history_.appended.size(); }

  void Checkpoint(bool completes) {
    log_->PrepareSwitch();
    Root root{log_->Switch(), history_.appended.size()};
    if (random_() % 2 == 0) Append();
    log_->Sync();
    Acknowledge();
    if (!completes) return;
    WriteRoot(files_, root);
    if (random_() % 2 == 0) Append();
    log_->DropOld();
  }

  void Close() {
    log_->Sync();
    Acknowledge();
    WriteRoot(files_, {log_->PlaceAfterClose(), history_.appended.size()});
    log_.reset();
    RemoveLogFiles(files_, "db");
    Open();
    Acknowledge();
  }

  void Step() {
    switch (random_() % 16) {
      default: Append(); break;
      case 5:
      case 6:
      case 7:
        Append();
        log_->WaitDurable(last_);
        if (mode_ == Synchronous::kFull) Acknowledge();
        break;
      case 8:
        log_->Sync();
        Acknowledge();
        break;
      case 9: log_->WriteLargeBuffer(); break;
      case 10:
      case 11: Checkpoint(random_() % 4 != 0); break;
      case 12:  // killed: what was not written is lost
        if (random_() % 4 == 0) Open();
        break;
      case 13:
        if (random_() % 3 == 0) Close();
        break;
    }
  }

  SimulatedFiles& files_;
  History& history_;
  std::mt19937_64 random_;
  Synchronous mode_;
  std::unique_ptr<Log> log_;
  uint64_t last_ = 0;
};

// Whether the power was cut.
bool RunUntilCut(SimulatedFiles& files, History& history, uint64_t seed, int steps) {
  try {
    Workload(files, history, seed).Run(steps);
  } catch (const PowerCut&) {
    return true;
  }
  return false;
}

TEST(LogCrash, AfterEveryCutABeginningIsFoundWithAllThatWasAcknowledged) {
  int cuts = 0;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    SimulatedFiles whole;
    History complete;
    RunUntilCut(whole, complete, seed, 25);
    for (uint64_t cut = 1; cut <= whole.operations(); ++cut) {
      SimulatedFiles files;
      files.CutPowerAt(cut);
      History history;
      ASSERT_TRUE(RunUntilCut(files, history, seed, 25));
      for (Kept kept : kPolicies) {
        ++cuts;
        History left = history;
        auto recovered = files.Recover(cut * 5 + static_cast<uint64_t>(cuts % 5), kept);
        ASSERT_EQ(StateOf([&] { Recover(*recovered, &left); }), "") << seed << " " << cut;
        ASSERT_FALSE(testing::Test::HasFailure()) << seed << " " << cut;
      }
    }
  }
  EXPECT_GT(cuts, 500);
}

TEST(LogCrash, RecoveryAndWhatFollowsItAreCutAgain) {
  for (uint64_t seed = 0; seed < 80; ++seed) {
    std::mt19937_64 random(seed);
    auto files = std::make_unique<SimulatedFiles>();
    History history;
    for (int life = 0; life < 5; ++life) {
      files->CutPowerAt(1 + random() % (life % 2 == 0 ? 40 : 6));
      ASSERT_EQ(StateOf([&] { RunUntilCut(*files, history, random(), 20); }), "") << seed;
      files = files->Recover(random(), kPolicies[random() % 5]);
      ASSERT_FALSE(testing::Test::HasFailure()) << seed << " " << life;
    }
  }
}

TEST(LogCrash, FailingOperationsLoseNothingThatWasAcknowledged) {
  for (uint64_t seed = 0; seed < 80; ++seed) {
    std::mt19937_64 random(seed);
    auto files = std::make_unique<SimulatedFiles>();
    History history;
    for (int life = 0; life < 4; ++life) {
      for (int i = 0; i < 2; ++i) {
        files->FailOperation(files->operations() + 1 + random() % 40,
                             random() % 2 == 0 ? ErrorCode::kIoError : ErrorCode::kDiskFull);
      }
      std::string state = StateOf([&] { RunUntilCut(*files, history, random(), 20); });
      ASSERT_TRUE(state.empty() || state == "58030" || state == "53100") << seed << " " << state;
      if (random() % 2 == 0) files = files->Recover(random(), kPolicies[random() % 5]);
      ASSERT_FALSE(testing::Test::HasFailure()) << seed << " " << life;
    }
  }
}

TEST(LogCrash, ThreadsFindAllThatTheyWereToldIsDurable) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SimulatedFiles files;
    files.CutPowerAt(3 + seed);
    auto log = OpenLog(files, {});
    std::mutex order;
    std::vector<Bytes> appended;
    size_t acknowledged = 0;
    auto commit = [&](int thread) {
      try {
        for (int i = 0;; ++i) {
          Bytes payload = BytesOf(std::to_string(thread) + " " + std::to_string(i));
          uint64_t sequence;
          size_t count;
          {
            std::lock_guard guard(order);
            appended.push_back(payload);
            sequence = log->Append(payload);
            count = appended.size();
          }
          log->WaitDurable(sequence);
          std::lock_guard guard(order);
          acknowledged = std::max(acknowledged, count);
        }
      } catch (const PowerCut&) {
      }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(commit, i);
    for (std::thread& thread : threads) thread.join();
    for (Kept kept : kPolicies) {
      auto recovered = files.Recover(seed, kept);
      std::vector<Bytes> found = PayloadsOf(*recovered, {});
      ASSERT_GE(found.size(), acknowledged);
      ASSERT_LE(found.size(), appended.size());
      ASSERT_TRUE(std::equal(found.begin(), found.end(), appended.begin()));
    }
  }
}

}  // namespace
}  // namespace tupelo

// engine/actors_for_test.h: threads of transactions that a test lets take their steps one by one.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/database_state.h"

namespace tupelo {

// Each actor has a thread, which waits until it is told to do something. At each moment at most one
// is doing something, and others wait for transactions: what happens depends on the order of the
// steps alone.
class Actors {
 public:
  Actors(Database* database, size_t count) : database_(database) {
    for (size_t i = 0; i < count; ++i) actors_.push_back(std::make_unique<Actor>());
  }

  // Has `actor`, which must be idle, do `step`; returns when all are idle or wait.
  void Step(size_t actor, std::function<void()> step) {
    actors_[actor]->Begin(std::move(step));
    // Who is told to go on counts as one that does something.
    while (CountBusy() != CountWaiting()) std::this_thread::yield();
  }
  bool IsIdle(size_t actor) const { return !actors_[actor]->is_busy; }
  bool AreIdle() const { return CountBusy() == 0; }

 private:
  class Actor {
   public:
    Actor() : thread_([this] { Run(); }) {}
    ~Actor() {
      Begin(nullptr);
      thread_.join();
    }
    void Begin(std::function<void()> step) {
      step_ = std::move(step);
      is_busy.store(true);
      is_busy.notify_one();
    }
    std::atomic<bool> is_busy{false};

   private:
    void Run() {
      for (;;) {
        is_busy.wait(false);
        if (step_ == nullptr) return;
        step_();
        is_busy.store(false);
      }
    }
    std::function<void()> step_;
    std::thread thread_;
  };
  size_t CountBusy() const {
    size_t count = 0;
    for (const auto& actor : actors_) count += actor->is_busy.load();
    return count;
  }
  size_t CountWaiting() const {
    ExclusiveGuard latch(database_->state().latch);
    return database_->state().transactions.waits().count();
  }

  Database* database_;
  std::vector<std::unique_ptr<Actor>> actors_;
};

}  // namespace tupelo

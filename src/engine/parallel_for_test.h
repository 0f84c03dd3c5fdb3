// engine/parallel_for_test.h: what tests of statements on several threads share.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "engine/engine_for_test.h"

namespace tupelo {

class ThreadsTest : public testing::Test {
 protected:
  ThreadsTest() : database_(Database::Open("")), connection_(database_->Connect()) {}

  std::string RowsWith(int threads, const std::string& sql) {
    Execute(*connection_, "SET threads = " + std::to_string(threads));
    return Rows(*connection_, sql);
  }

  // Both end the statement with 57014, and the connection is usable after.
  void ExpectInterruptsEnd(const char* sql) {
    std::thread interrupter([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      connection_->Interrupt();
    });
    EXPECT_EQ(StateOf(*connection_, sql), "57014") << sql;
    interrupter.join();
    Execute(*connection_, "SET statement_timeout = 100");
    EXPECT_EQ(StateOf(*connection_, sql), "57014") << sql;
    Execute(*connection_, "SET statement_timeout = 0");
    EXPECT_EQ(Rows(*connection_, "SELECT COUNT(*) FROM d"), "10");
  }

  std::shared_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace tupelo

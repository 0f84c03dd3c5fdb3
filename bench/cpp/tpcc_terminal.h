// bench/cpp/tpcc_terminal.h: a connection that runs the five transactions of TPC-C.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <tupelo/tupelo.h>
#include <vector>

namespace tpcc {

inline constexpr int64_t kDistricts = 10;

enum class Kind { kNewOrder, kPayment, kOrderStatus, kDelivery, kStockLevel };
inline constexpr size_t kKinds = 5;

// What the database holds; read from it.
struct Scale {
  int64_t warehouses = 0, items = 0, customers = 0;  // customers of a district
};
Scale ReadScale(tupelo::Connection& connection);

struct Statements;

// After the "TPC Benchmark C Standard Specification", revision 5.11, clauses 2.4 to 2.8; numbers in
// parentheses are its clauses. The SQL and its order are those of bench/tpcc/transactions.py.
// Used by one thread.
class Terminal {
 public:
  Terminal(std::unique_ptr<tupelo::Connection> connection, const Scale& scale, int64_t warehouse,
           uint64_t seed);
  ~Terminal();

  // Draws one of the five with its input, and runs it, again and again while others are in its way
  // (class 40).
  Kind RunOne();

  int64_t retries() const { return retries_; }

 private:
  struct Line {
    int64_t item, supplier, quantity;
  };
  struct Customer {
    int64_t warehouse, district;
    int64_t number;  // 0 where the customer is found by last name
    std::string last_name;
  };
  // All that may be drawn for a transaction; it stays the same when that runs again.
  struct Input {
    Kind kind;
    int64_t district = 0;
    Customer customer{};
    std::vector<Line> lines;
    int64_t cents = 0, carrier = 0, threshold = 0;
  };

  int64_t Uniform(int64_t low, int64_t high);
  int64_t NonUniform(int64_t a, int64_t constant, int64_t low, int64_t high);
  int64_t OtherWarehouse();
  Customer DrawCustomer(int64_t warehouse, int64_t district);
  Input Draw();
  void DrawLines(Input* input);

  bool Run(const Input& input);  // false: to be rolled back
  int64_t FindCustomer(const Customer& customer);
  bool RunNewOrder(const Input& input);
  void AddLine(int64_t order, const Input& input, int64_t number, const Line& line);
  void RunPayment(const Input& input);
  void MarkBadCredit(const Input& input, int64_t customer);
  void RunOrderStatus(const Input& input);
  void RunDelivery(const Input& input);
  int64_t TakeNewOrder(int64_t district);  // 0: there is none
  void RunStockLevel(const Input& input);

  std::unique_ptr<tupelo::Connection> connection_;
  std::unique_ptr<Statements> sql_;
  Scale scale_;
  int64_t warehouse_, district_;  // the district: of Stock-Level alone (2.8.1.1)
  std::mt19937_64 random_;
  int64_t retries_ = 0;
  int64_t price_ = 0;             // of the item last looked up
  std::vector<int64_t> numbers_;  // of customers with a last name
};

}  // namespace tpcc

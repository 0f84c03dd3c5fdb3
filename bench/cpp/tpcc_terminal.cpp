// bench/cpp/tpcc_terminal.cpp: the five transactions of TPC-C over the C++ library.
//
// A counter or balance is changed before it is read, by RETURNING: so each transaction is right at
// every isolation level.
#include "tpcc_terminal.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "tpcc_call.h"

namespace tpcc {
namespace {

constexpr const char* kSyllables[] = {"BAR", "OUGHT", "ABLE",  "PRI",   "PRES",
                                      "ESE", "ANTI",  "CALLY", "ATION", "EING"};
// The constants C of NURand (2.1.6.1), those of bench/tpcc/random_values.py.
constexpr int64_t kLastNameConstant = 223, kCustomerConstant = 259, kItemConstant = 7911;
constexpr int64_t kLastNames = 1000;
constexpr size_t kCustomerDataBytes = 500;

// A last name (4.3.2.3).
std::string LastName(int64_t number) {
  return std::string(kSyllables[number / 100]) + kSyllables[number / 10 % 10] +
         kSyllables[number % 10];
}

Microseconds Now() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

// Takes a row's stock for an order; the new quantity is that of 2.4.2.2.
std::string TakeStock(int district) {
  std::string text = district < 10 ? "0" + std::to_string(district) : std::to_string(district);
  return "UPDATE stock SET s_quantity = CASE WHEN s_quantity >= ? THEN s_quantity - ? ELSE "
         "s_quantity + ? END, s_ytd = s_ytd + ?, s_order_cnt = s_order_cnt + 1, s_remote_cnt = "
         "s_remote_cnt + ? WHERE s_w_id = ? AND s_i_id = ? RETURNING s_quantity, s_dist_" +
         text + ", s_data";
}

void Ignore(const Row&) {}

}  // namespace

struct Statements {
  explicit Statements(tupelo::Connection& c) : connection(c) {
    for (int district = 1; district <= kDistricts; ++district) {
      take_stock.emplace_back(c, TakeStock(district));
    }
  }

  tupelo::Connection& connection;
  Call take_order_number{connection,
                         "UPDATE district SET d_next_o_id = d_next_o_id + 1 WHERE d_w_id = ? AND "
                         "d_id = ? RETURNING d_next_o_id - 1, d_tax"};
  Call warehouse_tax{connection, "SELECT w_tax FROM warehouse WHERE w_id = ?"};
  Call customer_discount{connection,
                         "SELECT c_discount, c_last, c_credit FROM customer WHERE c_w_id = ? AND "
                         "c_d_id = ? AND c_id = ?"};
  Call insert_order{connection,
                    "INSERT INTO orders (o_id, o_d_id, o_w_id, o_c_id, o_entry_d, o_ol_cnt, "
                    "o_all_local) VALUES (?, ?, ?, ?, ?, ?, ?)"};
  Call insert_new_order{connection,
                        "INSERT INTO new_order (no_o_id, no_d_id, no_w_id) VALUES (?, ?, ?)"};
  Call item{connection, "SELECT i_price, i_name, i_data FROM item WHERE i_id = ?"};
  std::vector<Call> take_stock;
  Call insert_line{connection,
                   "INSERT INTO order_line (ol_o_id, ol_d_id, ol_w_id, ol_number, ol_i_id, "
                   "ol_supply_w_id, ol_quantity, ol_amount, ol_dist_info) VALUES (?, ?, ?, ?, ?, "
                   "?, ?, ?, ?)"};
  Call pay_warehouse{connection,
                     "UPDATE warehouse SET w_ytd = w_ytd + ? WHERE w_id = ? RETURNING w_name, "
                     "w_street_1, w_street_2, w_city, w_state, w_zip"};
  Call pay_district{connection,
                    "UPDATE district SET d_ytd = d_ytd + ? WHERE d_w_id = ? AND d_id = ? RETURNING "
                    "d_name, d_street_1, d_street_2, d_city, d_state, d_zip"};
  Call customers_of_name{connection,
                         "SELECT c_id FROM customer WHERE c_w_id = ? AND c_d_id = ? AND c_last = ? "
                         "ORDER BY c_first"};
  Call pay_customer{connection,
                    "UPDATE customer SET c_balance = c_balance - ?, c_ytd_payment = c_ytd_payment "
                    "+ ?, c_payment_cnt = c_payment_cnt + 1 WHERE c_w_id = ? AND c_d_id = ? AND "
                    "c_id = ? RETURNING c_first, c_middle, c_last, c_street_1, c_street_2, c_city, "
                    "c_state, c_zip, c_phone, c_since, c_credit, c_credit_lim, c_discount, "
                    "c_balance"};
  Call customer_data{connection,
                     "SELECT c_data FROM customer WHERE c_w_id = ? AND c_d_id = ? AND c_id = ?"};
  Call set_customer_data{connection,
                         "UPDATE customer SET c_data = ? WHERE c_w_id = ? AND c_d_id = ? AND c_id "
                         "= ?"};
  Call insert_history{connection,
                      "INSERT INTO history (h_c_id, h_c_d_id, h_c_w_id, h_d_id, h_w_id, h_date, "
                      "h_amount, h_data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};
  Call customer_balance{connection,
                        "SELECT c_balance, c_first, c_middle, c_last FROM customer WHERE c_w_id = "
                        "? AND c_d_id = ? AND c_id = ?"};
  Call last_order{connection,
                  "SELECT o_id, o_entry_d, o_carrier_id FROM orders WHERE o_w_id = ? AND o_d_id = "
                  "? AND o_c_id = ? ORDER BY o_id DESC LIMIT 1"};
  Call lines_of_order{connection,
                      "SELECT ol_i_id, ol_supply_w_id, ol_quantity, ol_amount, ol_delivery_d FROM "
                      "order_line WHERE ol_w_id = ? AND ol_d_id = ? AND ol_o_id = ?"};
  Call oldest_new_order{connection,
                        "SELECT no_o_id FROM new_order WHERE no_w_id = ? AND no_d_id = ? ORDER BY "
                        "no_o_id LIMIT 1"};
  Call delete_new_order{connection,
                        "DELETE FROM new_order WHERE no_w_id = ? AND no_d_id = ? AND no_o_id = ?"};
  Call set_carrier{connection,
                   "UPDATE orders SET o_carrier_id = ? WHERE o_w_id = ? AND o_d_id = ? AND o_id = "
                   "? RETURNING o_c_id"};
  Call deliver_lines{connection,
                     "UPDATE order_line SET ol_delivery_d = ? WHERE ol_w_id = ? AND ol_d_id = ? "
                     "AND ol_o_id = ?"};
  Call amount_of_order{connection,
                       "SELECT SUM(ol_amount) FROM order_line WHERE ol_w_id = ? AND ol_d_id = ? "
                       "AND ol_o_id = ?"};
  Call deliver_customer{connection,
                        "UPDATE customer SET c_balance = c_balance + ?, c_delivery_cnt = "
                        "c_delivery_cnt + 1 WHERE c_w_id = ? AND c_d_id = ? AND c_id = ?"};
  Call next_order{connection, "SELECT d_next_o_id FROM district WHERE d_w_id = ? AND d_id = ?"};
  Call low_stock{connection,
                 "SELECT COUNT(DISTINCT s_i_id) FROM order_line, stock WHERE ol_w_id = ? AND "
                 "ol_d_id = ? AND ol_o_id < ? AND ol_o_id >= ? AND s_w_id = ? AND s_i_id = ol_i_id "
                 "AND s_quantity < ?"};
};

Scale ReadScale(tupelo::Connection& connection) {
  Scale scale;
  auto read = [&](const char* sql) {
    int64_t value = 0;
    Call(connection, sql).Query([&](const Row& row) { value = row.Integer(0); });
    return value;
  };
  scale.warehouses = read("SELECT COUNT(*) FROM warehouse");
  scale.items = read("SELECT COUNT(*) FROM item");
  scale.customers = read("SELECT COUNT(*) FROM customer WHERE c_w_id = 1 AND c_d_id = 1");
  connection.Rollback();
  return scale;
}

Terminal::Terminal(std::unique_ptr<tupelo::Connection> connection, const Scale& scale,
                   int64_t warehouse, uint64_t seed)
    : connection_(std::move(connection)),
      sql_(std::make_unique<Statements>(*connection_)),
      scale_(scale),
      warehouse_(warehouse),
      district_(0),
      random_(seed) {
  district_ = Uniform(1, kDistricts);
}
Terminal::~Terminal() = default;

// --- drawing -----------------------------------------------------------------------------------

int64_t Terminal::Uniform(int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(random_);
}

// NURand(A, x, y) (2.1.6).
int64_t Terminal::NonUniform(int64_t a, int64_t constant, int64_t low, int64_t high) {
  int64_t both = Uniform(0, a) | Uniform(low, high);
  return (both + constant) % (high - low + 1) + low;
}

int64_t Terminal::OtherWarehouse() {
  if (scale_.warehouses == 1) return warehouse_;
  int64_t other = Uniform(1, scale_.warehouses - 1);
  return other >= warehouse_ ? other + 1 : other;
}

// 60 % by last name (2.5.1.2, 2.6.1.2).
Terminal::Customer Terminal::DrawCustomer(int64_t warehouse, int64_t district) {
  if (Uniform(1, 100) <= 60) {
    int64_t names = std::min(kLastNames, scale_.customers);
    return {warehouse, district, 0, LastName(NonUniform(255, kLastNameConstant, 0, names - 1))};
  }
  return {warehouse, district, NonUniform(1023, kCustomerConstant, 1, scale_.customers), ""};
}

// The mix of 5.2.3.
Terminal::Input Terminal::Draw() {
  Input input{};
  input.district = Uniform(1, kDistricts);
  int64_t card = Uniform(1, 100);
  if (card <= 45) {
    input.kind = Kind::kNewOrder;
    DrawLines(&input);
  } else if (card <= 88) {
    input.kind = Kind::kPayment;
    input.cents = Uniform(100, 500'000);
    bool is_home = Uniform(1, 100) <= 85;  // 2.5.1.2
    input.customer = is_home ? DrawCustomer(warehouse_, input.district)
                             : DrawCustomer(OtherWarehouse(), Uniform(1, kDistricts));
  } else if (card <= 92) {
    input.kind = Kind::kOrderStatus;
    input.customer = DrawCustomer(warehouse_, input.district);
  } else if (card <= 96) {
    input.kind = Kind::kDelivery;
    input.carrier = Uniform(1, 10);
  } else {
    input.kind = Kind::kStockLevel;
    input.threshold = Uniform(10, 20);
  }
  return input;
}

void Terminal::DrawLines(Input* input) {
  input->customer = {warehouse_, input->district,
                     NonUniform(1023, kCustomerConstant, 1, scale_.customers), ""};
  for (int64_t count = Uniform(5, 15); count > 0; --count) {
    int64_t supplier = Uniform(1, 100) == 1 ? OtherWarehouse() : warehouse_;
    input->lines.push_back(
        {NonUniform(8191, kItemConstant, 1, scale_.items), supplier, Uniform(1, 10)});
  }
  // One that is not there: then the transaction is rolled back (2.4.1.4).
  if (Uniform(1, 100) == 1) input->lines.back() = {scale_.items + 1, warehouse_, 1};
}

// --- running -----------------------------------------------------------------------------------

Kind Terminal::RunOne() {
  Input input = Draw();
  for (int64_t attempt = 1;; ++attempt) {
    try {
      if (Run(input)) {
        connection_->Commit();
      } else {
        connection_->Rollback();
      }
      return input.kind;
    } catch (const tupelo::Error& error) {
      connection_->Rollback();
      if (!std::string_view(error.sqlstate()).starts_with("40")) throw;
      ++retries_;
      std::this_thread::sleep_for(
          std::chrono::microseconds(Uniform(0, 500 * std::min<int64_t>(attempt, 20))));
    }
  }
}

bool Terminal::Run(const Input& input) {
  switch (input.kind) {
    case Kind::kNewOrder: return RunNewOrder(input);
    case Kind::kPayment: RunPayment(input); return true;
    case Kind::kOrderStatus: RunOrderStatus(input); return true;
    case Kind::kDelivery: RunDelivery(input); return true;
    case Kind::kStockLevel: RunStockLevel(input); return true;
  }
  return false;
}

// Of those with the last name the one in the middle, by first names (2.5.2.2).
int64_t Terminal::FindCustomer(const Customer& customer) {
  if (customer.number != 0) return customer.number;
  numbers_.clear();
  sql_->customers_of_name.Query([&](const Row& row) { numbers_.push_back(row.Integer(0)); },
                                customer.warehouse, customer.district, customer.last_name);
  return numbers_.at((numbers_.size() - 1) / 2);
}

bool Terminal::RunNewOrder(const Input& input) {
  int64_t order = 0, district = input.district;
  sql_->take_order_number.Query([&](const Row& row) { order = row.Integer(0); }, warehouse_,
                                district);
  sql_->warehouse_tax.Query(Ignore, warehouse_);
  sql_->customer_discount.Query(Ignore, warehouse_, district, input.customer.number);
  bool is_local = std::all_of(input.lines.begin(), input.lines.end(),
                              [&](const Line& line) { return line.supplier == warehouse_; });
  sql_->insert_order.Change(order, district, warehouse_, input.customer.number, Now(),
                            static_cast<int64_t>(input.lines.size()), int64_t{is_local});
  sql_->insert_new_order.Change(order, district, warehouse_);
  int64_t number = 0;
  for (const Line& line : input.lines) {
    auto keep_price = [&](const Row& row) { price_ = row.Integer(0); };
    if (sql_->item.Query(keep_price, line.item) == 0) return false;
    AddLine(order, input, ++number, line);
  }
  return true;
}

// Takes the stock and inserts the line of the order.
void Terminal::AddLine(int64_t order, const Input& input, int64_t number, const Line& line) {
  std::string text;
  sql_->take_stock[static_cast<size_t>(input.district - 1)].Query(
      [&](const Row& row) { text = row.Text(1); }, line.quantity + 10, line.quantity,
      91 - line.quantity, line.quantity, int64_t{line.supplier != warehouse_}, line.supplier,
      line.item);
  sql_->insert_line.Change(order, input.district, warehouse_, number, line.item, line.supplier,
                           line.quantity, Cents{price_ * line.quantity}, text);
}

void Terminal::RunPayment(const Input& input) {
  std::string names;
  Cents amount{input.cents};
  auto add_name = [&](const Row& row) { names.append(row.Text(0)).append("    "); };
  sql_->pay_warehouse.Query(add_name, amount, warehouse_);
  sql_->pay_district.Query(add_name, amount, warehouse_, input.district);
  names.resize(names.size() - 4);
  const Customer& customer = input.customer;
  int64_t number = FindCustomer(customer);
  bool is_bad = false;
  sql_->pay_customer.Query([&](const Row& row) { is_bad = row.Text(10) == "BC"; }, amount, amount,
                           customer.warehouse, customer.district, number);
  if (is_bad) MarkBadCredit(input, number);
  sql_->insert_history.Change(number, customer.district, customer.warehouse, input.district,
                              warehouse_, Now(), amount, names);
}

// Puts the payment in front of what is known of the customer (2.5.2.2). The text is ASCII.
void Terminal::MarkBadCredit(const Input& input, int64_t number) {
  const Customer& customer = input.customer;
  std::string data;
  for (int64_t value :
       {number, customer.district, customer.warehouse, input.district, warehouse_, input.cents}) {
    data += std::to_string(value) + " ";
  }
  sql_->customer_data.Query([&](const Row& row) { data += row.Text(0); }, customer.warehouse,
                            customer.district, number);
  data.resize(std::min(data.size(), kCustomerDataBytes));
  sql_->set_customer_data.Change(data, customer.warehouse, customer.district, number);
}

void Terminal::RunOrderStatus(const Input& input) {
  const Customer& customer = input.customer;
  int64_t number = FindCustomer(customer), order = 0;
  sql_->customer_balance.Query(Ignore, customer.warehouse, customer.district, number);
  sql_->last_order.Query([&](const Row& row) { order = row.Integer(0); }, customer.warehouse,
                         customer.district, number);
  sql_->lines_of_order.Query(Ignore, customer.warehouse, customer.district, order);
}

// Of all districts in one transaction, and at once (2.7.4.2 allows both).
void Terminal::RunDelivery(const Input& input) {
  Microseconds now = Now();
  for (int64_t district = 1; district <= kDistricts; ++district) {
    int64_t order = TakeNewOrder(district), customer = 0, amount = 0;
    if (order == 0) continue;
    sql_->set_carrier.Query([&](const Row& row) { customer = row.Integer(0); }, input.carrier,
                            warehouse_, district, order);
    sql_->deliver_lines.Change(now, warehouse_, district, order);
    sql_->amount_of_order.Query([&](const Row& row) { amount = row.Integer(0); }, warehouse_,
                                district, order);
    sql_->deliver_customer.Change(Cents{amount}, warehouse_, district, customer);
  }
}

// The oldest one; at READ COMMITTED another delivery may have taken it meanwhile.
int64_t Terminal::TakeNewOrder(int64_t district) {
  int64_t order = 0;
  auto keep = [&](const Row& row) { order = row.Integer(0); };
  while (sql_->oldest_new_order.Query(keep, warehouse_, district) > 0) {
    if (sql_->delete_new_order.Change(warehouse_, district, order) == 1) return order;
  }
  return 0;
}

void Terminal::RunStockLevel(const Input& input) {
  int64_t order = 0;
  sql_->next_order.Query([&](const Row& row) { order = row.Integer(0); }, warehouse_, district_);
  sql_->low_stock.Query(Ignore, warehouse_, district_, order, order - 20, warehouse_,
                        input.threshold);
}

}  // namespace tpcc

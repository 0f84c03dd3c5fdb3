// functions/level_test.cpp: kernels give the same bits at every level that the processor has.
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <random>

#include "base/vector_level.h"
#include "functions/function.h"

namespace tupelo {
namespace {

// Not whole numbers of registers, and few rows too.
constexpr uint32_t kCounts[] = {1, 63, 64, 65, 127, 1000, 2047, kVectorSize};

class Levels : public ::testing::Test {
 protected:
  ~Levels() override { vector_level = HighestVectorLevel(); }

  // Numbers of any size, and the ends of the range. `limit`: of what may not overflow; 0 for none.
  template <typename T>
  void Fill(Vector* vector, T limit) {
    vector->PrepareWrite();
    T* values = vector->MutableData<T>();
    using Range = std::numeric_limits<T>;
    const T ends[] = {0, 1, static_cast<T>(-1), Range::max(), Range::lowest(), Range::min()};
    for (uint32_t i = 0; i < kVectorSize; ++i) {
      uint64_t number = random_();
      if constexpr (std::is_floating_point_v<T>) {
        values[i] = static_cast<T>(static_cast<int64_t>(number)) / T{1e6};
        if (limit == 0 && number % 7 == 0) values[i] = Range::quiet_NaN();
        if (limit == 0 && number % 11 == 0) values[i] = -T{0};
      } else {
        values[i] = static_cast<T>(static_cast<T>(number) >> (number >> 58) % (sizeof(T) * 8));
      }
      if (limit == 0 && number % 5 == 0) values[i] = ends[number / 5 % 6];
      if constexpr (!std::is_floating_point_v<T>) {
        if (limit != 0) values[i] = static_cast<T>(values[i] % limit);
      }
    }
  }

  template <typename T>
  void FillPair(const Type& type, T limit) {
    left_.SetType(type);
    right_.SetType(type);
    Fill(&left_, limit);
    Fill(&right_, limit);
    // Enough equal ones, and no zero to divide by.
    for (uint32_t i = 0; i < kVectorSize; i += 3) {
      right_.MutableData<T>()[i] = left_.Data<T>()[i];
    }
    for (uint32_t i = 0; i < kVectorSize; ++i) {
      if (limit != 0 && right_.Data<T>()[i] == 0) right_.MutableData<T>()[i] = 1;
    }
  }

  // What the kernel writes, or its error.
  std::string Run(const BoundFunction& function, uint32_t count) {
    Vector result(function.result);
    const Vector* arguments[] = {&left_, &right_};
    EvaluationContext context;
    KernelCall call{std::span(arguments, function.argument_types.size()), &result,
                    Rows{nullptr, count}, &function.data, &context};
    try {
      function.kernel(call);
    } catch (Error& error) {
      return error.what();
    }
    return {static_cast<const char*>(result.RawData()), count * WidthBytes(result.physical())};
  }

  template <typename Body>
  void ExpectSame(std::string_view what, Body&& body) {
    vector_level = VectorLevel::kBaseline;
    std::string expected = body();
    for (VectorLevel level : {VectorLevel::kAvx2, VectorLevel::kAvx512}) {
      if (level > HighestVectorLevel()) continue;
      vector_level = level;
      EXPECT_TRUE(body() == expected) << what << " at level " << static_cast<int>(level);
    }
  }

  void ExpectSameResults(std::string_view name, const Type& type, size_t arguments) {
    std::vector<Type> types(arguments, type);
    BoundFunction function = ResolveFunction(name, types);
    for (uint32_t count : kCounts) {
      for (bool constant : {false, true}) {
        right_.SetConstant(constant);
        ExpectSame(name, [&] { return Run(function, count); });
      }
    }
    right_.SetConstant(false);
  }

  void ExpectSameAggregate(std::string_view name, const Type& type) {
    BoundAggregate aggregate = ResolveAggregate(name, &type);
    for (uint32_t count : kCounts) {
      ExpectSame(name, [&] {
        alignas(8) char state[64] = {};
        EXPECT_LE(aggregate.state_bytes, sizeof(state));
        aggregate.update_single(&left_, Rows{nullptr, count}, state, nullptr, aggregate.data);
        return std::string(state, sizeof(state));
      });
    }
  }

  std::mt19937_64 random_{42};
  Vector left_, right_;
};

constexpr const char* kComparisons[] = {"=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM"};
constexpr const char* kArithmetic[] = {"+", "-", "*", "/"};

TEST_F(Levels, Comparisons) {
  for (const char* name : kComparisons) {
    FillPair<int32_t>(Type::Integer(), 0);
    ExpectSameResults(name, Type::Integer(), 2);
    FillPair<int64_t>(Type::BigInt(), 0);
    ExpectSameResults(name, Type::BigInt(), 2);
    FillPair<double>(Type::Double(), 0);
    ExpectSameResults(name, Type::Double(), 2);
    // A NaN on the right is compared otherwise.
    right_.MutableData<double>()[0] = std::numeric_limits<double>::quiet_NaN();
    ExpectSameResults(name, Type::Double(), 2);
  }
}

TEST_F(Levels, ArithmeticWithoutOverflow) {
  for (const char* name : kArithmetic) {
    FillPair<int32_t>(Type::Integer(), 40000);
    ExpectSameResults(name, Type::Integer(), 2);
    FillPair<int64_t>(Type::BigInt(), 2'000'000'000);
    ExpectSameResults(name, Type::BigInt(), 2);
    FillPair<int64_t>(Type::Decimal(9, 2), 999'999'999);
    ExpectSameResults(name, Type::Decimal(9, 2), 2);
    FillPair<double>(Type::Double(), 1);
    ExpectSameResults(name, Type::Double(), 2);
  }
}

TEST_F(Levels, ErrorsOfArithmetic) {
  for (const char* name : kArithmetic) {
    FillPair<int32_t>(Type::Integer(), 0);
    ExpectSameResults(name, Type::Integer(), 2);
    FillPair<int64_t>(Type::BigInt(), 0);
    ExpectSameResults(name, Type::BigInt(), 2);
    FillPair<double>(Type::Double(), 1);
    left_.MutableData<double>()[50] = std::numeric_limits<double>::max();
    right_.MutableData<double>()[50] = -std::numeric_limits<double>::max();
    ExpectSameResults(name, Type::Double(), 2);
  }
}

TEST_F(Levels, FieldsOfDates) {
  left_.SetType(Type::Date());
  Fill<int32_t>(&left_, 700'000);
  for (const char* name : {"EXTRACT_YEAR", "EXTRACT_MONTH", "EXTRACT_DAY"}) {
    ExpectSameResults(name, Type::Date(), 1);
  }
}

TEST_F(Levels, Aggregates) {
  for (const char* name : {"SUM", "AVG", "MIN", "MAX"}) {
    left_.SetType(Type::SmallInt());
    Fill<int16_t>(&left_, 0);
    ExpectSameAggregate(name, Type::SmallInt());
    left_.SetType(Type::Integer());
    Fill<int32_t>(&left_, 0);
    ExpectSameAggregate(name, Type::Integer());
    left_.SetType(Type::BigInt());
    Fill<int64_t>(&left_, 0);
    ExpectSameAggregate(name, Type::BigInt());
  }
}

}  // namespace
}  // namespace tupelo

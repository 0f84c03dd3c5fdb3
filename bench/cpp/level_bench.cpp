// bench/cpp/level_bench.cpp: what kernels gain from wide registers (base/vector_level.h).
//
// level_bench [rounds]: prints, for each kernel, the ns of a call over kVectorSize rows at the
// baseline, and how many times faster each level is that the processor has: with the operands in
// the first cache, and with so many of them in turn that they are in the second.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <random>

#include "base/vector_level.h"
#include "functions/function.h"

namespace tupelo {
namespace {

constexpr size_t kSets = 8;  // of two operands and a result: more than a first cache holds
constexpr int kCalls = 16;
constexpr VectorLevel kLevels[] = {VectorLevel::kBaseline, VectorLevel::kAvx2,
                                   VectorLevel::kAvx512};

struct Operands {
  Vector left, right, result;
};

template <typename T>
void Fill(Vector* vector, const Type& type, std::mt19937_64* random) {
  vector->SetType(type);
  vector->PrepareWrite();
  for (uint32_t i = 0; i < kVectorSize; ++i) {
    vector->MutableData<T>()[i] = static_cast<T>((*random)() % 30000 + 1);
  }
}

void FillAs(Vector* vector, const Type& type, std::mt19937_64* random) {
  switch (type.physical()) {
    case PhysicalType::kInt16: return Fill<int16_t>(vector, type, random);
    case PhysicalType::kInt32: return Fill<int32_t>(vector, type, random);
    case PhysicalType::kInt64: return Fill<int64_t>(vector, type, random);
    default: return Fill<double>(vector, type, random);
  }
}

// The best time of a call at each level, measured in turn.
void Measure(const char* name, const Type& type, int rounds, std::vector<Operands>* sets,
             const std::function<void(Operands&)>& call) {
  std::printf("%-14s %-18s", name, type.ToString().c_str());
  for (size_t used : {size_t{1}, kSets}) {
    double best[3];
    std::fill(std::begin(best), std::end(best), std::numeric_limits<double>::max());
    for (int round = 0; round < rounds; ++round) {
      for (VectorLevel level : kLevels) {
        if (level > HighestVectorLevel()) continue;
        vector_level = level;
        auto start = std::chrono::steady_clock::now();
        for (size_t i = 0; i < kCalls; ++i) call((*sets)[i % used]);
        std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
        double& least = best[static_cast<size_t>(level)];
        least = std::min(least, took.count() / kCalls);
      }
    }
    std::printf("  %s %6.0f ns", used == 1 ? "L1" : "L2", best[0]);
    if (kLevels[1] <= HighestVectorLevel()) std::printf("  AVX2 %5.2f", best[0] / best[1]);
    if (kLevels[2] <= HighestVectorLevel()) std::printf("  AVX-512 %5.2f", best[0] / best[2]);
  }
  std::printf("\n");
}

void MeasureFunction(const char* name, const Type& type, size_t count, bool constant, int rounds) {
  BoundFunction function = ResolveFunction(name, std::vector<Type>(count, type));
  std::mt19937_64 random(1);
  std::vector<Operands> sets(kSets);
  for (Operands& set : sets) {
    FillAs(&set.left, type, &random);
    FillAs(&set.right, type, &random);
    set.right.SetConstant(constant);
    set.result.SetType(function.result);
  }
  EvaluationContext context;
  std::string shown = std::string(name) + (constant ? " constant" : "");
  Measure(shown.c_str(), type, rounds, &sets, [&](Operands& set) {
    const Vector* arguments[] = {&set.left, &set.right};
    function.kernel({std::span(arguments, count), &set.result, Rows{nullptr, kVectorSize},
                     &function.data, &context});
  });
}

void MeasureAggregate(const char* name, const Type& type, int rounds) {
  BoundAggregate aggregate = ResolveAggregate(name, &type);
  std::mt19937_64 random(1);
  std::vector<Operands> sets(kSets);
  for (Operands& set : sets) FillAs(&set.left, type, &random);
  alignas(16) char state[256] = {};
  Measure(name, type, rounds, &sets, [&](Operands& set) {
    aggregate.update_single(&set.left, Rows{nullptr, kVectorSize}, state, nullptr, aggregate.data);
  });
}

void Run(int rounds) {
  const Type decimal = Type::Decimal(9, 2);
  for (bool constant : {true, false}) {
    for (const char* name : {"=", "<"}) {
      for (const Type& type : {Type::SmallInt(), Type::Integer(), Type::BigInt(), Type::Double()}) {
        MeasureFunction(name, type, 2, constant, rounds);
      }
    }
  }
  for (const char* name : {"+", "*", "/"}) {
    for (const Type& type : {Type::Integer(), Type::BigInt(), decimal, Type::Double()}) {
      MeasureFunction(name, type, 2, false, rounds);
    }
  }
  for (const char* name : {"EXTRACT_YEAR", "EXTRACT_MONTH", "EXTRACT_DAY"}) {
    MeasureFunction(name, Type::Date(), 1, false, rounds);
  }
  for (const char* name : {"SUM", "MAX"}) {
    for (const Type& type : {Type::Integer(), Type::BigInt(), Type::Double()}) {
      MeasureAggregate(name, type, rounds);
    }
  }
}

}  // namespace
}  // namespace tupelo

int main(int argc, char** argv) { tupelo::Run(argc > 1 ? std::atoi(argv[1]) : 200); }

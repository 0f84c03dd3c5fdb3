// functions/random.cpp: RANDOM, and GEN_RANDOM_UUID or UUID: anew for each row.
#include "functions/random.h"

#include <random>

#include "functions/kernel.h"
#include "functions/registry.h"

namespace tupelo {
namespace {

std::mt19937_64& Generator() {
  static thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return generator;
}

// From 0 up to, not including, 1.
void RandomKernel(const KernelCall& call) {
  auto* out = PrepareResult<double>(call);
  std::mt19937_64& generator = Generator();
  ForEachRow(call.rows,
             [&](uint32_t row) { out[row] = static_cast<double>(generator() >> 11) * 0x1p-53; });
}

// A random UUID (RFC 4122, version 4), from the system's own source.
void UuidKernel(const KernelCall& call) {
  auto* out = PrepareResult<StringRef>(call);
  std::random_device device;
  ForEachRow(call.rows, [&](uint32_t row) {
    static constexpr char kDigits[] = "0123456789abcdef";
    uint8_t bytes[16];
    for (int i = 0; i < 16; i += 4) {
      uint32_t word = device();
      std::memcpy(bytes + i, &word, 4);
    }
    bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3F) | 0x80);
    std::string text;
    for (int i = 0; i < 16; ++i) {
      if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
      text += kDigits[bytes[i] >> 4];
      text += kDigits[bytes[i] & 15];
    }
    out[row] = call.result->CopyToHeap(text);
  });
}

template <TypeId kResult, Kernel kKernel>
bool ResolveRandom(std::span<const Type> types, BoundFunction* function) {
  function->result = kResult == TypeId::kVarchar ? Type::Varchar(36) : Type{kResult};
  function->kernel = kKernel;
  function->is_deterministic = false;
  function->may_fail = false;
  return types.empty();
}

constexpr FunctionRow kRows[] = {
    {"RANDOM", "no arguments", ResolveRandom<TypeId::kDouble, RandomKernel>},
    {"GEN_RANDOM_UUID", "no arguments", ResolveRandom<TypeId::kVarchar, UuidKernel>},
    {"UUID", "no arguments", ResolveRandom<TypeId::kVarchar, UuidKernel>},
};

}  // namespace

std::span<const FunctionRow> RandomFunctions() { return kRows; }

bool DiffersByRow(const BoundFunction& function) {
  return function.kernel == RandomKernel || function.kernel == UuidKernel;
}

}  // namespace tupelo

// functions/kernel.h: loops that lift an operation on values to a kernel on vectors.
#pragma once

#include <algorithm>
#include <type_traits>

#include "base/vector_level.h"
#include "functions/function.h"

namespace tupelo {

// An operation is a struct made anew for each call of the kernel, default-constructed or from the
// KernelCall, with
//   Out operator()(L left, R right)        (as many arguments as the function has)
// It comes in one of three kinds:
// - Total: nothing else. It runs on garbage values of null rows too, so it must not trap or throw.
// - Checked: has `bool failed() const` and `[[noreturn]] void Raise(L, R)`. It notes a failure in a
// member, also for garbage
//   of null rows, and goes on. After the loop, a slow pass looks for the valid row that failed, and
//   lets it raise.
// - Each: has `static constexpr bool kEachRow = true`. It is called for rows without nulls only and
// may throw or allocate.
template <typename Op>
concept CheckedOperation = requires(const Op op) {
  op.failed();
};
template <typename Op>
concept EachRowOperation = requires {
  Op::kEachRow;
};

// An operation whose loop gains from wide registers (bench/cpp/level_bench.cpp) also says in which
// forms: `static constexpr LevelForms kLevels`. They are compiled for each VectorLevel.
enum class LevelForms : uint8_t { kNone, kConstantRight, kAll };
template <typename Op>
consteval LevelForms LevelsOf() {
  if constexpr (requires { Op::kLevels; }) return Op::kLevels;
  return LevelForms::kNone;
}
// For fewer rows the call would cost more than wide registers save.
inline constexpr uint32_t kLeastRowsForLevels = 64;
inline bool IsForLevels(Rows rows) { return rows.is_dense() && rows.count >= kLeastRowsForLevels; }

template <typename Op>
inline Op MakeOperation(const KernelCall& call) {
  if constexpr (std::is_constructible_v<Op, const KernelCall&>) {
    return Op(call);
  } else {
    return Op();
  }
}

// Prepares the result for `call.rows`; a row of it is null where one of the first `count` arguments
// is.
void PrepareResultSlow(const KernelCall& call, uint32_t capacity);

template <typename Out>
inline Out* PrepareResult(const KernelCall& call) {
  uint32_t capacity = call.rows.is_dense() ? call.rows.count : kVectorSize;
  call.result->PrepareWrite(capacity == 0 ? 1 : capacity);
  for (const Vector* argument : call.arguments) {
    if (argument->may_have_nulls()) {
      PrepareResultSlow(call, capacity);
      break;
    }
  }
  return call.result->MutableData<Out>();
}

// Rows of an operation that may be slow, after which it looks whether the statement is to end.
inline constexpr uint32_t kRowsBetweenChecks = 16;

// Runs `body(row)` for the rows that are not null in the prepared result; zeroes the others.
template <typename Out, typename Body>
inline void ForEachValidRow(const KernelCall& call, Out* out, Body&& body) {
  const uint64_t* validity = call.result->validity();
  for (uint32_t done = 0;;) {
    uint32_t end = std::min(call.rows.count, done + kRowsBetweenChecks);
    for (; done < end; ++done) {
      uint32_t row = call.rows[done];
      if (validity == nullptr || ((validity[row / 64] >> (row % 64)) & 1) != 0) {
        body(row);
      } else {
        out[row] = Out{};
      }
    }
    if (done == call.rows.count) return;
    call.context->CheckInterrupt();
  }
}

template <typename In, typename Out, typename Op>
void RunUnaryAtLevel(const In* in, Out* out, uint32_t count, Op* op) {
  RunAtLevel([=]() __attribute__((always_inline)) {
    Op local = *op;
    Out* __restrict results = out;
    for (uint32_t i = 0; i < count; ++i) results[i] = local(in[i]);
    *op = local;
  });
}

// False where nothing was done: constants are no work for wide registers.
template <typename L, typename R, typename Out, typename Op>
bool RunBinaryAtLevel(const Vector& left, const Vector& right, Rows rows, Out* out, Op* op) {
  if (!IsForLevels(rows) || left.is_constant()) return false;
  const L* lefts = left.Data<L>();
  const R* rights = right.Data<R>();
  uint32_t count = rows.count;
  if (right.is_constant()) {
    RunAtLevel([=]() __attribute__((always_inline)) {
      Op local = *op;
      const R constant = rights[0];
      Out* __restrict results = out;
      for (uint32_t i = 0; i < count; ++i) results[i] = local(lefts[i], constant);
      *op = local;
    });
    return true;
  }
  if constexpr (LevelsOf<Op>() == LevelForms::kAll) {
    RunAtLevel([=]() __attribute__((always_inline)) {
      Op local = *op;
      Out* __restrict results = out;
      for (uint32_t i = 0; i < count; ++i) results[i] = local(lefts[i], rights[i]);
      *op = local;
    });
    return true;
  }
  return false;
}

template <typename In, typename Out, typename Op>
void UnaryKernel(const KernelCall& call) {
  const Vector& argument = *call.arguments[0];
  Op op = MakeOperation<Op>(call);
  Out* __restrict out = PrepareResult<Out>(call);
  if constexpr (EachRowOperation<Op>) {
    ForEachValidRow(call, out, [&](uint32_t row) { out[row] = op(argument.At<In>(row)); });
  } else {
    const In* in = argument.Data<In>();
    if (argument.is_constant()) {
      const In value = in[0];
      ForEachRow(call.rows, [&](uint32_t row) { out[row] = op(value); });
    } else if (LevelsOf<Op>() != LevelForms::kNone && IsForLevels(call.rows)) {
      if constexpr (LevelsOf<Op>() != LevelForms::kNone) {
        RunUnaryAtLevel(in, out, call.rows.count, &op);
      }
    } else {
      ForEachRow(call.rows, [&](uint32_t row) { out[row] = op(in[row]); });
    }
    if constexpr (CheckedOperation<Op>) {
      if (!op.failed()) return;
      ForEachRow(call.rows, [&](uint32_t row) {
        if (!call.result->IsValid(row)) return;
        Op again = MakeOperation<Op>(call);
        again(argument.At<In>(row));
        if (again.failed()) again.Raise(argument.At<In>(row));
      });
    }
  }
}

template <typename L, typename R, typename Out, typename Op>
void BinaryKernel(const KernelCall& call) {
  const Vector& left = *call.arguments[0];
  const Vector& right = *call.arguments[1];
  Op op = MakeOperation<Op>(call);
  Out* __restrict out = PrepareResult<Out>(call);
  const L* lefts = left.Data<L>();
  const R* rights = right.Data<R>();
  auto loop = [&](auto&& for_each) {
    if (right.is_constant() && left.is_constant()) {
      const L l = lefts[0];
      const R r = rights[0];
      for_each([&](uint32_t row) { out[row] = op(l, r); });
    } else if (right.is_constant()) {
      const R r = rights[0];
      for_each([&](uint32_t row) { out[row] = op(lefts[row], r); });
    } else if (left.is_constant()) {
      const L l = lefts[0];
      for_each([&](uint32_t row) { out[row] = op(l, rights[row]); });
    } else {
      for_each([&](uint32_t row) { out[row] = op(lefts[row], rights[row]); });
    }
  };
  if constexpr (EachRowOperation<Op>) {
    loop([&](auto&& body) { ForEachValidRow(call, out, body); });
  } else {
    bool done = false;
    if constexpr (LevelsOf<Op>() != LevelForms::kNone) {
      done = RunBinaryAtLevel<L, R>(left, right, call.rows, out, &op);
    }
    if (!done) loop([&](auto&& body) { ForEachRow(call.rows, body); });
    if constexpr (CheckedOperation<Op>) {
      if (!op.failed()) return;
      ForEachRow(call.rows, [&](uint32_t row) {
        if (!call.result->IsValid(row)) return;
        Op again = MakeOperation<Op>(call);
        again(left.At<L>(row), right.At<R>(row));
        if (again.failed()) again.Raise(left.At<L>(row), right.At<R>(row));
      });
    }
  }
}

// Any number of arguments; every operation is treated as of the kind Each.
template <typename Out, typename Op, typename... Args, size_t... kIndex>
inline void EachRowKernelIndexed(const KernelCall& call, std::index_sequence<kIndex...>) {
  Op op = MakeOperation<Op>(call);
  Out* out = PrepareResult<Out>(call);
  ForEachValidRow(call, out, [&](uint32_t row) {
    out[row] = op(call.arguments[kIndex]->template At<Args>(row)...);
  });
}
template <typename Out, typename Op, typename... Args>
void EachRowKernel(const KernelCall& call) {
  EachRowKernelIndexed<Out, Op, Args...>(call, std::index_sequence_for<Args...>());
}

}  // namespace tupelo

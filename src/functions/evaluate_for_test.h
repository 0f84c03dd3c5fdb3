// functions/evaluate_for_test.h: for tests: calls functions on columns written as text, in every
// form of vector.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "functions/function.h"
#include "types/value.h"

namespace tupelo::testing {

inline constexpr const char* kNull = nullptr;

// A column given by the text of its values; nullptr is null.
struct Column {
  Type type;
  std::vector<const char*> texts;
};
using Texts = std::vector<std::string>;

inline EvaluationContext& TestContext() {
  static EvaluationContext context;
  return context;
}

// The rows of `vector`, as ToString writes them.
inline Texts ToTexts(const Vector& vector, uint32_t count) {
  Texts texts;
  for (uint32_t row = 0; row < count; ++row) {
    texts.push_back(Value::FromVector(vector, row).ToString());
  }
  return texts;
}

inline void RunKernel(const BoundFunction& function, const std::vector<Vector>& arguments,
                      Rows rows, Vector* result) {
  std::vector<const Vector*> pointers;
  for (const Vector& argument : arguments) pointers.push_back(&argument);
  result->SetType(function.result);
  function.kernel({pointers, result, rows, &function.data, &TestContext()});
}

// `vector` under the cast, or itself where none is needed.
inline Vector CastVector(Vector vector, uint32_t count, const Type& to, CastKind kind) {
  BoundFunction cast;
  EXPECT_TRUE(ResolveCast(vector.type(), to, kind, &cast))
      << vector.type().ToString() << " to " << to.ToString();
  if (cast.kernel == nullptr) return vector;
  std::vector<Vector> arguments;
  arguments.push_back(std::move(vector));
  Vector result(to);
  RunKernel(cast, arguments, {nullptr, count}, &result);
  Vector owned(to);  // the argument dies here
  owned.PrepareWrite(count);
  for (uint32_t row = 0; row < count; ++row) Value::FromVector(result, row).ToVector(&owned, row);
  return owned;
}

inline Vector MakeVector(const Column& column) {
  auto count = static_cast<uint32_t>(column.texts.size());
  if (column.type.id == TypeId::kNull) {
    Vector nulls(column.type);
    nulls.PrepareWrite(count);
    for (uint32_t row = 0; row < count; ++row) nulls.SetNull(row);
    return nulls;
  }
  bool is_text = column.type.is_character() || column.type.id == TypeId::kBlob;
  Type text_type = is_text ? column.type : Type::Varchar();
  Vector vector(text_type);
  vector.PrepareWrite(count);
  for (uint32_t row = 0; row < count; ++row) {
    Value value = column.texts[row] == nullptr ? Value::Null(text_type)
                                               : Value::Text(text_type, column.texts[row]);
    value.ToVector(&vector, row);
  }
  if (is_text) return vector;
  return CastVector(std::move(vector), count, column.type, CastKind::kExplicit);
}

inline Vector ConstantOf(const Vector& vector, uint32_t row) {
  Vector constant(vector.type());
  constant.PrepareWrite(1);
  Value::FromVector(vector, row).ToVector(&constant, 0);
  constant.SetConstant(true);
  return constant;
}

inline Vector ReferenceTo(const Vector& vector) {
  Vector reference(vector.type());
  reference.Reference(vector);
  return reference;
}

// Runs the function dense, by a list of rows, and row by row with each argument constant alone and
// all of them together; expects one answer, which it returns.
inline Texts EvaluateAllForms(const BoundFunction& function, const std::vector<Vector>& arguments,
                              uint32_t count) {
  Vector dense(function.result);
  RunKernel(function, arguments, {nullptr, count}, &dense);
  Texts expected = ToTexts(dense, count);

  std::vector<uint16_t> list;
  for (uint32_t row = count; row-- > 0;) list.push_back(static_cast<uint16_t>(row));
  Vector listed(function.result);
  RunKernel(function, arguments, {list.data(), count}, &listed);
  EXPECT_EQ(ToTexts(listed, count), expected) << "by a list of rows";

  for (uint32_t row = 0; row < count; ++row) {
    for (size_t constant = 0; constant <= arguments.size(); ++constant) {
      std::vector<Vector> mixed;
      for (size_t i = 0; i < arguments.size(); ++i) {
        bool is_constant = constant == arguments.size() || constant == i;
        mixed.push_back(is_constant ? ConstantOf(arguments[i], row) : ReferenceTo(arguments[i]));
      }
      bool all = constant == arguments.size();
      uint16_t one = static_cast<uint16_t>(row);
      Vector result(function.result);
      RunKernel(function, mixed, all ? Rows{nullptr, 1} : Rows{&one, 1}, &result);
      EXPECT_EQ(Value::FromVector(result, all ? 0 : row).ToString(), expected[row])
          << "constant argument " << constant << ", row " << row;
    }
  }
  return expected;
}

// Resolves and evaluates as the binder and evaluator do.
inline Texts Evaluate(std::string_view name, const std::vector<Column>& columns,
                      Type* result_type = nullptr) {
  std::vector<Type> types;
  for (const Column& column : columns) types.push_back(column.type);
  BoundFunction function = ResolveFunction(name, types);
  if (result_type != nullptr) *result_type = function.result;
  uint32_t count = columns.empty() ? 1 : static_cast<uint32_t>(columns[0].texts.size());
  std::vector<Vector> arguments;
  for (size_t i = 0; i < columns.size(); ++i) {
    arguments.push_back(
        CastVector(MakeVector(columns[i]), count, function.argument_types[i], CastKind::kImplicit));
  }
  return EvaluateAllForms(function, arguments, count);
}

inline Texts Cast(const Column& column, const Type& to, CastKind kind = CastKind::kExplicit) {
  BoundFunction cast;
  if (!ResolveCast(column.type, to, kind, &cast)) return {"no cast"};
  std::vector<Vector> arguments;
  arguments.push_back(MakeVector(column));
  auto count = static_cast<uint32_t>(column.texts.size());
  if (cast.kernel == nullptr) return ToTexts(arguments[0], count);
  return EvaluateAllForms(cast, arguments, count);
}

// The SQLSTATE that `body` raises, or "" for none.
template <typename Body>
std::string StateOf(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_FALSE(error.message().empty());
    return std::string(error.sqlstate());
  }
  return "";
}
inline std::string StateOfCall(std::string_view name, const std::vector<Column>& columns) {
  return StateOf([&] { Evaluate(name, columns); });
}
inline std::string StateOfCast(const Column& column, const Type& to,
                               CastKind kind = CastKind::kExplicit) {
  return StateOf([&] { Cast(column, to, kind); });
}

}  // namespace tupelo::testing

// types/normalized_key_test.cpp: memcmp of keys orders rows as their values do.
#include "types/normalized_key.h"

#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

#include "types/compare.h"

namespace tupelo {
namespace {

constexpr uint32_t kRows = 300;

std::string RandomText(std::mt19937_64& random) {
  static constexpr char kBytes[] = {'\0', '\x01', '\x1f', ' ', ' ', '!', 'a', 'b', '\xC3', '\xFF'};
  std::string text;
  size_t parts = random() % 6;
  for (size_t i = 0; i < parts; ++i) {
    char byte = kBytes[random() % sizeof(kBytes)];
    size_t longest = byte == ' ' && random() % 8 == 0 ? 260 : 2;
    text.append(random() % longest + 1, byte);
  }
  return text;
}

int64_t RandomInteger(std::mt19937_64& random) {
  static constexpr int64_t kEdges[] = {0, 1, -1, 127, -128, 255, 256, 32767, -32768, 65536};
  return random() % 2 == 0 ? kEdges[random() % std::size(kEdges)]
                           : static_cast<int64_t>(random()) >> (random() % 64);
}

void SetRandom(std::mt19937_64& random, Vector* vector, uint32_t row) {
  static constexpr double kEdges[] = {0.0, -0.0, 1, -1, 5e-324, -5e-324, INFINITY, -INFINITY, NAN};
  int64_t integer = RandomInteger(random);
  double real =
      random() % 2 == 0 ? kEdges[random() % std::size(kEdges)] : std::bit_cast<double>(random());
  switch (vector->physical()) {
    case PhysicalType::kBool: vector->MutableData<uint8_t>()[row] = integer & 1; break;
    case PhysicalType::kInt16:
      vector->MutableData<int16_t>()[row] = static_cast<int16_t>(integer);
      break;
    case PhysicalType::kInt32:
      vector->MutableData<int32_t>()[row] = static_cast<int32_t>(integer);
      break;
    case PhysicalType::kInt64: vector->MutableData<int64_t>()[row] = integer; break;
    case PhysicalType::kInt128:
      vector->MutableData<int128_t>()[row] = int128_t{integer} * (random() % 2 == 0 ? 1 : integer);
      break;
    case PhysicalType::kFloat: vector->MutableData<float>()[row] = static_cast<float>(real); break;
    case PhysicalType::kDouble: vector->MutableData<double>()[row] = real; break;
    case PhysicalType::kString:
      vector->MutableData<StringRef>()[row] = vector->CopyToHeap(RandomText(random));
      break;
    case PhysicalType::kZoned:
      vector->MutableData<ZonedTime>()[row] = {integer, static_cast<int32_t>(random() % 60), 0};
      break;
  }
}

std::vector<Type> AllTypes() {
  using enum IntervalField;
  return {Type::Boolean(),
          Type::SmallInt(),
          Type::Integer(),
          Type::BigInt(),
          Type::Decimal(18, 2),
          Type::Decimal(38, 4),
          Type::Real(),
          Type::Double(),
          Type::Char(20),
          Type::Varchar(),
          Type::Clob(),
          Type::Blob(),
          Type::Date(),
          Type::Time(),
          Type::TimeTz(),
          Type::Timestamp(),
          Type::TimestampTz(),
          Type::Interval(kYear, kMonth),
          Type::Interval(kDay, kSecond)};
}

int Sign(int order) { return order < 0 ? -1 : order > 0; }

int CompareColumn(const KeyColumn& column, const Vector& vector, uint32_t a, uint32_t b) {
  bool a_valid = vector.IsValid(a), b_valid = vector.IsValid(b);
  if (!a_valid && !b_valid) return 0;
  if (a_valid != b_valid) return a_valid == column.nulls_first ? 1 : -1;
  int order = Sign(CompareValues(vector, a, vector, b));
  return column.descending ? -order : order;
}

std::string_view KeyOf(std::span<const KeyColumn> columns, const Vector* const* vectors,
                       uint32_t row, KeyBuffer* key) {
  key->Clear();
  AppendKey(columns, vectors, row, key);
  return key->view();
}

TEST(NormalizedKey, OrdersEveryTypeInEveryDirectionAsItsValues) {
  std::mt19937_64 random(1);
  for (const Type& type : AllTypes()) {
    for (int form = 0; form < 8; ++form) {
      KeyColumn column{type, (form & 1) != 0, (form & 2) != 0, (form & 4) != 0};
      Vector vector(type);
      vector.PrepareWrite(kRows);
      for (uint32_t row = 0; row < kRows; ++row) {
        SetRandom(random, &vector, row);
        if (!column.not_null && random() % 10 == 0) vector.SetNull(row);
      }
      const Vector* vectors[] = {&vector};
      std::vector<std::string> keys(kRows);
      KeyBuffer key;
      for (uint32_t row = 0; row < kRows; ++row) {
        keys[row] = KeyOf({&column, 1}, vectors, row, &key);
      }
      for (uint32_t a = 0; a < kRows; ++a) {
        for (uint32_t b = 0; b < kRows; ++b) {
          ASSERT_EQ(Sign(keys[a].compare(keys[b])), CompareColumn(column, vector, a, b))
              << type.ToString() << " form " << form << " rows " << a << ", " << b;
        }
      }
    }
  }
}

TEST(NormalizedKey, OrdersListsOfColumnsLeftToRight) {
  std::mt19937_64 random(2);
  std::vector<Type> types = AllTypes();
  for (int round = 0; round < 60; ++round) {
    constexpr size_t kColumns = 3;
    std::vector<KeyColumn> columns;
    std::vector<Vector> data;
    std::vector<const Vector*> vectors;
    for (size_t i = 0; i < kColumns; ++i) {
      const Type& type = types[random() % types.size()];
      columns.push_back({type, random() % 2 == 0, random() % 2 == 0, random() % 2 == 0});
      data.emplace_back(type);
      data[i].PrepareWrite(kRows);
      for (uint32_t row = 0; row < kRows; ++row) {
        // Few distinct values in front, so that the later columns matter.
        if (row < 4) {
          SetRandom(random, &data[i], row);
          if (!columns[i].not_null && row == 0) data[i].SetNull(row);
        } else {
          uint16_t source = static_cast<uint16_t>(random() % 4);
          data[i].Append(row, data[i], {&source, 1}, false);
        }
      }
    }
    for (const Vector& vector : data) vectors.push_back(&vector);
    std::vector<std::string> keys(kRows);
    KeyBuffer key;
    for (uint32_t row = 0; row < kRows; ++row)
      keys[row] = KeyOf(columns, vectors.data(), row, &key);
    for (uint32_t a = 0; a < kRows; ++a) {
      for (uint32_t b = 0; b < kRows; ++b) {
        int expected = 0;
        for (size_t i = 0; i < kColumns && expected == 0; ++i) {
          expected = CompareColumn(columns[i], data[i], a, b);
        }
        ASSERT_EQ(Sign(keys[a].compare(keys[b])), expected);
      }
    }
  }
}

TEST(NormalizedKey, FixedKeysOrderAsTheOthersDo) {
  std::mt19937_64 random(3);
  for (const Type& type : AllTypes()) {
    for (int form = 0; form < 8; ++form) {
      KeyColumn column{type, (form & 1) != 0, (form & 2) != 0, (form & 4) != 0};
      size_t bytes = FixedKeyBytes(column);
      if (type.physical() == PhysicalType::kString) {
        EXPECT_EQ(bytes, 0u);
        continue;
      }
      Vector vector(type);
      vector.PrepareWrite(kRows);
      std::vector<uint16_t> rows;
      for (uint32_t row = 0; row < kRows; ++row) {
        SetRandom(random, &vector, row);
        if (!column.not_null && random() % 10 == 0) vector.SetNull(row);
        rows.push_back(static_cast<uint16_t>(kRows - 1 - row));
      }
      size_t stride = bytes + 3;
      std::vector<uint8_t> keys(kRows * stride, 0xEE), reversed(kRows * stride, 0xEE);
      EncodeFixedKeys(column, vector, {nullptr, kRows}, keys.data(), stride);
      EncodeFixedKeys(column, vector, {rows.data(), kRows}, reversed.data(), stride);
      for (uint32_t a = 0; a < kRows; ++a) {
        const uint8_t* key = keys.data() + a * stride;
        ASSERT_EQ(std::memcmp(key, reversed.data() + (kRows - 1 - a) * stride, stride), 0);
        ASSERT_EQ(key[bytes], 0xEE);
        for (uint32_t b = 0; b < kRows; ++b) {
          ASSERT_EQ(Sign(std::memcmp(key, keys.data() + b * stride, bytes)),
                    CompareColumn(column, vector, a, b));
        }
      }
    }
  }
}

TEST(NormalizedKey, ConstantsHaveTheKeyOfTheirRow) {
  KeyColumn column{Type::Varchar(), true, false, false};
  Vector vector(column.type);
  vector.PrepareWrite(2);
  vector.MutableData<StringRef>()[0] = StringRef("abc");
  vector.SetNull(1);
  KeyBuffer row, constant;
  AppendKeyColumn(column, vector, 0, &row);
  AppendKeyValue(column, Value::Text(Type::Varchar(3), "abc"), &constant);
  EXPECT_EQ(row.view(), constant.view());
  row.Clear();
  constant.Clear();
  AppendKeyColumn(column, vector, 1, &row);
  AppendKeyValue(column, Value::Null(), &constant);
  EXPECT_EQ(row.view(), constant.view());
}

TEST(NormalizedKey, BlankRunsOfAnyLengthKeepTheOrder) {
  KeyColumn column{Type::Char(1000), false, false, true};
  Vector vector(column.type);
  vector.PrepareWrite(1);
  auto key_of = [&](const std::string& text) {
    vector.MutableData<StringRef>()[0] = StringRef(std::string_view(text));
    KeyBuffer key;
    AppendKeyColumn(column, vector, 0, &key);
    return std::string(key.view());
  };
  std::string endless = key_of("a");
  for (size_t blanks = 1; blanks < 400; ++blanks) {
    std::string shorter(blanks, ' '), longer(blanks + 1, ' ');
    EXPECT_LT(key_of("a" + shorter + "\x1f"), key_of("a" + longer + "\x1f")) << blanks;
    EXPECT_LT(key_of("a" + longer + "\x1f"), endless) << blanks;
    EXPECT_LT(endless, key_of("a" + longer + "!")) << blanks;
    EXPECT_LT(key_of("a" + longer + "!"), key_of("a" + shorter + "!")) << blanks;
    EXPECT_EQ(key_of("a" + shorter), endless);
  }
}

TEST(NormalizedKey, PrefixesEndWhereTheNextOneBegins) {
  KeyBuffer key;
  key.Append("\x01\xFF\xFF", 3);
  EXPECT_TRUE(AdvancePastPrefix(&key));
  EXPECT_EQ(key.view(), "\x02");
  key.Clear();
  key.Append("\xFF\xFF", 2);
  EXPECT_FALSE(AdvancePastPrefix(&key));
}

TEST(KeyBuffer, KeepsItsBytesWhenItGrows) {
  KeyBuffer key;
  for (int i = 0; i < 1000; ++i) {
    AppendInt32Key(i, &key);
    AppendInt64Key(-i, &key);
  }
  EXPECT_EQ(key.size(), 12000u);
  EXPECT_EQ(key.data()[0], 0x80);
  EXPECT_EQ(key.data()[12 * 999 + 2], 0x03);
  EXPECT_EQ(key.data()[12 * 999 + 3], 0xE7);
}

}  // namespace
}  // namespace tupelo

// sql/keyword.cpp: keyword look-up by a hash table that the compiler fills.
#include "sql/keyword.h"

#include <array>
#include <cassert>
#include <cstddef>

namespace tupelo {

namespace {

constexpr std::string_view kTexts[] = {"",
#define TUPELO_TEXT(id, text, keyword_class) text,
                                       TUPELO_KEYWORDS(TUPELO_TEXT)
#undef TUPELO_TEXT
};
constexpr KeywordClass kClasses[] = {KeywordClass::kUsable,
#define TUPELO_CLASS(id, text, keyword_class) KeywordClass::keyword_class,
                                     TUPELO_KEYWORDS(TUPELO_CLASS)
#undef TUPELO_CLASS
};
constexpr size_t kKeywordCount = sizeof(kTexts) / sizeof(kTexts[0]);
constexpr size_t kSlots = 1024;
constexpr size_t kLongest = 20;
constexpr size_t kShortest = 2;

constexpr char ToUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

// Five places of the word tell nearly all keywords apart. `word` may be in either case.
constexpr uint32_t Hash(std::string_view word) {
  auto at = [&](size_t i) { return static_cast<uint32_t>(ToUpper(word[i])); };
  size_t n = word.size();
  uint32_t h = static_cast<uint32_t>(n) * 0x9E3779B1u;
  h = (h ^ at(0)) * 0x85EBCA6Bu;
  h = (h ^ at(1)) * 0xC2B2AE35u;
  h = (h ^ at(n / 2)) * 0x27D4EB2Fu;
  h = (h ^ at(n - 2)) * 0x165667B1u;
  h = (h ^ at(n - 1)) * 0x9E3779B1u;
  return h >> 22;
}

constexpr std::array<uint16_t, kSlots> MakeTable() {
  std::array<uint16_t, kSlots> table{};
  for (size_t i = 1; i < kKeywordCount; ++i) {
    uint32_t slot = Hash(kTexts[i]);
    while (table[slot] != 0) slot = (slot + 1) % kSlots;
    table[slot] = static_cast<uint16_t>(i);
  }
  return table;
}

constexpr std::array<uint16_t, kSlots> kTable = MakeTable();

bool EqualsIgnoringCase(std::string_view word, std::string_view upper) {
  if (word.size() != upper.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (ToUpper(word[i]) != upper[i]) return false;
  }
  return true;
}

}  // namespace

Keyword FindKeyword(std::string_view word) {
  if (word.size() < kShortest || word.size() > kLongest) return Keyword::kNone;
  for (uint32_t slot = Hash(word); kTable[slot] != 0; slot = (slot + 1) % kSlots) {
    if (EqualsIgnoringCase(word, kTexts[kTable[slot]])) return static_cast<Keyword>(kTable[slot]);
  }
  return Keyword::kNone;
}

std::string_view KeywordText(Keyword keyword) {
  assert(keyword != Keyword::kNone);
  return kTexts[static_cast<size_t>(keyword)];
}

KeywordClass ClassOf(Keyword keyword) { return kClasses[static_cast<size_t>(keyword)]; }

}  // namespace tupelo

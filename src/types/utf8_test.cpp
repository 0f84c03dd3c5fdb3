// types/utf8_test.cpp: what is well-formed UTF-8, and counting its characters.
#include "types/utf8.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace tupelo {
namespace {

TEST(Utf8, AcceptsTheFirstAndLastCodePointOfEachLength) {
  for (char32_t c :
       {0x0u, 0x7Fu, 0x80u, 0x7FFu, 0x800u, 0xD7FFu, 0xE000u, 0xFFFFu, 0x10000u, 0x10FFFFu}) {
    std::string text;
    AppendCharacter(c, &text);
    EXPECT_TRUE(IsValidUtf8(text)) << static_cast<uint32_t>(c);
    EXPECT_EQ(CharacterBytes(text[0]), text.size());
    size_t offset = 0;
    EXPECT_EQ(DecodeCharacter(text, &offset), c);
    EXPECT_EQ(offset, text.size());
  }
}

TEST(Utf8, EveryCodePointSurvivesEncodingAndDecoding) {
  for (char32_t c = 0; c <= kMaxCodePoint; ++c) {
    if (c == 0xD800) c = 0xE000;
    char bytes[4];
    std::string_view text(bytes, EncodeCharacter(c, bytes));
    size_t offset = 0;
    ASSERT_TRUE(IsValidUtf8(text));
    ASSERT_EQ(DecodeCharacter(text, &offset), c);
  }
}

TEST(Utf8, RejectsOverlongFormsSurrogatesAndWhatIsTooLarge) {
  for (std::string_view bad : {"\x80",
                               "\xBF",
                               "\xC0\x80",
                               "\xC1\xBF",
                               "\xE0\x80\x80",
                               "\xE0\x9F\xBF",
                               "\xF0\x80\x80\x80",
                               "\xF0\x8F\xBF\xBF",
                               "\xED\xA0\x80",
                               "\xED\xBF\xBF",
                               "\xF4\x90\x80\x80",
                               "\xF5\x80\x80\x80",
                               "\xFF",
                               "\xFE",
                               "\xC3",
                               "\xE2\x82",
                               "\xF0\x9F\x98",
                               "\xC3(",
                               "\xE2(\xA1",
                               "\xE2\x82("}) {
    EXPECT_EQ(FindInvalidUtf8(bad), 0u);
    EXPECT_EQ(FindInvalidUtf8("12345678ab\xC3\xA4" + std::string(bad) + "tail-of-text"), 12u);
  }
}

TEST(Utf8, NamesThePlaceOfTheFirstBadByte) {
  try {
    CheckUtf8("abc\xFFxyz");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.sqlstate(), "22021");
    EXPECT_NE(error.message().find("FF at offset 3"), std::string::npos) << error.message();
  }
  EXPECT_NO_THROW(CheckUtf8(""));
}

TEST(Utf8, CountsCharactersNotBytes) {
  EXPECT_EQ(CountCharacters(""), 0u);
  EXPECT_EQ(CountCharacters("0123456789abcdef!"), 17u);
  EXPECT_EQ(CountCharacters("ä€😀"), 3u);
  EXPECT_EQ(CountCharacters("ääääääääää€€€€€😀😀😀x"), 19u);
}

TEST(Utf8, FindsWhereACharacterBegins) {
  std::string text = "0123456789ä€😀z0123456789";
  EXPECT_EQ(OffsetOfCharacter(text, 0), 0u);
  EXPECT_EQ(OffsetOfCharacter(text, 9), 9u);
  EXPECT_EQ(OffsetOfCharacter(text, 10), 10u);
  EXPECT_EQ(OffsetOfCharacter(text, 11), 12u);
  EXPECT_EQ(OffsetOfCharacter(text, 12), 15u);
  EXPECT_EQ(OffsetOfCharacter(text, 13), 19u);
  EXPECT_EQ(OffsetOfCharacter(text, 23), text.size() - 1);
  EXPECT_EQ(OffsetOfCharacter(text, 24), text.size());
  EXPECT_EQ(OffsetOfCharacter(text, 1000), text.size());
}

TEST(Utf8, TellsAsciiFromTheRest) {
  EXPECT_TRUE(IsAscii(""));
  EXPECT_TRUE(IsAscii("plain text of some length"));
  EXPECT_FALSE(IsAscii("12345678ä"));
  EXPECT_FALSE(IsAscii("ä2345678"));
}

TEST(Utf8, StripsBlanksOnly) {
  EXPECT_EQ(StripTrailingBlanks("a\t  "), "a\t");
  EXPECT_EQ(StripTrailingBlanks("   "), "");
  EXPECT_EQ(StripBlanks("  a b  "), "a b");
  EXPECT_EQ(StripBlanks("   "), "");
}

}  // namespace
}  // namespace tupelo

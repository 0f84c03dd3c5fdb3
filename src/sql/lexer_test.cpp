// sql/lexer_test.cpp: tests of the lexer.
#include "sql/lexer.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace tupelo {
namespace {

std::vector<std::string> Texts(std::string_view sql) {
  Arena arena;
  Lexer lexer(sql, arena);
  std::vector<std::string> texts;
  for (Token token = lexer.Next(); token.kind != TokenKind::kEnd; token = lexer.Next()) {
    texts.emplace_back(token.text);
  }
  return texts;
}

TokenKind KindOf(std::string_view sql) {
  Arena arena;
  return Lexer(sql, arena).Next().kind;
}

std::string PlaceOfError(std::string_view sql) {
  try {
    Texts(sql);
  } catch (const Error& error) {
    return std::string(error.sqlstate()) + " at " + std::to_string(error.position());
  }
  return "no error";
}

using Strings = std::vector<std::string>;

TEST(LexerTest, SplitsNamesNumbersAndOperators) {
  EXPECT_EQ(Texts("a1<=b_2 <> 3.5e-2||.5!=1."),
            (Strings{"a1", "<=", "b_2", "<>", "3.5e-2", "||", ".5", "!=", "1."}));
}

TEST(LexerTest, TellsExactFromApproximateNumbers) {
  EXPECT_EQ(KindOf("12345678901234567890"), TokenKind::kExactNumber);
  EXPECT_EQ(KindOf("1.5"), TokenKind::kExactNumber);
  EXPECT_EQ(KindOf("1e5"), TokenKind::kApproximateNumber);
  EXPECT_EQ(KindOf(".5E+3"), TokenKind::kApproximateNumber);
}

TEST(LexerTest, KnowsThePrefixesOfStrings) {
  EXPECT_EQ(KindOf("'a'"), TokenKind::kString);
  EXPECT_EQ(KindOf("n'a'"), TokenKind::kNationalString);
  EXPECT_EQ(KindOf("X'00'"), TokenKind::kBinaryString);
  EXPECT_EQ(KindOf("b'0'"), TokenKind::kBitString);
  EXPECT_EQ(KindOf("n"), TokenKind::kWord);
}

TEST(LexerTest, UndoesDoubledQuotes) {
  EXPECT_EQ(Texts("'it''s' '''' '' \"a\"\"b\""), (Strings{"it's", "'", "", "a\"b"}));
}

TEST(LexerTest, SkipsCommentsAlsoNestedOnes) {
  EXPECT_EQ(Texts("a -- b 'c\n d /* e /* f */ g */ h--"), (Strings{"a", "d", "h"}));
}

TEST(LexerTest, TakesLettersOfEveryScriptIntoNames) {
  EXPECT_EQ(Texts("straße größe имя 名前 café a\u0301"),
            (Strings{"straße", "größe", "имя", "名前", "café", "a\u0301"}));
}

TEST(LexerTest, FindsKeywordsInAnyCase) {
  EXPECT_EQ(FindKeyword("select"), Keyword::kSelect);
  EXPECT_EQ(FindKeyword("SeLeCt"), Keyword::kSelect);
  EXPECT_EQ(FindKeyword("selects"), Keyword::kNone);
  EXPECT_EQ(FindKeyword(""), Keyword::kNone);
  EXPECT_EQ(FindKeyword("x"), Keyword::kNone);
}

TEST(LexerTest, FindsEachKeywordOfItsTable) {
#define TUPELO_CHECK(id, text, keyword_class) EXPECT_EQ(FindKeyword(text), Keyword::id);
  TUPELO_KEYWORDS(TUPELO_CHECK)
#undef TUPELO_CHECK
}

TEST(LexerTest, RefusesBytesThatAreNotUtf8WhereverTheyStand) {
  EXPECT_EQ(PlaceOfError("a \xFF"), "22021 at 2");
  EXPECT_EQ(PlaceOfError("'a\xC3'"), "22021 at 2");
  EXPECT_EQ(PlaceOfError("\"a\xC0\x80\""), "22021 at 2");
  EXPECT_EQ(PlaceOfError("-- \xED\xA0\x80"), "22021 at 3");
  EXPECT_EQ(PlaceOfError("/* \xF4\x90\x80\x80 */"), "22021 at 3");
  EXPECT_EQ(PlaceOfError("ab\xC3"), "22021 at 2");
}

TEST(LexerTest, RefusesZeroBytesWhereverTheyStand) {
  using namespace std::string_view_literals;
  EXPECT_EQ(PlaceOfError("a \0"sv), "22021 at 2");
  EXPECT_EQ(PlaceOfError("'a\0'"sv), "22021 at 2");
  EXPECT_EQ(PlaceOfError("-- \0"sv), "22021 at 3");
  EXPECT_EQ(PlaceOfError("/*\0*/"sv), "22021 at 2");
}

TEST(LexerTest, SaysWhereWhatHasNoEndBegan) {
  EXPECT_EQ(PlaceOfError("a 'b"), "42601 at 2");
  EXPECT_EQ(PlaceOfError("a 'b''"), "42601 at 2");
  EXPECT_EQ(PlaceOfError("a \"b"), "42601 at 2");
  EXPECT_EQ(PlaceOfError("a /* b /* c */"), "42601 at 2");
  EXPECT_EQ(PlaceOfError("a X'00"), "42601 at 2");
}

TEST(LexerTest, LimitsNamesTo128Characters) {
  std::string letters;
  for (int i = 0; i < 128; ++i) letters += "é";
  EXPECT_EQ(Texts(letters).size(), 1u);
  EXPECT_EQ(Texts("\"" + letters + "\"").size(), 1u);
  EXPECT_EQ(PlaceOfError(" " + letters + "x"), "42622 at 1");
  EXPECT_EQ(PlaceOfError(" \"" + letters + "x\""), "42622 at 1");
}

TEST(LexerTest, RefusesWhatIsNotSql) {
  EXPECT_EQ(PlaceOfError("a \\ b"), "42601 at 2");
  EXPECT_EQ(PlaceOfError("a == b"), "42601 at 2");
  EXPECT_EQ(PlaceOfError("1a"), "42601 at 1");
  EXPECT_EQ(PlaceOfError("1e"), "42601 at 0");
  EXPECT_EQ(PlaceOfError("\"\""), "42601 at 0");
  EXPECT_EQ(PlaceOfError(": a"), "42601 at 0");
  EXPECT_EQ(PlaceOfError("a\x01"), "42601 at 1");
  EXPECT_EQ(PlaceOfError("€"), "42601 at 0");
}

}  // namespace
}  // namespace tupelo

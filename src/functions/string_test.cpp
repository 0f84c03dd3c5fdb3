// functions/string_test.cpp: functions on strings.
#include "functions/evaluate_for_test.h"

namespace tupelo::testing {
namespace {

Column Text(std::vector<const char*> texts) { return {Type::Varchar(), std::move(texts)}; }
Column Number(std::vector<const char*> texts) { return {Type::Integer(), std::move(texts)}; }

TEST(String, LengthsCountCharactersOctetsAndBits) {
  Column text = Text({"", "abc", "äö€😀", kNull});
  EXPECT_EQ(Evaluate("CHAR_LENGTH", {text}), (Texts{"0", "3", "4", "NULL"}));
  EXPECT_EQ(Evaluate("CHARACTER_LENGTH", {text}), (Texts{"0", "3", "4", "NULL"}));
  EXPECT_EQ(Evaluate("LENGTH", {text}), (Texts{"0", "3", "4", "NULL"}));
  EXPECT_EQ(Evaluate("OCTET_LENGTH", {text}), (Texts{"0", "3", "11", "NULL"}));
  EXPECT_EQ(Evaluate("BIT_LENGTH", {text}), (Texts{"0", "24", "88", "NULL"}));
  EXPECT_EQ(Evaluate("OCTET_LENGTH", {{Type::Blob(), {"ä"}}}), Texts{"2"});
}

TEST(String, UpperAndLowerMapEveryLetter) {
  Column text =
      Text({"abcXYZ09{@[`", "A rather long text, with ASCII only", "äöß straße Ωμέγα", "", kNull});
  EXPECT_EQ(Evaluate("UPPER", {text}), (Texts{"ABCXYZ09{@[`", "A RATHER LONG TEXT, WITH ASCII ONLY",
                                              "ÄÖß STRAßE ΩΜΈΓΑ", "", "NULL"}));
  EXPECT_EQ(Evaluate("LOWER", {text}), (Texts{"abcxyz09{@[`", "a rather long text, with ascii only",
                                              "äöß straße ωμέγα", "", "NULL"}));
  Type result;
  Evaluate("UPPER", {{Type::Char(3), {"abc"}}}, &result);
  EXPECT_EQ(result, Type::Char(3));
}

TEST(String, SubstringFollowsTheRulesForPositionsOutsideTheText) {
  Column text = Text({"abcdef", "äöüß", "abc", "abc", "abc", kNull});
  Column start = Number({"2", "2", "-1", "4", "1", "1"}),
         length = Number({"3", "2", "3", "5", "0", "1"});
  EXPECT_EQ(Evaluate("SUBSTRING", {text, start, length}),
            (Texts{"bcd", "öü", "a", "", "", "NULL"}));
  EXPECT_EQ(Evaluate("SUBSTRING", {text, start}),
            (Texts{"bcdef", "öüß", "abc", "", "abc", "NULL"}));
  EXPECT_EQ(StateOfCall("SUBSTRING", {Text({"abc"}), Number({"1"}), Number({"-1"})}), "22011");
  EXPECT_EQ(Evaluate("SUBSTRING", {Text({kNull}), Number({"1"}), Number({"-1"})}), Texts{"NULL"});
  Column huge{Type::BigInt(), {"9223372036854775807"}};
  EXPECT_EQ(Evaluate("SUBSTRING", {Text({"abc"}), Number({"2"}), huge}), Texts{"bc"});
  EXPECT_EQ(Evaluate("SUBSTRING", {Text({"abc"}), huge, huge}), Texts{""});
  EXPECT_EQ(Evaluate("SUBSTRING",
                     {Text({"a text longer than twelve bytes"}), Number({"3"}), Number({"20"})}),
            Texts{"text longer than twe"});
  EXPECT_EQ(Evaluate("SUBSTRING", {{Type::Blob(), {"abcd"}}, Number({"2"}), Number({"2"})}),
            Texts{"x'6263'"});
}

TEST(String, TrimTakesOneCharacter) {
  Column text = Text({"  ab  ", "xxabxx", "", kNull}), character = Text({" ", "x", "x", "x"});
  EXPECT_EQ(Evaluate("TRIM_BOTH", {text, character}), (Texts{"ab", "ab", "", "NULL"}));
  EXPECT_EQ(Evaluate("TRIM_LEADING", {text, character}), (Texts{"ab  ", "abxx", "", "NULL"}));
  EXPECT_EQ(Evaluate("TRIM_TRAILING", {text, character}), (Texts{"  ab", "xxab", "", "NULL"}));
  EXPECT_EQ(Evaluate("TRIM_BOTH", {text}), (Texts{"ab", "xxabxx", "", "NULL"}));
  EXPECT_EQ(Evaluate("TRIM_BOTH", {Text({"éaé"}), Text({"é"})}), Texts{"a"});
  EXPECT_EQ(StateOfCall("TRIM_BOTH", {Text({"a"}), Text({"ab"})}), "22027");
  EXPECT_EQ(StateOfCall("TRIM_BOTH", {Text({"a"}), Text({""})}), "22027");
  EXPECT_EQ(Evaluate("LTRIM", {Text({"xyxa"}), Text({"yx"})}), Texts{"a"});
  EXPECT_EQ(Evaluate("RTRIM", {Text({"aéö"}), Text({"öé"})}), Texts{"a"});
  EXPECT_EQ(Evaluate("LTRIM", {Text({"  a "})}), Texts{"a "});
  EXPECT_EQ(Evaluate("RTRIM", {Text({" a  "})}), Texts{" a"});
}

TEST(String, PositionCountsCharactersFromOne) {
  EXPECT_EQ(Evaluate("POSITION",
                     {Text({"c", "", "x", "ß", kNull}), Text({"abc", "abc", "abc", "äöß", "a"})}),
            (Texts{"3", "1", "0", "3", "NULL"}));
}

TEST(String, ConcatenationAddsTheLengths) {
  Type result;
  EXPECT_EQ(
      Evaluate("||",
               {Text({"ab", "", "seven b", kNull}), Text({"cd", "", "and more than 12", "x"})},
               &result),
      (Texts{"abcd", "", "seven band more than 12", "NULL"}));
  EXPECT_EQ(result, Type::Varchar());
  Evaluate("||", {{Type::Char(2), {"ab"}}, {Type::Char(3), {"cde"}}}, &result);
  EXPECT_EQ(result, Type::Char(5));
  Evaluate("||", {{Type::Varchar(2), {"ab"}}, {Type::Char(3), {"cde"}}}, &result);
  EXPECT_EQ(result, Type::Varchar(5));
  EXPECT_EQ(Evaluate("||", {{Type::Blob(), {"a"}}, {Type::Blob(), {"b"}}}), Texts{"x'6162'"});
  EXPECT_EQ(StateOfCall("||", {Text({"a"}), {Type::Blob(), {"b"}}}), "42883");
  EXPECT_EQ(StateOfCall("||", {Text({"a"}), Number({"1"})}), "42883");
}

TEST(String, OverlayReplacesAPiece) {
  Column text = Text({"abcdef", "äöü", "abc"}), placing = Text({"XY", "x", "Z"});
  EXPECT_EQ(Evaluate("OVERLAY", {text, placing, Number({"2", "2", "4"})}),
            (Texts{"aXYdef", "äxü", "abcZ"}));
  EXPECT_EQ(Evaluate("OVERLAY", {text, placing, Number({"2", "1", "1"}), Number({"0", "3", "9"})}),
            (Texts{"aXYbcdef", "x", "Z"}));
  EXPECT_EQ(StateOfCall("OVERLAY", {Text({"abc"}), Text({"x"}), Number({"0"})}), "22011");
}

TEST(String, DailyFunctionsWorkOnCharacters) {
  EXPECT_EQ(Evaluate("LEFT", {Text({"äbc", "ab"}), Number({"2", "5"})}), (Texts{"äb", "ab"}));
  EXPECT_EQ(Evaluate("RIGHT", {Text({"abß", "ab"}), Number({"2", "5"})}), (Texts{"bß", "ab"}));
  EXPECT_EQ(StateOfCall("LEFT", {Text({"a"}), Number({"-1"})}), "22011");
  EXPECT_EQ(Evaluate("REPLACE", {Text({"banana", "abc", kNull}), Text({"an", "", "x"}),
                                 Text({"-", "y", "z"})}),
            (Texts{"b--a", "abc", "NULL"}));
  EXPECT_EQ(Evaluate("REVERSE", {Text({"abc", "aß€", ""})}), (Texts{"cba", "€ßa", ""}));
  EXPECT_EQ(
      Evaluate("LPAD", {Text({"7", "abc", "a"}), Number({"3", "2", "6"}), Text({"0", "x", "xyz"})}),
      (Texts{"007", "ab", "xyzxya"}));
  EXPECT_EQ(Evaluate("RPAD", {Text({"7", "abc"}), Number({"3", "-2"})}), (Texts{"7  ", ""}));
  EXPECT_EQ(Evaluate("REPEAT", {Text({"ab", "x", ""}), Number({"3", "0", "5"})}),
            (Texts{"ababab", "", ""}));
  EXPECT_EQ(StateOfCall("REPEAT", {Text({"ab"}), Number({"2000000000"})}), "22001");
  EXPECT_EQ(StateOfCall("LPAD", {Text({"ab"}), Number({"2000000000"})}), "22001");
  EXPECT_EQ(Evaluate("STARTS_WITH", {Text({"abc", "abc"}), Text({"ab", "b"})}),
            (Texts{"TRUE", "FALSE"}));
  EXPECT_EQ(Evaluate("ASCII", {Text({"A", "€", ""})}), (Texts{"65", "8364", "0"}));
  EXPECT_EQ(Evaluate("CHR", {Number({"65", "8364"})}), (Texts{"A", "€"}));
  EXPECT_EQ(StateOfCall("CHR", {Number({"55296"})}), "22023");
}

TEST(String, FunctionsOnTextRefuseNumbers) {
  for (const char* name : {"UPPER", "CHAR_LENGTH", "TRIM_BOTH", "REVERSE"}) {
    EXPECT_EQ(StateOfCall(name, {Number({"1"})}), "42883") << name;
  }
  EXPECT_EQ(StateOfCall("SUBSTRING", {Text({"a"}), {Type::Double(), {"1"}}}), "42883");
}

Texts Like(const char* text, const char* pattern) {
  return Evaluate("LIKE", {Text({text}), Text({pattern})});
}

TEST(Like, PatternsWithWildcardsMatch) {
  const Texts yes{"TRUE"}, no{"FALSE"};
  EXPECT_EQ(Like("abc", "abc"), yes);
  EXPECT_EQ(Like("abc", "ab"), no);
  EXPECT_EQ(Like("abc", "ab%"), yes);
  EXPECT_EQ(Like("abc", "%bc"), yes);
  EXPECT_EQ(Like("abc", "%b%"), yes);
  EXPECT_EQ(Like("abc", "%x%"), no);
  EXPECT_EQ(Like("abc", "%%"), yes);
  EXPECT_EQ(Like("", "%"), yes);
  EXPECT_EQ(Like("", ""), yes);
  EXPECT_EQ(Like("", "_"), no);
  EXPECT_EQ(Like("aßc", "a_c"), yes);
  EXPECT_EQ(Like("aßßc", "a_c"), no);
  EXPECT_EQ(Like("aßc", "___"), yes);
  EXPECT_EQ(Like("mississippi", "m%iss%ip%i"), yes);
  EXPECT_EQ(Like("mississippi", "m%iss%ix%i"), no);
  EXPECT_EQ(Like("abcbcd", "a%bcd"), yes);
  EXPECT_EQ(Like("ab", "a%b%c"), no);
  EXPECT_EQ(Like("abc", "_%_"), yes);
  EXPECT_EQ(Like("a", "_%_"), no);
  EXPECT_EQ(Like("ab ", "ab"), no);
}

TEST(Like, EscapesTakeTheMeaningFromWildcards) {
  auto like = [](const char* text, const char* pattern, const char* escape) {
    return Evaluate("LIKE", {Text({text}), Text({pattern}), Text({escape})});
  };
  EXPECT_EQ(like("50%", "50!%", "!"), Texts{"TRUE"});
  EXPECT_EQ(like("50x", "50!%", "!"), Texts{"FALSE"});
  EXPECT_EQ(like("a_b!", "a!_b!!", "!"), Texts{"TRUE"});
  EXPECT_EQ(like("abc", "a%", "!"), Texts{"TRUE"});
  EXPECT_EQ(like("a%", "a%%", "%"), Texts{"TRUE"});
  EXPECT_EQ(like("a%b", "%é%b", "é"), Texts{"TRUE"});
  EXPECT_EQ(like("abc", "a%", kNull), Texts{"NULL"});
  EXPECT_EQ(StateOf([&] { like("a", "a!b", "!"); }), "22025");
  EXPECT_EQ(StateOf([&] { like("a", "a!", "!"); }), "22025");
  EXPECT_EQ(StateOf([&] { like("a", "a", "!!"); }), "22019");
  EXPECT_EQ(StateOf([&] { like("a", "a", ""); }), "22019");
}

TEST(Like, NullsAndBlobsAndPatternsPerRow) {
  EXPECT_EQ(Evaluate("LIKE", {Text({"abc", "abc", kNull}), Text({"a%", kNull, "a"})}),
            (Texts{"TRUE", "NULL", "NULL"}));
  EXPECT_EQ(Evaluate("LIKE", {Text({"abc", "abc", "abc"}), Text({"a%", "%b", "_b_"})}),
            (Texts{"TRUE", "FALSE", "TRUE"}));
  EXPECT_EQ(Evaluate("LIKE", {{Type::Blob(), {"ä"}}, {Type::Blob(), {"__"}}}), Texts{"TRUE"});
  EXPECT_EQ(StateOfCall("LIKE", {Number({"1"}), Text({"1"})}), "42883");
}

}  // namespace
}  // namespace tupelo::testing

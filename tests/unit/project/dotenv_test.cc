#include "daemon/project/dotenv.h"

#include <array>
#include <cstdio>

#include "common/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(DotenvTest, ReadsComposesSyntax) {
  const auto dotenv = ParseDotenv(
      "# comment\nA=1\nexport B = two words # why\nC='a #\\n b'\nD=\"x\\n\\\"y\\\"\nz\" # end\r\n"
      "E=\nF=a#b\nPASSED\n  G= # nothing\nH: yaml\nI='it\\'s'\nJ=\"a\\d\\$b\"\nK=#fff\n",
      ".env");
  ASSERT_TRUE(dotenv.ok()) << dotenv.status();
  EXPECT_THAT(
      dotenv->user,
      ElementsAre(Pair("A", "1"), Pair("B", "two words"), Pair("C", "a #\\n b"),
                  Pair("D", "x\n\"y\"\nz"), Pair("E", ""), Pair("F", "a#b"), Pair("G", ""),
                  Pair("H", "yaml"), Pair("I", "it's"), Pair("J", "a\\d$b"), Pair("K", "#fff")));
  EXPECT_THAT(dotenv->block, IsEmpty());
}

TEST(DotenvTest, SkipsAByteOrderMark) {
  EXPECT_THAT(ParseDotenv("\xEF\xBB\xBF"
                          "A=1\n",
                          ".env")
                  ->user,
              ElementsAre(Pair("A", "1")));
}

TEST(DotenvTest, TellsTheBlockFromTheRest) {
  const auto dotenv =
      ParseDotenv("A=1\n# nopo: begin\nB=2\nC=\n# nopo: end\nB=3\nC=4\nA=5\n", ".env");
  ASSERT_TRUE(dotenv.ok()) << dotenv.status();
  EXPECT_THAT(dotenv->user, ElementsAre(Pair("A", "5"), Pair("B", "3"), Pair("C", "4")));
  EXPECT_THAT(dotenv->block, ElementsAre(Pair("B", "2"), Pair("C", "")));
  EXPECT_EQ(dotenv->LineOf("A", false), 8);
  EXPECT_EQ(dotenv->LineOf("B", true), 3);
  EXPECT_EQ(dotenv->LineOf("A", true), 0);
}

TEST(DotenvTest, TakesTheBlocksValueWhereTheUsersIsEmpty) {
  const auto dotenv = ParseDotenv("A=\nB=mine\nC=\n# nopo: begin\nA=2\nB=2\n# nopo: end\n", ".env");
  EXPECT_THAT(dotenv->All(), ElementsAre(Pair("A", "2"), Pair("B", "mine"), Pair("C", "")));
}

TEST(DotenvTest, NamesTheLineOfAMistake) {
  const auto mistake = [](absl::string_view text) {
    return std::string(ParseDotenv(text, ".env").status().message());
  };
  EXPECT_EQ(mistake("A=1\nb c\n"), ".env:2: found 'b c'; expected 'KEY=VALUE'");
  EXPECT_EQ(mistake("A='1\n2\n"), ".env:1: found a quote that is not closed");
  EXPECT_EQ(mistake("A='1\n2' x"), ".env:1: found 'x' behind a quoted value");
  EXPECT_EQ(mistake("\n# nopo: end\n"),
            ".env:2: found the end of a block of nopo without its beginning");
  EXPECT_EQ(mistake("A=1\n# nopo: begin\nB=1\n"),
            ".env:2: found '# nopo: begin' without '# nopo: end'");
  EXPECT_EQ(mistake("# nopo: begin\n# nopo: begin\n# nopo: end\n"),
            ".env:2: found a block of nopo inside of another");
  EXPECT_EQ(mistake("# nopo: begin\n# nopo: end\n# nopo: begin\n# nopo: end\n"),
            ".env:3: found a second block of nopo; expected one");
}

// What a shell makes of `line`, which sets the variable K.
std::string ReadByShell(const std::string& line) {
  const std::string script = line + "\nprintf %s \"$K\"";
  FILE* shell = ::popen(("sh -c " + ShellQuote(script)).c_str(), "r");
  std::string value;
  std::array<char, 256> buffer;
  for (size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), shell)) > 0;) {
    value.append(buffer.data(), n);
  }
  EXPECT_EQ(::pclose(shell), 0) << line;
  return value;
}

TEST(DotenvLineTest, ReadsTheSameForAShellAndForCompose) {
  for (const std::string value : {"shop:local", "ghcr.io/a/b:1@sha256:0",
                                  "two words",  "#x",
                                  "a#b",        "$HOME",
                                  "a\"b",       "it's",
                                  "it's $HOME", "back\\slash",
                                  "ends in \\", "it's \\",
                                  "`id`",       "~/x",
                                  "a;b&c|d",    "x=y",
                                  "!",          "caf\xC3\xA9",
                                  "line\nline", "it's `id`"}) {
    const std::string line = DotenvLine("K", value);
    const auto read = ParseDotenv(line + "\n", ".env");
    ASSERT_TRUE(read.ok()) << line << ": " << read.status();
    EXPECT_THAT(read->user, ElementsAre(Pair("K", value))) << line;
    EXPECT_EQ(ReadByShell(line), value) << line;
  }
}

TEST(DotenvLineTest, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(DotenvLine("K", "ghcr.io/a_b:v1.2-3"), "K=ghcr.io/a_b:v1.2-3");
  EXPECT_EQ(DotenvLine("K", "a b"), "K='a b'");
  EXPECT_EQ(DotenvLine("K", "it's"), "K=\"it's\"");
}

// `text` with a block of `values`, where nopo's keys are A and B; "same" when nothing changes.
std::string Rewritten(const std::string& text, const EnvironmentMap& values) {
  const auto dotenv = ParseDotenv(text, ".env");
  EXPECT_TRUE(dotenv.ok()) << dotenv.status();
  return WithBlock(text, *dotenv, values,
                   [](const DotenvEntry& entry) { return entry.key == "A" || entry.key == "B"; })
      .value_or("same");
}

TEST(DotenvBlockTest, GoesToTheEnd) {
  EXPECT_EQ(Rewritten("", {{"B", "2"}, {"A", "1"}}), "# nopo: begin\nA=1\nB=2\n# nopo: end\n");
  EXPECT_EQ(Rewritten("X=1\n", {{"A", "1"}}), "X=1\n# nopo: begin\nA=1\n# nopo: end\n");
  EXPECT_EQ(Rewritten("X=1", {{"A", "1"}}), "X=1\n# nopo: begin\nA=1\n# nopo: end\n");
}

TEST(DotenvBlockTest, LeavesEverythingElseByteForByte) {
  const std::string above = "\xEF\xBB\xBF# hello\n\n  export X = 'a b'   # why\nZ=\"1\n\t2\"\n\n";
  const std::string below = "\n# mine\nA=user\nlast=1";
  EXPECT_EQ(Rewritten(above + "# nopo: begin\nA=1\n# nopo: end\n" + below, {{"A", "2"}}),
            above + "# nopo: begin\nA=2\n# nopo: end\n" + below);
}

TEST(DotenvBlockTest, EndsItsLinesAsTheFileDoes) {
  EXPECT_EQ(Rewritten("X=1\r\nY=2\r\n", {{"A", "1"}}),
            "X=1\r\nY=2\r\n# nopo: begin\r\nA=1\r\n# nopo: end\r\n");
  EXPECT_EQ(Rewritten("X=1\r\n# nopo: begin\r\nA=1\r\n# nopo: end\r\n", {{"A", "1"}}), "same");
}

TEST(DotenvBlockTest, StaysWhenNoValueChanged) {
  EXPECT_EQ(
      Rewritten("# nopo: begin\n\nB='2'\nA=\"1\" # note\n# nopo: end", {{"A", "1"}, {"B", "2"}}),
      "same");
}

TEST(DotenvBlockTest, DropsWhatNopoNoLongerHas) {
  EXPECT_EQ(Rewritten("# nopo: begin\nA=1\nB=2\n# nopo: end\n", {{"A", "1"}}),
            "# nopo: begin\nA=1\n# nopo: end\n");
  EXPECT_EQ(Rewritten("# nopo: begin\nA=1\nA=1\n# nopo: end\n", {{"A", "1"}}),
            "# nopo: begin\nA=1\n# nopo: end\n")
      << "twice";
}

TEST(DotenvBlockTest, MovesForeignKeysAndCommentsAboveItself) {
  EXPECT_EQ(
      Rewritten("X=1\n# nopo: begin\n# mine\nA=1\n\nexport Y='a\nb'\nBARE\nB=2\n# nopo: end\nZ=1\n",
                {{"A", "1"}, {"B", "2"}}),
      "X=1\n# mine\nexport Y='a\nb'\nBARE\n# nopo: begin\nA=1\nB=2\n# nopo: end\nZ=1\n");
}

}  // namespace
}  // namespace nopo

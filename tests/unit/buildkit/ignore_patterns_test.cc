#include "daemon/buildkit/ignore_patterns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nopo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

IgnorePatterns Patterns(const std::vector<std::string>& patterns) {
  const absl::StatusOr<IgnorePatterns> created = IgnorePatterns::Create(patterns);
  EXPECT_TRUE(created.ok()) << created.status();
  return created.value_or(IgnorePatterns());
}

struct MatchCase {
  const char* pattern;
  const char* path;
  bool matches;
};

class PatternTest : public testing::TestWithParam<MatchCase> {};

TEST_P(PatternTest, ExcludesWhatItMatches) {
  EXPECT_EQ(Patterns({GetParam().pattern}).Excludes(GetParam().path), GetParam().matches)
      << GetParam().pattern << " on " << GetParam().path;
}

INSTANTIATE_TEST_SUITE_P(
    Names, PatternTest,
    testing::Values(MatchCase{"foo", "foo", true}, MatchCase{"foo", "foo/bar/baz", true},
                    MatchCase{"foo", "foobar", false}, MatchCase{"foo", "dir/foo", false},
                    MatchCase{"foo/bar", "foo", false}, MatchCase{"foo/bar", "foo/bar", true},
                    MatchCase{"/foo/", "foo/bar", true}, MatchCase{"./a//b/../c", "a/c", true},
                    MatchCase{"a.b", "axb", false}, MatchCase{".", "anything", false},
                    MatchCase{"a+b(1)$", "a+b(1)$", true}));

INSTANTIATE_TEST_SUITE_P(
    Wildcards, PatternTest,
    testing::Values(MatchCase{"*", "anything/below", true}, MatchCase{"*.log", "a.log", true},
                    MatchCase{"*.log", "dir/a.log", false}, MatchCase{"*/*.log", "dir/a.log", true},
                    MatchCase{"a*b*c", "a-b-b-c", true}, MatchCase{"a*b*c", "a-b-b", false},
                    MatchCase{"a*c", "a/c", false}, MatchCase{"a*", "ab/c", true},
                    MatchCase{"?", "x", true}, MatchCase{"?", "xy", false},
                    MatchCase{"?", "ü", true}, MatchCase{"a?b", "a/b", false}));

INSTANTIATE_TEST_SUITE_P(
    DoubleStars, PatternTest,
    testing::Values(MatchCase{"**/x", "x", true}, MatchCase{"**/x", "a/b/x", true},
                    MatchCase{"**/x", "a/x/y", true}, MatchCase{"**/x", "a/bx", false},
                    MatchCase{"x/**", "x", false}, MatchCase{"x/**", "x/a/b", true},
                    MatchCase{"a/**/b", "a/b", true}, MatchCase{"a/**/b", "a/x/y/b", true},
                    MatchCase{"a/**/b", "a/xb", false}, MatchCase{"**/*.o", "a/b/c.o", true},
                    MatchCase{"**/a*/**/z", "q/ab/c/d/z", true},
                    MatchCase{"**", "anything", true}));

INSTANTIATE_TEST_SUITE_P(
    ClassesAndEscapes, PatternTest,
    testing::Values(MatchCase{"[a-c]x", "bx", true}, MatchCase{"[a-c]x", "dx", false},
                    MatchCase{"[^a-c]x", "dx", true}, MatchCase{"[^a]b", "/b", false},
                    MatchCase{"[äö]", "ö", true}, MatchCase{"[]]", "]", true},
                    MatchCase{"[\\]-]", "-", true}, MatchCase{"a\\*b", "a*b", true},
                    MatchCase{"a\\*b", "axb", false}));

TEST(IgnorePatternsTest, LetsALaterPatternIncludeAgain) {
  const IgnorePatterns patterns = Patterns({"*.md", "!README.md", "README.md/x"});

  EXPECT_TRUE(patterns.Excludes("NOTES.md"));
  EXPECT_FALSE(patterns.Excludes("README.md"));
  EXPECT_TRUE(patterns.Excludes("README.md/x"));
}

TEST(IgnorePatternsTest, LetsAnInclusionOfADirectoryCountForWhatIsBelow) {
  const IgnorePatterns patterns = Patterns({"*", "!src", "src/*.tmp"});

  EXPECT_FALSE(patterns.Excludes("src/deep/file.cc"));
  EXPECT_TRUE(patterns.Excludes("src/a.tmp"));
  EXPECT_TRUE(patterns.Excludes("docs/src"));
}

TEST(IgnorePatternsTest, PrunesADirectoryBelowWhichNothingIsIncludedAgain) {
  const IgnorePatterns patterns = Patterns({"node_modules", "out", "!out/keep", "!docs/*.md"});

  EXPECT_TRUE(patterns.Prunes("node_modules"));
  EXPECT_FALSE(patterns.Prunes("out"));
  EXPECT_TRUE(patterns.Prunes("out/other"));
  EXPECT_FALSE(patterns.Prunes("src"));
}

TEST(IgnorePatternsTest, NeverPrunesWhenAnInclusionMayMatchAnywhere) {
  EXPECT_FALSE(Patterns({"node_modules", "!**/keep"}).Prunes("node_modules"));
}

TEST(IgnorePatternsTest, ExcludesNothingWithoutPatterns) {
  EXPECT_FALSE(IgnorePatterns().Excludes("file"));
  EXPECT_FALSE(Patterns({"", "  "}).Excludes("file"));
}

TEST(IgnorePatternsTest, NamesAPatternThatDoesNotParse) {
  for (const std::string bad : {"a[b", "a\\", "[a-", "!"}) {
    const absl::Status status = IgnorePatterns::Create({"ok", bad}).status();

    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr("'" + bad + "'"));
  }
}

TEST(IgnorePatternsTest, MatchesAHostilePatternInNoTime) {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "**/*a";

  EXPECT_FALSE(Patterns({pattern + "b"}).Excludes(std::string(2000, 'a')));
}

TEST(ParseDockerignoreTest, DropsCommentsBlankLinesAndSlashesAtTheEnds) {
  EXPECT_THAT(ParseDockerignore("# comment\n\n  /build/  \r\n./a/../b\n! keep/\n #not-a-comment\n"),
              ElementsAre("build", "b", "!keep", "#not-a-comment"));
}

TEST(ParseDockerignoreTest, SkipsAByteOrderMark) {
  EXPECT_THAT(ParseDockerignore("\xEF\xBB\xBF"
                                "build\n"),
              ElementsAre("build"));
  EXPECT_THAT(ParseDockerignore(""), IsEmpty());
}

}  // namespace
}  // namespace nopo

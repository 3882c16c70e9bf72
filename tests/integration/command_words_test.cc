// The words of a command line: command, sub-commands, targets, options and what follows "--".
#include <gmock/gmock.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

class CommandWordsTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }
};

TEST_F(CommandWordsTest, AWordThatIsBothIsASubcommandOnlyWhenMoreWordsFollow) {
  Write("apps/types/nopo.yml",
        "commands: {check: {commands: {types: echo types-types, py: echo types-py}}}\n");
  Write("apps/web/nopo.yml",
        "commands: {check: {commands: {types: echo web-types, py: echo web-py}}}\n");

  EXPECT_EQ(Nopo({"check", "types", "web"}).out, "[web:check:types] web-types\n");
  EXPECT_EQ(Nopo({"check", "types", "--dry-run"}).out,
            "Stage 1: [types:check:py, types:check:types]\n");
  EXPECT_EQ(Nopo({"check", "types", "--jobs", "1", "--dry-run"}).out,
            "Stage 1: [types:check:py, types:check:types]\n")
      << "options are no further words";
}

TEST_F(CommandWordsTest, DescendsAsDeepAsThereAreSubcommands) {
  Write("apps/web/nopo.yml",
        "commands: {check: {commands: {py: echo py, types: {commands: {ts: echo ts, py: echo "
        "tpy}}}}}\n");

  EXPECT_EQ(Nopo({"check", "types", "ts", "web"}).out, "[web:check:types:ts] ts\n");
  EXPECT_EQ(Nopo({"check", "types", "--dry-run"}).out,
            "Stage 1: [web:check:types:py, web:check:types:ts]\n");
}

TEST_F(CommandWordsTest, WithoutTargetsThoseThatHaveTheCommandRun) {
  Write("apps/web/nopo.yml", "commands: {lint: echo web}\n");
  Write("apps/api/nopo.yml", "commands: {test: echo api}\n");

  EXPECT_EQ(Nopo({"lint"}).out, "[web:lint] web\n");
}

TEST_F(CommandWordsTest, TargetsAreFoundWhateverTheirCase) {
  Write("apps/Web/nopo.yml", "commands: {lint: echo hello}\n");

  EXPECT_EQ(Nopo({"lint", "wEB"}).out, "[Web:lint] hello\n");
}

TEST_F(CommandWordsTest, ADotIsTheTargetAroundTheWorkingDirectory) {
  Write("apps/web/nopo.yml", "commands: {lint: echo web}\n");
  Write("apps/web/src/deep/file", "");
  Write("apps/api/nopo.yml", "commands: {lint: echo api}\n");

  EXPECT_EQ(NopoIn(project() / "apps/web/src/deep", {"lint", "."}).out, "[web:lint] web\n");
  EXPECT_EQ(NopoIn(project() / "apps/api", {"lint", "."}).out, "[api:lint] api\n");
}

TEST_F(CommandWordsTest, OptionsMayStandAnywhere) {
  Write("apps/web/nopo.yml", "commands: {lint: 'echo hello'}\n");

  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"--jobs", "2", "lint", "web"}, {"lint", "-q", "web"}, {"lint", "web", "--no-color"}}) {
    EXPECT_EQ(Nopo(words).out, "[web:lint] hello\n");
  }
}

TEST_F(CommandWordsTest, WhatFollowsTheDashesIsQuotedAndNoOption) {
  Write("apps/web/nopo.yml", "commands: {show: 'printf \"<%s>\"'}\n");

  EXPECT_EQ(Nopo({"show", "web", "--", "a b", "$HOME", "it's", "--dry-run", "", "--", "*"}).out,
            "[web:show] <a b><$HOME><it's><--dry-run><><--><*>\n");
}

TEST_F(CommandWordsTest, WhatFollowsTheDashesGoesToRequestedTargetsOnly) {
  Write("apps/lib/nopo.yml", "commands: {show: 'echo lib'}\n");
  Write("apps/web/nopo.yml", "dependencies: [lib]\ncommands: {show: 'echo web'}\n");

  EXPECT_EQ(Nopo({"show", "web", "--", "x"}).out, "[lib:show] lib\n[web:show] web x\n");
}

TEST_F(CommandWordsTest, WhatFollowsTheDashesReachesContainersQuotedToo) {
  WriteService("web", "commands: {show: 'printf \"<%s>\"'}\n");

  EXPECT_EQ(Nopo({"run", "show", "web", "--", "a b", "$HOME"}).out, "[web:show] <a b><$HOME>\n");
}

TEST_F(CommandWordsTest, AFilterThatSelectsNothingRunsNothingAndSaysSo) {
  Write("apps/web/nopo.yml", "commands: {lint: echo web}\n");

  const ProcessOutcome outcome = Nopo({"lint", "--filter", "has_database"});

  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("nothing to run"));
}

}  // namespace
}  // namespace nopo
